#include "space/ctr_train.h"

#include <math.h>

#include "base/memory.h"

#define PI 3.14159265358979323846

/* --- learning rates --- */

double sgeo_ctr_schedule_lr(const struct sgeo_ctr_schedule *schedule, size_t step)
{
    double span = schedule->peak - schedule->floor;
    if (step < schedule->warmup_steps) {
        return schedule->floor + span * (double)step / (double)schedule->warmup_steps;
    }
    double total = (double)(schedule->steps - schedule->warmup_steps);
    double at = (double)(step - schedule->warmup_steps);
    return schedule->floor + span * 0.5 * (1.0 + cos(PI * at / total));
}

struct sgeo_ctr_schedule sgeo_ctr_standard_schedule(size_t steps, double peak)
{
    return (struct sgeo_ctr_schedule){
        .steps = steps, .warmup_steps = steps / 10, .peak = peak, .floor = 1e-8};
}

struct sgeo_ctr_schedule sgeo_ctr_one_shot_schedule(size_t steps)
{
    return sgeo_ctr_standard_schedule(steps, 0.04);
}

/* --- rows --- */

enum sgeo_status sgeo_ctr_buffer_create(struct sgeo_ctr_buffer *buffer,
                                        const struct sgeo_ctr_use *use, size_t batch)
{
    const struct sgeo_feature_layout *layout = sgeo_embedding_layout(use->embedding);
    buffer->dense = sgeo_calloc(batch * layout->dense + 1, use->backend->ops->elem_bytes);
    buffer->indices =
        sgeo_calloc(batch * sgeo_feature_all_values(layout) + 1, sizeof *buffer->indices);
    buffer->labels = sgeo_calloc(batch + 1, sizeof *buffer->labels);
    buffer->offsets = NULL;
    bool complete = buffer->dense != NULL && buffer->indices != NULL && buffer->labels != NULL;
    if (layout->hotness != NULL) {
        buffer->offsets = sgeo_calloc(batch * layout->fields + 1, sizeof *buffer->offsets);
        complete = complete && buffer->offsets != NULL;
    }
    return complete ? SGEO_OK : sgeo_fail_memory("rows of click data");
}

void sgeo_ctr_buffer_destroy(struct sgeo_ctr_buffer *buffer)
{
    sgeo_free(buffer->dense);
    sgeo_free(buffer->indices);
    sgeo_free(buffer->labels);
    sgeo_free(buffer->offsets);
}

static struct sgeo_ctr_batch rows_of(const struct sgeo_ctr_buffer *buffer, size_t n)
{
    return (struct sgeo_ctr_batch){.features = {.n = n,
                                                .dense = buffer->dense,
                                                .indices = buffer->indices,
                                                .offsets = buffer->offsets},
                                   .labels = buffer->labels};
}

enum sgeo_status sgeo_ctr_read_step(struct sgeo_ctr_batch *rows,
                                    const struct sgeo_ctr_buffer *buffer,
                                    const struct sgeo_ctr_training *training, size_t step)
{
    const struct sgeo_ctr_feed *source = &training->source;
    size_t first = step % (source->rows / training->batch) * training->batch;
    *rows = rows_of(buffer, training->batch);
    return source->read(buffer, first, training->batch, source->context);
}

/* --- training --- */

enum sgeo_status sgeo_ctr_check_training(const struct sgeo_ctr_training *training)
{
    return training->batch > 0 && training->source.rows >= training->batch
               ? SGEO_OK
               : sgeo_fail(SGEO_USAGE, "take smaller batches", "%zu rows make no batch of %zu",
                           training->source.rows, training->batch);
}

/* One training in flight. */
struct run {
    const struct sgeo_ctr_training *training;
    const struct sgeo_ctr_squares *squares;
    struct sgeo_ctr_pass *pass;
    struct sgeo_ctr_gradient gradient;
    struct sgeo_ctr_buffer buffer;
};

static enum sgeo_status take_step(struct run *run, size_t step, double *loss)
{
    const struct sgeo_ctr_training *training = run->training;
    struct sgeo_ctr_batch rows;
    enum sgeo_status status = sgeo_ctr_read_step(&rows, &run->buffer, training, step);
    if (status != SGEO_OK) {
        return status;
    }
    status = sgeo_ctr_pass_gradient(run->pass, &run->gradient, &rows, loss);
    if (status == SGEO_OK && isfinite(*loss)) {
        sgeo_ctr_pass_clip(run->pass, &run->gradient, SGEO_CTR_CLIP);
        sgeo_ctr_pass_adagrad(run->pass, run->squares, &run->gradient,
                              sgeo_ctr_schedule_lr(&training->schedule, step), SGEO_CTR_EPSILON);
    }
    return status;
}

static enum sgeo_status take_steps(struct run *run, struct sgeo_ctr_training_result *result)
{
    const struct sgeo_ctr_training *training = run->training;
    double sum = 0.0;
    for (size_t step = training->first_step; step < training->schedule.steps && !result->diverged;
         step++) {
        enum sgeo_status status = take_step(run, step, &result->last_loss);
        if (status == SGEO_OK && training->on_step != NULL) {
            status = training->on_step(step, result->last_loss, training->step_context);
        }
        if (status != SGEO_OK) {
            return status;
        }
        sum += result->last_loss;
        result->mean_loss = sum / (double)++result->steps;
        result->diverged = !isfinite(result->last_loss);
    }
    return SGEO_OK;
}

enum sgeo_status sgeo_ctr_train(struct sgeo_ctr_training_result *result,
                                const struct sgeo_ctr_use *use,
                                const struct sgeo_ctr_squares *squares,
                                const struct sgeo_ctr_training *training)
{
    struct run run = {.training = training, .squares = squares};
    struct sgeo_ctr_training_result got = {0};
    enum sgeo_status status = sgeo_ctr_check_training(training);
    if (status == SGEO_OK) {
        status = sgeo_ctr_pass_create(&run.pass, use, training->batch, SGEO_CTR_GRADIENTS);
    }
    if (status == SGEO_OK) {
        status = sgeo_ctr_gradient_create(&run.gradient, use, training->batch);
    }
    if (status == SGEO_OK) {
        status = sgeo_ctr_buffer_create(&run.buffer, use, training->batch);
    }
    if (status == SGEO_OK) {
        status = take_steps(&run, &got);
    }
    if (status == SGEO_OK) {
        *result = got;
    }
    sgeo_ctr_buffer_destroy(&run.buffer);
    sgeo_ctr_gradient_destroy(&run.gradient);
    sgeo_ctr_pass_destroy(run.pass);
    return status;
}

/* --- evaluation --- */

/* Rows first..last-1 in whole batches of n. */
static enum sgeo_status evaluate_range(double *logits, uint16_t *labels,
                                       const struct sgeo_ctr_use *use,
                                       const struct sgeo_ctr_feed *source, const size_t range[2],
                                       size_t n)
{
    struct sgeo_ctr_buffer buffer = {0};
    struct sgeo_ctr_pass *pass = NULL;
    enum sgeo_status status = sgeo_ctr_pass_create(&pass, use, n, SGEO_CTR_LOGITS);
    if (status == SGEO_OK) {
        status = sgeo_ctr_buffer_create(&buffer, use, n);
    }
    for (size_t first = range[0]; status == SGEO_OK && first < range[1]; first += n) {
        const double *got = NULL;
        status = source->read(&buffer, first, n, source->context);
        if (status == SGEO_OK) {
            const struct sgeo_ctr_batch rows = rows_of(&buffer, n);
            status = sgeo_ctr_pass_logits(pass, &rows.features, &got);
        }
        for (size_t i = 0; status == SGEO_OK && i < n; i++) {
            logits[first + i] = got[i];
            labels[first + i] = buffer.labels[i];
        }
    }
    sgeo_ctr_buffer_destroy(&buffer);
    sgeo_ctr_pass_destroy(pass);
    return status;
}

enum sgeo_status sgeo_ctr_evaluate(double *logits, uint16_t *labels, const struct sgeo_ctr_use *use,
                                   const struct sgeo_ctr_feed *source, size_t batch)
{
    size_t whole = source->rows - source->rows % batch;
    const size_t batches[2] = {0, whole}, rest[2] = {whole, source->rows};
    enum sgeo_status status = SGEO_OK;
    if (whole > 0) {
        status = evaluate_range(logits, labels, use, source, batches, batch);
    }
    if (status == SGEO_OK && whole < source->rows) {
        status = evaluate_range(logits, labels, use, source, rest, source->rows - whole);
    }
    return status;
}
