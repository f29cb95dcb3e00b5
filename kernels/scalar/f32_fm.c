/*
 * dst (B,D) = scale * sum over i > j of src_i src_j, src (B,n,D), in f32: each row but the
 * first (which may be infinite: no product with an empty sum) times the sum of those before it.
 */
#include "kernels/scalar/tier.h"
#include "kernels/strip.h"

SGEO_INLINE void fm_columns(float *dst, const float *src, float scale, size_t rows, size_t dim,
                            size_t width)
{
    float sum[SGEO_LANES], pairs[SGEO_LANES];
    for (size_t j = 0; j < width; j++)
        sum[j] = rows > 0 ? src[j] : 0.0f;
    for (size_t j = 0; j < width; j++)
        pairs[j] = 0.0f;
    for (size_t i = 1; i < rows; i++)
        for (size_t j = 0; j < width; j++) {
            float x = src[i * dim + j];
            pairs[j] = sgeo_multiply_add_f32(x, sum[j], pairs[j]);
            sum[j] += x;
        }
    for (size_t j = 0; j < width; j++)
        dst[j] = scale * pairs[j];
}

static void fm_narrow(float *dst, const float *src, float scale, size_t rows, size_t dim,
                      size_t width)
{
    fm_columns(dst, src, scale, rows, dim, width);
}

void SGEO_SYMBOL(f32_fm)(float *dst, const float *src, float scale,
                         const struct sgeo_interaction *shape)
{
    for (size_t b = 0; b < shape->batch; b++) {
        const float *x = src + b * shape->src_pitch;
        float *y = dst + b * shape->dst_pitch;
        size_t d = 0;
        for (; d + SGEO_LANES <= shape->dim; d += SGEO_LANES)
            fm_columns(y + d, x + d, scale, shape->rows, shape->dim, SGEO_LANES);
        if (d < shape->dim)
            fm_narrow(y + d, x + d, scale, shape->rows, shape->dim, shape->dim - d);
    }
}
