/*
 * dsrc_i = sum over j != i of ddst_ij src_j; src, dsrc (B,n,D), ddst (B,pairs), in f32.
 *
 * A matrix product with a symmetric matrix of which the lower triangle exists. To a block of rows
 * the rows above contribute by its own lines of the triangle, those below by a column of theirs.
 */
#include "kernels/scalar/row_block.h"

/* One sample, from one column on. */
struct sample {
    float *dsrc;
    const float *ddst, *src;
    size_t rows, dim;
};

/* ddst of two different rows. */
SGEO_INLINE float pair_gradient(const struct sample *sample, size_t i, size_t j)
{
    return i > j ? sample->ddst[sgeo_pairs(i) + j] : sample->ddst[sgeo_pairs(j) + i];
}

/*
 * What the block's `count` rows are to each other. Not a product with a matrix whose diagonal is
 * zero: a row may be infinite.
 */
SGEO_INLINE void add_inner(struct sgeo_block *block, const struct sample *sample, size_t first,
                           size_t count, size_t width)
{
    for (size_t j = 0; j < count; j++)
        for (size_t r = 0; r < count; r++)
            if (r != j)
                sgeo_block_add_row(block, 0, r, pair_gradient(sample, first + r, first + j),
                                   sample->src + (first + j) * sample->dim, width);
}

SGEO_INLINE void add_above(struct sgeo_block *block, const struct sample *sample, size_t first,
                           size_t width)
{
    struct sgeo_coefficients lines = {.step = 1};
    for (size_t r = 0; r < SGEO_BLOCK_ROWS; r++)
        lines.row[r] = sample->ddst + sgeo_pairs(sgeo_block_row(first, r, sample->rows));
    sgeo_block_add(block, &lines, sample->src, sample->dim, first, width);
}

/* Rows from `below` on: none unless the block is full. */
SGEO_INLINE void add_below(struct sgeo_block *block, const struct sample *sample, size_t first,
                           size_t below, size_t width)
{
    struct sgeo_coefficients columns = {.step = below, .growth = 1};
    for (size_t r = 0; r < SGEO_BLOCK_ROWS; r++)
        columns.row[r] = sample->ddst + sgeo_pairs(below) + first + r;
    sgeo_block_add(block, &columns, sample->src + below * sample->dim, sample->dim,
                   sample->rows - below, width);
}

SGEO_INLINE void gradient_block(const struct sample *sample, size_t first, size_t width)
{
    struct sgeo_block block;
    size_t below = first + SGEO_BLOCK_ROWS;
    size_t count = sgeo_min(SGEO_BLOCK_ROWS, sample->rows - first);
    sgeo_block_clear(&block);
    add_above(&block, sample, first, width);
    if (below < sample->rows)
        add_below(&block, sample, first, below, width);
    if (count == SGEO_BLOCK_ROWS)
        add_inner(&block, sample, first, SGEO_BLOCK_ROWS, width);
    else
        add_inner(&block, sample, first, count, width);
    for (size_t r = 0; r < count; r++)
        sgeo_block_store_row(sample->dsrc + (first + r) * sample->dim, &block, r, 0.0f, width);
}

static void gradient_wide(const struct sample *sample)
{
    for (size_t i = 0; i < sample->rows; i += SGEO_BLOCK_ROWS)
        gradient_block(sample, i, SGEO_LANES);
}

static void gradient_narrow(const struct sample *sample, size_t width)
{
    for (size_t i = 0; i < sample->rows; i += SGEO_BLOCK_ROWS)
        gradient_block(sample, i, width);
}

void SGEO_SYMBOL(f32_dot_interaction_grad)(float *dsrc, const float *ddst, const float *src,
                                           const struct sgeo_interaction *shape)
{
    for (size_t b = 0; b < shape->batch; b++) {
        struct sample sample = {dsrc + b * shape->src_pitch, ddst + b * shape->dst_pitch,
                                src + b * shape->src_pitch, shape->rows, shape->dim};
        size_t d = 0;
        for (; d + SGEO_LANES <= shape->dim; d += SGEO_LANES) {
            gradient_wide(&sample);
            sample.dsrc += SGEO_LANES;
            sample.src += SGEO_LANES;
        }
        if (d < shape->dim)
            gradient_narrow(&sample, shape->dim - d);
    }
}
