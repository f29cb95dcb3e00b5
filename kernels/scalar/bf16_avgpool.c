/* dst (N,C,OH,OW) = mean of the window's pixels in src (N,C,H,W): f32 sums of bf16. */
#define SGEO_BF16_MAPS
#include "kernels/scalar/mean_lanes.h"

#include "kernels/mean_walk.h"

void SGEO_SYMBOL(bf16_avgpool)(uint16_t *dst, const uint16_t *src,
                               const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                               const struct sgeo_layout *out)
{
    sgeo_mean_walk(dst, src, window, in, out);
}
