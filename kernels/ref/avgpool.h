/* dst (N,C,OH,OW) = mean of the window's pixels in src (N,C,H,W); padding does not count. */
#ifndef SGEO_KERNELS_REF_AVGPOOL_H
#define SGEO_KERNELS_REF_AVGPOOL_H

#include "kernels/ref/elem.h"
#include "kernels/ref/index.h"

static inline double sgeo_ref_window_mean(const sgeo_elem *src,
                                          const struct sgeo_pool_window *window,
                                          const struct sgeo_layout *in, size_t n, size_t c,
                                          size_t oy, size_t ox)
{
    double sum = 0.0;
    size_t count = 0;
    for (size_t ky = 0; ky < window->kernel; ky++)
        for (size_t kx = 0; kx < window->kernel; kx++) {
            size_t y = sgeo_ref_window_pixel(window, oy, ky, in->height);
            size_t x = sgeo_ref_window_pixel(window, ox, kx, in->width);
            if (y == in->height || x == in->width)
                continue;
            sum += sgeo_ref_value(src[sgeo_ref_at(in, n, c, y, x)]);
            count++;
        }
    return sum / (double)count;
}

static inline void sgeo_ref_avgpool(sgeo_elem *dst, const sgeo_elem *src,
                                    const struct sgeo_pool_window *window,
                                    const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    for (size_t n = 0; n < out->n; n++)
        for (size_t c = 0; c < sgeo_ref_channels(out); c++)
            for (size_t y = 0; y < out->height; y++)
                for (size_t x = 0; x < out->width; x++)
                    dst[sgeo_ref_at(out, n, c, y, x)] =
                        sgeo_ref_elem(sgeo_ref_window_mean(src, window, in, n, c, y, x));
}

#endif
