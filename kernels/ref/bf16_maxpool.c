/* dst (N,C,OH,OW) = maximum of the window in src (N,C,H,W); where = its first position. */
#define SGEO_BF16_MAPS
#include "kernels/ref/maxpool.h"
#include "kernels/symbols.h"

void sgeo_bf16_maxpool__ref(uint16_t *dst, uint8_t *where, const uint16_t *src,
                            const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                            const struct sgeo_layout *out)
{
    sgeo_ref_maxpool(dst, where, src, window, in, out);
}
