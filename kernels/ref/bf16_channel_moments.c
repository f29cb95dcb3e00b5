/* mean (C), var (C) of src (N,C,H,W) over N, H and W: two passes in double. */
#define SGEO_BF16_MAPS
#include "kernels/ref/channel_moments.h"
#include "kernels/symbols.h"

void sgeo_bf16_channel_moments__ref(double *mean, double *var, const uint16_t *src,
                                    const struct sgeo_layout *layout)
{
    sgeo_ref_channel_moments(mean, var, src, layout);
}
