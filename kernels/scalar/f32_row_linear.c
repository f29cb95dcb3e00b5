/* dst (B,m,D) = wei (m,n) src (B,n,D) + bia (m), in f32. */
#include "kernels/scalar/row_product.h"

void SGEO_SYMBOL(f32_row_linear)(float *dst, const float *src, const float *wei, const float *bia,
                                 const struct sgeo_row_linear *shape)
{
    struct sgeo_row_product product = {
        .matrix = wei,
        .offset = bia,
        .row_step = shape->src_rows,
        .step = 1,
        .batch = shape->batch,
        .dst_rows = shape->dst_rows,
        .src_rows = shape->src_rows,
        .dim = shape->dim,
        .dst_pitch = shape->dst_pitch,
        .src_pitch = shape->src_pitch,
    };
    sgeo_row_product(dst, src, &product);
}
