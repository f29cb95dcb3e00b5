/* mean (C), var (C) of src (N,C,H,W): shifted sums in double lanes, one pass. */
#include "kernels/channel_sums.h"
#include "kernels/scalar/tier.h"

SGEO_INLINE void moments_step(struct sgeo_channel_sums *sums, const float *src, size_t width)
{
    double d[SGEO_LANES];
    for (size_t j = 0; j < width; j++)
        d[j] = (double)src[j] - sums->origin[j];
    for (size_t j = 0; j < width; j++)
        sums->first[j] += d[j];
    for (size_t j = 0; j < width; j++)
        sums->second[j] = sgeo_multiply_add(d[j], d[j], sums->second[j]);
}

static void moments_wide(struct sgeo_channel_sums *sums, const float *src, size_t steps,
                         size_t stride)
{
    struct sgeo_channel_sums local = *sums; /* so that the lanes live in registers */
    for (size_t step = 0; step < steps; step++)
        moments_step(&local, src + step * stride, SGEO_LANES);
    *sums = local;
}

static void moments_narrow(struct sgeo_channel_sums *sums, const float *src, size_t width)
{
    moments_step(sums, src, width);
}

static void moments_image(struct sgeo_channel_sums *sums, const float *src,
                          const struct sgeo_strip *strip)
{
    bool wide = strip->width == SGEO_LANES;
    if (wide)
        moments_wide(sums, src, strip->steps, strip->stride);
    for (size_t step = wide ? strip->steps : 0; step < strip->steps; step++)
        moments_narrow(sums, src + step * strip->stride, strip->width);
    if (strip->rest)
        moments_narrow(sums, src + strip->steps * strip->stride, strip->rest);
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
