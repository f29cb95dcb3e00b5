/* dst (B,D) = scale * sum over i > j of src_i src_j, src (B,n,D), in double. */
#include "kernels/symbols.h"

static double pairs_at(const float *x, size_t d, const struct sgeo_interaction *shape)
{
    double sum = 0.0;
    for (size_t i = 0; i < shape->rows; i++)
        for (size_t j = 0; j < i; j++)
            sum += (double)x[i * shape->dim + d] * (double)x[j * shape->dim + d];
    return sum;
}

void sgeo_f32_fm__ref(float *dst, const float *src, float scale,
                      const struct sgeo_interaction *shape)
{
    for (size_t b = 0; b < shape->batch; b++)
        for (size_t d = 0; d < shape->dim; d++)
            dst[b * shape->dst_pitch + d] =
                (float)((double)scale * pairs_at(src + b * shape->src_pitch, d, shape));
}
