/* dwei (C,k,k) = sum over images and pixels of ddst (N,C,OH,OW) * the pixel of src (N,C,H,W). */
#include "kernels/depthwise_dots.h"
#include "kernels/scalar/depthwise_lanes.h"

/* A row of `taps` taps: totals (taps, chunk) += dot products over the line's pixels. */
SGEO_INLINE void row_dots(float *totals, const float *ddst, const float *src,
                          const struct sgeo_tap_grid *grid, size_t chunk, size_t taps, size_t width)
{
    float sum[SGEO_DEPTHWISE_MAX_KERNEL][SGEO_LANES];
    for (size_t t = 0; t < taps; t++)
        for (size_t j = 0; j < width; j++)
            sum[t][j] = 0.0f;
    for (size_t at = 0; at < grid->count; at++) {
        const float *d = ddst + at * grid->dst_pixel, *x = src + at * grid->src_pixel;
        for (size_t t = 0; t < taps; t++)
            for (size_t j = 0; j < width; j++)
                sum[t][j] = sgeo_multiply_add_f32(d[j], x[t * grid->tap_col + j], sum[t][j]);
    }
    for (size_t t = 0; t < taps; t++)
        for (size_t j = 0; j < width; j++)
            totals[t * chunk + j] += sum[t][j];
}

typedef void row_dots_fn(float *totals, const float *ddst, const float *src,
                         const struct sgeo_tap_grid *grid, size_t chunk);

#define ROW_DOTS(width, taps)                                                                      \
    static void row_dots_##width##x##taps(float *totals, const float *ddst, const float *src,      \
                                          const struct sgeo_tap_grid *grid, size_t chunk)          \
    {                                                                                              \
        row_dots(totals, ddst, src, grid, chunk, taps, width);                                     \
    }
/* Rows of no tap (the window lies in the padding) to those of the largest filter. */
#define ROWS_OF(width)                                                                             \
    ROW_DOTS(width, 0)                                                                             \
    ROW_DOTS(width, 1)                                                                             \
    ROW_DOTS(width, 2)                                                                             \
    ROW_DOTS(width, 3)                                                                             \
    ROW_DOTS(width, 4)                                                                             \
    ROW_DOTS(width, 5)                                                                             \
    ROW_DOTS(width, 6)                                                                             \
    ROW_DOTS(width, 7)                                                                             \
    static row_dots_fn *const rows_of_##width[SGEO_DEPTHWISE_MAX_KERNEL + 1] = {                   \
        row_dots_##width##x0, row_dots_##width##x1, row_dots_##width##x2, row_dots_##width##x3,    \
        row_dots_##width##x4, row_dots_##width##x5, row_dots_##width##x6, row_dots_##width##x7};

ROWS_OF(16)
ROWS_OF(8)
ROWS_OF(4)
ROWS_OF(1)

static inline void sgeo_line_dots(float *totals, const float *ddst, const float *src,
                                  const struct sgeo_tap_grid *grid, size_t chunk, size_t width)
{
    row_dots_fn *const *narrow = width == 4 ? rows_of_4 : rows_of_1;
    row_dots_fn *const *rows = width == 16 ? rows_of_16 : width == 8 ? rows_of_8 : narrow;
    rows[grid->cols](totals, ddst, src, grid, chunk);
}

void SGEO_SYMBOL(f32_depthwise_weight_grad)(float *dwei, const float *src, const float *ddst,
                                            const struct sgeo_depthwise_window *window,
                                            const struct sgeo_layout *in,
                                            const struct sgeo_layout *out)
{
    sgeo_depthwise_dots(dwei, src, ddst, window, in, out);
}
