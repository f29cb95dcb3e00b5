/* The predictions of one model, trained with several seeds, for the same rows: ready for the
 * bootstrap over rows and, crossed with them, over seeds (bootstrap.h, whose architectures are the
 * rows here). */
#ifndef SGEO_STATS_CLICK_PANEL_H
#define SGEO_STATS_CLICK_PANEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "stats/bootstrap.h"

struct sgeo_click_panel;

enum sgeo_click_measure { SGEO_CLICKS_LOG_LOSS, SGEO_CLICKS_AUC, SGEO_CLICK_MEASURES };

/*
 *   logits  (n_seeds, n), row-major: one row per seed
 *   labels  (n)
 *
 * What is needed of both is copied; the caller owns *panel. Errors of sgeo_clicks_check for a
 * seed's predictions, SGEO_USAGE without seeds, SGEO_IO without memory; *panel is then untouched.
 */
enum sgeo_status sgeo_click_panel_create(struct sgeo_click_panel **panel, const double *logits,
                                         const uint8_t *labels, size_t n, size_t n_seeds);
void sgeo_click_panel_destroy(struct sgeo_click_panel *panel); /* NULL is fine */

/*
 * A measure of the panel; it borrows the panel, which threads may share. With every row once, the
 * mean over the seeds of sgeo_log_loss or sgeo_auc; undefined (NaN) is the AUC of a sample whose
 * rows have one label. Two panels of the same rows and seeds compare by sgeo_bootstrap_difference.
 */
struct sgeo_statistic sgeo_click_panel_statistic(const struct sgeo_click_panel *panel,
                                                 enum sgeo_click_measure measure);

#endif
