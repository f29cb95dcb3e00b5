/* Contracts of the conversions between f32 and bf16. */
#ifndef SGEO_KERNELS_CONTRACT_BF16_H
#define SGEO_KERNELS_CONTRACT_BF16_H

#include <stddef.h>
#include <stdint.h>

/*
 * bf16: the upper half of an f32, as its 16 bits. dst (n) = src (n) to the nearest, ties to even; a
 * magnitude above the largest bf16 by half a step or more becomes infinite. NaN becomes a quiet NaN
 * with its sign and the upper bits of its payload. Denormals are rounded like all others, whatever
 * the floating-point environment says.
 */
typedef void sgeo_f32_to_bf16_sig(uint16_t *dst, const float *src, size_t n);

/* dst (n) = src (n), exact for every bit pattern. */
typedef void sgeo_bf16_to_f32_sig(float *dst, const uint16_t *src, size_t n);

#endif
