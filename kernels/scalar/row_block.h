/*
 * A block of rows of a matrix product: SGEO_BLOCK_ROWS rows by SGEO_LANES columns of sums that stay
 * in registers while the rows of a source pass by, each multiplied by one coefficient a sum.
 */
#ifndef SGEO_KERNELS_SCALAR_ROW_BLOCK_H
#define SGEO_KERNELS_SCALAR_ROW_BLOCK_H

#include "kernels/scalar/tier.h"
#include "kernels/strip.h"

#define SGEO_BLOCK_ROWS ((size_t)4)

/*
 * With registers of 16 lanes, four rows are too few sums to keep two multipliers busy: odd source
 * rows then have sums of their own.
 */
#define SGEO_BLOCK_CHAINS ((size_t)(SGEO_TIER_IS_WIDE ? 2 : 1))

struct sgeo_block {
    float sum[SGEO_BLOCK_CHAINS][SGEO_BLOCK_ROWS][SGEO_LANES];
};

/*
 * The coefficients of a block: row[r][0] for the first source row, `step` behind it for the second;
 * each step is by `growth` longer than the one before.
 */
struct sgeo_coefficients {
    const float *row[SGEO_BLOCK_ROWS];
    size_t step, growth;
};

/* The row that a block handles as its r-th: the last one again where there are no more. */
SGEO_INLINE size_t sgeo_block_row(size_t first, size_t r, size_t rows)
{
    return sgeo_min(first + r, rows - 1);
}

SGEO_INLINE void sgeo_block_clear(struct sgeo_block *block)
{
    for (size_t c = 0; c < SGEO_BLOCK_CHAINS; c++)
        for (size_t r = 0; r < SGEO_BLOCK_ROWS; r++)
            for (size_t j = 0; j < SGEO_LANES; j++)
                block->sum[c][r][j] = 0.0f;
}

/* Row r of chain c += coefficient * src */
SGEO_INLINE void sgeo_block_add_row(struct sgeo_block *block, size_t c, size_t r, float coefficient,
                                    const float *src, size_t width)
{
    for (size_t j = 0; j < width; j++)
        block->sum[c][r][j] = sgeo_multiply_add_f32(coefficient, src[j], block->sum[c][r][j]);
}

/* The sums of `count` source rows, `pitch` elements apart, of which `width` columns count. */
SGEO_INLINE void sgeo_block_add(struct sgeo_block *block,
                                const struct sgeo_coefficients *coefficients, const float *src,
                                size_t pitch, size_t count, size_t width)
{
    struct sgeo_coefficients local = *coefficients;
    size_t at = 0, step = local.step, i = 0;
    for (; i + SGEO_BLOCK_CHAINS <= count; i += SGEO_BLOCK_CHAINS)
        for (size_t c = 0; c < SGEO_BLOCK_CHAINS; c++) {
            for (size_t r = 0; r < SGEO_BLOCK_ROWS; r++)
                sgeo_block_add_row(block, c, r, local.row[r][at], src + (i + c) * pitch, width);
            at += step;
            step += local.growth;
        }
    if (SGEO_BLOCK_CHAINS > 1 && i < count) /* the odd one */
        for (size_t r = 0; r < SGEO_BLOCK_ROWS; r++)
            sgeo_block_add_row(block, 0, r, local.row[r][at], src + i * pitch, width);
}

/* dst = sum of row r over the chains, + offset */
SGEO_INLINE void sgeo_block_store_row(float *dst, const struct sgeo_block *block, size_t r,
                                      float offset, size_t width)
{
    float sum[SGEO_LANES];
    for (size_t j = 0; j < width; j++)
        sum[j] = block->sum[0][r][j];
    for (size_t c = 1; c < SGEO_BLOCK_CHAINS; c++)
        for (size_t j = 0; j < width; j++)
            sum[j] += block->sum[c][r][j];
    for (size_t j = 0; j < width; j++)
        dst[j] = sum[j] + offset;
}

#endif
