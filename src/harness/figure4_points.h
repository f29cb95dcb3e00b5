/* Figure 4's points, models that the best architectures of a search became, and figure4.csv. */
#ifndef SGEO_HARNESS_FIGURE4_POINTS_H
#define SGEO_HARNESS_FIGURE4_POINTS_H

#include "base/csv.h"
#include "harness/table3_cells.h"

/* A row for FR alone, ZiCo alone and SiGeo, by each of their readings, in both spaces. */
enum { SGEO_FIGURE4_ROWS = 12 };

struct sgeo_figure4_rows {
    struct sgeo_table3_row at[SGEO_FIGURE4_ROWS];
};

/* What the figure searches for, at 1 % warm-up; those of ZiCo and SiGeo are Table 3's own, so that
 * the two share searches and trainings in one folder. The list borrows *rows. */
struct sgeo_table3_list sgeo_figure4_list(struct sgeo_figure4_rows *rows);

/* A trained model. Borrows its strings. */
struct sgeo_figure4_point {
    const struct sgeo_table3_row *row;
    const char *dataset;             /* as the paper prints it */
    double paper_equivalent_percent; /* of the supernet's training */
    size_t place;                    /* in the search's list of the best, from 1 */
    const char *model;
    uint64_t seed;
    size_t params;
    double valid_log_loss, test_log_loss, test_auc; /* AUC: NaN where it diverged */
    bool chosen; /* the lowest validation loss of its search: what Table 3 reports */
    bool diverged;
    const char *data; /* as in table3.csv */
};

extern const char sgeo_figure4_header[]; /* with its newline */

/* Append a point. paper: Table 3 as sgeo_paper_read has it. */
void sgeo_figure4_put(struct sgeo_text *csv, const struct sgeo_figure4_point *point,
                      const struct sgeo_csv *paper);

/* Append the points of a run whose searches and trainings are done. */
void sgeo_figure4_put_all(struct sgeo_text *csv, const struct sgeo_table3 *table,
                          const struct sgeo_csv *paper);

/*
 * Append the points that the files of a Table 3 in a folder have: of the searches that it ran for
 * options->ctr_tasks with options->seed. SGEO_IO when it ran none of them, or files are missing or
 * damaged.
 */
enum sgeo_status sgeo_figure4_derive(struct sgeo_text *csv, const char *directory,
                                     const struct sgeo_options *options,
                                     const struct sgeo_csv *paper);

#endif
