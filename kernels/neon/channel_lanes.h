/* The sums of one strip of channels in registers: kernels/channel_sums.h, two lanes a register. */
#ifndef SGEO_KERNELS_NEON_CHANNEL_LANES_H
#define SGEO_KERNELS_NEON_CHANNEL_LANES_H

#include "kernels/channel_sums.h"
#include "kernels/neon/intrinsics.h"

/* SGEO_LANES doubles: the low and high halves of each quad. */
struct sgeo_wide {
    float64x2_t low[SGEO_QUADS], high[SGEO_QUADS];
};

struct sgeo_wide_sums {
    struct sgeo_wide origin, first, second;
};

SGEO_INLINE struct sgeo_wide sgeo_wide_load(const double *lanes)
{
    struct sgeo_wide x;
    for (size_t q = 0; q < SGEO_QUADS; q++) {
        x.low[q] = vld1q_f64(lanes + q * SGEO_QUAD);
        x.high[q] = vld1q_f64(lanes + q * SGEO_QUAD + 2);
    }
    return x;
}

SGEO_INLINE void sgeo_wide_store(double *lanes, struct sgeo_wide x)
{
    for (size_t q = 0; q < SGEO_QUADS; q++) {
        vst1q_f64(lanes + q * SGEO_QUAD, x.low[q]);
        vst1q_f64(lanes + q * SGEO_QUAD + 2, x.high[q]);
    }
}

SGEO_INLINE struct sgeo_wide_sums sgeo_wide_sums_load(const struct sgeo_channel_sums *sums)
{
    return (struct sgeo_wide_sums){sgeo_wide_load(sums->origin), sgeo_wide_load(sums->first),
                                   sgeo_wide_load(sums->second)};
}

SGEO_INLINE void sgeo_wide_sums_store(struct sgeo_channel_sums *sums, struct sgeo_wide_sums wide)
{
    sgeo_wide_store(sums->first, wide.first);
    sgeo_wide_store(sums->second, wide.second);
}

/* The first `width` floats as doubles, zeros behind them. */
SGEO_INLINE struct sgeo_wide sgeo_wide_floats(const float *src, size_t width)
{
    struct sgeo_tile tile = sgeo_load(src, width);
    struct sgeo_wide x;
    for (size_t q = 0; q < SGEO_QUADS; q++) {
        x.low[q] = sgeo_low(tile.quad[q]);
        x.high[q] = sgeo_high(tile.quad[q]);
    }
    return x;
}

/* The first `width` lanes, zeros behind them. */
SGEO_INLINE struct sgeo_wide sgeo_wide_first(struct sgeo_wide x, size_t width)
{
    double lanes[SGEO_LANES];
    sgeo_wide_store(lanes, x);
    for (size_t j = width; j < SGEO_LANES; j++)
        lanes[j] = 0.0;
    return sgeo_wide_load(lanes);
}

/* x - origin in the first `width` lanes, zeros behind them. */
SGEO_INLINE struct sgeo_wide sgeo_wide_offset(struct sgeo_wide x, struct sgeo_wide origin,
                                              size_t width)
{
    for (size_t q = 0; q < SGEO_QUADS; q++) {
        x.low[q] = vsubq_f64(x.low[q], origin.low[q]);
        x.high[q] = vsubq_f64(x.high[q], origin.high[q]);
    }
    return width == SGEO_LANES ? x : sgeo_wide_first(x, width);
}

/* first += a;  second += a * b */
SGEO_INLINE void sgeo_wide_add(struct sgeo_wide_sums *sums, struct sgeo_wide a, struct sgeo_wide b)
{
    for (size_t q = 0; q < SGEO_QUADS; q++) {
        sums->first.low[q] = vaddq_f64(sums->first.low[q], a.low[q]);
        sums->first.high[q] = vaddq_f64(sums->first.high[q], a.high[q]);
        sums->second.low[q] = vfmaq_f64(sums->second.low[q], a.low[q], b.low[q]);
        sums->second.high[q] = vfmaq_f64(sums->second.high[q], a.high[q], b.high[q]);
    }
}

#include "kernels/channel_walk.inc"

#endif
