/* Contracts of the gradient moments. */
#ifndef SGEO_KERNELS_CONTRACT_MOMENTS_H
#define SGEO_KERNELS_CONTRACT_MOMENTS_H

#include <stddef.h>

/* Result of sgeo_f32_grad_moments. */
struct sgeo_moments {
    double ratio_sum; /* sum_i mean_b|g_bi| / std_b(g_bi) over coordinates with std != 0 (ZiCo's
                         inner sum) */
    double theta_dot; /* sum_i theta_i * sum_b g_bi; 0 when theta is NULL */
    size_t zero_std;  /* coordinates with std exactly 0: all k values equal */
};

#define SGEO_MOMENTS_MAX_BATCHES ((size_t)16)

/*
 * Gradient moments over k resident gradients g[0..k-1] of n coordinates, one read of each:
 * population deviation over k, never E[x^2]-E[x]^2. theta may be NULL. k in
 * 1..SGEO_MOMENTS_MAX_BATCHES. A coordinate counts as zero_std exactly when its k values are equal
 * (differences below FLT_MIN count as none where denormals are flushed); deviations down to 1e-30
 * are kept (squares are scaled so that they do not underflow). Sums in double.
 * NaN or infinite gradients give a NaN or infinite ratio_sum, also where all k are the same
 * infinity.
 */
typedef void sgeo_f32_grad_moments_sig(struct sgeo_moments *moments, const float *const *g,
                                       size_t k, const float *theta, size_t n);

#endif
