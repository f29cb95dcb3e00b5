/* The terminal layout of a correlation table, from its CSV file. */
#ifndef SGEO_HARNESS_TABLE_PRINT_H
#define SGEO_HARNESS_TABLE_PRINT_H

#include "base/csv.h"

/*
 * Append the layout of Table 2: per task and truth a block, warm-up levels as columns, proxies as
 * rows; each cell Spearman with its interval, Kendall, and where the samples agree the paper's
 * value and our difference. Below each reading of SiGeo whether it beats ZiCo.
 */
enum sgeo_status sgeo_table_print(struct sgeo_text *text, const struct sgeo_csv *table);

#endif
