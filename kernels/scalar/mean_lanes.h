/*
 * Rectangles of weighted pixels for the scalar average pools. A pixel's `width` lanes are
 * consecutive; constant sizes make the loops straight vector code.
 */
#ifndef SGEO_KERNELS_SCALAR_MEAN_LANES_H
#define SGEO_KERNELS_SCALAR_MEAN_LANES_H

#include "kernels/elem.h"
#include "kernels/pool_grid.h"
#include "kernels/scalar/tier.h"

/* dst (width) = sum over the rectangle at src of weight * pixel; weights (rows, cols) */
SGEO_INLINE void sgeo_rectangle_sum(sgeo_elem *dst, const sgeo_elem *src,
                                    const struct sgeo_pool_grid *grid, const float *weights,
                                    size_t width)
{
    float sum[SGEO_LANES];
    for (size_t j = 0; j < width; j++)
        sum[j] = 0.0f;
    for (size_t y = 0; y < grid->rows; y++)
        for (size_t x = 0; x < grid->cols; x++)
            for (size_t j = 0; j < width; j++)
                sum[j] += weights[y * grid->cols + x] *
                          sgeo_elem_value(src[y * grid->row + x * grid->pitch + j]);
    for (size_t j = 0; j < width; j++)
        dst[j] = sgeo_elem_of(sum[j]);
}

#ifdef SGEO_BF16_MAPS
/* A column of a rectangle. */
struct sgeo_column {
    float lanes[SGEO_LANES];
};

/* sum (width) = sum over the column at src of weight * pixel; weights (rows, cols), alike in a row
 */
SGEO_INLINE void sgeo_column_sum(struct sgeo_column *sum, const sgeo_elem *src,
                                 const struct sgeo_pool_grid *grid, const float *weights,
                                 size_t width)
{
    for (size_t j = 0; j < width; j++)
        sum->lanes[j] = 0.0f;
    for (size_t y = 0; y < grid->rows; y++)
        for (size_t j = 0; j < width; j++)
            sum->lanes[j] += weights[y * grid->cols] * sgeo_elem_value(src[y * grid->row + j]);
}

/* dst (width) = a + b + c */
SGEO_INLINE void sgeo_columns_store(sgeo_elem *dst, const struct sgeo_column *a,
                                    const struct sgeo_column *b, const struct sgeo_column *c,
                                    size_t width)
{
    for (size_t j = 0; j < width; j++)
        dst[j] = sgeo_elem_of(a->lanes[j] + b->lanes[j] + c->lanes[j]);
}
#endif

#endif
