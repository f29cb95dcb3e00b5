/*
 * What a depthwise convolution does along one axis. Every pixel of one side (dst) meets some pixels
 * of the other (src), each under its weight: its taps. Pixels with the same taps come in spans, so
 * that borders, strides and dilations are worked out once a call and the loops over pixels know
 * nothing of them. Forward and backward data are two ways of finding the taps.
 */
#ifndef SGEO_KERNELS_TAPS_H
#define SGEO_KERNELS_TAPS_H

#include "kernels/strip.h"

/* A border holds fewer pixels than a filter spans; what is inside repeats with the stride. */
#define SGEO_TAP_MAX_SPANS (2 * (SGEO_DEPTHWISE_MAX_REACH + SGEO_DEPTHWISE_MAX_STRIDE))

/* Pixels dst, dst + axis.dst_step, ... (`count` of them); the first one's first tap is pixel src
 * under weight wei. */
struct sgeo_tap_span {
    size_t dst, count;
    size_t src, wei, taps;
};

/* Steps from a pixel of a span to the next, and from a tap to the next. */
struct sgeo_tap_axis {
    size_t dst_step, src_step;
    size_t tap_src;
    ptrdiff_t tap_wei;
    size_t n_spans;
    struct sgeo_tap_span spans[SGEO_TAP_MAX_SPANS];
};

/* The input pixel that weight k of output pixel `out` meets; `size` when that is padding. */
SGEO_INLINE size_t sgeo_tap_input(const struct sgeo_depthwise_window *window, size_t out, size_t k,
                                  size_t size)
{
    size_t padded = out * window->stride + k * window->dilation;
    return padded >= window->pad ? sgeo_min(padded - window->pad, size) : size;
}

/* The output pixel that meets input pixel `in` with weight k; `size` when there is none. */
SGEO_INLINE size_t sgeo_tap_output(const struct sgeo_depthwise_window *window, size_t in, size_t k,
                                   size_t size)
{
    size_t padded = in + window->pad, offset = k * window->dilation;
    if (padded < offset || (padded - offset) % window->stride != 0)
        return size;
    return sgeo_min((padded - offset) / window->stride, size);
}

/* The taps of one pixel, in ascending order of the pixels that they meet. */
SGEO_INLINE struct sgeo_tap_span sgeo_taps_of(const struct sgeo_depthwise_window *window,
                                              bool backward, size_t pixel, size_t size)
{
    struct sgeo_tap_span found = {.dst = pixel, .count = 1};
    for (size_t i = 0; i < window->kernel; i++) {
        size_t k = backward ? window->kernel - 1 - i : i;
        size_t met = backward ? sgeo_tap_output(window, pixel, k, size)
                              : sgeo_tap_input(window, pixel, k, size);
        if (met == size)
            continue;
        if (found.taps++ == 0) {
            found.src = met;
            found.wei = k;
        }
    }
    return found;
}

/* Whether a pixel continues the latest span. */
SGEO_INLINE bool sgeo_tap_continues(const struct sgeo_tap_axis *axis,
                                    const struct sgeo_tap_span *pixel)
{
    if (axis->n_spans == 0)
        return false;
    const struct sgeo_tap_span *last = &axis->spans[axis->n_spans - 1];
    return last->dst + last->count * axis->dst_step == pixel->dst && last->taps == pixel->taps &&
           last->wei == pixel->wei;
}

SGEO_INLINE void sgeo_tap_append(struct sgeo_tap_axis *axis, struct sgeo_tap_span pixel)
{
    if (sgeo_tap_continues(axis, &pixel))
        axis->spans[axis->n_spans - 1].count++;
    else
        axis->spans[axis->n_spans++] = pixel;
}

/* dst_size output pixels that collect from src_size input pixels. */
SGEO_INLINE void sgeo_forward_axis(struct sgeo_tap_axis *axis,
                                   const struct sgeo_depthwise_window *window, size_t dst_size,
                                   size_t src_size)
{
    axis->dst_step = 1;
    axis->src_step = window->stride;
    axis->tap_src = window->dilation;
    axis->tap_wei = 1;
    axis->n_spans = 0;
    for (size_t pixel = 0; pixel < dst_size; pixel++)
        sgeo_tap_append(axis, sgeo_taps_of(window, false, pixel, src_size));
}

/*
 * dst_size input pixels that collect from src_size output pixels. Pixels a stride apart meet the
 * same weights, of which only every `skip`-th fits the stride.
 */
SGEO_INLINE void sgeo_backward_axis(struct sgeo_tap_axis *axis,
                                    const struct sgeo_depthwise_window *window, size_t dst_size,
                                    size_t src_size)
{
    size_t skip = 1;
    while (skip * window->dilation % window->stride != 0)
        skip++;
    axis->dst_step = window->stride;
    axis->src_step = 1;
    axis->tap_src = skip * window->dilation / window->stride;
    axis->tap_wei = -(ptrdiff_t)skip;
    axis->n_spans = 0;
    for (size_t place = 0; place < sgeo_min(window->stride, dst_size); place++)
        for (size_t pixel = place; pixel < dst_size; pixel += window->stride)
            sgeo_tap_append(axis, sgeo_taps_of(window, true, pixel, src_size));
}

#endif
