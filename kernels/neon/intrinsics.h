/*
 * The intrinsics of the NEON kernels, and what they share: a tile of SGEO_LANES floats is four
 * registers, and loops over its quads are unrolled.
 */
#ifndef SGEO_KERNELS_NEON_INTRINSICS_H
#define SGEO_KERNELS_NEON_INTRINSICS_H

#include <arm_neon.h>

#include "base/attr.h"
#include "kernels/strip.h"
#include "kernels/symbols.h"

#define SGEO_QUAD  ((size_t)4) /* floats of a register */
#define SGEO_QUADS ((size_t)4) /* registers of a tile */

struct sgeo_tile {
    float32x4_t quad[SGEO_QUADS];
};

SGEO_INLINE struct sgeo_tile sgeo_zero(void)
{
    float32x4_t zero = vdupq_n_f32(0.0f);
    return (struct sgeo_tile){{zero, zero, zero, zero}};
}

/* The first `width` floats, at most a quad, zeros behind them; nothing else is read. */
SGEO_INLINE float32x4_t sgeo_load_quad(const float *src, size_t width)
{
    if (width >= SGEO_QUAD)
        return vld1q_f32(src);
    float lanes[SGEO_QUAD] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (size_t j = 0; j < width; j++)
        lanes[j] = src[j];
    return vld1q_f32(lanes);
}

SGEO_INLINE void sgeo_store_quad(float *dst, size_t width, float32x4_t value)
{
    if (width >= SGEO_QUAD) {
        vst1q_f32(dst, value);
        return;
    }
    float lanes[SGEO_QUAD];
    vst1q_f32(lanes, value);
    for (size_t j = 0; j < width; j++)
        dst[j] = lanes[j];
}

/* The first `width` floats of a tile, likewise. A constant width leaves no branch. */
SGEO_INLINE struct sgeo_tile sgeo_load(const float *src, size_t width)
{
    struct sgeo_tile tile;
    for (size_t q = 0; q < SGEO_QUADS; q++) {
        size_t first = sgeo_min(q * SGEO_QUAD, width);
        tile.quad[q] = sgeo_load_quad(src + first, width - first);
    }
    return tile;
}

SGEO_INLINE void sgeo_store(float *dst, size_t width, struct sgeo_tile tile)
{
    for (size_t q = 0; q < SGEO_QUADS; q++) {
        size_t first = sgeo_min(q * SGEO_QUAD, width);
        sgeo_store_quad(dst + first, width - first, tile.quad[q]);
    }
}

SGEO_INLINE struct sgeo_tile sgeo_add(struct sgeo_tile a, struct sgeo_tile b)
{
    for (size_t q = 0; q < SGEO_QUADS; q++)
        a.quad[q] = vaddq_f32(a.quad[q], b.quad[q]);
    return a;
}

/* Lanes 0..1 and 2..3 of a quad as doubles. */
SGEO_INLINE float64x2_t sgeo_low(float32x4_t x)
{
    return vcvt_f64_f32(vget_low_f32(x));
}

SGEO_INLINE float64x2_t sgeo_high(float32x4_t x)
{
    return vcvt_high_f64_f32(x);
}

#endif
