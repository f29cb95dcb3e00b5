/*
 * AVX-512 without the CPU: SIMDe's emulation under the intrinsics' own names, and the few that
 * SIMDe 0.7 lacks. Masked-off lanes are neither read nor written, so that guard pages test the
 * masks: newer versions have these intrinsics, but touch all lanes.
 */
#ifndef SGEO_TESTS_KERN_SIMDE_AVX512_H
#define SGEO_TESTS_KERN_SIMDE_AVX512_H

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>

#include <math.h>
#include <string.h>

#include "kernels/bf16.h"
#include "kernels/kernel.h"

typedef uint16_t __mmask16;
typedef uint8_t __mmask8;

#undef _mm512_maskz_loadu_ps
#undef _mm512_mask_storeu_ps
#undef _mm512_maskz_loadu_epi64
#undef _mm512_reduce_add_epi64
#undef _mm512_cvtps_pd
#undef _mm512_rsqrt14_ps
#undef _mm512_cvtepu16_epi32
#undef _mm512_cvtepi32_epi16
#undef _mm256_maskz_loadu_epi16
#undef _mm256_mask_storeu_epi16
#undef _mm512_cvtneps_pbh
#undef _mm_maskz_loadu_epi8
#undef _mm_mask_storeu_epi8
#undef _mm_cmpeq_epi8_mask

#define SGEO_KERNEL(op, ...) sgeo_##op##_sig sgeo_##op##__emulated;
#include "kernels/kernels.inc"
#undef SGEO_KERNEL

static inline __m512 _mm512_maskz_loadu_ps(__mmask16 mask, const float *src)
{
    float lanes[16] = {0};
    for (unsigned j = 0; j < 16; j++)
        if (mask >> j & 1)
            lanes[j] = src[j];
    return _mm512_loadu_ps(lanes);
}

static inline void _mm512_mask_storeu_ps(float *dst, __mmask16 mask, __m512 value)
{
    float lanes[16];
    _mm512_storeu_ps(lanes, value);
    for (unsigned j = 0; j < 16; j++)
        if (mask >> j & 1)
            dst[j] = lanes[j];
}

static inline __m512i _mm512_maskz_loadu_epi64(__mmask8 mask, const uint64_t *src)
{
    uint64_t lanes[8] = {0};
    for (unsigned j = 0; j < 8; j++)
        if (mask >> j & 1)
            lanes[j] = src[j];
    return _mm512_loadu_si512(lanes);
}

static inline int64_t _mm512_reduce_add_epi64(__m512i value)
{
    int64_t lanes[8], sum = 0;
    _mm512_storeu_si512(lanes, value);
    for (unsigned j = 0; j < 8; j++)
        sum += lanes[j];
    return sum;
}

static inline __m512d _mm512_cvtps_pd(__m256 value)
{
    float narrow[8];
    double wide[8];
    memcpy(narrow, &value, sizeof narrow);
    for (unsigned j = 0; j < 8; j++)
        wide[j] = (double)narrow[j];
    return _mm512_loadu_pd(wide);
}

/* As wrong as the instruction may be, and always in the worse direction for a Newton step. */
static inline __m512 _mm512_rsqrt14_ps(__m512 value)
{
    float lanes[16];
    _mm512_storeu_ps(lanes, value);
    for (unsigned j = 0; j < 16; j++)
        lanes[j] = (1.0f + 0x1p-14f) / sqrtf(lanes[j]);
    return _mm512_loadu_ps(lanes);
}

static inline __m512i _mm512_cvtepu16_epi32(__m256i value)
{
    uint16_t narrow[16];
    uint32_t wide[16];
    memcpy(narrow, &value, sizeof narrow);
    for (unsigned j = 0; j < 16; j++)
        wide[j] = narrow[j];
    return _mm512_loadu_si512(wide);
}

static inline __m256i _mm512_cvtepi32_epi16(__m512i value)
{
    uint32_t wide[16];
    uint16_t narrow[16];
    _mm512_storeu_si512(wide, value);
    for (unsigned j = 0; j < 16; j++)
        narrow[j] = (uint16_t)wide[j];
    return _mm256_loadu_si256((const __m256i *)narrow);
}

static inline __m256i _mm256_maskz_loadu_epi16(__mmask16 mask, const void *src)
{
    uint16_t lanes[16] = {0};
    for (unsigned j = 0; j < 16; j++)
        if (mask >> j & 1)
            lanes[j] = ((const uint16_t *)src)[j];
    return _mm256_loadu_si256((const __m256i *)lanes);
}

static inline void _mm256_mask_storeu_epi16(void *dst, __mmask16 mask, __m256i value)
{
    uint16_t lanes[16];
    _mm256_storeu_si256((__m256i *)lanes, value);
    for (unsigned j = 0; j < 16; j++)
        if (mask >> j & 1)
            ((uint16_t *)dst)[j] = lanes[j];
}

/* As the instruction does, denormals are zeros. */
static inline __m256i _mm512_cvtneps_pbh(__m512 value)
{
    float wide[16];
    uint16_t narrow[16];
    _mm512_storeu_ps(wide, value);
    for (unsigned j = 0; j < 16; j++)
        narrow[j] =
            sgeo_bf16_of(fpclassify(wide[j]) == FP_SUBNORMAL ? copysignf(0.0f, wide[j]) : wide[j]);
    return _mm256_loadu_si256((const __m256i *)narrow);
}

static inline __m128i _mm_maskz_loadu_epi8(__mmask16 mask, const void *src)
{
    uint8_t lanes[16] = {0};
    for (unsigned j = 0; j < 16; j++)
        if (mask >> j & 1)
            lanes[j] = ((const uint8_t *)src)[j];
    return _mm_loadu_si128((const __m128i *)lanes);
}

static inline void _mm_mask_storeu_epi8(void *dst, __mmask16 mask, __m128i value)
{
    uint8_t lanes[16];
    _mm_storeu_si128((__m128i *)lanes, value);
    for (unsigned j = 0; j < 16; j++)
        if (mask >> j & 1)
            ((uint8_t *)dst)[j] = lanes[j];
}

static inline __mmask16 _mm_cmpeq_epi8_mask(__m128i a, __m128i b)
{
    return (__mmask16)_mm_movemask_epi8(_mm_cmpeq_epi8(a, b));
}

#endif
