/* A row's normalisation in f32: the mean in two parts, so that a mean far above the deviation costs
 * no digits. */
#ifndef SGEO_KERNELS_SCALAR_ROW_NORM_H
#define SGEO_KERNELS_SCALAR_ROW_NORM_H

#include "kernels/scalar/tier.h"

struct sgeo_row_norm {
    float high, low; /* mean = high + low */
    float rstd;
};

/* From a row of stats: mean, 1 / standard deviation. */
SGEO_INLINE struct sgeo_row_norm sgeo_row_norm_of(const double *stats)
{
    float high = (float)stats[0];
    return (struct sgeo_row_norm){
        .high = high, .low = (float)(stats[0] - (double)high), .rstd = (float)stats[1]};
}

/* (x - mean) * rstd; the first difference is exact where x is close to the mean. */
SGEO_INLINE float sgeo_row_normed(float x, struct sgeo_row_norm norm)
{
    return ((x - norm.high) - norm.low) * norm.rstd;
}

#endif
