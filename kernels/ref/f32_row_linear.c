/* dst (B,m,D) = wei (m,n) src (B,n,D) + bia (m), in double. */
#include "kernels/symbols.h"

void sgeo_f32_row_linear__ref(float *dst, const float *src, const float *wei, const float *bia,
                              const struct sgeo_row_linear *shape)
{
    size_t dim = shape->dim;
    for (size_t b = 0; b < shape->batch; b++)
        for (size_t i = 0; i < shape->dst_rows; i++)
            for (size_t d = 0; d < dim; d++) {
                double sum = bia ? (double)bia[i] : 0.0;
                for (size_t j = 0; j < shape->src_rows; j++)
                    sum += (double)wei[i * shape->src_rows + j] *
                           (double)src[b * shape->src_pitch + j * dim + d];
                dst[b * shape->dst_pitch + i * dim + d] = (float)sum;
            }
}
