/*
 * The intrinsics of the AVX-512 kernels, and what they share. A build without the CPU can put an
 * emulation in their place: SGEO_AVX512_HEADER names a header with the same names.
 */
#ifndef SGEO_KERNELS_AVX512_INTRINSICS_H
#define SGEO_KERNELS_AVX512_INTRINSICS_H

#ifdef SGEO_AVX512_HEADER
#include SGEO_AVX512_HEADER
#else
#include <immintrin.h>
#endif

#include <stdbool.h>

#include "base/attr.h"
#include "kernels/symbols.h"

#define SGEO_FULL 16u /* lanes of a register */
#define SGEO_HALF 8u

/* The first `width` lanes of 16. */
SGEO_INLINE __mmask16 sgeo_first_lanes(size_t width)
{
    return (__mmask16)((UINT32_C(1) << width) - 1);
}

/* The first `width` floats, zeros behind them; nothing else is read. A constant 16 needs no mask.
 */
SGEO_INLINE __m512 sgeo_load(const float *src, size_t width)
{
    return width == SGEO_FULL ? _mm512_loadu_ps(src)
                              : _mm512_maskz_loadu_ps(sgeo_first_lanes(width), src);
}

SGEO_INLINE void sgeo_store(float *dst, size_t width, __m512 value)
{
    if (width == SGEO_FULL)
        _mm512_storeu_ps(dst, value);
    else
        _mm512_mask_storeu_ps(dst, sgeo_first_lanes(width), value);
}

/*
 * The same of the channels of a pixel, with anything behind them. A constant 8 needs no mask
 * either: where pixels have eight channels a masked access would touch two cache lines every other
 * time.
 */
SGEO_INLINE __m512 sgeo_load_pixel(const float *src, size_t width)
{
    return width == SGEO_HALF ? _mm512_castps256_ps512(_mm256_loadu_ps(src))
                              : sgeo_load(src, width);
}

SGEO_INLINE void sgeo_store_pixel(float *dst, size_t width, __m512 value)
{
    if (width == SGEO_HALF)
        _mm256_storeu_ps(dst, _mm512_castps512_ps256(value));
    else
        sgeo_store(dst, width, value);
}

/* Lanes 0..7 and 8..15 as doubles. */
SGEO_INLINE __m512d sgeo_low(__m512 x)
{
    return _mm512_cvtps_pd(_mm512_castps512_ps256(x));
}

SGEO_INLINE __m512d sgeo_high(__m512 x)
{
    __m256d high = _mm512_extractf64x4_pd(_mm512_castps_pd(x), 1);
    return _mm512_cvtps_pd(_mm256_castpd_ps(high));
}

#endif
