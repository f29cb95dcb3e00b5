/*
 * dsrc (N,C,H,W) = sum over the windows that the pixel won of ddst (N,C,OH,OW).
 * A gather: every pixel asks its windows for their winner and is written once.
 */
#include <string.h>

#include "kernels/scalar/tier.h"
#include "kernels/zone.h"

/*
 * wide (8) = bytes (8), which must not be read beyond. Through shifts of one little-endian word,
 * since gcc would widen eight bytes in pieces too small for the vectors that follow.
 */
SGEO_INLINE void widen_eight(int32_t *wide, const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    for (size_t j = 0; j < 8; j++)
        wide[j] = (int32_t)(word >> 8 * j & 0xff);
}

SGEO_INLINE void widen(int32_t *wide, const uint8_t *bytes, size_t width)
{
    size_t j = 0;
    for (; j + 8 <= width; j += 8)
        widen_eight(wide + j, bytes + j);
    for (; j < width; j++)
        wide[j] = bytes[j];
}

SGEO_INLINE void collect(float *sum, const float *ddst, const uint8_t *where, int32_t position,
                         size_t width)
{
    int32_t winner[SGEO_LANES];
    widen(winner, where, width);
    for (size_t j = 0; j < width; j++)
        sum[j] += winner[j] == position ? ddst[j] : 0.0f;
}

SGEO_INLINE void grad_pixel(float *dsrc, const float *ddst, const uint8_t *where,
                            const struct sgeo_pool_window *window, const struct sgeo_layout *out,
                            size_t in_y, size_t in_x, size_t width)
{
    struct sgeo_range rows = sgeo_pixel_windows(window, in_y, out->height);
    struct sgeo_range cols = sgeo_pixel_windows(window, in_x, out->width);
    float sum[SGEO_LANES];
    for (size_t j = 0; j < width; j++)
        sum[j] = 0.0f;
    for (size_t y = rows.begin; y < rows.end; y++)
        for (size_t x = cols.begin; x < cols.end; x++) {
            size_t row = in_y + window->pad - y * window->stride; /* position in window (y, x) */
            size_t col = in_x + window->pad - x * window->stride;
            size_t at = (y * out->width + x) * out->pitch;
            collect(sum, ddst + at, where + at, (int32_t)(row * window->kernel + col), width);
        }
    for (size_t j = 0; j < width; j++)
        dsrc[j] = sum[j];
}

SGEO_INLINE void grad_row(float *dsrc, const float *ddst, const uint8_t *where,
                          const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                          const struct sgeo_layout *out, size_t y, size_t width)
{
    for (size_t x = 0; x < in->width; x++)
        grad_pixel(dsrc + (y * in->width + x) * in->pitch, ddst, where, window, out, y, x, width);
}

/* `width` channels of one image. */
static void grad_plane(float *dsrc, const float *ddst, const uint8_t *where,
                       const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                       const struct sgeo_layout *out, size_t width)
{
    for (size_t y = 0; y < in->height; y++)
        if (width == 16)
            grad_row(dsrc, ddst, where, window, in, out, y, 16);
        else if (width == 8)
            grad_row(dsrc, ddst, where, window, in, out, y, 8);
        else
            grad_row(dsrc, ddst, where, window, in, out, y, width);
}

void SGEO_SYMBOL(f32_maxpool_grad)(float *dsrc, const float *ddst, const uint8_t *where,
                                   const struct sgeo_pool_window *window,
                                   const struct sgeo_layout *in, const struct sgeo_layout *out)
{
    for (size_t n = 0; n < in->n; n++)
        for (size_t g = 0; g < in->groups; g++)
            for (size_t lane = 0; lane < in->lanes; lane += SGEO_LANES) {
                size_t at = n * out->image + g * out->group + lane;
                grad_plane(dsrc + n * in->image + g * in->group + lane, ddst + at, where + at,
                           window, in, out, sgeo_min(SGEO_LANES, in->lanes - lane));
            }
}
