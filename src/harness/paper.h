/* The paper's own numbers, from results/paper. */
#ifndef SGEO_HARNESS_PAPER_H
#define SGEO_HARNESS_PAPER_H

#include "base/csv.h"
#include "harness/task.h"
#include "proxy/proxy.h"

/* Table "1", "2", "3" or "4" as printed. The caller owns *csv (sgeo_csv_clear). */
enum sgeo_status sgeo_paper_read(struct sgeo_csv *csv, const char *table);
/* The numbers of figure "3", likewise. */
enum sgeo_status sgeo_paper_read_figure(struct sgeo_csv *csv, const char *figure);

/*
 * The paper's value for a cell, NaN when it printed none. "SiGeo" is every reading of sigeo. csv is
 * the table's own.
 */
double sgeo_paper_table1_value(const struct sgeo_csv *csv, const struct sgeo_task *task,
                               const struct sgeo_proxy *proxy, const char *statistic);
double sgeo_paper_table2_value(const struct sgeo_csv *csv, const struct sgeo_task *task,
                               const struct sgeo_proxy *proxy, double level, const char *statistic);
double sgeo_paper_table4_value(const struct sgeo_csv *csv, const struct sgeo_task *task,
                               const struct sgeo_proxy *proxy, double level,
                               const struct sgeo_lambda *lambda, const char *statistic);

/* Table 3's value of a metric (log_loss, auc; search_cost_gpu_days of dataset "all"), all names as
 * printed; NaN likewise. */
double sgeo_paper_table3_value(const struct sgeo_csv *csv, const char *setting, const char *method,
                               const char *search_space, const char *dataset, const char *metric);

/*
 * Figure 3's correlation (spearman, kendall) of a statistic at a warm-up level with the test loss.
 * *source (a cell of csv): where it was published, "" where it was not.
 */
double sgeo_paper_figure3_value(const struct sgeo_csv *csv, const char *statistic, double level,
                                const char *target, const char *correlation, const char **source);

#endif
