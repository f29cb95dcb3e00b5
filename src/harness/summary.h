/*
 * Summaries: from the records of a run to the rows of a correlation table. A cell is one task,
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
                              "regret", "regret_to_bayes", "ceiling_spearman",
                              "ceiling_seeds_spearman", "spearman_gain_over_zico",
                              "spearman_other_nonfinite", "kendall_other_nonfinite",
                              "spearman_grid" */
    double value, ci_low, ci_high;
    size_t n_archs, n_valid, n_nan, n_inf, n_tied, n_seeds;
    double paper_value, delta;
    char arch_list_sha256[SGEO_SHA256_HEX];
    const char *data;          /* "real", "stand-in" or "formula"; of rows sgeo_ctr_set_kind */
    const char *scores;        /* "computed", "ours" (--convention), or "stored" by the suite */
    const char *arithmetic;    /* sgeo_arithmetic_name; "" of stored scores */
    struct sgeo_lambda lambda; /* weights of the terms when the rows are about them, else NaN */
    size_t n_degenerate;       /* finite scores that are rounding noise; they count as any other */
};

struct sgeo_summary {
    struct sgeo_row *rows;
    size_t n_rows, capacity;
};

/* What is summarised: the tasks of a run, with the ground truth of their architectures. Everything
 * is borrowed. */
struct sgeo_summary_subject {
    const struct sgeo_options *options; /* tasks, proxies, seed, which truth, policy */
    const struct sgeo_arch_list *lists; /* (n_tasks) */
    const char *data[SGEO_TASKS_MAX];   /* by task, as in a row */
    bool has_bounds[SGEO_TASKS_MAX];    /* by task: whether there are truths that no architecture */
    double bounds[SGEO_TASKS_MAX][2];   /* exceeds in expectation; by enum sgeo_truth_kind */
    /* Trainable parameters of an architecture, for the partial correlation. */
    enum sgeo_status (*params)(double *params, const struct sgeo_task *task, const char *arch);
};

/* Where the scores of some rows come from, and what the paper says of them. */
struct sgeo_score_source {
    const struct sgeo_record *records; /* (n_records) sorted by key; those of the run, or its
                                          architectures with other scores */
    size_t n_records;
    const char *scores;           /* as in a row */
    const struct sgeo_csv *paper; /* handed to paper_value */
    /* NULL: the paper has none */
    double (*paper_value)(const struct sgeo_csv *paper, const struct sgeo_row *row);
    bool has_lambda; /* the scores are recombinations with these weights */
    struct sgeo_lambda lambda;
    bool has_ceiling; /* add the rows that no proxy has */
    bool brief;       /* the Spearman coefficient alone ("spearman_grid"), no interval */
};

/* Append all rows to a summary (zeroed at first), in the records' order. The caller owns it
 * (sgeo_summary_clear). */
enum sgeo_status sgeo_summarise_subject(struct sgeo_summary *summary,
                                        const struct sgeo_summary_subject *subject,
                                        const struct sgeo_score_source *source);

/* The same of a finished campaign. */
enum sgeo_status sgeo_summarise(struct sgeo_summary *summary, const struct sgeo_campaign *campaign,
                                const struct sgeo_score_source *source);
void sgeo_summary_clear(struct sgeo_summary *summary);

#endif
