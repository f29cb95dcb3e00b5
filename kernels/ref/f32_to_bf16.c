/* dst (n) = src (n) to the nearest bf16. */
#include "kernels/ref/bf16.h"
#include "kernels/symbols.h"

void sgeo_f32_to_bf16__ref(uint16_t *dst, const float *src, size_t n)
{
    for (size_t i = 0; i < n; i++)
        dst[i] = sgeo_ref_bf16((double)src[i]);
}
