/* The widest vector of floats of the tier that a file is compiled for; one float on other CPUs. */
#ifndef SGEO_BENCH_ROOFS_VECTOR_H
#define SGEO_BENCH_ROOFS_VECTOR_H

#include <stddef.h>

#include "base/attr.h"

#if defined(__AVX512F__)
#include <immintrin.h>

#define LANES ((size_t)16)
typedef __m512 vector;

SGEO_INLINE vector vector_of(float value)
{
    return _mm512_set1_ps(value);
}

SGEO_INLINE vector vector_load(const float *src)
{
    return _mm512_loadu_ps(src);
}

SGEO_INLINE void vector_store(float *dst, vector value)
{
    _mm512_storeu_ps(dst, value);
}

SGEO_INLINE vector vector_add(vector a, vector b)
{
    return _mm512_add_ps(a, b);
}

SGEO_INLINE vector vector_multiply_add(vector a, vector b, vector c)
{
    return _mm512_fmadd_ps(a, b, c);
}

SGEO_INLINE void vector_prefetch(const float *src)
{
    _mm_prefetch((const char *)src, _MM_HINT_T0);
}
#elif defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>

#define LANES ((size_t)8)
typedef __m256 vector;

SGEO_INLINE vector vector_of(float value)
{
    return _mm256_set1_ps(value);
}

SGEO_INLINE vector vector_load(const float *src)
{
    return _mm256_loadu_ps(src);
}

SGEO_INLINE void vector_store(float *dst, vector value)
{
    _mm256_storeu_ps(dst, value);
}

SGEO_INLINE vector vector_add(vector a, vector b)
{
    return _mm256_add_ps(a, b);
}

SGEO_INLINE vector vector_multiply_add(vector a, vector b, vector c)
{
    return _mm256_fmadd_ps(a, b, c);
}

SGEO_INLINE void vector_prefetch(const float *src)
{
    _mm_prefetch((const char *)src, _MM_HINT_T0);
}
#elif defined(__SSE2__)
#include <emmintrin.h>

#define LANES ((size_t)4)
typedef __m128 vector;

SGEO_INLINE vector vector_of(float value)
{
    return _mm_set1_ps(value);
}

SGEO_INLINE vector vector_load(const float *src)
{
    return _mm_loadu_ps(src);
}

SGEO_INLINE void vector_store(float *dst, vector value)
{
    _mm_storeu_ps(dst, value);
}

SGEO_INLINE vector vector_add(vector a, vector b)
{
    return _mm_add_ps(a, b);
}

/* Baseline x86-64 has no fused one: two instructions. */
SGEO_INLINE vector vector_multiply_add(vector a, vector b, vector c)
{
    return _mm_add_ps(_mm_mul_ps(a, b), c);
}

SGEO_INLINE void vector_prefetch(const float *src)
{
    _mm_prefetch((const char *)src, _MM_HINT_T0);
}
#elif defined(__aarch64__)
#include <arm_neon.h>

#define LANES ((size_t)4)
typedef float32x4_t vector;

SGEO_INLINE vector vector_of(float value)
{
    return vdupq_n_f32(value);
}

SGEO_INLINE vector vector_load(const float *src)
{
    return vld1q_f32(src);
}

SGEO_INLINE void vector_store(float *dst, vector value)
{
    vst1q_f32(dst, value);
}

SGEO_INLINE vector vector_add(vector a, vector b)
{
    return vaddq_f32(a, b);
}

SGEO_INLINE vector vector_multiply_add(vector a, vector b, vector c)
{
    return vfmaq_f32(c, a, b);
}

SGEO_INLINE void vector_prefetch(const float *src)
{
    __builtin_prefetch(src);
}
#else
#define LANES ((size_t)1)
typedef float vector;

SGEO_INLINE vector vector_of(float value)
{
    return value;
}

SGEO_INLINE vector vector_load(const float *src)
{
    return *src;
}

SGEO_INLINE void vector_store(float *dst, vector value)
{
    *dst = value;
}

SGEO_INLINE vector vector_add(vector a, vector b)
{
    return a + b;
}

SGEO_INLINE vector vector_multiply_add(vector a, vector b, vector c)
{
    return a * b + c;
}

SGEO_INLINE void vector_prefetch(const float *src)
{
    (void)src;
}
#endif

/* The sum of all lanes. */
SGEO_INLINE double vector_sum(vector value)
{
    float lanes[LANES];
    double sum = 0.0;
    vector_store(lanes, value);
    for (size_t lane = 0; lane < LANES; lane++)
        sum += (double)lanes[lane];
    return sum;
}

#endif
