/*
 * Attention in one head of one sample, SGEO_LANES rows at once, a lane each: whether they are
 * queries that look at all keys or keys that are looked at by all queries, the other side comes row
 * by row and no sum crosses the lanes. Nothing grows with the number of rows.
 */
#ifndef SGEO_KERNELS_SCALAR_ATTENTION_LANES_H
#define SGEO_KERNELS_SCALAR_ATTENTION_LANES_H

#include "kernels/scalar/exp.h"
#include "kernels/scalar/tier.h"
#include "kernels/strip.h"

/* A column of a head for each of its dimensions. */
struct sgeo_columns {
    float lanes[SGEO_ATTENTION_MAX_HEAD_DIM][SGEO_LANES];
};

/* Elements from one row of a head to the next, and from one head to the next. */
SGEO_INLINE size_t sgeo_attention_stride(const struct sgeo_attention *shape)
{
    return shape->heads * shape->head_dim;
}

SGEO_INLINE size_t sgeo_attention_offset(const struct sgeo_attention *shape, size_t b, size_t h)
{
    return (b * shape->rows * shape->heads + h) * shape->head_dim;
}

/* The numbers of one head's rows in `stats`: largest logits, then reciprocal sums. */
SGEO_INLINE size_t sgeo_attention_stats_offset(const struct sgeo_attention *shape, size_t b,
                                               size_t h)
{
    return (b * shape->heads + h) * 2 * shape->rows;
}

/* 1 / sqrt(head_dim) */
SGEO_INLINE float sgeo_attention_scale(const struct sgeo_attention *shape)
{
    return 1.0f / sqrtf((float)(int)shape->head_dim);
}

/* factor * rows first.. of src, `stride` apart; the last row again in lanes without one. */
SGEO_INLINE void sgeo_columns_load(struct sgeo_columns *columns, const float *src, size_t first,
                                   size_t rows, size_t stride, size_t dim, float factor)
{
    for (size_t j = 0; j < SGEO_LANES; j++) {
        const float *row = src + sgeo_min(first + j, rows - 1) * stride;
        for (size_t d = 0; d < dim; d++)
            columns->lanes[d][j] = factor * row[d];
    }
}

/* factor * columns, for the lanes that have a row */
SGEO_INLINE void sgeo_columns_store(float *dst, const struct sgeo_columns *columns, size_t first,
                                    size_t rows, size_t stride, size_t dim, const float *factor)
{
    for (size_t j = 0; j < sgeo_min(SGEO_LANES, rows - first); j++)
        for (size_t d = 0; d < dim; d++)
            dst[(first + j) * stride + d] = factor[j] * columns->lanes[d][j];
}

SGEO_INLINE void sgeo_columns_clear(struct sgeo_columns *columns, size_t dim)
{
    for (size_t d = 0; d < dim; d++)
        for (size_t j = 0; j < SGEO_LANES; j++)
            columns->lanes[d][j] = 0.0f;
}

/* dot = columns . row in each lane */
SGEO_INLINE void sgeo_columns_dot(float *dot, const struct sgeo_columns *columns, const float *row,
                                  size_t dim)
{
    for (size_t j = 0; j < SGEO_LANES; j++)
        dot[j] = columns->lanes[0][j] * row[0];
    for (size_t d = 1; d < dim; d++)
        for (size_t j = 0; j < SGEO_LANES; j++)
            dot[j] = sgeo_multiply_add_f32(columns->lanes[d][j], row[d], dot[j]);
}

/* columns += weight * row in each lane */
SGEO_INLINE void sgeo_columns_add(struct sgeo_columns *columns, const float *weight,
                                  const float *row, size_t dim)
{
    for (size_t d = 0; d < dim; d++)
        for (size_t j = 0; j < SGEO_LANES; j++)
            columns->lanes[d][j] = sgeo_multiply_add_f32(weight[j], row[d], columns->lanes[d][j]);
}

#endif
