/*
 * Depthwise backward weights for any tier: the includer defines what a row of taps does.
 *
 * Sums come in three levels, so that no chain of f32 additions is long: a line of pixels in
 * registers, the lines of an image in `totals`, the images in double. Both arrays have `chunk`
 * elements a tap.
 */
#ifndef SGEO_KERNELS_DEPTHWISE_DOTS_H
#define SGEO_KERNELS_DEPTHWISE_DOTS_H

#include "kernels/tap_grid.h"

#define SGEO_TAP_MAX (SGEO_DEPTHWISE_MAX_KERNEL * SGEO_DEPTHWISE_MAX_KERNEL)

/*
 * A row of taps: totals (taps, chunk) += the dot products of a line of pixels of ddst with the
 * pixels of src under each tap, over `width` neighbouring channels. The rows of a width are indexed
 * by their number of taps: all of a filter's, what a border leaves of them, or none.
 */
typedef void sgeo_row_fn(float *totals, const float *ddst, const float *src,
                         const struct sgeo_tap_grid *grid, size_t chunk, size_t width);

struct sgeo_rows {
    sgeo_row_fn *of[SGEO_DEPTHWISE_MAX_KERNEL + 1];
};

/* Rows by the includer's sgeo_row_dots; `lanes` is a constant, or `width` itself. */
#define SGEO_ROW(name, taps, lanes)                                                                \
    static void sgeo_row_##name##x##taps(float *totals, const float *ddst, const float *src,       \
                                         const struct sgeo_tap_grid *grid, size_t chunk,           \
                                         size_t width)                                             \
    {                                                                                              \
        (void)width;                                                                               \
        sgeo_row_dots(totals, ddst, src, grid, chunk, taps, lanes);                                \
    }
#define SGEO_ROWS(name, lanes)                                                                     \
    SGEO_ROW(name, 0, lanes)                                                                       \
    SGEO_ROW(name, 1, lanes)                                                                       \
    SGEO_ROW(name, 2, lanes)                                                                       \
    SGEO_ROW(name, 3, lanes)                                                                       \
    SGEO_ROW(name, 4, lanes)                                                                       \
    SGEO_ROW(name, 5, lanes)                                                                       \
    SGEO_ROW(name, 6, lanes)                                                                       \
    SGEO_ROW(name, 7, lanes)                                                                       \
    static const struct sgeo_rows sgeo_rows_##name = {                                             \
        {sgeo_row_##name##x0, sgeo_row_##name##x1, sgeo_row_##name##x2, sgeo_row_##name##x3,       \
         sgeo_row_##name##x4, sgeo_row_##name##x5, sgeo_row_##name##x6, sgeo_row_##name##x7}};

/* Channels that the tier takes at once when `left` are left, and its rows of so many. */
SGEO_INLINE size_t sgeo_tap_width(size_t left);
static inline const struct sgeo_rows *sgeo_rows_of(size_t width);

/* One line of a grid: all rows of its taps. */
SGEO_INLINE void sgeo_dots_line(float *totals, const float *ddst, const float *src,
                                const struct sgeo_tap_grid *grid, size_t kernel, size_t chunk)
{
    for (size_t lane = 0, width; lane < chunk; lane += width) {
        width = sgeo_tap_width(chunk - lane);
        sgeo_row_fn *add_row = sgeo_rows_of(width)->of[grid->cols];
        for (size_t row = 0; row < grid->rows; row++)
            add_row(totals + row * kernel * chunk + lane, ddst + lane,
                    src + row * grid->tap_row + lane, grid, chunk, width);
    }
}

/* sums += the dot products of one image. */
SGEO_INLINE void sgeo_dots_image(double *sums, const float *ddst, const float *src,
                                 const struct sgeo_tap_plan *plan, const struct sgeo_layout *in,
                                 const struct sgeo_layout *out, size_t kernel, size_t chunk)
{
    float totals[SGEO_TAP_MAX * SGEO_TAP_CHUNK];
    for (size_t i = 0; i < kernel * kernel * chunk; i++)
        totals[i] = 0.0f;
    for (size_t y = 0; y < plan->y.n_spans; y++)
        for (size_t x = 0; x < plan->x.n_spans; x++) {
            const struct sgeo_tap_span *rows = &plan->y.spans[y], *cols = &plan->x.spans[x];
            struct sgeo_tap_grid grid = sgeo_tap_grid_of(plan, rows, cols, out, in, kernel);
            size_t tap = rows->wei * kernel + cols->wei;
            for (size_t line = 0; line < grid.lines; line++)
                sgeo_dots_line(totals + tap * chunk, ddst + grid.dst + line * grid.dst_line,
                               src + grid.src + line * grid.src_line, &grid, kernel, chunk);
        }
    for (size_t i = 0; i < kernel * kernel * chunk; i++)
        sums[i] += (double)totals[i];
}

/* dwei (k*k rows, out->lanes apart) of the `chunk` channels at ddst and src, over all images. */
SGEO_INLINE void sgeo_dots_chunk(float *dwei, const float *ddst, const float *src,
                                 const struct sgeo_tap_plan *plan, const struct sgeo_layout *in,
                                 const struct sgeo_layout *out, size_t kernel, size_t chunk)
{
    double sums[SGEO_TAP_MAX * SGEO_TAP_CHUNK];
    for (size_t i = 0; i < kernel * kernel * chunk; i++)
        sums[i] = 0.0;
    for (size_t n = 0; n < out->n; n++)
        sgeo_dots_image(sums, ddst + n * out->image, src + n * in->image, plan, in, out, kernel,
                        chunk);
    for (size_t tap = 0; tap < kernel * kernel; tap++)
        for (size_t j = 0; j < chunk; j++)
            dwei[tap * out->lanes + j] = (float)sums[tap * chunk + j];
}

SGEO_INLINE void sgeo_depthwise_dots(float *dwei, const float *src, const float *ddst,
                                     const struct sgeo_depthwise_window *window,
                                     const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    size_t kernel = window->kernel;
    struct sgeo_tap_plan plan;
    sgeo_forward_axis(&plan.y, window, out->height, in->height);
    sgeo_forward_axis(&plan.x, window, out->width, in->width);
    for (size_t g = 0; g < out->groups; g++)
        for (size_t lane = 0; lane < out->lanes; lane += SGEO_TAP_CHUNK)
            sgeo_dots_chunk(dwei + g * kernel * kernel * out->lanes + lane,
                            ddst + g * out->group + lane, src + g * in->group + lane, &plan, in,
                            out, kernel, sgeo_min(SGEO_TAP_CHUNK, out->lanes - lane));
}

#endif
