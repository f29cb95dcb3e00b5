/* dst (N,C,OH,OW) = maximum of the window in src (N,C,H,W); where = its first position. */
#ifndef SGEO_KERNELS_REF_MAXPOOL_H
#define SGEO_KERNELS_REF_MAXPOOL_H

#include <math.h>
#include <stdbool.h>

#include "kernels/ref/elem.h"
#include "kernels/ref/index.h"

struct sgeo_ref_winner {
    double value;
    size_t position;
    bool found;
};

static inline bool sgeo_ref_beats(double value, const struct sgeo_ref_winner *winner)
{
    return !winner->found || value > winner->value || (isnan(value) && !isnan(winner->value));
}

static inline struct sgeo_ref_winner sgeo_ref_window_winner(const sgeo_elem *src,
                                                            const struct sgeo_pool_window *window,
                                                            const struct sgeo_layout *in, size_t n,
                                                            size_t c, size_t oy, size_t ox)
{
    struct sgeo_ref_winner winner = {0};
    for (size_t ky = 0; ky < window->kernel; ky++)
        for (size_t kx = 0; kx < window->kernel; kx++) {
            size_t y = sgeo_ref_window_pixel(window, oy, ky, in->height);
            size_t x = sgeo_ref_window_pixel(window, ox, kx, in->width);
            if (y == in->height || x == in->width)
                continue;
            double value = sgeo_ref_value(src[sgeo_ref_at(in, n, c, y, x)]);
            if (sgeo_ref_beats(value, &winner))
                winner = (struct sgeo_ref_winner){value, ky * window->kernel + kx, true};
        }
    return winner;
}

static inline void sgeo_ref_maxpool(sgeo_elem *dst, uint8_t *where, const sgeo_elem *src,
                                    const struct sgeo_pool_window *window,
                                    const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    for (size_t n = 0; n < out->n; n++)
        for (size_t c = 0; c < sgeo_ref_channels(out); c++)
            for (size_t y = 0; y < out->height; y++)
                for (size_t x = 0; x < out->width; x++) {
                    struct sgeo_ref_winner winner =
                        sgeo_ref_window_winner(src, window, in, n, c, y, x);
                    dst[sgeo_ref_at(out, n, c, y, x)] = sgeo_ref_elem(winner.value);
                    where[sgeo_ref_at(out, n, c, y, x)] = (uint8_t)winner.position;
                }
}

#endif
