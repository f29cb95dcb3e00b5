/* Grids of weighted sums for the average pools: kernels/scalar/pool_lanes.h with AVX-512. */
#ifndef SGEO_KERNELS_AVX512_POOL_LANES_H
#define SGEO_KERNELS_AVX512_POOL_LANES_H

#include "kernels/avx512/intrinsics.h"
#include "kernels/pool_grid.h"

/* dst (width) = sum over the rectangle at src of weight * pixel; weights (rows, cols) */
SGEO_INLINE void sgeo_rectangle_sum(float *dst, const float *src, const struct sgeo_pool_grid *grid,
                                    const float *weights, size_t rows, size_t cols, size_t width)
{
    __m512 sum = _mm512_setzero_ps();
    for (size_t y = 0; y < rows; y++)
        for (size_t x = 0; x < cols; x++) {
            __m512 pixel = sgeo_load(src + y * grid->row + x * grid->pitch, width);
            sum = _mm512_fmadd_ps(_mm512_set1_ps(weights[y * cols + x]), pixel, sum);
        }
    sgeo_store(dst, width, sum);
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
static inline void sgeo_grid_sums(float *dst, const float *src, const struct sgeo_pool_grid *grid,
                                  const float *weights, size_t width)
{
    size_t rows = grid->rows, cols = grid->cols;
    if (width < SGEO_FULL)
        sgeo_grid_sums_of(dst, src, grid, weights, rows, cols, width);
    else if (rows == 3 && cols == 3)
        sgeo_grid_sums_of(dst, src, grid, weights, 3, 3, SGEO_FULL);
    else if (rows == 3 && cols == 2)
        sgeo_grid_sums_of(dst, src, grid, weights, 3, 2, SGEO_FULL);
    else if (rows == 2 && cols == 3)
        sgeo_grid_sums_of(dst, src, grid, weights, 2, 3, SGEO_FULL);
    else
        sgeo_grid_sums_of(dst, src, grid, weights, rows, cols, SGEO_FULL);
}

#endif
