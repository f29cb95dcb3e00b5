/*
 * Contracts of the SIMD kernels. kernels.inc has one row per kernel; dispatch/ fills the table.
 *
 * Common to all: kernels never allocate and cannot fail; pointers are aligned to 4 bytes only;
 * n = 0 is valid and writes nothing but empty sums; nothing is read or written past the stated
 * range; NaN and infinity propagate as in IEEE arithmetic unless a contract says otherwise;
 * buffers do not overlap unless a contract allows it. A reduction's order depends on the layout
 * alone, so a kernel returns the same bits at every call.
 *
 * Symbols: sgeo_<dtype>_<op>__<tier>; what before the double underscore, how behind it.
 * Tiers: ref (double accumulation, the oracle), scalar (f32, 16 explicit lanes, what the compiler
 * makes of it), avx2 (the same source for AVX2 and FMA machines), avx512, neon.
 */
#ifndef SGEO_KERNELS_KERNEL_H
#define SGEO_KERNELS_KERNEL_H

#include <stddef.h>
#include <stdint.h>

/*
 * How an activation (N,C,H,W) lies in memory. Channels come in `groups` of `lanes`; element
 * (n, c, y, x) is at n*image + (c/lanes)*group + (y*width + x)*pitch + c%lanes.
 *   blocked (nChw8c, nChw16c): lanes = pitch = 8 or 16, group = height*width*lanes
 *   channels-last (nhwc):      lanes = C or a divisor of it, pitch = C, group = lanes
 *   planar (nchw):             lanes = pitch = 1, group = height*width
 * Per-channel arrays have groups*lanes entries.
 */
struct sgeo_layout {
    size_t n, groups, lanes;
    size_t height, width;
    size_t image, group, pitch;
};

/* One summand of sgeo_f32_affine_sum: (src - center[c]) * scale[c]; center NULL: 0, scale NULL: 1.
 */
struct sgeo_affine_term {
    const float *src;
    const float *center;
    const float *scale;
};

/* Window of a pool: square kernel, stride and zero padding, the same in both directions. */
struct sgeo_pool_window {
    size_t kernel, stride, pad;
};

/* Result of sgeo_f32_grad_moments. */
struct sgeo_moments {
    double ratio_sum; /* sum_i mean_b|g_bi| / std_b(g_bi) over coordinates with std != 0 (ZiCo's
                         inner sum) */
    double theta_dot; /* sum_i theta_i * sum_b g_bi; 0 when theta is NULL */
    size_t zero_std;  /* coordinates with std exactly 0: all k values equal */
};

#define SGEO_AFFINE_MAX_TERMS    ((size_t)8)
#define SGEO_MOMENTS_MAX_BATCHES ((size_t)16)
#define SGEO_POOL_MAX_KERNEL     ((size_t)16) /* a position in the window fits a byte */

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
 * Average pool that does not count padding, and its transpose. `src` and `dst` have the layouts
 * `in` and `out` (out.height = (in.height + 2 pad - kernel) / stride + 1); n, groups, lanes agree.
 * pad < kernel <= SGEO_POOL_MAX_KERNEL, so that no window lies in the padding alone.
 * backward: dsrc (layout in) = sum over windows of ddst (layout out) / window size; dsrc is
 * overwritten.
 */
typedef void sgeo_f32_avgpool_sig(float *dst, const float *src,
                                  const struct sgeo_pool_window *window,
                                  const struct sgeo_layout *in, const struct sgeo_layout *out);
typedef void sgeo_f32_avgpool_grad_sig(float *dsrc, const float *ddst,
                                       const struct sgeo_pool_window *window,
                                       const struct sgeo_layout *in, const struct sgeo_layout *out);

/*
 * Max pool; the first maximum in row-major window order wins and receives the gradient. where[]
 * (layout out) is the winner's position in its window, row*kernel + column; padding never wins.
 * NaN wins over any number (the first NaN). backward overwrites dsrc.
 */
typedef void sgeo_f32_maxpool_sig(float *dst, uint8_t *where, const float *src,
                                  const struct sgeo_pool_window *window,
                                  const struct sgeo_layout *in, const struct sgeo_layout *out);
typedef void sgeo_f32_maxpool_grad_sig(float *dsrc, const float *ddst, const uint8_t *where,
                                       const struct sgeo_pool_window *window,
                                       const struct sgeo_layout *in, const struct sgeo_layout *out);

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

/*
 * theta -= lr * step with PyTorch's momentum: d = grad + weight_decay*theta; velocity =
 * momentum*velocity + d; step = nesterov ? d + momentum*velocity : velocity. velocity NULL: step =
 * d.
 */
struct sgeo_sgd {
    float lr, momentum, weight_decay;
    int nesterov;
};
typedef void sgeo_f32_sgd_step_sig(float *theta, float *velocity, const float *grad,
                                   const struct sgeo_sgd *sgd, size_t n);

/* accumulator += grad^2; theta -= lr * grad / (sqrt(accumulator) + epsilon). */
typedef void sgeo_f32_adagrad_step_sig(float *theta, float *accumulator, const float *grad,
                                       float lr, float epsilon, size_t n);

/* sgeo_<op>_fn: pointer to a kernel; the function types above declare the symbols (symbols.h). */
#define SGEO_KERNEL(op, ...) typedef sgeo_##op##_sig *sgeo_##op##_fn;
#include "kernels/kernels.inc"
#undef SGEO_KERNEL

#endif
