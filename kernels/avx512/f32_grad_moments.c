/* Moments of g (k,n) over k for each of the n coordinates, with AVX-512. */
#include "kernels/avx512/moment_lanes.h"
#include "kernels/moments_of_one.h"

/* k is a constant where the values of a tile are to stay in registers. */
SGEO_INLINE struct sgeo_moments moments_of(const float *const *g, size_t k, const float *theta,
                                           size_t n)
{
    struct sgeo_moment_sums sums = sgeo_no_moments();
    sgeo_moments_row(&sums, (struct sgeo_values){g, k, k, 0}, theta, n);
    return sgeo_moments_of_sums(&sums, k, n);
}

void SGEO_SYMBOL(f32_grad_moments)(struct sgeo_moments *moments, const float *const *g, size_t k,
                                   const float *theta, size_t n)
{
    *moments = (struct sgeo_moments){0};
    if (k == 1)
        sgeo_moments_of_one(moments, g[0], theta, n);
    else
        *moments = k == 4 ? moments_of(g, 4, theta, n) : moments_of(g, k, theta, n);
}
