/* dsrc (N,C,H,W) = sum over the windows that hold the pixel of ddst (N,C,OH,OW) / window size: f32
 * sums of bf16. */
#define SGEO_BF16_MAPS
#include "kernels/scalar/mean_lanes.h"

#include "kernels/mean_walk.h"

void SGEO_SYMBOL(bf16_avgpool_grad)(uint16_t *dsrc, const uint16_t *ddst,
                                    const struct sgeo_pool_window *window,
                                    const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    sgeo_gather_walk(dsrc, ddst, window, in, out);
}
