/* dst (N,C,H,W) = shift (C) + sum_t (src_t (N,C,H,W) - center_t (C)) * scale_t (C), with AVX-512.
 */
#include "kernels/affine_walk.h"
#include "kernels/avx512/intrinsics.h"

SGEO_INLINE void sgeo_affine_step(const struct sgeo_affine_image *image,
                                  const struct sgeo_affine_tile *tile, size_t n_terms, size_t at,
                                  size_t width)
{
    __m512 sum = _mm512_loadu_ps(tile->shift);
    for (size_t t = 0; t < n_terms; t++) {
        __m512 centred =
            _mm512_sub_ps(sgeo_load(image->src[t] + at, width), _mm512_loadu_ps(tile->center[t]));
        sum = _mm512_add_ps(sum, _mm512_mul_ps(centred, _mm512_loadu_ps(tile->scale[t])));
    }
    if (image->dst)
        sgeo_store(image->dst + at, width, sum);
    if (image->relu) { /* not <=: a NaN stays, a -0 does not */
        __mmask16 kept = _mm512_cmp_ps_mask(sum, _mm512_setzero_ps(), _CMP_NLE_UQ);
        sgeo_store(image->relu + at, width, _mm512_maskz_mov_ps(kept, sum));
    }
}

void SGEO_SYMBOL(f32_affine_sum)(float *dst, float *relu, const struct sgeo_affine_term *terms,
                                 size_t n_terms, const float *shift,
                                 const struct sgeo_layout *layout)
{
    sgeo_affine_walk(dst, relu, terms, n_terms, shift, layout);
}
