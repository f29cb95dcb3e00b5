/*
 * How pools go through a batch, for any tier: image by image and zone by zone, and in a zone pixel
 * by pixel. What is done in a zone and at a pixel are functions of the pool, which are inlined.
 */
#ifndef SGEO_KERNELS_POOL_WALK_H
#define SGEO_KERNELS_POOL_WALK_H

#include "kernels/pool_grid.h"

#define SGEO_POOL_MAX_TAPS (SGEO_POOL_MAX_KERNEL * SGEO_POOL_MAX_KERNEL)

struct sgeo_pool_shape {
    const struct sgeo_pool_window *window;
    const struct sgeo_layout *in, *out;
};

/* The pixels of image n in the spans y and x. */
typedef void sgeo_pool_zone(const void *pool, const struct sgeo_pool_shape *shape, size_t n,
                            struct sgeo_span y, struct sgeo_span x);

/* The pixel at element `dst` of one side, whose rectangle is at element `src` of the other. */
typedef void sgeo_pool_pixel(const void *zone, size_t dst, size_t src,
                             const struct sgeo_pool_grid *grid, size_t rows, size_t cols,
                             size_t width);

/* Zones of output pixels. */
SGEO_INLINE void sgeo_forward_walk(sgeo_pool_zone *do_zone, const void *pool,
                                   const struct sgeo_pool_shape *shape)
{
    const struct sgeo_layout *in = shape->in, *out = shape->out;
    struct sgeo_range rows = sgeo_full_windows(shape->window, in->height, out->height);
    struct sgeo_range cols = sgeo_full_windows(shape->window, in->width, out->width);
    for (size_t n = 0; n < out->n; n++)
        for (size_t y = 0; y < sgeo_spans(rows, out->height, 1); y++)
            for (size_t x = 0; x < sgeo_spans(cols, out->width, 1); x++)
                do_zone(pool, shape, n, sgeo_span_at(rows, 1, y), sgeo_span_at(cols, 1, x));
}

/* Zones of input pixels. */
SGEO_INLINE void sgeo_backward_walk(sgeo_pool_zone *do_zone, const void *pool,
                                    const struct sgeo_pool_shape *shape)
{
    const struct sgeo_layout *in = shape->in, *out = shape->out;
    size_t period = shape->window->stride;
    struct sgeo_range rows = sgeo_inner_pixels(shape->window, in->height, out->height);
    struct sgeo_range cols = sgeo_inner_pixels(shape->window, in->width, out->width);
    for (size_t n = 0; n < in->n; n++)
        for (size_t y = 0; y < sgeo_spans(rows, in->height, period); y++)
            for (size_t x = 0; x < sgeo_spans(cols, in->width, period); x++)
                do_zone(pool, shape, n, sgeo_span_at(rows, period, y),
                        sgeo_span_at(cols, period, x));
}

SGEO_INLINE void sgeo_grid_pixels(sgeo_pool_pixel *do_pixel, const void *zone, size_t dst,
                                  size_t src, const struct sgeo_pool_grid *grid, size_t rows,
                                  size_t cols, size_t width)
{
    for (size_t y = 0; y < grid->y_count; y++)
        for (size_t x = 0; x < grid->x_count; x++)
            do_pixel(zone, dst + y * grid->dst_y + x * grid->dst_x,
                     src + y * grid->src_y + x * grid->src_x, grid, rows, cols, width);
}

/* The rectangles of a 3 x 3 pool, inside and at the borders, are unrolled. */
SGEO_INLINE void sgeo_grid_pixels_wide(sgeo_pool_pixel *do_pixel, const void *zone, size_t dst,
                                       size_t src, const struct sgeo_pool_grid *grid, size_t width)
{
    size_t rows = grid->rows, cols = grid->cols;
    if (rows == 3 && cols == 3)
        sgeo_grid_pixels(do_pixel, zone, dst, src, grid, 3, 3, width);
    else if (rows == 3 && cols == 2)
        sgeo_grid_pixels(do_pixel, zone, dst, src, grid, 3, 2, width);
    else if (rows == 2 && cols == 3)
        sgeo_grid_pixels(do_pixel, zone, dst, src, grid, 2, 3, width);
    else
        sgeo_grid_pixels(do_pixel, zone, dst, src, grid, rows, cols, width);
}

/* The pixels of one grid, all channels of image n, up to SGEO_LANES of them together. */
SGEO_INLINE void sgeo_grid_walk(sgeo_pool_pixel *do_pixel, const void *zone,
                                const struct sgeo_pool_grid *grid, const struct sgeo_layout *dst,
                                const struct sgeo_layout *src, size_t n)
{
    for (size_t g = 0; g < dst->groups; g++)
        for (size_t lane = 0; lane < dst->lanes; lane += SGEO_LANES) {
            size_t to = n * dst->image + g * dst->group + lane + grid->dst_offset;
            size_t from = n * src->image + g * src->group + lane + grid->src_offset;
            size_t width = sgeo_min(SGEO_LANES, dst->lanes - lane);
            if (width == SGEO_LANES)
                sgeo_grid_pixels_wide(do_pixel, zone, to, from, grid, SGEO_LANES);
            else if (width == SGEO_LANES / 2)
                sgeo_grid_pixels_wide(do_pixel, zone, to, from, grid, SGEO_LANES / 2);
            else
                sgeo_grid_pixels(do_pixel, zone, to, from, grid, grid->rows, grid->cols, width);
        }
}

#endif
