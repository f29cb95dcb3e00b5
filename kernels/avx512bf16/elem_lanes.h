/*
 * bf16 in registers of sixteen floats: kernels/avx512/elem_lanes.h includes this. AVX512_BF16
 * rounds to nearest even, takes denormals as zeros and leaves a NaN quiet.
 */
#ifndef SGEO_KERNELS_AVX512BF16_ELEM_LANES_H
#define SGEO_KERNELS_AVX512BF16_ELEM_LANES_H

#include "kernels/avx512/intrinsics.h"

/* Sixteen bf16 as floats: 16 zero bits below each. */
SGEO_INLINE __m512 sgeo_widen(__m256i halves)
{
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

SGEO_INLINE __m256i sgeo_narrow(__m512 value)
{
    return (__m256i)_mm512_cvtneps_pbh(value);
}

SGEO_INLINE __m512 sgeo_load_elems(const uint16_t *src, size_t width)
{
    return sgeo_widen(width == SGEO_FULL ? _mm256_loadu_si256((const void *)src)
                                         : _mm256_maskz_loadu_epi16(sgeo_first_lanes(width), src));
}

SGEO_INLINE void sgeo_store_elems(uint16_t *dst, size_t width, __m512 value)
{
    if (width == SGEO_FULL)
        _mm256_storeu_si256((void *)dst, sgeo_narrow(value));
    else
        _mm256_mask_storeu_epi16(dst, sgeo_first_lanes(width), sgeo_narrow(value));
}

SGEO_INLINE __m512 sgeo_load_pixel_elems(const uint16_t *src, size_t width)
{
    return width == SGEO_HALF
               ? sgeo_widen(_mm256_castsi128_si256(_mm_loadu_si128((const void *)src)))
               : sgeo_load_elems(src, width);
}

SGEO_INLINE void sgeo_store_pixel_elems(uint16_t *dst, size_t width, __m512 value)
{
    if (width == SGEO_HALF)
        _mm_storeu_si128((void *)dst, _mm256_castsi256_si128(sgeo_narrow(value)));
    else
        sgeo_store_elems(dst, width, value);
}

#endif
