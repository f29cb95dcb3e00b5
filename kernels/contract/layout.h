/* How activations lie in memory. */
#ifndef SGEO_KERNELS_CONTRACT_LAYOUT_H
#define SGEO_KERNELS_CONTRACT_LAYOUT_H

#include <stddef.h>

/*
 * How an activation (N,C,H,W) lies in memory. Channels come in `groups` of `lanes`; element
 * (n, c, y, x) is at n*image + (c/lanes)*group + (y*width + x)*pitch + c%lanes.
 *   blocked (nChw8c, nChw16c): lanes = pitch = 8 or 16, group = height*width*lanes
 *   channels-last (nhwc):      lanes = C or a divisor of it, pitch = C, group = lanes
 *   planar (nchw):             lanes = pitch = 1, group = height*width
 * Per-channel arrays have groups*lanes entries.
 */
struct sgeo_layout {
    size_t n, groups, lanes;
    size_t height, width;
    size_t image, group, pitch;
};

#endif
