/* dst (N,C,OH,OW) = maximum of the window in src (N,C,H,W); where = its first position. */
#include <math.h>
#include <stdbool.h>

#include "kernels/ref/index.h"
#include "kernels/symbols.h"

struct winner {
    float value;
    size_t position;
    bool found;
};

static bool beats(float value, const struct winner *winner)
{
    return !winner->found || value > winner->value || (isnan(value) && !isnan(winner->value));
}

static struct winner window_winner(const float *src, const struct sgeo_pool_window *window,
                                   const struct sgeo_layout *in, size_t n, size_t c, size_t oy,
                                   size_t ox)
{
    struct winner winner = {0};
    for (size_t ky = 0; ky < window->kernel; ky++)
        for (size_t kx = 0; kx < window->kernel; kx++) {
            size_t y = sgeo_ref_window_pixel(window, oy, ky, in->height);
            size_t x = sgeo_ref_window_pixel(window, ox, kx, in->width);
            if (y == in->height || x == in->width)
                continue;
            float value = src[sgeo_ref_at(in, n, c, y, x)];
            if (beats(value, &winner))
                winner = (struct winner){value, ky * window->kernel + kx, true};
        }
    return winner;
}

void sgeo_f32_maxpool__ref(float *dst, uint8_t *where, const float *src,
                           const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                           const struct sgeo_layout *out)
{
    for (size_t n = 0; n < out->n; n++)
        for (size_t c = 0; c < sgeo_ref_channels(out); c++)
            for (size_t y = 0; y < out->height; y++)
                for (size_t x = 0; x < out->width; x++) {
                    struct winner winner = window_winner(src, window, in, n, c, y, x);
                    dst[sgeo_ref_at(out, n, c, y, x)] = winner.value;
                    where[sgeo_ref_at(out, n, c, y, x)] = (uint8_t)winner.position;
                }
}
