/* Contracts of the 3x3 convolutions by Winograd's minimal filtering, F(4x4,3x3). */
#ifndef SGEO_KERNELS_CONTRACT_WINOGRAD_H
#define SGEO_KERNELS_CONTRACT_WINOGRAD_H

#include <stdbool.h>

#include "base/attr.h"
#include "kernels/contract/layout.h"

/*
 * Lavin and Gray, "Fast algorithms for convolutional neural networks" (2016), section 4.1: a tile
 * of 4x4 outputs is A'[sum_c (G w G') * (B' d B)]A of the 6x6 inputs d around it, 36 products where
 * the direct way takes 144. All is f32; what that costs in accuracy is in the bounds.
 *
 * The convolutions are 3x3 of stride 1, zero padding 1, dilation 1, so both sides have the same n,
 * height and width (any, partial tiles included). Their lanes are multiples of 8.
 *
 * A tile mixes its inputs: errors are relative to sum_c max|src in the 6x6 pixels| * sum|w|, not to
 * the products that reach one output. NaN and infinity make everything not finite that depends on
 * them, and may do so to the rest of their tile.
 *
 * The bounds are some thirty roundings of 6e-8 where a chain of multiply-adds has a few, as A' and
 * B' cancel terms up to ten times the result.
 */
#define SGEO_WINOGRAD_POINTS ((size_t)36) /* of a transformed tile, row by row */
#define SGEO_WINOGRAD_PANEL  ((size_t)16) /* output channels that are worked on together */
#define SGEO_WINOGRAD_UNIT   ((size_t)12) /* blocks are multiples of so many tiles */

SGEO_INLINE size_t sgeo_winograd_panels(size_t channels)
{
    return (channels + SGEO_WINOGRAD_PANEL - 1) / SGEO_WINOGRAD_PANEL;
}

/* Floats of transformed weights (panels, 36, in_channels, 16). */
SGEO_INLINE size_t sgeo_winograd_weights_floats(size_t out_channels, size_t in_channels)
{
    return sgeo_winograd_panels(out_channels) * SGEO_WINOGRAD_POINTS * in_channels *
           SGEO_WINOGRAD_PANEL;
}

/*
 * Floats of one point of a block's transformed tiles (block, channels), and a cache line: an odd
 * number of lines spreads the 36 points over the sets of the cache.
 */
SGEO_INLINE size_t sgeo_winograd_plane_floats(size_t channels, size_t block)
{
    return block * channels + 16;
}

/* Floats of room that a convolution needs for blocks of `block` tiles. */
SGEO_INLINE size_t sgeo_winograd_room_floats(size_t in_channels, size_t block)
{
    return SGEO_WINOGRAD_POINTS * (sgeo_winograd_plane_floats(in_channels, block) +
                                   sgeo_winograd_plane_floats(SGEO_WINOGRAD_PANEL, block));
}

/* The same for a gradient of weights, whose sums lie there too. */
SGEO_INLINE size_t sgeo_winograd_grad_room_floats(size_t out_channels, size_t in_channels,
                                                  size_t block)
{
    return sgeo_winograd_weights_floats(out_channels, in_channels) +
           sgeo_winograd_room_floats(in_channels, block);
}

/* The block whose room stays in a cache of level 2: at most 320 KiB where channels allow it. */
SGEO_INLINE size_t sgeo_winograd_block(size_t in_channels)
{
    size_t tile = SGEO_WINOGRAD_POINTS * (in_channels + SGEO_WINOGRAD_PANEL) * sizeof(float);
    size_t units = ((size_t)320 << 10) / (tile * SGEO_WINOGRAD_UNIT);
    return (units > 0 ? units : 1) * SGEO_WINOGRAD_UNIT;
}

/*
 * u = G w G' of wei (K,C,3,3), in panels of 16 output channels (panels, 36, in, 16), zeros behind
 * the last one. in = C, out = K; transposed: the weights of backward data, flipped, in = K, out =
 * C. C or K 0 is valid.
 */
typedef void sgeo_f32_winograd_weights_sig(float *u, const float *wei, size_t out_channels,
                                           size_t in_channels, bool transposed);

/*
 * dst (N,K,H,W) = convolution of src (N,C,H,W) with the weights that u was made from; backward
 * data, too: dsrc of ddst with transposed weights. `block` is a multiple of SGEO_WINOGRAD_UNIT, not
 * 0; room has sgeo_winograd_room_floats(C, block) floats of any content. The sum over channels is
 * one chain of multiply-adds, in order. Results do not depend on block.
 */
typedef void sgeo_f32_winograd_conv_sig(float *dst, const float *src, const float *u, float *room,
                                        size_t block, const struct sgeo_layout *in,
                                        const struct sgeo_layout *out);

/*
 * dwei (K,C,3,3) = gradient of the weights of dst = convolution of src, from src (layout in) and
 * ddst (layout out). room has sgeo_winograd_grad_room_floats(K, C, block) floats. The sum over
 * tiles is a chain in each block and a chain of the blocks' sums, so that the error grows with
 * block + tiles/block and not with tiles. Without images: zeros.
 */
typedef void sgeo_f32_winograd_weight_grad_sig(float *dwei, const float *src, const float *ddst,
                                               float *room, size_t block,
                                               const struct sgeo_layout *in,
                                               const struct sgeo_layout *out);

#endif
