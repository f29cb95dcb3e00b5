/*
 * Training of recommender models on click data by Adagrad, and their logits on held-out rows (spec
 * nasrec, section 1.4). The caller owns the data through a callback, in the order of its file:
 * nothing is shuffled.
 */
#ifndef SGEO_SPACE_CTR_TRAIN_H
#define SGEO_SPACE_CTR_TRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "space/ctr_pass.h"

/* Where a callback puts n rows: dense (n,D) in backend elements, indices (F,n), labels (n); where
 * fields may have several values, as many indices as there are, and offsets (F*n+1), else NULL. */
struct sgeo_ctr_buffer {
    void *dense;
    int32_t *indices;
    uint16_t *labels;
    int32_t *offsets;
};

/* Fill rows first..first+n-1 of the data. */
typedef enum sgeo_status (*sgeo_ctr_rows_fn)(const struct sgeo_ctr_buffer *rows, size_t first,
                                             size_t n, void *context);

struct sgeo_ctr_feed {
    size_t rows;
    sgeo_ctr_rows_fn read;
    void *context;
};

/* Linear from `floor` to `peak` over the warm-up, then a cosine that would reach `floor` at step
 * `steps`. */
struct sgeo_ctr_schedule {
    size_t steps, warmup_steps;
    double peak, floor;
};
double sgeo_ctr_schedule_lr(const struct sgeo_ctr_schedule *schedule, size_t step);

/* The published recipe's schedule: a tenth of the steps to warm up, from 1e-8 and back to it. */
struct sgeo_ctr_schedule sgeo_ctr_standard_schedule(size_t steps, double peak);

/* Its one-shot evaluation's: 50 of 500 steps to warm up, or as much of fewer steps, peak 0.04. */
struct sgeo_ctr_schedule sgeo_ctr_one_shot_schedule(size_t steps);

#define SGEO_CTR_EPSILON 1e-2 /* Adagrad's */
#define SGEO_CTR_CLIP    5.0  /* norm of a gradient, at most */

/* After each step, its loss before it: anything but SGEO_OK ends the training with that status. */
typedef enum sgeo_status (*sgeo_ctr_step_fn)(size_t step, double loss, void *context);

struct sgeo_ctr_training {
    struct sgeo_ctr_schedule schedule;
    struct sgeo_ctr_feed source;
    size_t batch;             /* what an epoch has beyond whole batches is left out */
    size_t first_step;        /* > 0: goes on with the state after so many steps */
    sgeo_ctr_step_fn on_step; /* may be NULL */
    void *step_context;
};

/* SGEO_USAGE when the source has no whole batch. */
enum sgeo_status sgeo_ctr_check_training(const struct sgeo_ctr_training *training);

/* Room for a batch of a model's rows; an empty one is fine to destroy. */
enum sgeo_status sgeo_ctr_buffer_create(struct sgeo_ctr_buffer *buffer,
                                        const struct sgeo_ctr_use *use, size_t batch);
void sgeo_ctr_buffer_destroy(struct sgeo_ctr_buffer *buffer);

/* Read the rows of a training's step into the buffer: batch after batch of the source, then from
 * its start again. *rows borrows the buffer. */
enum sgeo_status sgeo_ctr_read_step(struct sgeo_ctr_batch *rows,
                                    const struct sgeo_ctr_buffer *buffer,
                                    const struct sgeo_ctr_training *training, size_t step);

struct sgeo_ctr_training_result {
    size_t steps;     /* done, from first_step on */
    double mean_loss; /* of all of them */
    double last_loss;
    bool diverged; /* a loss was NaN or infinite; training stopped there */
};

/*
 * Train from the use's vectors on, in place, with the sums of squares in `squares` (zeros at first:
 * vectors of store and embedding, those of tables NULL where they do not learn). Divergence is a
 * result, not an error. SGEO_USAGE when the source has no whole batch.
 */
enum sgeo_status sgeo_ctr_train(struct sgeo_ctr_training_result *result,
                                const struct sgeo_ctr_use *use,
                                const struct sgeo_ctr_squares *squares,
                                const struct sgeo_ctr_training *training);

/*
 * Logits and labels (rows of the source each) of all rows, in batches of up to `batch`. labels may
 * not be NULL: log loss and AUC are the caller's, or sgeo_cross_entropy's.
 */
enum sgeo_status sgeo_ctr_evaluate(double *logits, uint16_t *labels, const struct sgeo_ctr_use *use,
                                   const struct sgeo_ctr_feed *source, size_t batch);

#endif
