/* Elements of an activation (kernels/elem.h) in registers of sixteen floats, and from memory. */
#ifndef SGEO_KERNELS_AVX512_ELEM_LOADS_H
#define SGEO_KERNELS_AVX512_ELEM_LOADS_H

#include "kernels/avx512/intrinsics.h"
#include "kernels/elem.h"

#ifdef SGEO_BF16_MAPS
/* Sixteen bf16 as floats: 16 zero bits below each. */
SGEO_INLINE __m512 sgeo_widen(__m256i halves)
{
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

/* The first `width` elements, zeros behind them; and a pixel's, as in intrinsics.h. */
SGEO_INLINE __m512 sgeo_load_elems(const sgeo_elem *src, size_t width)
{
    return sgeo_widen(width == SGEO_FULL ? _mm256_loadu_si256((const void *)src)
                                         : _mm256_maskz_loadu_epi16(sgeo_first_lanes(width), src));
}

SGEO_INLINE __m512 sgeo_load_pixel_elems(const sgeo_elem *src, size_t width)
{
    return width == SGEO_HALF
               ? sgeo_widen(_mm256_castsi128_si256(_mm_loadu_si128((const void *)src)))
               : sgeo_load_elems(src, width);
}
#else
SGEO_INLINE __m512 sgeo_load_elems(const sgeo_elem *src, size_t width)
{
    return sgeo_load(src, width);
}

SGEO_INLINE __m512 sgeo_load_pixel_elems(const sgeo_elem *src, size_t width)
{
    return sgeo_load_pixel(src, width);
}
#endif

#endif
