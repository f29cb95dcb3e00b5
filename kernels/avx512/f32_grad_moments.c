/*
 * Moments of g (k,n) over k for each of the n coordinates, with AVX-512. The arithmetic is that of
 * kernels/scalar/f32_grad_moments.c, where it is explained, but for the quotient by a square root:
 * it would keep the divider busy for longer than memory takes, so an estimate (2^-14) and one
 * Newton step (2e-7 at most, with the roundings) stand in.
 */
#include <math.h>

#include "kernels/avx512/intrinsics.h"
#include "kernels/moments_of_one.h"

struct sums {
    __m512d ratio, dot_low, dot_high;
    __m512i zero; /* coordinates in each lane; enough for 2^36 of them */
};

/* The power of two near 1 / sum, for any sum >= 0: exponent field 254 - e, kept within 2..254. */
SGEO_INLINE __m512 reciprocal_power(__m512 sum)
{
    __m512i bits = _mm512_and_si512(_mm512_castps_si512(sum), _mm512_set1_epi32(0x7f800000));
    bits = _mm512_min_epu32(bits, _mm512_set1_epi32(0x7e000000));
    return _mm512_castsi512_ps(_mm512_sub_epi32(_mm512_set1_epi32(0x7f000000), bits));
}

/* a / sqrt(x) for x near 1 */
SGEO_INLINE __m512 over_root(__m512 a, __m512 x)
{
    __m512 y = _mm512_rsqrt14_ps(x);
    __m512 half_xy = _mm512_mul_ps(_mm512_mul_ps(_mm512_set1_ps(0.5f), x), y);
    __m512 correction = _mm512_fnmadd_ps(half_xy, y, _mm512_set1_ps(1.5f));
    return _mm512_mul_ps(_mm512_mul_ps(a, y), correction);
}

/* sqrt(k) * mean|g| / std of `width` coordinates, k >= 2; 0 where all k values are equal. */
SGEO_INLINE __m512 ratios(struct sums *sums, const float *const *g, size_t k, size_t at,
                          size_t width)
{
    __m512 g0 = sgeo_load(g[0] + at, width), size = _mm512_abs_ps(g0);
    __m512 spread = _mm512_setzero_ps(), shift = _mm512_setzero_ps();
    for (size_t b = 1; b < k; b++) {
        __m512 gb = sgeo_load(g[b] + at, width), e = _mm512_sub_ps(gb, g0);
        size = _mm512_add_ps(size, _mm512_abs_ps(gb));
        spread = _mm512_add_ps(spread, _mm512_abs_ps(e));
        shift = _mm512_add_ps(shift, e);
    }
    __m512 scale = reciprocal_power(spread);
    __m512 mean = _mm512_mul_ps(_mm512_mul_ps(shift, scale), _mm512_set1_ps(1.0f / (float)(int)k));
    __m512 squares = _mm512_mul_ps(mean, mean);
    for (size_t b = 1; b < k; b++) {
        __m512 e = _mm512_sub_ps(sgeo_load(g[b] + at, width), g0);
        __m512 deviation = _mm512_fmsub_ps(e, scale, mean);
        squares = _mm512_fmadd_ps(deviation, deviation, squares);
    }
    __mmask16 differ = _mm512_cmp_ps_mask(spread, _mm512_setzero_ps(), _CMP_NEQ_UQ);
    __mmask16 equal = (__mmask16)(~(unsigned)differ & sgeo_first_lanes(width));
    sums->zero = _mm512_mask_add_epi32(sums->zero, equal, sums->zero, _mm512_set1_epi32(1));
    return _mm512_maskz_mov_ps(differ, over_root(_mm512_mul_ps(size, scale), squares));
}

/* Ratios are not negative, so that adding two in f32 costs one rounding and no cancellation. */
SGEO_INLINE void add_ratios(struct sums *sums, __m512 ratio)
{
    __m256d high = _mm512_extractf64x4_pd(_mm512_castps_pd(ratio), 1);
    __m256 pairs = _mm256_add_ps(_mm512_castps512_ps256(ratio), _mm256_castpd_ps(high));
    sums->ratio = _mm512_add_pd(sums->ratio, _mm512_cvtps_pd(pairs));
}

SGEO_INLINE void add_dots(struct sums *sums, const float *const *g, size_t k, const float *theta,
                          size_t at, size_t width)
{
    __m512 weights = sgeo_load(theta + at, width), total = sgeo_load(g[0] + at, width);
    for (size_t b = 1; b < k; b++)
        total = _mm512_add_ps(total, sgeo_load(g[b] + at, width));
    sums->dot_low = _mm512_fmadd_pd(sgeo_low(weights), sgeo_low(total), sums->dot_low);
    sums->dot_high = _mm512_fmadd_pd(sgeo_high(weights), sgeo_high(total), sums->dot_high);
}

SGEO_INLINE void moments_step(struct sums *sums, const float *const *g, size_t k,
                              const float *theta, size_t at, size_t width)
{
    add_ratios(sums, ratios(sums, g, k, at, width));
    if (theta)
        add_dots(sums, g, k, theta, at, width);
}

SGEO_INLINE struct sums moments_of(const float *const *g, size_t k, const float *theta, size_t n)
{
    struct sums sums = {_mm512_setzero_pd(), _mm512_setzero_pd(), _mm512_setzero_pd(),
                        _mm512_setzero_si512()};
    size_t at = 0;
    for (; at + SGEO_FULL <= n; at += SGEO_FULL)
        moments_step(&sums, g, k, theta, at, SGEO_FULL);
    if (at < n)
        moments_step(&sums, g, k, theta, at, n - at);
    return sums;
}

/* In a fixed order, lane by lane. */
static double sum_of(__m512d x)
{
    double lanes[8], sum = 0.0;
    _mm512_storeu_pd(lanes, x);
    for (size_t j = 0; j < 8; j++)
        sum += lanes[j];
    return sum;
}

static size_t count_of(__m512i x)
{
    uint32_t lanes[SGEO_FULL];
    size_t count = 0;
    _mm512_storeu_si512(lanes, x);
    for (size_t j = 0; j < SGEO_FULL; j++)
        count += lanes[j];
    return count;
}

void SGEO_SYMBOL(f32_grad_moments)(struct sgeo_moments *moments, const float *const *g, size_t k,
                                   const float *theta, size_t n)
{
    *moments = (struct sgeo_moments){0};
    if (k == 1) {
        sgeo_moments_of_one(moments, g[0], theta, n);
        return;
    }
    struct sums sums = k == 4 ? moments_of(g, 4, theta, n) : moments_of(g, k, theta, n);
    moments->ratio_sum = sum_of(sums.ratio) / sqrt((double)k);
    moments->theta_dot = sum_of(_mm512_add_pd(sums.dot_low, sums.dot_high));
    moments->zero_std = count_of(sums.zero);
}
