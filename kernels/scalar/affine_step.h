/* One step of an affine sum, in f32. */
#ifndef SGEO_KERNELS_SCALAR_AFFINE_STEP_H
#define SGEO_KERNELS_SCALAR_AFFINE_STEP_H

#include "kernels/affine_walk.h"
#include "kernels/scalar/tier.h"

/* `width` elements from `at` on; constant arguments make this straight vector code. */
SGEO_INLINE void sgeo_affine_step(const struct sgeo_affine_image *image,
                                  const struct sgeo_affine_tile *tile, size_t n_terms, size_t at,
                                  size_t width)
{
    float sum[SGEO_LANES];
    for (size_t j = 0; j < width; j++)
        sum[j] = tile->shift[j];
    for (size_t t = 0; t < n_terms; t++)
        for (size_t j = 0; j < width; j++)
            sum[j] +=
                (sgeo_elem_value(image->src[t][at + j]) - tile->center[t][j]) * tile->scale[t][j];
    if (image->dst)
        for (size_t j = 0; j < width; j++)
            image->dst[at + j] = sgeo_elem_of(sum[j]);
    if (image->relu) /* a NaN fails the comparison and stays */
        for (size_t j = 0; j < width; j++)
            image->relu[at + j] = sgeo_elem_of(sum[j] <= 0.0f ? 0.0f : sum[j]);
}

#endif
