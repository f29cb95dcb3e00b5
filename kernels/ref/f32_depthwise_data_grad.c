/* dsrc (N,C,H,W) = sum over the windows that meet the pixel of ddst (N,C,OH,OW) * wei (C,k,k). */
#include "kernels/ref/depthwise.h"
#include "kernels/symbols.h"

/* What row y of the input receives at column x through weight row ky of output row oy. */
static double row_grad(const float *ddst, const float *wei,
                       const struct sgeo_depthwise_window *window, const struct sgeo_layout *in,
                       const struct sgeo_layout *out, size_t n, size_t c, size_t x, size_t oy,
                       size_t ky)
{
    double sum = 0.0;
    for (size_t ox = 0; ox < out->width; ox++)
        for (size_t kx = 0; kx < window->kernel; kx++)
            if (sgeo_ref_tap_pixel(window, ox, kx, in->width) == x)
                sum += (double)wei[sgeo_ref_weight_at(window, in, c, ky, kx)] *
                       (double)ddst[sgeo_ref_at(out, n, c, oy, ox)];
    return sum;
}

static double pixel_grad(const float *ddst, const float *wei,
                         const struct sgeo_depthwise_window *window, const struct sgeo_layout *in,
                         const struct sgeo_layout *out, size_t n, size_t c, size_t y, size_t x)
{
    double sum = 0.0;
    for (size_t oy = 0; oy < out->height; oy++)
        for (size_t ky = 0; ky < window->kernel; ky++)
            if (sgeo_ref_tap_pixel(window, oy, ky, in->height) == y)
                sum += row_grad(ddst, wei, window, in, out, n, c, x, oy, ky);
    return sum;
}

void sgeo_f32_depthwise_data_grad__ref(float *dsrc, const float *ddst, const float *wei,
                                       const struct sgeo_depthwise_window *window,
                                       const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    for (size_t n = 0; n < in->n; n++)
        for (size_t c = 0; c < sgeo_ref_channels(in); c++)
            for (size_t y = 0; y < in->height; y++)
                for (size_t x = 0; x < in->width; x++)
                    dsrc[sgeo_ref_at(in, n, c, y, x)] =
                        (float)pixel_grad(ddst, wei, window, in, out, n, c, y, x);
}
