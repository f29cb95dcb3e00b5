/*
 * --search SPACE --task T --by METHOD: an architecture search from its journal to its files. How a
 * candidate is scored is the caller's (search_pool.h).
 *
 * Files: OUT/journal.jsonl, and once the search is over OUT/search.csv (every candidate) and
 * OUT/search_best.csv (those that go on to be trained); results/schema.md describes them.
 */
#ifndef SGEO_HARNESS_SEARCH_RUN_H
#define SGEO_HARNESS_SEARCH_RUN_H

#include "harness/preset.h"
#include "harness/schedule.h"
#include "harness/score.h"
#include "harness/search_pool.h"

/* What candidates are judged by. */
struct sgeo_search_method {
    const char *name;      /* on the command line */
    bool higher_is_better; /* a proxy's score; else a validation loss */
    bool evolves;          /* else random search */
};

/* By name: sigeo, zico, oneshot, random (random search with one-shot losses); NULL when unknown. */
const struct sgeo_search_method *sgeo_search_method_find(const char *name);

/* CPU seconds of a search, those before an interruption included. */
struct sgeo_search_cost {
    double preparation; /* that came to its end */
    double evaluations;
};

struct sgeo_search_request {
    enum sgeo_nasrec_space space;
    const char *task; /* "criteo" */
    const struct sgeo_search_method *method;
    struct sgeo_search_size size;
    struct sgeo_search_scorer scorer;
    /* Once before the first evaluation that the journal lacks, when the journal is open: train what
     * scorers share. NULL: nothing is shared. *seconds: CPU time. */
    enum sgeo_status (*prepare)(double *seconds, void *context);
    void *prepare_context;
    struct sgeo_search_cost *cost; /* filled at the end; NULL: not asked for */
    /* JSON members that say what else scores depend on, data, warm-up, proxy and steps; a journal
     * with others is not gone on with. */
    const char *identity;
    const struct sgeo_options *options; /* seed, workers, out, resume, dry_run */
    sgeo_text_sink sink;                /* gets search_best.csv, or a dry run's plan */
    void *sink_context;
    sgeo_progress_fn progress; /* may be NULL */
    void *progress_context;
    const atomic_bool *stop; /* once set the search ends with SGEO_INTERRUPTED; NULL: never */
};

/*
 * Run what the journal lacks, publish the files, hand search_best.csv to the sink. Under mpirun
 * rank 0 does all of it. SGEO_USAGE when options->out holds a run and options->resume is not set,
 * or a run of other arguments; SGEO_CHECK_FAILED when no candidate has a finite score;
 * SGEO_INTERRUPTED once *stop is set, after what is being scored.
 */
enum sgeo_status sgeo_search_run(const struct sgeo_search_request *request);

#endif
