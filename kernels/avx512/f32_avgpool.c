/* dst (N,C,OH,OW) = mean of the window's pixels in src (N,C,H,W), with AVX-512; padding does not
 * count. */
#include "kernels/avx512/mean_lanes.h"
#include "kernels/mean_walk.h"

void SGEO_SYMBOL(f32_avgpool)(float *dst, const float *src, const struct sgeo_pool_window *window,
                              const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    sgeo_mean_walk(dst, src, window, in, out);
}
