/* mean (C), var (C) of src (N,C,H,W) over N, H and W: two passes in double. */
#include "kernels/ref/index.h"
#include "kernels/symbols.h"

/* sum over the channel's elements of (src - center)^power, power 1 or 2 */
static double power_sum(const float *src, double center, int power, size_t c,
                        const struct sgeo_layout *layout)
{
    double sum = 0.0;
    for (size_t n = 0; n < layout->n; n++)
        for (size_t y = 0; y < layout->height; y++)
            for (size_t x = 0; x < layout->width; x++) {
                double d = (double)src[sgeo_ref_at(layout, n, c, y, x)] - center;
                sum += power == 1 ? d : d * d;
            }
    return sum;
}

void sgeo_f32_channel_moments__ref(double *mean, double *var, const float *src,
                                   const struct sgeo_layout *layout)
{
    size_t count = layout->n * layout->height * layout->width;
    for (size_t c = 0; c < sgeo_ref_channels(layout); c++) {
        mean[c] = count ? power_sum(src, 0.0, 1, c, layout) / (double)count : 0.0;
        var[c] = count ? power_sum(src, mean[c], 2, c, layout) / (double)count : 0.0;
    }
}
