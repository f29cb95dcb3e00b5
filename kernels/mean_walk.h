/* The average pools, for any tier: the includer defines sgeo_rectangle_sum. */
#ifndef SGEO_KERNELS_MEAN_WALK_H
#define SGEO_KERNELS_MEAN_WALK_H

#include "kernels/elem.h"
#include "kernels/pool_walk.h"

/* Windows of equal sizes, and so of equal weights, row by row. */
struct sgeo_pool_taps {
    sgeo_elem *dst;
    const sgeo_elem *src;
    float weights[SGEO_POOL_MAX_TAPS];
};

/* dst (width) = sum over the rectangle at src of weight * pixel; weights (rows, cols) */
static inline void sgeo_rectangle_sum(sgeo_elem *dst, const sgeo_elem *src,
                                      const struct sgeo_pool_grid *grid, const float *weights,
                                      size_t width);

SGEO_INLINE void sgeo_pool_pixel(const struct sgeo_pool_taps *taps, size_t dst, size_t src,
                                 const struct sgeo_pool_grid *grid, size_t width)
{
    sgeo_rectangle_sum(taps->dst + dst, taps->src + src, grid, taps->weights, width);
}

/* dst (N,C,OH,OW) = mean of the window's pixels in src (N,C,H,W) */
SGEO_INLINE void sgeo_mean_walk(sgeo_elem *dst, const sgeo_elem *src,
                                const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                                const struct sgeo_layout *out)
{
    struct sgeo_pool_taps taps;
    taps.dst = dst;
    taps.src = src;
    struct sgeo_zones zones = sgeo_forward_zones(window, in, out);
    for (size_t n = 0; n < out->n; n++)
        for (size_t i = 0; i < zones.y_count * zones.x_count; i++) {
            struct sgeo_pool_grid grid = sgeo_forward_grid(
                window, in, out, sgeo_zone_rows(&zones, i), sgeo_zone_cols(&zones, i));
            for (size_t tap = 0; tap < grid.rows * grid.cols; tap++)
                taps.weights[tap] = 1.0f / (float)(int)(grid.rows * grid.cols);
            sgeo_grid_walk(&taps, &grid, out, in, n);
        }
}

/* dsrc (N,C,H,W) = sum over the windows that hold the pixel of ddst (N,C,OH,OW) / window size */
SGEO_INLINE void sgeo_gather_walk(sgeo_elem *dsrc, const sgeo_elem *ddst,
                                  const struct sgeo_pool_window *window,
                                  const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    struct sgeo_pool_taps taps;
    taps.dst = dsrc;
    taps.src = ddst;
    struct sgeo_zones zones = sgeo_backward_zones(window, in, out);
    for (size_t n = 0; n < in->n; n++)
        for (size_t i = 0; i < zones.y_count * zones.x_count; i++) {
            struct sgeo_span rows = sgeo_zone_rows(&zones, i), cols = sgeo_zone_cols(&zones, i);
            struct sgeo_pool_grid grid = sgeo_backward_grid(window, in, out, rows, cols);
            sgeo_window_weights(taps.weights, window, in, out, rows.first, cols.first);
            sgeo_grid_walk(&taps, &grid, in, out, n);
        }
}

#endif
