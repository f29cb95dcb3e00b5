/* mean (C), var (C) of src (N,C,H,W): shifted sums in double lanes, one pass. */
#include "kernels/scalar/moments_image.h"

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

SGEO_INLINE void sgeo_moments_run(struct sgeo_channel_sums *sums, const float *src, size_t steps,
                                  size_t stride, size_t width)
{
    for (size_t step = 0; step < steps; step++)
        moments_step(sums, src + step * stride, width);
}

void SGEO_SYMBOL(f32_channel_moments)(double *mean, double *var, const float *src,
                                      const struct sgeo_layout *layout)
{
    sgeo_moments_walk(mean, var, src, layout);
}
