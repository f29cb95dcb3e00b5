/*
 * Sums of listed rows. Their columns are cut into blocks of 64, 32, .. 1, each of which stays in
 * registers while the rows of its list pass by; a block is up to 4 tiles. Tiers with registers for
 * two blocks of 64 take two.
 */
#ifndef SGEO_KERNELS_SCALAR_ROW_SUMS_H
#define SGEO_KERNELS_SCALAR_ROW_SUMS_H

#include "kernels/row_list.h"
#include "kernels/scalar/tier.h"

#define SGEO_BLOCK_TILES ((size_t)4)

/* A block: `tiles` tiles of `lanes` columns, from column `at` on. */
struct sgeo_columns {
    size_t at, tiles, lanes;
};

/* sum = factor * row, or the row itself */
SGEO_INLINE void sgeo_sums_begin(float (*sum)[SGEO_LANES], const struct sgeo_row_list *list,
                                 size_t i, struct sgeo_columns columns)
{
    const float *row = sgeo_list_row(list, i) + columns.at;
    float factor = sgeo_list_has_factors(list) ? sgeo_list_factor(list, i) : 1.0f;
    for (size_t t = 0; t < columns.tiles; t++)
        for (size_t j = 0; j < columns.lanes; j++)
            sum[t][j] = factor * row[t * columns.lanes + j];
}

/* sum += factor * row, or the row itself */
SGEO_INLINE void sgeo_sums_add(float (*sum)[SGEO_LANES], const struct sgeo_row_list *list, size_t i,
                               struct sgeo_columns columns)
{
    const float *row = sgeo_list_row(list, i) + columns.at;
    float factor = sgeo_list_has_factors(list) ? sgeo_list_factor(list, i) : 1.0f;
    for (size_t t = 0; t < columns.tiles; t++)
        for (size_t j = 0; j < columns.lanes; j++)
            sum[t][j] = sgeo_multiply_add_f32(factor, row[t * columns.lanes + j], sum[t][j]);
}

SGEO_INLINE void sgeo_sums_store(float *dst, float (*sum)[SGEO_LANES], float scale,
                                 struct sgeo_columns columns)
{
    for (size_t t = 0; t < columns.tiles; t++)
        for (size_t j = 0; j < columns.lanes; j++)
            dst[columns.at + t * columns.lanes + j] = sum[t][j] * scale;
}

/* Rows are requested when their first columns are summed. */
SGEO_INLINE void sgeo_block_sum(float *dst, const struct sgeo_row_list *list, size_t begin,
                                size_t end, float scale, struct sgeo_columns columns)
{
    float sum[SGEO_BLOCK_TILES][SGEO_LANES];
    if (columns.at == 0)
        sgeo_list_request(list, begin);
    sgeo_sums_begin(sum, list, begin, columns);
    for (size_t i = begin + 1; i < end; i++) {
        if (columns.at == 0)
            sgeo_list_request(list, i);
        sgeo_sums_add(sum, list, i, columns);
    }
    sgeo_sums_store(dst, sum, scale, columns);
}

/* Two blocks of 64 columns at once, from column `at` on: rows pass by once, as they lie. */
SGEO_INLINE void sgeo_two_block_sum(float *dst, const struct sgeo_row_list *list, size_t begin,
                                    size_t end, float scale, size_t at)
{
    const struct sgeo_columns first = {at, SGEO_BLOCK_TILES, SGEO_LANES};
    const struct sgeo_columns second = {at + 64, SGEO_BLOCK_TILES, SGEO_LANES};
    float low[SGEO_BLOCK_TILES][SGEO_LANES], high[SGEO_BLOCK_TILES][SGEO_LANES];
    if (at == 0)
        sgeo_list_request(list, begin);
    sgeo_sums_begin(low, list, begin, first);
    sgeo_sums_begin(high, list, begin, second);
    for (size_t i = begin + 1; i < end; i++) {
        if (at == 0)
            sgeo_list_request(list, i);
        sgeo_sums_add(low, list, i, first);
        sgeo_sums_add(high, list, i, second);
    }
    sgeo_sums_store(dst, low, scale, first);
    sgeo_sums_store(dst, high, scale, second);
}

/* dst (dim) = scale * sum of rows begin .. end-1 of the list, of which there is at least one. */
SGEO_INLINE void sgeo_row_sum(float *dst, const struct sgeo_row_list *list, size_t begin,
                              size_t end, float scale)
{
    size_t at = 0, dim = list->dim;
    for (; SGEO_TIER_IS_WIDE && at + 128 <= dim; at += 128)
        sgeo_two_block_sum(dst, list, begin, end, scale, at);
    for (; at + 64 <= dim; at += 64)
        sgeo_block_sum(dst, list, begin, end, scale, (struct sgeo_columns){at, 4, 16});
    if (dim & 32)
        sgeo_block_sum(dst, list, begin, end, scale, (struct sgeo_columns){at, 2, 16});
    at += dim & 32;
    if (dim & 16)
        sgeo_block_sum(dst, list, begin, end, scale, (struct sgeo_columns){at, 1, 16});
    at += dim & 16;
    if (dim & 8)
        sgeo_block_sum(dst, list, begin, end, scale, (struct sgeo_columns){at, 1, 8});
    at += dim & 8;
    if (dim & 4)
        sgeo_block_sum(dst, list, begin, end, scale, (struct sgeo_columns){at, 1, 4});
    at += dim & 4;
    for (; at < dim; at++)
        sgeo_block_sum(dst, list, begin, end, scale, (struct sgeo_columns){at, 1, 1});
}

#endif
