/*
 * epe-nas: per class c of the batch, s_c = sum_ij ln(|corr_ij| + 1e-5) over the images of the
 * class, corr the Pearson correlations of the images' gradients (as in jacov).
 *   up to 100 classes: sum_c |s_c|
 *   more: s_c is divided by the number of images, classes with one image are dropped, and the score
 *   is (1/#classes) sum over ordered pairs of |s_a - s_b|
 * Source: Lopes et al., 2021; the spec of the proxies, section 1.1.
 *
 * Conventions: the suite drops classes with one image because its code raises on them. Ours keeps
 * them, with corr = 1, as both do with fewer classes.
 */
#include <math.h>

#include "base/memory.h"
#include "proxy/proxy.h"

#define OFFSET       1e-5
#define MANY_CLASSES ((size_t)100)

/* s_c and the number of images of a label; false when the batch has none. */
static bool class_sum(double *sum, size_t *count, const struct sgeo_suite_evidence *suite,
                      uint16_t label)
{
    *sum = 0.0;
    *count = 0;
    for (size_t i = 0; i < suite->batch; i++) {
        if (suite->labels[i] != label) {
            continue;
        }
        (*count)++;
        for (size_t j = 0; j < suite->batch; j++) {
            if (suite->labels[j] == label) {
                *sum += log(fabs(suite->correlation[i * suite->batch + j]) + OFFSET);
            }
        }
    }
    return *count > 0;
}

/* A single image correlates with itself, also where its gradient is zero. */
static double sum_of_one(void)
{
    return log(1.0 + OFFSET);
}

static double few_classes(const struct sgeo_suite_evidence *suite)
{
    double total = 0.0, sum;
    size_t count;
    for (size_t c = 0; c < suite->classes; c++) {
        if (class_sum(&sum, &count, suite, (uint16_t)c)) {
            total += fabs(count == 1 ? sum_of_one() : sum);
        }
    }
    return total;
}

static double many_classes(const struct sgeo_suite_evidence *suite, bool keep_single)
{
    double *means = sgeo_calloc(suite->classes, sizeof *means), total = 0.0, sum;
    size_t n = 0, count;
    if (means == NULL) {
        return (double)NAN;
    }
    for (size_t c = 0; c < suite->classes; c++) {
        bool found = class_sum(&sum, &count, suite, (uint16_t)c);
        if (found && count > 1) {
            means[n++] = sum / (double)count;
        } else if (found && keep_single) {
            means[n++] = sum_of_one();
        }
    }
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < n; b++) {
            total += fabs(means[a] - means[b]);
        }
    }
    sgeo_free(means);
    return total / (double)n;
}

static void score(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                  const struct sgeo_lambda *lambda)
{
    (void)warm;
    (void)lambda;
    const struct sgeo_suite_evidence *suite = &evidence->suite;
    bool ours = evidence->convention == SGEO_CONVENTION_OURS;
    *score = sgeo_plain_score(suite->classes > MANY_CLASSES ? many_classes(suite, ours)
                                                            : few_classes(suite),
                              suite->seconds_jacobian);
    score->degenerate = suite->jacobian_is_noise;
}

const struct sgeo_proxy sgeo_proxy_epe_nas = {
    .name = "epe-nas",
    .formula = "sum_c |sum_ij ln |corr(J_c)_ij||",
    .passes = SGEO_PASS_JACOBIAN,
    .score = score,
    .ours = "above 100 classes those with one image too",
};
