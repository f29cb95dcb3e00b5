/* dsrc_i = scale * ddst * sum over j != i of src_j; src, dsrc (B,n,D), ddst (B,D), in double. */
#include "kernels/symbols.h"

static double others_at(const float *x, size_t i, size_t d, const struct sgeo_interaction *shape)
{
    double sum = 0.0;
    for (size_t j = 0; j < shape->rows; j++)
        if (j != i)
            sum += (double)x[j * shape->dim + d];
    return sum;
}

void sgeo_f32_fm_grad__ref(float *dsrc, const float *ddst, const float *src, float scale,
                           const struct sgeo_interaction *shape)
{
    for (size_t b = 0; b < shape->batch; b++)
        for (size_t i = 0; i < shape->rows; i++)
            for (size_t d = 0; d < shape->dim; d++)
                dsrc[b * shape->src_pitch + i * shape->dim + d] =
                    (float)((double)scale * (double)ddst[b * shape->dst_pitch + d] *
                            others_at(src + b * shape->src_pitch, i, d, shape));
}
