/*
 * jacov: -sum_j [ln(v_j + k) + 1/(v_j + k)], k = 1e-5, v the eigenvalues of the Pearson
 * correlations between the images' gradients J_n = d(sum of all logits of the batch)/d image n.
 * Source: Mellor et al., 2020; the spec of the proxies, section 1.1.
 *
 * DEVIATES: a symmetric solver, eigenvalues clamped at 0 (the original's general solver leaves
 * rounding noise of either sign).
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "proxy/pearson.h"
#include "proxy/proxy.h"

#define OFFSET 1e-5

static double spectrum_score(const double *values, size_t n)
{
    double sum = 0.0;
    for (size_t j = 0; j < n; j++) {
        double v = fmax(values[j], 0.0) + OFFSET;
        sum -= log(v) + 1.0 / v;
    }
    return sum;
}

/* Not so when an image has no gradient at all. */
static bool all_finite(const double *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(numbers[i])) {
            return false;
        }
    }
    return true;
}

enum sgeo_status sgeo_jacov_spectrum(double *values, const struct sgeo_suite_evidence *suite)
{
    size_t n = suite->batch;
    if (!all_finite(suite->correlation, n * n)) {
        return sgeo_fail(SGEO_CHECK_FAILED, NULL, "an image has no gradient");
    }
    double *matrix = sgeo_calloc(n * n, sizeof *matrix);
    if (matrix == NULL) {
        return sgeo_fail_memory("correlations");
    }
    memcpy(matrix, suite->correlation, n * n * sizeof *matrix);
    enum sgeo_status status = sgeo_symmetric_eigenvalues(values, matrix, n);
    sgeo_free(matrix);
    return status;
}

static void score(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                  const struct sgeo_lambda *lambda)
{
    (void)warm;
    (void)lambda;
    const struct sgeo_suite_evidence *suite = &evidence->suite;
    double *values = sgeo_calloc(suite->batch, sizeof *values);
    bool found = values != NULL && sgeo_jacov_spectrum(values, suite) == SGEO_OK;
    *score = sgeo_plain_score(found ? spectrum_score(values, suite->batch) : (double)NAN,
                              suite->seconds_jacobian);
    score->degenerate = suite->jacobian_is_noise;
    sgeo_free(values);
}

const struct sgeo_proxy sgeo_proxy_jacov = {
    .name = "jacov",
    .formula = "-sum_j ln v_j + 1/v_j, v the spectrum of corr(J)",
    .passes = SGEO_PASS_JACOBIAN,
    .score = score,
};
