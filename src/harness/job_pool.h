/*
 * Jobs that depend on nothing but their own number, on worker threads of this process. (Jobs that
 * wait for each other, or spread over ranks: schedule.h. Batches that depend on earlier ones:
 * search_pool.h.)
 */
#ifndef SGEO_HARNESS_JOB_POOL_H
#define SGEO_HARNESS_JOB_POOL_H

#include "harness/schedule.h"

struct sgeo_job_pool {
    size_t n;
    const bool *done;   /* (n) jobs that are not run; they count as done in the progress */
    const double *cost; /* (n) CPU seconds, roughly, > 0: for the progress */
    /*
     * Open what runs jobs, on the thread that will use and close it, before its first job. Once
     * *stop is set a job has failed: others may end with SGEO_INTERRUPTED. stop outlives the bench.
     */
    enum sgeo_status (*open)(void **bench, const atomic_bool *stop, void *context);
    enum sgeo_status (*run)(void *bench, size_t job, void *context);
    void (*close)(void *bench); /* NULL is fine */
    /* After a job, one call at a time: journal it. */
    enum sgeo_status (*keep)(size_t job, void *context);
    void *context;             /* shared by all threads */
    sgeo_progress_fn progress; /* may be NULL */
    void *progress_context;
};

/* For jobs that keep their own results and need nothing of a thread: their bench is the sign to
 * stop, a const atomic_bool. */
enum sgeo_status sgeo_job_pool_open_stop(void **bench, const atomic_bool *stop, void *context);
void sgeo_job_pool_close_stop(void *bench);
enum sgeo_status sgeo_job_pool_keep_nothing(size_t job, void *context);

/* Run the jobs that are not done, in order, on `workers` threads. Ends as the first that failed,
 * with its text. */
enum sgeo_status sgeo_job_pool_run(const struct sgeo_job_pool *pool, size_t workers);

#endif
