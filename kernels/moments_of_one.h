/* Gradient moments over k = 1 batches, for the tiers with intrinsics. */
#ifndef SGEO_KERNELS_MOMENTS_OF_ONE_H
#define SGEO_KERNELS_MOMENTS_OF_ONE_H

#include "base/attr.h"
#include "kernels/kernel.h"

/* One gradient has no deviation: x - x is 0, or NaN where the gradient is not finite. */
SGEO_INLINE void sgeo_moments_of_one(struct sgeo_moments *moments, const float *g,
                                     const float *theta, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float e = g[i] - g[i];
        moments->ratio_sum += (double)e;
        moments->zero_std += e == 0.0f;
        if (theta)
            moments->theta_dot += (double)(theta[i] * g[i]);
    }
}

#endif
