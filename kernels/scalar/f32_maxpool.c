/* dst (N,C,OH,OW) = maximum of the window in src (N,C,H,W); where = its first position. */
#include "kernels/scalar/tier.h"
#include "kernels/zone.h"

struct winners {
    float value[SGEO_LANES];
    int32_t position[SGEO_LANES];
};

SGEO_INLINE void challenge(struct winners *winners, const float *pixel, int32_t position,
                           size_t width)
{
    int32_t wins[SGEO_LANES]; /* greater, or the first NaN */
    for (size_t j = 0; j < width; j++)
        wins[j] = !(pixel[j] <= winners->value[j]) & (winners->value[j] == winners->value[j]);
    for (size_t j = 0; j < width; j++)
        winners->value[j] = wins[j] ? pixel[j] : winners->value[j];
    for (size_t j = 0; j < width; j++)
        winners->position[j] = wins[j] ? position : winners->position[j];
}

SGEO_INLINE void maxpool_pixel(float *dst, uint8_t *where, const float *src,
                               const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                               size_t out_y, size_t out_x, size_t width)
{
    struct sgeo_range rows = sgeo_window_pixels(window, out_y, in->height);
    struct sgeo_range cols = sgeo_window_pixels(window, out_x, in->width);
    size_t top = rows.begin + window->pad - out_y * window->stride; /* first row's position */
    size_t left = cols.begin + window->pad - out_x * window->stride;
    const float *first = src + (rows.begin * in->width + cols.begin) * in->pitch;
    struct winners winners;
    for (size_t j = 0; j < width; j++)
        winners.value[j] = first[j];
    for (size_t j = 0; j < width; j++)
        winners.position[j] = (int32_t)(top * window->kernel + left);
    for (size_t y = 0; y < sgeo_range_size(rows); y++)
        for (size_t x = 0; x < sgeo_range_size(cols); x++)
            challenge(&winners, first + (y * in->width + x) * in->pitch,
                      (int32_t)((top + y) * window->kernel + left + x), width);
    for (size_t j = 0; j < width; j++)
        dst[j] = winners.value[j];
    for (size_t j = 0; j < width; j++)
        where[j] = (uint8_t)winners.position[j];
}

SGEO_INLINE void maxpool_row(float *dst, uint8_t *where, const float *src,
                             const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                             const struct sgeo_layout *out, size_t y, size_t width)
{
    for (size_t x = 0; x < out->width; x++) {
        size_t at = (y * out->width + x) * out->pitch;
        maxpool_pixel(dst + at, where + at, src, window, in, y, x, width);
    }
}

/* `width` channels of one image. */
static void maxpool_plane(float *dst, uint8_t *where, const float *src,
                          const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                          const struct sgeo_layout *out, size_t width)
{
    for (size_t y = 0; y < out->height; y++)
        if (width == 16)
            maxpool_row(dst, where, src, window, in, out, y, 16);
        else if (width == 8)
            maxpool_row(dst, where, src, window, in, out, y, 8);
        else
            maxpool_row(dst, where, src, window, in, out, y, width);
}

void SGEO_SYMBOL(f32_maxpool)(float *dst, uint8_t *where, const float *src,
                              const struct sgeo_pool_window *window, const struct sgeo_layout *in,
                              const struct sgeo_layout *out)
{
    for (size_t n = 0; n < out->n; n++)
        for (size_t g = 0; g < out->groups; g++)
            for (size_t lane = 0; lane < out->lanes; lane += SGEO_LANES) {
                size_t at = n * out->image + g * out->group + lane;
                maxpool_plane(dst + at, where + at, src + n * in->image + g * in->group + lane,
                              window, in, out, sgeo_min(SGEO_LANES, out->lanes - lane));
            }
}
