/*
 * The schedule of a run: a list of jobs, handed out in order to worker threads and to the other
 * ranks, records coming back to one place. A score that needs a supernet waits for its warm-up.
 */
#ifndef SGEO_HARNESS_SCHEDULE_H
#define SGEO_HARNESS_SCHEDULE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/thread.h"
#include "harness/worker.h"

/* Receives every finished record, one call at a time, in order of completion. Anything but SGEO_OK
 * ends the run. */
typedef enum sgeo_status (*sgeo_record_sink)(const struct sgeo_record *record, void *context);

/* How far a run is; `eta_seconds` < 0 while unknown. */
struct sgeo_progress {
    size_t jobs_done, jobs_total;
    double fraction; /* of the estimated cost */
    double eta_seconds;
};
/* Called after every job and in between, one call at a time; it decides itself how often to print.
 */
typedef void (*sgeo_progress_fn)(const struct sgeo_progress *progress, void *context);

struct sgeo_schedule_callbacks {
    sgeo_record_sink sink;
    void *sink_context;
    sgeo_progress_fn progress; /* may be NULL */
    void *progress_context;
};

/*
 * Where a worker thread gets its jobs and brings its records. next blocks until a job is ready;
 * false: there is none any more. advance: `share` of a long job is done; NULL where nobody wants to
 * know. stop: the run has failed, long jobs shall end early.
 */
struct sgeo_job_source {
    bool (*next)(struct sgeo_job_source *source, size_t *job);
    void (*advance)(struct sgeo_job_source *source, size_t job, double share);
    void (*complete)(struct sgeo_job_source *source, size_t job, const struct sgeo_record *record);
    void (*fail)(struct sgeo_job_source *source, enum sgeo_status status, const char *text,
                 const char *hint);
    atomic_bool stop;
};

/* What worker threads serve. */
struct sgeo_service {
    const struct sgeo_run_context *context;
    const struct sgeo_job *jobs;
    struct sgeo_job_source *source;
};

/* Start options->workers threads that serve until the source is empty; service outlives the crew
 * (base/thread.h). */
enum sgeo_status sgeo_service_start(struct sgeo_crew **crew, struct sgeo_service *service);

struct sgeo_schedule;

/* done[i]: job i is in the journal already (NULL: none). jobs and context outlive the schedule. */
enum sgeo_status sgeo_schedule_create(struct sgeo_schedule **schedule,
                                      const struct sgeo_run_context *context,
                                      const struct sgeo_job *jobs, size_t n_jobs, const bool *done,
                                      const struct sgeo_schedule_callbacks *callbacks);
void sgeo_schedule_destroy(struct sgeo_schedule *schedule);

struct sgeo_job_source *sgeo_schedule_source(struct sgeo_schedule *schedule);

/* Without waiting: a ready job; or none now (*finished false) or ever (*finished true). */
bool sgeo_schedule_try_next(struct sgeo_schedule *schedule, size_t *job, bool *finished);

/* Wait until every job is done or one failed, at most `seconds`; true when so. Reports progress
 * when not. */
bool sgeo_schedule_wait(struct sgeo_schedule *schedule, double seconds);

/* The first failure, its text set for the calling thread; SGEO_OK when there was none. */
enum sgeo_status sgeo_schedule_status(struct sgeo_schedule *schedule);

/* Run all jobs on this process's workers and, under mpirun, on the other ranks'. Rank 0 only. */
enum sgeo_status sgeo_schedule_run(const struct sgeo_run_context *context,
                                   const struct sgeo_job *jobs, size_t n_jobs, const bool *done,
                                   const struct sgeo_schedule_callbacks *callbacks);

#endif
