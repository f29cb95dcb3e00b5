/* dsrc (N,C,H,W) = sum over the windows that the pixel won of ddst (N,C,OH,OW). */
#ifndef SGEO_KERNELS_REF_MAXPOOL_GRAD_H
#define SGEO_KERNELS_REF_MAXPOOL_GRAD_H

#include "kernels/ref/elem.h"
#include "kernels/ref/index.h"

/* Sum over the windows of one output row and column whose winner is pixel (y, x). */
static inline double sgeo_ref_won(const sgeo_elem *ddst, const uint8_t *where,
                                  const struct sgeo_pool_window *window,
                                  const struct sgeo_layout *in, size_t at, size_t oy, size_t ox,
                                  size_t y, size_t x)
{
    size_t winner_y = sgeo_ref_window_pixel(window, oy, where[at] / window->kernel, in->height);
    size_t winner_x = sgeo_ref_window_pixel(window, ox, where[at] % window->kernel, in->width);
    return winner_y == y && winner_x == x ? sgeo_ref_value(ddst[at]) : 0.0;
}

static inline void sgeo_ref_maxpool_grad(sgeo_elem *dsrc, const sgeo_elem *ddst,
                                         const uint8_t *where,
                                         const struct sgeo_pool_window *window,
                                         const struct sgeo_layout *in,
                                         const struct sgeo_layout *out)
{
    for (size_t n = 0; n < in->n; n++)
        for (size_t c = 0; c < sgeo_ref_channels(in); c++)
            for (size_t y = 0; y < in->height; y++)
                for (size_t x = 0; x < in->width; x++) {
                    double sum = 0.0;
                    for (size_t oy = 0; oy < out->height; oy++)
                        for (size_t ox = 0; ox < out->width; ox++)
                            sum += sgeo_ref_won(ddst, where, window, in,
                                                sgeo_ref_at(out, n, c, oy, ox), oy, ox, y, x);
                    dsrc[sgeo_ref_at(in, n, c, y, x)] = sgeo_ref_elem(sum);
                }
}

#endif
