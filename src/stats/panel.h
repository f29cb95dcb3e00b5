/* The scores of one proxy over seeds and architectures, ranked once, ready for the bootstrap. */
#ifndef SGEO_STATS_PANEL_H
#define SGEO_STATS_PANEL_H

#include <stddef.h>

#include "base/status.h"
#include "stats/bootstrap.h"
#include "stats/column.h"

struct sgeo_panel;

/* Defined in correlation.h. */
enum sgeo_measure {
    SGEO_MEASURE_SPEARMAN,
    SGEO_MEASURE_KENDALL,
    SGEO_MEASURE_SPEARMAN_TOP10,
    SGEO_MEASURE_REGRET,
    SGEO_MEASURE_SPEARMAN_PARTIAL, /* given the panel's covariate */
    SGEO_MEASURE_REGRET_TO         /* the panel's bound */
};

/*
 * Rank the scores against the truth.
 *
 *   scores     (n_seeds, n_archs), row-major: one row per seed
 *   truth      (n_archs)
 *   covariate  (n_archs), e.g. the number of parameters; NULL: none, and no partial correlation
 *
 * All are copied; the caller owns *panel. A panel carries scratch memory: one thread at a time.
 * SGEO_USAGE when the lengths do not fit, n_archs < 2, n_seeds < 1 or a value is NaN (floor or drop
 * first: nonfinite.h); SGEO_IO without memory.
 */
enum sgeo_status sgeo_panel_create(struct sgeo_panel **panel, struct sgeo_column scores,
                                   size_t n_seeds, struct sgeo_column truth,
                                   const struct sgeo_column *covariate);
void sgeo_panel_destroy(struct sgeo_panel *panel); /* NULL is fine */

/* Set the truth that no architecture can exceed, at least in expectation, for
 * SGEO_MEASURE_REGRET_TO. */
void sgeo_panel_set_bound(struct sgeo_panel *panel, double bound);

/*
 * A measure of the panel, for sgeo_bootstrap_interval and sgeo_bootstrap_difference. It borrows the
 * panel. SGEO_USAGE for the partial correlation of a panel without a covariate, and for the regret
 * to a bound of one without that.
 */
enum sgeo_status sgeo_panel_statistic(struct sgeo_statistic *statistic, struct sgeo_panel *panel,
                                      enum sgeo_measure measure);

#endif
