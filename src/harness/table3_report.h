/* OUT/table3.csv: the cells of a finished run, with intervals, beside the paper's numbers. */
#ifndef SGEO_HARNESS_TABLE3_REPORT_H
#define SGEO_HARNESS_TABLE3_REPORT_H

#include "base/csv.h"
#include "harness/table3_cells.h"

extern const char sgeo_table3_header[]; /* with its newline */

/*
 * Append a row for every cell and metric (log_loss, auc, calibration, calibration_error), and one
 * for the cost of every method (dataset "all"). Intervals and differences are bootstrapped over
 * test rows and seeds. paper: Table 3 as sgeo_paper_read has it. SGEO_IO when predictions are
 * missing or damaged.
 */
enum sgeo_status sgeo_table3_rows_write(struct sgeo_text *csv, const struct sgeo_table3 *table,
                                        const struct sgeo_csv *paper);

#endif
