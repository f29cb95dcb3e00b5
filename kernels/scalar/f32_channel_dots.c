/* sum (C) = sum d;  dot (C) = sum d * (x - center (C)) of d, x (N,C,H,W), in double lanes. */
#include "kernels/dots_walk.h"
#include "kernels/scalar/tier.h"

SGEO_INLINE void dots_step(struct sgeo_channel_sums *sums, const float *d, const float *x,
                           size_t width)
{
    double grad[SGEO_LANES], offset[SGEO_LANES];
    for (size_t j = 0; j < width; j++)
        grad[j] = (double)d[j];
    for (size_t j = 0; j < width; j++)
        offset[j] = (double)x[j] - sums->origin[j];
    for (size_t j = 0; j < width; j++)
        sums->first[j] += grad[j];
    for (size_t j = 0; j < width; j++)
        sums->second[j] = sgeo_multiply_add(grad[j], offset[j], sums->second[j]);
}

static void dots_wide(struct sgeo_channel_sums *sums, const float *d, const float *x, size_t steps,
                      size_t stride)
{
    struct sgeo_channel_sums local = *sums; /* so that the lanes live in registers */
    for (size_t step = 0; step < steps; step++)
        dots_step(&local, d + step * stride, x + step * stride, SGEO_LANES);
    *sums = local;
}

static void dots_narrow(struct sgeo_channel_sums *sums, const float *d, const float *x,
                        size_t width)
{
    dots_step(sums, d, x, width);
}

SGEO_INLINE void sgeo_dots_image(struct sgeo_channel_sums *sums, const float *d, const float *x,
                                 const struct sgeo_strip *strip)
{
    bool wide = strip->width == SGEO_LANES;
    size_t last = strip->steps * strip->stride;
    if (wide)
        dots_wide(sums, d, x, strip->steps, strip->stride);
    for (size_t at = wide ? last : 0; at < last; at += strip->stride)
        dots_narrow(sums, d + at, x + at, strip->width);
    if (strip->rest)
        dots_narrow(sums, d + last, x + last, strip->rest);
}

void SGEO_SYMBOL(f32_channel_dots)(double *sum, double *dot, const float *d, const float *x,
                                   const double *center, const struct sgeo_layout *layout)
{
    sgeo_dots_walk(sum, dot, d, x, center, layout);
}
