/*
 * Contracts of what surrounds the fully connected layers; their products are not kernels of this
 * project. Matrices (B,D) are row-major, without gaps unless a pitch is given.
 */
#ifndef SGEO_KERNELS_CONTRACT_DENSE_H
#define SGEO_KERNELS_CONTRACT_DENSE_H

#include <stddef.h>

/*
 * Bias gradient: dst (D) = column sums of src (B,D), whose rows are `pitch` >= D elements apart;
 * zeros for B = 0. In double, in the order of the rows, rounded once: the same bits in all tiers.
 */
typedef void sgeo_f32_bias_grad_sig(float *dst, const float *src, size_t batch, size_t dim,
                                    size_t pitch);

/*
 * dst (n) = 1 / (1 + e^-src): 1 for +infinity, 0 below -87.3 (where results become denormal) and
 * for -infinity. dst may be src.
 * backward, from the output y: dsrc = ddst * y * (1 - y). dsrc may be ddst or y.
 */
typedef void sgeo_f32_sigmoid_sig(float *dst, const float *src, size_t n);
typedef void sgeo_f32_sigmoid_grad_sig(float *dsrc, const float *ddst, const float *y, size_t n);

/* Options of a layer normalisation: gamma (D) NULL: 1, beta (D) NULL: 0; epsilon >= FLT_MIN. */
struct sgeo_layer_norm {
    const float *gamma, *beta;
    double epsilon;
};

/*
 * dst (B,D) = (src - mean) * rstd * gamma + beta, mean and rstd = 1 / sqrt(var + epsilon) those of
 * the row, var biased. stats (B,2) keeps mean and rstd of each row. Both come from double sums
 * shifted by the row's first element, and the mean is subtracted in two parts: nothing is lost
 * where it is far above the deviation. A row with NaN or infinity becomes NaN. dst may be src. D =
 * 0 writes nothing, not even stats.
 */
typedef void sgeo_f32_layer_norm_sig(float *dst, double *stats, const float *src, size_t batch,
                                     size_t dim, const struct sgeo_layer_norm *norm);

/* Gradients of a layer normalisation: src (B,D), gamma (D), beta (D); the last two may be NULL. */
struct sgeo_layer_norm_grads {
    float *src, *gamma, *beta;
};

/*
 * With xhat = (src - mean) * rstd and g = ddst * gamma (NULL: 1):
 *   grads.src = rstd * (g - mean_d g - xhat * mean_d (g * xhat))
 *   grads.gamma = sum_b ddst * xhat;  grads.beta = sum_b ddst;  zeros for B = 0
 * stats from the forward call. Sums of a row in double; sums over rows in double for
 * SGEO_LAYER_NORM_ROWS rows, and of these in f32. grads.src may be ddst.
 */
#define SGEO_LAYER_NORM_ROWS ((size_t)32)
typedef void sgeo_f32_layer_norm_grad_sig(const struct sgeo_layer_norm_grads *grads,
                                          const float *ddst, const float *src, const double *stats,
                                          const float *gamma, size_t batch, size_t dim);

#endif
