/* The average pools, zone by zone, for any tier: the includer defines sgeo_rectangle_sum. */
#ifndef SGEO_KERNELS_POOL_WALK_H
#define SGEO_KERNELS_POOL_WALK_H

#include "kernels/pool_grid.h"

/* dst (width) = sum over the rectangle at src of weight * pixel; weights (rows, cols) */
static inline void sgeo_rectangle_sum(float *dst, const float *src,
                                      const struct sgeo_pool_grid *grid, const float *weights,
                                      size_t rows, size_t cols, size_t width);

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

/* The weighted sums of one grid over `width` neighbouring channels; weights (rows, cols). */
SGEO_INLINE void sgeo_grid_sums(float *dst, const float *src, const struct sgeo_pool_grid *grid,
                                const float *weights, size_t width)
{
    if (width == SGEO_LANES)
        sgeo_grid_sums_wide(dst, src, grid, weights, SGEO_LANES);
    else if (width == SGEO_LANES / 2)
        sgeo_grid_sums_wide(dst, src, grid, weights, SGEO_LANES / 2);
    else
        sgeo_grid_sums_of(dst, src, grid, weights, grid->rows, grid->cols, width);
}

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
