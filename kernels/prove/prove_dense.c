/* Proofs of the kernels around the fully connected layers. */
#include <math.h>

#include "kernels/prove/prover.h"

/* Rows of a matrix: none, one, and numbers around those that kernels take at once. */
static const size_t batches[] = {0, 1, 3, 4, 5, 31, 33, 70};
#define N_BATCHES (sizeof batches / sizeof *batches)

/* Multiply what both kernels see: the prover's values are within 2, or near 1000. */
static void stretch(struct sgeo_buffer *buffer, float factor)
{
    for (size_t i = 0; i < buffer->count; i++) {
        sgeo_candidate_floats(buffer)[i] *= factor;
        sgeo_ref_floats(buffer)[i] *= factor;
    }
}

/* Column sums: around a tile, and around the strip of 512 columns that the kernels hold. */
static bool bias_grad_case(struct sgeo_prover *prover, size_t batch, size_t dim, size_t gap)
{
    size_t pitch = dim + gap;
    if (!sgeo_prover_case(prover, "%zux%zu, pitch %zu", batch, dim, pitch))
        return true;
    const float *src = sgeo_prover_source(prover, batch ? (batch - 1) * pitch + dim : 0);
    struct sgeo_buffer *dst = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, dim);
    for (size_t d = 0; d < dim; d++) {
        prover->magnitudes[d] = 0.0;
        for (size_t b = 0; b < batch; b++)
            prover->magnitudes[d] += fabs((double)src[b * pitch + d]);
    }
    prover->ref.f32_bias_grad(sgeo_ref_floats(dst), src, batch, dim, pitch);
    prover->candidate->f32_bias_grad(sgeo_candidate_floats(dst), src, batch, dim, pitch);
    return sgeo_prover_compare(prover, dst, prover->magnitudes, SGEO_STRICT) &&
           sgeo_prover_end(prover);
}

bool sgeo_prove_f32_bias_grad(struct sgeo_prover *prover)
{
    static const size_t wide[] = {511, 512, 513, 1100};
    size_t tile = prover->tile;
    const size_t narrow[] = {0, 1, tile - 1, tile, tile + 1, 3 * tile - 1};
    for (size_t b = 0; b < N_BATCHES; b++)
        for (size_t d = 0; d < sizeof narrow / sizeof *narrow; d++)
            if (!bias_grad_case(prover, batches[b], narrow[d], prover->turn % 2 * 3))
                return false;
    for (size_t d = 0; d < sizeof wide / sizeof *wide; d++)
        if (!bias_grad_case(prover, 5, wide[d], d % 2))
            return false;
    return true;
}

/* Lengths of a flat vector. */
static size_t length_at(const struct sgeo_prover *prover, size_t i)
{
    size_t tile = prover->tile;
    const size_t lengths[] = {0, 1, 3, tile - 1, tile, tile + 1, 2 * tile, 3 * tile - 1, 513};
    return i < sizeof lengths / sizeof *lengths ? lengths[i] : SIZE_MAX;
}

static bool sigmoid_case(struct sgeo_prover *prover, size_t n, bool in_place, float factor)
{
    if (!sgeo_prover_case(prover, "n=%zu, %s, times %g", n, in_place ? "in place" : "apart",
                          (double)factor))
        return true;
    struct sgeo_buffer *src =
        sgeo_prover_buffer(prover, SGEO_FLOATS, in_place ? SGEO_INOUT : SGEO_SOURCE, n);
    struct sgeo_buffer *dst =
        in_place ? src : sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, n);
    stretch(src, factor);
    prover->ref.f32_sigmoid(sgeo_ref_floats(dst), sgeo_ref_floats(src), n);
    prover->candidate->f32_sigmoid(sgeo_candidate_floats(dst), sgeo_candidate_floats(src), n);
    return sgeo_prover_compare(prover, dst, NULL, SGEO_STRICT) && sgeo_prover_end(prover);
}

bool sgeo_prove_f32_sigmoid(struct sgeo_prover *prover)
{
    static const float factors[] = {1.0f, 9.0f, 44.0f, 60.0f, 5000.0f};
    for (size_t i = 0; length_at(prover, i) != SIZE_MAX; i++)
        for (size_t f = 0; f < sizeof factors / sizeof *factors; f++)
            if (!sigmoid_case(prover, length_at(prover, i), f % 2, factors[f]))
                return false;
    return true;
}

enum in_place { APART, OVER_DDST, OVER_Y, IN_PLACES };

static bool sigmoid_grad_case(struct sgeo_prover *prover, size_t n, enum in_place in_place)
{
    if (!sgeo_prover_case(prover, "n=%zu, aliasing %d", n, (int)in_place))
        return true;
    struct sgeo_buffer *ddst = sgeo_prover_buffer(
        prover, SGEO_FLOATS, in_place == OVER_DDST ? SGEO_INOUT : SGEO_SOURCE, n);
    struct sgeo_buffer *y =
        sgeo_prover_buffer(prover, SGEO_FLOATS, in_place == OVER_Y ? SGEO_INOUT : SGEO_SOURCE, n);
    struct sgeo_buffer *dsrc = in_place == OVER_Y ? y : ddst;
    if (in_place == APART)
        dsrc = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, n);
    prover->ref.f32_sigmoid_grad(sgeo_ref_floats(dsrc), sgeo_ref_floats(ddst), sgeo_ref_floats(y),
                                 n);
    prover->candidate->f32_sigmoid_grad(sgeo_candidate_floats(dsrc), sgeo_candidate_floats(ddst),
                                        sgeo_candidate_floats(y), n);
    return sgeo_prover_compare(prover, dsrc, NULL, SGEO_STRICT) && sgeo_prover_end(prover);
}

bool sgeo_prove_f32_sigmoid_grad(struct sgeo_prover *prover)
{
    for (size_t i = 0; length_at(prover, i) != SIZE_MAX; i++)
        for (int a = 0; a < IN_PLACES; a++)
            if (!sigmoid_grad_case(prover, length_at(prover, i), (enum in_place)a))
                return false;
    return true;
}

/* Columns of a normalised row. */
static size_t dim_at(const struct sgeo_prover *prover, size_t i)
{
    size_t tile = prover->tile;
    const size_t dims[] = {0, 1, 2, tile - 1, tile, tile + 1, 2 * tile + 1, 257};
    return i < sizeof dims / sizeof *dims ? dims[i] : SIZE_MAX;
}

static const float *maybe_source(struct sgeo_prover *prover, size_t count)
{
    return sgeo_prover_coin(prover) ? sgeo_prover_source(prover, count) : NULL;
}

static double factor_at(const float *factors, size_t d)
{
    return factors ? fabs((double)factors[d]) : 1.0;
}

/* |x - mean|, and the roundings of a mean in double, over the bound. */
static double distance(float x, const double *stats)
{
    return fabs((double)x - stats[0]) + fabs(stats[0]) * 1e-9;
}

/* Doubles are held to a millionth of the bound, which is that of f32. */
#define OF_DOUBLE 1e-6

static bool compare_stats(struct sgeo_prover *prover, const struct sgeo_buffer *stats, size_t rows)
{
    const double *expected = sgeo_ref_data(stats);
    for (size_t b = 0; b < rows; b++) {
        double deviation = 1.0 / expected[2 * b + 1];
        prover->magnitudes[2 * b] = (fabs(expected[2 * b]) + deviation) * OF_DOUBLE;
        prover->magnitudes[2 * b + 1] = expected[2 * b + 1] * OF_DOUBLE;
    }
    return sgeo_prover_compare(prover, stats, prover->magnitudes, SGEO_LOOSE);
}

static bool layer_norm_case(struct sgeo_prover *prover, size_t batch, size_t dim, bool in_place)
{
    size_t count = batch * dim;
    if (!sgeo_prover_case(prover, "%zux%zu, %s", batch, dim, in_place ? "in place" : "apart"))
        return true;
    struct sgeo_layer_norm norm = {maybe_source(prover, dim), maybe_source(prover, dim), 1e-5};
    struct sgeo_buffer *src =
        sgeo_prover_buffer(prover, SGEO_FLOATS, in_place ? SGEO_INOUT : SGEO_SOURCE, count);
    struct sgeo_buffer *dst =
        in_place ? src : sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, count);
    struct sgeo_buffer *stats = sgeo_prover_buffer(prover, SGEO_DOUBLES, SGEO_OUTPUT, 2 * batch);
    const float *x = sgeo_candidate_floats(src);
    double *rows = sgeo_ref_data(stats);
    prover->ref.f32_layer_norm(sgeo_ref_floats(dst), rows, sgeo_ref_floats(src), batch, dim, &norm);
    for (size_t i = 0; i < count; i++)
        prover->magnitudes[i] = distance(x[i], rows + 2 * (i / dim)) * rows[2 * (i / dim) + 1] *
                                    factor_at(norm.gamma, i % dim) +
                                (norm.beta ? fabs((double)norm.beta[i % dim]) : 0.0);
    prover->candidate->f32_layer_norm(sgeo_candidate_floats(dst), sgeo_candidate_data(stats), x,
                                      batch, dim, &norm);
    return sgeo_prover_compare(prover, dst, prover->magnitudes, SGEO_STRICT) &&
           compare_stats(prover, stats, dim ? batch : 0) && sgeo_prover_end(prover);
}

bool sgeo_prove_f32_layer_norm(struct sgeo_prover *prover)
{
    for (size_t i = 0; dim_at(prover, i) != SIZE_MAX; i++)
        for (size_t b = 0; b < N_BATCHES; b++)
            if (!layer_norm_case(prover, batches[b], dim_at(prover, i), prover->turn % 2))
                return false;
    return true;
}

/* One case of layer_norm_grad: what both kernels read and write. */
struct norm_grad {
    size_t batch, dim;
    const float *src, *gamma;
    const double *stats;
    struct sgeo_buffer *ddst, *dsrc, *dgamma, *dbeta;
    double *of_src, *of_gamma, *of_beta; /* magnitudes */
};

/* The statistics of src: forward's, by the reference. */
static const double *stats_of(struct sgeo_prover *prover, const float *src, size_t batch,
                              size_t dim)
{
    struct sgeo_layer_norm norm = {.epsilon = 1e-5};
    struct sgeo_buffer *dst = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, batch * dim);
    struct sgeo_buffer *stats = sgeo_prover_buffer(prover, SGEO_DOUBLES, SGEO_INOUT, 2 * batch);
    prover->ref.f32_layer_norm(sgeo_ref_floats(dst), sgeo_ref_data(stats), src, batch, dim, &norm);
    for (size_t i = 0; i < 2 * batch; i++)
        ((double *)sgeo_candidate_data(stats))[i] = ((double *)sgeo_ref_data(stats))[i];
    return sgeo_candidate_data(stats);
}

static struct norm_grad norm_grad_of(struct sgeo_prover *prover, size_t batch, size_t dim,
                                     bool in_place)
{
    struct norm_grad grad = {.batch = batch, .dim = dim};
    size_t count = batch * dim;
    grad.src = sgeo_prover_source(prover, count);
    grad.gamma = maybe_source(prover, dim);
    grad.stats = stats_of(prover, grad.src, batch, dim);
    grad.ddst = sgeo_prover_buffer(prover, SGEO_FLOATS, in_place ? SGEO_INOUT : SGEO_SOURCE, count);
    grad.dsrc = in_place ? grad.ddst : sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, count);
    if (sgeo_prover_coin(prover))
        grad.dgamma = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, dim);
    if (sgeo_prover_coin(prover))
        grad.dbeta = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, dim);
    grad.of_src = prover->magnitudes;
    grad.of_gamma = grad.of_src + count;
    grad.of_beta = grad.of_gamma + dim;
    return grad;
}

/* |g| and |xhat| at an element */
static double scaled_at(const struct norm_grad *grad, size_t at)
{
    return sgeo_prover_in_f32(fabs((double)sgeo_ref_floats(grad->ddst)[at]) *
                              factor_at(grad->gamma, at % grad->dim));
}

static double xhat_at(const struct norm_grad *grad, size_t at)
{
    const double *stats = grad->stats + 2 * (at / grad->dim);
    return distance(grad->src[at], stats) * stats[1];
}

static void row_magnitudes(const struct norm_grad *grad, size_t b)
{
    double sum = 0.0, dot = 0.0;
    for (size_t d = 0; d < grad->dim; d++) {
        size_t at = b * grad->dim + d;
        sum += scaled_at(grad, at) / (double)grad->dim;
        dot += scaled_at(grad, at) * xhat_at(grad, at) / (double)grad->dim;
    }
    for (size_t d = 0; d < grad->dim; d++) {
        size_t at = b * grad->dim + d;
        grad->of_src[at] =
            grad->stats[2 * b + 1] * (scaled_at(grad, at) + sum + xhat_at(grad, at) * dot);
    }
}

static void norm_grad_magnitudes(const struct norm_grad *grad)
{
    for (size_t b = 0; b < grad->batch; b++)
        row_magnitudes(grad, b);
    for (size_t d = 0; d < grad->dim; d++) {
        grad->of_gamma[d] = grad->of_beta[d] = 0.0;
        for (size_t b = 0; b < grad->batch; b++) {
            size_t at = b * grad->dim + d;
            double size = fabs((double)sgeo_ref_floats(grad->ddst)[at]);
            grad->of_gamma[d] += size * xhat_at(grad, at);
            grad->of_beta[d] += size;
        }
    }
}

static bool compare_or_null(struct sgeo_prover *prover, const struct sgeo_buffer *buffer,
                            const double *magnitudes)
{
    return !buffer || sgeo_prover_compare(prover, buffer, magnitudes, SGEO_LOOSE);
}

static bool norm_grad_case(struct sgeo_prover *prover, size_t batch, size_t dim, bool in_place)
{
    if (!sgeo_prover_case(prover, "%zux%zu, %s", batch, dim, in_place ? "in place" : "apart"))
        return true;
    struct norm_grad grad = norm_grad_of(prover, batch, dim, in_place);
    struct sgeo_layer_norm_grads of_ref = {sgeo_ref_floats(grad.dsrc),
                                           grad.dgamma ? sgeo_ref_floats(grad.dgamma) : NULL,
                                           grad.dbeta ? sgeo_ref_floats(grad.dbeta) : NULL};
    struct sgeo_layer_norm_grads of_candidate = {
        sgeo_candidate_floats(grad.dsrc), grad.dgamma ? sgeo_candidate_floats(grad.dgamma) : NULL,
        grad.dbeta ? sgeo_candidate_floats(grad.dbeta) : NULL};
    norm_grad_magnitudes(&grad);
    prover->ref.f32_layer_norm_grad(&of_ref, sgeo_ref_floats(grad.ddst), grad.src, grad.stats,
                                    grad.gamma, batch, dim);
    prover->candidate->f32_layer_norm_grad(&of_candidate, sgeo_candidate_floats(grad.ddst),
                                           grad.src, grad.stats, grad.gamma, batch, dim);
    return compare_or_null(prover, grad.dsrc, grad.of_src) &&
           compare_or_null(prover, grad.dgamma, grad.of_gamma) &&
           compare_or_null(prover, grad.dbeta, grad.of_beta) && sgeo_prover_end(prover);
}

bool sgeo_prove_f32_layer_norm_grad(struct sgeo_prover *prover)
{
    for (size_t i = 0; dim_at(prover, i) != SIZE_MAX; i++)
        for (size_t b = 0; b < N_BATCHES; b++)
            if (!norm_grad_case(prover, batches[b], dim_at(prover, i), prover->turn % 2))
                return false;
    return true;
}
