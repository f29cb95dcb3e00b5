/*
 * --search SPACE --by METHOD: an architecture search over NASRec on click-through rows, from the
 * rows to search.csv, search_best.csv and meta.json.
 */
#ifndef SGEO_HARNESS_CTR_SEARCH_H
#define SGEO_HARNESS_CTR_SEARCH_H

#include "harness/search_run.h"

/* What is searched, as the command line has it. Borrows its strings. */
struct sgeo_ctr_search {
    const char *space;  /* "nasrec-small", "nasrec-full" */
    const char *method; /* NULL: sigeo */
    const struct sgeo_options *options;
    const char *out; /* where the search's own files go; NULL: options->out, which has its rows and
                        checkpoints in any case: searches that share it share them */
    struct sgeo_search_cost *cost; /* filled at the end; NULL: not asked for */
    char **argv;                   /* for meta.json */
    int argc;
    sgeo_text_sink sink; /* gets search_best.csv, or a dry run's plan */
    void *sink_context;
    sgeo_progress_fn warmup_progress; /* jobs are steps of the supernet's training; may be NULL */
    sgeo_progress_fn progress;        /* jobs are evaluations; may be NULL */
    void *progress_context;           /* of both */
    const atomic_bool *stop; /* once set the search ends with SGEO_INTERRUPTED; NULL: never */
};

/*
 * Open the rows of options->ctr_tasks[0] (criteo when none is named), warm up the supernet to
 * options->levels[0] (1 % by sigeo and zico, 100 % by losses), search at the size of
 * options->preset and publish. options->proxies[0]: another reading of the method's score.
 * options->resume goes on with an interrupted warm-up or search. Under mpirun rank 0 does all of
 * it. SGEO_USAGE for unknown names and options that contradict the method, else as
 * sgeo_ctr_set_open, sgeo_ctr_warm_up and sgeo_search_run.
 */
enum sgeo_status sgeo_ctr_search_run(const struct sgeo_ctr_search *search);

#endif
