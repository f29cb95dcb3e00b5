/* dst (N,C,H,W) = shift (C) + sum_t (src_t (N,C,H,W) - center_t (C)) * scale_t (C), with NEON. */
#include "kernels/affine_walk.h"
#include "kernels/neon/intrinsics.h"

/* max(x, 0) where a NaN stays and a -0 does not */
SGEO_INLINE float32x4_t relu_of(float32x4_t x)
{
    uint32x4_t dropped = vcleq_f32(x, vdupq_n_f32(0.0f));
    return vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(x), dropped));
}

SGEO_INLINE void sgeo_affine_step(const struct sgeo_affine_image *image,
                                  const struct sgeo_affine_tile *tile, size_t n_terms, size_t at,
                                  size_t width)
{
    struct sgeo_tile sum = sgeo_load(tile->shift, SGEO_LANES);
    for (size_t t = 0; t < n_terms; t++) {
        struct sgeo_tile src = sgeo_load(image->src[t] + at, width);
        struct sgeo_tile center = sgeo_load(tile->center[t], SGEO_LANES);
        struct sgeo_tile scale = sgeo_load(tile->scale[t], SGEO_LANES);
        for (size_t q = 0; q < SGEO_QUADS; q++)
            sum.quad[q] =
                vfmaq_f32(sum.quad[q], vsubq_f32(src.quad[q], center.quad[q]), scale.quad[q]);
    }
    if (image->dst)
        sgeo_store(image->dst + at, width, sum);
    if (image->relu) {
        for (size_t q = 0; q < SGEO_QUADS; q++)
            sum.quad[q] = relu_of(sum.quad[q]);
        sgeo_store(image->relu + at, width, sum);
    }
}

void SGEO_SYMBOL(f32_affine_sum)(float *dst, float *relu, const struct sgeo_affine_term *terms,
                                 size_t n_terms, const float *shift,
                                 const struct sgeo_layout *layout)
{
    sgeo_affine_walk(dst, relu, terms, n_terms, shift, layout);
}
