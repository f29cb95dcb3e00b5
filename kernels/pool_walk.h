/* The average pools, zone by zone, for any tier: the includer defines sgeo_grid_sums. */
#ifndef SGEO_KERNELS_POOL_WALK_H
#define SGEO_KERNELS_POOL_WALK_H

#include "kernels/pool_grid.h"

/* The weighted sums of one grid over `width` neighbouring channels; weights (rows, cols). */
static inline void sgeo_grid_sums(float *dst, const float *src, const struct sgeo_pool_grid *grid,
                                  const float *weights, size_t width);

#define SGEO_POOL_WEIGHTS (SGEO_POOL_MAX_KERNEL * SGEO_POOL_MAX_KERNEL)

/* One zone of all channels of one image: windows of equal size, and so of equal weights. */
SGEO_INLINE void sgeo_mean_zone(float *dst, const float *src, const struct sgeo_pool_window *window,
                                const struct sgeo_layout *in, const struct sgeo_layout *out,
                                struct sgeo_span rows, struct sgeo_span cols)
{
    struct sgeo_pool_grid grid = sgeo_forward_grid(window, in, out, rows, cols);
    float weights[SGEO_POOL_WEIGHTS];
    for (size_t i = 0; i < grid.rows * grid.cols; i++)
        weights[i] = 1.0f / (float)(int)(grid.rows * grid.cols);
    for (size_t g = 0; g < out->groups; g++)
        for (size_t lane = 0; lane < out->lanes; lane += SGEO_LANES)
            sgeo_grid_sums(dst + g * out->group + lane + grid.dst_offset,
                           src + g * in->group + lane + grid.src_offset, &grid, weights,
                           sgeo_min(SGEO_LANES, out->lanes - lane));
}

/* dst (N,C,OH,OW) = mean of the window's pixels in src (N,C,H,W) */
SGEO_INLINE void sgeo_mean_walk(float *dst, const float *src, const struct sgeo_pool_window *window,
                                const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    struct sgeo_range full_rows = sgeo_full_windows(window, in->height, out->height);
    struct sgeo_range full_cols = sgeo_full_windows(window, in->width, out->width);
    for (size_t n = 0; n < out->n; n++)
        for (size_t y = 0; y < sgeo_spans(full_rows, out->height, 1); y++)
            for (size_t x = 0; x < sgeo_spans(full_cols, out->width, 1); x++)
                sgeo_mean_zone(dst + n * out->image, src + n * in->image, window, in, out,
                               sgeo_span_at(full_rows, 1, y), sgeo_span_at(full_cols, 1, x));
}

/* One zone of all channels of one image: pixels that collect from windows of the same sizes. */
SGEO_INLINE void sgeo_gather_zone(float *dsrc, const float *ddst,
                                  const struct sgeo_pool_window *window,
                                  const struct sgeo_layout *in, const struct sgeo_layout *out,
                                  struct sgeo_span rows, struct sgeo_span cols)
{
    struct sgeo_pool_grid grid = sgeo_backward_grid(window, in, out, rows, cols);
    float weights[SGEO_POOL_WEIGHTS];
    sgeo_window_weights(weights, window, in, out, rows.first, cols.first);
    for (size_t g = 0; g < in->groups; g++)
        for (size_t lane = 0; lane < in->lanes; lane += SGEO_LANES)
            sgeo_grid_sums(dsrc + g * in->group + lane + grid.dst_offset,
                           ddst + g * out->group + lane + grid.src_offset, &grid, weights,
                           sgeo_min(SGEO_LANES, in->lanes - lane));
}

/* dsrc (N,C,H,W) = sum over the windows that hold the pixel of ddst (N,C,OH,OW) / window size */
SGEO_INLINE void sgeo_gather_walk(float *dsrc, const float *ddst,
                                  const struct sgeo_pool_window *window,
                                  const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    struct sgeo_range inner_rows = sgeo_inner_pixels(window, in->height, out->height);
    struct sgeo_range inner_cols = sgeo_inner_pixels(window, in->width, out->width);
    for (size_t n = 0; n < in->n; n++)
        for (size_t y = 0; y < sgeo_spans(inner_rows, in->height, window->stride); y++)
            for (size_t x = 0; x < sgeo_spans(inner_cols, in->width, window->stride); x++)
                sgeo_gather_zone(dsrc + n * in->image, ddst + n * out->image, window, in, out,
                                 sgeo_span_at(inner_rows, window->stride, y),
                                 sgeo_span_at(inner_cols, window->stride, x));
}

#endif
