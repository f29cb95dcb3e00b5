/* The paper's own numbers, from results/paper. */
#ifndef SGEO_HARNESS_PAPER_H
#define SGEO_HARNESS_PAPER_H

#include "base/csv.h"
#include "harness/task.h"
#include "proxy/proxy.h"

/* Table 2 as printed: method,warmup_percent,benchmark,statistic,value,... */
enum sgeo_status sgeo_paper_table2(struct sgeo_csv *csv);

/* The paper's value for a cell of Table 2 ("ZiCo" for zico, "SiGeo" for every reading of sigeo);
 * NaN when it has none. */
double sgeo_paper_table2_value(const struct sgeo_csv *csv, const struct sgeo_task *task,
                               const struct sgeo_proxy *proxy, double level, const char *statistic);

#endif
