/* dst (B,pairs) = src_i . src_j, i > j, of src (B,n,D), in double. */
#include "kernels/symbols.h"

static double dot(const float *a, const float *b, size_t dim)
{
    double sum = 0.0;
    for (size_t d = 0; d < dim; d++)
        sum += (double)a[d] * (double)b[d];
    return sum;
}

void sgeo_f32_dot_interaction__ref(float *dst, const float *src,
                                   const struct sgeo_interaction *shape)
{
    for (size_t b = 0; b < shape->batch; b++) {
        const float *x = src + b * shape->src_pitch;
        float *pair = dst + b * shape->dst_pitch;
        for (size_t i = 0; i < shape->rows; i++)
            for (size_t j = 0; j < i; j++)
                *pair++ = (float)dot(x + i * shape->dim, x + j * shape->dim, shape->dim);
    }
}
