/* dwei (m,n) = sum_b ddst (B,m,D) src (B,n,D)^T;  dbia (m) = sum_b sum_d ddst, in double. */
#include "kernels/symbols.h"

static double weight_gradient(const float *ddst, const float *src,
                              const struct sgeo_row_linear *shape)
{
    double sum = 0.0;
    for (size_t b = 0; b < shape->batch; b++)
        for (size_t d = 0; d < shape->dim; d++)
            sum += (double)ddst[b * shape->dst_pitch + d] * (double)src[b * shape->src_pitch + d];
    return sum;
}

static double bias_gradient(const float *ddst, const struct sgeo_row_linear *shape)
{
    double sum = 0.0;
    for (size_t b = 0; b < shape->batch; b++)
        for (size_t d = 0; d < shape->dim; d++)
            sum += (double)ddst[b * shape->dst_pitch + d];
    return sum;
}

void sgeo_f32_row_linear_grad_wei__ref(float *dwei, float *dbia, const float *ddst,
                                       const float *src, const struct sgeo_row_linear *shape)
{
    for (size_t i = 0; i < shape->dst_rows; i++) {
        const float *row = ddst + i * shape->dim;
        for (size_t j = 0; j < shape->src_rows; j++)
            dwei[i * shape->src_rows + j] =
                (float)weight_gradient(row, src + j * shape->dim, shape);
        if (dbia)
            dbia[i] = (float)bias_gradient(row, shape);
    }
}
