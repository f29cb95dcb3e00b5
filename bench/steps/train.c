/*
 * step_train: training steps of a click-through model on mini-batches in turn, forward, backward,
 * clipping to norm 5, Adagrad on the network and the touched rows. A path of the supernet other
 * than the full one is copied out of its vectors and back in each step, as in a warm-up.
 *
 * The loss of the last step hardly depends on what the steps before it wrote into the tables, whose
 * rows are seldom met again. So the terms, norms of what has been written: network_squares and
 * table_squares, roots of the sums over Adagrad's sums of squares, and table_moves, how far the
 * tables are from where they started.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "bench/steps/ctr.h"
#include "space/ctr_supernet.h"

#define STEPS       ((size_t)4)  /* of a call */
#define MINIBATCHES ((size_t)32) /* so that tables' touched rows do not fit a cache */
#define RATE        0.01
#define PASSES      3.0 /* forward, backward to the inputs and to the weights */

struct train {
    struct sgeo_step_data data;
    struct sgeo_step_model model; /* or a path of the supernet */
    struct sgeo_ctr_squares squares;
    struct sgeo_ctr_supernet *supernet;
    struct sgeo_nasrec_path path;
    size_t steps;
};

static enum sgeo_status run(void *step, double *value)
{
    struct train *own = step;
    const struct sgeo_ctr_training training = {
        .schedule = {.steps = own->steps, .peak = RATE, .floor = RATE},
        .source = sgeo_step_data_feed(&own->data),
        .batch = own->data.batch};
    struct sgeo_ctr_training_result result;
    enum sgeo_status status =
        own->supernet ? sgeo_ctr_supernet_train_path(own->supernet, &result, &training, &own->path,
                                                     own->data.pool)
                      : sgeo_ctr_train(&result, &own->model.use, &own->squares, &training);
    if (status != SGEO_OK)
        return status;
    own->data.first = (own->data.first + own->steps) % own->data.n_batches;
    *value = result.last_loss;
    return result.diverged ? sgeo_fail(SGEO_CHECK_FAILED, NULL, "the training diverged") : SGEO_OK;
}

static double sum_of(const float *values, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)values[i];
    return sum;
}

static double distance(const float *a, const float *b, size_t n)
{
    double squares = 0.0;
    for (size_t i = 0; i < n; i++)
        squares += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    return sqrt(squares);
}

static enum sgeo_status terms(const void *step, char *text, size_t size)
{
    const struct train *own = step;
    const struct sgeo_ctr_use use =
        own->supernet ? sgeo_ctr_supernet_use(own->supernet, own->data.pool) : own->model.use;
    const struct sgeo_ctr_squares squares =
        own->supernet ? sgeo_ctr_supernet_squares(own->supernet) : own->squares;
    size_t n = sgeo_embedding_total(use.embedding);
    float *start = sgeo_embedding_vector(use.embedding);
    if (!start)
        return sgeo_fail_memory("the first tables of a step bench");
    sgeo_embedding_init_formula(use.embedding, start);
    snprintf(text, size, "network_squares=%.9g table_squares=%.9g table_moves=%.9g",
             sqrt(sum_of(squares.dense, sgeo_store_total(use.store))),
             sqrt(sum_of(squares.tables, n)), distance(use.tables, start, n));
    sgeo_free(start);
    return SGEO_OK;
}

static void destroy(void *step)
{
    struct train *own = step;
    if (!own)
        return;
    sgeo_ctr_supernet_destroy(own->supernet);
    sgeo_free(own->squares.dense);
    sgeo_free(own->squares.tables);
    sgeo_step_model_close(&own->model);
    sgeo_step_data_close(&own->data);
    sgeo_free(own);
}

/* path=full, or a published architecture's. */
static enum sgeo_status find_path(struct train *own, const struct sgeo_bench_args *args)
{
    const char *word = sgeo_bench_word(args, "path");
    struct sgeo_nasrec_arch arch;
    if (word && strcmp(word, "full") == 0) {
        struct sgeo_rng rng = sgeo_rng_stream(0, "path", 0);
        sgeo_nasrec_draw_path(&own->path, SGEO_NASREC_SMALL, 1.0, &rng); /* for certain */
        return SGEO_OK;
    }
    enum sgeo_status status = sgeo_step_arch(&arch, args);
    if (status == SGEO_OK)
        own->path = sgeo_nasrec_path_of(&arch);
    return status;
}

static enum sgeo_status open_supernet(struct train *own, double *flops,
                                      const struct sgeo_bench_args *args)
{
    struct sgeo_nasrec_supernet shape =
        sgeo_nasrec_supernet(SGEO_NASREC_SMALL, SGEO_STEP_DENSE, SGEO_STEP_FIELDS);
    shape.features.hotness = own->data.hotness;
    struct sgeo_graph *graph = NULL;
    struct sgeo_nasrec_slices *slices = NULL;
    enum sgeo_status status = find_path(own, args);
    if (status == SGEO_OK)
        status = sgeo_nasrec_sliced_build(&graph, &slices, &shape, &own->path);
    if (status != SGEO_OK)
        return status;
    *flops = sgeo_step_flops(graph, PASSES, own->steps * own->data.batch);
    sgeo_nasrec_slices_destroy(slices);
    sgeo_graph_destroy(graph);
    status = sgeo_ctr_supernet_create(&own->supernet, &shape, own->data.table_rows,
                                      own->data.backend, 0);
    return status == SGEO_OK ? sgeo_ctr_supernet_init_formula(own->supernet) : status;
}

static enum sgeo_status open_model(struct train *own, double *flops,
                                   const struct sgeo_bench_args *args)
{
    enum sgeo_status status = sgeo_step_model_open(&own->model, &own->data, args);
    if (status != SGEO_OK)
        return status;
    *flops = sgeo_step_flops(own->model.graph, PASSES, own->steps * own->data.batch);
    own->squares.dense = sgeo_store_vector(own->model.store);
    own->squares.tables = sgeo_embedding_vector(own->data.embedding);
    return own->squares.dense && own->squares.tables
               ? SGEO_OK
               : sgeo_fail_memory("the sums of squares of a step bench");
}

static enum sgeo_status open_train(struct train *own, double *flops,
                                   const struct sgeo_bench_args *args)
{
    const char *word = sgeo_bench_word(args, "model");
    enum sgeo_status status = sgeo_step_data_open(&own->data, args, MINIBATCHES);
    if (status == SGEO_OK)
        status = sgeo_bench_size_or(&own->steps, args, "steps", STEPS);
    if (status == SGEO_OK && own->steps == 0)
        status = sgeo_fail(SGEO_USAGE, "from 1 on", "%s: steps=0", sgeo_bench_args_place(args));
    if (status != SGEO_OK)
        return status;
    return word && strcmp(word, "supernet") == 0 ? open_supernet(own, flops, args)
                                                 : open_model(own, flops, args);
}

static enum sgeo_status create(void **step, struct sgeo_step_work *work,
                               const struct sgeo_bench_args *args)
{
    struct train *own = sgeo_calloc(1, sizeof *own);
    double flops = 0.0;
    if (!own)
        return sgeo_fail_memory("a step bench");
    enum sgeo_status status = open_train(own, &flops, args);
    if (status != SGEO_OK) {
        destroy(own);
        return status;
    }
    *work = (struct sgeo_step_work){.work = {.flops = flops, .roof = SGEO_ROOF_FMA},
                                    .rate = "rows/s",
                                    .amount = (double)(own->steps * own->data.batch)};
    *step = own;
    return SGEO_OK;
}

const struct sgeo_step_load sgeo_step_train = {"step_train", create, run, terms, destroy};
