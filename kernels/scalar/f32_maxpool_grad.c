/*
 * dsrc (N,C,H,W) = sum over the windows that the pixel won of ddst (N,C,OH,OW).
 * A gather: every pixel asks its windows for their winner and is written once.
 */
#include "kernels/scalar/winner_lanes.h"
#include "kernels/won_walk.h"

void SGEO_SYMBOL(f32_maxpool_grad)(float *dsrc, const float *ddst, const uint8_t *where,
                                   const struct sgeo_pool_window *window,
                                   const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    sgeo_won_walk(dsrc, ddst, where, window, in, out);
}
