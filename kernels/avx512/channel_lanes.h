/* The sums of one strip of channels in registers: kernels/channel_sums.h, sixteen lanes wide. */
#ifndef SGEO_KERNELS_AVX512_CHANNEL_LANES_H
#define SGEO_KERNELS_AVX512_CHANNEL_LANES_H

#include "kernels/avx512/intrinsics.h"
#include "kernels/channel_sums.h"

/* Sixteen doubles. */
struct sgeo_wide {
    __m512d low, high;
};

struct sgeo_wide_sums {
    struct sgeo_wide origin, first, second;
};

SGEO_INLINE struct sgeo_wide sgeo_wide_load(const double *lanes)
{
    return (struct sgeo_wide){_mm512_loadu_pd(lanes), _mm512_loadu_pd(lanes + 8)};
}

SGEO_INLINE void sgeo_wide_store(double *lanes, struct sgeo_wide x)
{
    _mm512_storeu_pd(lanes, x.low);
    _mm512_storeu_pd(lanes + 8, x.high);
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
    __m512 x = sgeo_load(src, width);
    return (struct sgeo_wide){sgeo_low(x), sgeo_high(x)};
}

/* x - origin in the first `width` lanes, zeros behind them. */
SGEO_INLINE struct sgeo_wide sgeo_wide_offset(struct sgeo_wide x, struct sgeo_wide origin,
                                              size_t width)
{
    __mmask16 lanes = sgeo_first_lanes(width);
    if (width == SGEO_FULL)
        return (struct sgeo_wide){_mm512_sub_pd(x.low, origin.low),
                                  _mm512_sub_pd(x.high, origin.high)};
    return (struct sgeo_wide){_mm512_maskz_sub_pd((__mmask8)lanes, x.low, origin.low),
                              _mm512_maskz_sub_pd((__mmask8)(lanes >> 8), x.high, origin.high)};
}

/* first += a;  second += a * b */
SGEO_INLINE void sgeo_wide_add(struct sgeo_wide_sums *sums, struct sgeo_wide a, struct sgeo_wide b)
{
    sums->first.low = _mm512_add_pd(sums->first.low, a.low);
    sums->first.high = _mm512_add_pd(sums->first.high, a.high);
    sums->second.low = _mm512_fmadd_pd(a.low, b.low, sums->second.low);
    sums->second.high = _mm512_fmadd_pd(a.high, b.high, sums->second.high);
}

#include "kernels/channel_walk.inc"

#endif
