/*
 * Training by SGD: one network of a fixed architecture, or one sampled path of a supernet per
 * mini-batch. The caller owns data order and augmentation through a callback.
 */
#ifndef SGEO_SPACE_TRAIN_H
#define SGEO_SPACE_TRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/network.h"

/* Fill images (n,C,H,W), planar backend elements, and labels (n) with positions first..first+n-1 of
 * an epoch. */
typedef enum sgeo_status (*sgeo_batch_fn)(void *images, uint16_t *labels, size_t epoch,
                                          size_t first, size_t n, void *context);

/* Build the graph of one step (a sampled path); the trainer destroys it after the step. */
typedef enum sgeo_status (*sgeo_path_fn)(struct sgeo_graph **graph, size_t step, void *context);

/* Where a training stands, between two steps. */
struct sgeo_training_point {
    size_t steps;    /* done, of all epochs */
    double loss_sum; /* of those that belong to an unfinished epoch */
};

struct sgeo_training_result {
    size_t steps;                     /* done, in this call */
    double last_loss;                 /* mean of the last whole epoch's mini-batch losses */
    bool diverged;                    /* a loss was NaN or infinite; training stopped there */
    struct sgeo_training_point point; /* where it ended */
};

/* After each step (not after divergence): the result so far. Anything but SGEO_OK ends the training
 * with that status. */
typedef enum sgeo_status (*sgeo_step_fn)(const struct sgeo_training_result *result, void *context);

struct sgeo_training {
    size_t images, epochs, batch; /* per epoch; the last mini-batch of an epoch may be smaller */
    size_t image_elems;           /* C*H*W */
    double lr, lr_min;            /* cosine from lr to lr_min over all steps; equal: constant */
    double momentum, weight_decay;
    bool nesterov;
    const double *rows; /* (classes, classes) soft targets by label; NULL: labels are exact */
    sgeo_batch_fn next_batch;
    sgeo_path_fn path;    /* NULL: `graph` at every step */
    sgeo_step_fn on_step; /* may be NULL */
    void *context;        /* of the three callbacks */
};

/* What is trained: the vectors belong to the caller and to `store`. */
struct sgeo_trainee {
    const struct sgeo_graph *graph; /* fixed architecture; NULL with a path callback */
    const struct sgeo_store *store;
    struct sgeo_backend *backend;
    struct sgeo_pool *pool;
    void *theta, *velocity; /* velocity NULL: no momentum */
    double *running;        /* batch-norm running statistics, or NULL */
};

/* Mini-batches of an epoch, and the learning rate of a step. */
size_t sgeo_training_steps_per_epoch(const struct sgeo_training *training);
double sgeo_training_lr(const struct sgeo_training *training, size_t step);

/* Train from a point (NULL: the beginning) to the end of the last epoch. Divergence is a result,
 * not an error. */
enum sgeo_status sgeo_train(struct sgeo_training_result *result, const struct sgeo_trainee *trainee,
                            const struct sgeo_training *training,
                            const struct sgeo_training_point *from);

#endif
