/*
 * MPI ranks: the same jobs, more processes. Rank 0 owns the schedule and the journal; the others
 * ask it for jobs and send their records back as journal lines. All MPI calls come from the main
 * thread (MPI_THREAD_FUNNELED). Without MPI there is one rank.
 */
#ifndef SGEO_HARNESS_RANKS_H
#define SGEO_HARNESS_RANKS_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/schedule.h"

/* Join the other ranks; launched: this process was started by mpirun. SGEO_UNSUPPORTED when it was
 * and this build lacks MPI. */
enum sgeo_status sgeo_ranks_start(bool launched);
/* Leave the other ranks; when `status` is a failure they are ended, since they would wait for this
 * one. */
void sgeo_ranks_finish(enum sgeo_status status);

size_t sgeo_ranks_rank(void);
size_t sgeo_ranks_count(void);

/* Rank 0: answer the other ranks until all jobs are done and all of them know, or one failed.
 * Returns when its own threads may be joined. */
void sgeo_ranks_serve(struct sgeo_schedule *schedule);

/* Other ranks: run jobs for rank 0 until it has none. */
enum sgeo_status sgeo_ranks_work(const struct sgeo_run_context *context,
                                 const struct sgeo_job *jobs);

#endif
