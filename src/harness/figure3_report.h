/* Figure 3's CSV files and its print. */
#ifndef SGEO_HARNESS_FIGURE3_REPORT_H
#define SGEO_HARNESS_FIGURE3_REPORT_H

#include "base/csv.h"
#include "harness/figure3_trial.h"

/* OUT/figure3.csv: a row per trial, kind of gradients and level. steps: of an epoch. */
enum sgeo_status sgeo_figure3_publish_points(const char *out,
                                             const struct sgeo_figure3_record *records, size_t n,
                                             size_t steps);

/*
 * OUT/figure3_correlations.csv: Spearman and Kendall of every statistic with both losses, over the
 * trials of a protocol (records sorted by protocol), with bootstrap intervals over them, faced by
 * the published values. Trials whose numbers are not all numbers are left out and counted.
 */
enum sgeo_status sgeo_figure3_publish_correlations(const char *out,
                                                   const struct sgeo_figure3_record *records,
                                                   size_t n, uint64_t seed);

/* The correlations of a result folder as text; SGEO_IO when it has none. */
enum sgeo_status sgeo_figure3_print(struct sgeo_text *text, const char *directory);

#endif
