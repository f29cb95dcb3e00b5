/* The predictions of a cell of Table 3 for the test rows, ready for intervals and paired tests. */
#ifndef SGEO_HARNESS_TABLE3_PANEL_H
#define SGEO_HARNESS_TABLE3_PANEL_H

#include "harness/table3_cells.h"
#include "stats/click_panel.h"

/*
 * The panel of a cell whose trainings are done: a row per seed, or the true logits of generated
 * rows for the best that is possible. *panel stays as it is (NULL) where there are none: not
 * re-run, or a training diverged. The caller owns it. SGEO_IO when predictions are missing or
 * damaged.
 */
enum sgeo_status sgeo_table3_panel(struct sgeo_click_panel **panel, const struct sgeo_table3 *table,
                                   const struct sgeo_table3_cell *cell);

#endif
