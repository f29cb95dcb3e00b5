/*
 * Contracts of embeddings: sums of the rows of a table that a batch looks up, their gradient for
 * the rows that were touched, and the optimiser steps of these rows. A table (rows,dim) is one run
 * of rows*dim floats, dim >= 1. Indices are below rows and offsets ascend: kernels do not check.
 * Arrays of 64-bit numbers are aligned to 8 bytes.
 */
#ifndef SGEO_KERNELS_CONTRACT_EMBEDDING_H
#define SGEO_KERNELS_CONTRACT_EMBEDDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Bags of indices in CSR form: bag b holds the positions offsets[b] .. offsets[b+1]-1. Positions
 * need not begin at 0: bags may be a part of a longer list.
 */
struct sgeo_bags {
    const void *indices;  /* one a position: int32_t, int64_t when `wide` */
    const void *offsets;  /* (count+1) of the same type; NULL: bag b holds position b alone */
    const float *weights; /* one a position; NULL: 1 */
    size_t count;
    bool wide;
    bool mean; /* sums are divided by the number of positions of their bag */
};

/* The index at a position. */
static inline size_t sgeo_bags_index(const struct sgeo_bags *bags, size_t position)
{
    return bags->wide ? (size_t)((const int64_t *)bags->indices)[position]
                      : (size_t)((const int32_t *)bags->indices)[position];
}

/* The first position of a bag, b = count: one past the last of all. */
static inline size_t sgeo_bags_first(const struct sgeo_bags *bags, size_t b)
{
    if (!bags->offsets)
        return b;
    return bags->wide ? (size_t)((const int64_t *)bags->offsets)[b]
                      : (size_t)((const int32_t *)bags->offsets)[b];
}

/* Positions of all bags. */
static inline size_t sgeo_bags_positions(const struct sgeo_bags *bags)
{
    return bags->count == 0 ? 0 : sgeo_bags_first(bags, bags->count) - sgeo_bags_first(bags, 0);
}

/*
 * dst (count,dim), bag b at b*dst_pitch = sum over its positions of weight * table row, in f32 in
 * the order of the positions; mean: times 1 / positions. An empty bag is 0, a bag of one without
 * weights the row itself, bit for bit. What lies between the rows of dst stays as it is.
 */
typedef void sgeo_f32_embbag_sig(float *dst, size_t dst_pitch, const float *table, size_t dim,
                                 const struct sgeo_bags *bags);

/* A table to look up, its bags and the columns of the destination that they fill. */
struct sgeo_lookup {
    const float *table;
    size_t dim;
    size_t column; /* the first of dim */
    struct sgeo_bags bags;
};

/*
 * f32_embbag of several tables, each with rows, dim and bags of its own, in one call: bag b of a
 * table goes to dst + b*dst_pitch + column. Columns do not overlap; in any order, with gaps.
 */
typedef void sgeo_f32_embbag_tables_sig(float *dst, size_t dst_pitch,
                                        const struct sgeo_lookup *lookups, size_t n_lookups);

/* One use of a row: the bag that holds it, and its position there. */
struct sgeo_occurrence {
    uint32_t bag, position;
};

/*
 * The occurrences of a batch by row. The caller gives room for as many rows as there are positions,
 * for one more start, and for the occurrences.
 */
struct sgeo_row_groups {
    uint32_t *rows;   /* the n_rows touched rows, ascending, each once */
    uint32_t *starts; /* (n_rows+1): row u occurs in occurrences starts[u] .. starts[u+1]-1 */
    struct sgeo_occurrence *occurrences; /* of each row in ascending order of positions */
    size_t n_rows;                       /* set by the kernel */
};

/* Words of workspace for grouping: two lists of keys, and the bag of each position. */
static inline size_t sgeo_row_groups_words(size_t n_positions)
{
    return 3 * n_positions;
}

/*
 * Group the positions of all bags by row: a stable sort, without comparisons. Bags, positions and
 * table_rows (every index is below) are at most 2^32 - 1. Weights do not matter.
 */
typedef void sgeo_u32_row_groups_sig(struct sgeo_row_groups *groups, uint64_t *workspace,
                                     const struct sgeo_bags *bags, size_t table_rows);

/*
 * Backward of f32_embbag to the touched rows alone: dtable (n_rows,dim), row u = sum over the
 * occurrences of groups->rows[u] of ddst's row of the bag * weight, mean: / positions of that bag;
 * in f32 in the order of the occurrences. ddst (count,dim), bag b at b*ddst_pitch; the groups are
 * those of these bags.
 */
typedef void sgeo_f32_embbag_grad_sig(float *dtable, const float *ddst, size_t ddst_pitch,
                                      size_t dim, const struct sgeo_row_groups *groups,
                                      const struct sgeo_bags *bags);

/* Rows of a table (.,dim), each at most once; gradients of them are (count,dim), in this order. */
struct sgeo_touched {
    const uint32_t *rows;
    size_t count, dim;
};

/* table[row] -= lr * grad */
typedef void sgeo_f32_row_sgd_sig(float *table, const float *grad,
                                  const struct sgeo_touched *touched, float lr);

/* f32_adagrad_step of the touched rows; accumulator (.,dim) is a table like the parameters'. */
typedef void sgeo_f32_row_adagrad_sig(float *table, float *accumulator, const float *grad,
                                      const struct sgeo_touched *touched, float lr, float epsilon);

/*
 * The same with one accumulator a row: accumulator[row] += mean over dim of grad^2. Squares are
 * added in f32: 16 sums of columns, then pairs of them.
 */
typedef void sgeo_f32_row_adagrad_rowwise_sig(float *table, float *accumulator, const float *grad,
                                              const struct sgeo_touched *touched, float lr,
                                              float epsilon);

#endif
