/* dst (n) = src (n): 16 zero bits below each. */
#include <string.h>

#include "kernels/symbols.h"

void sgeo_bf16_to_f32__ref(float *dst, const uint16_t *src, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = (uint32_t)src[i] << 16;
        memcpy(&dst[i], &bits, sizeof bits);
    }
}
