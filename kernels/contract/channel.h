/* Contracts of the elementwise and per-channel kernels of an activation. */
#ifndef SGEO_KERNELS_CONTRACT_CHANNEL_H
#define SGEO_KERNELS_CONTRACT_CHANNEL_H

#include <stdint.h>

#include "kernels/contract/layout.h"

/* One summand of sgeo_f32_affine_sum: (src - center[c]) * scale[c]; center NULL: 0, scale NULL: 1.
 */
struct sgeo_affine_term {
    const float *src;
    const float *center;
    const float *scale;
};

#define SGEO_AFFINE_MAX_TERMS ((size_t)8)

/*
 * dst = shift[c] + sum_t (term_t.src - center) * scale;  relu = max(dst, 0).
 * Batch normalisation, its accumulation into a node and the node's ReLU in one pass; also batch
 * norm's backward (two terms) and its tangent.
 * dst or relu may be NULL (not both); shift NULL: 0. dst or relu may be one of the term sources
 * (same address); they may not be each other. n_terms 1..SGEO_AFFINE_MAX_TERMS.
 * relu of NaN is NaN; relu of -0 is 0. All share `layout`. Terms are added in order.
 */
typedef void sgeo_f32_affine_sum_sig(float *dst, float *relu, const struct sgeo_affine_term *terms,
                                     size_t n_terms, const float *shift,
                                     const struct sgeo_layout *layout);

/*
 * dst = (gate > 0 ? sum_t gated_t : 0) + sum_t plain_t.  ReLU's backward and the accumulation of a
 * node's gradient in one pass (gate = the ReLU's output); also ReLU's tangent.
 * gate may be NULL when n_gated is 0. dst may be any of the sources. n_gated + n_plain in
 * 1..SGEO_AFFINE_MAX_TERMS. Where gate is not > 0 (NaN included) the gated sources do not count,
 * not even NaN. `count` elements, any layout.
 */
typedef void sgeo_f32_gated_sum_sig(float *dst, const float *gate, const float *const *gated,
                                    size_t n_gated, const float *const *plain, size_t n_plain,
                                    size_t count);

/*
 * Per channel: mean[c] and var[c] (biased) over n*height*width elements, accumulated in double,
 * shifted by the channel's first element. Without elements: zeros.
 */
typedef void sgeo_f32_channel_moments_sig(double *mean, double *var, const float *src,
                                          const struct sgeo_layout *layout);

/* Per channel, in double: sum[c] = sum d;  dot[c] = sum d * (x - center[c]). Batch norm's backward
 * and tangent. */
typedef void sgeo_f32_channel_dots_sig(double *sum, double *dot, const float *d, const float *x,
                                       const double *center, const struct sgeo_layout *layout);

/*
 * The same on activations in bf16 (contract/bf16.h). Their arithmetic is f32, results are rounded
 * to the nearest bf16, ties to even, when they are stored; what is denormal, in a source or a
 * result, may count as zero. Aliases, NULL and NaN as in the f32 kernels of the same names.
 */

/* One summand of sgeo_bf16_affine_sum: (src - center[c]) * scale[c]; center NULL: 0, scale NULL: 1.
 */
struct sgeo_bf16_affine_term {
    const uint16_t *src;
    const float *center;
    const float *scale;
};

/* sgeo_f32_affine_sum; relu is of the sum before or after its rounding, which is the same. */
typedef void sgeo_bf16_affine_sum_sig(uint16_t *dst, uint16_t *relu,
                                      const struct sgeo_bf16_affine_term *terms, size_t n_terms,
                                      const float *shift, const struct sgeo_layout *layout);

/* sgeo_f32_gated_sum. */
typedef void sgeo_bf16_gated_sum_sig(uint16_t *dst, const uint16_t *gate,
                                     const uint16_t *const *gated, size_t n_gated,
                                     const uint16_t *const *plain, size_t n_plain, size_t count);

/*
 * sgeo_f32_channel_moments and sgeo_f32_channel_dots, with sums in f32 of no more than 64 numbers
 * each, which are added up in double: what comes of 8 bits a number is good to six digits. Squares
 * and products are f32's: beyond its range they are infinite, below it zero.
 */
typedef void sgeo_bf16_channel_moments_sig(double *mean, double *var, const uint16_t *src,
                                           const struct sgeo_layout *layout);
typedef void sgeo_bf16_channel_dots_sig(double *sum, double *dot, const uint16_t *d,
                                        const uint16_t *x, const double *center,
                                        const struct sgeo_layout *layout);

#endif
