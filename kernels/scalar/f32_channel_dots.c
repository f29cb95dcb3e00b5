/* sum (C) = sum d;  dot (C) = sum d * (x - center (C)) of d, x (N,C,H,W), in double lanes. */
#include "kernels/scalar/dots_image.h"

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

SGEO_INLINE void sgeo_dots_run(struct sgeo_channel_sums *sums, const float *d, const float *x,
                               size_t steps, size_t stride, size_t width)
{
    for (size_t step = 0; step < steps; step++)
        dots_step(sums, d + step * stride, x + step * stride, width);
}

void SGEO_SYMBOL(f32_channel_dots)(double *sum, double *dot, const float *d, const float *x,
                                   const double *center, const struct sgeo_layout *layout)
{
    sgeo_dots_walk(sum, dot, d, x, center, layout);
}
