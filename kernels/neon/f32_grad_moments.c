/*
 * Moments of g (k,n) over k for each of the n coordinates, with NEON. The arithmetic is that of
 * kernels/scalar/f32_grad_moments.c, where it is explained, but for the quotient by a square root:
 * it would keep the divider busy for longer than memory takes, so an estimate (2^-8) and two Newton
 * steps (2e-7 at most, with the roundings) stand in. Quad by quad: its sums stay in registers.
 */
#include <math.h>

#include "kernels/moments_of_one.h"
#include "kernels/neon/intrinsics.h"

/* Lanes 0..1 and 2..3 of every quad. */
struct sums {
    float64x2_t ratio_low, ratio_high, dot_low, dot_high;
    uint32x4_t zero; /* coordinates in each lane; enough for 2^34 of them */
};

/* The power of two near 1 / sum, for any sum >= 0: exponent field 254 - e, kept within 2..254. */
SGEO_INLINE float32x4_t reciprocal_power(float32x4_t sum)
{
    uint32x4_t bits = vandq_u32(vreinterpretq_u32_f32(sum), vdupq_n_u32(0x7f800000));
    bits = vminq_u32(bits, vdupq_n_u32(0x7e000000));
    return vreinterpretq_f32_u32(vsubq_u32(vdupq_n_u32(0x7f000000), bits));
}

/* a / sqrt(x) for x near 1 */
SGEO_INLINE float32x4_t over_root(float32x4_t a, float32x4_t x)
{
    float32x4_t y = vrsqrteq_f32(x);
    y = vmulq_f32(y, vrsqrtsq_f32(vmulq_f32(x, y), y));
    y = vmulq_f32(y, vrsqrtsq_f32(vmulq_f32(x, y), y));
    return vmulq_f32(a, y);
}

/* sqrt(k) * mean|g| / std of `width` coordinates, k >= 2; 0 where all k values are equal. */
SGEO_INLINE float32x4_t ratios(struct sums *sums, const float *const *g, size_t k, size_t at,
                               size_t width)
{
    float32x4_t g0 = sgeo_load_quad(g[0] + at, width), size = vabsq_f32(g0);
    float32x4_t spread = vdupq_n_f32(0.0f), shift = spread;
    for (size_t b = 1; b < k; b++) {
        float32x4_t gb = sgeo_load_quad(g[b] + at, width), e = vsubq_f32(gb, g0);
        size = vaddq_f32(size, vabsq_f32(gb));
        spread = vaddq_f32(spread, vabsq_f32(e));
        shift = vaddq_f32(shift, e);
    }
    float32x4_t scale = reciprocal_power(spread);
    float32x4_t mean = vmulq_n_f32(vmulq_f32(shift, scale), 1.0f / (float)(int)k);
    float32x4_t squares = vmulq_f32(mean, mean);
    for (size_t b = 1; b < k; b++) {
        float32x4_t e = vsubq_f32(sgeo_load_quad(g[b] + at, width), g0);
        float32x4_t deviation = vfmaq_f32(vnegq_f32(mean), e, scale);
        squares = vfmaq_f32(squares, deviation, deviation);
    }
    uint32x4_t equal = vceqq_f32(spread, vdupq_n_f32(0.0f));
    sums->zero = vsubq_u32(sums->zero, equal); /* all ones: minus one */
    float32x4_t ratio = over_root(vmulq_f32(size, scale), squares);
    return vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(ratio), equal));
}

SGEO_INLINE void add_dots(struct sums *sums, const float *const *g, size_t k, const float *theta,
                          size_t at, size_t width)
{
    float32x4_t weights = sgeo_load_quad(theta + at, width);
    float32x4_t total = sgeo_load_quad(g[0] + at, width);
    for (size_t b = 1; b < k; b++)
        total = vaddq_f32(total, sgeo_load_quad(g[b] + at, width));
    sums->dot_low = vfmaq_f64(sums->dot_low, sgeo_low(weights), sgeo_low(total));
    sums->dot_high = vfmaq_f64(sums->dot_high, sgeo_high(weights), sgeo_high(total));
}

SGEO_INLINE void moments_step(struct sums *sums, const float *const *g, size_t k,
                              const float *theta, size_t at, size_t width)
{
    float32x4_t ratio = ratios(sums, g, k, at, width);
    sums->ratio_low = vaddq_f64(sums->ratio_low, sgeo_low(ratio));
    sums->ratio_high = vaddq_f64(sums->ratio_high, sgeo_high(ratio));
    if (theta)
        add_dots(sums, g, k, theta, at, width);
}

SGEO_INLINE struct sums moments_of(const float *const *g, size_t k, const float *theta, size_t n)
{
    float64x2_t none = vdupq_n_f64(0.0);
    struct sums sums = {none, none, none, none, vdupq_n_u32(0)};
    size_t at = 0;
    for (; at + SGEO_LANES <= n; at += SGEO_LANES)
        for (size_t q = 0; q < SGEO_QUADS; q++)
            moments_step(&sums, g, k, theta, at + q * SGEO_QUAD, SGEO_QUAD);
    for (; at < n; at += SGEO_QUAD)
        moments_step(&sums, g, k, theta, at, sgeo_min(SGEO_QUAD, n - at));
    return sums;
}

void SGEO_SYMBOL(f32_grad_moments)(struct sgeo_moments *moments, const float *const *g, size_t k,
                                   const float *theta, size_t n)
{
    *moments = (struct sgeo_moments){0};
    if (k == 1) {
        sgeo_moments_of_one(moments, g[0], theta, n);
        return;
    }
    size_t padding = (SGEO_QUAD - n % SGEO_QUAD) % SGEO_QUAD; /* lanes of zeros: all equal */
    struct sums sums = k == 4 ? moments_of(g, 4, theta, n) : moments_of(g, k, theta, n);
    moments->ratio_sum = vaddvq_f64(vaddq_f64(sums.ratio_low, sums.ratio_high)) / sqrt((double)k);
    moments->theta_dot = vaddvq_f64(vaddq_f64(sums.dot_low, sums.dot_high));
    moments->zero_std = (size_t)vaddlvq_u32(sums.zero) - padding;
}
