/*
 * dsrc (N,C,H,W) = sum over the windows that meet the pixel of ddst (N,C,OH,OW) * wei (C,k,k),
 * with AVX-512.
 */
#include "kernels/avx512/depthwise_sums.h"

void SGEO_SYMBOL(f32_depthwise_data_grad)(float *dsrc, const float *ddst, const float *wei,
                                          const struct sgeo_depthwise_window *window,
                                          const struct sgeo_layout *in,
                                          const struct sgeo_layout *out)
{
    sgeo_depthwise_backward(dsrc, ddst, wei, window, in, out);
}
