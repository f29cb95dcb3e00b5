/*
 * A cell of a correlation table: one task, warm-up level, mode and set of seeds, the architectures
 * that all of these seeds have, their ground truth, and the scores of a proxy as a column.
 */
#ifndef SGEO_HARNESS_TABLE_CELL_H
#define SGEO_HARNESS_TABLE_CELL_H

#include "harness/summary.h"
#include "stats/nonfinite.h"
#include "stats/panel.h"

/* subject, source, summary and what records points to are borrowed. */
struct sgeo_table_cell {
    const struct sgeo_summary_subject *subject;
    const struct sgeo_score_source *source;
    struct sgeo_summary *summary;
    size_t task;                        /* index into options->tasks */
    const struct sgeo_record **records; /* (n_seeds, n_archs) */
    size_t n_seeds, n_archs;
    bool is_paper_sample;
    char sha256[SGEO_SHA256_HEX];
    double *params;   /* (n_archs) */
    double *truth[2]; /* (n_archs) by enum sgeo_truth_kind; NULL where the task has none */
};

/* Fill cell->records, which has room for n_seeds times n_archs, from the sorted records of one
 * level and mode: the architectures that each of the first n_seeds seeds has. Their number. */
size_t sgeo_table_cell_gather(struct sgeo_table_cell *cell, const struct sgeo_record *first,
                              const struct sgeo_record *end);

/* What is known of a gathered cell's architectures: checksum, ground truth, and unless the source
 * is brief their parameters. sgeo_table_cell_clear releases it, after an error too. */
enum sgeo_status sgeo_table_cell_fill(struct sgeo_table_cell *cell);
void sgeo_table_cell_clear(struct sgeo_table_cell *cell);

/* Whether any record of the cell has a score of the proxy: stored ones lack some. */
bool sgeo_table_cell_has_scores(const struct sgeo_table_cell *cell, const struct sgeo_proxy *proxy);

/* keep (n_archs): which architectures have finite scores of both proxies (b may be NULL) for every
 * seed. */
enum sgeo_status sgeo_table_cell_keep_finite(const struct sgeo_table_cell *cell,
                                             const struct sgeo_proxy *a, const struct sgeo_proxy *b,
                                             bool *keep);

/* A proxy's scores beside truth and parameters of the same architectures. */
struct sgeo_score_column {
    const struct sgeo_proxy *proxy;
    double *scores;         /* (n_seeds, n) */
    double *truth, *params; /* (n) */
    size_t n;
    size_t n_tied; /* of the first seed */
    size_t n_degenerate;
    struct sgeo_nonfinite nonfinite;
    struct sgeo_panel *panel;
};

/* Scores that are not finite are floored where keep is NULL; otherwise the architectures that it
 * does not keep are left out. Fewer than two left: no panel. clear releases it, after an error too.
 */
enum sgeo_status sgeo_score_column_open(const struct sgeo_table_cell *cell,
                                        const struct sgeo_proxy *proxy, const double *truth,
                                        const bool *keep, struct sgeo_score_column *column);
void sgeo_score_column_clear(struct sgeo_score_column *column);

#endif
