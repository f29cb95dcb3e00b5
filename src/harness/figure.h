/*
 * --figure N: the figures of the paper, each in a file of its own (figureN.c): its run, its print.
 */
#ifndef SGEO_HARNESS_FIGURE_H
#define SGEO_HARNESS_FIGURE_H

#include "harness/table.h"

struct sgeo_figure {
    const char *number;  /* "3" */
    const char *summary; /* one line for --list figures */
    /* Its whole run: the files under options->out, meta.json included, or a dry run's plan. On rank
     * 0; another has nothing to do. */
    enum sgeo_status (*run)(const struct sgeo_table_call *call);
    /* Hand the sink what a result folder has of it. A figure that is made from the results of table
     * 3 publishes its CSV under options->out, unless that is NULL. */
    enum sgeo_status (*show)(const struct sgeo_table_call *call, const char *directory);
};

extern const struct sgeo_figure sgeo_figure1, sgeo_figure3, sgeo_figure4;

/* All figures that this version makes, NULL-terminated. */
const struct sgeo_figure *const *sgeo_figure_all(void);

/*
 * Produce figure `number`: run what its journals lack, publish its files under options->out and
 * print it beside the paper's numbers. from: print that of the results saved there instead. Under
 * mpirun rank 0 does all of it. SGEO_USAGE for an unknown figure.
 */
enum sgeo_status sgeo_figure_run(const char *number, const struct sgeo_options *options,
                                 const char *from, int argc, char **argv, sgeo_text_sink sink,
                                 sgeo_progress_fn progress, void *progress_context);

#endif
