/* dst (B,dst_rows,dim) = matrix (dst_rows,src_rows) src (B,src_rows,dim), in blocks of rows. */
#ifndef SGEO_KERNELS_SCALAR_ROW_PRODUCT_H
#define SGEO_KERNELS_SCALAR_ROW_PRODUCT_H

#include "kernels/scalar/row_block.h"

/* Element (i,j) of the matrix is at i*row_step + j*step; offset (dst_rows) may be NULL. */
struct sgeo_row_product {
    const float *matrix, *offset;
    size_t row_step, step;
    size_t batch, dst_rows, src_rows, dim;
    size_t dst_pitch, src_pitch;
};

/* Rows first .. first+SGEO_BLOCK_ROWS-1 of a sample, `width` columns of them. */
SGEO_INLINE void sgeo_product_block(float *dst, const float *src,
                                    const struct sgeo_row_product *product, size_t first,
                                    size_t width)
{
    struct sgeo_block block;
    struct sgeo_coefficients coefficients = {.step = product->step};
    for (size_t r = 0; r < SGEO_BLOCK_ROWS; r++)
        coefficients.row[r] =
            product->matrix + sgeo_block_row(first, r, product->dst_rows) * product->row_step;
    sgeo_block_clear(&block);
    sgeo_block_add(&block, &coefficients, src, product->dim, product->src_rows, width);
    for (size_t r = 0; r < SGEO_BLOCK_ROWS; r++) {
        size_t i = first + r;
        if (i < product->dst_rows)
            sgeo_block_store_row(dst + i * product->dim, &block, r,
                                 product->offset ? product->offset[i] : 0.0f, width);
    }
}

static void sgeo_product_wide(float *dst, const float *src, const struct sgeo_row_product *product)
{
    for (size_t i = 0; i < product->dst_rows; i += SGEO_BLOCK_ROWS)
        sgeo_product_block(dst, src, product, i, SGEO_LANES);
}

static void sgeo_product_narrow(float *dst, const float *src,
                                const struct sgeo_row_product *product, size_t width)
{
    for (size_t i = 0; i < product->dst_rows; i += SGEO_BLOCK_ROWS)
        sgeo_product_block(dst, src, product, i, width);
}

SGEO_INLINE void sgeo_row_product(float *dst, const float *src,
                                  const struct sgeo_row_product *product)
{
    for (size_t b = 0; b < product->batch; b++) {
        float *to = dst + b * product->dst_pitch;
        const float *from = src + b * product->src_pitch;
        size_t d = 0;
        for (; d + SGEO_LANES <= product->dim; d += SGEO_LANES)
            sgeo_product_wide(to + d, from + d, product);
        if (d < product->dim)
            sgeo_product_narrow(to + d, from + d, product, product->dim - d);
    }
}

#endif
