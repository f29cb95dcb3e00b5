/* dsrc (N,C,H,W) = sum over the windows that the pixel won of ddst (N,C,OH,OW). */
#include "kernels/ref/maxpool_grad.h"
#include "kernels/symbols.h"

void sgeo_f32_maxpool_grad__ref(float *dsrc, const float *ddst, const uint8_t *where,
                                const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                                const struct sgeo_layout *out)
{
    sgeo_ref_maxpool_grad(dsrc, ddst, where, window, in, out);
}
