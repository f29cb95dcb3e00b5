/* mean (C), var (C) of src (N,C,H,W) over N, H and W: two passes in double. */
#ifndef SGEO_KERNELS_REF_CHANNEL_MOMENTS_H
#define SGEO_KERNELS_REF_CHANNEL_MOMENTS_H

#include "kernels/ref/elem.h"
#include "kernels/ref/index.h"

/* sum over the channel's elements of (src - center)^power, power 1 or 2 */
static inline double sgeo_ref_power_sum(const sgeo_elem *src, double center, int power, size_t c,
                                        const struct sgeo_layout *layout)
{
    double sum = 0.0;
    for (size_t n = 0; n < layout->n; n++)
        for (size_t y = 0; y < layout->height; y++)
            for (size_t x = 0; x < layout->width; x++) {
                double d = sgeo_ref_value(src[sgeo_ref_at(layout, n, c, y, x)]) - center;
                sum += power == 1 ? d : d * d;
            }
    return sum;
}

static inline void sgeo_ref_channel_moments(double *mean, double *var, const sgeo_elem *src,
                                            const struct sgeo_layout *layout)
{
    size_t count = layout->n * layout->height * layout->width;
    for (size_t c = 0; c < sgeo_ref_channels(layout); c++) {
        mean[c] = count ? sgeo_ref_power_sum(src, 0.0, 1, c, layout) / (double)count : 0.0;
        var[c] = count ? sgeo_ref_power_sum(src, mean[c], 2, c, layout) / (double)count : 0.0;
    }
}

#endif
