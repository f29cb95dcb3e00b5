/* dst (N,C,OH,OW) = maximum of the window in src (N,C,H,W); where = its first position. */
#include "kernels/ref/maxpool.h"
#include "kernels/symbols.h"

void sgeo_f32_maxpool__ref(float *dst, uint8_t *where, const float *src,
                           const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                           const struct sgeo_layout *out)
{
    sgeo_ref_maxpool(dst, where, src, window, in, out);
}
