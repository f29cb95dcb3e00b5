/*
 * What the scalar kernels share. They are plain C over tiles of SGEO_LANES elements, held in local
 * arrays so that the compiler keeps each in vector registers without -ffast-math: no reduction is
 * reordered, the lanes are the order. Compiled once per tier; SGEO_TIER names it.
 */
#ifndef SGEO_KERNELS_SCALAR_TIER_H
#define SGEO_KERNELS_SCALAR_TIER_H

#include <math.h>

#include "base/attr.h"
#include "kernels/symbols.h"

/* Whether the tier has 32 registers of 16 lanes, for those who size their tiles by that. */
#if defined(__AVX512F__) || defined(SGEO_AVX512_HEADER)
#define SGEO_TIER_IS_WIDE 1
#else
#define SGEO_TIER_IS_WIDE 0
#endif

/* a*b + c, in one rounding where the tier has the instruction; a library call would be slow. */
SGEO_INLINE float sgeo_multiply_add_f32(float a, float b, float c)
{
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
    return fmaf(a, b, c);
#else
    return a * b + c;
#endif
}

SGEO_INLINE double sgeo_multiply_add(double a, double b, double c)
{
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
    return fma(a, b, c);
#else
    return a * b + c;
#endif
}

/* A loop of stores, not a call: mostly a few elements. */
SGEO_INLINE void sgeo_zero(float *dst, size_t count)
{
    for (size_t i = 0; i < count; i++)
        dst[i] = 0.0f;
}

#endif
