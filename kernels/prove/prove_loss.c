/* Proofs of the losses. */
#include <math.h>

#include "kernels/prove/prover.h"

/* Logits far beyond what the prover's values are: up to 2, 200, 1e4 (and 5e6 near 1000). */
static const float factors[] = {1.0f, 10.0f, 100.0f, 5000.0f};
#define N_FACTORS (sizeof factors / sizeof *factors)

#define MAX_TARGETS ((size_t)8192)

static void stretch(struct sgeo_buffer *buffer, float factor)
{
    for (size_t i = 0; i < buffer->count; i++) {
        sgeo_candidate_floats(buffer)[i] *= factor;
        sgeo_ref_floats(buffer)[i] *= factor;
    }
}

/* Targets in 0..1: zeros and ones alone, or everything between. */
static const float *targets_of(struct sgeo_prover *prover, size_t count, bool soft)
{
    static float targets[MAX_TARGETS];
    for (size_t i = 0; i < count; i++) {
        double hard = (double)sgeo_prover_below(prover, 2);
        bool between = soft && sgeo_prover_coin(prover);
        targets[i] = (float)(between ? sgeo_rng_uniform(&prover->rng) : hard);
    }
    return sgeo_candidate_floats(
        sgeo_prover_copy(prover, SGEO_FLOATS, SGEO_SOURCE, count, targets));
}

/* Where gradients go, if they go anywhere. */
enum gradients { NONE, APART, IN_PLACE, GRADIENTS };

/* The logits of a case, and the buffer of their gradients. */
struct logits {
    struct sgeo_buffer *z, *gradient;
};

static struct logits logits_of(struct sgeo_prover *prover, size_t count, float factor,
                               enum gradients gradients)
{
    enum sgeo_role role = gradients == IN_PLACE ? SGEO_INOUT : SGEO_SOURCE;
    struct logits logits = {.z = sgeo_prover_buffer(prover, SGEO_FLOATS, role, count)};
    stretch(logits.z, factor);
    if (gradients == IN_PLACE)
        logits.gradient = logits.z;
    if (gradients == APART)
        logits.gradient = sgeo_prover_buffer(prover, SGEO_FLOATS, SGEO_OUTPUT, count);
    return logits;
}

static float *candidate_gradient(const struct logits *logits)
{
    return logits->gradient ? sgeo_candidate_floats(logits->gradient) : NULL;
}

static float *ref_gradient(const struct logits *logits)
{
    return logits->gradient ? sgeo_ref_floats(logits->gradient) : NULL;
}

static bool compare_gradient(struct sgeo_prover *prover, const struct logits *logits,
                             const double *magnitudes)
{
    return !logits->gradient ||
           sgeo_prover_compare(prover, logits->gradient, magnitudes, SGEO_STRICT);
}

/* Of the gradient: nothing cancels but the two parts of a soft label. */
static double bce_magnitude(double z, double y)
{
    double far = 1.0 / (1.0 + exp(fabs(z))), near = 1.0 / (1.0 + exp(-fabs(z)));
    return (1.0 - y) * (z > 0.0 ? near : far) + y * (z > 0.0 ? far : near);
}

static bool bce_case(struct sgeo_prover *prover, size_t n, float factor, enum gradients gradients)
{
    bool soft = sgeo_prover_coin(prover);
    double scale = sgeo_prover_coin(prover) ? 1.0 : 1.0 / (double)(n + 1), got, expected;
    if (!sgeo_prover_case(prover, "n=%zu, times %g, gradients %d, %s labels, scale %g", n,
                          (double)factor, (int)gradients, soft ? "soft" : "hard", scale))
        return true;
    const float *labels = targets_of(prover, n, soft);
    struct logits logits = logits_of(prover, n, factor, gradients);
    for (size_t i = 0; i < n; i++)
        prover->magnitudes[i] =
            scale * bce_magnitude((double)sgeo_ref_floats(logits.z)[i], (double)labels[i]);
    prover->ref.f32_bce_logits(&expected, ref_gradient(&logits), sgeo_ref_floats(logits.z), labels,
                               n, scale);
    prover->candidate->f32_bce_logits(&got, candidate_gradient(&logits),
                                      sgeo_candidate_floats(logits.z), labels, n, scale);
    return sgeo_prover_compare_value(prover, got, expected, expected, SGEO_LOOSE) &&
           compare_gradient(prover, &logits, prover->magnitudes) && sgeo_prover_end(prover);
}

bool sgeo_prove_f32_bce_logits(struct sgeo_prover *prover)
{
    size_t tile = prover->tile;
    const size_t lengths[] = {0, 1, 2, tile - 1, tile, tile + 1, 3 * tile - 1, 513};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (size_t f = 0; f < N_FACTORS; f++)
            for (int g = 0; g < GRADIENTS; g++)
                if (!bce_case(prover, lengths[i], factors[f], (enum gradients)g))
                    return false;
    return true;
}

/* One case of softmax_xent. */
struct xent {
    size_t batch, classes;
    struct logits logits;
    struct sgeo_class_targets targets;
    struct sgeo_buffer *losses;
    double *of_gradient, *of_loss; /* magnitudes */
    double scale;
};

static const int32_t *labels_of(struct sgeo_prover *prover, size_t batch, size_t classes)
{
    static int32_t labels[MAX_TARGETS];
    for (size_t b = 0; b < batch; b++)
        labels[b] = (int32_t)sgeo_prover_below(prover, classes);
    return sgeo_candidate_data(sgeo_prover_copy(prover, SGEO_INTS, SGEO_SOURCE, batch, labels));
}

static double target_at(const struct xent *xent, size_t b, size_t c)
{
    if (xent->targets.soft)
        return (double)xent->targets.soft[b * xent->classes + c];
    return (size_t)xent->targets.labels[b] == c ? 1.0 : 0.0;
}

/* Largest logit, sum of exponentials relative to it, and of these times their logits' distances. */
struct row {
    double largest, sum, spread, mass;
};

/* distance * e^-distance: 0 for an infinite one, too. */
static double spread_of(double distance)
{
    return isfinite(distance) ? distance * exp(-distance) : 0.0;
}

static struct row row_of(const struct xent *xent, const float *z, size_t b)
{
    struct row row = {.largest = (double)z[0]};
    for (size_t c = 1; c < xent->classes; c++)
        row.largest = (double)z[c] > row.largest ? (double)z[c] : row.largest;
    for (size_t c = 0; c < xent->classes; c++) {
        double distance = row.largest - (double)z[c];
        row.sum += exp(-distance);
        row.spread += spread_of(distance);
        row.mass += target_at(xent, b, c);
    }
    return row;
}

/*
 * A logit's distance from the largest is rounded before its exponential is taken: an error of that
 * many roundings, relative to the probability. The double sums' own is below 1e-9 times the bound.
 * And exponentials below FLT_MIN may count as zero: 1e-31 is more than that over the bound.
 */
static void xent_magnitudes(const struct xent *xent, size_t b)
{
    const float *z = sgeo_ref_floats(xent->logits.z) + b * xent->classes;
    struct row row = row_of(xent, z, b);
    xent->of_loss[b] = row.mass * (log(row.sum) + row.spread / row.sum + 1e-9);
    for (size_t c = 0; c < xent->classes; c++) {
        double t = target_at(xent, b, c), distance = row.largest - (double)z[c];
        double share = exp(-distance) / row.sum, spread = spread_of(distance) / row.sum;
        bool hard = xent->targets.labels && t == 1.0;
        double size = hard ? 1.0 - share + row.spread / row.sum + 1e-9
                           : (share + spread + 1e-31) * row.mass + t;
        xent->of_gradient[b * xent->classes + c] = xent->scale * size;
        xent->of_loss[b] += t == 0.0 ? 0.0 : t * distance;
    }
}

static struct xent xent_of(struct sgeo_prover *prover, size_t batch, size_t classes, float factor,
                           bool soft)
{
    enum gradients gradients = (enum gradients)(prover->turn % GRADIENTS);
    struct xent xent = {.batch = batch, .classes = classes, .scale = 1.0 / (double)(batch + 1)};
    if (soft)
        xent.targets.soft = targets_of(prover, batch * classes, true);
    else
        xent.targets.labels = labels_of(prover, batch, classes);
    xent.logits = logits_of(prover, batch * classes, factor, gradients);
    if (gradients == NONE || sgeo_prover_coin(prover))
        xent.losses = sgeo_prover_buffer(prover, SGEO_DOUBLES, SGEO_OUTPUT, batch);
    xent.of_gradient = prover->magnitudes;
    xent.of_loss = xent.of_gradient + batch * classes;
    for (size_t b = 0; b < batch; b++)
        xent_magnitudes(&xent, b);
    return xent;
}

static bool xent_case(struct sgeo_prover *prover, size_t batch, size_t classes, float factor,
                      bool soft)
{
    if (!sgeo_prover_case(prover, "%zux%zu, times %g, %s labels", batch, classes, (double)factor,
                          soft ? "soft" : "hard"))
        return true;
    struct xent xent = xent_of(prover, batch, classes, factor, soft);
    prover->ref.f32_softmax_xent(xent.losses ? sgeo_ref_data(xent.losses) : NULL,
                                 ref_gradient(&xent.logits), sgeo_ref_floats(xent.logits.z),
                                 &xent.targets, batch, classes, xent.scale);
    prover->candidate->f32_softmax_xent(
        xent.losses ? sgeo_candidate_data(xent.losses) : NULL, candidate_gradient(&xent.logits),
        sgeo_candidate_floats(xent.logits.z), &xent.targets, batch, classes, xent.scale);
    if (xent.losses && !sgeo_prover_compare(prover, xent.losses, xent.of_loss, SGEO_STRICT))
        return false;
    return compare_gradient(prover, &xent.logits, xent.of_gradient) && sgeo_prover_end(prover);
}

bool sgeo_prove_f32_softmax_xent(struct sgeo_prover *prover)
{
    size_t tile = prover->tile;
    const size_t classes[] = {1, 2, 10, tile - 1, tile, tile + 1, 3 * tile - 1, 120};
    static const size_t batches[] = {0, 1, 9};
    for (size_t c = 0; c < sizeof classes / sizeof *classes; c++)
        for (size_t f = 0; f < N_FACTORS; f++)
            for (size_t b = 0; b < sizeof batches / sizeof *batches; b++)
                if (!xent_case(prover, batches[b], classes[c], factors[f], false) ||
                    !xent_case(prover, batches[b], classes[c], factors[f], true))
                    return false;
    return true;
}
