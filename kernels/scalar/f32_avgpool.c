/* dst (N,C,OH,OW) = mean of the window's pixels in src (N,C,H,W); padding does not count. */
#include "kernels/mean_walk.h"
#include "kernels/scalar/mean_lanes.h"

void SGEO_SYMBOL(f32_avgpool)(float *dst, const float *src, const struct sgeo_pool_window *window,
                              const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    sgeo_mean_walk(dst, src, window, in, out);
}
