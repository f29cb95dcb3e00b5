/* mean (C), var (C) of src (N,C,H,W) in bf16, with AVX-512. */
#define SGEO_BF16_MAPS
#include "kernels/avx512/run_lanes.h"

void SGEO_SYMBOL(bf16_channel_moments)(double *mean, double *var, const uint16_t *src,
                                       const struct sgeo_layout *layout)
{
    sgeo_moments_walk(mean, var, src, layout);
}
