/* Grids of weighted sums for the scalar depthwise kernels: forward and backward data. */
#ifndef SGEO_KERNELS_SCALAR_DEPTHWISE_SUMS_H
#define SGEO_KERNELS_SCALAR_DEPTHWISE_SUMS_H

#include "kernels/depthwise_walk.h"
#include "kernels/scalar/depthwise_lanes.h"

#define SGEO_TILE_PIXELS 6

/* dst (pixels, width) = sum over the taps of weight * pixel, for a few pixels of a line */
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

/*
 * The tiles of a width: enough pixels that their sums hide the latency of a multiply-add and leave
 * registers for the weights, two, one. Reached by pointer, so that each is a function of its own:
 * inlined into one another they spill.
 */
typedef void sgeo_tile_fn(float *dst, const float *src, const float *wei,
                          const struct sgeo_tap_grid *grid);

struct sgeo_tiles {
    size_t pixels;
    sgeo_tile_fn *full, *pair, *single;
};

#define SGEO_TILE(width, pixels)                                                                   \
    static void sgeo_tile_##width##x##pixels(float *dst, const float *src, const float *wei,       \
                                             const struct sgeo_tap_grid *grid)                     \
    {                                                                                              \
        sgeo_tile_sums(dst, src, wei, grid, pixels, width);                                        \
    }
#define SGEO_TILES_OF(width, pixels)                                                               \
    SGEO_TILE(width, pixels)                                                                       \
    SGEO_TILE(width, 2)                                                                            \
    SGEO_TILE(width, 1)                                                                            \
    static const struct sgeo_tiles sgeo_tiles_##width = {                                          \
        pixels, sgeo_tile_##width##x##pixels, sgeo_tile_##width##x2, sgeo_tile_##width##x1};

SGEO_TILES_OF(16, 4)
SGEO_TILES_OF(8, 6)
SGEO_TILES_OF(4, 4)
SGEO_TILES_OF(1, 6)

static inline const struct sgeo_tiles *sgeo_tiles_of(size_t width)
{
    const struct sgeo_tiles *narrow = width == 4 ? &sgeo_tiles_4 : &sgeo_tiles_1;
    return width == 16 ? &sgeo_tiles_16 : width == 8 ? &sgeo_tiles_8 : narrow;
}

static inline void sgeo_line_sums(float *dst, const float *src, const float *wei,
                                  const struct sgeo_tap_grid *grid, size_t width)
{
    const struct sgeo_tiles *tiles = sgeo_tiles_of(width);
    size_t at = 0, dst_step = grid->dst_pixel, src_step = grid->src_pixel;
    for (; at + tiles->pixels <= grid->count; at += tiles->pixels)
        tiles->full(dst + at * dst_step, src + at * src_step, wei, grid);
    for (; at + 2 <= grid->count; at += 2)
        tiles->pair(dst + at * dst_step, src + at * src_step, wei, grid);
    if (at < grid->count)
        tiles->single(dst + at * dst_step, src + at * src_step, wei, grid);
}

#endif
