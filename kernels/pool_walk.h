/*
 * How pools go through a batch, for any tier: image by image and zone by zone, and in a zone row by
 * row. The includer defines what the pixels of a row are given and what becomes of them.
 */
#ifndef SGEO_KERNELS_POOL_WALK_H
#define SGEO_KERNELS_POOL_WALK_H

#include "kernels/pool_grid.h"

#define SGEO_POOL_MAX_TAPS (SGEO_POOL_MAX_KERNEL * SGEO_POOL_MAX_KERNEL)

/* What the pixels of a zone have in common: where they are, and what their taps are worth. */
struct sgeo_pool_taps;

/* The `width` channels of the pixels of a row from element `dst` of one side on, the first of whose
 * rectangles is at `src` of the other. */
static inline void sgeo_pool_row(const struct sgeo_pool_taps *taps, size_t dst, size_t src,
                                 const struct sgeo_pool_grid *grid, size_t width);

SGEO_INLINE void sgeo_grid_pixels(const struct sgeo_pool_taps *taps, size_t dst, size_t src,
                                  const struct sgeo_pool_grid *grid, size_t width)
{
    for (size_t y = 0; y < grid->y_count; y++)
        sgeo_pool_row(taps, dst + y * grid->dst_y, src + y * grid->src_y, grid, width);
}

/* The same with a rectangle of constant size, whose loops are unrolled. */
SGEO_INLINE void sgeo_grid_pixels_of(const struct sgeo_pool_taps *taps, size_t dst, size_t src,
                                     const struct sgeo_pool_grid *grid, size_t rows, size_t cols,
                                     size_t width)
{
    struct sgeo_pool_grid fixed = *grid;
    fixed.rows = rows;
    fixed.cols = cols;
    sgeo_grid_pixels(taps, dst, src, &fixed, width);
}

/* The rectangles of a 3 x 3 pool, inside and at the borders, are of constant size. */
SGEO_INLINE void sgeo_grid_pixels_wide(const struct sgeo_pool_taps *taps, size_t dst, size_t src,
                                       const struct sgeo_pool_grid *grid, size_t width)
{
    if (grid->rows == 3 && grid->cols == 3)
        sgeo_grid_pixels_of(taps, dst, src, grid, 3, 3, width);
    else if (grid->rows == 3 && grid->cols == 2)
        sgeo_grid_pixels_of(taps, dst, src, grid, 3, 2, width);
    else if (grid->rows == 2 && grid->cols == 3)
        sgeo_grid_pixels_of(taps, dst, src, grid, 2, 3, width);
    else
        sgeo_grid_pixels(taps, dst, src, grid, width);
}

/* The pixels of one grid, all channels of image n, up to SGEO_LANES of them together. */
SGEO_INLINE void sgeo_grid_walk(const struct sgeo_pool_taps *taps,
                                const struct sgeo_pool_grid *grid, const struct sgeo_layout *dst,
                                const struct sgeo_layout *src, size_t n)
{
    for (size_t g = 0; g < dst->groups; g++)
        for (size_t lane = 0; lane < dst->lanes; lane += SGEO_LANES) {
            size_t to = n * dst->image + g * dst->group + lane + grid->dst_offset;
            size_t from = n * src->image + g * src->group + lane + grid->src_offset;
            size_t width = sgeo_min(SGEO_LANES, dst->lanes - lane);
            if (width == SGEO_LANES)
                sgeo_grid_pixels_wide(taps, to, from, grid, SGEO_LANES);
            else if (width == SGEO_LANES / 2)
                sgeo_grid_pixels_wide(taps, to, from, grid, SGEO_LANES / 2);
            else
                sgeo_grid_pixels(taps, to, from, grid, width);
        }
}

/* The zones of a pass over one image: the pixels before `inner`, those inside by their place in the
 * period, those behind, along either axis. */
struct sgeo_zones {
    struct sgeo_range inner_y, inner_x;
    size_t period, y_count, x_count;
};

/* Zones of output pixels. */
SGEO_INLINE struct sgeo_zones sgeo_forward_zones(const struct sgeo_pool_window *window,
                                                 const struct sgeo_layout *in,
                                                 const struct sgeo_layout *out)
{
    struct sgeo_zones zones = {.inner_y = sgeo_full_windows(window, in->height, out->height),
                               .inner_x = sgeo_full_windows(window, in->width, out->width),
                               .period = 1};
    zones.y_count = sgeo_spans(zones.inner_y, out->height, zones.period);
    zones.x_count = sgeo_spans(zones.inner_x, out->width, zones.period);
    return zones;
}

/* Zones of input pixels. */
SGEO_INLINE struct sgeo_zones sgeo_backward_zones(const struct sgeo_pool_window *window,
                                                  const struct sgeo_layout *in,
                                                  const struct sgeo_layout *out)
{
    struct sgeo_zones zones = {.inner_y = sgeo_inner_pixels(window, in->height, out->height),
                               .inner_x = sgeo_inner_pixels(window, in->width, out->width),
                               .period = window->stride};
    zones.y_count = sgeo_spans(zones.inner_y, in->height, zones.period);
    zones.x_count = sgeo_spans(zones.inner_x, in->width, zones.period);
    return zones;
}

/* The rows and columns of zone i, of y_count * x_count. */
SGEO_INLINE struct sgeo_span sgeo_zone_rows(const struct sgeo_zones *zones, size_t i)
{
    return sgeo_span_at(zones->inner_y, zones->period, i / zones->x_count);
}

SGEO_INLINE struct sgeo_span sgeo_zone_cols(const struct sgeo_zones *zones, size_t i)
{
    return sgeo_span_at(zones->inner_x, zones->period, i % zones->x_count);
}

#endif
