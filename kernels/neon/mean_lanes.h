/* Rectangles of weighted pixels for the average pools, with NEON. */
#ifndef SGEO_KERNELS_NEON_MEAN_LANES_H
#define SGEO_KERNELS_NEON_MEAN_LANES_H

#include "kernels/neon/intrinsics.h"
#include "kernels/pool_grid.h"

/* dst (width) = sum over the rectangle at src of weight * pixel; weights (rows, cols) */
SGEO_INLINE void sgeo_rectangle_sum(float *dst, const float *src, const struct sgeo_pool_grid *grid,
                                    const float *weights, size_t width)
{
    struct sgeo_tile sum = sgeo_zero();
    for (size_t y = 0; y < grid->rows; y++)
        for (size_t x = 0; x < grid->cols; x++) {
            struct sgeo_tile pixel = sgeo_load(src + y * grid->row + x * grid->pitch, width);
            for (size_t q = 0; q < SGEO_QUADS; q++)
                sum.quad[q] = vfmaq_n_f32(sum.quad[q], pixel.quad[q], weights[y * grid->cols + x]);
        }
    sgeo_store(dst, width, sum);
}

#endif
