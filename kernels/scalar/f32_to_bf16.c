/* dst (n) = src (n) to the nearest bf16. A stream; the compiler's loop is the kernel. */
#include "kernels/bf16.h"
#include "kernels/scalar/tier.h"

void SGEO_SYMBOL(f32_to_bf16)(uint16_t *restrict dst, const float *restrict src, size_t n)
{
    for (size_t i = 0; i < n; i++)
        dst[i] = sgeo_bf16_of(src[i]);
}
