/* dst (N,C,OH,OW) = mean of the window's pixels in src (N,C,H,W); padding does not count. */
#include "kernels/ref/avgpool.h"
#include "kernels/symbols.h"

void sgeo_f32_avgpool__ref(float *dst, const float *src, const struct sgeo_pool_window *window,
                           const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    sgeo_ref_avgpool(dst, src, window, in, out);
}
