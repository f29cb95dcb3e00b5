/*
 * Moments of g (k,n) over k for each of the n coordinates, in f32; sums over coordinates in double.
 *
 * Everything is taken relative to the first gradient: e_b = g_b - g_0 is exact where the k values
 * are close, so a coordinate with mean >> std loses nothing. Deviations are multiplied by a power
 * of two that brings sum|e| near 1: squares neither underflow nor overflow, and no bit is lost.
 *   ratio = mean|g| / std = sum|g| * scale / sqrt(k * sum (scale * (e - mean e))^2)
 * The factor 1 / sqrt(k) is left to the end.
 */
#include <string.h>

#include "kernels/scalar/tier.h"
#include "kernels/strip.h"

#define HALF (SGEO_LANES / 2)

struct sums {
    double ratio[HALF];
    double dot[SGEO_LANES];
    uint32_t zero[SGEO_LANES]; /* enough for 2^36 coordinates */
};

/* The power of two near 1 / sum, for any sum >= 0: exponent field 254 - e, kept within 2..254. */
SGEO_INLINE float reciprocal_power(float sum)
{
    uint32_t bits;
    memcpy(&bits, &sum, sizeof bits);
    bits &= UINT32_C(0x7f800000);
    bits = bits < UINT32_C(0x7e000000) ? bits : UINT32_C(0x7e000000);
    bits = UINT32_C(0x7f000000) - bits;
    float power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

/* First pass, k >= 2: spread = sum|e|, shift = sum e, size = sum|g|. */
SGEO_INLINE void first_pass(float *spread, float *shift, float *size, const float *const *g,
                            size_t k, size_t at, size_t width)
{
    for (size_t j = 0; j < width; j++) {
        float e = g[1][at + j] - g[0][at + j];
        spread[j] = fabsf(e);
        shift[j] = e;
        size[j] = fabsf(g[0][at + j]) + fabsf(g[1][at + j]);
    }
    for (size_t b = 2; b < k; b++)
        for (size_t j = 0; j < width; j++) {
            float e = g[b][at + j] - g[0][at + j];
            spread[j] += fabsf(e);
            shift[j] += e;
            size[j] += fabsf(g[b][at + j]);
        }
}

/* Second pass: squares = sum over all k of (scale * (e - mean e))^2; e_0 is 0. */
SGEO_INLINE void second_pass(float *squares, const float *scale, const float *shift,
                             const float *const *g, size_t k, size_t at, size_t width)
{
    float mean[SGEO_LANES];
    for (size_t j = 0; j < width; j++) {
        mean[j] = shift[j] * scale[j] * (1.0f / (float)(int)k);
        squares[j] = mean[j] * mean[j];
    }
    for (size_t b = 1; b < k; b++)
        for (size_t j = 0; j < width; j++) {
            float e = g[b][at + j] - g[0][at + j];
            float d = sgeo_multiply_add_f32(e, scale[j], -mean[j]);
            squares[j] = sgeo_multiply_add_f32(d, d, squares[j]);
        }
}

/* Ratios, times sqrt(k), of `width` coordinates; 0 where all k values are equal: spread exactly 0.
 */
SGEO_INLINE void ratio_step(float *ratio, struct sums *sums, const float *const *g, size_t k,
                            size_t at, size_t width)
{
    float spread[SGEO_LANES], shift[SGEO_LANES], size[SGEO_LANES];
    float scale[SGEO_LANES], squares[SGEO_LANES];
    first_pass(spread, shift, size, g, k, at, width);
    for (size_t j = 0; j < width; j++)
        scale[j] = reciprocal_power(spread[j]);
    second_pass(squares, scale, shift, g, k, at, width);
    for (size_t j = 0; j < width; j++) {
        float quotient = size[j] * scale[j] / sqrtf(squares[j]);
        ratio[j] = spread[j] == 0.0f ? 0.0f : quotient;
    }
    for (size_t j = 0; j < width; j++)
        sums->zero[j] += spread[j] == 0.0f;
}

/* Ratios are not negative, so that adding two in f32 costs one rounding and no cancellation. */
SGEO_INLINE void add_ratios(struct sums *sums, const float *ratio)
{
    for (size_t j = 0; j < HALF; j++)
        sums->ratio[j] += (double)(ratio[j] + ratio[j + HALF]);
}

SGEO_INLINE void dot_step(struct sums *sums, const float *const *g, size_t k, const float *theta,
                          size_t at, size_t width)
{
    float total[SGEO_LANES];
    for (size_t j = 0; j < width; j++)
        total[j] = 0.0f;
    for (size_t b = 0; b < k; b++)
        for (size_t j = 0; j < width; j++)
            total[j] += g[b][at + j];
    for (size_t j = 0; j < width; j++)
        sums->dot[j] = sgeo_multiply_add((double)theta[at + j], (double)total[j], sums->dot[j]);
}

/* theta may be NULL. */
SGEO_INLINE void moments_of(struct sums *sums, const float *const *g, size_t k, const float *theta,
                            size_t n)
{
    float ratio[SGEO_LANES];
    size_t at = 0;
    for (; at + SGEO_LANES <= n; at += SGEO_LANES) {
        ratio_step(ratio, sums, g, k, at, SGEO_LANES);
        add_ratios(sums, ratio);
        if (theta)
            dot_step(sums, g, k, theta, at, SGEO_LANES);
    }
    for (; at < n; at++) {
        ratio_step(ratio, sums, g, k, at, 1);
        sums->ratio[0] += (double)ratio[0];
        if (theta)
            dot_step(sums, g, k, theta, at, 1);
    }
}

/* One gradient has no deviation: x - x is 0, or NaN where the gradient is not finite. */
static void moments_of_one(struct sums *sums, const float *const *g, const float *theta, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float e = g[0][i] - g[0][i];
        sums->ratio[0] += (double)e;
        sums->zero[i % SGEO_LANES] += e == 0.0f;
        if (theta)
            sums->dot[0] += (double)theta[i] * (double)g[0][i];
    }
}

void SGEO_SYMBOL(f32_grad_moments)(struct sgeo_moments *moments, const float *const *g, size_t k,
                                   const float *theta, size_t n)
{
    struct sums sums = {0};
    if (k == 1)
        moments_of_one(&sums, g, theta, n);
    else if (k == 4)
        moments_of(&sums, g, 4, theta, n);
    else
        moments_of(&sums, g, k, theta, n);
    *moments = (struct sgeo_moments){0};
    for (size_t j = 0; j < HALF; j++)
        moments->ratio_sum += sums.ratio[j];
    for (size_t j = 0; j < SGEO_LANES; j++) {
        moments->theta_dot += sums.dot[j];
        moments->zero_std += sums.zero[j];
    }
    moments->ratio_sum /= sqrt((double)k);
}
