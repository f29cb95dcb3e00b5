/* Proofs of the linear layer along the rows. */
#include <math.h>

#include "kernels/prove/prover.h"

/* Sizes of a case; samples lie `gap` elements apart. */
struct sizes {
    size_t batch, src_rows, dst_rows, dim, gap;
};

/* Rows and dims around the blocks and the tile, batches around what is summed at once. */
static const struct sizes all_sizes[] = {
    {0, 3, 4, 16, 0},   {1, 0, 5, 16, 0},    {1, 5, 0, 16, 3},  {2, 3, 4, 0, 0},
    {1, 1, 1, 1, 0},    {3, 1, 2, 16, 0},    {2, 2, 1, 15, 1},  {2, 3, 5, 16, 0},
    {3, 4, 3, 17, 7},   {2, 7, 8, 16, 5},    {2, 8, 7, 32, 0},  {1, 9, 6, 33, 2},
    {2, 26, 16, 16, 0}, {1, 26, 64, 16, 16}, {2, 5, 5, 64, 0},  {1, 13, 11, 79, 3},
    {15, 2, 3, 16, 0},  {16, 3, 2, 16, 1},   {17, 4, 5, 16, 0}, {33, 17, 5, 17, 1},
    {200, 2, 2, 16, 0}, {1, 45, 46, 16, 0},
};

static struct sgeo_row_linear shape_of(const struct sizes *sizes)
{
    return (struct sgeo_row_linear){.batch = sizes->batch,
                                    .src_rows = sizes->src_rows,
                                    .dst_rows = sizes->dst_rows,
                                    .dim = sizes->dim,
                                    .src_pitch = sizes->src_rows * sizes->dim + sizes->gap,
                                    .dst_pitch = sizes->dst_rows * sizes->dim + sizes->gap};
}

static size_t elems_of(size_t batch, size_t pitch, size_t gap)
{
    return batch == 0 ? 0 : batch * pitch - gap;
}

static bool all_cases(struct sgeo_prover *prover,
                      bool (*one_case)(struct sgeo_prover *prover, const struct sizes *sizes,
                                       const struct sgeo_row_linear *shape, bool bias))
{
    for (size_t i = 0; i < sizeof all_sizes / sizeof *all_sizes; i++) {
        const struct sizes *sizes = &all_sizes[i];
        struct sgeo_row_linear shape = shape_of(sizes);
        bool bias = sgeo_prover_coin(prover);
        if (!sgeo_prover_case(prover, "batch=%zu, %zu rows to %zu rows of %zu, gap %zu, bias %d",
                              sizes->batch, sizes->src_rows, sizes->dst_rows, sizes->dim,
                              sizes->gap, bias))
            continue;
        if (!one_case(prover, sizes, &shape, bias))
            return false;
    }
    return true;
}

/* sum_k |a_k b_k| of `count` elements with their own steps */
static double dot_magnitude(const float *a, size_t a_step, const float *b, size_t b_step,
                            size_t count)
{
    double sum = 0.0;
    for (size_t k = 0; k < count; k++)
        sum += fabs((double)a[k * a_step] * (double)b[k * b_step]);
    return sum;
}

static bool forward_case(struct sgeo_prover *prover, const struct sizes *sizes,
                         const struct sgeo_row_linear *shape, bool bias)
{
    size_t n = shape->src_rows, m = shape->dst_rows, dim = shape->dim;
    const float *src =
        sgeo_prover_source(prover, elems_of(shape->batch, shape->src_pitch, sizes->gap));
    const float *wei = sgeo_prover_source(prover, m * n);
    const float *bia = bias ? sgeo_prover_source(prover, m) : NULL;
    struct sgeo_buffer *dst = sgeo_prover_buffer(
        prover, SGEO_FLOATS, SGEO_OUTPUT, elems_of(shape->batch, shape->dst_pitch, sizes->gap));
    for (size_t b = 0; b < shape->batch; b++)
        for (size_t k = 0; k < m * dim; k++)
            prover->magnitudes[b * shape->dst_pitch + k] =
                (bia ? fabs((double)bia[k / dim]) : 0.0) +
                dot_magnitude(wei + k / dim * n, 1, src + b * shape->src_pitch + k % dim, dim, n);
    prover->ref.f32_row_linear(sgeo_ref_floats(dst), src, wei, bia, shape);
    prover->candidate->f32_row_linear(sgeo_candidate_floats(dst), src, wei, bia, shape);
    return sgeo_prover_compare(prover, dst, prover->magnitudes, SGEO_STRICT) &&
           sgeo_prover_end(prover);
}

bool sgeo_prove_f32_row_linear(struct sgeo_prover *prover)
{
    return all_cases(prover, forward_case);
}

static bool grad_src_case(struct sgeo_prover *prover, const struct sizes *sizes,
                          const struct sgeo_row_linear *shape, bool bias)
{
    size_t n = shape->src_rows, m = shape->dst_rows, dim = shape->dim;
    (void)bias; /* the source's gradient does not depend on it */
    const float *ddst =
        sgeo_prover_source(prover, elems_of(shape->batch, shape->dst_pitch, sizes->gap));
    const float *wei = sgeo_prover_source(prover, m * n);
    struct sgeo_buffer *dsrc = sgeo_prover_buffer(
        prover, SGEO_FLOATS, SGEO_OUTPUT, elems_of(shape->batch, shape->src_pitch, sizes->gap));
    for (size_t b = 0; b < shape->batch; b++)
        for (size_t k = 0; k < n * dim; k++)
            prover->magnitudes[b * shape->src_pitch + k] =
                dot_magnitude(wei + k / dim, n, ddst + b * shape->dst_pitch + k % dim, dim, m);
    prover->ref.f32_row_linear_grad_src(sgeo_ref_floats(dsrc), ddst, wei, shape);
    prover->candidate->f32_row_linear_grad_src(sgeo_candidate_floats(dsrc), ddst, wei, shape);
    return sgeo_prover_compare(prover, dsrc, prover->magnitudes, SGEO_STRICT) &&
           sgeo_prover_end(prover);
}

bool sgeo_prove_f32_row_linear_grad_src(struct sgeo_prover *prover)
{
    return all_cases(prover, grad_src_case);
}

static double weight_magnitude(const float *ddst, const float *src,
                               const struct sgeo_row_linear *shape, size_t i, size_t j)
{
    double sum = 0.0;
    for (size_t b = 0; b < shape->batch; b++)
        sum += dot_magnitude(ddst + b * shape->dst_pitch + i * shape->dim, 1,
                             src + b * shape->src_pitch + j * shape->dim, 1, shape->dim);
    return sum;
}

static double bias_magnitude(const float *ddst, const struct sgeo_row_linear *shape, size_t i)
{
    const float one = 1.0f;
    double sum = 0.0;
    for (size_t b = 0; b < shape->batch; b++)
        sum += dot_magnitude(ddst + b * shape->dst_pitch + i * shape->dim, 1, &one, 0, shape->dim);
    return sum;
}

static bool grad_wei_case(struct sgeo_prover *prover, const struct sizes *sizes,
                          const struct sgeo_row_linear *shape, bool bias)
{
    size_t n = shape->src_rows, m = shape->dst_rows;
    const float *ddst =
        sgeo_prover_source(prover, elems_of(shape->batch, shape->dst_pitch, sizes->gap));
    const float *src =
        sgeo_prover_source(prover, elems_of(shape->batch, shape->src_pitch, sizes->gap));
    struct sgeo_buffer *dwei = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, m * n);
    struct sgeo_buffer *dbia = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, bias ? m : 0);
    double *weights = prover->magnitudes, *biases = prover->magnitudes + m * n;
    for (size_t i = 0; i < m; i++) {
        biases[i] = bias_magnitude(ddst, shape, i);
        for (size_t j = 0; j < n; j++)
            weights[i * n + j] = weight_magnitude(ddst, src, shape, i, j);
    }
    prover->ref.f32_row_linear_grad_wei(sgeo_ref_floats(dwei), bias ? sgeo_ref_floats(dbia) : NULL,
                                        ddst, src, shape);
    prover->candidate->f32_row_linear_grad_wei(
        sgeo_candidate_floats(dwei), bias ? sgeo_candidate_floats(dbia) : NULL, ddst, src, shape);
    return sgeo_prover_compare(prover, dwei, weights, SGEO_STRICT) &&
           sgeo_prover_compare(prover, dbia, biases, SGEO_STRICT) && sgeo_prover_end(prover);
}

bool sgeo_prove_f32_row_linear_grad_wei(struct sgeo_prover *prover)
{
    return all_cases(prover, grad_wei_case);
}
