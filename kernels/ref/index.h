/* Where the reference kernels find an element: the definition of sgeo_layout, word for word. */
#ifndef SGEO_KERNELS_REF_INDEX_H
#define SGEO_KERNELS_REF_INDEX_H

#include "kernels/kernel.h"

static inline size_t sgeo_ref_channels(const struct sgeo_layout *layout)
{
    return layout->groups * layout->lanes;
}

/* Offset of element (n, c, y, x). */
static inline size_t sgeo_ref_at(const struct sgeo_layout *layout, size_t n, size_t c, size_t y,
                                 size_t x)
{
    return n * layout->image + c / layout->lanes * layout->group +
           (y * layout->width + x) * layout->pitch + c % layout->lanes;
}

/*
 * The pixel at `offset` (0..kernel-1) of the window of output pixel `out`, along one axis of `size`
 * pixels; `size` when that is padding.
 */
static inline size_t sgeo_ref_window_pixel(const struct sgeo_pool_window *window, size_t out,
                                           size_t offset, size_t size)
{
    size_t padded = out * window->stride + offset;
    return padded >= window->pad && padded - window->pad < size ? padded - window->pad : size;
}

#endif
