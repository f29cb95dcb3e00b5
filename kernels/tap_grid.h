/* Two crossed spans of taps as strides: lines of pixels, each pixel with a rectangle of taps. */
#ifndef SGEO_KERNELS_TAP_GRID_H
#define SGEO_KERNELS_TAP_GRID_H

#include "kernels/taps.h"

/*
 * Channels that are taken through an image together: their pixels are whole cache lines in a row,
 * which strided passes over a pixel's channels would fetch one by one, and what is kept for them
 * (weights, sums) stays in the first-level cache.
 */
#define SGEO_TAP_CHUNK ((size_t)64)

/* Both axes of a pass. */
struct sgeo_tap_plan {
    struct sgeo_tap_axis y, x;
};

/* Distances in elements; the offsets are those of the first pixel and its first tap. */
struct sgeo_tap_grid {
    size_t lines, count; /* lines of `count` pixels, along the axis with more of them */
    size_t dst_line, dst_pixel;
    size_t src_line, src_pixel;
    size_t rows, cols; /* of the rectangle of taps */
    size_t tap_row, tap_col;
    ptrdiff_t wei_row, wei_col;
    size_t dst, src, wei;
};

SGEO_INLINE void sgeo_tap_grid_turn(struct sgeo_tap_grid *grid)
{
    struct sgeo_tap_grid old = *grid;
    grid->lines = old.count;
    grid->count = old.lines;
    grid->dst_line = old.dst_pixel;
    grid->dst_pixel = old.dst_line;
    grid->src_line = old.src_pixel;
    grid->src_pixel = old.src_line;
}

/* The pixels of one span of rows and one of columns; `lanes` floats a weight. */
SGEO_INLINE struct sgeo_tap_grid sgeo_tap_grid_of(const struct sgeo_tap_plan *plan,
                                                  const struct sgeo_tap_span *y,
                                                  const struct sgeo_tap_span *x,
                                                  const struct sgeo_layout *dst,
                                                  const struct sgeo_layout *src, size_t kernel)
{
    size_t dst_row = dst->width * dst->pitch, src_row = src->width * src->pitch;
    ptrdiff_t weight = (ptrdiff_t)dst->lanes, weight_row = (ptrdiff_t)kernel * weight;
    struct sgeo_tap_grid grid = {.lines = y->count,
                                 .count = x->count,
                                 .dst_line = plan->y.dst_step * dst_row,
                                 .dst_pixel = plan->x.dst_step * dst->pitch,
                                 .src_line = plan->y.src_step * src_row,
                                 .src_pixel = plan->x.src_step * src->pitch,
                                 .rows = y->taps,
                                 .cols = x->taps,
                                 .tap_row = plan->y.tap_src * src_row,
                                 .tap_col = plan->x.tap_src * src->pitch,
                                 .wei_row = plan->y.tap_wei * weight_row,
                                 .wei_col = plan->x.tap_wei * weight,
                                 .dst = y->dst * dst_row + x->dst * dst->pitch,
                                 .src = y->src * src_row + x->src * src->pitch,
                                 .wei = (y->wei * kernel + x->wei) * dst->lanes};
    if (grid.count < grid.lines)
        sgeo_tap_grid_turn(&grid);
    return grid;
}

#endif
