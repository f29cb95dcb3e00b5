/* Proofs of the kernels over flat vectors. */
#include <math.h>

#include "kernels/prove/prover.h"

/* The two kernels' views of the sources of a gated sum: gated ones first, then plain ones. */
struct sources {
    const float *candidate[SGEO_AFFINE_MAX_TERMS], *ref[SGEO_AFFINE_MAX_TERMS];
    const float *gate, *ref_gate;
    size_t n_gated, n_plain;
};

static double gated_magnitude(const struct sources *sources, size_t i)
{
    double magnitude = 0.0;
    for (size_t t = 0; t < sources->n_gated + sources->n_plain; t++)
        if (t >= sources->n_gated || sources->ref_gate[i] > 0.0f)
            magnitude += fabs((double)sources->ref[t][i]);
    return magnitude;
}

/* dst is a buffer of its own, or one of the sources (alias < n terms), or the gate (n terms). */
static bool gated_sum_case(struct sgeo_prover *prover, size_t count, size_t n_gated, size_t n_plain)
{
    struct sources sources = {.n_gated = n_gated, .n_plain = n_plain};
    size_t n_terms = n_gated + n_plain, alias = sgeo_prover_below(prover, n_terms + 2);
    if (!sgeo_prover_case(prover, "n=%zu, %zu gated, %zu plain, dst is source %zu", count, n_gated,
                          n_plain, alias))
        return true;
    enum sgeo_role role = alias <= n_terms ? SGEO_INOUT : SGEO_OUTPUT;
    struct sgeo_buffer *dst = sgeo_prover_buffer(prover, SGEO_FLOATS, role, count);
    for (size_t t = 0; t < n_terms; t++) {
        const float *own = t == alias ? NULL : sgeo_prover_source(prover, count);
        sources.candidate[t] = own ? own : sgeo_candidate_floats(dst);
        sources.ref[t] = own ? own : sgeo_ref_floats(dst);
    }
    const float *gate = alias == n_terms ? NULL : sgeo_prover_source(prover, count);
    sources.gate = gate ? gate : sgeo_candidate_floats(dst);
    sources.ref_gate = gate ? gate : sgeo_ref_floats(dst);
    for (size_t i = 0; i < count; i++)
        prover->magnitudes[i] = gated_magnitude(&sources, i);
    prover->ref.f32_gated_sum(sgeo_ref_floats(dst), n_gated ? sources.ref_gate : NULL, sources.ref,
                              n_gated, sources.ref + n_gated, n_plain, count);
    prover->candidate->f32_gated_sum(sgeo_candidate_floats(dst), n_gated ? sources.gate : NULL,
                                     sources.candidate, n_gated, sources.candidate + n_gated,
                                     n_plain, count);
    return sgeo_prover_compare(prover, dst, prover->magnitudes, SGEO_STRICT) &&
           sgeo_prover_end(prover);
}

bool sgeo_prove_f32_gated_sum(struct sgeo_prover *prover)
{
    static const size_t terms[][2] = {{1, 0}, {2, 0}, {0, 1}, {0, 3}, {1, 1}, {2, 3}, {5, 3}};
    for (size_t i = 0; sgeo_prover_length(prover, i) != SIZE_MAX; i++)
        for (size_t t = 0; t < sizeof terms / sizeof *terms; t++)
            if (!gated_sum_case(prover, sgeo_prover_length(prover, i), terms[t][0], terms[t][1]))
                return false;
    return true;
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

bool sgeo_prove_bf16_gated_sum(struct sgeo_prover *prover)
{
    return sgeo_prover_end(prover); /* no case yet */
}
