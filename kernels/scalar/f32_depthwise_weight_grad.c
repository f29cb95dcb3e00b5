/* dwei (C,k,k) = sum over images and pixels of ddst (N,C,OH,OW) * the pixel of src (N,C,H,W). */
#include "kernels/depthwise_dots.h"
#include "kernels/scalar/depthwise_lanes.h"

SGEO_INLINE void sgeo_row_dots(float *totals, const float *ddst, const float *src,
                               const struct sgeo_tap_grid *grid, size_t chunk, size_t taps,
                               size_t width)
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

SGEO_ROWS(16, 16)
SGEO_ROWS(8, 8)
SGEO_ROWS(4, 4)
SGEO_ROWS(1, 1)

static inline const struct sgeo_rows *sgeo_rows_of(size_t width)
{
    const struct sgeo_rows *narrow = width == 4 ? &sgeo_rows_4 : &sgeo_rows_1;
    return width == 16 ? &sgeo_rows_16 : width == 8 ? &sgeo_rows_8 : narrow;
}

void SGEO_SYMBOL(f32_depthwise_weight_grad)(float *dwei, const float *src, const float *ddst,
                                            const struct sgeo_depthwise_window *window,
                                            const struct sgeo_layout *in,
                                            const struct sgeo_layout *out)
{
    sgeo_depthwise_dots(dwei, src, ddst, window, in, out);
}
