/* dwei (C,k,k) = sum over images and pixels of ddst (N,C,OH,OW) * the pixel of src (N,C,H,W). */
#include "kernels/ref/depthwise.h"
#include "kernels/symbols.h"

static double weight_grad(const float *src, const float *ddst,
                          const struct sgeo_depthwise_window *window, const struct sgeo_layout *in,
                          const struct sgeo_layout *out, size_t c, size_t ky, size_t kx)
{
    double sum = 0.0;
    for (size_t n = 0; n < out->n; n++)
        for (size_t oy = 0; oy < out->height; oy++)
            for (size_t ox = 0; ox < out->width; ox++) {
                size_t y = sgeo_ref_tap_pixel(window, oy, ky, in->height);
                size_t x = sgeo_ref_tap_pixel(window, ox, kx, in->width);
                if (y < in->height && x < in->width)
                    sum += (double)ddst[sgeo_ref_at(out, n, c, oy, ox)] *
                           (double)src[sgeo_ref_at(in, n, c, y, x)];
            }
    return sum;
}

void sgeo_f32_depthwise_weight_grad__ref(float *dwei, const float *src, const float *ddst,
                                         const struct sgeo_depthwise_window *window,
                                         const struct sgeo_layout *in,
                                         const struct sgeo_layout *out)
{
    for (size_t c = 0; c < sgeo_ref_channels(out); c++)
        for (size_t ky = 0; ky < window->kernel; ky++)
            for (size_t kx = 0; kx < window->kernel; kx++)
                dwei[sgeo_ref_weight_at(window, in, c, ky, kx)] =
                    (float)weight_grad(src, ddst, window, in, out, c, ky, kx);
}
