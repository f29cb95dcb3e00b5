/* Mean log loss (binary cross-entropy) of predicted clicks, in nats; lower is better. */
#ifndef SGEO_STATS_LOG_LOSS_H
#define SGEO_STATS_LOG_LOSS_H

#include "base/status.h"
#include "stats/bootstrap.h"
#include "stats/clicks.h"

/*
 * Mean of sgeo_click_loss over the rows: sklearn.metrics.log_loss without its clipping, so that a
 * certain and wrong prediction costs infinity. Errors: sgeo_clicks_check; *loss is then untouched.
 */
enum sgeo_status sgeo_log_loss(double *loss, struct sgeo_clicks clicks);

/*
 * Paired difference a - b on the same rows with its 95 % interval: mean of the rows' differences
 * +- 1.96 standard errors (paired t with normal quantiles). Lower is better, so pass the reference
 * first to have "better" said of the candidate. SGEO_USAGE also when rows or labels differ.
 */
enum sgeo_status sgeo_log_loss_difference(struct sgeo_difference *difference, struct sgeo_clicks a,
                                          struct sgeo_clicks b);

#endif
