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
    /* Hand the sink what a result folder has of it. */
    enum sgeo_status (*show)(const struct sgeo_table_call *call, const char *directory);
    /* Make its CSV under options->out of the table 3 in a folder, and hand the sink that; NULL: it
     * is made of no other results. */
    enum sgeo_status (*derive)(const struct sgeo_table_call *call, const char *directory);
    const char *const *sources; /* of derive: files of that folder, NULL-terminated */
    bool selects; /* derive takes the searches of options->ctr_tasks (criteo) and options->seed */
};

extern const struct sgeo_figure sgeo_figure1, sgeo_figure3, sgeo_figure4;

/* All figures that this version makes, NULL-terminated. */
const struct sgeo_figure *const *sgeo_figure_all(void);

/*
 * Produce figure `number`: run what its journals lack, publish its files under options->out and
 * print it beside the paper's numbers. from: print that of the results saved there instead; with
 * options->out too, which may then be NULL, make its file there of that folder's table 3, with a
 * meta.json unless a run has one there. Under mpirun rank 0 does all of it. SGEO_USAGE for an
 * unknown figure, a choice of tasks or seed that saved results do not leave, or a folder whose
 * results would be written over.
 */
enum sgeo_status sgeo_figure_run(const char *number, const struct sgeo_options *options,
                                 const char *from, int argc, char **argv, sgeo_text_sink sink,
                                 sgeo_progress_fn progress, void *progress_context);

#endif
