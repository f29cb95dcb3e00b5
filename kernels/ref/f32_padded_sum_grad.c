/* dsrc_t (B,widths_t) = the first columns of ddst (B,width). */
#include "kernels/symbols.h"

void sgeo_f32_padded_sum_grad__ref(float *const *dsrc, const size_t *widths, size_t n_src,
                                   const float *ddst, size_t batch, size_t width)
{
    for (size_t t = 0; t < n_src; t++)
        for (size_t b = 0; b < batch && dsrc[t]; b++)
            for (size_t c = 0; c < widths[t]; c++)
                dsrc[t][b * widths[t] + c] = ddst[b * width + c];
}
