/* sum (C) = sum d;  dot (C) = sum d * (x - center (C)), over N, H and W of d, x (N,C,H,W). */
#include "kernels/ref/index.h"
#include "kernels/symbols.h"

void sgeo_f32_channel_dots__ref(double *sum, double *dot, const float *d, const float *x,
                                const double *center, const struct sgeo_layout *layout)
{
    for (size_t c = 0; c < sgeo_ref_channels(layout); c++) {
        sum[c] = 0.0;
        dot[c] = 0.0;
        for (size_t n = 0; n < layout->n; n++)
            for (size_t row = 0; row < layout->height; row++)
                for (size_t col = 0; col < layout->width; col++) {
                    size_t at = sgeo_ref_at(layout, n, c, row, col);
                    sum[c] += (double)d[at];
                    dot[c] += (double)d[at] * ((double)x[at] - center[c]);
                }
    }
}
