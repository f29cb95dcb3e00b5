/* dsrc_i = sum over j != i of ddst_ij src_j; src, dsrc (B,n,D), ddst (B,pairs), in double. */
#include "kernels/symbols.h"

static double gradient_at(const float *g, const float *x, size_t i, size_t d,
                          const struct sgeo_interaction *shape)
{
    double sum = 0.0;
    for (size_t j = 0; j < shape->rows; j++) {
        size_t pair = i > j ? sgeo_pairs(i) + j : sgeo_pairs(j) + i;
        if (j != i)
            sum += (double)g[pair] * (double)x[j * shape->dim + d];
    }
    return sum;
}

void sgeo_f32_dot_interaction_grad__ref(float *dsrc, const float *ddst, const float *src,
                                        const struct sgeo_interaction *shape)
{
    for (size_t b = 0; b < shape->batch; b++)
        for (size_t i = 0; i < shape->rows; i++)
            for (size_t d = 0; d < shape->dim; d++)
                dsrc[b * shape->src_pitch + i * shape->dim + d] = (float)gradient_at(
                    ddst + b * shape->dst_pitch, src + b * shape->src_pitch, i, d, shape);
}
