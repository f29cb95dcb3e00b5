/*
 * dst (n) = src (n) to the nearest bf16, in integers: adding just under half of what is cut off,
 * and one more when the last bit that stays is odd, carries into it where it has to, up to
 * infinity.
 */
#include <stdbool.h>
#include <string.h>

#include "kernels/scalar/tier.h"

SGEO_INLINE uint16_t bf16_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint32_t nearest = (bits + UINT32_C(0x7fff) + (bits >> 16 & 1)) >> 16;
    uint32_t quiet = bits >> 16 | UINT32_C(0x40);
    bool is_nan = (bits & UINT32_C(0x7fffffff)) > UINT32_C(0x7f800000);
    return (uint16_t)(is_nan ? quiet : nearest);
}

void SGEO_SYMBOL(f32_to_bf16)(uint16_t *restrict dst, const float *restrict src, size_t n)
{
    for (size_t i = 0; i < n; i++)
        dst[i] = bf16_of(src[i]);
}
