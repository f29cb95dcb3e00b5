/* mean (C), var (C) of src (N,C,H,W), with AVX-512. */
#include "kernels/avx512/channel_lanes.h"

void SGEO_SYMBOL(f32_channel_moments)(double *mean, double *var, const float *src,
                                      const struct sgeo_layout *layout)
{
    sgeo_moments_walk(mean, var, src, layout);
}
