/*
 * meco: sum over the modules' outputs (one image, training mode) of the smallest eigenvalue of the
 * Pearson correlations between channels; correlations that are not defined (constant channels) are
 * 0. meco-opt: of eight channels only, times channels/8. Source: Jiang et al., NeurIPS 2023; the
 * spec of the proxies, section 4.
 *
 * DEVIATES: the original draws the eight channels unseeded; these are floor(j*channels/8). A
 * symmetric solver instead of a general one.
 *
 * Conventions: the suite's hooks sit on every module, containers and the root included, so that a
 * tensor counts once for every module that hands it on (nb201, where they are known; once
 * elsewhere). Ours counts the output of each convolution, batch norm, ReLU and pool once.
 */
#include "proxy/meco.h"

#include <math.h>

#include "base/memory.h"
#include "proxy/pearson.h"
#include "proxy/proxy.h"

#define FEW ((size_t)8)

/* The smallest eigenvalue of the n chosen rows and columns of correlations (channels,channels). */
static enum sgeo_status smallest_eigenvalue(double *smallest, const double *correlation,
                                            size_t channels, size_t n)
{
    double *matrix = sgeo_calloc(n * n + n, sizeof *matrix);
    if (matrix == NULL) {
        return sgeo_fail_memory("correlations");
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double value = correlation[i * channels / n * channels + j * channels / n];
            matrix[i * n + j] = isfinite(value) ? value : 0.0;
        }
    }
    enum sgeo_status status = sgeo_symmetric_eigenvalues(matrix + n * n, matrix, n);
    *smallest = matrix[n * n];
    sgeo_free(matrix);
    return status;
}

enum sgeo_status sgeo_meco_map(struct sgeo_meco_values *values, double *map, size_t channels,
                               size_t pixels)
{
    double *correlation = sgeo_calloc(channels * channels, sizeof *correlation);
    if (correlation == NULL) {
        return sgeo_fail_memory("correlations");
    }
    sgeo_pearson(correlation, map, channels, pixels);
    *values = (struct sgeo_meco_values){0};
    enum sgeo_status status =
        smallest_eigenvalue(&values->smallest, correlation, channels, channels);
    if (status == SGEO_OK && channels >= FEW) {
        status = smallest_eigenvalue(&values->smallest_of_eight, correlation, channels, FEW);
        values->smallest_of_eight *= (double)channels / (double)FEW;
    }
    sgeo_free(correlation);
    return status;
}

static void score(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                  const struct sgeo_lambda *lambda)
{
    (void)warm;
    (void)lambda;
    bool ours = evidence->convention == SGEO_CONVENTION_OURS;
    *score = sgeo_plain_score(ours ? evidence->suite.meco_leaf : evidence->suite.meco,
                              evidence->suite.seconds_meco);
}

static void score_opt(struct sgeo_score *score, const struct sgeo_evidence *evidence, bool warm,
                      const struct sgeo_lambda *lambda)
{
    (void)warm;
    (void)lambda;
    bool ours = evidence->convention == SGEO_CONVENTION_OURS;
    *score = sgeo_plain_score(ours ? evidence->suite.meco_leaf_opt : evidence->suite.meco_opt,
                              evidence->suite.seconds_meco);
}

const struct sgeo_proxy sgeo_proxy_meco = {
    .name = "meco",
    .formula = "sum over module outputs of the smallest eigenvalue of corr(channels)",
    .passes = SGEO_PASS_MECO,
    .score = score,
    .ours = "each convolution, batch norm, ReLU and pool once",
};
const struct sgeo_proxy sgeo_proxy_meco_opt = {
    .name = "meco-opt",
    .formula = "the same of eight channels, times channels/8",
    .passes = SGEO_PASS_MECO,
    .score = score_opt,
    .ours = "likewise",
};
