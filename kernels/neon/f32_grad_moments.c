/* Moments of g (k,n) over k for each of the n coordinates, with NEON. */
#include "kernels/neon/moment_lanes.h"

SGEO_INLINE struct sgeo_moments moments_of(const float *const *g, size_t k, const float *theta,
                                           size_t n)
{
    struct sgeo_moment_sums sums = sgeo_no_moments();
    sgeo_moments_row(&sums, (struct sgeo_values){g, k, k, 0}, theta, n);
    return sgeo_moments_of_sums(&sums, k, n);
}

#include "kernels/grad_moments_walk.inc"
