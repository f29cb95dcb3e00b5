/*
 * dsrc_i = scale * ddst * sum over j != i of src_j; src, dsrc (B,n,D), ddst (B,D), in f32. Down the
 * rows with the sum of those before each, and up again with the sum of those behind it.
 */
#include "kernels/scalar/tier.h"
#include "kernels/strip.h"

SGEO_INLINE void sums_before(float *dsrc, const float *src, size_t rows, size_t dim, size_t width)
{
    float before[SGEO_LANES];
    for (size_t j = 0; j < width; j++)
        before[j] = 0.0f;
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < width; j++)
            dsrc[i * dim + j] = before[j];
        for (size_t j = 0; j < width; j++)
            before[j] += src[i * dim + j];
    }
}

SGEO_INLINE void gradient_columns(float *dsrc, const float *ddst, const float *src, float scale,
                                  size_t rows, size_t dim, size_t width)
{
    float factor[SGEO_LANES], behind[SGEO_LANES], others[SGEO_LANES];
    for (size_t j = 0; j < width; j++)
        factor[j] = scale * ddst[j];
    for (size_t j = 0; j < width; j++)
        behind[j] = 0.0f;
    sums_before(dsrc, src, rows, dim, width);
    for (size_t i = rows; i-- > 0;) {
        for (size_t j = 0; j < width; j++)
            others[j] = dsrc[i * dim + j] + behind[j];
        for (size_t j = 0; j < width; j++)
            dsrc[i * dim + j] = factor[j] * others[j];
        for (size_t j = 0; j < width; j++)
            behind[j] += src[i * dim + j];
    }
}

static void gradient_narrow(float *dsrc, const float *ddst, const float *src, float scale,
                            size_t rows, size_t dim, size_t width)
{
    gradient_columns(dsrc, ddst, src, scale, rows, dim, width);
}

void SGEO_SYMBOL(f32_fm_grad)(float *dsrc, const float *ddst, const float *src, float scale,
                              const struct sgeo_interaction *shape)
{
    for (size_t b = 0; b < shape->batch; b++) {
        float *dx = dsrc + b * shape->src_pitch;
        const float *x = src + b * shape->src_pitch, *dy = ddst + b * shape->dst_pitch;
        size_t d = 0;
        for (; d + SGEO_LANES <= shape->dim; d += SGEO_LANES)
            gradient_columns(dx + d, dy + d, x + d, scale, shape->rows, shape->dim, SGEO_LANES);
        if (d < shape->dim)
            gradient_narrow(dx + d, dy + d, x + d, scale, shape->rows, shape->dim, shape->dim - d);
    }
}
