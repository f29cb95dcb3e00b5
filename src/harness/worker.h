/*
 * A worker executes jobs on its own thread: it owns a scoring session, the supernet that it last
 * loaded, and the mini-batches that it last drew. A job's result depends on its key alone.
 */
#ifndef SGEO_HARNESS_WORKER_H
#define SGEO_HARNESS_WORKER_H

#include <stdatomic.h>

#include "data/truth.h"
#include "harness/feed.h"
#include "harness/options.h"
#include "harness/record.h"

/* Training images behind one measured ground truth of an embedded task. */
#define SGEO_TRUTH_IMAGES ((size_t)20000)

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

struct sgeo_worker;

/* A worker for the calling thread. The caller owns *worker; context outlives it. */
enum sgeo_status sgeo_worker_create(struct sgeo_worker **worker,
                                    const struct sgeo_run_context *context);
void sgeo_worker_destroy(struct sgeo_worker *worker);

/* End trainings with SGEO_INTERRUPTED at the next step once *stop is set. stop outlives the worker;
 * without it nothing is watched. */
void sgeo_worker_watch(struct sgeo_worker *worker, const atomic_bool *stop);

/* Run one job and fill its record. A SCORE with a supernet level needs the WARMUP's checkpoint
 * under options->out. */
enum sgeo_status sgeo_worker_run(struct sgeo_worker *worker, const struct sgeo_job *job,
                                 struct sgeo_record *record);

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

/* The feed of a task in this run. */
struct sgeo_feed *sgeo_run_feed(const struct sgeo_run_context *context,
                                const struct sgeo_task *task);

#endif
