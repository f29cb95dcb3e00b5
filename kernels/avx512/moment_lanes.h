/*
 * Sums of mean|g| / std over coordinates, with AVX-512. The arithmetic is that of
 * kernels/scalar/moment_tile.h, where it is explained, but for the quotient by a square root: it
 * would keep the divider busy for longer than memory takes, so an estimate (2^-14) and one Newton
 * step (2e-7 at most, with the roundings) stand in.
 */
#ifndef SGEO_KERNELS_AVX512_MOMENT_LANES_H
#define SGEO_KERNELS_AVX512_MOMENT_LANES_H

#include <math.h>

#include "kernels/avx512/intrinsics.h"

struct sgeo_moment_sums {
    __m512d ratio, dot;
    __m512i used; /* coordinates with a deviation; enough for 2^36 */
};

/* The k values of each coordinate: g[0..n-1][at + j], n >= 1, and k - n zeros; k >= 2. */
struct sgeo_values {
    const float *const *g;
    size_t n, k, at;
};

SGEO_INLINE struct sgeo_moment_sums sgeo_no_moments(void)
{
    return (struct sgeo_moment_sums){_mm512_setzero_pd(), _mm512_setzero_pd(),
                                     _mm512_setzero_si512()};
}

/* A number near 1 / size, for any size >= 0, NaN included. */
SGEO_INLINE __m512 sgeo_near_inverse(__m512 size)
{
    __m512i bits = _mm512_min_epu32(_mm512_castps_si512(size), _mm512_set1_epi32(0x7e000000));
    return _mm512_castsi512_ps(_mm512_sub_epi32(_mm512_set1_epi32(0x7f000000), bits));
}

/* a / sqrt(x) for a normal x that is not huge */
SGEO_INLINE __m512 sgeo_over_root(__m512 a, __m512 x)
{
    __m512 y = _mm512_rsqrt14_ps(x);
    __m512 half_xy = _mm512_mul_ps(_mm512_mul_ps(_mm512_set1_ps(0.5f), x), y);
    __m512 correction = _mm512_fnmadd_ps(half_xy, y, _mm512_set1_ps(1.5f));
    return _mm512_mul_ps(_mm512_mul_ps(a, y), correction);
}

/* One more in the lanes of a mask. */
SGEO_INLINE __m512i sgeo_count_lanes(__m512i counts, __mmask16 mask)
{
    return _mm512_mask_add_epi32(counts, mask, counts, _mm512_set1_epi32(1));
}

/* Two lanes become one before they are widened: a rounding relative to the two, no more. */
SGEO_INLINE __m512d sgeo_add_widened(__m512d sums, __m512 values)
{
    __m512d high = _mm512_castps_pd(values);
    __m256 halves = _mm256_castpd_ps(_mm512_extractf64x4_pd(high, 1));
    __m256 pairs = _mm256_add_ps(_mm512_castps512_ps256(values), halves);
    return _mm512_add_pd(sums, _mm512_cvtps_pd(pairs));
}

/* sum of all k values' squared distances from their mean, times scale^2; those like base, which are
 * 1 or, where base is 0, k - n, have e = 0. */
SGEO_INLINE __m512 sgeo_squares(const struct sgeo_values *values, __m512 base, __m512 shift,
                                __m512 scale, size_t width)
{
    size_t first = values->n < values->k ? 0 : 1;
    float n_base = first ? 1.0f : (float)(int)(values->k - values->n);
    __m512 part = _mm512_set1_ps(1.0f / (float)(int)values->k);
    __m512 mean = _mm512_mul_ps(_mm512_mul_ps(shift, scale), part);
    __m512 squares = _mm512_mul_ps(_mm512_mul_ps(mean, mean), _mm512_set1_ps(n_base));
    for (size_t b = first; b < values->n; b++) {
        __m512 e = _mm512_sub_ps(sgeo_load(values->g[b] + values->at, width), base);
        __m512 deviation = _mm512_fmsub_ps(e, scale, mean);
        squares = _mm512_fmadd_ps(deviation, deviation, squares);
    }
    return squares;
}

/* Add `width` coordinates; theta of those, or NULL. squares is 0 exactly where all are equal. */
SGEO_INLINE void sgeo_moments_tile(struct sgeo_moment_sums *sums, struct sgeo_values values,
                                   const float *theta, size_t width)
{
    size_t first = values.n < values.k ? 0 : 1;
    __m512 base = first ? sgeo_load(values.g[0] + values.at, width) : _mm512_setzero_ps();
    __m512 shift = _mm512_setzero_ps(), size = _mm512_abs_ps(base);
    for (size_t b = first; b < values.n; b++) {
        __m512 g = sgeo_load(values.g[b] + values.at, width);
        shift = _mm512_add_ps(shift, _mm512_sub_ps(g, base));
        size = _mm512_add_ps(size, _mm512_abs_ps(g));
    }
    __m512 scale = sgeo_near_inverse(size);
    __m512 squares = sgeo_squares(&values, base, shift, scale, width);
    __mmask16 differ = _mm512_cmp_ps_mask(squares, _mm512_setzero_ps(), _CMP_NEQ_UQ);
    __m512 ratio = sgeo_over_root(_mm512_mul_ps(size, scale), squares);
    sums->used = sgeo_count_lanes(sums->used, differ);
    sums->ratio = sgeo_add_widened(sums->ratio, _mm512_maskz_mov_ps(differ, ratio));
    if (theta) {
        __m512 total = _mm512_fmadd_ps(_mm512_set1_ps((float)(int)values.n), base, shift);
        __m512 products = _mm512_mul_ps(sgeo_load(theta, width), total);
        sums->dot = sgeo_add_widened(sums->dot, products);
    }
}

/* All n coordinates of a row; theta of those, or NULL. */
SGEO_INLINE void sgeo_moments_row(struct sgeo_moment_sums *sums, struct sgeo_values values,
                                  const float *theta, size_t n)
{
    for (; values.at + SGEO_FULL <= n; values.at += SGEO_FULL)
        sgeo_moments_tile(sums, values, theta ? theta + values.at : NULL, SGEO_FULL);
    if (values.at < n)
        sgeo_moments_tile(sums, values, theta ? theta + values.at : NULL, n - values.at);
}

/* In a fixed order, lane by lane. */
static inline double sgeo_sum_of(__m512d x)
{
    double lanes[8], sum = 0.0;
    _mm512_storeu_pd(lanes, x);
    for (size_t j = 0; j < 8; j++)
        sum += lanes[j];
    return sum;
}

static inline size_t sgeo_count_of(__m512i x)
{
    uint32_t lanes[SGEO_FULL];
    size_t count = 0;
    _mm512_storeu_si512(lanes, x);
    for (size_t j = 0; j < SGEO_FULL; j++)
        count += lanes[j];
    return count;
}

/* The moments of n coordinates whose ratios were added times sqrt(k). */
static inline struct sgeo_moments sgeo_moments_of_sums(const struct sgeo_moment_sums *sums,
                                                       size_t k, size_t n)
{
    return (struct sgeo_moments){.ratio_sum = sgeo_sum_of(sums->ratio) / sqrt((double)k),
                                 .theta_dot = sgeo_sum_of(sums->dot),
                                 .zero_std = n - sgeo_count_of(sums->used)};
}

#endif
