/* Moments of an embedding table (table_rows,dim) over k row-sparse gradients, with AVX-512. */
#include "kernels/avx512/moment_lanes.h"

struct row_sums {
    struct sgeo_moment_sums sums;
    size_t k;
    __m512 strange;    /* 0, or NaN after a lone gradient that is not finite */
    __m512i lone_used; /* coordinates with a lone gradient that makes a deviation */
};

static void start(struct row_sums *rows, size_t k)
{
    rows->sums = sgeo_no_moments();
    rows->k = k;
    rows->strange = _mm512_setzero_ps();
    rows->lone_used = _mm512_setzero_si512();
}

/* Of a single batch, only what is not finite differs from itself. */
SGEO_INLINE void lone_step(struct row_sums *rows, const float *g, const float *theta, size_t width)
{
    __m512 value = sgeo_load(g, width), e = _mm512_sub_ps(value, value);
    __m512 deviation = rows->k == 1 ? e : value;
    __mmask16 used = _mm512_cmp_ps_mask(deviation, _mm512_setzero_ps(), _CMP_NEQ_UQ);
    rows->strange = _mm512_add_ps(rows->strange, e);
    rows->lone_used = sgeo_count_lanes(rows->lone_used, used);
    if (theta) {
        __m512 products = _mm512_mul_ps(sgeo_load(theta, width), value);
        rows->sums.dot = sgeo_add_widened(rows->sums.dot, products);
    }
}

static void lone_row(struct row_sums *rows, const float *g, const float *theta, size_t dim)
{
    size_t at = 0;
    for (; at + SGEO_FULL <= dim; at += SGEO_FULL)
        lone_step(rows, g + at, theta ? theta + at : NULL, SGEO_FULL);
    if (at < dim)
        lone_step(rows, g + at, theta ? theta + at : NULL, dim - at);
}

SGEO_INLINE void add_row(struct row_sums *rows, struct sgeo_values values, const float *theta,
                         size_t dim)
{
    sgeo_moments_row(&rows->sums, values, theta, dim);
}

static struct sgeo_moments finish(struct row_sums *rows, double lone_ratio, size_t n)
{
    size_t lone = sgeo_count_of(rows->lone_used);
    rows->sums.ratio = sgeo_add_widened(rows->sums.ratio, rows->strange);
    struct sgeo_moments moments = sgeo_moments_of_sums(&rows->sums, rows->k, n);
    moments.ratio_sum += (double)lone * lone_ratio;
    moments.zero_std -= lone;
    return moments;
}

#include "kernels/row_walk.inc"
