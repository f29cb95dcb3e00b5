/* dst (N,C,OH,OW) = src (N,C,H,W) * wei (C,k,k), each channel with its own filter. */
#include "kernels/ref/depthwise.h"
#include "kernels/symbols.h"

static double window_sum(const float *src, const float *wei,
                         const struct sgeo_depthwise_window *window, const struct sgeo_layout *in,
                         size_t n, size_t c, size_t oy, size_t ox)
{
    double sum = 0.0;
    for (size_t ky = 0; ky < window->kernel; ky++)
        for (size_t kx = 0; kx < window->kernel; kx++) {
            size_t y = sgeo_ref_tap_pixel(window, oy, ky, in->height);
            size_t x = sgeo_ref_tap_pixel(window, ox, kx, in->width);
            if (y < in->height && x < in->width)
                sum += (double)wei[sgeo_ref_weight_at(window, in, c, ky, kx)] *
                       (double)src[sgeo_ref_at(in, n, c, y, x)];
        }
    return sum;
}

void sgeo_f32_depthwise__ref(float *dst, const float *src, const float *wei,
                             const struct sgeo_depthwise_window *window,
                             const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    for (size_t n = 0; n < out->n; n++)
        for (size_t c = 0; c < sgeo_ref_channels(out); c++)
            for (size_t y = 0; y < out->height; y++)
                for (size_t x = 0; x < out->width; x++)
                    dst[sgeo_ref_at(out, n, c, y, x)] =
                        (float)window_sum(src, wei, window, in, n, c, y, x);
}
