/* One zone of a pool as strides: a grid of pixels, each with a rectangle of pixels of the other
 * side. */
#ifndef SGEO_KERNELS_POOL_GRID_H
#define SGEO_KERNELS_POOL_GRID_H

#include "kernels/zone.h"

/* Distances in elements. Pixel (y, x) of the grid is at dst_y*y + dst_x*x, its rectangle likewise.
 */
struct sgeo_pool_grid {
    size_t y_count, x_count;
    size_t dst_y, dst_x;
    size_t src_y, src_x;
    size_t rows, cols; /* of the rectangle */
    size_t row, pitch; /* distances inside it */
    size_t dst_offset, src_offset;
};

/* The zone (y, x) of a forward pool: output pixels, and the input pixels of their windows. */
SGEO_INLINE struct sgeo_pool_grid sgeo_forward_grid(const struct sgeo_pool_window *window,
                                                    const struct sgeo_layout *in,
                                                    const struct sgeo_layout *out,
                                                    struct sgeo_span y, struct sgeo_span x)
{
    struct sgeo_range rows = sgeo_window_pixels(window, y.first, in->height);
    struct sgeo_range cols = sgeo_window_pixels(window, x.first, in->width);
    size_t dst_row = out->width * out->pitch, src_row = in->width * in->pitch;
    return (struct sgeo_pool_grid){.y_count = y.count,
                                   .x_count = x.count,
                                   .dst_y = dst_row,
                                   .dst_x = out->pitch,
                                   .src_y = window->stride * src_row,
                                   .src_x = window->stride * in->pitch,
                                   .rows = sgeo_range_size(rows),
                                   .cols = sgeo_range_size(cols),
                                   .row = src_row,
                                   .pitch = in->pitch,
                                   .dst_offset = y.first * dst_row + x.first * out->pitch,
                                   .src_offset = rows.begin * src_row + cols.begin * in->pitch};
}

/* The zone (y, x) of a backward pool: input pixels, and the output pixels whose windows hold them.
 */
SGEO_INLINE struct sgeo_pool_grid sgeo_backward_grid(const struct sgeo_pool_window *window,
                                                     const struct sgeo_layout *in,
                                                     const struct sgeo_layout *out,
                                                     struct sgeo_span y, struct sgeo_span x)
{
    struct sgeo_range rows = sgeo_pixel_windows(window, y.first, out->height);
    struct sgeo_range cols = sgeo_pixel_windows(window, x.first, out->width);
    size_t dst_row = in->width * in->pitch, src_row = out->width * out->pitch;
    bool none = sgeo_range_size(rows) == 0 || sgeo_range_size(cols) == 0; /* nothing to point at */
    return (struct sgeo_pool_grid){.y_count = y.count,
                                   .x_count = x.count,
                                   .dst_y = y.step * dst_row,
                                   .dst_x = x.step * in->pitch,
                                   .src_y = none ? 0 : src_row,
                                   .src_x = none ? 0 : out->pitch,
                                   .rows = sgeo_range_size(rows),
                                   .cols = sgeo_range_size(cols),
                                   .row = src_row,
                                   .pitch = out->pitch,
                                   .dst_offset = y.first * dst_row + x.first * in->pitch,
                                   .src_offset =
                                       none ? 0 : rows.begin * src_row + cols.begin * out->pitch};
}

/* What input pixel (y, x) receives from each of the windows that hold it, row by row. */
SGEO_INLINE void sgeo_window_weights(float *weights, const struct sgeo_pool_window *window,
                                     const struct sgeo_layout *in, const struct sgeo_layout *out,
                                     size_t y, size_t x)
{
    struct sgeo_range rows = sgeo_pixel_windows(window, y, out->height);
    struct sgeo_range cols = sgeo_pixel_windows(window, x, out->width);
    for (size_t oy = rows.begin; oy < rows.end; oy++) {
        size_t height = sgeo_range_size(sgeo_window_pixels(window, oy, in->height));
        for (size_t ox = cols.begin; ox < cols.end; ox++) {
            size_t length = sgeo_range_size(sgeo_window_pixels(window, ox, in->width));
            *weights++ = 1.0f / (float)(int)(height * length);
        }
    }
}

#endif
