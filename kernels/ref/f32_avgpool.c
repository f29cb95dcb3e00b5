/* dst (N,C,OH,OW) = mean of the window's pixels in src (N,C,H,W); padding does not count. */
#include "kernels/ref/index.h"
#include "kernels/symbols.h"

static double window_mean(const float *src, const struct sgeo_pool_window *window,
                          const struct sgeo_layout *in, size_t n, size_t c, size_t oy, size_t ox)
{
    double sum = 0.0;
    size_t count = 0;
    for (size_t ky = 0; ky < window->kernel; ky++)
        for (size_t kx = 0; kx < window->kernel; kx++) {
            size_t y = sgeo_ref_window_pixel(window, oy, ky, in->height);
            size_t x = sgeo_ref_window_pixel(window, ox, kx, in->width);
            if (y == in->height || x == in->width)
                continue;
            sum += (double)src[sgeo_ref_at(in, n, c, y, x)];
            count++;
        }
    return sum / (double)count;
}

void sgeo_f32_avgpool__ref(float *dst, const float *src, const struct sgeo_pool_window *window,
                           const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    for (size_t n = 0; n < out->n; n++)
        for (size_t c = 0; c < sgeo_ref_channels(out); c++)
            for (size_t y = 0; y < out->height; y++)
                for (size_t x = 0; x < out->width; x++)
                    dst[sgeo_ref_at(out, n, c, y, x)] =
                        (float)window_mean(src, window, in, n, c, y, x);
}
