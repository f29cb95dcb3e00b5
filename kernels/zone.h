/*
 * How the pools walk an image: in zones, grids of pixels whose windows have the same shape, so that
 * sizes, weights and positions are worked out once a zone and not once a pixel. An axis is cut into
 * spans: single pixels at the borders, equally spaced ones between them.
 */
#ifndef SGEO_KERNELS_ZONE_H
#define SGEO_KERNELS_ZONE_H

#include "kernels/strip.h"

/* Pixels begin .. end-1 along an axis. */
struct sgeo_range {
    size_t begin, end;
};

/* Pixels first, first + step, ... (`count` of them). */
struct sgeo_span {
    size_t first, step, count;
};

SGEO_INLINE size_t sgeo_range_size(struct sgeo_range range)
{
    return range.end - range.begin;
}

SGEO_INLINE bool sgeo_range_holds(struct sgeo_range range, size_t pixel)
{
    return pixel >= range.begin && pixel < range.end;
}

/* Input pixels (of `size`) in the window of output pixel `out`; never empty as pad < kernel. */
SGEO_INLINE struct sgeo_range sgeo_window_pixels(const struct sgeo_pool_window *window, size_t out,
                                                 size_t size)
{
    size_t padded = out * window->stride;
    return (struct sgeo_range){.begin = padded > window->pad ? padded - window->pad : 0,
                               .end = sgeo_min(padded + window->kernel - window->pad, size)};
}

/* Windows (of `size`) that hold input pixel `in`; empty where none does. */
SGEO_INLINE struct sgeo_range sgeo_pixel_windows(const struct sgeo_pool_window *window, size_t in,
                                                 size_t size)
{
    size_t padded = in + window->pad;
    size_t begin = padded < window->kernel ? 0 : (padded - window->kernel) / window->stride + 1;
    size_t end = sgeo_min(padded / window->stride + 1, size);
    return (struct sgeo_range){.begin = sgeo_min(begin, end), .end = end};
}

/* Windows (of `out_size`) that lie in the image (of `in_size`) altogether; may be empty. */
SGEO_INLINE struct sgeo_range sgeo_full_windows(const struct sgeo_pool_window *window,
                                                size_t in_size, size_t out_size)
{
    size_t padded = in_size + window->pad;
    size_t begin = sgeo_min((window->pad + window->stride - 1) / window->stride, out_size);
    size_t end = padded < window->kernel ? 0 : (padded - window->kernel) / window->stride + 1;
    end = sgeo_min(end, out_size);
    return (struct sgeo_range){.begin = begin, .end = end < begin ? begin : end};
}

/* Pixels (of `in_size`) whose windows are all full and as many as their place in a stride allows.
 */
SGEO_INLINE struct sgeo_range sgeo_inner_pixels(const struct sgeo_pool_window *window,
                                                size_t in_size, size_t out_size)
{
    struct sgeo_range full = sgeo_full_windows(window, in_size, out_size);
    size_t first = full.begin * window->stride + window->kernel;
    size_t past = window->stride + window->pad;
    size_t begin = sgeo_min(first > past ? first - past : 0, in_size);
    size_t last = full.end * window->stride;
    size_t end = sgeo_min(last > window->pad ? last - window->pad : 0, in_size);
    bool none = full.begin == full.end || end < begin;
    return (struct sgeo_range){.begin = begin, .end = none ? begin : end};
}

/*
 * Spans of an axis of `size` pixels whose `inner` ones repeat with `period`: the pixels before
 * inner, one span for each place in the period, the pixels behind inner.
 */
SGEO_INLINE size_t sgeo_spans(struct sgeo_range inner, size_t size, size_t period)
{
    return size - sgeo_range_size(inner) + sgeo_min(period, sgeo_range_size(inner));
}

SGEO_INLINE struct sgeo_span sgeo_span_at(struct sgeo_range inner, size_t period, size_t index)
{
    size_t repeated = sgeo_range_size(inner), places = sgeo_min(period, repeated);
    if (index < inner.begin)
        return (struct sgeo_span){.first = index, .step = 1, .count = 1};
    if (index >= inner.begin + places)
        return (struct sgeo_span){.first = index - places + repeated, .step = 1, .count = 1};
    size_t place = index - inner.begin;
    return (struct sgeo_span){
        .first = index, .step = period, .count = (repeated - place + period - 1) / period};
}

#endif
