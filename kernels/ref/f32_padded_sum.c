/* dst (B,width) = sum_t src_t (B,widths_t) padded with zeros, in double. */
#include "kernels/symbols.h"

void sgeo_f32_padded_sum__ref(float *dst, const float *const *src, const size_t *widths,
                              size_t n_src, size_t batch, size_t width)
{
    for (size_t b = 0; b < batch; b++)
        for (size_t c = 0; c < width; c++) {
            double sum = 0.0;
            for (size_t t = 0; t < n_src; t++)
                if (c < widths[t])
                    sum += (double)src[t][b * widths[t] + c];
            dst[b * width + c] = (float)sum;
        }
}
