/* sum (C) = sum d;  dot (C) = sum d * (x - center (C)) of d, x (N,C,H,W), with AVX-512. */
#include "kernels/avx512/channel_lanes.h"

SGEO_INLINE void dots_step(struct sgeo_wide_sums *sums, const float *d, const float *x,
                           size_t width)
{
    struct sgeo_wide offset = sgeo_wide_offset(sgeo_wide_floats(x, width), sums->origin, width);
    sgeo_wide_add(sums, sgeo_wide_floats(d, width), offset);
}

static void dots_image(struct sgeo_channel_sums *sums, const float *d, const float *x,
                       const struct sgeo_strip *strip)
{
    struct sgeo_wide_sums wide = sgeo_wide_sums_load(sums);
    size_t at = 0, last = strip->steps * strip->stride;
    for (; strip->width == SGEO_FULL && at < last; at += strip->stride)
        dots_step(&wide, d + at, x + at, SGEO_FULL);
    for (; at < last; at += strip->stride)
        dots_step(&wide, d + at, x + at, strip->width);
    if (strip->rest)
        dots_step(&wide, d + last, x + last, strip->rest);
    sgeo_wide_sums_store(sums, wide);
}

void SGEO_SYMBOL(f32_channel_dots)(double *sum, double *dot, const float *d, const float *x,
                                   const double *center, const struct sgeo_layout *layout)
{
    for (size_t s = 0; s < sgeo_strips(layout); s++) {
        struct sgeo_strip strip = sgeo_strip_at(layout, s);
        struct sgeo_channel_sums sums = {0};
        for (size_t j = 0; j < SGEO_LANES; j++)
            sums.origin[j] = center[strip.first + j % strip.period];
        for (size_t n = 0; n < layout->n; n++) {
            size_t at = n * layout->image + strip.offset;
            dots_image(&sums, d + at, x + at, &strip);
        }
        sgeo_channel_sums_to_dots(sum, dot, &sums, &strip);
    }
}
