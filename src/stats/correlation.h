/*
 * How well a score orders architectures by their truth.
 *
 * score and truth hold one value per architecture. Each measure comes in two forms: of two columns
 * (fallible: SGEO_USAGE when the lengths differ, are below 2 or a value is NaN; SGEO_IO without
 * memory; the result is untouched on error), and of a ranked pair with x = score, y = truth, over a
 * resample given by `counts` as in sgeo_pair_weigh (cannot fail). Where a measure is undefined, as
 * a correlation with a constant column is, its value is NaN.
 *
 * The ceiling of a truth is a correlation too: Spearman of validation against test accuracy.
 */
#ifndef SGEO_STATS_CORRELATION_H
#define SGEO_STATS_CORRELATION_H

#include <stdint.h>

#include "base/status.h"
#include "stats/column.h"
#include "stats/pair.h"

/* Spearman's rho: Pearson correlation of the mid-ranks (scipy.stats.spearmanr). */
enum sgeo_status sgeo_spearman(double *rho, struct sgeo_column score, struct sgeo_column truth);
double sgeo_pair_spearman(struct sgeo_pair *pair, const uint32_t *counts);

/*
 * Kendall's tau-b (scipy.stats.kendalltau): (concordant - discordant) pairs over
 * sqrt((n0 - n1) (n0 - n2)), n0 all pairs, n1 and n2 those tied in score and in truth. M. G.
 * Kendall, "The treatment of ties in ranking problems", Biometrika 33 (1945) 239-251.
 */
enum sgeo_status sgeo_kendall(double *tau, struct sgeo_column score, struct sgeo_column truth);
double sgeo_pair_kendall(struct sgeo_pair *pair, const uint32_t *counts);

/*
 * Spearman among the best tenth by truth: the ceil(n / 10) architectures of highest truth and all
 * that tie with the last of them. NaN when that is a single architecture.
 */
enum sgeo_status sgeo_spearman_top10(double *rho, struct sgeo_column score,
                                     struct sgeo_column truth);
double sgeo_pair_spearman_top10(struct sgeo_pair *pair, const uint32_t *counts);

/*
 * Regret of trusting the score: the best truth minus the truth of the best-scored architecture, the
 * mean truth where several tie for the best score. In units of truth, >= 0; lower is better.
 */
enum sgeo_status sgeo_regret(double *regret, struct sgeo_column score, struct sgeo_column truth);
double sgeo_pair_regret(struct sgeo_pair *pair, const uint32_t *counts);

/* The same against `bound`, a truth that no architecture can exceed, in place of the best among
 * those at hand. Below zero where the bound holds in expectation only, and a truth is beyond it. */
double sgeo_pair_regret_to(struct sgeo_pair *pair, const uint32_t *counts, double bound);

/*
 * Partial Spearman: the correlation of score and truth with what both share with the covariate
 * (e.g. the number of parameters) taken out. NaN also where the covariate orders one of them
 * perfectly, for then nothing is left to correlate.
 */
enum sgeo_status sgeo_spearman_partial(double *rho, struct sgeo_column score,
                                       struct sgeo_column truth, struct sgeo_column covariate);

/*
 * First-order partial correlation (r_xy - r_xz r_yz) / sqrt((1 - r_xz^2) (1 - r_yz^2)) from the
 * three correlations of x, y and the covariate z. G. U. Yule, Proc. R. Soc. A 79 (1907) 182-193.
 */
double sgeo_partial(double r_xy, double r_xz, double r_yz);

#endif
