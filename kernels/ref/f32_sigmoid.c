/* dst (n) = 1 / (1 + e^-src), in double. */
#include <math.h>

#include "kernels/symbols.h"

void sgeo_f32_sigmoid__ref(float *dst, const float *src, size_t n)
{
    for (size_t i = 0; i < n; i++)
        dst[i] = (float)(1.0 / (1.0 + exp(-(double)src[i])));
}
