/* Sums of affine terms, strip by strip, for any tier: the includer defines sgeo_affine_step. */
#ifndef SGEO_KERNELS_AFFINE_WALK_H
#define SGEO_KERNELS_AFFINE_WALK_H

#include "kernels/affine_tile.h"

/* `width` elements from `at` on; `tile` is in registers where n_terms is constant. */
static inline void sgeo_affine_step(const struct sgeo_affine_image *image,
                                    const struct sgeo_affine_tile *tile, size_t n_terms, size_t at,
                                    size_t width);

/* Local copies of image and tile: no store can change them. */
SGEO_INLINE void sgeo_affine_steps_of(const struct sgeo_affine_image *shared,
                                      const struct sgeo_affine_tile *shared_tile, size_t n_terms,
                                      size_t steps, size_t stride)
{
    struct sgeo_affine_image image = *shared;
    struct sgeo_affine_tile tile;
    for (size_t j = 0; j < SGEO_LANES; j++)
        tile.shift[j] = shared_tile->shift[j];
    for (size_t t = 0; t < n_terms; t++)
        for (size_t j = 0; j < SGEO_LANES; j++) {
            tile.center[t][j] = shared_tile->center[t][j];
            tile.scale[t][j] = shared_tile->scale[t][j];
        }
    for (size_t step = 0; step < steps; step++)
        sgeo_affine_step(&image, &tile, n_terms, step * stride, SGEO_LANES);
}

SGEO_INLINE void sgeo_affine_steps(const struct sgeo_affine_image *image,
                                   const struct sgeo_affine_tile *tile, size_t n_terms,
                                   size_t steps, size_t stride)
{
    switch (n_terms) {
    case 1:
        sgeo_affine_steps_of(image, tile, 1, steps, stride);
        break;
    case 2:
        sgeo_affine_steps_of(image, tile, 2, steps, stride);
        break;
    case 3:
        sgeo_affine_steps_of(image, tile, 3, steps, stride);
        break;
    default:
        sgeo_affine_steps_of(image, tile, n_terms, steps, stride);
    }
}

SGEO_INLINE void sgeo_affine_image(const struct sgeo_affine_image *image,
                                   const struct sgeo_affine_tile *tile, size_t n_terms,
                                   const struct sgeo_strip *strip)
{
    bool wide = strip->width == SGEO_LANES;
    if (wide)
        sgeo_affine_steps(image, tile, n_terms, strip->steps, strip->stride);
    for (size_t step = wide ? strip->steps : 0; step < strip->steps; step++)
        sgeo_affine_step(image, tile, n_terms, step * strip->stride, strip->width);
    if (strip->rest)
        sgeo_affine_step(image, tile, n_terms, strip->steps * strip->stride, strip->rest);
}

/* dst (N,C,H,W) = shift (C) + sum_t (src_t (N,C,H,W) - center_t (C)) * scale_t (C) */
SGEO_INLINE void sgeo_affine_walk(float *dst, float *relu, const struct sgeo_affine_term *terms,
                                  size_t n_terms, const float *shift,
                                  const struct sgeo_layout *layout)
{
    struct sgeo_affine_tile tile[SGEO_STRIPS];
    for (size_t first = 0; first < sgeo_strips(layout); first += SGEO_STRIPS) {
        struct sgeo_strip_set set = sgeo_strip_set_at(layout, first);
        for (size_t s = 0; s < set.n; s++)
            tile[s] = sgeo_affine_tile_of(terms, n_terms, shift, &set.strip[s]);
        for (size_t n = 0; n < layout->n; n++)
            for (size_t s = 0; s < set.n; s++) {
                struct sgeo_affine_image image = sgeo_affine_image_at(
                    dst, relu, terms, n_terms, n * layout->image + set.strip[s].offset);
                sgeo_affine_image(&image, &tile[s], n_terms, &set.strip[s]);
            }
    }
}

#endif
