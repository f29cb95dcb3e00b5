/* The end of a reduction: one number of the lanes of a tile, in an order that never changes. */
#ifndef SGEO_KERNELS_SCALAR_LANE_SUM_H
#define SGEO_KERNELS_SCALAR_LANE_SUM_H

#include "kernels/strip.h"

/* The sum of the lanes, halved until one is left; they are used up. */
SGEO_INLINE float sgeo_lane_sum(float *lanes)
{
    for (size_t half = SGEO_LANES / 2; half > 0; half /= 2)
        for (size_t j = 0; j < half; j++)
            lanes[j] += lanes[half + j];
    return lanes[0];
}

#endif
