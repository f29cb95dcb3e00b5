/*
 * dwei (m,n) = sum_b ddst (B,m,D) src (B,n,D)^T;  dbia (m) = sum_b sum_d ddst, in f32.
 *
 * Columns of dwei are taken in strips of SGEO_LANES: their rows of src, transposed into a panel a
 * sample, are the source of a matrix product whose coefficients are the rows of ddst. The panels of
 * CHUNK samples stay in the cache until all rows have passed by.
 */
#include "kernels/scalar/lane_sum.h"
#include "kernels/scalar/panel.h"

#define CHUNK ((size_t)16)

/* SGEO_LANES columns of a chunk's rows of src, and as many of the rows of ddst. */
struct chunk {
    float panels[CHUNK][SGEO_LANES][SGEO_LANES];
    size_t samples, depths;
    const float *ddst;
    const struct sgeo_row_linear *shape;
};

/* A block of rows of one strip, from all samples of the chunk, added to dwei. */
SGEO_INLINE void add_block(float *dwei, const struct chunk *chunk, size_t first, size_t strip,
                           size_t depths)
{
    const struct sgeo_row_linear *shape = chunk->shape;
    struct sgeo_block block;
    struct sgeo_coefficients rows = {.step = 1};
    size_t width = sgeo_min(SGEO_LANES, shape->src_rows - strip);
    for (size_t r = 0; r < SGEO_BLOCK_ROWS; r++)
        rows.row[r] = chunk->ddst + sgeo_block_row(first, r, shape->dst_rows) * shape->dim;
    sgeo_block_clear(&block);
    for (size_t b = 0; b < chunk->samples; b++) {
        sgeo_block_add(&block, &rows, chunk->panels[b][0], SGEO_LANES, depths, SGEO_LANES);
        for (size_t r = 0; r < SGEO_BLOCK_ROWS; r++)
            rows.row[r] += shape->dst_pitch;
    }
    for (size_t r = 0; r < SGEO_BLOCK_ROWS && first + r < shape->dst_rows; r++) {
        float sum[SGEO_LANES], *to = dwei + (first + r) * shape->src_rows + strip;
        sgeo_block_store_row(sum, &block, r, 0.0f, SGEO_LANES);
        for (size_t j = 0; j < width; j++)
            to[j] += sum[j];
    }
}

static void add_strip_wide(float *dwei, const struct chunk *chunk, size_t strip)
{
    for (size_t i = 0; i < chunk->shape->dst_rows; i += SGEO_BLOCK_ROWS)
        add_block(dwei, chunk, i, strip, SGEO_LANES);
}

static void add_strip_narrow(float *dwei, const struct chunk *chunk, size_t strip)
{
    for (size_t i = 0; i < chunk->shape->dst_rows; i += SGEO_BLOCK_ROWS)
        add_block(dwei, chunk, i, strip, chunk->depths);
}

/* What the columns of a chunk (from the first of src and chunk->ddst on) add to dwei. */
static void add_weights(float *dwei, struct chunk *chunk, const float *src)
{
    const struct sgeo_row_linear *shape = chunk->shape;
    for (size_t strip = 0; strip < shape->src_rows; strip += SGEO_LANES) {
        for (size_t b = 0; b < chunk->samples; b++)
            sgeo_panel_fill(chunk->panels[b], src + b * shape->src_pitch, strip, shape->src_rows,
                            shape->dim, chunk->depths);
        if (chunk->depths == SGEO_LANES)
            add_strip_wide(dwei, chunk, strip);
        else
            add_strip_narrow(dwei, chunk, strip);
    }
}

static void add_biases(float *dbia, const struct chunk *chunk)
{
    const struct sgeo_row_linear *shape = chunk->shape;
    for (size_t i = 0; i < shape->dst_rows; i++) {
        float sum[SGEO_LANES] = {0};
        for (size_t b = 0; b < chunk->samples; b++) {
            const float *row = chunk->ddst + b * shape->dst_pitch + i * shape->dim;
            if (chunk->depths == SGEO_LANES)
                for (size_t j = 0; j < SGEO_LANES; j++)
                    sum[j] += row[j];
            else
                for (size_t j = 0; j < chunk->depths; j++)
                    sum[j] += row[j];
        }
        dbia[i] += sgeo_lane_sum(sum);
    }
}

void SGEO_SYMBOL(f32_row_linear_grad_wei)(float *dwei, float *dbia, const float *ddst,
                                          const float *src, const struct sgeo_row_linear *shape)
{
    struct chunk chunk;
    chunk.shape = shape;
    sgeo_zero(dwei, shape->dst_rows * shape->src_rows);
    sgeo_zero(dbia, dbia ? shape->dst_rows : 0);
    for (size_t b = 0; b < shape->batch; b += CHUNK)
        for (size_t d = 0; d < shape->dim; d += SGEO_LANES) {
            chunk.samples = sgeo_min(CHUNK, shape->batch - b);
            chunk.depths = sgeo_min(SGEO_LANES, shape->dim - d);
            chunk.ddst = ddst + b * shape->dst_pitch + d;
            add_weights(dwei, &chunk, src + b * shape->src_pitch + d);
            if (dbia)
                add_biases(dbia, &chunk);
        }
}
