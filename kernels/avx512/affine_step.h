/* One step of an affine sum, with AVX-512. */
#ifndef SGEO_KERNELS_AVX512_AFFINE_STEP_H
#define SGEO_KERNELS_AVX512_AFFINE_STEP_H

#include "kernels/affine_walk.h"
#include "kernels/avx512/elem_loads.h"
#include "kernels/avx512/elem_stores.h"

SGEO_INLINE void sgeo_affine_step(const struct sgeo_affine_image *image,
                                  const struct sgeo_affine_tile *tile, size_t n_terms, size_t at,
                                  size_t width)
{
    __m512 sum = _mm512_loadu_ps(tile->shift);
    for (size_t t = 0; t < n_terms; t++) {
        __m512 centred = _mm512_sub_ps(sgeo_load_elems(image->src[t] + at, width),
                                       _mm512_loadu_ps(tile->center[t]));
        sum = _mm512_add_ps(sum, _mm512_mul_ps(centred, _mm512_loadu_ps(tile->scale[t])));
    }
    if (image->dst)
        sgeo_store_elems(image->dst + at, width, sum);
    if (image->relu) { /* not <=: a NaN stays, a -0 does not */
        __mmask16 kept = _mm512_cmp_ps_mask(sum, _mm512_setzero_ps(), _CMP_NLE_UQ);
        sgeo_store_elems(image->relu + at, width, _mm512_maskz_mov_ps(kept, sum));
    }
}

#endif
