/*
 * The second part of the op table: the layers of recommender models, on plain row-major matrices
 * without gaps, whose elements are the executor's.
 *
 * A sparse tensor (B,n,D), a row of D numbers for each of n features, is the matrix (B,n*D):
 * concatenating rows is concatenating columns, and no shape is ever changed in memory. Shapes are
 * the kernels' (kernels/contract): their pitches are rows*dim here.
 *
 * Contracts as the f32 kernels of the same names. What ends in _grad overwrites gradients of the
 * sources from the gradient of the result; what ends in _tangent gives the derivative of the result
 * along tangents of the sources, none of them NULL.
 */
#ifndef SGEO_BACKEND_INTERACTION_H
#define SGEO_BACKEND_INTERACTION_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/kernel.h"

struct sgeo_backend;

/* Layer normalisation of `batch` rows of `dim`: sizes, and what is added to the variance. */
struct sgeo_row_norm {
    size_t batch, dim;
    double epsilon;
};

/* Gradients of a layer normalisation; gamma and beta may be NULL. */
struct sgeo_row_norm_grads {
    void *src, *gamma, *beta;
};

/* Queries, keys and values of an attention, or their tangents. */
struct sgeo_attention_sources {
    const void *query, *key, *value;
};

/* Their gradients. */
struct sgeo_attention_gradients {
    void *query, *key, *value;
};

/* What the forward call of an attention left: its result and its softmax's statistics. */
struct sgeo_attention_outcome {
    const void *dst, *stats;
};

/* Products of all rows of two sparse tensors. */
struct sgeo_row_products {
    size_t batch, left_rows, right_rows, dim;
};

/* One embedding table of a batch's look-up: the sum of the rows of bag b goes to columns
 * column..column+dim-1 of row b of the destination. */
struct sgeo_table_lookup {
    const void *table;
    size_t dim, column;
    const int32_t *indices; /* (batch) */
    const int32_t *offsets; /* (batch+1): bag b has indices offsets[b]..offsets[b+1]-1; NULL: one */
};

struct sgeo_interaction_table {
    /* --- any matrix (B,C) --- */
    void (*padded_sum)(struct sgeo_backend *, void *dst, const void *const *src,
                       const size_t *widths, size_t n_src, size_t batch, size_t width);
    void (*padded_sum_grad)(struct sgeo_backend *, void *const *dsrc, const size_t *widths,
                            size_t n_src, const void *ddst, size_t batch, size_t width);
    void (*sigmoid)(struct sgeo_backend *, void *dst, const void *src, size_t n);
    /* dst = src, padded with zeros, times a sigmoid's output; backward and tangent go through the
     * sigmoid, to and from its logits. */
    void (*gate)(struct sgeo_backend *, void *dst, const void *src, const void *gate,
                 const struct sgeo_gating *);
    void (*gate_grad)(struct sgeo_backend *, void *dsrc, void *dlogit, const void *ddst,
                      const void *src, const void *gate, const struct sgeo_gating *);
    void (*gate_tangent)(struct sgeo_backend *, void *dst, const void *tsrc, const void *tlogit,
                         const void *src, const void *gate, const struct sgeo_gating *);
    /* stats (B,2) keeps mean and 1/deviation of each row, in double; gamma and beta may be NULL. */
    void (*layer_norm)(struct sgeo_backend *, void *dst, double *stats, const void *src,
                       const void *gamma, const void *beta, const struct sgeo_row_norm *);
    void (*layer_norm_grad)(struct sgeo_backend *, const struct sgeo_row_norm_grads *,
                            const void *ddst, const void *src, const double *stats,
                            const void *gamma, const struct sgeo_row_norm *);
    /* along a tangent of src alone */
    void (*layer_norm_tangent)(struct sgeo_backend *, void *dst, const void *tsrc, const void *src,
                               const double *stats, const void *gamma,
                               const struct sgeo_row_norm *);
    void (*scale)(struct sgeo_backend *, void *dst, const void *src, double factor, size_t n);
    /* dst (B,cols,rows) = the transpose of src (B,rows,cols), sample by sample */
    void (*transpose)(struct sgeo_backend *, void *dst, const void *src, size_t batch, size_t rows,
                      size_t cols);

    /* --- sparse tensors (B,n,D) --- */
    void (*row_linear)(struct sgeo_backend *, void *dst, const void *src, const void *wei,
                       const void *bias /* may be NULL */, const struct sgeo_row_linear *);
    void (*row_linear_grad_src)(struct sgeo_backend *, void *dsrc, const void *ddst,
                                const void *wei, const struct sgeo_row_linear *);
    void (*row_linear_grad_wei)(struct sgeo_backend *, void *dwei, void *dbias /* may be NULL */,
                                const void *ddst, const void *src, const struct sgeo_row_linear *);
    /* dst (B,n(n-1)/2) */
    void (*dot)(struct sgeo_backend *, void *dst, const void *src, const struct sgeo_interaction *);
    void (*dot_grad)(struct sgeo_backend *, void *dsrc, const void *ddst, const void *src,
                     const struct sgeo_interaction *);
    void (*dot_tangent)(struct sgeo_backend *, void *dst, const void *tsrc, const void *src,
                        const struct sgeo_interaction *);
    /* dst (B,D) */
    void (*fm)(struct sgeo_backend *, void *dst, const void *src, double scale,
               const struct sgeo_interaction *);
    void (*fm_grad)(struct sgeo_backend *, void *dsrc, const void *ddst, const void *src,
                    double scale, const struct sgeo_interaction *);
    void (*fm_tangent)(struct sgeo_backend *, void *dst, const void *tsrc, const void *src,
                       double scale, const struct sgeo_interaction *);
    /* stats (B,heads,2,rows), in elements of the executor */
    void (*attention)(struct sgeo_backend *, void *dst, void *stats,
                      const struct sgeo_attention_sources *, const struct sgeo_attention *);
    void (*attention_grad)(struct sgeo_backend *, const struct sgeo_attention_gradients *,
                           const void *ddst, const struct sgeo_attention_outcome *,
                           const struct sgeo_attention_sources *, const struct sgeo_attention *);
    void (*attention_tangent)(struct sgeo_backend *, void *dst,
                              const struct sgeo_attention_sources *tangents,
                              const struct sgeo_attention_outcome *,
                              const struct sgeo_attention_sources *, const struct sgeo_attention *);
    /* dst (B,left_rows*right_rows,D): row l*right_rows + r = left_l right_r, elementwise */
    void (*row_products)(struct sgeo_backend *, void *dst, const void *left, const void *right,
                         const struct sgeo_row_products *);
    void (*row_products_grad)(struct sgeo_backend *, void *dleft, void *dright, const void *ddst,
                              const void *left, const void *right,
                              const struct sgeo_row_products *);
    /* dst (n_rows) = the sum of each row of src (n_rows,D), and its transpose */
    void (*row_sums)(struct sgeo_backend *, void *dst, const void *src, size_t n_rows, size_t dim);
    void (*row_sums_grad)(struct sgeo_backend *, void *dsrc, const void *ddst, size_t n_rows,
                          size_t dim);

    /* --- embedding tables (rows,D) --- */
    /* dst: its rows are `pitch` elements apart; columns of no table stay as they are */
    void (*lookup)(struct sgeo_backend *, void *dst, size_t pitch, const struct sgeo_table_lookup *,
                   size_t n_tables, size_t batch);
    /* dtable (groups->n_rows,D), from the table's columns of the gradient of dst, `pitch` apart */
    void (*lookup_grad)(struct sgeo_backend *, void *dtable, const void *ddst, size_t pitch,
                        size_t dim, const struct sgeo_row_groups *groups);
};

#endif
