/*
 * dsrc (N,C,H,W) = sum over the windows that hold the pixel of ddst (N,C,OH,OW) / window size, with
 * NEON. A gather: every pixel collects from its windows and is written once.
 */
#include "kernels/neon/mean_lanes.h"
#include "kernels/mean_walk.h"

void SGEO_SYMBOL(f32_avgpool_grad)(float *dsrc, const float *ddst,
                                   const struct sgeo_pool_window *window,
                                   const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    sgeo_gather_walk(dsrc, ddst, window, in, out);
}
