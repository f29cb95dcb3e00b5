/* dsrc_t (B,widths_t) = the first columns of ddst (B,width). */
#include <string.h>

#include "kernels/symbols.h"

/* A row of ddst serves all sources while it is in the cache. */
void SGEO_SYMBOL(f32_padded_sum_grad)(float *const *dsrc, const size_t *widths, size_t n_src,
                                      const float *ddst, size_t batch, size_t width)
{
    for (size_t b = 0; b < batch; b++)
        for (size_t t = 0; t < n_src; t++)
            if (dsrc[t] && widths[t] > 0)
                memcpy(dsrc[t] + b * widths[t], ddst + b * width, widths[t] * sizeof *ddst);
}
