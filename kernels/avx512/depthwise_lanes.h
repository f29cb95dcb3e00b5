/*
 * What the AVX-512 depthwise kernels share: any number of channels up to a register's. Widths of 16
 * and 8 are constants, others masked.
 */
#ifndef SGEO_KERNELS_AVX512_DEPTHWISE_LANES_H
#define SGEO_KERNELS_AVX512_DEPTHWISE_LANES_H

#include "kernels/avx512/intrinsics.h"
#include "kernels/tap_grid.h"

SGEO_INLINE size_t sgeo_tap_width(size_t left)
{
    return sgeo_min(left, SGEO_FULL);
}

#endif
