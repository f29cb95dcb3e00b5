/* Contracts of the depthwise convolution: a filter of its own for each channel. */
#ifndef SGEO_KERNELS_CONTRACT_DEPTHWISE_H
#define SGEO_KERNELS_CONTRACT_DEPTHWISE_H

#include "kernels/contract/layout.h"

/* Square filter, the same in both directions; dilation 1 = dense. */
struct sgeo_depthwise_window {
    size_t kernel, stride, pad, dilation;
};

#define SGEO_DEPTHWISE_MAX_KERNEL ((size_t)7)
#define SGEO_DEPTHWISE_MAX_REACH  ((size_t)32) /* pixels that a filter spans */
#define SGEO_DEPTHWISE_MAX_STRIDE ((size_t)8)

/*
 * src (N,C,H,W) in the layout `in`, dst (N,C,OH,OW) in `out`, C = groups * lanes of both; their n,
 * groups and lanes agree. With reach = (kernel - 1) * dilation + 1:
 *   out.height = (in.height + 2 pad - reach) / stride + 1, likewise the width, both at least 1
 *   kernel, stride, reach within the limits above, all at least 1; pad < reach
 *   dst[c,y,x] = sum over ky, kx of wei[c,ky,kx] * src[c, y stride + ky dilation - pad, likewise x]
 * Padding is left out of the sums: a NaN in a weight that only padding meets is not seen.
 *
 * Weights and their gradients lie as the activations' groups: (groups, kernel, kernel, lanes), C *
 * kernel^2 floats without gaps. Row-major (C,1,kernel,kernel) element (c, ky, kx) is at
 * ((c/lanes * kernel + ky) * kernel + kx) * lanes + c%lanes. With lanes of 8 or 16 that is oneDNN's
 * Goihw8g or Goihw16g, with one group hwigo.
 *
 * Accumulation in f32, tap after tap: kernel^2 summands at most. Gaps in the layout of a result are
 * not written.
 */
typedef void sgeo_f32_depthwise_sig(float *dst, const float *src, const float *wei,
                                    const struct sgeo_depthwise_window *window,
                                    const struct sgeo_layout *in, const struct sgeo_layout *out);

/* The transpose: dsrc (layout in) from ddst (layout out); overwritten, zero where no window is. */
typedef void sgeo_f32_depthwise_data_grad_sig(float *dsrc, const float *ddst, const float *wei,
                                              const struct sgeo_depthwise_window *window,
                                              const struct sgeo_layout *in,
                                              const struct sgeo_layout *out);

/*
 * dwei[c,ky,kx] = sum over n, y, x of ddst[n,c,y,x] * src[n,c, y stride + ky dilation - pad, ...];
 * overwritten, zeros when n is 0. A row of at most max(OH, OW) products is summed in f32, then the
 * rows of an image in f32, then the images in double: the error does not grow with n.
 */
typedef void sgeo_f32_depthwise_weight_grad_sig(float *dwei, const float *src, const float *ddst,
                                                const struct sgeo_depthwise_window *window,
                                                const struct sgeo_layout *in,
                                                const struct sgeo_layout *out);

#endif
