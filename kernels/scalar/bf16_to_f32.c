/* dst (n) = src (n): 16 zero bits below each. A stream; the compiler's loop is the kernel. */
#include <string.h>

#include "kernels/scalar/tier.h"

void SGEO_SYMBOL(bf16_to_f32)(float *restrict dst, const uint16_t *restrict src, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = (uint32_t)src[i] << 16;
        memcpy(&dst[i], &bits, sizeof bits);
    }
}
