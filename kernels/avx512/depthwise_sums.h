/* Tiles of weighted sums for the AVX-512 depthwise kernels: forward and backward data. */
#ifndef SGEO_KERNELS_AVX512_DEPTHWISE_SUMS_H
#define SGEO_KERNELS_AVX512_DEPTHWISE_SUMS_H

#include "kernels/avx512/depthwise_lanes.h"
#include "kernels/depthwise_walk.h"

#define SGEO_TILE_PIXELS 6

SGEO_INLINE void sgeo_tile_sums(float *dst, const float *src, const float *wei,
                                const struct sgeo_tap_grid *grid, size_t pixels, size_t width)
{
    __m512 sum[SGEO_TILE_PIXELS];
    for (size_t p = 0; p < pixels; p++)
        sum[p] = _mm512_setzero_ps();
    for (size_t row = 0; row < grid->rows; row++)
        for (size_t col = 0; col < grid->cols; col++) {
            const float *w = wei + (ptrdiff_t)row * grid->wei_row + (ptrdiff_t)col * grid->wei_col;
            const float *x = src + row * grid->tap_row + col * grid->tap_col;
            __m512 weight = sgeo_load_pixel(w, width);
            for (size_t p = 0; p < pixels; p++)
                sum[p] = _mm512_fmadd_ps(weight, sgeo_load_pixel(x + p * grid->src_pixel, width),
                                         sum[p]);
        }
    for (size_t p = 0; p < pixels; p++)
        sgeo_store_pixel(dst + p * grid->dst_pixel, width, sum[p]);
}

SGEO_TILES(full, 6, SGEO_FULL)
SGEO_TILES(half, 6, SGEO_HALF)
SGEO_TILES(part, 6, width)

static inline const struct sgeo_tiles *sgeo_tiles_of(size_t width)
{
    return width == SGEO_FULL   ? &sgeo_tiles_full
           : width == SGEO_HALF ? &sgeo_tiles_half
                                : &sgeo_tiles_part;
}

#endif
