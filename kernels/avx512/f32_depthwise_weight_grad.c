/* dwei (C,k,k) = sum over images and pixels of ddst (N,C,OH,OW) * the pixel of src, with AVX-512.
 */
#include "kernels/avx512/depthwise_lanes.h"
#include "kernels/depthwise_dots.h"

SGEO_INLINE void sgeo_row_dots(float *totals, const float *ddst, const float *src,
                               const struct sgeo_tap_grid *grid, size_t chunk, size_t taps,
                               size_t width)
{
    __m512 sum[SGEO_DEPTHWISE_MAX_KERNEL];
    for (size_t t = 0; t < taps; t++)
        sum[t] = _mm512_setzero_ps();
    for (size_t at = 0; at < grid->count; at++) {
        const float *x = src + at * grid->src_pixel;
        __m512 d = sgeo_load_pixel(ddst + at * grid->dst_pixel, width);
        for (size_t t = 0; t < taps; t++)
            sum[t] = _mm512_fmadd_ps(d, sgeo_load_pixel(x + t * grid->tap_col, width), sum[t]);
    }
    for (size_t t = 0; t < taps; t++) {
        float *total = totals + t * chunk;
        sgeo_store_pixel(total, width, _mm512_add_ps(sgeo_load_pixel(total, width), sum[t]));
    }
}

SGEO_ROWS(full, SGEO_FULL)
SGEO_ROWS(half, SGEO_HALF)
SGEO_ROWS(part, width)

static inline const struct sgeo_rows *sgeo_rows_of(size_t width)
{
    return width == SGEO_FULL   ? &sgeo_rows_full
           : width == SGEO_HALF ? &sgeo_rows_half
                                : &sgeo_rows_part;
}

void SGEO_SYMBOL(f32_depthwise_weight_grad)(float *dwei, const float *src, const float *ddst,
                                            const struct sgeo_depthwise_window *window,
                                            const struct sgeo_layout *in,
                                            const struct sgeo_layout *out)
{
    sgeo_depthwise_dots(dwei, src, ddst, window, in, out);
}
