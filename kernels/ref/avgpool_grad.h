/* dsrc (N,C,H,W) = sum over the windows that hold the pixel of ddst (N,C,OH,OW) / window size. */
#ifndef SGEO_KERNELS_REF_AVGPOOL_GRAD_H
#define SGEO_KERNELS_REF_AVGPOOL_GRAD_H

#include "kernels/ref/elem.h"
#include "kernels/ref/index.h"

/* Pixels (not padding) in the window of output pixel `out` along one axis. */
static inline size_t sgeo_ref_window_extent(const struct sgeo_pool_window *window, size_t out,
                                            size_t size)
{
    size_t extent = 0;
    for (size_t offset = 0; offset < window->kernel; offset++)
        extent += sgeo_ref_window_pixel(window, out, offset, size) != size;
    return extent;
}

/* Whether input pixel `in` lies in the window of output pixel `out` along one axis. */
static inline int sgeo_ref_window_holds(const struct sgeo_pool_window *window, size_t out,
                                        size_t in)
{
    size_t first = out * window->stride;
    return in + window->pad >= first && in + window->pad < first + window->kernel;
}

static inline double sgeo_ref_pixel_grad(const sgeo_elem *ddst,
                                         const struct sgeo_pool_window *window,
                                         const struct sgeo_layout *in,
                                         const struct sgeo_layout *out, size_t n, size_t c,
                                         size_t y, size_t x)
{
    double sum = 0.0;
    for (size_t oy = 0; oy < out->height; oy++)
        for (size_t ox = 0; ox < out->width; ox++) {
            if (!sgeo_ref_window_holds(window, oy, y) || !sgeo_ref_window_holds(window, ox, x))
                continue;
            size_t size = sgeo_ref_window_extent(window, oy, in->height) *
                          sgeo_ref_window_extent(window, ox, in->width);
            sum += sgeo_ref_value(ddst[sgeo_ref_at(out, n, c, oy, ox)]) / (double)size;
        }
    return sum;
}

static inline void sgeo_ref_avgpool_grad(sgeo_elem *dsrc, const sgeo_elem *ddst,
                                         const struct sgeo_pool_window *window,
                                         const struct sgeo_layout *in,
                                         const struct sgeo_layout *out)
{
    for (size_t n = 0; n < in->n; n++)
        for (size_t c = 0; c < sgeo_ref_channels(in); c++)
            for (size_t y = 0; y < in->height; y++)
                for (size_t x = 0; x < in->width; x++)
                    dsrc[sgeo_ref_at(in, n, c, y, x)] =
                        sgeo_ref_elem(sgeo_ref_pixel_grad(ddst, window, in, out, n, c, y, x));
}

#endif
