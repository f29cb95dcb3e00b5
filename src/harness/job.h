/* Jobs, the units of work of a run: what they are, their sizes and costs, and what all of them
 * share. */
#ifndef SGEO_HARNESS_JOB_H
#define SGEO_HARNESS_JOB_H

#include "data/truth.h"
#include "graph/graph.h"
#include "harness/feed.h"
#include "harness/options.h"
#include "harness/record.h"

/* Training images behind one measured ground truth of an embedded task. */
#define SGEO_TRUTH_IMAGES ((size_t)20000)

/* Mini-batch of the authors' warm-up of a candidate alone (spec of the proxies, section 3.2). */
#define SGEO_CANDIDATE_BATCH ((size_t)128)

/* One unit of work. arch is borrowed from the truth list. */
struct sgeo_job {
    struct sgeo_job_key key;
    const char *arch; /* SCORE, TRUTH */
    double cost;      /* multiply-accumulates, for the ETA and the order */
};

/* What all workers of a run share; read-only while they run. */
struct sgeo_run_context {
    const struct sgeo_options *options;
    struct sgeo_feed *feeds[SGEO_TASKS_MAX];         /* in the order of options->tasks */
    const struct sgeo_truth *truths[SGEO_TASKS_MAX]; /* likewise; NULL without a list */
};

/* The feed of a task in this run, and the list of all its architectures; NULL for another task. */
struct sgeo_feed *sgeo_run_feed(const struct sgeo_run_context *context,
                                const struct sgeo_task *task);
const struct sgeo_truth *sgeo_run_truth(const struct sgeo_run_context *context,
                                        const struct sgeo_task *task);

/* SGEO_PASS_* that the run's proxies need. */
unsigned sgeo_run_passes(const struct sgeo_options *options);

/* Whether a score's weights come from a warm-up of the candidate alone, or from a supernet. */
bool sgeo_job_warms_candidate(const struct sgeo_job_key *key);
bool sgeo_job_inherits(const struct sgeo_job_key *key);

/* Epochs of the training behind a key, and mini-batch of a supernet's. */
size_t sgeo_job_epochs(const struct sgeo_run_context *context, const struct sgeo_job_key *key);
size_t sgeo_supernet_batch(const struct sgeo_task *task);

/* The graph of a SCORE's or TRUTH's network; the caller owns *graph. SGEO_USAGE for a string that
 * is no architecture. */
enum sgeo_status sgeo_job_build(struct sgeo_graph **graph, const struct sgeo_run_context *context,
                                const struct sgeo_job *job);

/* Seconds per multiply-accumulate of a mean architecture on one core, for estimates before anything
 * was measured. */
#define SGEO_SECONDS_A_MAC 4e-11

/* Estimated multiply-accumulates of a job. */
double sgeo_job_cost(const struct sgeo_run_context *context, const struct sgeo_job *job);

/* Optimiser steps and images (per epoch) of the warm-up behind a key; 0 for level 0. */
struct sgeo_warmup_size {
    size_t images, steps;
};
struct sgeo_warmup_size sgeo_warmup_size(const struct sgeo_run_context *context,
                                         const struct sgeo_job_key *key);

#endif
