/* dsrc (n) = ddst * y * (1 - y), in double. */
#include "kernels/symbols.h"

void sgeo_f32_sigmoid_grad__ref(float *dsrc, const float *ddst, const float *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        dsrc[i] = (float)((double)ddst[i] * (double)y[i] * (1.0 - (double)y[i]));
}
