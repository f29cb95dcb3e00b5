#include "harness/job_pool.h"

#include <stdio.h>

#include "base/clock.h"

enum { ERROR_TEXT = 512 };

struct run {
    const struct sgeo_job_pool *pool;
    struct sgeo_monitor *monitor;
    atomic_bool stop;
    /* inside the monitor */
    size_t next, n_done;
    double start, cost_before, cost_done, cost_total;
    enum sgeo_status status;
    char text[ERROR_TEXT], hint[ERROR_TEXT];
};

/* --- inside the monitor --- */

/* With the error text of the calling thread. */
static void set_failure(struct run *run, enum sgeo_status status)
{
    if (run->status == SGEO_OK) {
        run->status = status;
        snprintf(run->text, sizeof run->text, "%s", sgeo_error_text());
        snprintf(run->hint, sizeof run->hint, "%s", sgeo_error_hint());
        atomic_store(&run->stop, true);
    }
}

static void report(const struct run *run)
{
    const struct sgeo_job_pool *pool = run->pool;
    double gained = run->cost_done - run->cost_before;
    double elapsed = sgeo_wall_seconds() - run->start;
    const struct sgeo_progress progress = {
        .jobs_done = run->n_done,
        .jobs_total = pool->n,
        .fraction = run->cost_done / run->cost_total,
        .eta_seconds = gained > 0.0 ? elapsed * (run->cost_total - run->cost_done) / gained : -1.0};
    if (pool->progress != NULL) {
        pool->progress(&progress, pool->progress_context);
    }
}

/* --- workers --- */

static bool take(struct run *run, size_t *job)
{
    const struct sgeo_job_pool *pool = run->pool;
    sgeo_monitor_enter(run->monitor);
    while (run->next < pool->n && pool->done[run->next]) {
        run->next++;
    }
    bool found = run->status == SGEO_OK && run->next < pool->n;
    *job = run->next;
    run->next += found ? 1 : 0;
    sgeo_monitor_leave(run->monitor);
    return found;
}

static void give_back(struct run *run, size_t job, enum sgeo_status status)
{
    const struct sgeo_job_pool *pool = run->pool;
    sgeo_monitor_enter(run->monitor);
    if (status == SGEO_OK) {
        status = pool->keep(job, pool->context);
    }
    if (status == SGEO_OK) {
        run->n_done++;
        run->cost_done += pool->cost[job];
        report(run);
    } else {
        set_failure(run, status);
    }
    sgeo_monitor_leave(run->monitor);
}

static void work(size_t worker, void *context)
{
    struct run *run = context;
    const struct sgeo_job_pool *pool = run->pool;
    void *bench = NULL;
    size_t job;
    (void)worker; /* results do not depend on who computes them */
    while (take(run, &job)) {
        enum sgeo_status status =
            bench == NULL ? pool->open(&bench, &run->stop, pool->context) : SGEO_OK;
        if (status == SGEO_OK) {
            status = pool->run(bench, job, pool->context);
        }
        give_back(run, job, status);
    }
    pool->close(bench);
}

/* --- benches that are a sign to stop --- */

enum sgeo_status sgeo_job_pool_open_stop(void **bench, const atomic_bool *stop, void *context)
{
    (void)context;
    *bench = (void *)stop; /* only read */
    return SGEO_OK;
}

void sgeo_job_pool_close_stop(void *bench)
{
    (void)bench;
}

enum sgeo_status sgeo_job_pool_keep_nothing(size_t job, void *context)
{
    (void)job;
    (void)context;
    return SGEO_OK;
}

/* --- the run --- */

static void count_done(struct run *run)
{
    const struct sgeo_job_pool *pool = run->pool;
    for (size_t i = 0; i < pool->n; i++) {
        run->cost_total += pool->cost[i];
        run->cost_before += pool->done[i] ? pool->cost[i] : 0.0;
        run->n_done += pool->done[i];
    }
    run->cost_done = run->cost_before;
}

enum sgeo_status sgeo_job_pool_run(const struct sgeo_job_pool *pool, size_t workers)
{
    struct run run = {.pool = pool, .monitor = sgeo_monitor_create()};
    struct sgeo_crew *crew = NULL;
    if (run.monitor == NULL) {
        return sgeo_fail_memory("workers");
    }
    count_done(&run);
    run.start = sgeo_wall_seconds();
    size_t left = pool->n - run.n_done;
    enum sgeo_status status =
        left == 0 ? SGEO_OK : sgeo_crew_start(&crew, workers < left ? workers : left, work, &run);
    if (crew != NULL) {
        sgeo_crew_join(crew);
    }
    sgeo_monitor_destroy(run.monitor);
    if (status != SGEO_OK || run.status == SGEO_OK) {
        return status;
    }
    return sgeo_fail(run.status, run.hint[0] == '\0' ? NULL : run.hint, "%s", run.text);
}
