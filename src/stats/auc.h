/* Area under the ROC curve of predicted clicks: the probability that a clicked row is ranked above
 * one that was not; higher is better. */
#ifndef SGEO_STATS_AUC_H
#define SGEO_STATS_AUC_H

#include "base/status.h"
#include "stats/bootstrap.h"
#include "stats/clicks.h"

/*
 * By mid-ranks, equal predictions counting one half (sklearn.metrics.roc_auc_score), in
 * O(n log n): (R - m (m + 1) / 2) / (m (n - m)), R the rank sum of the m clicked rows. NaN when all
 * rows have the same label. Errors: sgeo_clicks_check, and SGEO_IO without memory; *auc is then
 * untouched.
 */
enum sgeo_status sgeo_auc(double *auc, struct sgeo_clicks clicks);

/*
 * Paired difference a - b on the same rows with its 95 % interval, value +- 1.96 standard errors;
 * NaN bounds when a label has fewer than two rows. E. R. DeLong, D. M. DeLong and D. L.
 * Clarke-Pearson, Biometrics 44 (1988) 837-845, with the mid-ranks of X. Sun and W. Xu, IEEE Signal
 * Process. Lett. 21 (2014) 1389-1393: O(n log n). SGEO_USAGE also when rows or labels differ.
 */
enum sgeo_status sgeo_auc_difference(struct sgeo_difference *difference, struct sgeo_clicks a,
                                     struct sgeo_clicks b);

#endif
