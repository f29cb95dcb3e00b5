/* Coefficients of an affine sum for one strip, and its outputs and sources in one image. */
#ifndef SGEO_KERNELS_AFFINE_TILE_H
#define SGEO_KERNELS_AFFINE_TILE_H

#include "kernels/elem.h"
#include "kernels/strip.h"

/* Defaults are filled in: x - 0 and x * 1 are exact, NaN included. */
struct sgeo_affine_tile {
    float center[SGEO_AFFINE_MAX_TERMS][SGEO_LANES];
    float scale[SGEO_AFFINE_MAX_TERMS][SGEO_LANES];
    float shift[SGEO_LANES];
};

/* Pointers to where a strip starts; dst or relu may be NULL. */
struct sgeo_affine_image {
    sgeo_elem *dst, *relu;
    const sgeo_elem *src[SGEO_AFFINE_MAX_TERMS];
};

/* lanes[j] = values[first + j % period], or `otherwise` when there are no values */
SGEO_INLINE void sgeo_affine_fill(float *lanes, const float *values, const struct sgeo_strip *strip,
                                  float otherwise)
{
    for (size_t j = 0; j < SGEO_LANES; j++)
        lanes[j] = values ? values[strip->first + j % strip->period] : otherwise;
}

SGEO_INLINE struct sgeo_affine_tile sgeo_affine_tile_of(const struct sgeo_elem_term *terms,
                                                        size_t n_terms, const float *shift,
                                                        const struct sgeo_strip *strip)
{
    struct sgeo_affine_tile tile;
    for (size_t t = 0; t < n_terms; t++) {
        sgeo_affine_fill(tile.center[t], terms[t].center, strip, 0.0f);
        sgeo_affine_fill(tile.scale[t], terms[t].scale, strip, 1.0f);
    }
    sgeo_affine_fill(tile.shift, shift, strip, 0.0f);
    return tile;
}

SGEO_INLINE struct sgeo_affine_image sgeo_affine_image_at(sgeo_elem *dst, sgeo_elem *relu,
                                                          const struct sgeo_elem_term *terms,
                                                          size_t n_terms, size_t offset)
{
    struct sgeo_affine_image image = {.dst = dst ? dst + offset : NULL,
                                      .relu = relu ? relu + offset : NULL};
    for (size_t t = 0; t < n_terms; t++)
        image.src[t] = terms[t].src + offset;
    return image;
}

#endif
