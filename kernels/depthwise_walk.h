/* Depthwise forward and backward data, grid by grid, for any tier: the includer defines the rest.
 */
#ifndef SGEO_KERNELS_DEPTHWISE_WALK_H
#define SGEO_KERNELS_DEPTHWISE_WALK_H

#include "kernels/tap_grid.h"

/*
 * A tile: dst (pixels, width) = sum over the taps of weight * pixel, for a few pixels of a line.
 * The tiles of a width: enough pixels that their sums hide the latency of a multiply-add and leave
 * registers for the weights, two, one. Reached by pointer, so that each is a function of its own:
 * inlined into one another they spill.
 */
typedef void sgeo_tile_fn(float *dst, const float *src, const float *wei,
                          const struct sgeo_tap_grid *grid, size_t width);

struct sgeo_tiles {
    size_t pixels;
    sgeo_tile_fn *full, *pair, *single;
};

/* Tiles by the includer's sgeo_tile_sums; `lanes` is a constant, or `width` itself. */
#define SGEO_TILE(name, pixels, lanes)                                                             \
    static void sgeo_tile_##name##x##pixels(float *dst, const float *src, const float *wei,        \
                                            const struct sgeo_tap_grid *grid, size_t width)        \
    {                                                                                              \
        (void)width;                                                                               \
        sgeo_tile_sums(dst, src, wei, grid, pixels, lanes);                                        \
    }
#define SGEO_TILES(name, pixels, lanes)                                                            \
    SGEO_TILE(name, pixels, lanes)                                                                 \
    SGEO_TILE(name, 2, lanes)                                                                      \
    SGEO_TILE(name, 1, lanes)                                                                      \
    static const struct sgeo_tiles sgeo_tiles_##name = {                                           \
        pixels, sgeo_tile_##name##x##pixels, sgeo_tile_##name##x2, sgeo_tile_##name##x1};

/* Channels that the tier takes at once when `left` are left, and its tiles of so many. */
SGEO_INLINE size_t sgeo_tap_width(size_t left);
static inline const struct sgeo_tiles *sgeo_tiles_of(size_t width);

SGEO_INLINE void sgeo_line_sums(float *dst, const float *src, const float *wei,
                                const struct sgeo_tap_grid *grid, size_t width)
{
    const struct sgeo_tiles *tiles = sgeo_tiles_of(width);
    size_t at = 0, dst_step = grid->dst_pixel, src_step = grid->src_pixel;
    for (; at + tiles->pixels <= grid->count; at += tiles->pixels)
        tiles->full(dst + at * dst_step, src + at * src_step, wei, grid, width);
    for (; at + 2 <= grid->count; at += 2)
        tiles->pair(dst + at * dst_step, src + at * src_step, wei, grid, width);
    if (at < grid->count)
        tiles->single(dst + at * dst_step, src + at * src_step, wei, grid, width);
}

/* One grid of `chunk` channels. */
SGEO_INLINE void sgeo_depthwise_grid(float *dst, const float *src, const float *wei,
                                     const struct sgeo_tap_grid *grid, size_t chunk)
{
    for (size_t line = 0; line < grid->lines; line++)
        for (size_t lane = 0, width; lane < chunk; lane += width) {
            width = sgeo_tap_width(chunk - lane);
            sgeo_line_sums(dst + line * grid->dst_line + lane, src + line * grid->src_line + lane,
                           wei + lane, grid, width);
        }
}

/* One chunk of channels of one image. */
SGEO_INLINE void sgeo_depthwise_chunk(float *dst, const float *src, const float *wei,
                                      const struct sgeo_tap_plan *plan,
                                      const struct sgeo_layout *to, const struct sgeo_layout *from,
                                      size_t kernel, size_t chunk)
{
    for (size_t y = 0; y < plan->y.n_spans; y++)
        for (size_t x = 0; x < plan->x.n_spans; x++) {
            struct sgeo_tap_grid grid =
                sgeo_tap_grid_of(plan, &plan->y.spans[y], &plan->x.spans[x], to, from, kernel);
            sgeo_depthwise_grid(dst + grid.dst, src + grid.src, wei + grid.wei, &grid, chunk);
        }
}

/* All channels of one group of one image. */
SGEO_INLINE void sgeo_depthwise_group(float *dst, const float *src, const float *wei,
                                      const struct sgeo_tap_plan *plan,
                                      const struct sgeo_layout *to, const struct sgeo_layout *from,
                                      size_t kernel)
{
    for (size_t lane = 0; lane < to->lanes; lane += SGEO_TAP_CHUNK)
        sgeo_depthwise_chunk(dst + lane, src + lane, wei + lane, plan, to, from, kernel,
                             sgeo_min(SGEO_TAP_CHUNK, to->lanes - lane));
}

/* dst (layout to) = for each pixel, the sum of its taps: pixels of src (layout from) * weight */
SGEO_INLINE void sgeo_depthwise_walk(float *dst, const float *src, const float *wei,
                                     const struct sgeo_tap_plan *plan, const struct sgeo_layout *to,
                                     const struct sgeo_layout *from, size_t kernel)
{
    for (size_t n = 0; n < to->n; n++)
        for (size_t g = 0; g < to->groups; g++)
            sgeo_depthwise_group(dst + n * to->image + g * to->group,
                                 src + n * from->image + g * from->group,
                                 wei + g * kernel * kernel * to->lanes, plan, to, from, kernel);
}

SGEO_INLINE void sgeo_depthwise_forward(float *dst, const float *src, const float *wei,
                                        const struct sgeo_depthwise_window *window,
                                        const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    struct sgeo_tap_plan plan;
    sgeo_forward_axis(&plan.y, window, out->height, in->height);
    sgeo_forward_axis(&plan.x, window, out->width, in->width);
    sgeo_depthwise_walk(dst, src, wei, &plan, out, in, window->kernel);
}

SGEO_INLINE void sgeo_depthwise_backward(float *dsrc, const float *ddst, const float *wei,
                                         const struct sgeo_depthwise_window *window,
                                         const struct sgeo_layout *in,
                                         const struct sgeo_layout *out)
{
    struct sgeo_tap_plan plan;
    sgeo_backward_axis(&plan.y, window, in->height, out->height);
    sgeo_backward_axis(&plan.x, window, in->width, out->width);
    sgeo_depthwise_walk(dsrc, ddst, wei, &plan, in, out, window->kernel);
}

#endif
