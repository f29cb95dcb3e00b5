#include "stats/correlation.h"

#include <math.h>
#include <stddef.h>

#include "stats/knight.h"

#define TOP_DIVISOR 10 /* the best tenth */

typedef double (*pair_measure)(struct sgeo_pair *pair, const uint32_t *counts);

static enum sgeo_status measure_columns(double *value, struct sgeo_column x, struct sgeo_column y,
                                        pair_measure measure)
{
    struct sgeo_pair *pair;
    enum sgeo_status status = sgeo_pair_create(&pair, x, y);
    if (status != SGEO_OK) {
        return status;
    }
    *value = measure(pair, NULL);
    sgeo_pair_destroy(pair);
    return SGEO_OK;
}

/*
 * Doubled mid-rank of each group, less its mean total + 1: a whole number, so sums of products are
 * exact in double up to 200,000 points. Returns the sum of squares over all points.
 */
static double centre_ranks(double *ranks, const uint32_t *weight, size_t n_groups, uint64_t total)
{
    double squares = 0.0;
    double below = 0.0; /* points in lower groups */
    for (size_t i = 0; i < n_groups; i++) {
        double tied = (double)weight[i];
        ranks[i] = 2.0 * below + tied - (double)total;
        squares += tied * ranks[i] * ranks[i];
        below += tied;
    }
    return squares;
}

/* Spearman of the sample at hand. */
static double spearman_at_hand(struct sgeo_pair *pair)
{
    double xx = centre_ranks(pair->rank_x, pair->weight_x, pair->n_x, pair->total);
    double yy = centre_ranks(pair->rank_y, pair->weight_y, pair->n_y, pair->total);
    if (xx == 0.0 || yy == 0.0) { /* whole numbers: exactly 0 means all values are the same */
        return (double)NAN;
    }
    double xy = 0.0;
    for (size_t i = 0; i < pair->n_cells; i++) {
        double product = pair->rank_x[pair->cell_x[i]] * pair->rank_y[pair->cell_y[i]];
        xy += (double)pair->weight[i] * product;
    }
    return xy / sqrt(xx * yy);
}

double sgeo_pair_spearman(struct sgeo_pair *pair, const uint32_t *counts)
{
    sgeo_pair_weigh(pair, counts);
    return spearman_at_hand(pair);
}

enum sgeo_status sgeo_spearman(double *rho, struct sgeo_column score, struct sgeo_column truth)
{
    return measure_columns(rho, score, truth, sgeo_pair_spearman);
}

double sgeo_pair_spearman_top10(struct sgeo_pair *pair, const uint32_t *counts)
{
    sgeo_pair_weigh(pair, counts);
    sgeo_pair_keep_top(pair, (pair->total + TOP_DIVISOR - 1) / TOP_DIVISOR);
    return spearman_at_hand(pair);
}

enum sgeo_status sgeo_spearman_top10(double *rho, struct sgeo_column score,
                                     struct sgeo_column truth)
{
    return measure_columns(rho, score, truth, sgeo_pair_spearman_top10);
}

/* Pairs of points within one group, summed over the groups. */
static uint64_t count_tied_pairs(const uint32_t *weight, size_t n_groups)
{
    uint64_t tied = 0;
    for (size_t i = 0; i < n_groups; i++) {
        uint64_t points = weight[i];
        tied += points > 0 ? points * (points - 1) / 2 : 0;
    }
    return tied;
}

/* Cells ascend by x, then y: a later cell with a smaller y is discordant, ties in x never are. */
static uint64_t count_discordant_pairs(struct sgeo_pair *pair)
{
    size_t n = 0;
    for (size_t i = 0; i < pair->n_cells; i++) {
        if (pair->weight[i] > 0) {
            pair->item[n].key = pair->cell_y[i];
            pair->item[n].weight = pair->weight[i];
            n++;
        }
    }
    return sgeo_knight_inversions(pair->item, pair->other, n);
}

double sgeo_pair_kendall(struct sgeo_pair *pair, const uint32_t *counts)
{
    sgeo_pair_weigh(pair, counts);
    uint64_t all = pair->total > 0 ? pair->total * (pair->total - 1) / 2 : 0;
    uint64_t tied_x = count_tied_pairs(pair->weight_x, pair->n_x);
    uint64_t tied_y = count_tied_pairs(pair->weight_y, pair->n_y);
    uint64_t tied_both = count_tied_pairs(pair->weight, pair->n_cells);
    if (tied_x == all || tied_y == all) {
        return (double)NAN;
    }
    uint64_t untied = all - tied_x - (tied_y - tied_both);
    uint64_t discordant = count_discordant_pairs(pair);
    double surplus = (double)(untied - discordant) - (double)discordant;
    return surplus / sqrt((double)(all - tied_x) * (double)(all - tied_y));
}

enum sgeo_status sgeo_kendall(double *tau, struct sgeo_column score, struct sgeo_column truth)
{
    return measure_columns(tau, score, truth, sgeo_pair_kendall);
}

/* Highest group that has a point; the sample has at least one. */
static size_t highest_group(const uint32_t *weight, size_t n_groups)
{
    size_t highest = n_groups - 1;
    while (highest > 0 && weight[highest] == 0) {
        highest--;
    }
    return highest;
}

/* Of a weighed pair: how far the best-scored stay behind `best`. */
static double shortfall(const struct sgeo_pair *pair, double best)
{
    size_t chosen = highest_group(pair->weight_x, pair->n_x);
    double loss = 0.0; /* summed as differences: exactly 0 when the best is chosen */
    for (size_t i = pair->n_cells; i > 0 && pair->cell_x[i - 1] >= chosen; i--) {
        loss += (double)pair->weight[i - 1] * (best - pair->y[pair->cell_y[i - 1]]);
    }
    return loss / (double)pair->weight_x[chosen];
}

double sgeo_pair_regret(struct sgeo_pair *pair, const uint32_t *counts)
{
    sgeo_pair_weigh(pair, counts);
    return shortfall(pair, pair->y[highest_group(pair->weight_y, pair->n_y)]);
}

double sgeo_pair_regret_to(struct sgeo_pair *pair, const uint32_t *counts, double bound)
{
    sgeo_pair_weigh(pair, counts);
    return shortfall(pair, bound);
}

enum sgeo_status sgeo_regret(double *regret, struct sgeo_column score, struct sgeo_column truth)
{
    return measure_columns(regret, score, truth, sgeo_pair_regret);
}

double sgeo_partial(double r_xy, double r_xz, double r_yz)
{
    double left = (1.0 - r_xz * r_xz) * (1.0 - r_yz * r_yz);
    return left > 0.0 ? (r_xy - r_xz * r_yz) / sqrt(left) : (double)NAN;
}

enum sgeo_status sgeo_spearman_partial(double *rho, struct sgeo_column score,
                                       struct sgeo_column truth, struct sgeo_column covariate)
{
    double r_xy;
    double r_xz;
    double r_yz;
    enum sgeo_status status = sgeo_spearman(&r_xy, score, truth);
    if (status != SGEO_OK) {
        return status;
    }
    status = sgeo_spearman(&r_xz, score, covariate);
    if (status != SGEO_OK) {
        return status;
    }
    status = sgeo_spearman(&r_yz, truth, covariate);
    if (status != SGEO_OK) {
        return status;
    }
    *rho = sgeo_partial(r_xy, r_xz, r_yz);
    return SGEO_OK;
}
