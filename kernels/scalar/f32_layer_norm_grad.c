/*
 * Gradients of layer normalisation. A block of rows is visited three times while it is in the
 * cache: for the sums along its rows, for those along its columns, and for grads->src, which may
 * lie over ddst and comes last.
 */
#include "kernels/scalar/row_norm.h"
#include "kernels/scalar/tile.h"

#define STRIP ((size_t)256) /* columns whose double sums stay in the first cache: 4 KiB */

struct row {
    struct sgeo_row_norm norm;
    float mean, dot; /* means over the row of g and of g * xhat */
};

/* Sums over a row of g and of g * xhat. */
struct row_sums {
    double first[SGEO_LANES], second[SGEO_LANES];
};

/* g = ddst * gamma; 0 in the lanes behind `width`. */
SGEO_INLINE void load_scaled(float *g, const float *ddst, const float *gamma, size_t width)
{
    float factor[SGEO_LANES];
    sgeo_tile_load(g, ddst, width, 0.0f);
    if (!gamma)
        return;
    sgeo_tile_load(factor, gamma, width, 0.0f);
    for (size_t j = 0; j < SGEO_LANES; j++)
        g[j] *= factor[j];
}

/* xhat = (src - mean) * rstd; some small number in the lanes behind `width`. */
SGEO_INLINE void load_normed(float *xhat, const float *src, struct sgeo_row_norm norm, size_t width)
{
    sgeo_tile_load(xhat, src, width, norm.high);
    for (size_t j = 0; j < SGEO_LANES; j++)
        xhat[j] = sgeo_row_normed(xhat[j], norm);
}

SGEO_INLINE void row_step(struct row_sums *sums, const float *ddst, const float *src,
                          const float *gamma, struct sgeo_row_norm norm, size_t width)
{
    float g[SGEO_LANES], xhat[SGEO_LANES];
    load_scaled(g, ddst, gamma, width);
    load_normed(xhat, src, norm, width);
    for (size_t j = 0; j < SGEO_LANES; j++) {
        sums->first[j] += (double)g[j];
        sums->second[j] = sgeo_multiply_add((double)g[j], (double)xhat[j], sums->second[j]);
    }
}

SGEO_INLINE struct row row_of(const float *ddst, const float *src, const double *stats,
                              const float *gamma, size_t dim)
{
    struct row row = {.norm = sgeo_row_norm_of(stats)};
    struct row_sums sums;
    size_t at = 0;
    sgeo_tile_zero(sums.first);
    sgeo_tile_zero(sums.second);
    for (; at + SGEO_LANES <= dim; at += SGEO_LANES)
        row_step(&sums, ddst + at, src + at, gamma ? gamma + at : NULL, row.norm, SGEO_LANES);
    if (at < dim)
        row_step(&sums, ddst + at, src + at, gamma ? gamma + at : NULL, row.norm, dim - at);
    row.mean = (float)(sgeo_tile_sum(sums.first) / (double)dim);
    row.dot = (float)(sgeo_tile_sum(sums.second) / (double)dim);
    return row;
}

/* dst = rstd * (g - mean - xhat * dot) */
SGEO_INLINE void write_step(float *dst, const float *ddst, const float *src, const float *gamma,
                            const struct row *row, size_t width)
{
    float g[SGEO_LANES], xhat[SGEO_LANES];
    load_scaled(g, ddst, gamma, width);
    load_normed(xhat, src, row->norm, width);
    for (size_t j = 0; j < SGEO_LANES; j++)
        g[j] = row->norm.rstd * sgeo_multiply_add_f32(-xhat[j], row->dot, g[j] - row->mean);
    sgeo_tile_store(dst, g, width);
}

static void write_row(float *dst, const float *ddst, const float *src, const float *gamma,
                      const struct row *row, size_t dim)
{
    struct row local = *row; /* so that the row stays in registers */
    size_t at = 0;
    for (; at + SGEO_LANES <= dim; at += SGEO_LANES)
        write_step(dst + at, ddst + at, src + at, gamma ? gamma + at : NULL, &local, SGEO_LANES);
    if (at < dim)
        write_step(dst + at, ddst + at, src + at, gamma ? gamma + at : NULL, &local, dim - at);
}

/* Double sums over the rows of a block, of one strip of columns. */
struct column_sums {
    double gamma[STRIP], beta[STRIP];
};

static void column_row(struct column_sums *sums, const float *ddst, const float *src,
                       struct sgeo_row_norm norm, size_t width)
{
    for (size_t j = 0; j < width; j++) {
        double xhat = (double)sgeo_row_normed(src[j], norm);
        sums->gamma[j] = sgeo_multiply_add((double)ddst[j], xhat, sums->gamma[j]);
        sums->beta[j] += (double)ddst[j];
    }
}

static void add_sums(float *dst, const double *sums, size_t width)
{
    for (size_t j = 0; j < width; j++)
        dst[j] += (float)sums[j];
}

/* The block's part of grads->gamma and grads->beta. */
static void add_columns(const struct sgeo_layer_norm_grads *grads, const float *ddst,
                        const float *src, const struct row *rows, size_t n_rows, size_t dim)
{
    for (size_t d = 0; d < dim; d += STRIP) {
        size_t width = sgeo_min(STRIP, dim - d);
        struct column_sums sums;
        for (size_t j = 0; j < width; j++)
            sums.gamma[j] = sums.beta[j] = 0.0;
        for (size_t b = 0; b < n_rows; b++)
            column_row(&sums, ddst + b * dim + d, src + b * dim + d, rows[b].norm, width);
        if (grads->gamma)
            add_sums(grads->gamma + d, sums.gamma, width);
        if (grads->beta)
            add_sums(grads->beta + d, sums.beta, width);
    }
}

static void add_block(const struct sgeo_layer_norm_grads *grads, const float *ddst,
                      const float *src, const double *stats, const float *gamma, size_t n_rows,
                      size_t dim)
{
    struct row rows[SGEO_LAYER_NORM_ROWS];
    for (size_t b = 0; b < n_rows; b++)
        rows[b] = row_of(ddst + b * dim, src + b * dim, stats + 2 * b, gamma, dim);
    if (grads->gamma || grads->beta)
        add_columns(grads, ddst, src, rows, n_rows, dim);
    for (size_t b = 0; b < n_rows; b++)
        write_row(grads->src + b * dim, ddst + b * dim, src + b * dim, gamma, &rows[b], dim);
}

void SGEO_SYMBOL(f32_layer_norm_grad)(const struct sgeo_layer_norm_grads *grads, const float *ddst,
                                      const float *src, const double *stats, const float *gamma,
                                      size_t batch, size_t dim)
{
    for (size_t d = 0; grads->gamma && d < dim; d++)
        grads->gamma[d] = 0.0f;
    for (size_t d = 0; grads->beta && d < dim; d++)
        grads->beta[d] = 0.0f;
    for (size_t b = 0; b < batch; b += SGEO_LAYER_NORM_ROWS) {
        struct sgeo_layer_norm_grads block = *grads;
        block.src += b * dim;
        add_block(&block, ddst + b * dim, src + b * dim, stats + 2 * b, gamma,
                  sgeo_min(SGEO_LAYER_NORM_ROWS, batch - b), dim);
    }
}
