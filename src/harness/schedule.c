#include "harness/schedule.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"
#include "harness/ranks.h"

enum { ERROR_TEXT = 512 };

#define NO_JOB ((size_t)-1)

/* Jobs that wait for the same warm-up, in the order of work. */
struct lane {
    size_t warmup; /* NO_JOB: they wait for nothing */
    size_t next;   /* the first that is not handed out, or NO_JOB */
};

struct sgeo_schedule {
    struct sgeo_job_source source; /* first: a source pointer is a schedule pointer */
    const struct sgeo_run_context *context;
    const struct sgeo_job *jobs;
    size_t n_jobs;
    bool *done;         /* (n_jobs) */
    double *share;      /* (n_jobs) what is done of a job; < 0: nothing was heard of it */
    size_t *successor;  /* (n_jobs) the next job of the same lane, or NO_JOB */
    struct lane *lanes; /* (n_lanes) the first waits for nothing */
    size_t n_lanes;
    struct sgeo_monitor *monitor;
    struct sgeo_schedule_callbacks callbacks;
    size_t n_done, n_open; /* open: not handed out yet */
    double start, cost_done, cost_total, cost_before;
    double end; /* when the run should be over, by the last completion; < 0 while unknown */
    enum sgeo_status status;
    char text[ERROR_TEXT], hint[ERROR_TEXT];
};

/* --- inside the monitor --- */

static bool is_over(const struct sgeo_schedule *schedule)
{
    return schedule->status != SGEO_OK || schedule->n_done == schedule->n_jobs;
}

/* The earliest job whose warm-up is done. */
static bool take(struct sgeo_schedule *schedule, size_t *job)
{
    struct lane *best = NULL;
    for (size_t l = 0; l < schedule->n_lanes && !is_over(schedule); l++) {
        struct lane *lane = &schedule->lanes[l];
        bool ready = lane->warmup == NO_JOB || schedule->done[lane->warmup];
        if (ready && lane->next != NO_JOB && (best == NULL || lane->next < best->next)) {
            best = lane;
        }
    }
    if (best == NULL) {
        return false;
    }
    *job = best->next;
    best->next = schedule->successor[best->next];
    schedule->n_open--;
    return true;
}

/* No job is left to hand out (some may still run). */
static bool is_drained(const struct sgeo_schedule *schedule)
{
    return is_over(schedule) || schedule->n_open == 0;
}

static void set_failure(struct sgeo_schedule *schedule, enum sgeo_status status, const char *text,
                        const char *hint)
{
    if (schedule->status == SGEO_OK) {
        schedule->status = status;
        snprintf(schedule->text, sizeof schedule->text, "%s", text);
        snprintf(schedule->hint, sizeof schedule->hint, "%s", hint);
        atomic_store(&schedule->source.stop, true);
    }
    sgeo_monitor_signal(schedule->monitor);
}

/* `share` of a job is done. What it begins with, an interrupted training for one, is no work of
 * this run. */
static void advance(struct sgeo_schedule *schedule, size_t job, double share)
{
    double *known = &schedule->share[job], cost = schedule->jobs[job].cost;
    if (*known < 0.0) {
        schedule->cost_before += share * cost;
        *known = 0.0;
    }
    schedule->cost_done += (share - *known) * cost;
    *known = share;
}

/* Expect the rest to take as long, by its cost, as what this run has done. */
static void estimate_end(struct sgeo_schedule *schedule)
{
    double now = sgeo_wall_seconds(), gained = schedule->cost_done - schedule->cost_before;
    if (gained > 0.0) {
        schedule->end =
            now + (now - schedule->start) * (schedule->cost_total - schedule->cost_done) / gained;
    }
}

static void report(const struct sgeo_schedule *schedule)
{
    double left = schedule->end - sgeo_wall_seconds();
    bool all = schedule->n_done == schedule->n_jobs; /* sums of shares are rounded */
    const struct sgeo_progress progress = {
        .jobs_done = schedule->n_done,
        .jobs_total = schedule->n_jobs,
        .fraction = all ? 1.0 : fmin(schedule->cost_done / schedule->cost_total, 1.0),
        .eta_seconds = schedule->end < 0.0 ? -1.0
                       : left < 0.0        ? 0.0
                                           : left};
    if (schedule->callbacks.progress != NULL) {
        schedule->callbacks.progress(&progress, schedule->callbacks.progress_context);
    }
}

/* --- the source that worker threads see --- */

static bool source_next(struct sgeo_job_source *source, size_t *job)
{
    struct sgeo_schedule *schedule = (struct sgeo_schedule *)source;
    sgeo_monitor_enter(schedule->monitor);
    bool found = take(schedule, job);
    while (!found && !is_drained(schedule)) {
        sgeo_monitor_wait(schedule->monitor, 1.0);
        found = take(schedule, job);
    }
    sgeo_monitor_leave(schedule->monitor);
    return found;
}

static void source_advance(struct sgeo_job_source *source, size_t job, double share)
{
    struct sgeo_schedule *schedule = (struct sgeo_schedule *)source;
    sgeo_monitor_enter(schedule->monitor);
    advance(schedule, job, share);
    estimate_end(schedule);
    sgeo_monitor_leave(schedule->monitor);
}

static void source_complete(struct sgeo_job_source *source, size_t job,
                            const struct sgeo_record *record)
{
    struct sgeo_schedule *schedule = (struct sgeo_schedule *)source;
    sgeo_monitor_enter(schedule->monitor);
    enum sgeo_status status = schedule->callbacks.sink(record, schedule->callbacks.sink_context);
    if (status != SGEO_OK) {
        set_failure(schedule, status, sgeo_error_text(), sgeo_error_hint());
    }
    schedule->done[job] = true;
    schedule->n_done++;
    schedule->cost_done += (1.0 - fmax(schedule->share[job], 0.0)) * schedule->jobs[job].cost;
    estimate_end(schedule);
    report(schedule);
    sgeo_monitor_signal(schedule->monitor);
    sgeo_monitor_leave(schedule->monitor);
}

static void source_fail(struct sgeo_job_source *source, enum sgeo_status status, const char *text,
                        const char *hint)
{
    struct sgeo_schedule *schedule = (struct sgeo_schedule *)source;
    sgeo_monitor_enter(schedule->monitor);
    set_failure(schedule, status, text, hint);
    sgeo_monitor_leave(schedule->monitor);
}

/* --- worker threads --- */

/* What a worker thread works on. */
struct at_work {
    struct sgeo_job_source *source;
    size_t job;
};

static void on_step(double share, void *context)
{
    const struct at_work *work = context;
    if (work->source->advance != NULL) {
        work->source->advance(work->source, work->job, share);
    }
}

/* Serve jobs until the source is empty or one fails. */
static enum sgeo_status serve(struct sgeo_worker *worker, const struct sgeo_service *service,
                              struct sgeo_record *record)
{
    struct at_work work = {.source = service->source};
    const struct sgeo_watch watch = {&service->source->stop, on_step, &work};
    enum sgeo_status status = SGEO_OK;
    sgeo_worker_watch(worker, &watch);
    while (status == SGEO_OK && work.source->next(work.source, &work.job)) {
        status = sgeo_worker_run(worker, &service->jobs[work.job], record);
        if (status == SGEO_OK) {
            work.source->complete(work.source, work.job, record);
        }
    }
    sgeo_worker_watch(worker, NULL);
    return status;
}

static void work(size_t index, void *context)
{
    struct sgeo_service *service = context;
    struct sgeo_worker *worker = NULL;
    struct sgeo_record *record = sgeo_calloc(1, sizeof *record);
    enum sgeo_status status = record == NULL ? sgeo_fail_memory("record") : SGEO_OK;
    (void)index; /* results do not depend on who computes them */
    if (status == SGEO_OK) {
        status = sgeo_worker_create(&worker, service->context);
    }
    if (status == SGEO_OK) {
        status = serve(worker, service, record);
    }
    if (status != SGEO_OK) {
        service->source->fail(service->source, status, sgeo_error_text(), sgeo_error_hint());
    }
    sgeo_worker_destroy(worker);
    sgeo_free(record);
}

enum sgeo_status sgeo_service_start(struct sgeo_crew **crew, struct sgeo_service *service)
{
    return sgeo_crew_start(crew, service->context->options->workers, work, service);
}

/* --- the schedule --- */

static bool is_warmup_of(const struct sgeo_job *warmup, const struct sgeo_job *job)
{
    struct sgeo_job_key key = job->key;
    key.kind = SGEO_JOB_WARMUP;
    key.arch_index = 0;
    return job->key.kind == SGEO_JOB_SCORE && job->key.level > 0.0 &&
           job->key.mode == SGEO_WARMUP_SUPERNET && sgeo_job_key_equal(&warmup->key, &key);
}

/* The lane of a job: its warm-up's, or the first. There are few warm-ups. */
static struct lane *lane_of(struct sgeo_schedule *schedule, const struct sgeo_job *job)
{
    for (size_t l = 1; l < schedule->n_lanes; l++) {
        if (is_warmup_of(&schedule->jobs[schedule->lanes[l].warmup], job)) {
            return &schedule->lanes[l];
        }
    }
    return &schedule->lanes[0];
}

static size_t count_warmups(const struct sgeo_job *jobs, size_t n_jobs)
{
    size_t count = 0;
    for (size_t i = 0; i < n_jobs; i++) {
        count += jobs[i].key.kind == SGEO_JOB_WARMUP;
    }
    return count;
}

static void make_lanes(struct sgeo_schedule *schedule)
{
    schedule->lanes[schedule->n_lanes++] = (struct lane){NO_JOB, NO_JOB};
    for (size_t i = 0; i < schedule->n_jobs; i++) {
        if (schedule->jobs[i].key.kind == SGEO_JOB_WARMUP) {
            schedule->lanes[schedule->n_lanes++] = (struct lane){i, NO_JOB};
        }
    }
    for (size_t i = schedule->n_jobs; i-- > 0;) {
        if (!schedule->done[i]) {
            struct lane *lane = lane_of(schedule, &schedule->jobs[i]);
            schedule->successor[i] = lane->next;
            lane->next = i;
            schedule->n_open++;
        }
    }
}

static void count_done(struct sgeo_schedule *schedule, const bool *done)
{
    for (size_t i = 0; i < schedule->n_jobs; i++) {
        schedule->cost_total += schedule->jobs[i].cost;
        schedule->share[i] = -1.0;
        if (done != NULL && done[i]) {
            schedule->done[i] = true;
            schedule->n_done++;
            schedule->cost_before += schedule->jobs[i].cost;
        }
    }
    schedule->cost_done = schedule->cost_before;
}

enum sgeo_status sgeo_schedule_create(struct sgeo_schedule **out,
                                      const struct sgeo_run_context *context,
                                      const struct sgeo_job *jobs, size_t n_jobs, const bool *done,
                                      const struct sgeo_schedule_callbacks *callbacks)
{
    struct sgeo_schedule *schedule = sgeo_calloc(1, sizeof *schedule);
    if (schedule == NULL) {
        return sgeo_fail_memory("schedule");
    }
    *schedule = (struct sgeo_schedule){.source = {.next = source_next,
                                                  .advance = source_advance,
                                                  .complete = source_complete,
                                                  .fail = source_fail},
                                       .context = context,
                                       .jobs = jobs,
                                       .n_jobs = n_jobs,
                                       .callbacks = *callbacks,
                                       .start = sgeo_wall_seconds(),
                                       .end = -1.0};
    schedule->done = sgeo_calloc(n_jobs + 1, sizeof *schedule->done);
    schedule->share = sgeo_calloc(n_jobs + 1, sizeof *schedule->share);
    schedule->successor = sgeo_calloc(n_jobs + 1, sizeof *schedule->successor);
    schedule->lanes = sgeo_calloc(count_warmups(jobs, n_jobs) + 1, sizeof *schedule->lanes);
    schedule->monitor = sgeo_monitor_create();
    if (schedule->done == NULL || schedule->share == NULL || schedule->successor == NULL ||
        schedule->lanes == NULL || schedule->monitor == NULL) {
        sgeo_schedule_destroy(schedule);
        return sgeo_fail_memory("schedule");
    }
    count_done(schedule, done);
    make_lanes(schedule);
    *out = schedule;
    return SGEO_OK;
}

void sgeo_schedule_destroy(struct sgeo_schedule *schedule)
{
    if (schedule == NULL) {
        return;
    }
    sgeo_monitor_destroy(schedule->monitor);
    sgeo_free(schedule->done);
    sgeo_free(schedule->share);
    sgeo_free(schedule->successor);
    sgeo_free(schedule->lanes);
    sgeo_free(schedule);
}

struct sgeo_job_source *sgeo_schedule_source(struct sgeo_schedule *schedule)
{
    return &schedule->source;
}

bool sgeo_schedule_try_next(struct sgeo_schedule *schedule, size_t *job, bool *finished)
{
    sgeo_monitor_enter(schedule->monitor);
    bool found = take(schedule, job);
    *finished = !found && is_drained(schedule);
    sgeo_monitor_leave(schedule->monitor);
    return found;
}

bool sgeo_schedule_wait(struct sgeo_schedule *schedule, double seconds)
{
    sgeo_monitor_enter(schedule->monitor);
    if (!is_over(schedule)) {
        sgeo_monitor_wait(schedule->monitor, seconds);
    }
    bool over = is_over(schedule);
    if (!over) {
        report(schedule);
    }
    sgeo_monitor_leave(schedule->monitor);
    return over;
}

enum sgeo_status sgeo_schedule_status(struct sgeo_schedule *schedule)
{
    if (schedule->status == SGEO_OK) {
        return SGEO_OK;
    }
    return sgeo_fail(schedule->status, schedule->hint[0] == '\0' ? NULL : schedule->hint, "%s",
                     schedule->text);
}

enum sgeo_status sgeo_schedule_run(const struct sgeo_run_context *context,
                                   const struct sgeo_job *jobs, size_t n_jobs, const bool *done,
                                   const struct sgeo_schedule_callbacks *callbacks)
{
    struct sgeo_schedule *schedule = NULL;
    struct sgeo_crew *crew = NULL;
    enum sgeo_status status =
        sgeo_schedule_create(&schedule, context, jobs, n_jobs, done, callbacks);
    if (status != SGEO_OK) {
        return status;
    }
    struct sgeo_service service = {context, jobs, sgeo_schedule_source(schedule)};
    status = sgeo_service_start(&crew, &service);
    if (status == SGEO_OK) {
        sgeo_ranks_serve(schedule);
        sgeo_crew_join(crew);
        status = sgeo_schedule_status(schedule);
    }
    sgeo_schedule_destroy(schedule);
    return status;
}
