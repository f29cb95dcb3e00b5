/* The number that a bf16 is, and the bf16 nearest to a number: the choice between its two
 * neighbours, in double. */
#ifndef SGEO_KERNELS_REF_BF16_H
#define SGEO_KERNELS_REF_BF16_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define SGEO_REF_BF16_INFINITE UINT32_C(0x7f80)

/* The bits of the float nearest to x. */
static inline uint32_t sgeo_ref_bits(double x)
{
    float nearest = (float)x;
    uint32_t bits;
    memcpy(&bits, &nearest, sizeof bits);
    return bits;
}

static inline double sgeo_ref_bf16_value(uint16_t x)
{
    uint32_t bits = (uint32_t)x << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

/* The value of a magnitude's bits; those of infinity stand for the number that would come next. */
static inline double sgeo_ref_bf16_step(uint32_t magnitude)
{
    return magnitude == SGEO_REF_BF16_INFINITE ? 0x1p128 : sgeo_ref_bf16_value((uint16_t)magnitude);
}

/* The bits nearest to a magnitude, which is finite. */
static inline uint32_t sgeo_ref_bf16_nearest(double magnitude)
{
    if (magnitude >= 0x1p128)
        return SGEO_REF_BF16_INFINITE;
    uint32_t below = sgeo_ref_bits(magnitude) >> 16;
    if (sgeo_ref_bf16_step(below) > magnitude) /* the float is above it */
        below--;
    double over = magnitude - sgeo_ref_bf16_step(below);
    double under = sgeo_ref_bf16_step(below + 1) - magnitude;
    bool up = over > under || (over == under && below % 2 == 1);
    return below + up;
}

/* x rounded once, ties to even; a NaN is quiet, with its sign and the upper bits of its payload. */
static inline uint16_t sgeo_ref_bf16(double x)
{
    uint32_t bits = sgeo_ref_bits(x) >> 16;
    if (isnan(x))
        bits |= UINT32_C(0x40);
    else if (isfinite(x))
        bits = (bits & UINT32_C(0x8000)) | sgeo_ref_bf16_nearest(fabs(x));
    return (uint16_t)bits;
}

#endif
