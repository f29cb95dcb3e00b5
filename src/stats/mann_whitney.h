/* Whether one of two samples tends to be larger, and many such questions at once. */
#ifndef SGEO_STATS_MANN_WHITNEY_H
#define SGEO_STATS_MANN_WHITNEY_H

#include <stddef.h>

#include "base/status.h"
#include "stats/column.h"

/* Samples of more values together get the normal approximation. */
#define SGEO_MANN_WHITNEY_EXACT_MAX ((size_t)80)

struct sgeo_mann_whitney {
    double u; /* pairs (x, y) with x > y, equal ones counting one half */
    double p; /* two-sided: twice the smaller tail of U over all splits of the pooled values, at
                 most 1. Exact with ties too; beyond SGEO_MANN_WHITNEY_EXACT_MAX values normal, with
                 corrections for ties and continuity */
};

/*
 * Mann-Whitney U test (H. B. Mann and D. R. Whitney, Ann. Math. Stat. 18 (1947) 50-60) of x against
 * y. SGEO_USAGE for a sample without values or with a NaN, SGEO_IO without memory.
 */
enum sgeo_status sgeo_mann_whitney(struct sgeo_mann_whitney *test, struct sgeo_column x,
                                   struct sgeo_column y);

/*
 * Holm's step-down adjustment (S. Holm, Scand. J. Stat. 6 (1979) 65-70): adjusted (n) from p (n),
 * each in 0..1. Rejecting where adjusted <= alpha keeps the chance of any false rejection below
 * alpha. SGEO_IO without memory.
 */
enum sgeo_status sgeo_holm(double *adjusted, const double *p, size_t n);

#endif
