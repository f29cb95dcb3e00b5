/* Tiles of SGEO_LANES numbers: the last, shorter one of a row filled up, and sums over the lanes.
 */
#ifndef SGEO_KERNELS_SCALAR_TILE_H
#define SGEO_KERNELS_SCALAR_TILE_H

#include "kernels/scalar/tier.h"
#include "kernels/strip.h"

/*
 * The first `width` elements of src, `fill` in the lanes behind them: whole tiles have fast code.
 * Counted in numbers as wide as the lanes, so that it is a masked load where the tier has one.
 */
SGEO_INLINE void sgeo_tile_load(float *tile, const float *src, size_t width, float fill)
{
    int32_t n = (int32_t)width;
    for (int32_t j = 0; j < (int32_t)SGEO_LANES; j++)
        tile[j] = j < n ? src[j] : fill;
}

SGEO_INLINE void sgeo_tile_store(float *dst, const float *tile, size_t width)
{
    for (size_t j = 0; j < width; j++)
        dst[j] = tile[j];
}

/* Not an initialiser: that would be a slow fill of memory, this is a register set to zero. */
SGEO_INLINE void sgeo_tile_zero(double *sums)
{
    for (size_t j = 0; j < SGEO_LANES; j++)
        sums[j] = 0.0;
}

/* sums += tile, in double */
SGEO_INLINE void sgeo_tile_add(double *sums, const float *tile)
{
    for (size_t j = 0; j < SGEO_LANES; j++)
        sums[j] += (double)tile[j];
}

/* lanes[j] += lanes[half + j] for j below a constant `half` */
SGEO_INLINE void sgeo_tile_fold(double *lanes, size_t half)
{
    for (size_t j = 0; j < half; j++)
        lanes[j] += lanes[half + j];
}

/* The sum of the lanes, halved until one is left. */
SGEO_INLINE double sgeo_tile_sum(const double *lanes)
{
    double halves[SGEO_LANES / 2];
    for (size_t j = 0; j < SGEO_LANES / 2; j++)
        halves[j] = lanes[j] + lanes[SGEO_LANES / 2 + j];
    sgeo_tile_fold(halves, 4);
    sgeo_tile_fold(halves, 2);
    sgeo_tile_fold(halves, 1);
    return halves[0];
}

#endif
