/* mean (C), var (C) of src (N,C,H,W), with NEON. */
#include "kernels/neon/channel_lanes.h"

void SGEO_SYMBOL(f32_channel_moments)(double *mean, double *var, const float *src,
                                      const struct sgeo_layout *layout)
{
    sgeo_moments_walk(mean, var, src, layout);
}
