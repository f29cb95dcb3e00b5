/*
 * dwei (m,n) = sum_b ddst (B,m,D) src (B,n,D)^T;  dbia (m) = sum_b sum_d ddst, in f32.
 *
 * A tile of weights has SGEO_LANES sums each, which stay in registers while CHUNK samples pass by:
 * no more, so that these samples stay in the cache until all tiles have seen them.
 */
#include "kernels/scalar/tier.h"
#include "kernels/strip.h"

/* Rows and columns of a tile: as many sums as the tier has registers for, and their operands. */
#define TILE ((size_t)(SGEO_TIER_IS_WIDE ? 4 : 2))

#define CHUNK ((size_t)64)

struct tile {
    float sum[TILE][TILE][SGEO_LANES];
};

/* The rows of the first sample that a tile multiplies: the last one again where there are no more.
 */
struct operands {
    const float *ddst[TILE], *src[TILE];
};

static struct operands operands_at(const float *ddst, const float *src,
                                   const struct sgeo_row_linear *shape, size_t row, size_t column)
{
    struct operands operands;
    for (size_t t = 0; t < TILE; t++) {
        operands.ddst[t] = ddst + sgeo_min(row + t, shape->dst_rows - 1) * shape->dim;
        operands.src[t] = src + sgeo_min(column + t, shape->src_rows - 1) * shape->dim;
    }
    return operands;
}

SGEO_INLINE void copy(float *to, const float *from, size_t width)
{
    for (size_t j = 0; j < width; j++)
        to[j] = from[j];
}

/* `width` elements from d on, of all samples. */
SGEO_INLINE void tile_add(struct tile *tile, const struct operands *operands,
                          const struct sgeo_row_linear *shape, size_t d, size_t width)
{
    struct operands local = *operands;
    size_t batch = shape->batch, dst_pitch = shape->dst_pitch, src_pitch = shape->src_pitch;
    for (size_t b = 0; b < batch; b++) {
        float x[TILE][SGEO_LANES], y[SGEO_LANES];
        for (size_t c = 0; c < TILE; c++)
            copy(x[c], local.src[c] + b * src_pitch + d, width);
        for (size_t r = 0; r < TILE; r++) {
            copy(y, local.ddst[r] + b * dst_pitch + d, width);
            for (size_t c = 0; c < TILE; c++)
                for (size_t j = 0; j < width; j++)
                    tile->sum[r][c][j] = sgeo_multiply_add_f32(y[j], x[c][j], tile->sum[r][c][j]);
        }
    }
}

static void tile_add_narrow(struct tile *tile, const struct operands *operands,
                            const struct sgeo_row_linear *shape, size_t d, size_t width)
{
    tile_add(tile, operands, shape, d, width);
}

/* The sum of the lanes, halved until one is left. */
SGEO_INLINE float sum_of(float *lanes)
{
    for (size_t half = SGEO_LANES / 2; half > 0; half /= 2)
        for (size_t j = 0; j < half; j++)
            lanes[j] += lanes[half + j];
    return lanes[0];
}

static void weight_tile(float *dwei, const float *ddst, const float *src,
                        const struct sgeo_row_linear *shape, size_t row, size_t column)
{
    struct operands operands = operands_at(ddst, src, shape, row, column);
    struct tile tile = {0};
    size_t d = 0;
    for (; d + SGEO_LANES <= shape->dim; d += SGEO_LANES)
        tile_add(&tile, &operands, shape, d, SGEO_LANES);
    if (d < shape->dim)
        tile_add_narrow(&tile, &operands, shape, d, shape->dim - d);
    for (size_t i = row; i < sgeo_min(row + TILE, shape->dst_rows); i++)
        for (size_t j = column; j < sgeo_min(column + TILE, shape->src_rows); j++)
            dwei[i * shape->src_rows + j] += sum_of(tile.sum[i - row][j - column]);
}

static float bias_gradient(const float *ddst, const struct sgeo_row_linear *shape)
{
    float sum[SGEO_LANES] = {0};
    for (size_t b = 0; b < shape->batch; b++, ddst += shape->dst_pitch) {
        size_t d = 0;
        for (; d + SGEO_LANES <= shape->dim; d += SGEO_LANES)
            for (size_t j = 0; j < SGEO_LANES; j++)
                sum[j] += ddst[d + j];
        for (; d < shape->dim; d++)
            sum[d % SGEO_LANES] += ddst[d];
    }
    return sum_of(sum);
}

/* The gradients of one chunk, added to what earlier ones have left. */
static void add_chunk(float *dwei, float *dbia, const float *ddst, const float *src,
                      const struct sgeo_row_linear *shape)
{
    for (size_t i = 0; i < shape->dst_rows; i += TILE)
        for (size_t j = 0; j < shape->src_rows; j += TILE)
            weight_tile(dwei, ddst, src, shape, i, j);
    for (size_t i = 0; dbia && i < shape->dst_rows; i++)
        dbia[i] += bias_gradient(ddst + i * shape->dim, shape);
}

void SGEO_SYMBOL(f32_row_linear_grad_wei)(float *dwei, float *dbia, const float *ddst,
                                          const float *src, const struct sgeo_row_linear *shape)
{
    struct sgeo_row_linear chunk = *shape;
    for (size_t i = 0; i < shape->dst_rows * shape->src_rows; i++)
        dwei[i] = 0.0f;
    for (size_t i = 0; dbia && i < shape->dst_rows; i++)
        dbia[i] = 0.0f;
    for (size_t b = 0; b < shape->batch; b += CHUNK) {
        chunk.batch = sgeo_min(CHUNK, shape->batch - b);
        add_chunk(dwei, dbia, ddst + b * shape->dst_pitch, src + b * shape->src_pitch, &chunk);
    }
}
