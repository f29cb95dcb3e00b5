#include "harness/search_pool.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"

enum { ERROR_TEXT = 512 };

struct sgeo_search_pool {
    const struct sgeo_search_scorer *scorer;
    sgeo_candidate_sink sink;
    void *sink_context;
    atomic_bool stop;
    struct sgeo_crew *crew;
    struct sgeo_monitor *monitor;
    /* inside the monitor */
    struct sgeo_candidate *const *batch;
    size_t n, next, n_running; /* of the batch: all, not taken yet, being scored */
    bool over;
    enum sgeo_status status;
    char text[ERROR_TEXT], hint[ERROR_TEXT];
};

/* --- inside the monitor --- */

/* With the error text of the calling thread. */
static void set_failure(struct sgeo_search_pool *pool, enum sgeo_status status)
{
    if (pool->status == SGEO_OK) {
        pool->status = status;
        snprintf(pool->text, sizeof pool->text, "%s", sgeo_error_text());
        snprintf(pool->hint, sizeof pool->hint, "%s", sgeo_error_hint());
        atomic_store(&pool->stop, true);
    }
}

static bool has_work(const struct sgeo_search_pool *pool)
{
    return pool->status == SGEO_OK && pool->next < pool->n;
}

/* --- workers --- */

/* The next candidate; NULL once the pool is over. */
static struct sgeo_candidate *take(struct sgeo_search_pool *pool)
{
    struct sgeo_candidate *candidate = NULL;
    sgeo_monitor_enter(pool->monitor);
    while (!pool->over && !has_work(pool)) {
        sgeo_monitor_wait(pool->monitor, 1.0);
    }
    if (!pool->over) {
        candidate = pool->batch[pool->next++];
        pool->n_running++;
    }
    sgeo_monitor_leave(pool->monitor);
    return candidate;
}

static void give_back(struct sgeo_search_pool *pool, struct sgeo_candidate *candidate,
                      enum sgeo_status status)
{
    sgeo_monitor_enter(pool->monitor);
    pool->n_running--;
    if (status == SGEO_OK) {
        candidate->scored = true;
        status = pool->sink(candidate, pool->sink_context);
    }
    if (status != SGEO_OK) {
        set_failure(pool, status);
    }
    sgeo_monitor_signal(pool->monitor);
    sgeo_monitor_leave(pool->monitor);
}

static void work(size_t worker, void *context)
{
    struct sgeo_search_pool *pool = context;
    const struct sgeo_search_scorer *how = pool->scorer;
    struct sgeo_candidate *candidate;
    void *scorer = NULL;
    (void)worker; /* results do not depend on who computes them */
    while ((candidate = take(pool)) != NULL) {
        enum sgeo_status status =
            scorer == NULL ? how->open(&scorer, &pool->stop, how->context) : SGEO_OK;
        double start = sgeo_thread_cpu_seconds();
        if (status == SGEO_OK) {
            status = how->score(&candidate->score, scorer, candidate);
        }
        candidate->seconds_cpu = sgeo_thread_cpu_seconds() - start;
        give_back(pool, candidate, status);
    }
    how->close(scorer);
}

/* --- the pool --- */

enum sgeo_status sgeo_search_pool_create(struct sgeo_search_pool **out,
                                         const struct sgeo_search_scorer *scorer, size_t workers,
                                         sgeo_candidate_sink sink, void *sink_context)
{
    struct sgeo_search_pool *pool = sgeo_calloc(1, sizeof *pool);
    if (pool == NULL) {
        return sgeo_fail_memory("workers of a search");
    }
    pool->scorer = scorer;
    pool->sink = sink;
    pool->sink_context = sink_context;
    pool->monitor = sgeo_monitor_create();
    enum sgeo_status status = pool->monitor == NULL
                                  ? sgeo_fail_memory("workers of a search")
                                  : sgeo_crew_start(&pool->crew, workers, work, pool);
    if (status != SGEO_OK) {
        sgeo_search_pool_destroy(pool);
        return status;
    }
    *out = pool;
    return SGEO_OK;
}

void sgeo_search_pool_destroy(struct sgeo_search_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    if (pool->crew != NULL) {
        sgeo_monitor_enter(pool->monitor);
        pool->over = true;
        sgeo_monitor_signal(pool->monitor);
        sgeo_monitor_leave(pool->monitor);
        sgeo_crew_join(pool->crew);
    }
    sgeo_monitor_destroy(pool->monitor);
    sgeo_free(pool);
}

enum sgeo_status sgeo_search_pool_evaluate(struct sgeo_candidate *const *candidates, size_t n,
                                           void *context)
{
    struct sgeo_search_pool *pool = context;
    sgeo_monitor_enter(pool->monitor);
    pool->batch = candidates;
    pool->n = n;
    pool->next = 0;
    sgeo_monitor_signal(pool->monitor);
    while (has_work(pool) || pool->n_running > 0) {
        sgeo_monitor_wait(pool->monitor, 1.0);
    }
    pool->n = pool->next = 0;
    enum sgeo_status status = pool->status;
    sgeo_monitor_leave(pool->monitor);
    if (status == SGEO_OK) {
        return SGEO_OK;
    }
    return sgeo_fail(status, pool->hint[0] == '\0' ? NULL : pool->hint, "%s", pool->text);
}
