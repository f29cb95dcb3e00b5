/*
 * dst (B,pairs) = src_i . src_j, i > j, of src (B,n,D), in f32.
 *
 * Columns of the triangle are taken in strips of SGEO_LANES: their rows of src, transposed into a
 * panel, are the source of a matrix product whose coefficients are the rows below them.
 */
#include "kernels/scalar/panel.h"

#define PANEL_DEPTH ((size_t)64)

/* Elements depth .. depth+`depths`-1 of the rows of one strip, a lane each. */
struct panel {
    float lanes[PANEL_DEPTH][SGEO_LANES];
    size_t depths;
};

/* One sample: its rows, and where its pairs begin. */
struct sample {
    const float *src;
    float *dst;
    size_t rows, dim;
};

/*
 * Row i of a strip. Sixteen are written where at most 15 belong to the row: the others are later
 * rows' first columns, written after it as rows come in ascending and strips in descending order.
 */
SGEO_INLINE void store_row(const struct sample *sample, const struct sgeo_block *block, size_t r,
                           size_t i, size_t strip)
{
    size_t at = sgeo_pairs(i) + strip;
    float *dst = sample->dst + at;
    if (at + SGEO_LANES <= sgeo_pairs(sample->rows))
        sgeo_block_store_row(dst, block, r, 0.0f, SGEO_LANES);
    else
        sgeo_block_store_row(dst, block, r, 0.0f, sgeo_min(SGEO_LANES, i - strip));
}

/* Row i of a strip, added to what shallower panels have left. */
SGEO_INLINE void add_row(const struct sample *sample, const struct sgeo_block *block, size_t r,
                         size_t i, size_t strip)
{
    float sum[SGEO_LANES], *dst = sample->dst + sgeo_pairs(i) + strip;
    sgeo_block_store_row(sum, block, r, 0.0f, SGEO_LANES);
    for (size_t j = 0; j < sgeo_min(SGEO_LANES, i - strip); j++)
        dst[j] += sum[j];
}

static void strip_block(const struct sample *sample, const struct panel *panel, size_t first,
                        size_t strip, size_t depth)
{
    struct sgeo_block block;
    struct sgeo_coefficients coefficients = {.step = 1};
    for (size_t r = 0; r < SGEO_BLOCK_ROWS; r++)
        coefficients.row[r] =
            sample->src + sgeo_block_row(first, r, sample->rows) * sample->dim + depth;
    sgeo_block_clear(&block);
    if (first + SGEO_BLOCK_ROWS - 1 <= strip + SGEO_LANES / 2) /* no row is longer */
        sgeo_block_add(&block, &coefficients, panel->lanes[0], SGEO_LANES, panel->depths,
                       SGEO_LANES / 2);
    else
        sgeo_block_add(&block, &coefficients, panel->lanes[0], SGEO_LANES, panel->depths,
                       SGEO_LANES);
    for (size_t r = 0; r < SGEO_BLOCK_ROWS && first + r < sample->rows; r++) {
        if (depth == 0)
            store_row(sample, &block, r, first + r, strip);
        else
            add_row(sample, &block, r, first + r, strip);
    }
}

/* Rows strip+1 .. n-1 have columns in the strip. A dim of 0 is a panel without depths. */
static void strip_pairs(const struct sample *sample, size_t strip)
{
    struct panel panel;
    size_t depth = 0;
    do {
        panel.depths = sgeo_min(PANEL_DEPTH, sample->dim - depth);
        sgeo_panel_fill(panel.lanes, sample->src + depth, strip, sample->rows, sample->dim,
                        panel.depths);
        for (size_t i = strip + 1; i < sample->rows; i += SGEO_BLOCK_ROWS)
            strip_block(sample, &panel, i, strip, depth);
        depth += PANEL_DEPTH;
    } while (depth < sample->dim);
}

void SGEO_SYMBOL(f32_dot_interaction)(float *dst, const float *src,
                                      const struct sgeo_interaction *shape)
{
    size_t columns = shape->rows > 0 ? shape->rows - 1 : 0;
    size_t strips = (columns + SGEO_LANES - 1) / SGEO_LANES;
    for (size_t b = 0; b < shape->batch; b++) {
        struct sample sample = {src + b * shape->src_pitch, dst + b * shape->dst_pitch, shape->rows,
                                shape->dim};
        for (size_t s = strips; s-- > 0;)
            strip_pairs(&sample, s * SGEO_LANES);
    }
}
