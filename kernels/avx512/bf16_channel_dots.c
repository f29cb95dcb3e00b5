/* sum (C) = sum d;  dot (C) = sum d * (x - center (C)) of d, x (N,C,H,W) in bf16, with AVX-512. */
#define SGEO_BF16_MAPS
#include "kernels/avx512/run_lanes.h"

void SGEO_SYMBOL(bf16_channel_dots)(double *sum, double *dot, const uint16_t *d, const uint16_t *x,
                                    const double *center, const struct sgeo_layout *layout)
{
    sgeo_dots_walk(sum, dot, d, x, center, layout);
}
