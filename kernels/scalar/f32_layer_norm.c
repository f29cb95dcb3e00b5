/* dst (B,D) = (src - mean) * rstd * gamma + beta; stats (B,2): double sums, the rest in f32. */
#include "kernels/scalar/row_norm.h"
#include "kernels/scalar/tile.h"

/* Sums over a row of d = src - origin and of d^2; the origin is the row's first element. */
struct sums {
    double first[SGEO_LANES], second[SGEO_LANES];
};

/* Lanes behind `width` hold the origin: they add exactly nothing. */
SGEO_INLINE void add_step(struct sums *sums, const float *src, float origin, size_t width)
{
    float x[SGEO_LANES];
    sgeo_tile_load(x, src, width, origin);
    for (size_t j = 0; j < SGEO_LANES; j++) {
        double d = (double)x[j] - (double)origin;
        sums->first[j] += d;
        sums->second[j] = sgeo_multiply_add(d, d, sums->second[j]);
    }
}

SGEO_INLINE void row_stats(double *stats, const float *src, size_t dim, double epsilon)
{
    struct sums sums;
    float origin = src[0];
    size_t at = 0;
    sgeo_tile_zero(sums.first);
    sgeo_tile_zero(sums.second);
    for (; at + SGEO_LANES <= dim; at += SGEO_LANES)
        add_step(&sums, src + at, origin, SGEO_LANES);
    if (at < dim)
        add_step(&sums, src + at, origin, dim - at);
    double part = 1.0 / (double)dim, shift = sgeo_tile_sum(sums.first) * part;
    double var = sgeo_tile_sum(sums.second) * part - shift * shift;
    stats[0] = (double)origin + shift;
    stats[1] = 1.0 / sqrt((var < 0.0 ? 0.0 : var) + epsilon); /* rounding; a NaN stays */
}

/* gamma and beta may be NULL. */
SGEO_INLINE void write_step(float *dst, const float *src, struct sgeo_row_norm row,
                            const float *gamma, const float *beta, size_t width)
{
    float tile[SGEO_LANES], factor[SGEO_LANES], shift[SGEO_LANES];
    sgeo_tile_load(tile, src, width, 0.0f);
    for (size_t j = 0; j < SGEO_LANES; j++)
        tile[j] = sgeo_row_normed(tile[j], row);
    if (gamma) {
        sgeo_tile_load(factor, gamma, width, 0.0f);
        for (size_t j = 0; j < SGEO_LANES; j++)
            tile[j] *= factor[j];
    }
    if (beta) {
        sgeo_tile_load(shift, beta, width, 0.0f);
        for (size_t j = 0; j < SGEO_LANES; j++)
            tile[j] += shift[j];
    }
    sgeo_tile_store(dst, tile, width);
}

static void write_row(float *dst, const float *src, const double *stats, size_t dim,
                      const struct sgeo_layer_norm *norm)
{
    struct sgeo_row_norm row = sgeo_row_norm_of(stats);
    const float *gamma = norm->gamma, *beta = norm->beta;
    size_t at = 0;
    for (; at + SGEO_LANES <= dim; at += SGEO_LANES)
        write_step(dst + at, src + at, row, gamma ? gamma + at : NULL, beta ? beta + at : NULL,
                   SGEO_LANES);
    if (at < dim)
        write_step(dst + at, src + at, row, gamma ? gamma + at : NULL, beta ? beta + at : NULL,
                   dim - at);
}

void SGEO_SYMBOL(f32_layer_norm)(float *dst, double *stats, const float *src, size_t batch,
                                 size_t dim, const struct sgeo_layer_norm *norm)
{
    for (size_t b = 0; dim > 0 && b < batch; b++) {
        row_stats(stats + 2 * b, src + b * dim, dim, norm->epsilon);
        write_row(dst + b * dim, src + b * dim, stats + 2 * b, dim, norm);
    }
}
