#include "harness/ctr_final.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "space/ctr_state.h"
#include "space/ctr_train.h"
#include "stats/auc.h"
#include "stats/calibration.h"
#include "stats/log_loss.h"

#define DIVERGED_LOSS 999.99 /* as the published code has it */

/* Rows that an evaluation takes at once; its result does not depend on it. */
#define EVALUATION_BATCH ((size_t)1024)

struct sgeo_ctr_trainer {
    const atomic_bool *stop;
    const char *out; /* NULL: no checkpoints */
    double save_seconds;
    struct sgeo_backend *backend;
    struct sgeo_pool *pool;
};

/* What a checkpoint has besides numbers. */
struct so_far {
    size_t n_points;
    struct sgeo_ctr_curve_point curve[SGEO_CTR_CURVE_POINTS];
    double loss_sum; /* of the steps since the last point of the curve */
    size_t loss_steps;
    double seconds; /* CPU, of this training and those that it goes on with */
};

/* A training in flight. */
struct run {
    const struct sgeo_ctr_trainer *trainer;
    const struct sgeo_ctr_set *clicks;
    const struct sgeo_ctr_final_recipe *recipe;
    struct sgeo_ctr_final *record;
    struct sgeo_graph *graph;
    struct sgeo_store *store;
    struct sgeo_embedding *embedding;
    struct sgeo_ctr_use use;
    struct sgeo_ctr_squares squares;
    double *logits; /* (most rows of a part) of an evaluation */
    uint16_t *read_labels;
    uint8_t *labels;
    struct so_far so_far;
    size_t first_step;
    double start, saved; /* CPU seconds at the start, wall clock of the last checkpoint */
    char identity[SGEO_SHA256_HEX], path[1024];
};

/* --- the thread's own --- */

enum sgeo_status sgeo_ctr_trainer_create(struct sgeo_ctr_trainer **out,
                                         struct sgeo_executor executor, const atomic_bool *stop)
{
    struct sgeo_ctr_trainer *trainer = sgeo_calloc(1, sizeof *trainer);
    if (trainer == NULL) {
        return sgeo_fail_memory("trainer");
    }
    trainer->stop = stop;
    trainer->pool = sgeo_pool_create();
    enum sgeo_status status = trainer->pool == NULL
                                  ? sgeo_fail_memory("trainer")
                                  : sgeo_backend_create(&trainer->backend, executor);
    if (status != SGEO_OK) {
        sgeo_ctr_trainer_destroy(trainer);
        return status;
    }
    *out = trainer;
    return SGEO_OK;
}

void sgeo_ctr_trainer_destroy(struct sgeo_ctr_trainer *trainer)
{
    if (trainer != NULL) {
        sgeo_pool_destroy(trainer->pool);
        sgeo_backend_destroy(trainer->backend);
        sgeo_free(trainer);
    }
}

void sgeo_ctr_trainer_keep(struct sgeo_ctr_trainer *trainer, const char *out, double seconds)
{
    trainer->out = out;
    trainer->save_seconds = seconds;
}

/* --- evaluation --- */

static enum sgeo_status evaluate(struct run *run, const struct sgeo_ctr_feed *feed)
{
    enum sgeo_status status =
        sgeo_ctr_evaluate(run->logits, run->read_labels, &run->use, feed, EVALUATION_BATCH);
    for (size_t i = 0; status == SGEO_OK && i < feed->rows; i++) {
        run->labels[i] = (uint8_t)run->read_labels[i];
    }
    return status;
}

static bool has_nan(const double *values, size_t n)
{
    size_t i = 0;
    while (i < n && !isnan(values[i])) {
        i++;
    }
    return i < n;
}

/* Of the logits at hand. */
static enum sgeo_status measure(struct sgeo_ctr_quality *quality, const struct run *run, size_t n)
{
    const struct sgeo_clicks clicks = {.logit = run->logits, .label = run->labels, .n = n};
    struct sgeo_calibration calibration;
    enum sgeo_status status = sgeo_log_loss(&quality->log_loss, clicks);
    if (status == SGEO_OK) {
        status = sgeo_auc(&quality->auc, clicks);
    }
    if (status == SGEO_OK) {
        status = sgeo_calibration(&calibration, clicks);
    }
    if (status == SGEO_OK) {
        quality->calibration = calibration.ratio;
        quality->calibration_error = calibration.error;
    }
    return status;
}

static void set_diverged(struct sgeo_ctr_final *record)
{
    record->diverged = true;
    record->valid = record->test = (struct sgeo_ctr_quality){.log_loss = DIVERGED_LOSS,
                                                             .auc = (double)NAN,
                                                             .calibration = (double)NAN,
                                                             .calibration_error = (double)NAN};
}

static enum sgeo_status judge_part(struct run *run, struct sgeo_ctr_quality *quality,
                                   struct sgeo_ctr_part_feed *part)
{
    const struct sgeo_ctr_feed feed = sgeo_ctr_part_feed_rows(part, SIZE_MAX);
    enum sgeo_status status = evaluate(run, &feed);
    if (status == SGEO_OK && has_nan(run->logits, feed.rows)) {
        set_diverged(run->record);
        return SGEO_OK;
    }
    return status == SGEO_OK ? measure(quality, run, feed.rows) : status;
}

/* Test rows come last: their logits stay. */
static enum sgeo_status judge(struct run *run)
{
    enum sgeo_status status = judge_part(run, &run->record->valid, run->clicks->valid);
    return status == SGEO_OK && !run->record->diverged
               ? judge_part(run, &run->record->test, run->clicks->test)
               : status;
}

/* --- checkpoints --- */

static double seconds_of(const struct run *run)
{
    return run->so_far.seconds + sgeo_thread_cpu_seconds() - run->start;
}

/* With `rest` for what is no vector. */
static struct sgeo_ctr_state state_of(const struct run *run, struct so_far *rest)
{
    size_t bytes = run->use.backend->ops->elem_bytes;
    return (struct sgeo_ctr_state){.theta = run->use.theta,
                                   .tables = run->use.tables,
                                   .squares = run->squares,
                                   .dense_bytes = sgeo_store_total(run->store) * bytes,
                                   .table_bytes = sgeo_embedding_total(run->embedding) * bytes,
                                   .rest = rest,
                                   .rest_bytes = sizeof *rest};
}

/* Go on where an earlier run of the same training was. */
static enum sgeo_status recall(struct run *run)
{
    const struct sgeo_ctr_state state = state_of(run, &run->so_far);
    run->saved = sgeo_wall_seconds();
    if (run->trainer->out == NULL) {
        return SGEO_OK;
    }
    sgeo_ctr_final_identity(run->identity, run->record);
    snprintf(run->path, sizeof run->path, "%s/checkpoints/%s-%.16s.ckpt", run->trainer->out,
             run->record->task->name, run->identity);
    return sgeo_file_exists(run->path)
               ? sgeo_ctr_state_load(&state, run->path, run->identity, &run->first_step)
               : SGEO_OK;
}

/* When it is time. */
static enum sgeo_status save(struct run *run, size_t steps)
{
    struct so_far rest = run->so_far;
    const struct sgeo_ctr_state state = state_of(run, &rest);
    char folder[1024];
    double now = sgeo_wall_seconds();
    if (run->trainer->out == NULL || now - run->saved < run->trainer->save_seconds) {
        return SGEO_OK;
    }
    rest.seconds = seconds_of(run);
    snprintf(folder, sizeof folder, "%s/checkpoints", run->trainer->out);
    enum sgeo_status status = sgeo_directory_create(folder);
    if (status == SGEO_OK) {
        status = sgeo_ctr_state_save(&state, run->path, run->identity, steps);
    }
    run->saved = sgeo_wall_seconds();
    return status;
}

static enum sgeo_status remove_checkpoint(const struct run *run)
{
    return run->trainer->out == NULL ? SGEO_OK : sgeo_file_remove(run->path);
}

/* --- training --- */

static enum sgeo_status add_point(struct run *run, size_t steps)
{
    size_t most = run->clicks->task->valid_batches * SGEO_CTR_VALID_BATCH;
    const struct sgeo_ctr_feed feed = sgeo_ctr_part_feed_rows(run->clicks->valid, most);
    struct sgeo_ctr_quality quality;
    struct so_far *so_far = &run->so_far;
    enum sgeo_status status = evaluate(run, &feed);
    if (status != SGEO_OK) {
        return status;
    }
    bool number = !has_nan(run->logits, feed.rows);
    status = number ? measure(&quality, run, feed.rows) : SGEO_OK;
    so_far->curve[so_far->n_points++] = (struct sgeo_ctr_curve_point){
        .steps = steps,
        .train_loss = so_far->loss_sum / (double)so_far->loss_steps,
        .valid_loss = number && status == SGEO_OK ? quality.log_loss : (double)NAN};
    so_far->loss_sum = 0.0;
    so_far->loss_steps = 0;
    return status;
}

/* Whether a point of the curve is due after so many steps. */
static bool is_due(const struct run *run, size_t done)
{
    size_t all = run->recipe->steps, point = run->so_far.n_points + 1;
    return point <= SGEO_CTR_CURVE_POINTS && done >= point * all / SGEO_CTR_CURVE_POINTS;
}

static enum sgeo_status on_step(size_t step, double loss, void *context)
{
    struct run *run = context;
    const atomic_bool *stop = run->trainer->stop;
    if (stop != NULL && atomic_load(stop)) {
        return sgeo_fail(SGEO_INTERRUPTED, NULL, "training of %s on %s stopped", run->record->model,
                         run->record->task->name);
    }
    run->so_far.loss_sum += loss;
    run->so_far.loss_steps++;
    if (!isfinite(loss)) {
        return SGEO_OK; /* it ends here */
    }
    enum sgeo_status status = is_due(run, step + 1) ? add_point(run, step + 1) : SGEO_OK;
    return status == SGEO_OK && step + 1 < run->recipe->steps ? save(run, step + 1) : status;
}

static enum sgeo_status train(struct run *run)
{
    struct sgeo_ctr_training_result result;
    const struct sgeo_ctr_training training = {
        .schedule = sgeo_ctr_standard_schedule(run->recipe->steps, run->recipe->peak),
        .source = sgeo_ctr_part_feed_rows(run->clicks->train, SIZE_MAX),
        .batch = run->recipe->batch,
        .first_step = run->first_step,
        .on_step = on_step,
        .step_context = run};
    enum sgeo_status status = sgeo_ctr_train(&result, &run->use, &run->squares, &training);
    if (status != SGEO_OK) {
        return status;
    }
    run->record->steps = run->first_step + result.steps;
    if (result.diverged) {
        set_diverged(run->record);
        return SGEO_OK;
    }
    return judge(run);
}

/* --- what it works on --- */

static size_t most_rows(const struct sgeo_ctr_set *clicks)
{
    size_t valid = clicks->split.rows[SGEO_CTR_VAL], test = clicks->split.rows[SGEO_CTR_TEST];
    return valid > test ? valid : test;
}

static enum sgeo_status open_vectors(struct run *run)
{
    size_t rows = most_rows(run->clicks);
    run->use.theta = sgeo_store_vector(run->store);
    run->use.tables = sgeo_embedding_vector(run->embedding);
    run->squares.dense = sgeo_store_vector(run->store);
    run->squares.tables = sgeo_embedding_vector(run->embedding);
    run->logits = sgeo_calloc(rows + 1, sizeof *run->logits);
    run->read_labels = sgeo_calloc(rows + 1, sizeof *run->read_labels);
    run->labels = sgeo_calloc(rows + 1, sizeof *run->labels);
    bool room = run->use.theta != NULL && run->use.tables != NULL && run->squares.dense != NULL &&
                run->squares.tables != NULL && run->logits != NULL && run->read_labels != NULL &&
                run->labels != NULL;
    return room ? SGEO_OK : sgeo_fail_memory("numbers of a recommender model");
}

static enum sgeo_status open_model(struct run *run, const struct sgeo_ctr_named *model)
{
    const struct sgeo_ctr_schema *schema = run->clicks->data.schema;
    struct sgeo_backend *backend = run->trainer->backend;
    struct sgeo_feature_layout features;
    size_t table_rows[SGEO_CTR_FIELDS_MAX];
    sgeo_ctr_set_table_rows(table_rows, run->clicks);
    enum sgeo_status status =
        sgeo_ctr_named_build(&run->graph, &features, model, schema->n_dense, schema->n_fields);
    if (status == SGEO_OK) {
        status = sgeo_store_create(&run->store, run->graph, backend, 1);
    }
    if (status == SGEO_OK) {
        status = sgeo_embedding_create(&run->embedding, backend, &features, table_rows);
    }
    if (status == SGEO_OK) {
        run->use = (struct sgeo_ctr_use){.graph = run->graph,
                                         .store = run->store,
                                         .embedding = run->embedding,
                                         .backend = backend,
                                         .pool = run->trainer->pool};
        status = open_vectors(run);
    }
    if (status == SGEO_OK) {
        run->record->params = sgeo_store_logical(run->store);
        status = sgeo_ctr_init(&run->use, run->record->seed, 0);
    }
    return status;
}

static void close_run(struct run *run)
{
    sgeo_free(run->use.theta);
    sgeo_free(run->use.tables);
    sgeo_free(run->squares.dense);
    sgeo_free(run->squares.tables);
    sgeo_free(run->logits);
    sgeo_free(run->read_labels);
    sgeo_free(run->labels);
    sgeo_embedding_destroy(run->embedding);
    sgeo_store_destroy(run->store);
    sgeo_graph_destroy(run->graph);
}

static void hand_out_logits(double *logits, const struct run *run)
{
    for (size_t i = 0; i < run->clicks->split.rows[SGEO_CTR_TEST]; i++) {
        logits[i] = run->record->diverged ? (double)NAN : run->logits[i];
    }
}

enum sgeo_status sgeo_ctr_final_train(struct sgeo_ctr_trainer *trainer,
                                      struct sgeo_ctr_final *record, double *logits,
                                      const struct sgeo_ctr_set *clicks,
                                      const struct sgeo_ctr_named *model,
                                      const struct sgeo_ctr_final_recipe *recipe, uint64_t seed)
{
    struct sgeo_ctr_final trained = {.task = clicks->task, .seed = seed};
    struct run run = {.trainer = trainer, .clicks = clicks, .recipe = recipe, .record = &trained};
    run.start = sgeo_thread_cpu_seconds();
    sgeo_ctr_named_text(trained.model, model);
    memcpy(trained.settings, record->settings, sizeof trained.settings);
    enum sgeo_status status = open_model(&run, model);
    if (status == SGEO_OK) {
        status = recall(&run);
    }
    if (status == SGEO_OK) {
        status = train(&run);
    }
    if (status == SGEO_OK) {
        status = remove_checkpoint(&run);
    }
    if (status == SGEO_OK) {
        hand_out_logits(logits, &run);
        trained.n_points = run.so_far.n_points;
        memcpy(trained.curve, run.so_far.curve, sizeof trained.curve);
        trained.seconds = seconds_of(&run);
        *record = trained;
    }
    close_run(&run);
    return status;
}
