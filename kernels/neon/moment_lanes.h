/*
 * Sums of mean|g| / std over coordinates, with NEON. The arithmetic is that of
 * kernels/scalar/moment_tile.h, where it is explained, but for the quotient by a square root: it
 * would keep the divider busy for longer than memory takes, so an estimate (2^-8) and two Newton
 * steps (2e-7 at most, with the roundings) stand in. Quad by quad: its sums stay in registers.
 */
#ifndef SGEO_KERNELS_NEON_MOMENT_LANES_H
#define SGEO_KERNELS_NEON_MOMENT_LANES_H

#include <math.h>

#include "kernels/neon/intrinsics.h"

/* Lanes 0..1 and 2..3 of every quad. */
struct sgeo_moment_sums {
    float64x2_t ratio_low, ratio_high, dot_low, dot_high;
    uint32x4_t used; /* coordinates with a deviation; enough for 2^34 */
};

/* The k values of each coordinate: g[0..n-1][at + j], n >= 1, and k - n zeros; k >= 2. */
struct sgeo_values {
    const float *const *g;
    size_t n, k, at;
};

SGEO_INLINE struct sgeo_moment_sums sgeo_no_moments(void)
{
    float64x2_t none = vdupq_n_f64(0.0);
    return (struct sgeo_moment_sums){none, none, none, none, vdupq_n_u32(0)};
}

/* A number near 1 / size, for any size >= 0, NaN included. */
SGEO_INLINE float32x4_t sgeo_near_inverse(float32x4_t size)
{
    uint32x4_t bits = vminq_u32(vreinterpretq_u32_f32(size), vdupq_n_u32(0x7e000000));
    return vreinterpretq_f32_u32(vsubq_u32(vdupq_n_u32(0x7f000000), bits));
}

/* a / sqrt(x) for a normal x that is not huge */
SGEO_INLINE float32x4_t sgeo_over_root(float32x4_t a, float32x4_t x)
{
    float32x4_t y = vrsqrteq_f32(x);
    y = vmulq_f32(y, vrsqrtsq_f32(vmulq_f32(x, y), y));
    y = vmulq_f32(y, vrsqrtsq_f32(vmulq_f32(x, y), y));
    return vmulq_f32(a, y);
}

/* One more in the lanes that are all ones, which is minus one. */
SGEO_INLINE uint32x4_t sgeo_count_lanes(uint32x4_t counts, uint32x4_t mask)
{
    return vsubq_u32(counts, mask);
}

SGEO_INLINE void sgeo_add_dots(struct sgeo_moment_sums *sums, float32x4_t theta, float32x4_t total)
{
    float32x4_t products = vmulq_f32(theta, total);
    sums->dot_low = vaddq_f64(sums->dot_low, sgeo_low(products));
    sums->dot_high = vaddq_f64(sums->dot_high, sgeo_high(products));
}

SGEO_INLINE void sgeo_add_ratios(struct sgeo_moment_sums *sums, float32x4_t ratio)
{
    sums->ratio_low = vaddq_f64(sums->ratio_low, sgeo_low(ratio));
    sums->ratio_high = vaddq_f64(sums->ratio_high, sgeo_high(ratio));
}

/* sum of all k values' squared distances from their mean, times scale^2; those like base, which are
 * 1 or, where base is 0, k - n, have e = 0. */
SGEO_INLINE float32x4_t sgeo_squares(const struct sgeo_values *values, float32x4_t base,
                                     float32x4_t shift, float32x4_t scale, size_t width)
{
    size_t first = values->n < values->k ? 0 : 1;
    float n_base = first ? 1.0f : (float)(int)(values->k - values->n);
    float32x4_t mean = vmulq_n_f32(vmulq_f32(shift, scale), 1.0f / (float)(int)values->k);
    float32x4_t squares = vmulq_n_f32(vmulq_f32(mean, mean), n_base);
    for (size_t b = first; b < values->n; b++) {
        float32x4_t e = vsubq_f32(sgeo_load_quad(values->g[b] + values->at, width), base);
        float32x4_t deviation = vfmaq_f32(vnegq_f32(mean), e, scale);
        squares = vfmaq_f32(squares, deviation, deviation);
    }
    return squares;
}

/* Add `width` <= 4 coordinates; theta of those, or NULL. squares is 0 exactly where all are equal.
 */
SGEO_INLINE void sgeo_moments_quad(struct sgeo_moment_sums *sums, const struct sgeo_values *values,
                                   const float *theta, size_t width)
{
    size_t first = values->n < values->k ? 0 : 1;
    float32x4_t zero = vdupq_n_f32(0.0f), shift = zero;
    float32x4_t base = first ? sgeo_load_quad(values->g[0] + values->at, width) : zero;
    float32x4_t size = vabsq_f32(base);
    for (size_t b = first; b < values->n; b++) {
        float32x4_t g = sgeo_load_quad(values->g[b] + values->at, width);
        shift = vaddq_f32(shift, vsubq_f32(g, base));
        size = vaddq_f32(size, vabsq_f32(g));
    }
    float32x4_t scale = sgeo_near_inverse(size);
    float32x4_t squares = sgeo_squares(values, base, shift, scale, width);
    uint32x4_t differ = vmvnq_u32(vceqq_f32(squares, zero));
    float32x4_t ratio = sgeo_over_root(vmulq_f32(size, scale), squares);
    sums->used = sgeo_count_lanes(sums->used, differ);
    sgeo_add_ratios(sums, vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(ratio), differ)));
    if (theta)
        sgeo_add_dots(sums, sgeo_load_quad(theta, width),
                      vfmaq_n_f32(shift, base, (float)(int)values->n));
}

/* All n coordinates of a row; theta of those, or NULL. */
SGEO_INLINE void sgeo_moments_row(struct sgeo_moment_sums *sums, struct sgeo_values values,
                                  const float *theta, size_t n)
{
    for (; values.at + SGEO_QUAD <= n; values.at += SGEO_QUAD)
        sgeo_moments_quad(sums, &values, theta ? theta + values.at : NULL, SGEO_QUAD);
    if (values.at < n)
        sgeo_moments_quad(sums, &values, theta ? theta + values.at : NULL, n - values.at);
}

/* The moments of n coordinates whose ratios were added times sqrt(k). */
static inline struct sgeo_moments sgeo_moments_of_sums(const struct sgeo_moment_sums *sums,
                                                       size_t k, size_t n)
{
    return (struct sgeo_moments){
        .ratio_sum = vaddvq_f64(vaddq_f64(sums->ratio_low, sums->ratio_high)) / sqrt((double)k),
        .theta_dot = vaddvq_f64(vaddq_f64(sums->dot_low, sums->dot_high)),
        .zero_std = n - (size_t)vaddlvq_u32(sums->used)};
}

#endif
