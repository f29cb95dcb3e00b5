/*
 * The embedding tables of a recommender model, beside its graph: a batch's features in, the matrix
 * that the network reads out, and the gradient of that matrix back to the rows that were looked up.
 *
 *   dense (N,D), indices (F,N) --lookup--> input (N,W) --network--> d input --> touched rows
 *
 * The input's columns are [dense | a row of each field | one first-order weight of each field], the
 * last only where the model has them. All tables lie in one flat vector, which a caller owns like a
 * network's parameters. Gradients keep to the touched rows: the tables of a public data set hold
 * hundreds of millions of numbers.
 */
#ifndef SGEO_GRAPH_EMBEDDING_H
#define SGEO_GRAPH_EMBEDDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/backend.h"
#include "base/status.h"
#include "graph/graph.h"
#include "graph/pool.h"

/* What the input of a recommender model consists of. */
struct sgeo_feature_layout {
    size_t dense;  /* D numbers */
    size_t fields; /* F categorical features */
    size_t dim;    /* of a field's embedding */
    bool first_order;
    const size_t *hotness; /* (F) values of a field in a sample, at most, whose rows are summed;
                              NULL: one. The caller's. */
};

/* First columns of the parts, and the width of all. */
static inline size_t sgeo_feature_rows(const struct sgeo_feature_layout *layout)
{
    return layout->dense;
}

static inline size_t sgeo_feature_first_order(const struct sgeo_feature_layout *layout)
{
    return layout->dense + layout->fields * layout->dim;
}

static inline size_t sgeo_feature_width(const struct sgeo_feature_layout *layout)
{
    return sgeo_feature_first_order(layout) + (layout->first_order ? layout->fields : 0);
}

/* Values that a field may have in a sample, and those of all fields. */
static inline size_t sgeo_feature_values(const struct sgeo_feature_layout *layout, size_t field)
{
    return layout->hotness == NULL ? 1 : layout->hotness[field];
}

static inline size_t sgeo_feature_all_values(const struct sgeo_feature_layout *layout)
{
    size_t values = 0;
    for (size_t f = 0; f < layout->fields; f++) {
        values += sgeo_feature_values(layout, f);
    }
    return values;
}

/* A batch of features. */
struct sgeo_feature_batch {
    size_t n;
    const void *dense;      /* (n,D), in backend elements */
    const int32_t *indices; /* (F,n), each below its table's rows */
    const int32_t *offsets; /* (F*n+1): indices of field f and sample i are offsets[f*n+i] and up to
                               the next one's; NULL: index f*n+i */
};

/* Table t: "embedding{f}.weight" of field f = t, and behind them "linear.embedding{f}.weight". */
struct sgeo_embedding_table {
    char name[SGEO_NAME_MAX];
    size_t field, rows, dim;
    size_t column; /* in the input */
    size_t offset; /* in the flat vector, rows * dim elements */
};

struct sgeo_embedding;

/*
 * Lay out the tables for `layout`, the fields' with rows[f] rows. The backend must outlive them,
 * and they belong to its thread. The caller owns *embedding. SGEO_USAGE for a field without rows or
 * with 2^31 and more.
 */
enum sgeo_status sgeo_embedding_create(struct sgeo_embedding **embedding,
                                       struct sgeo_backend *backend,
                                       const struct sgeo_feature_layout *layout,
                                       const size_t *rows);
void sgeo_embedding_destroy(struct sgeo_embedding *embedding);

struct sgeo_backend *sgeo_embedding_backend(const struct sgeo_embedding *embedding);
const struct sgeo_feature_layout *sgeo_embedding_layout(const struct sgeo_embedding *embedding);
size_t sgeo_embedding_tables(const struct sgeo_embedding *embedding);
const struct sgeo_embedding_table *sgeo_embedding_table(const struct sgeo_embedding *embedding,
                                                        size_t table);
size_t sgeo_embedding_total(const struct sgeo_embedding *embedding); /* numbers of all tables */

/* A zeroed vector of all tables; NULL without memory; free with sgeo_free. */
void *sgeo_embedding_vector(const struct sgeo_embedding *embedding);

/*
 * Initial tables, element i of table t from the stream key(t). Formula: key fnv1a(name), uniform in
 * +-1/sqrt(dim), as every golden tensor. Random: key of the stream (seed, "init:NAME", index),
 * Xavier-normal, N(0, 2/(rows + dim)) (spec nasrec, section 1.4).
 */
void sgeo_embedding_init_formula(const struct sgeo_embedding *embedding, void *vector);
void sgeo_embedding_init_random(const struct sgeo_embedding *embedding, void *vector, uint64_t seed,
                                uint64_t index);

/* input (n,W) of a batch. */
void sgeo_embedding_lookup(const struct sgeo_embedding *embedding, void *input, const void *vector,
                           const struct sgeo_feature_batch *batch);

/* The input's tangent (n,W) along all tables, when they are alpha*vector: their columns of `input`,
 * and zeros for the dense numbers. */
void sgeo_embedding_tangent(const struct sgeo_embedding *embedding, void *tangent,
                            const void *input, size_t n);

/* A gradient of the tables, by touched rows; room for batches of up to n, in the pool, which
 * outlives it. */
struct sgeo_table_gradient;
enum sgeo_status sgeo_table_gradient_create(struct sgeo_table_gradient **gradient,
                                            const struct sgeo_embedding *embedding,
                                            struct sgeo_pool *pool, size_t n);
void sgeo_table_gradient_destroy(struct sgeo_table_gradient *gradient);

/* Gather it from the gradient of the batch's input, d_input (n,W); NULL: zero. */
void sgeo_table_gradient_gather(struct sgeo_table_gradient *gradient,
                                const struct sgeo_feature_batch *batch, const void *d_input);

/* Its squared norm, over all tables, and its multiplication by a number (gradient clipping). */
double sgeo_table_gradient_squares(const struct sgeo_table_gradient *gradient);
void sgeo_table_gradient_scale(struct sgeo_table_gradient *gradient, double factor);

/* A table's touched rows, ascending, and their gradients (count,dim) in backend elements; both
 * belong to the gradient. */
struct sgeo_touched sgeo_table_gradient_touched(const struct sgeo_table_gradient *gradient,
                                                size_t table);
const void *sgeo_table_gradient_values(const struct sgeo_table_gradient *gradient, size_t table);

#endif
