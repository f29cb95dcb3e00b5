#include "space/ctr_supernet.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "space/ctr_supernet_parts.h"

/* --- creation --- */

static enum sgeo_status open_vectors(struct sgeo_ctr_supernet *supernet)
{
    supernet->theta = sgeo_store_vector(supernet->store);
    supernet->squares.dense = sgeo_store_vector(supernet->store);
    supernet->tables = sgeo_embedding_vector(supernet->embedding);
    supernet->squares.tables = sgeo_embedding_vector(supernet->embedding);
    return supernet->theta == NULL || supernet->squares.dense == NULL || supernet->tables == NULL ||
                   supernet->squares.tables == NULL
               ? sgeo_fail_memory("numbers of a nasrec supernet")
               : SGEO_OK;
}

static enum sgeo_status open_supernet(struct sgeo_ctr_supernet *supernet, const size_t *table_rows)
{
    size_t fields = supernet->shape.features.fields;
    supernet->table_rows = sgeo_calloc(fields + 1, sizeof *supernet->table_rows);
    if (supernet->table_rows == NULL) {
        return sgeo_fail_memory("nasrec supernet");
    }
    memcpy(supernet->table_rows, table_rows, fields * sizeof *table_rows);
    enum sgeo_status status = sgeo_nasrec_supernet_build(&supernet->graph, &supernet->shape);
    if (status == SGEO_OK) {
        status = sgeo_store_create(&supernet->store, supernet->graph, supernet->backend, 1);
    }
    if (status == SGEO_OK) {
        status = sgeo_ctr_supernet_embedding(&supernet->embedding, supernet, supernet->backend);
    }
    if (status == SGEO_OK) {
        status = open_vectors(supernet);
    }
    if (status == SGEO_OK) {
        const struct sgeo_ctr_use use = sgeo_ctr_supernet_use(supernet, NULL);
        status = sgeo_ctr_init(&use, supernet->seed, 0);
    }
    return status;
}

enum sgeo_status sgeo_ctr_supernet_create(struct sgeo_ctr_supernet **out,
                                          const struct sgeo_nasrec_supernet *shape,
                                          const size_t *table_rows, struct sgeo_backend *backend,
                                          uint64_t seed)
{
    struct sgeo_ctr_supernet *supernet = sgeo_calloc(1, sizeof *supernet);
    if (supernet == NULL) {
        return sgeo_fail_memory("nasrec supernet");
    }
    *supernet = (struct sgeo_ctr_supernet){.shape = *shape, .backend = backend, .seed = seed};
    enum sgeo_status status = open_supernet(supernet, table_rows);
    if (status != SGEO_OK) {
        sgeo_ctr_supernet_destroy(supernet);
        return status;
    }
    *out = supernet;
    return SGEO_OK;
}

void sgeo_ctr_supernet_destroy(struct sgeo_ctr_supernet *supernet)
{
    if (supernet == NULL) {
        return;
    }
    sgeo_free(supernet->theta);
    sgeo_free(supernet->tables);
    sgeo_free(supernet->squares.dense);
    sgeo_free(supernet->squares.tables);
    sgeo_embedding_destroy(supernet->embedding);
    sgeo_store_destroy(supernet->store);
    sgeo_graph_destroy(supernet->graph);
    sgeo_free(supernet->table_rows);
    sgeo_free(supernet);
}

enum sgeo_status sgeo_ctr_supernet_init_formula(struct sgeo_ctr_supernet *supernet)
{
    sgeo_embedding_init_formula(supernet->embedding, supernet->tables);
    return sgeo_store_init_formula(supernet->store, supernet->theta);
}

struct sgeo_ctr_use sgeo_ctr_supernet_use(const struct sgeo_ctr_supernet *supernet,
                                          struct sgeo_pool *pool)
{
    return (struct sgeo_ctr_use){.graph = supernet->graph,
                                 .store = supernet->store,
                                 .embedding = supernet->embedding,
                                 .backend = supernet->backend,
                                 .pool = pool,
                                 .theta = supernet->theta,
                                 .tables = supernet->tables};
}

struct sgeo_ctr_squares sgeo_ctr_supernet_squares(const struct sgeo_ctr_supernet *supernet)
{
    return supernet->squares;
}

size_t sgeo_ctr_supernet_params(const struct sgeo_ctr_supernet *supernet)
{
    return sgeo_store_logical(supernet->store);
}

/* --- inheritance --- */

enum sgeo_status sgeo_ctr_supernet_embedding(struct sgeo_embedding **embedding,
                                             const struct sgeo_ctr_supernet *supernet,
                                             struct sgeo_backend *backend)
{
    return sgeo_embedding_create(embedding, backend, &supernet->shape.features,
                                 supernet->table_rows);
}

static enum sgeo_status open_heir(struct sgeo_ctr_heir *heir,
                                  const struct sgeo_ctr_supernet *supernet,
                                  const struct sgeo_nasrec_path *path)
{
    enum sgeo_status status =
        sgeo_nasrec_sliced_build(&heir->graph, &heir->slices, &supernet->shape, path);
    if (status == SGEO_OK) {
        status = sgeo_store_create(&heir->store, heir->graph, heir->use.backend, 1);
    }
    if (status != SGEO_OK) {
        return status;
    }
    heir->pair = (struct sgeo_nasrec_pair){.slices = heir->slices,
                                           .backend = heir->use.backend,
                                           .path = heir->store,
                                           .supernet = supernet->store};
    heir->use.graph = heir->graph;
    heir->use.store = heir->store;
    heir->use.tables = supernet->tables;
    heir->room = sgeo_store_take(heir->store, heir->use.pool);
    if (heir->room == NULL) {
        return sgeo_fail_memory("numbers of a nasrec path");
    }
    heir->use.theta = heir->room->data;
    return sgeo_nasrec_gather(&heir->pair, heir->use.theta, supernet->theta);
}

enum sgeo_status sgeo_ctr_heir_create(struct sgeo_ctr_heir *heir,
                                      const struct sgeo_ctr_supernet *supernet,
                                      const struct sgeo_nasrec_path *path,
                                      const struct sgeo_embedding *embedding,
                                      struct sgeo_pool *pool)
{
    struct sgeo_ctr_heir made = {.use = {.embedding = embedding,
                                         .backend = sgeo_embedding_backend(embedding),
                                         .pool = pool}};
    enum sgeo_status status = open_heir(&made, supernet, path);
    if (status != SGEO_OK) {
        sgeo_ctr_heir_destroy(&made);
        return status;
    }
    *heir = made;
    return SGEO_OK;
}

void sgeo_ctr_heir_destroy(struct sgeo_ctr_heir *heir)
{
    sgeo_buffer_drop(heir->room);
    sgeo_store_destroy(heir->store);
    sgeo_nasrec_slices_destroy(heir->slices);
    sgeo_graph_destroy(heir->graph);
    *heir = (struct sgeo_ctr_heir){0};
}

/* --- training --- */

/* What a step works on: a path's use, its sums of squares, its passes. */
struct part {
    struct sgeo_ctr_use use;
    struct sgeo_ctr_squares squares;
    struct sgeo_ctr_pass *pass;
    struct sgeo_ctr_gradient gradient;
};

struct run {
    struct sgeo_ctr_supernet *supernet;
    const struct sgeo_ctr_training *training;
    const struct sgeo_nasrec_path *path; /* of all steps; NULL: drawn for each */
    size_t fade_steps;
    struct sgeo_pool *pool;
    struct sgeo_ctr_buffer buffer;
    struct part full; /* everything, on the supernet's own vectors; kept from its first step on */
};

static enum sgeo_status open_part(struct part *part, size_t batch)
{
    enum sgeo_status status =
        sgeo_ctr_pass_create(&part->pass, &part->use, batch, SGEO_CTR_GRADIENTS);
    return status == SGEO_OK ? sgeo_ctr_gradient_create(&part->gradient, &part->use, batch)
                             : status;
}

static void close_part(struct part *part)
{
    sgeo_ctr_gradient_destroy(&part->gradient);
    sgeo_ctr_pass_destroy(part->pass);
}

static enum sgeo_status descend(const struct run *run, struct part *part, size_t step, double *loss)
{
    struct sgeo_ctr_batch rows;
    enum sgeo_status status = sgeo_ctr_read_step(&rows, &run->buffer, run->training, step);
    if (status == SGEO_OK) {
        status = sgeo_ctr_pass_gradient(part->pass, &part->gradient, &rows, loss);
    }
    if (status == SGEO_OK && isfinite(*loss)) {
        sgeo_ctr_pass_clip(part->pass, &part->gradient, SGEO_CTR_CLIP);
        sgeo_ctr_pass_adagrad(part->pass, &part->squares, &part->gradient,
                              sgeo_ctr_schedule_lr(&run->training->schedule, step),
                              SGEO_CTR_EPSILON);
    }
    return status;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The path of a step. A supernet of less than the published widths cuts those that are drawn. */
static void choose_path(struct sgeo_nasrec_path *path, const struct run *run, size_t step)
{
    const struct sgeo_ctr_supernet *supernet = run->supernet;
    if (run->path != NULL) {
        *path = *run->path;
        return;
    }
    struct sgeo_rng rng = sgeo_rng_stream(supernet->seed, "path", step);
    sgeo_nasrec_draw_path(path, supernet->shape.space,
                          sgeo_nasrec_full_probability(step, run->fade_steps), &rng);
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        struct sgeo_nasrec_block *block = &path->arch.blocks[b];
        block->dense_dim = (uint16_t)smaller(block->dense_dim, supernet->shape.dense_dim);
        block->sparse_dim = (uint16_t)smaller(block->sparse_dim, supernet->shape.sparse_dim);
    }
}

static bool is_full(const struct sgeo_nasrec_path *path)
{
    bool full = path->all_inputs;
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        full = full && path->all_ops[b];
    }
    return full;
}

static enum sgeo_status full_step(struct run *run, size_t step, double *loss)
{
    enum sgeo_status status = SGEO_OK;
    if (run->full.pass == NULL) {
        run->full.use = sgeo_ctr_supernet_use(run->supernet, run->pool);
        run->full.squares = run->supernet->squares;
        status = open_part(&run->full, run->training->batch);
    }
    return status == SGEO_OK ? descend(run, &run->full, step, loss) : status;
}

/* Sums of squares go the way of the numbers: there, and back with them. */
static enum sgeo_status step_on_copies(struct run *run, const struct sgeo_ctr_heir *heir,
                                       struct part *part, size_t step, double *loss)
{
    struct sgeo_ctr_supernet *supernet = run->supernet;
    if (part->squares.dense == NULL) {
        return sgeo_fail_memory("sums of squares of a nasrec path");
    }
    enum sgeo_status status =
        sgeo_nasrec_gather(&heir->pair, part->squares.dense, supernet->squares.dense);
    if (status == SGEO_OK) {
        status = open_part(part, run->training->batch);
    }
    if (status == SGEO_OK) {
        status = descend(run, part, step, loss);
    }
    if (status == SGEO_OK) {
        status = sgeo_nasrec_scatter(&heir->pair, supernet->theta, heir->use.theta);
    }
    if (status == SGEO_OK) {
        status = sgeo_nasrec_scatter(&heir->pair, supernet->squares.dense, part->squares.dense);
    }
    return status;
}

static enum sgeo_status path_step(struct run *run, const struct sgeo_nasrec_path *path, size_t step,
                                  double *loss)
{
    struct sgeo_ctr_heir heir;
    enum sgeo_status status =
        sgeo_ctr_heir_create(&heir, run->supernet, path, run->supernet->embedding, run->pool);
    if (status != SGEO_OK) {
        return status;
    }
    struct sgeo_buffer *squares = sgeo_store_take(heir.store, run->pool);
    struct part part = {.use = heir.use,
                        .squares = {.dense = squares == NULL ? NULL : squares->data,
                                    .tables = run->supernet->squares.tables}};
    status = step_on_copies(run, &heir, &part, step, loss);
    close_part(&part);
    sgeo_buffer_drop(squares);
    sgeo_ctr_heir_destroy(&heir);
    return status;
}

static enum sgeo_status take_steps(struct run *run, struct sgeo_ctr_training_result *result)
{
    const struct sgeo_ctr_training *training = run->training;
    double sum = 0.0;
    for (size_t step = training->first_step; step < training->schedule.steps && !result->diverged;
         step++) {
        struct sgeo_nasrec_path path;
        choose_path(&path, run, step);
        enum sgeo_status status = is_full(&path) ? full_step(run, step, &result->last_loss)
                                                 : path_step(run, &path, step, &result->last_loss);
        if (status != SGEO_OK) {
            return status;
        }
        sum += result->last_loss;
        result->mean_loss = sum / (double)++result->steps;
        result->diverged = !isfinite(result->last_loss);
        if (!result->diverged && training->on_step != NULL) {
            status = training->on_step(step, result->last_loss, training->step_context);
        }
        if (status != SGEO_OK) {
            return status;
        }
    }
    return SGEO_OK;
}

static enum sgeo_status train(struct run *run, struct sgeo_ctr_training_result *result)
{
    struct sgeo_ctr_training_result got = {0};
    enum sgeo_status status = sgeo_ctr_check_training(run->training);
    if (status == SGEO_OK) {
        const struct sgeo_ctr_use use = sgeo_ctr_supernet_use(run->supernet, run->pool);
        status = sgeo_ctr_buffer_create(&run->buffer, &use, run->training->batch);
    }
    if (status == SGEO_OK) {
        status = take_steps(run, &got);
    }
    if (status == SGEO_OK) {
        *result = got;
    }
    sgeo_ctr_buffer_destroy(&run->buffer);
    close_part(&run->full);
    return status;
}

enum sgeo_status sgeo_ctr_supernet_train(struct sgeo_ctr_supernet *supernet,
                                         struct sgeo_ctr_training_result *result,
                                         const struct sgeo_ctr_training *training,
                                         size_t fade_steps)
{
    struct run run = {.supernet = supernet,
                      .training = training,
                      .fade_steps = fade_steps,
                      .pool = sgeo_pool_create()};
    enum sgeo_status status = run.pool == NULL ? sgeo_fail_memory("warm-up") : train(&run, result);
    sgeo_pool_destroy(run.pool);
    return status;
}

enum sgeo_status sgeo_ctr_supernet_train_path(struct sgeo_ctr_supernet *supernet,
                                              struct sgeo_ctr_training_result *result,
                                              const struct sgeo_ctr_training *training,
                                              const struct sgeo_nasrec_path *path,
                                              struct sgeo_pool *pool)
{
    struct run run = {.supernet = supernet, .training = training, .path = path, .pool = pool};
    return train(&run, result);
}
