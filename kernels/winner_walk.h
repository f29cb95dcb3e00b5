/* The max pool, for any tier: the includer defines sgeo_rectangle_winner. */
#ifndef SGEO_KERNELS_WINNER_WALK_H
#define SGEO_KERNELS_WINNER_WALK_H

#include "kernels/elem.h"
#include "kernels/pool_walk.h"

/* Rectangles whose pixels have equal positions in their windows, row by row. */
struct sgeo_pool_taps {
    sgeo_elem *dst;
    uint8_t *where;
    const sgeo_elem *src;
    int32_t positions[SGEO_POOL_MAX_TAPS];
};

/* dst, where (width) = first maximum of the rectangle at src and its position; positions (rows,
 * cols) */
static inline void sgeo_rectangle_winner(sgeo_elem *dst, uint8_t *where, const sgeo_elem *src,
                                         const struct sgeo_pool_grid *grid,
                                         const int32_t *positions, size_t width);

SGEO_INLINE void sgeo_pool_row(const struct sgeo_pool_taps *taps, size_t dst, size_t src,
                               const struct sgeo_pool_grid *grid, size_t width)
{
    for (size_t x = 0; x < grid->x_count; x++) {
        size_t at = dst + x * grid->dst_x;
        sgeo_rectangle_winner(taps->dst + at, taps->where + at, taps->src + src + x * grid->src_x,
                              grid, taps->positions, width);
    }
}

/* Rows or columns of the window of output pixel `out` that lie in the padding before the image. */
SGEO_INLINE size_t sgeo_padding_before(const struct sgeo_pool_window *window, size_t out)
{
    size_t padded = out * window->stride;
    return padded < window->pad ? window->pad - padded : 0;
}

/* positions (rows, cols) of the pixels of a rectangle in the window of output pixel (y, x) */
SGEO_INLINE void sgeo_window_positions(int32_t *positions, const struct sgeo_pool_window *window,
                                       const struct sgeo_pool_grid *grid, size_t y, size_t x)
{
    size_t top = sgeo_padding_before(window, y), left = sgeo_padding_before(window, x);
    for (size_t row = 0; row < grid->rows; row++)
        for (size_t col = 0; col < grid->cols; col++)
            *positions++ = (int32_t)((top + row) * window->kernel + left + col);
}

/* dst (N,C,OH,OW) = maximum of the window in src (N,C,H,W); where = its first position */
SGEO_INLINE void sgeo_winner_walk(sgeo_elem *dst, uint8_t *where, const sgeo_elem *src,
                                  const struct sgeo_pool_window *window,
                                  const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    struct sgeo_pool_taps taps;
    taps.dst = dst;
    taps.where = where;
    taps.src = src;
    struct sgeo_zones zones = sgeo_forward_zones(window, in, out);
    for (size_t n = 0; n < out->n; n++)
        for (size_t i = 0; i < zones.y_count * zones.x_count; i++) {
            struct sgeo_span rows = sgeo_zone_rows(&zones, i), cols = sgeo_zone_cols(&zones, i);
            struct sgeo_pool_grid grid = sgeo_forward_grid(window, in, out, rows, cols);
            sgeo_window_positions(taps.positions, window, &grid, rows.first, cols.first);
            sgeo_grid_walk(&taps, &grid, out, in, n);
        }
}

#endif
