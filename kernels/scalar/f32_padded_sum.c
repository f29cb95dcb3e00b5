/* dst (B,width) = sum_t src_t (B,widths_t) padded with zeros, in f32. */
#include "kernels/scalar/tier.h"
#include "kernels/strip.h"

struct sources {
    const float *const *src;
    const size_t *widths;
    size_t n_src;
};

/* sum += the `width` columns from `at` on of row b, as far as the source goes. */
SGEO_INLINE void add_source(float *sum, const float *src, size_t src_width, size_t b, size_t at,
                            size_t width)
{
    const float *row = src + b * src_width;
    if (at + SGEO_LANES <= src_width && width == SGEO_LANES)
        for (size_t j = 0; j < SGEO_LANES; j++)
            sum[j] += row[at + j];
    else
        for (size_t j = at; j < src_width && j < at + width; j++)
            sum[j - at] += row[j];
}

SGEO_INLINE void sum_step(float *dst, const struct sources *sources, size_t b, size_t at,
                          size_t width)
{
    float sum[SGEO_LANES];
    for (size_t j = 0; j < width; j++)
        sum[j] = 0.0f;
    for (size_t t = 0; t < sources->n_src; t++)
        add_source(sum, sources->src[t], sources->widths[t], b, at, width);
    for (size_t j = 0; j < width; j++)
        dst[j] = sum[j];
}

void SGEO_SYMBOL(f32_padded_sum)(float *dst, const float *const *src, const size_t *widths,
                                 size_t n_src, size_t batch, size_t width)
{
    struct sources sources = {src, widths, n_src};
    for (size_t b = 0; b < batch; b++) {
        size_t at = 0;
        for (; at + SGEO_LANES <= width; at += SGEO_LANES)
            sum_step(dst + b * width + at, &sources, b, at, SGEO_LANES);
        if (at < width)
            sum_step(dst + b * width + at, &sources, b, at, width - at);
    }
}
