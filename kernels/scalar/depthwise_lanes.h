/*
 * What the scalar depthwise kernels share. Widths and numbers of pixels or taps are constants, so
 * that a tile of sums lives in registers: a weight, or a pixel of ddst, is loaded once for all of
 * it.
 */
#ifndef SGEO_KERNELS_SCALAR_DEPTHWISE_LANES_H
#define SGEO_KERNELS_SCALAR_DEPTHWISE_LANES_H

#include "kernels/scalar/tier.h"
#include "kernels/tap_grid.h"

/* Constant widths only: 16, 8, 4 or 1 channels at once. */
SGEO_INLINE size_t sgeo_tap_width(size_t left)
{
    size_t narrow = left >= 4 ? 4 : 1;
    return left >= 16 ? 16 : left >= 8 ? 8 : narrow;
}

#endif
