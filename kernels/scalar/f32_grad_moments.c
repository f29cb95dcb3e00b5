/* Moments of g (k,n) over k for each of the n coordinates, in f32; sums over them in double. */
#include "kernels/scalar/moment_tile.h"

/* With and without theta get a loop each. */
SGEO_INLINE struct sgeo_moments moments_of(const float *const *g, size_t k, const float *theta,
                                           size_t n)
{
    struct sgeo_values values = {g, k, k, 0};
    struct sgeo_moment_sums sums = {0};
    struct sgeo_moment_queue queue;
    sgeo_moment_queue_clear(&queue);
    if (theta)
        sgeo_moments_row(&sums, &queue, values, theta, n);
    else
        sgeo_moments_row(&sums, &queue, values, NULL, n);
    sgeo_moment_queue_flush(&queue, &sums);
    return sgeo_moments_of_sums(&sums, k, n);
}

#include "kernels/grad_moments_walk.inc"
