/* sum (C) = sum d;  dot (C) = sum d * (x - center (C)), over N, H and W of d, x (N,C,H,W). */
#ifndef SGEO_KERNELS_REF_CHANNEL_DOTS_H
#define SGEO_KERNELS_REF_CHANNEL_DOTS_H

#include "kernels/ref/elem.h"
#include "kernels/ref/index.h"

static inline void sgeo_ref_channel_dots(double *sum, double *dot, const sgeo_elem *d,
                                         const sgeo_elem *x, const double *center,
                                         const struct sgeo_layout *layout)
{
    for (size_t c = 0; c < sgeo_ref_channels(layout); c++) {
        sum[c] = 0.0;
        dot[c] = 0.0;
        for (size_t n = 0; n < layout->n; n++)
            for (size_t row = 0; row < layout->height; row++)
                for (size_t col = 0; col < layout->width; col++) {
                    size_t at = sgeo_ref_at(layout, n, c, row, col);
                    sum[c] += sgeo_ref_value(d[at]);
                    dot[c] += sgeo_ref_value(d[at]) * (sgeo_ref_value(x[at]) - center[c]);
                }
    }
}

#endif
