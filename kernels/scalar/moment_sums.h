/*
 * Sums over coordinates that the moment kernels share: ratios over / sqrt(under), dots with the
 * parameters, and the number of coordinates that have a deviation.
 */
#ifndef SGEO_KERNELS_SCALAR_MOMENT_SUMS_H
#define SGEO_KERNELS_SCALAR_MOMENT_SUMS_H

#include "kernels/scalar/tier.h"
#include "kernels/strip.h"

#define SGEO_HALF (SGEO_LANES / 2)

struct sgeo_moment_sums {
    double ratio[SGEO_HALF];
    double dot[SGEO_HALF];
    uint32_t used[SGEO_HALF]; /* enough for 2^35 coordinates */
};

/* Two lanes become one before they are widened: a rounding relative to the two, no more. */
SGEO_INLINE void sgeo_add_widened(double *sums, const float *values)
{
    for (size_t j = 0; j < SGEO_HALF; j++)
        sums[j] += (double)(values[j] + values[j + SGEO_HALF]);
}

/* Add the ratios of a tile; those with under = infinity are 0. */
SGEO_INLINE void sgeo_add_ratios(struct sgeo_moment_sums *sums, const float *over,
                                 const float *under)
{
    float ratio[SGEO_LANES];
    for (size_t j = 0; j < SGEO_LANES; j++)
        ratio[j] = over[j] / sqrtf(under[j]);
    sgeo_add_widened(sums->ratio, ratio);
}

/* The moments of n coordinates whose ratios were added times sqrt(k). */
SGEO_INLINE struct sgeo_moments sgeo_moments_of_sums(const struct sgeo_moment_sums *sums, size_t k,
                                                     size_t n)
{
    struct sgeo_moments moments = {.zero_std = n};
    for (size_t j = 0; j < SGEO_HALF; j++) {
        moments.ratio_sum += sums->ratio[j];
        moments.theta_dot += sums->dot[j];
        moments.zero_std -= sums->used[j];
    }
    moments.ratio_sum /= sqrt((double)k);
    return moments;
}

#endif
