/* Contracts of the gradient moments. */
#ifndef SGEO_KERNELS_CONTRACT_MOMENTS_H
#define SGEO_KERNELS_CONTRACT_MOMENTS_H

#include <stddef.h>
#include <stdint.h>

/* What the kernels of this family find out about a module's gradients. */
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
 * infinity. Gradients whose squares f32 cannot hold keep their ratio. A coordinate's products with
 * theta are f32's: theta_dot is infinite or NaN where one of them overflows.
 */
typedef void sgeo_f32_grad_moments_sig(struct sgeo_moments *moments, const float *const *g,
                                       size_t k, const float *theta, size_t n);

/*
 * The same moments when the gradients come one after the other and only the running ones stay: four
 * vectors of n floats, owned by the caller. A fresh stream has zeros in `theta_dot` and `batches`;
 * its vectors may hold anything.
 */
struct sgeo_moment_stream {
    float *first;     /* g_0; what follows is of e_b = g_b - g_0, exact where gradients are close */
    float *mean;      /* mean of the e_b, from the second batch on, like the rest */
    float *norm;      /* sqrt(sum_b (e_b - mean)^2): 0 exactly when all values are equal so far */
    float *size;      /* sum_b |g_b| */
    double theta_dot; /* sum over batches with theta of theta . g_b */
    size_t batches;   /* added so far */
};

/*
 * add: one more gradient g (n) of the same n coordinates, by Welford's recurrence in f32; theta (n)
 * may be NULL. finish: the moments of all batches added, at least one; as often as wanted, the
 * stream goes on. Any number of batches; each costs a rounding, and the bounds are proven for
 * SGEO_MOMENTS_MAX_BATCHES. zero_std, tiny deviations, NaN, infinity and overflow as in
 * sgeo_f32_grad_moments, but differences below 2 FLT_MIN count as none where denormals are flushed.
 */
typedef void sgeo_f32_moments_add_sig(struct sgeo_moment_stream *stream, const float *g,
                                      const float *theta, size_t n);
typedef void sgeo_f32_moments_finish_sig(struct sgeo_moments *moments,
                                         const struct sgeo_moment_stream *stream, size_t n);

/* One batch's gradient of a table (R,D): zero but in n_rows rows. Pointers may be NULL without. */
struct sgeo_row_gradient {
    const int64_t *rows; /* (n_rows): ascending, each once, below R */
    const float *grad;   /* (n_rows,D) */
    size_t n_rows;
};

/*
 * Gradient moments of an embedding table (table_rows,dim) over k batches that touched few of its
 * rows: what sgeo_f32_grad_moments finds on the dense gradients, at the cost of the rows touched.
 * The others are equal, so all their coordinates count as zero_std. theta (table_rows,dim) may be
 * NULL; it is read in touched rows only, whatever the others hold. k in
 * 1..SGEO_MOMENTS_MAX_BATCHES.
 */
typedef void sgeo_f32_row_moments_sig(struct sgeo_moments *moments,
                                      const struct sgeo_row_gradient *batches, size_t k,
                                      const float *theta, size_t table_rows, size_t dim);

#endif
