/*
 * A worker executes jobs on its own thread: it owns a scoring session, the supernet that it last
 * loaded, and the mini-batches that it last drew. A job's result depends on its key alone.
 */
#ifndef SGEO_HARNESS_WORKER_H
#define SGEO_HARNESS_WORKER_H

#include <stdatomic.h>

#include "harness/job.h"

struct sgeo_worker;

/* A worker for the calling thread. The caller owns *worker; context outlives it. */
enum sgeo_status sgeo_worker_create(struct sgeo_worker **worker,
                                    const struct sgeo_run_context *context);
void sgeo_worker_destroy(struct sgeo_worker *worker);

/* Who watches a worker's trainings, which may take hours. */
struct sgeo_watch {
    const atomic_bool *stop; /* once set, trainings end with SGEO_INTERRUPTED */
    void (*on_step)(double share, void *context); /* before a step: `share` of the steps is done */
    void *context;
};

/* watch outlives the worker; without one nothing is watched. */
void sgeo_worker_watch(struct sgeo_worker *worker, const struct sgeo_watch *watch);

/* Run one job and fill its record. A SCORE with a supernet level needs the WARMUP's checkpoint
 * under options->out. */
enum sgeo_status sgeo_worker_run(struct sgeo_worker *worker, const struct sgeo_job *job,
                                 struct sgeo_record *record);

/* The file in which the warm-up of `key` leaves its supernet, under options->out. */
void sgeo_worker_checkpoint(char *path, size_t capacity, const struct sgeo_run_context *context,
                            const struct sgeo_job_key *key);

#endif
