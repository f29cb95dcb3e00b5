/* dst (N,C,OH,OW) = mean of the window's pixels in src (N,C,H,W); padding does not count. */
#define SGEO_BF16_MAPS
#include "kernels/ref/avgpool.h"
#include "kernels/symbols.h"

void sgeo_bf16_avgpool__ref(uint16_t *dst, const uint16_t *src,
                            const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                            const struct sgeo_layout *out)
{
    sgeo_ref_avgpool(dst, src, window, in, out);
}
