/* Moments of an embedding table (table_rows,dim) over k row-sparse gradients, in f32; sums in
 * double. */
#include "kernels/scalar/moment_tile.h"

struct row_sums {
    struct sgeo_moment_sums sums;
    struct sgeo_moment_queue queue;
    size_t k;
    float strange[SGEO_HALF];      /* 0, or NaN after a lone gradient that is not finite */
    uint32_t lone_used[SGEO_HALF]; /* coordinates with a lone gradient that makes a deviation */
};

static void start(struct row_sums *rows, size_t k)
{
    *rows = (struct row_sums){.k = k};
    sgeo_moment_queue_clear(&rows->queue);
}

/* Of a single batch, only what is not finite differs from itself. */
SGEO_INLINE void lone_step(struct row_sums *rows, const float *g, size_t width)
{
    for (size_t j = 0; j < width; j++) {
        float e = g[j] - g[j];
        rows->strange[j] += e;
        rows->lone_used[j] += (rows->k == 1 ? e : g[j]) != 0.0f;
    }
}

SGEO_INLINE void lone_dot_step(struct row_sums *rows, const float *theta, const float *g,
                               size_t width)
{
    for (size_t j = 0; j < width; j++)
        rows->sums.dot[j] += (double)(theta[j] * g[j]);
}

static void lone_row(struct row_sums *rows, const float *g, const float *theta, size_t dim)
{
    size_t at = 0;
    for (; at + SGEO_HALF <= dim; at += SGEO_HALF) {
        lone_step(rows, g + at, SGEO_HALF);
        if (theta)
            lone_dot_step(rows, theta + at, g + at, SGEO_HALF);
    }
    lone_step(rows, g + at, dim - at);
    if (theta)
        lone_dot_step(rows, theta + at, g + at, dim - at);
}

SGEO_INLINE void add_row(struct row_sums *rows, struct sgeo_values values, const float *theta,
                         size_t dim)
{
    sgeo_moments_row(&rows->sums, &rows->queue, values, theta, dim);
}

static struct sgeo_moments finish(struct row_sums *rows, double lone_ratio, size_t n)
{
    sgeo_moment_queue_flush(&rows->queue, &rows->sums);
    struct sgeo_moments moments = sgeo_moments_of_sums(&rows->sums, rows->k, n);
    for (size_t j = 0; j < SGEO_HALF; j++) {
        moments.ratio_sum += (double)rows->strange[j] + (double)rows->lone_used[j] * lone_ratio;
        moments.zero_std -= rows->lone_used[j];
    }
    return moments;
}

#include "kernels/row_walk.inc"
