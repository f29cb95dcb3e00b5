/* mean (C), var (C) of src (N,C,H,W): shifted sums in double lanes, one pass, with AVX-512. */
#include "kernels/avx512/channel_lanes.h"

SGEO_INLINE void moments_step(struct sgeo_wide_sums *sums, const float *src, size_t width)
{
    struct sgeo_wide d = sgeo_wide_offset(sgeo_wide_floats(src, width), sums->origin, width);
    sgeo_wide_add(sums, d, d);
}

static void moments_image(struct sgeo_channel_sums *sums, const float *src,
                          const struct sgeo_strip *strip)
{
    struct sgeo_wide_sums wide = sgeo_wide_sums_load(sums);
    size_t step = 0;
    for (; strip->width == SGEO_FULL && step < strip->steps; step++)
        moments_step(&wide, src + step * strip->stride, SGEO_FULL);
    for (; step < strip->steps; step++)
        moments_step(&wide, src + step * strip->stride, strip->width);
    if (strip->rest)
        moments_step(&wide, src + step * strip->stride, strip->rest);
    sgeo_wide_sums_store(sums, wide);
}

void SGEO_SYMBOL(f32_channel_moments)(double *mean, double *var, const float *src,
                                      const struct sgeo_layout *layout)
{
    size_t count = layout->n * layout->height * layout->width;
    if (count == 0) {
        sgeo_channel_zero(mean, var, layout);
        return;
    }
    for (size_t s = 0; s < sgeo_strips(layout); s++) {
        struct sgeo_strip strip = sgeo_strip_at(layout, s);
        struct sgeo_channel_sums sums = {0};
        for (size_t j = 0; j < SGEO_LANES; j++)
            sums.origin[j] = (double)src[strip.offset + j % strip.period];
        for (size_t n = 0; n < layout->n; n++)
            moments_image(&sums, src + n * layout->image + strip.offset, &strip);
        sgeo_channel_sums_to_moments(mean, var, &sums, &strip, (double)count);
    }
}
