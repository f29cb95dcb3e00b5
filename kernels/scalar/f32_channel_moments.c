/* mean (C), var (C) of src (N,C,H,W): shifted sums in double lanes, one pass. */
#include "kernels/moments_walk.h"
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

SGEO_INLINE void sgeo_moments_image(struct sgeo_channel_sums *sums, const float *src,
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
    sgeo_moments_walk(mean, var, src, layout);
}
