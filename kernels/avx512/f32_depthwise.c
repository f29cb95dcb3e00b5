/* dst (N,C,OH,OW) = src (N,C,H,W) * wei (C,k,k), with AVX-512. */
#include "kernels/avx512/depthwise_sums.h"

void SGEO_SYMBOL(f32_depthwise)(float *dst, const float *src, const float *wei,
                                const struct sgeo_depthwise_window *window,
                                const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    sgeo_depthwise_forward(dst, src, wei, window, in, out);
}
