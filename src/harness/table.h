/*
 * --table N: the tables of the paper, each in a file of its own (tableN.c): what it measures where
 * the command line is silent, its rows, the paper's value beside each. The run, the files and the
 * print are common.
 */
#ifndef SGEO_HARNESS_TABLE_H
#define SGEO_HARNESS_TABLE_H

#include "harness/schedule.h"
#include "harness/score.h"
#include "harness/summary.h"

/* What a table was called with. */
struct sgeo_table_call {
    const struct sgeo_options *options;
    int argc;
    char **argv;
    sgeo_text_sink sink;
    sgeo_progress_fn progress; /* may be NULL */
    void *progress_context;
};

struct sgeo_table {
    const char *number;  /* "2", "3b" */
    const char *title;   /* first line of the print */
    const char *summary; /* one line for --list tables */
    bool has_spaces;     /* its rows have a column `search_space`: the space of their task */
    /* Fill proxies and levels that were not given; the rest is the preset's. */
    void (*fill)(struct sgeo_options *options);
    /* The rows of a finished campaign, faced by the paper's table (its CSV). */
    enum sgeo_status (*rows)(struct sgeo_summary *summary, const struct sgeo_campaign *campaign,
                             const struct sgeo_csv *paper);
    /* Further files under options->out; NULL: none. */
    enum sgeo_status (*publish)(const struct sgeo_campaign *campaign);
    /* A table that is no campaign over image tasks: its whole run, tableN.csv and meta.json
     * included, or a dry run's plan. fill, rows and publish are then not there. */
    enum sgeo_status (*run)(const struct sgeo_table_call *call);
    /* Append its layout, from tableN.csv; NULL: that of correlations. */
    enum sgeo_status (*print)(struct sgeo_text *text, const struct sgeo_csv *csv);
};

extern const struct sgeo_table sgeo_table1, sgeo_table2, sgeo_table3, sgeo_table3b, sgeo_table4;

/* All tables that this version makes, NULL-terminated. */
const struct sgeo_table *const *sgeo_table_all(void);

/* Publish tableN.csv of these rows under a folder. */
enum sgeo_status sgeo_table_publish(const struct sgeo_table *table,
                                    const struct sgeo_summary *summary, const char *directory);

/* Column `scores` of the tables' own rows: "computed", or "ours" by our convention. */
const char *sgeo_scores_origin(const struct sgeo_options *options);

/* Proxies and levels, each only where the command line gave none. */
void sgeo_table_fill_proxies(struct sgeo_options *options, const char *const *names, size_t n);
void sgeo_table_fill_levels(struct sgeo_options *options, const double *levels, size_t n);

/*
 * Produce table `number`: run the campaign, publish scores.csv, tableN.csv, meta.json under
 * options->out and print the paper's layout. from: print it from the results saved there instead.
 * Where the run covers embedded tasks only, the reference results that come with the program are
 * printed first.
 */
enum sgeo_status sgeo_table_run(const char *number, const struct sgeo_options *options,
                                const char *from, int argc, char **argv, sgeo_text_sink sink,
                                sgeo_progress_fn progress, void *progress_context);

#endif
