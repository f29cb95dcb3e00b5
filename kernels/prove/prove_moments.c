/* Proofs of the gradient moments: resident, running and row-sparse. */
#include <math.h>

#include "kernels/prove/prover.h"

static bool same_moments(struct sgeo_prover *prover, const struct sgeo_moments *got,
                         const struct sgeo_moments *expected, double dot_magnitude)
{
    if (got->zero_std != expected->zero_std)
        return sgeo_prover_fail(prover, "zero_std %zu for %zu", got->zero_std, expected->zero_std);
    return sgeo_prover_compare_value(prover, got->ratio_sum, expected->ratio_sum,
                                     expected->ratio_sum, SGEO_LOOSE) &&
           sgeo_prover_compare_value(prover, got->theta_dot, expected->theta_dot, dot_magnitude,
                                     SGEO_LOOSE);
}

/* Make one coordinate in four the same in all gradients: its deviation is exactly zero. */
static void equalise(struct sgeo_prover *prover, struct sgeo_buffer *const *gradients, size_t k,
                     size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t b = 1; b < k && i % 4 == prover->turn % 4; b++)
            sgeo_candidate_floats(gradients[b])[i] = sgeo_ref_floats(gradients[b])[i] =
                sgeo_ref_floats(gradients[0])[i];
}

static double product_magnitude(const float *g, const float *theta, size_t n)
{
    double magnitude = 0.0;
    for (size_t i = 0; i < n; i++)
        magnitude += fabs((double)theta[i] * (double)g[i]);
    return magnitude;
}

static double dot_magnitude(const float *const *g, size_t k, const float *theta, size_t n)
{
    double magnitude = 0.0;
    for (size_t b = 0; b < k; b++)
        magnitude += product_magnitude(g[b], theta, n);
    return magnitude;
}

/* k gradients of n coordinates. */
static void gradients_of(struct sgeo_prover *prover, const float **g, size_t n, size_t k)
{
    struct sgeo_buffer *gradients[SGEO_MOMENTS_MAX_BATCHES];
    for (size_t b = 0; b < k; b++) {
        gradients[b] = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_SOURCE, n);
        g[b] = sgeo_candidate_floats(gradients[b]);
    }
    equalise(prover, gradients, k, n);
}

static bool grad_moments_case(struct sgeo_prover *prover, size_t n, size_t k, bool with_theta)
{
    const float *g[SGEO_MOMENTS_MAX_BATCHES];
    struct sgeo_moments got, expected;
    if (!sgeo_prover_case(prover, "n=%zu, k=%zu, theta %d", n, k, with_theta))
        return true;
    gradients_of(prover, g, n, k);
    const float *theta = with_theta ? sgeo_prover_source(prover, n) : NULL;
    prover->ref.f32_grad_moments(&expected, g, k, theta, n);
    prover->candidate->f32_grad_moments(&got, g, k, theta, n);
    return same_moments(prover, &got, &expected, theta ? dot_magnitude(g, k, theta, n) : 0.0) &&
           sgeo_prover_end(prover);
}

/* Run a kind of case for all lengths, numbers of batches, with theta and without. */
static bool for_all(struct sgeo_prover *prover,
                    bool (*moments_case)(struct sgeo_prover *, size_t, size_t, bool))
{
    static const size_t batches[] = {1, 2, 3, 4, 5, SGEO_MOMENTS_MAX_BATCHES};
    for (size_t i = 0; sgeo_prover_length(prover, i) != SIZE_MAX; i++)
        for (size_t b = 0; b < sizeof batches / sizeof *batches; b++)
            if (!moments_case(prover, sgeo_prover_length(prover, i), batches[b], false) ||
                !moments_case(prover, sgeo_prover_length(prover, i), batches[b], true))
                return false;
    return true;
}

bool sgeo_prove_f32_grad_moments(struct sgeo_prover *prover)
{
    return for_all(prover, grad_moments_case);
}

/* A stream's four vectors, and the stream on both sides. */
struct streams {
    struct sgeo_buffer *first, *mean, *norm, *size;
    struct sgeo_moment_stream candidate, ref;
};

static struct streams streams_of(struct sgeo_prover *prover, size_t n)
{
    struct streams streams = {.first = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, n),
                              .mean = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, n),
                              .norm = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, n),
                              .size = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, n)};
    streams.candidate = (struct sgeo_moment_stream){sgeo_candidate_floats(streams.first),
                                                    sgeo_candidate_floats(streams.mean),
                                                    sgeo_candidate_floats(streams.norm),
                                                    sgeo_candidate_floats(streams.size),
                                                    0.0,
                                                    0};
    streams.ref = (struct sgeo_moment_stream){sgeo_ref_floats(streams.first),
                                              sgeo_ref_floats(streams.mean),
                                              sgeo_ref_floats(streams.norm),
                                              sgeo_ref_floats(streams.size),
                                              0.0,
                                              0};
    return streams;
}

/* Rounding of the mean is relative to the largest distance from the first value, which the norm is
 * at least 0.7 of. */
static bool same_streams(struct sgeo_prover *prover, const struct streams *streams, double of_dot)
{
    const double *of_mean =
        sgeo_prover_magnitudes(prover, streams->ref.norm, streams->first->count);
    if (streams->candidate.batches != streams->ref.batches)
        return sgeo_prover_fail(prover, "%zu batches for %zu", streams->candidate.batches,
                                streams->ref.batches);
    return sgeo_prover_compare(prover, streams->first, NULL, SGEO_LOOSE) &&
           sgeo_prover_compare(prover, streams->mean, of_mean, SGEO_LOOSE) &&
           sgeo_prover_compare(prover, streams->norm, NULL, SGEO_LOOSE) &&
           sgeo_prover_compare(prover, streams->size, NULL, SGEO_LOOSE) &&
           sgeo_prover_compare_value(prover, streams->candidate.theta_dot, streams->ref.theta_dot,
                                     of_dot, SGEO_LOOSE);
}

/* Every third batch goes without theta. */
static bool moments_add_case(struct sgeo_prover *prover, size_t n, size_t k, bool with_theta)
{
    const float *g[SGEO_MOMENTS_MAX_BATCHES];
    double of_dot = 0.0;
    if (!sgeo_prover_case(prover, "n=%zu, k=%zu, theta %d", n, k, with_theta))
        return true;
    struct streams streams = streams_of(prover, n);
    gradients_of(prover, g, n, k);
    const float *theta = with_theta ? sgeo_prover_source(prover, n) : NULL;
    for (size_t b = 0; b < k; b++) {
        const float *weights = b % 3 == 2 ? NULL : theta;
        of_dot += weights ? product_magnitude(g[b], theta, n) : 0.0;
        prover->ref.f32_moments_add(&streams.ref, g[b], weights, n);
        prover->candidate->f32_moments_add(&streams.candidate, g[b], weights, n);
    }
    return same_streams(prover, &streams, of_dot) && sgeo_prover_end(prover);
}

bool sgeo_prove_f32_moments_add(struct sgeo_prover *prover)
{
    return for_all(prover, moments_add_case);
}

/* A stream that the reference filled, for both kernels to finish. */
static struct sgeo_moment_stream filled_stream(struct sgeo_prover *prover, const float *const *g,
                                               size_t k, const float *theta, size_t n)
{
    struct streams streams = streams_of(prover, n);
    for (size_t b = 0; b < k; b++)
        prover->ref.f32_moments_add(&streams.ref, g[b], theta, n);
    struct sgeo_moment_stream stream = streams.ref;
    struct sgeo_buffer *const vectors[] = {streams.first, streams.mean, streams.norm, streams.size};
    float **const members[] = {&stream.first, &stream.mean, &stream.norm, &stream.size};
    for (size_t v = 0; v < 4; v++)
        *members[v] = sgeo_candidate_floats(
            sgeo_prover_copy(prover, SGEO_FLOATS, SGEO_SOURCE, n, sgeo_ref_data(vectors[v])));
    return stream;
}

static bool moments_finish_case(struct sgeo_prover *prover, size_t n, size_t k, bool with_theta)
{
    const float *g[SGEO_MOMENTS_MAX_BATCHES];
    struct sgeo_moments got, expected;
    if (!sgeo_prover_case(prover, "n=%zu, k=%zu, theta %d", n, k, with_theta))
        return true;
    gradients_of(prover, g, n, k);
    const float *theta = with_theta ? sgeo_prover_source(prover, n) : NULL;
    struct sgeo_moment_stream stream = filled_stream(prover, g, k, theta, n);
    prover->ref.f32_moments_finish(&expected, &stream, n);
    prover->candidate->f32_moments_finish(&got, &stream, n);
    return same_moments(prover, &got, &expected, fabs(stream.theta_dot)) && sgeo_prover_end(prover);
}

bool sgeo_prove_f32_moments_finish(struct sgeo_prover *prover)
{
    return for_all(prover, moments_finish_case);
}

#define MOST_ROWS ((size_t)9)

/* A batch that touches each row with a chance of one in `rarity`. */
static struct sgeo_row_gradient batch_of(struct sgeo_prover *prover, size_t table_rows, size_t dim,
                                         size_t rarity)
{
    int64_t rows[MOST_ROWS];
    struct sgeo_row_gradient batch = {NULL, NULL, 0};
    for (size_t row = 0; row < table_rows; row++)
        if (sgeo_prover_below(prover, rarity) == 0)
            rows[batch.n_rows++] = (int64_t)row;
    if (batch.n_rows == 0)
        return batch;
    batch.rows =
        sgeo_candidate_data(sgeo_prover_copy(prover, SGEO_LONGS, SGEO_SOURCE, batch.n_rows, rows));
    batch.grad = sgeo_prover_source(prover, batch.n_rows * dim);
    return batch;
}

static double row_dot_magnitude(const struct sgeo_row_gradient *batches, size_t k,
                                const float *theta, size_t dim)
{
    double magnitude = 0.0;
    for (size_t b = 0; b < k; b++)
        for (size_t i = 0; i < batches[b].n_rows; i++)
            magnitude += product_magnitude(batches[b].grad + i * dim,
                                           theta + (size_t)batches[b].rows[i] * dim, dim);
    return magnitude;
}

static bool row_moments_case(struct sgeo_prover *prover, size_t dim, size_t k, size_t table_rows)
{
    struct sgeo_row_gradient batches[SGEO_MOMENTS_MAX_BATCHES];
    struct sgeo_moments got, expected;
    size_t rarity = 1 + prover->turn % 5;
    bool with_theta = sgeo_prover_coin(prover);
    if (!sgeo_prover_case(prover, "%zu rows of %zu, one in %zu touched, k=%zu, theta %d",
                          table_rows, dim, rarity, k, with_theta))
        return true;
    for (size_t b = 0; b < k; b++)
        batches[b] = batch_of(prover, table_rows, dim, rarity);
    const float *theta = with_theta ? sgeo_prover_source(prover, table_rows * dim) : NULL;
    double of_dot = theta ? row_dot_magnitude(batches, k, theta, dim) : 0.0;
    prover->ref.f32_row_moments(&expected, batches, k, theta, table_rows, dim);
    prover->candidate->f32_row_moments(&got, batches, k, theta, table_rows, dim);
    return same_moments(prover, &got, &expected, of_dot) && sgeo_prover_end(prover);
}

bool sgeo_prove_f32_row_moments(struct sgeo_prover *prover)
{
    static const size_t batches[] = {1, 2, 3, 4, 5, SGEO_MOMENTS_MAX_BATCHES};
    static const size_t rows[] = {0, 1, 4, MOST_ROWS};
    for (size_t i = 0; sgeo_prover_length(prover, i) != SIZE_MAX; i++)
        for (size_t b = 0; b < sizeof batches / sizeof *batches; b++)
            for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
                if (!row_moments_case(prover, sgeo_prover_length(prover, i), batches[b], rows[r]))
                    return false;
    return true;
}
