/* Figure 4 as text. */
#ifndef SGEO_HARNESS_FIGURE4_PRINT_H
#define SGEO_HARNESS_FIGURE4_PRINT_H

#include "base/csv.h"

/*
 * Append the boxes of figure4.csv: the quartiles (robust.h) of the models of each search, without
 * those that diverged, what Table 3 reports of them, the paper's value, and a Mann-Whitney test at
 * 0.05 of the box without a term against SiGeo's by the same reading, diverged models being the
 * worst. SGEO_IO when it is no such file.
 */
enum sgeo_status sgeo_figure4_print(struct sgeo_text *text, const struct sgeo_csv *figure);

#endif
