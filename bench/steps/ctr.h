/* What the steps of click-through models share: rows of data, and a model on them, all by the
 * golden vectors' formulas, in Criteo's layout. */
#ifndef SGEO_BENCH_STEPS_CTR_H
#define SGEO_BENCH_STEPS_CTR_H

#include "bench/step.h"
#include "space/ctr_train.h"
#include "space/nasrec.h"

enum { SGEO_STEP_DENSE = 13, SGEO_STEP_FIELDS = 26 };

/* Mini-batches, and the tables that they look up. Starts zeroed. */
struct sgeo_step_data {
    struct sgeo_backend *backend;
    struct sgeo_pool *pool;
    struct sgeo_embedding *embedding;
    size_t table_rows[SGEO_STEP_FIELDS];
    const size_t *hotness; /* (fields); NULL: every field has one value */
    size_t batch, n_batches;
    struct sgeo_ctr_buffer *batches; /* (n_batches) of `batch` rows */
    size_t first;                    /* the mini-batch that a training reads first */
};

/* n_batches mini-batches of batch=N rows for tables of rows=R, with hot=mlperf of several values a
 * field. What is open on an error, sgeo_step_data_close closes. */
enum sgeo_status sgeo_step_data_open(struct sgeo_step_data *data,
                                     const struct sgeo_bench_args *args, size_t n_batches);
void sgeo_step_data_close(struct sgeo_step_data *data);

struct sgeo_ctr_batch sgeo_step_data_batch(const struct sgeo_step_data *data, size_t index);

/* All mini-batches in turn, for trainings on `batch` rows. */
struct sgeo_ctr_feed sgeo_step_data_feed(struct sgeo_step_data *data);

/* A model= on the data. Starts zeroed. */
struct sgeo_step_model {
    struct sgeo_graph *graph;
    struct sgeo_store *store;
    struct sgeo_ctr_use use;
};

/* The model that the arguments name. On an error as above. SGEO_USAGE when there is none. */
enum sgeo_status sgeo_step_model_open(struct sgeo_step_model *model,
                                      const struct sgeo_step_data *data,
                                      const struct sgeo_bench_args *args);
void sgeo_step_model_close(struct sgeo_step_model *model);

/* The published architecture of path=NAME; SGEO_USAGE when there is none. */
enum sgeo_status sgeo_step_arch(struct sgeo_nasrec_arch *arch, const struct sgeo_bench_args *args);

/* Operations of `passes` forward passes over n rows. */
double sgeo_step_flops(const struct sgeo_graph *graph, double passes, size_t n);

#endif
