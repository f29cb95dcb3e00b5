/*
 * What the scalar average pools share: a grid of weighted sums over equal rectangles of pixels. A
 * pixel's `width` lanes are consecutive; constant sizes make the loops straight vector code.
 */
#ifndef SGEO_KERNELS_SCALAR_POOL_LANES_H
#define SGEO_KERNELS_SCALAR_POOL_LANES_H

#include "kernels/pool_grid.h"
#include "kernels/scalar/tier.h"

/* dst (width) = sum over the rectangle at src of weight * pixel; weights (rows, cols) */
SGEO_INLINE void sgeo_rectangle_sum(float *dst, const float *src, const struct sgeo_pool_grid *grid,
                                    const float *weights, size_t rows, size_t cols, size_t width)
{
    float sum[SGEO_LANES];
    for (size_t j = 0; j < width; j++)
        sum[j] = 0.0f;
    for (size_t y = 0; y < rows; y++)
        for (size_t x = 0; x < cols; x++)
            for (size_t j = 0; j < width; j++)
                sum[j] += weights[y * cols + x] * src[y * grid->row + x * grid->pitch + j];
    for (size_t j = 0; j < width; j++)
        dst[j] = sum[j];
}

SGEO_INLINE void sgeo_grid_sums_of(float *dst, const float *src, const struct sgeo_pool_grid *grid,
                                   const float *weights, size_t rows, size_t cols, size_t width)
{
    for (size_t y = 0; y < grid->y_count; y++)
        for (size_t x = 0; x < grid->x_count; x++)
            sgeo_rectangle_sum(dst + y * grid->dst_y + x * grid->dst_x,
                               src + y * grid->src_y + x * grid->src_x, grid, weights, rows, cols,
                               width);
}

/* The rectangles of a 3 x 3 pool, inside and at the borders, are unrolled. */
SGEO_INLINE void sgeo_grid_sums_wide(float *dst, const float *src,
                                     const struct sgeo_pool_grid *grid, const float *weights,
                                     size_t width)
{
    size_t rows = grid->rows, cols = grid->cols;
    if (rows == 3 && cols == 3)
        sgeo_grid_sums_of(dst, src, grid, weights, 3, 3, width);
    else if (rows == 3 && cols == 2)
        sgeo_grid_sums_of(dst, src, grid, weights, 3, 2, width);
    else if (rows == 2 && cols == 3)
        sgeo_grid_sums_of(dst, src, grid, weights, 2, 3, width);
    else
        sgeo_grid_sums_of(dst, src, grid, weights, rows, cols, width);
}

static inline void sgeo_grid_sums(float *dst, const float *src, const struct sgeo_pool_grid *grid,
                                  const float *weights, size_t width)
{
    if (width == 16)
        sgeo_grid_sums_wide(dst, src, grid, weights, 16);
    else if (width == 8)
        sgeo_grid_sums_wide(dst, src, grid, weights, 8);
    else
        sgeo_grid_sums_of(dst, src, grid, weights, grid->rows, grid->cols, width);
}

#endif
