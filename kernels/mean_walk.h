/*
 * The average pools, for any tier: the includer defines sgeo_rectangle_sum; for bf16, each of which
 * has to be widened, also sgeo_column_sum and sgeo_columns_store (a tier's mean_lanes.h).
 */
#ifndef SGEO_KERNELS_MEAN_WALK_H
#define SGEO_KERNELS_MEAN_WALK_H

#include "kernels/elem.h"
#include "kernels/pool_walk.h"

/* Windows of equal sizes, and so of equal weights, row by row. */
struct sgeo_pool_taps {
    sgeo_elem *dst;
    const sgeo_elem *src;
    float weights[SGEO_POOL_MAX_TAPS];
    bool slides; /* a row's rectangles share their columns */
};

/* dst (width) = sum over the rectangle at src of weight * pixel; weights (rows, cols) */
static inline void sgeo_rectangle_sum(sgeo_elem *dst, const sgeo_elem *src,
                                      const struct sgeo_pool_grid *grid, const float *weights,
                                      size_t width);

#ifdef SGEO_BF16_MAPS
/* Rectangles of three columns, one pixel apart, whose weights are alike in each of their rows. */
SGEO_INLINE bool sgeo_grid_slides(const struct sgeo_pool_grid *grid, const float *weights)
{
    bool slides = grid->cols == 3 && grid->x_count > 1 && grid->src_x == grid->pitch;
    for (size_t tap = 0; slides && tap < grid->rows * grid->cols; tap++)
        slides = weights[tap] == weights[tap - tap % grid->cols];
    return slides;
}

/* Every column of a row is summed up once. */
SGEO_INLINE void sgeo_mean_slide(sgeo_elem *dst, const sgeo_elem *src,
                                 const struct sgeo_pool_grid *grid, const float *weights,
                                 size_t width)
{
    struct sgeo_column left, middle, right;
    sgeo_column_sum(&left, src, grid, weights, width);
    sgeo_column_sum(&middle, src + grid->pitch, grid, weights, width);
    for (size_t x = 0; x < grid->x_count; x++) {
        sgeo_column_sum(&right, src + (x + 2) * grid->pitch, grid, weights, width);
        sgeo_columns_store(dst + x * grid->dst_x, &left, &middle, &right, width);
        left = middle;
        middle = right;
    }
}
#else
/* Floats are loaded again for nothing. */
SGEO_INLINE bool sgeo_grid_slides(const struct sgeo_pool_grid *grid, const float *weights)
{
    (void)grid;
    (void)weights;
    return false;
}
#endif

SGEO_INLINE void sgeo_pool_row(const struct sgeo_pool_taps *taps, size_t dst, size_t src,
                               const struct sgeo_pool_grid *grid, size_t width)
{
#ifdef SGEO_BF16_MAPS
    if (taps->slides) {
        sgeo_mean_slide(taps->dst + dst, taps->src + src, grid, taps->weights, width);
        return;
    }
#endif
    for (size_t x = 0; x < grid->x_count; x++)
        sgeo_rectangle_sum(taps->dst + dst + x * grid->dst_x, taps->src + src + x * grid->src_x,
                           grid, taps->weights, width);
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
            taps.slides = sgeo_grid_slides(&grid, taps.weights);
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
            taps.slides = sgeo_grid_slides(&grid, taps.weights);
            sgeo_grid_walk(&taps, &grid, in, out, n);
        }
}

#endif
