/*
 * e^x for x <= 0, as a softmax needs it: within 2 roundings, 0 below -87.3 (where results become
 * denormal), NaN for NaN. No branch and no table, so that loops over it are vector code.
 */
#ifndef SGEO_KERNELS_SCALAR_EXP_H
#define SGEO_KERNELS_SCALAR_EXP_H

#include <stdint.h>
#include <string.h>

#include "kernels/scalar/tier.h"

/*
 * x = n ln 2 + r with |r| <= ln 2 / 2. Adding 1.5 * 2^23 leaves n in the lowest bits of the sum. ln
 * 2 comes in two parts, the first of 9 bits: its product with n is exact. e^r = 1 + r + r^2 q(r),
 * where q is the polynomial of degree 4 with the least relative error of e^r (4.4e-9).
 */
SGEO_INLINE float sgeo_exp_nonpositive_f32(float x)
{
    float shifted = x * 1.44269504f + 12582912.0f;
    float n = shifted - 12582912.0f;
    float r = sgeo_multiply_add_f32(n, -0.693359375f, x);
    r = sgeo_multiply_add_f32(n, 2.12194440e-4f, r);
    float q = 0.00138144672f;
    q = sgeo_multiply_add_f32(q, r, 0.00836878084f);
    q = sgeo_multiply_add_f32(q, r, 0.0416683927f);
    q = sgeo_multiply_add_f32(q, r, 0.166665196f);
    q = sgeo_multiply_add_f32(q, r, 0.49999994f);
    float mantissa = sgeo_multiply_add_f32(q, r * r, r) + 1.0f;
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits << 23) + UINT32_C(0x3f800000);
    float power;
    memcpy(&power, &bits, sizeof power);
    return x < -87.3f ? 0.0f : mantissa * power;
}

#endif
