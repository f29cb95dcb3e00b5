/* dst (N,C,OH,OW) = maximum of the window in src (N,C,H,W); where = its first position; with
 * AVX-512. */
#include "kernels/avx512/winner_lanes.h"
#include "kernels/winner_walk.h"

void SGEO_SYMBOL(f32_maxpool)(float *dst, uint8_t *where, const float *src,
                              const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                              const struct sgeo_layout *out)
{
    sgeo_winner_walk(dst, where, src, window, in, out);
}
