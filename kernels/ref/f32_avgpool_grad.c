/* dsrc (N,C,H,W) = sum over the windows that hold the pixel of ddst (N,C,OH,OW) / window size. */
#include "kernels/ref/avgpool_grad.h"
#include "kernels/symbols.h"

void sgeo_f32_avgpool_grad__ref(float *dsrc, const float *ddst,
                                const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                                const struct sgeo_layout *out)
{
    sgeo_ref_avgpool_grad(dsrc, ddst, window, in, out);
}
