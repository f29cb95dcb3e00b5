/* dst (N,C,H,W) = shift (C) + sum_t (src_t (N,C,H,W) - center_t (C)) * scale_t (C), in f32. */
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
            sum[j] += (image->src[t][at + j] - tile->center[t][j]) * tile->scale[t][j];
    if (image->dst)
        for (size_t j = 0; j < width; j++)
            image->dst[at + j] = sum[j];
    if (image->relu) /* a NaN fails the comparison and stays */
        for (size_t j = 0; j < width; j++)
            image->relu[at + j] = sum[j] <= 0.0f ? 0.0f : sum[j];
}

void SGEO_SYMBOL(f32_affine_sum)(float *dst, float *relu, const struct sgeo_affine_term *terms,
                                 size_t n_terms, const float *shift,
                                 const struct sgeo_layout *layout)
{
    sgeo_affine_walk(dst, relu, terms, n_terms, shift, layout);
}
