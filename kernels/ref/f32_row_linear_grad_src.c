/* dsrc (B,n,D) = wei (m,n)^T ddst (B,m,D), in double. */
#include "kernels/symbols.h"

void sgeo_f32_row_linear_grad_src__ref(float *dsrc, const float *ddst, const float *wei,
                                       const struct sgeo_row_linear *shape)
{
    size_t dim = shape->dim;
    for (size_t b = 0; b < shape->batch; b++)
        for (size_t j = 0; j < shape->src_rows; j++)
            for (size_t d = 0; d < dim; d++) {
                double sum = 0.0;
                for (size_t i = 0; i < shape->dst_rows; i++)
                    sum += (double)wei[i * shape->src_rows + j] *
                           (double)ddst[b * shape->dst_pitch + i * dim + d];
                dsrc[b * shape->src_pitch + j * dim + d] = (float)sum;
            }
}
