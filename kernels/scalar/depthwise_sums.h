/* Tiles of weighted sums for the scalar depthwise kernels: forward and backward data. */
#ifndef SGEO_KERNELS_SCALAR_DEPTHWISE_SUMS_H
#define SGEO_KERNELS_SCALAR_DEPTHWISE_SUMS_H

#include "kernels/depthwise_walk.h"
#include "kernels/scalar/depthwise_lanes.h"

#define SGEO_TILE_PIXELS 6

SGEO_INLINE void sgeo_tile_sums(float *dst, const float *src, const float *wei,
                                const struct sgeo_tap_grid *grid, size_t pixels, size_t width)
{
    float sum[SGEO_TILE_PIXELS][SGEO_LANES];
    for (size_t p = 0; p < pixels; p++)
        for (size_t j = 0; j < width; j++)
            sum[p][j] = 0.0f;
    for (size_t row = 0; row < grid->rows; row++)
        for (size_t col = 0; col < grid->cols; col++) {
            const float *w = wei + (ptrdiff_t)row * grid->wei_row + (ptrdiff_t)col * grid->wei_col;
            const float *x = src + row * grid->tap_row + col * grid->tap_col;
            for (size_t p = 0; p < pixels; p++)
                for (size_t j = 0; j < width; j++)
                    sum[p][j] = sgeo_multiply_add_f32(w[j], x[p * grid->src_pixel + j], sum[p][j]);
        }
    for (size_t p = 0; p < pixels; p++)
        for (size_t j = 0; j < width; j++)
            dst[p * grid->dst_pixel + j] = sum[p][j];
}

SGEO_TILES(16, 4, 16)
SGEO_TILES(8, 6, 8)
SGEO_TILES(4, 4, 4)
SGEO_TILES(1, 6, 1)

static inline const struct sgeo_tiles *sgeo_tiles_of(size_t width)
{
    const struct sgeo_tiles *narrow = width == 4 ? &sgeo_tiles_4 : &sgeo_tiles_1;
    return width == 16 ? &sgeo_tiles_16 : width == 8 ? &sgeo_tiles_8 : narrow;
}

#endif
