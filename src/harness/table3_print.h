/* The terminal layout of Table 3, from its CSV file. */
#ifndef SGEO_HARNESS_TABLE3_PRINT_H
#define SGEO_HARNESS_TABLE3_PRINT_H

#include "base/csv.h"

/*
 * Append a block per data set, a line per method: log loss and AUC with their intervals, the
 * paper's values beside, what the method is tested against, CPU hours. Below, what can be compared
 * with the paper. SGEO_IO for a file that lacks a column.
 */
enum sgeo_status sgeo_table3_print(struct sgeo_text *text, const struct sgeo_csv *table);

#endif
