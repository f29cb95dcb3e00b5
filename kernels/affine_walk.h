/* Sums of affine terms, strip by strip, for any tier: the includer defines sgeo_affine_step. */
#ifndef SGEO_KERNELS_AFFINE_WALK_H
#define SGEO_KERNELS_AFFINE_WALK_H

#include "kernels/affine_tile.h"

/* `width` elements from `at` on; `tile` is in registers where n_terms is constant. */
static inline void sgeo_affine_step(const struct sgeo_affine_image *image,
                                    const struct sgeo_affine_tile *tile, size_t n_terms, size_t at,
                                    size_t width);

/* The steps of one strip; a local copy of the tile, which no store can change. */
SGEO_INLINE void sgeo_affine_strip(const struct sgeo_affine_image *image,
                                   const struct sgeo_affine_tile *shared, size_t n_terms,
                                   const struct sgeo_strip *strip)
{
    struct sgeo_affine_tile tile = *shared;
    size_t at = strip->offset, last = at + strip->steps * strip->stride;
    for (; strip->width == SGEO_LANES && at < last; at += strip->stride)
        sgeo_affine_step(image, &tile, n_terms, at, SGEO_LANES);
    for (; at < last; at += strip->stride)
        sgeo_affine_step(image, &tile, n_terms, at, strip->width);
    if (strip->rest)
        sgeo_affine_step(image, &tile, n_terms, last, strip->rest);
}

/* Whole strips of neighbouring channels, pixel by pixel: memory in the order in which it lies. */
SGEO_INLINE void sgeo_affine_pixels(const struct sgeo_affine_image *image,
                                    const struct sgeo_affine_tile *tile, size_t n_terms,
                                    const struct sgeo_strip_set *set)
{
    const struct sgeo_strip *strip = &set->strip[0];
    size_t at = strip->offset, last = at + strip->steps * strip->stride;
    for (; at < last; at += strip->stride)
        for (size_t s = 0; s < set->n; s++)
            sgeo_affine_step(image, &tile[s], n_terms, at + s * SGEO_LANES, SGEO_LANES);
}

SGEO_INLINE void sgeo_affine_walk_of(sgeo_elem *dst, sgeo_elem *relu,
                                     const struct sgeo_elem_term *terms, size_t n_terms,
                                     const float *shift, const struct sgeo_layout *layout)
{
    struct sgeo_affine_tile tile[SGEO_STRIPS];
    for (size_t first = 0; first < sgeo_strips(layout); first += SGEO_STRIPS) {
        struct sgeo_strip_set set = sgeo_strip_set_at(layout, first);
        for (size_t s = 0; s < set.n; s++)
            tile[s] = sgeo_affine_tile_of(terms, n_terms, shift, &set.strip[s]);
        bool row = sgeo_strip_set_is_row(&set);
        for (size_t n = 0; n < layout->n; n++) {
            struct sgeo_affine_image image =
                sgeo_affine_image_at(dst, relu, terms, n_terms, n * layout->image);
            if (row)
                sgeo_affine_pixels(&image, tile, n_terms, &set);
            else
                for (size_t s = 0; s < set.n; s++)
                    sgeo_affine_strip(&image, &tile[s], n_terms, &set.strip[s]);
        }
    }
}

/* dst (N,C,H,W) = shift (C) + sum_t (src_t (N,C,H,W) - center_t (C)) * scale_t (C); a constant
 * number of terms keeps a tile in registers. */
SGEO_INLINE void sgeo_affine_walk(sgeo_elem *dst, sgeo_elem *relu,
                                  const struct sgeo_elem_term *terms, size_t n_terms,
                                  const float *shift, const struct sgeo_layout *layout)
{
    switch (n_terms) {
    case 1:
        sgeo_affine_walk_of(dst, relu, terms, 1, shift, layout);
        break;
    case 2:
        sgeo_affine_walk_of(dst, relu, terms, 2, shift, layout);
        break;
    case 3:
        sgeo_affine_walk_of(dst, relu, terms, 3, shift, layout);
        break;
    default:
        sgeo_affine_walk_of(dst, relu, terms, n_terms, shift, layout);
    }
}

#endif
