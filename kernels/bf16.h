/* A float as bf16, and back, by its bits: whatever the floating-point environment says. */
#ifndef SGEO_KERNELS_BF16_H
#define SGEO_KERNELS_BF16_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"

/*
 * x to the nearest, ties to even, in integers: adding just under half of what is cut off, and one
 * more when the last bit that stays is odd, carries into it where it has to, up to infinity.
 */
SGEO_INLINE uint16_t sgeo_bf16_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint32_t nearest = (bits + UINT32_C(0x7fff) + (bits >> 16 & 1)) >> 16;
    uint32_t quiet = bits >> 16 | UINT32_C(0x40);
    bool is_nan = (bits & UINT32_C(0x7fffffff)) > UINT32_C(0x7f800000);
    return (uint16_t)(is_nan ? quiet : nearest);
}

/* 16 zero bits below. */
SGEO_INLINE float sgeo_bf16_value(uint16_t x)
{
    uint32_t bits = (uint32_t)x << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif
