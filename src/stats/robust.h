/* Location and spread that a few outliers cannot move: for timings and for percentiles. */
#ifndef SGEO_STATS_ROBUST_H
#define SGEO_STATS_ROBUST_H

#include <stddef.h>

#include "base/status.h"
#include "stats/column.h"

/* MAD times this estimates the standard deviation of a normal distribution. */
#define SGEO_MAD_TO_SIGMA 1.4826022185056018

/*
 * Median: the middle value, the mean of the two middle ones for even n. The column is left as it
 * is. SGEO_USAGE for an empty column (one value is enough) or a NaN or infinity, SGEO_IO without
 * memory; the result is untouched on error.
 */
enum sgeo_status sgeo_median(double *median, struct sgeo_column column);

/* Median absolute deviation from the median, unscaled (scipy.stats.median_abs_deviation). Errors
 * as above. */
enum sgeo_status sgeo_mad(double *mad, struct sgeo_column column);

/* Sort values (n) in place; none may be NaN. */
void sgeo_sort_ascending(double *values, size_t n);

/*
 * Quantile p in [0, 1] of ascending values sorted (n), n >= 1, interpolated linearly between order
 * statistics: type 7 of R. J. Hyndman and Y. Fan, Am. Stat. 50 (1996) 361-365; numpy's default.
 */
double sgeo_quantile_sorted(const double *sorted, size_t n, double p);

#endif
