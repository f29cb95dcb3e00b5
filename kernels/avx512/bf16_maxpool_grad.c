/*
 * dsrc (N,C,H,W) = sum over the windows that the pixel won of ddst (N,C,OH,OW): f32 sums of bf16,
 * with AVX-512.
 */
#define SGEO_BF16_MAPS
#include "kernels/avx512/winner_lanes.h"
#include "kernels/won_walk.h"

void SGEO_SYMBOL(bf16_maxpool_grad)(uint16_t *dsrc, const uint16_t *ddst, const uint8_t *where,
                                    const struct sgeo_pool_window *window,
                                    const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    sgeo_won_walk(dsrc, ddst, where, window, in, out);
}
