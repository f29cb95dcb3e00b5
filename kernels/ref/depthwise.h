/* Where the reference kernels of the depthwise convolution find weights and pixels. */
#ifndef SGEO_KERNELS_REF_DEPTHWISE_H
#define SGEO_KERNELS_REF_DEPTHWISE_H

#include "kernels/ref/index.h"

/* Offset of weight (c, ky, kx): the contract, word for word. */
static inline size_t sgeo_ref_weight_at(const struct sgeo_depthwise_window *window,
                                        const struct sgeo_layout *layout, size_t c, size_t ky,
                                        size_t kx)
{
    size_t row = c / layout->lanes * window->kernel + ky;
    return (row * window->kernel + kx) * layout->lanes + c % layout->lanes;
}

/*
 * The input pixel under weight `k` for output pixel `out`, along one axis of `size` input pixels;
 * `size` when that is padding.
 */
static inline size_t sgeo_ref_tap_pixel(const struct sgeo_depthwise_window *window, size_t out,
                                        size_t k, size_t size)
{
    size_t padded = out * window->stride + k * window->dilation;
    return padded >= window->pad && padded - window->pad < size ? padded - window->pad : size;
}

#endif
