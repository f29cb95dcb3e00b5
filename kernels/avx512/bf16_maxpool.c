/*
 * dst (N,C,OH,OW) = maximum of the window in src (N,C,H,W) in bf16; where = its first position;
 * with AVX-512.
 */
#define SGEO_BF16_MAPS
#include "kernels/avx512/winner_lanes.h"
#include "kernels/winner_walk.h"

void SGEO_SYMBOL(bf16_maxpool)(uint16_t *dst, uint8_t *where, const uint16_t *src,
                               const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                               const struct sgeo_layout *out)
{
    sgeo_winner_walk(dst, where, src, window, in, out);
}
