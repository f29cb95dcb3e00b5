/*
 * Registers of sixteen floats to bf16. AVX512_BF16 rounds to nearest even, whatever the
 * floating-point environment says, makes zeros of denormals and a NaN quiet.
 */
#ifndef SGEO_KERNELS_AVX512BF16_ELEM_STORES_H
#define SGEO_KERNELS_AVX512BF16_ELEM_STORES_H

#include "kernels/avx512/intrinsics.h"

SGEO_INLINE __m256i sgeo_narrow(__m512 value)
{
    return (__m256i)_mm512_cvtneps_pbh(value);
}

/* The first `width` elements; and a pixel's, as in intrinsics.h. */
SGEO_INLINE void sgeo_store_elems(uint16_t *dst, size_t width, __m512 value)
{
    if (width == SGEO_FULL)
        _mm256_storeu_si256((void *)dst, sgeo_narrow(value));
    else
        _mm256_mask_storeu_epi16(dst, sgeo_first_lanes(width), sgeo_narrow(value));
}

SGEO_INLINE void sgeo_store_pixel_elems(uint16_t *dst, size_t width, __m512 value)
{
    if (width == SGEO_HALF)
        _mm_storeu_si128((void *)dst, _mm256_castsi256_si128(sgeo_narrow(value)));
    else
        sgeo_store_elems(dst, width, value);
}

#endif
