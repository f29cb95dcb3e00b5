#include "space/ctr_one_shot.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

#define DIVERGED_LOSS 999.99

/* Copy the last layer's numbers between two vectors of the store. */
static void copy_head(const struct sgeo_ctr_use *use, void *dst, const void *src)
{
    size_t bytes = use->backend->ops->elem_bytes;
    for (size_t s = 0; s < use->graph->n_segments; s++) {
        size_t index = sgeo_store_find(use->store, use->graph->segments[s].name);
        if (use->graph->segments[s].node == use->graph->output && index != SGEO_NONE) {
            struct sgeo_place place = sgeo_store_place(use->store, index);
            memcpy((unsigned char *)dst + place.offset * bytes,
                   (const unsigned char *)src + place.offset * bytes, place.elems * bytes);
        }
    }
}

static enum sgeo_status validate(double *log_loss, const struct sgeo_ctr_use *use,
                                 const struct sgeo_ctr_one_shot *evaluation)
{
    size_t rows = evaluation->valid.rows;
    double *logits = sgeo_calloc(rows, sizeof *logits);
    uint16_t *labels = sgeo_calloc(rows, sizeof *labels);
    enum sgeo_status status =
        logits == NULL || labels == NULL
            ? sgeo_fail_memory("validation logits")
            : sgeo_ctr_evaluate(logits, labels, use, &evaluation->valid, evaluation->valid_batch);
    if (status == SGEO_OK) {
        const struct sgeo_targets targets = {.labels = labels};
        double loss = sgeo_cross_entropy(NULL, NULL, logits, &targets, rows, 1);
        *log_loss = isfinite(loss) ? loss : DIVERGED_LOSS;
    }
    sgeo_free(logits);
    sgeo_free(labels);
    return status;
}

static enum sgeo_status tune_and_validate(double *log_loss, const struct sgeo_ctr_use *use,
                                          const struct sgeo_ctr_squares *squares,
                                          const struct sgeo_ctr_one_shot *evaluation)
{
    const struct sgeo_ctr_training training = {.schedule =
                                                   sgeo_ctr_one_shot_schedule(evaluation->steps),
                                               .source = evaluation->train,
                                               .batch = evaluation->batch};
    struct sgeo_ctr_training_result result;
    enum sgeo_status status = sgeo_ctr_train(&result, use, squares, &training);
    if (status == SGEO_OK && result.diverged) {
        *log_loss = DIVERGED_LOSS;
        return SGEO_OK;
    }
    return status == SGEO_OK ? validate(log_loss, use, evaluation) : status;
}

enum sgeo_status sgeo_ctr_one_shot(double *log_loss, const struct sgeo_ctr_use *use,
                                   const struct sgeo_ctr_one_shot *evaluation)
{
    if (evaluation->valid.rows == 0 || evaluation->valid_batch == 0) {
        return sgeo_fail(SGEO_USAGE, NULL, "one-shot evaluation: no rows to validate on");
    }
    struct sgeo_ctr_use head = *use;
    head.head_only = true;
    const struct sgeo_ctr_squares squares = {.dense = sgeo_store_vector(use->store)};
    void *start = sgeo_store_vector(use->store);
    enum sgeo_status status =
        squares.dense == NULL || start == NULL ? sgeo_fail_memory("one-shot evaluation") : SGEO_OK;
    if (status == SGEO_OK) {
        copy_head(use, start, use->theta);
        status = tune_and_validate(log_loss, &head, &squares, evaluation);
        copy_head(use, use->theta, start);
    }
    sgeo_free(squares.dense);
    sgeo_free(start);
    return status;
}
