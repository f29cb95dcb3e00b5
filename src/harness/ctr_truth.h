/* --train-truth of a click-through task: models trained from scratch, by name. */
#ifndef SGEO_HARNESS_CTR_TRUTH_H
#define SGEO_HARNESS_CTR_TRUTH_H

#include "harness/options.h"
#include "harness/schedule.h"
#include "harness/score.h"

/* What is trained. Borrows its strings. */
struct sgeo_ctr_truth {
    const struct sgeo_ctr_task *task;
    const struct sgeo_options *options;
    int argc; /* for meta.json */
    char **argv;
    sgeo_text_sink sink; /* gets models.csv, or a dry run's plan */
    void *sink_context;
    sgeo_progress_fn progress; /* may be NULL */
    void *progress_context;
};

/*
 * Train the models of options->archs_file, a name, architecture or JSON file a line
 * (sgeo_ctr_named_parse), or the first options->n_archs of each space's list (ctr_list.h); without
 * either the hand-crafted ones and the two published for the task.
 * Seeds options->seed and on (1), options->epochs epochs on a sample (the preset's). Publishes
 * models.csv, curves.csv, meta.json in options->out; options->resume goes on. Under mpirun rank 0
 * does all of it. SGEO_USAGE for what is no model and for options that do not go with it.
 */
enum sgeo_status sgeo_ctr_truth_run(const struct sgeo_ctr_truth *truth);

#endif
