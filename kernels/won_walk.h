/* The max pool backward, for any tier: the includer defines sgeo_rectangle_won. */
#ifndef SGEO_KERNELS_WON_WALK_H
#define SGEO_KERNELS_WON_WALK_H

#include "kernels/elem.h"
#include "kernels/pool_walk.h"

/* Pixels that have equal positions in the windows that hold them, row by row of windows. */
struct sgeo_pool_taps {
    sgeo_elem *dsrc;
    const sgeo_elem *ddst;
    const uint8_t *where;
    int32_t positions[SGEO_POOL_MAX_TAPS];
};

/* dsrc (width) = sum of ddst over the windows of the rectangle whose winner has its position;
 * positions (rows, cols) */
static inline void sgeo_rectangle_won(sgeo_elem *dsrc, const sgeo_elem *ddst, const uint8_t *where,
                                      const struct sgeo_pool_grid *grid, const int32_t *positions,
                                      size_t width);

SGEO_INLINE void sgeo_pool_row(const struct sgeo_pool_taps *taps, size_t dst, size_t src,
                               const struct sgeo_pool_grid *grid, size_t width)
{
    for (size_t x = 0; x < grid->x_count; x++) {
        size_t at = src + x * grid->src_x;
        sgeo_rectangle_won(taps->dsrc + dst + x * grid->dst_x, taps->ddst + at, taps->where + at,
                           grid, taps->positions, width);
    }
}

/* positions (rows, cols) of input pixel (y, x) in the windows that hold it */
SGEO_INLINE void sgeo_pixel_positions(int32_t *positions, const struct sgeo_pool_window *window,
                                      const struct sgeo_layout *out, size_t y, size_t x)
{
    struct sgeo_range rows = sgeo_pixel_windows(window, y, out->height);
    struct sgeo_range cols = sgeo_pixel_windows(window, x, out->width);
    for (size_t row = rows.begin; row < rows.end; row++)
        for (size_t col = cols.begin; col < cols.end; col++) {
            size_t down = y + window->pad - row * window->stride;
            size_t right = x + window->pad - col * window->stride;
            *positions++ = (int32_t)(down * window->kernel + right);
        }
}

/* dsrc (N,C,H,W) = sum over the windows that the pixel won of ddst (N,C,OH,OW) */
SGEO_INLINE void sgeo_won_walk(sgeo_elem *dsrc, const sgeo_elem *ddst, const uint8_t *where,
                               const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                               const struct sgeo_layout *out)
{
    struct sgeo_pool_taps taps;
    taps.dsrc = dsrc;
    taps.ddst = ddst;
    taps.where = where;
    struct sgeo_zones zones = sgeo_backward_zones(window, in, out);
    for (size_t n = 0; n < in->n; n++)
        for (size_t i = 0; i < zones.y_count * zones.x_count; i++) {
            struct sgeo_span rows = sgeo_zone_rows(&zones, i), cols = sgeo_zone_cols(&zones, i);
            struct sgeo_pool_grid grid = sgeo_backward_grid(window, in, out, rows, cols);
            sgeo_pixel_positions(taps.positions, window, out, rows.first, cols.first);
            sgeo_grid_walk(&taps, &grid, in, out, n);
        }
}

#endif
