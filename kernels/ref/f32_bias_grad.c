/* dst (D) = column sums of src (B,D), in double. */
#include "kernels/symbols.h"

void sgeo_f32_bias_grad__ref(float *dst, const float *src, size_t batch, size_t dim, size_t pitch)
{
    for (size_t d = 0; d < dim; d++) {
        double sum = 0.0;
        for (size_t b = 0; b < batch; b++)
            sum += (double)src[b * pitch + d];
        dst[d] = (float)sum;
    }
}
