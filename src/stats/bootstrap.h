/*
 * Percentile bootstrap over architectures and, crossed with them, over seeds.
 *
 * Draw d takes n_archs architectures with replacement from the stream (seed, "bootstrap", d), then
 * n_seeds seeds from the same stream. All seeds of a draw, and both sides of a comparison, see the
 * same architectures; with one seed this is the plain bootstrap. Intervals depend on nothing but
 * the data and the plan.
 *
 * Sources: B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap" (1993), ch. 13
 * (percentile intervals); A. B. Owen, "The pigeonhole bootstrap", Ann. Appl. Stat. 1 (2007)
 * 386-411 (two crossed factors).
 */
#ifndef SGEO_STATS_BOOTSTRAP_H
#define SGEO_STATS_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/*
 * The statistic of one seed's scores when architecture i occurs counts[i] times; counts (n_archs),
 * NULL: every architecture once. NaN where it is undefined.
 */
typedef double (*sgeo_statistic_value)(void *context, size_t seed, const uint32_t *counts);

/* What is bootstrapped: the mean over seeds of `value`. Borrows its context. */
struct sgeo_statistic {
    sgeo_statistic_value value;
    void *context;
    size_t n_archs; /* 2 or more */
    size_t n_seeds; /* 1 or more */
};

struct sgeo_bootstrap_plan {
    uint64_t seed;
    size_t n_draws;
    double level; /* of the interval, in (0, 1) */
};

/* 2,000 draws and a 95 % interval. */
struct sgeo_bootstrap_plan sgeo_bootstrap_defaults(uint64_t seed);

struct sgeo_interval {
    double value; /* of the sample itself */
    double low; /* bounds: percentiles of the draws, NaN when the statistic was always undefined */
    double high;
    size_t n_draws;
    size_t n_undefined; /* draws left out because the statistic was NaN, e.g. all one value */
};

/* SGEO_USAGE for fewer than 2 architectures, no seed, no draw or a level outside (0, 1); SGEO_IO
 * without memory. */
enum sgeo_status sgeo_bootstrap_interval(struct sgeo_interval *interval,
                                         struct sgeo_statistic statistic,
                                         struct sgeo_bootstrap_plan plan);

enum sgeo_verdict { SGEO_VERDICT_UNDECIDED, SGEO_VERDICT_BETTER, SGEO_VERDICT_WORSE };

struct sgeo_difference {
    struct sgeo_interval interval; /* of a - b */
    enum sgeo_verdict verdict;
};

/*
 * Paired comparison of a and b on the same architectures and seeds: "better" when the whole
 * interval of a - b lies above zero, "worse" when below. Undecided when it holds zero, or when
 * more draws were undefined than the interval may miss. For a statistic where less is better
 * (regret), pass the two in the other order.
 *
 * Errors as above, and SGEO_USAGE when the two differ in architectures or seeds.
 */
enum sgeo_status sgeo_bootstrap_difference(struct sgeo_difference *difference,
                                           struct sgeo_statistic a, struct sgeo_statistic b,
                                           struct sgeo_bootstrap_plan plan);

/* Better when an interval of a - b lies above zero, worse when below; else, and for NaN, undecided.
 */
enum sgeo_verdict sgeo_verdict_of(double low, double high);

/* The 95 % interval value +- 1.96 standard errors of a - b, where no bootstrap is needed; its
 * numbers of draws are 0. A NaN error gives NaN bounds, undecided. */
struct sgeo_difference sgeo_difference_normal(double value, double standard_error);

/* "better", "worse" or "undecided". */
const char *sgeo_verdict_name(enum sgeo_verdict verdict);

#endif
