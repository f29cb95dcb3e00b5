/* Moments of an embedding table (table_rows,dim) over k row-sparse gradients, with NEON. */
#include "kernels/neon/moment_lanes.h"

struct row_sums {
    struct sgeo_moment_sums sums;
    size_t k;
    float32x4_t strange;  /* 0, or NaN after a lone gradient that is not finite */
    uint32x4_t lone_used; /* coordinates with a lone gradient that makes a deviation */
};

static void start(struct row_sums *rows, size_t k)
{
    *rows = (struct row_sums){sgeo_no_moments(), k, vdupq_n_f32(0.0f), vdupq_n_u32(0)};
}

/* Of a single batch, only what is not finite differs from itself. */
SGEO_INLINE void lone_step(struct row_sums *rows, const float *g, const float *theta, size_t width)
{
    float32x4_t value = sgeo_load_quad(g, width), e = vsubq_f32(value, value);
    float32x4_t deviation = rows->k == 1 ? e : value;
    uint32x4_t used = vmvnq_u32(vceqq_f32(deviation, vdupq_n_f32(0.0f)));
    rows->strange = vaddq_f32(rows->strange, e);
    rows->lone_used = sgeo_count_lanes(rows->lone_used, used);
    if (theta)
        sgeo_add_dots(&rows->sums, sgeo_load_quad(theta, width), value);
}

static void lone_row(struct row_sums *rows, const float *g, const float *theta, size_t dim)
{
    size_t at = 0;
    for (; at + SGEO_QUAD <= dim; at += SGEO_QUAD)
        lone_step(rows, g + at, theta ? theta + at : NULL, SGEO_QUAD);
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
    size_t lone = (size_t)vaddlvq_u32(rows->lone_used);
    sgeo_add_ratios(&rows->sums, rows->strange);
    struct sgeo_moments moments = sgeo_moments_of_sums(&rows->sums, rows->k, n);
    moments.ratio_sum += (double)lone * lone_ratio;
    moments.zero_std -= lone;
    return moments;
}

#include "kernels/row_walk.inc"
