/* Proofs of the kernels over flat vectors. */
#include <math.h>

#include "kernels/prove/prover.h"

/* One case of a gated sum: gated sources first, then plain ones; and their values before it. */
struct gated {
    struct sgeo_buffer *dst, *gate, *src[SGEO_AFFINE_MAX_TERMS];
    const float *gate_values, *values[SGEO_AFFINE_MAX_TERMS];
    size_t n_gated, n_plain, count;
};

/* dst is a buffer of its own, or one of the sources (alias < n terms), or the gate (n terms). */
static struct gated gated_of(struct sgeo_prover *prover, enum sgeo_element element, size_t count,
                             size_t n_gated, size_t n_plain, size_t alias)
{
    struct gated gated = {.n_gated = n_gated, .n_plain = n_plain, .count = count};
    size_t n_terms = n_gated + n_plain;
    enum sgeo_role role = alias <= n_terms ? SGEO_INOUT : SGEO_OUTPUT;
    gated.dst = sgeo_prover_buffer(prover, element, role, count);
    for (size_t t = 0; t < n_terms; t++)
        gated.src[t] =
            t == alias ? gated.dst : sgeo_prover_buffer(prover, element, SGEO_SOURCE, count);
    gated.gate =
        alias == n_terms ? gated.dst : sgeo_prover_buffer(prover, element, SGEO_SOURCE, count);
    for (size_t t = 0; t < n_terms; t++)
        gated.values[t] = sgeo_prover_values(prover, gated.src[t]);
    gated.gate_values = sgeo_prover_values(prover, gated.gate);
    return gated;
}

static double gated_magnitude(const struct gated *gated, size_t i)
{
    double magnitude = 0.0;
    for (size_t t = 0; t < gated->n_gated + gated->n_plain; t++)
        if (t >= gated->n_gated || gated->gate_values[i] > 0.0f)
            magnitude += fabs((double)gated->values[t][i]);
    return magnitude;
}

/* A kernel on its side of the buffers. */
static void run_f32_gated(sgeo_f32_gated_sum_fn kernel, const struct gated *gated,
                          void *(*side)(const struct sgeo_buffer *))
{
    const float *src[SGEO_AFFINE_MAX_TERMS];
    for (size_t t = 0; t < gated->n_gated + gated->n_plain; t++)
        src[t] = side(gated->src[t]);
    kernel(side(gated->dst), gated->n_gated ? side(gated->gate) : NULL, src, gated->n_gated,
           src + gated->n_gated, gated->n_plain, gated->count);
}

static void run_bf16_gated(sgeo_bf16_gated_sum_fn kernel, const struct gated *gated)
{
    const uint16_t *src[SGEO_AFFINE_MAX_TERMS];
    for (size_t t = 0; t < gated->n_gated + gated->n_plain; t++)
        src[t] = sgeo_candidate_data(gated->src[t]);
    kernel(sgeo_candidate_data(gated->dst),
           gated->n_gated ? sgeo_candidate_data(gated->gate) : NULL, src, gated->n_gated,
           src + gated->n_gated, gated->n_plain, gated->count);
}

static bool compare_f32_gated(struct sgeo_prover *prover, const struct gated *gated)
{
    run_f32_gated(prover->ref.f32_gated_sum, gated, sgeo_ref_data);
    run_f32_gated(prover->candidate->f32_gated_sum, gated, sgeo_candidate_data);
    return sgeo_prover_compare(prover, gated->dst, prover->magnitudes, SGEO_STRICT);
}

static bool compare_bf16_gated(struct sgeo_prover *prover, const struct gated *gated)
{
    struct sgeo_buffer *exact = sgeo_prover_scratch(prover, gated->count);
    prover->ref.f32_gated_sum(sgeo_ref_floats(exact), gated->gate_values, gated->values,
                              gated->n_gated, gated->values + gated->n_gated, gated->n_plain,
                              gated->count);
    run_bf16_gated(prover->candidate->bf16_gated_sum, gated);
    return sgeo_prover_compare_rounded(prover, gated->dst, exact, prover->magnitudes);
}

static bool gated_sum_case(struct sgeo_prover *prover, enum sgeo_element element, size_t count,
                           size_t n_gated, size_t n_plain)
{
    size_t alias = sgeo_prover_below(prover, n_gated + n_plain + 2);
    if (!sgeo_prover_case(prover, "n=%zu, %zu gated, %zu plain, dst is source %zu", count, n_gated,
                          n_plain, alias))
        return true;
    struct gated gated = gated_of(prover, element, count, n_gated, n_plain, alias);
    for (size_t i = 0; i < count; i++)
        prover->magnitudes[i] = gated_magnitude(&gated, i);
    bool same = element == SGEO_HALVES ? compare_bf16_gated(prover, &gated)
                                       : compare_f32_gated(prover, &gated);
    return same && sgeo_prover_end(prover);
}

static bool prove_gated_sum(struct sgeo_prover *prover, enum sgeo_element element)
{
    static const size_t terms[][2] = {{1, 0}, {2, 0}, {0, 1}, {0, 3}, {1, 1}, {2, 3}, {5, 3}};
    for (size_t i = 0; sgeo_prover_length(prover, i) != SIZE_MAX; i++)
        for (size_t t = 0; t < sizeof terms / sizeof *terms; t++)
            if (!gated_sum_case(prover, element, sgeo_prover_length(prover, i), terms[t][0],
                                terms[t][1]))
                return false;
    return true;
}

bool sgeo_prove_f32_gated_sum(struct sgeo_prover *prover)
{
    return prove_gated_sum(prover, SGEO_FLOATS);
}

bool sgeo_prove_bf16_gated_sum(struct sgeo_prover *prover)
{
    return prove_gated_sum(prover, SGEO_HALVES);
}

/* Largest possible steps: what the results' rounding is measured by. */
static void sgd_magnitudes(struct sgeo_prover *prover, double *velocities, const float *theta,
                           const float *velocity, const float *grad, const struct sgeo_sgd *sgd,
                           size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double d = fabs((double)grad[i]) + (double)sgd->weight_decay * fabs((double)theta[i]);
        double speed = velocity ? (double)sgd->momentum * fabs((double)velocity[i]) + d : d;
        double step = sgd->nesterov ? d + (double)sgd->momentum * speed : speed;
        velocities[i] = speed;
        prover->magnitudes[i] = fabs((double)theta[i]) + (double)sgd->lr * step;
    }
}

static bool sgd_case(struct sgeo_prover *prover, size_t n, bool momentum, bool nesterov)
{
    struct sgeo_sgd sgd = {0.1f, 0.9f, sgeo_prover_coin(prover) ? 5e-4f : 0.0f, nesterov};
    if (!sgeo_prover_case(prover, "n=%zu, momentum %d, nesterov %d, weight decay %g", n, momentum,
                          nesterov, (double)sgd.weight_decay))
        return true;
    struct sgeo_buffer *theta = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_INOUT, n);
    struct sgeo_buffer *velocity =
        momentum ? sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_INOUT, n) : NULL;
    const float *grad = sgeo_prover_source(prover, n);
    double *velocities = prover->magnitudes + n;
    sgd_magnitudes(prover, velocities, sgeo_ref_floats(theta),
                   velocity ? sgeo_ref_floats(velocity) : NULL, grad, &sgd, n);
    prover->ref.f32_sgd_step(sgeo_ref_floats(theta), velocity ? sgeo_ref_floats(velocity) : NULL,
                             grad, &sgd, n);
    prover->candidate->f32_sgd_step(sgeo_candidate_floats(theta),
                                    velocity ? sgeo_candidate_floats(velocity) : NULL, grad, &sgd,
                                    n);
    return sgeo_prover_compare(prover, theta, prover->magnitudes, SGEO_STRICT) &&
           (!velocity || sgeo_prover_compare(prover, velocity, velocities, SGEO_STRICT)) &&
           sgeo_prover_end(prover);
}

bool sgeo_prove_f32_sgd_step(struct sgeo_prover *prover)
{
    for (size_t i = 0; sgeo_prover_length(prover, i) != SIZE_MAX; i++)
        if (!sgd_case(prover, sgeo_prover_length(prover, i), false, false) ||
            !sgd_case(prover, sgeo_prover_length(prover, i), true, false) ||
            !sgd_case(prover, sgeo_prover_length(prover, i), true, true))
            return false;
    return true;
}

static bool adagrad_case(struct sgeo_prover *prover, size_t n)
{
    const float lr = 0.1f, epsilon = 1e-2f;
    if (!sgeo_prover_case(prover, "n=%zu", n))
        return true;
    struct sgeo_buffer *theta = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_INOUT, n);
    struct sgeo_buffer *accumulator = sgeo_prover_accumulator(prover, n);
    const float *grad = sgeo_prover_source(prover, n);
    for (size_t i = 0; i < n; i++) {
        double g = (double)grad[i], squares = (double)sgeo_ref_floats(accumulator)[i] + g * g;
        prover->magnitudes[i] = fabs((double)sgeo_ref_floats(theta)[i]) +
                                (double)lr * fabs(g) / (sqrt(squares) + (double)epsilon);
    }
    prover->ref.f32_adagrad_step(sgeo_ref_floats(theta), sgeo_ref_floats(accumulator), grad, lr,
                                 epsilon, n);
    prover->candidate->f32_adagrad_step(sgeo_candidate_floats(theta),
                                        sgeo_candidate_floats(accumulator), grad, lr, epsilon, n);
    return sgeo_prover_compare(prover, theta, prover->magnitudes, SGEO_STRICT) &&
           sgeo_prover_compare(prover, accumulator, NULL, SGEO_STRICT) && sgeo_prover_end(prover);
}

bool sgeo_prove_f32_adagrad_step(struct sgeo_prover *prover)
{
    for (size_t i = 0; sgeo_prover_length(prover, i) != SIZE_MAX; i++)
        if (!adagrad_case(prover, sgeo_prover_length(prover, i)))
            return false;
    return true;
}
