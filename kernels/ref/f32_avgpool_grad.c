/* dsrc (N,C,H,W) = sum over the windows that hold the pixel of ddst (N,C,OH,OW) / window size. */
#include "kernels/ref/index.h"
#include "kernels/symbols.h"

/* Pixels (not padding) in the window of output pixel `out` along one axis. */
static size_t window_extent(const struct sgeo_pool_window *window, size_t out, size_t size)
{
    size_t extent = 0;
    for (size_t offset = 0; offset < window->kernel; offset++)
        extent += sgeo_ref_window_pixel(window, out, offset, size) != size;
    return extent;
}

/* Whether input pixel `in` lies in the window of output pixel `out` along one axis. */
static int window_holds(const struct sgeo_pool_window *window, size_t out, size_t in)
{
    size_t first = out * window->stride;
    return in + window->pad >= first && in + window->pad < first + window->kernel;
}

static double pixel_grad(const float *ddst, const struct sgeo_pool_window *window,
                         const struct sgeo_layout *in, const struct sgeo_layout *out, size_t n,
                         size_t c, size_t y, size_t x)
{
    double sum = 0.0;
    for (size_t oy = 0; oy < out->height; oy++)
        for (size_t ox = 0; ox < out->width; ox++) {
            if (!window_holds(window, oy, y) || !window_holds(window, ox, x))
                continue;
            size_t size =
                window_extent(window, oy, in->height) * window_extent(window, ox, in->width);
            sum += (double)ddst[sgeo_ref_at(out, n, c, oy, ox)] / (double)size;
        }
    return sum;
}

void sgeo_f32_avgpool_grad__ref(float *dsrc, const float *ddst,
                                const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                                const struct sgeo_layout *out)
{
    for (size_t n = 0; n < in->n; n++)
        for (size_t c = 0; c < sgeo_ref_channels(in); c++)
            for (size_t y = 0; y < in->height; y++)
                for (size_t x = 0; x < in->width; x++)
                    dsrc[sgeo_ref_at(in, n, c, y, x)] =
                        (float)pixel_grad(ddst, window, in, out, n, c, y, x);
}
