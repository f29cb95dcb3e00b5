/* Contracts of the pools. */
#ifndef SGEO_KERNELS_CONTRACT_POOL_H
#define SGEO_KERNELS_CONTRACT_POOL_H

#include <stdint.h>

#include "kernels/contract/layout.h"

/* Window of a pool: square kernel, stride and zero padding, the same in both directions. */
struct sgeo_pool_window {
    size_t kernel, stride, pad;
};

#define SGEO_POOL_MAX_KERNEL ((size_t)16) /* a position in the window fits a byte */

/*
 * Average pool that does not count padding, and its transpose. `src` and `dst` have the layouts
 * `in` and `out` (out.height = (in.height + 2 pad - kernel) / stride + 1); n, groups, lanes agree.
 * pad < kernel <= SGEO_POOL_MAX_KERNEL and in.height, in.width >= 1, so that no window lies in the
 * padding alone.
 * backward: dsrc (layout in) = sum over windows of ddst (layout out) / window size; dsrc is
 * overwritten.
 */
typedef void sgeo_f32_avgpool_sig(float *dst, const float *src,
                                  const struct sgeo_pool_window *window,
                                  const struct sgeo_layout *in, const struct sgeo_layout *out);
typedef void sgeo_f32_avgpool_grad_sig(float *dsrc, const float *ddst,
                                       const struct sgeo_pool_window *window,
                                       const struct sgeo_layout *in, const struct sgeo_layout *out);

/* The same on activations in bf16, as contract/channel.h says: f32 sums, rounded when stored. */
typedef void sgeo_bf16_avgpool_sig(uint16_t *dst, const uint16_t *src,
                                   const struct sgeo_pool_window *window,
                                   const struct sgeo_layout *in, const struct sgeo_layout *out);
typedef void sgeo_bf16_avgpool_grad_sig(uint16_t *dsrc, const uint16_t *ddst,
                                        const struct sgeo_pool_window *window,
                                        const struct sgeo_layout *in,
                                        const struct sgeo_layout *out);

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

/* The same in bf16: maxima are exact, and a NaN that wins is quiet; sums in f32, rounded when
 * stored.
 */
typedef void sgeo_bf16_maxpool_sig(uint16_t *dst, uint8_t *where, const uint16_t *src,
                                   const struct sgeo_pool_window *window,
                                   const struct sgeo_layout *in, const struct sgeo_layout *out);
typedef void sgeo_bf16_maxpool_grad_sig(uint16_t *dsrc, const uint16_t *ddst, const uint8_t *where,
                                        const struct sgeo_pool_window *window,
                                        const struct sgeo_layout *in,
                                        const struct sgeo_layout *out);

#endif
