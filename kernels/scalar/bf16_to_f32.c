/* dst (n) = src (n): 16 zero bits below each. A stream; the compiler's loop is the kernel. */
#include "kernels/bf16.h"
#include "kernels/scalar/tier.h"

void SGEO_SYMBOL(bf16_to_f32)(float *restrict dst, const uint16_t *restrict src, size_t n)
{
    for (size_t i = 0; i < n; i++)
        dst[i] = sgeo_bf16_value(src[i]);
}
