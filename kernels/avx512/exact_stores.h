/* Registers of sixteen floats to elements of an activation (kernels/elem.h): zeros keep their sign
 * and denormals stay. */
#ifndef SGEO_KERNELS_AVX512_EXACT_STORES_H
#define SGEO_KERNELS_AVX512_EXACT_STORES_H

#include "kernels/avx512/intrinsics.h"
#include "kernels/elem.h"

/* The first `width` elements of a pixel, as in intrinsics.h. */
#ifdef SGEO_BF16_MAPS
/* As sgeo_bf16_of does, in integers. */
SGEO_INLINE __m256i sgeo_narrow_exactly(__m512 value)
{
    __m512i bits = _mm512_castps_si512(value);
    __m512i high = _mm512_srli_epi32(bits, 16);
    __m512i odd = _mm512_and_si512(high, _mm512_set1_epi32(1));
    __m512i half = _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff));
    __m512i nearest = _mm512_srli_epi32(_mm512_add_epi32(bits, half), 16);
    __mmask16 is_nan = _mm512_cmp_ps_mask(value, value, _CMP_UNORD_Q);
    __m512i quiet = _mm512_set1_epi32(0x40);
    return _mm512_cvtepi32_epi16(_mm512_mask_or_epi32(nearest, is_nan, high, quiet));
}

SGEO_INLINE void sgeo_store_pixel_exactly(sgeo_elem *dst, size_t width, __m512 value)
{
    __m256i halves = sgeo_narrow_exactly(value);
    if (width == SGEO_FULL)
        _mm256_storeu_si256((void *)dst, halves);
    else if (width == SGEO_HALF)
        _mm_storeu_si128((void *)dst, _mm256_castsi256_si128(halves));
    else
        _mm256_mask_storeu_epi16(dst, sgeo_first_lanes(width), halves);
}
#else
SGEO_INLINE void sgeo_store_pixel_exactly(sgeo_elem *dst, size_t width, __m512 value)
{
    sgeo_store_pixel(dst, width, value);
}
#endif

#endif
