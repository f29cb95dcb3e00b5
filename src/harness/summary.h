/*
 * Summaries: from the records of a campaign to the rows of a correlation table. A cell is one task,
 * warm-up level, mode and set of seeds; it holds a matrix of scores (seeds x architectures) for
 * every proxy, and its rows are statistics of that matrix against ground truth.
 */
#ifndef SGEO_HARNESS_SUMMARY_H
#define SGEO_HARNESS_SUMMARY_H

#include <stddef.h>

#include "harness/campaign.h"

/* One row of OUT/tableN.csv; column meanings in results/schema.md. NaN: empty. */
struct sgeo_row {
    const struct sgeo_task *task;
    const struct sgeo_proxy *proxy; /* NULL: the ceiling, which has none */
    double level;
    enum sgeo_warmup_mode mode;
    size_t steps;
    const char *truth;     /* "val", "test" */
    const char *statistic; /* "spearman", "kendall", "spearman_top10", "partial_spearman_params",
                              "regret", "ceiling_spearman", "spearman_gain_over_zico",
                              "spearman_other_nonfinite", "kendall_other_nonfinite",
                              "spearman_grid" */
    double value, ci_low, ci_high;
    size_t n_archs, n_valid, n_nan, n_inf, n_tied, n_seeds;
    double paper_value, delta;
    char arch_list_sha256[SGEO_SHA256_HEX];
    const char *data;          /* "real", "stand-in" or "formula" */
    const char *scores;        /* "computed", "ours" (--convention), or "stored" by the suite */
    struct sgeo_lambda lambda; /* weights of the terms when the rows are about them, else NaN */
    size_t n_degenerate;       /* finite scores that are rounding noise; they count as any other */
};

struct sgeo_summary {
    struct sgeo_row *rows;
    size_t n_rows, capacity;
};

/* Where the scores of some rows come from, and what the paper says of them. */
struct sgeo_score_source {
    const struct sgeo_record *records; /* (n_records) sorted by key; those of a campaign, or its
                                          architectures with other scores */
    size_t n_records;
    const char *scores;           /* as in a row */
    const struct sgeo_csv *paper; /* handed to paper_value */
    double (*paper_value)(const struct sgeo_csv *paper, const struct sgeo_row *row);
    bool has_lambda; /* the scores are recombinations with these weights */
    struct sgeo_lambda lambda;
    bool has_ceiling; /* add the rows that no proxy has */
    bool brief;       /* the Spearman coefficient alone ("spearman_grid"), no interval */
};

/* Append all rows of a finished campaign to a summary (zeroed at first), in the records' order.
 * The caller owns it (sgeo_summary_clear). */
enum sgeo_status sgeo_summarise(struct sgeo_summary *summary, const struct sgeo_campaign *campaign,
                                const struct sgeo_score_source *source);
void sgeo_summary_clear(struct sgeo_summary *summary);

#endif
