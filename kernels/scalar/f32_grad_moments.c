/* Moments of g (k,n) over k for each of the n coordinates, in f32; sums over them in double. */
#include "kernels/moments_of_one.h"
#include "kernels/scalar/moment_tile.h"

/* k is a constant where the values of a tile are to stay in registers; with and without theta get a
 * loop each. */
SGEO_INLINE void moments_of(struct sgeo_moment_sums *sums, const float *const *g, size_t k,
                            const float *theta, size_t n)
{
    struct sgeo_values values = {g, k, k, 0};
    struct sgeo_moment_queue queue;
    sgeo_moment_queue_clear(&queue);
    if (theta)
        sgeo_moments_row(sums, &queue, values, theta, n);
    else
        sgeo_moments_row(sums, &queue, values, NULL, n);
    sgeo_moment_queue_flush(&queue, sums);
}

void SGEO_SYMBOL(f32_grad_moments)(struct sgeo_moments *moments, const float *const *g, size_t k,
                                   const float *theta, size_t n)
{
    struct sgeo_moment_sums sums = {0};
    *moments = (struct sgeo_moments){0};
    switch (k) {
    case 1:
        sgeo_moments_of_one(moments, g[0], theta, n);
        return;
    case 2:
        moments_of(&sums, g, 2, theta, n);
        break;
    case 3:
        moments_of(&sums, g, 3, theta, n);
        break;
    case 4:
        moments_of(&sums, g, 4, theta, n);
        break;
    default:
        moments_of(&sums, g, k, theta, n);
    }
    *moments = sgeo_moments_of_sums(&sums, k, n);
}
