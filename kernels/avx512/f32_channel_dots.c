/* sum (C) = sum d;  dot (C) = sum d * (x - center (C)) of d, x (N,C,H,W), with AVX-512. */
#include "kernels/avx512/channel_lanes.h"

void SGEO_SYMBOL(f32_channel_dots)(double *sum, double *dot, const float *d, const float *x,
                                   const double *center, const struct sgeo_layout *layout)
{
    sgeo_dots_walk(sum, dot, d, x, center, layout);
}
