/* dsrc (B,n,D) = wei (m,n)^T ddst (B,m,D), in f32. */
#include "kernels/scalar/row_product.h"

void SGEO_SYMBOL(f32_row_linear_grad_src)(float *dsrc, const float *ddst, const float *wei,
                                          const struct sgeo_row_linear *shape)
{
    struct sgeo_row_product transposed = {
        .matrix = wei,
        .row_step = 1,
        .step = shape->src_rows,
        .batch = shape->batch,
        .dst_rows = shape->src_rows,
        .src_rows = shape->dst_rows,
        .dim = shape->dim,
        .dst_pitch = shape->src_pitch,
        .src_pitch = shape->dst_pitch,
    };
    sgeo_row_product(dsrc, ddst, &transposed);
}
