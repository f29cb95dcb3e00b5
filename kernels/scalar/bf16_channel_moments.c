/* mean (C), var (C) of src (N,C,H,W) in bf16: shifted sums, one pass. */
#define SGEO_BF16_MAPS
#include "kernels/scalar/run_lanes.h"

void SGEO_SYMBOL(bf16_channel_moments)(double *mean, double *var, const uint16_t *src,
                                       const struct sgeo_layout *layout)
{
    sgeo_moments_walk(mean, var, src, layout);
}
