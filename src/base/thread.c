#include "base/thread.h"

#include <pthread.h>
#include <time.h>

#include "base/fpenv.h"
#include "base/memory.h"
#include "base/posix.h"

#define STACK_BYTES      ((size_t)8 << 20) /* not the system's default, which may be far smaller */
#define WAIT_SECONDS_MAX 1e8               /* three years: keeps the deadline in range */

struct sgeo_monitor {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
};

/* Threads wait at the gate until all of them exist: either all run the body or none does. */
enum gate { GATE_CLOSED, GATE_OPEN, GATE_CANCELLED };

struct worker {
    struct sgeo_crew *crew;
    size_t index;
    pthread_t thread;
};

struct sgeo_crew {
    sgeo_thread_body body;
    void *context;
    struct sgeo_monitor *monitor; /* guards gate */
    enum gate gate;
    struct worker *workers;
    size_t n_started;
};

static bool condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0) {
        return false;
    }
    /* The monotonic clock: a wait must not stretch when someone sets the time. */
    bool done = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
                pthread_cond_init(condition, &attributes) == 0;
    (void)pthread_condattr_destroy(&attributes);
    return done;
}

struct sgeo_monitor *sgeo_monitor_create(void)
{
    struct sgeo_monitor *monitor = sgeo_calloc(1, sizeof *monitor);
    if (monitor == NULL || pthread_mutex_init(&monitor->mutex, NULL) != 0) {
        sgeo_free(monitor);
        return NULL;
    }
    if (!condition_init(&monitor->changed)) {
        (void)pthread_mutex_destroy(&monitor->mutex);
        sgeo_free(monitor);
        return NULL;
    }
    return monitor;
}

void sgeo_monitor_destroy(struct sgeo_monitor *monitor)
{
    if (monitor == NULL) {
        return;
    }
    (void)pthread_cond_destroy(&monitor->changed);
    (void)pthread_mutex_destroy(&monitor->mutex);
    sgeo_free(monitor);
}

void sgeo_monitor_enter(struct sgeo_monitor *monitor)
{
    (void)pthread_mutex_lock(&monitor->mutex); /* fails only for misuse, as do the calls below */
}

void sgeo_monitor_leave(struct sgeo_monitor *monitor)
{
    (void)pthread_mutex_unlock(&monitor->mutex);
}

static struct timespec deadline_in(double seconds)
{
    struct timespec deadline = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &deadline);
    if (!(seconds > 0.0)) { /* NaN too */
        return deadline;
    }
    double bounded = seconds < WAIT_SECONDS_MAX ? seconds : WAIT_SECONDS_MAX;
    time_t whole = (time_t)bounded;
    deadline.tv_sec += whole;
    deadline.tv_nsec += (long)((bounded - (double)whole) * 1e9);
    if (deadline.tv_nsec >= 1000000000L) {
        deadline.tv_nsec -= 1000000000L;
        deadline.tv_sec++;
    }
    return deadline;
}

void sgeo_monitor_wait(struct sgeo_monitor *monitor, double seconds)
{
    struct timespec deadline = deadline_in(seconds);
    (void)pthread_cond_timedwait(&monitor->changed, &monitor->mutex, &deadline);
}

void sgeo_monitor_signal(struct sgeo_monitor *monitor)
{
    (void)pthread_cond_broadcast(&monitor->changed);
}

static bool pass_gate(struct sgeo_crew *crew)
{
    sgeo_monitor_enter(crew->monitor);
    while (crew->gate == GATE_CLOSED) {
        sgeo_monitor_wait(crew->monitor, WAIT_SECONDS_MAX);
    }
    bool open = crew->gate == GATE_OPEN;
    sgeo_monitor_leave(crew->monitor);
    return open;
}

static void set_gate(struct sgeo_crew *crew, enum gate gate)
{
    sgeo_monitor_enter(crew->monitor);
    crew->gate = gate;
    sgeo_monitor_signal(crew->monitor);
    sgeo_monitor_leave(crew->monitor);
}

static void *run_worker(void *argument)
{
    const struct worker *worker = argument;
    (void)sgeo_fpenv_flush_denormals(); /* where the CPU cannot, the run records it */
    if (pass_gate(worker->crew)) {
        worker->crew->body(worker->index, worker->crew->context);
    }
    return NULL;
}

/* Start the threads one by one; 0, or the error number of the first that did not start. */
static int start_workers(struct sgeo_crew *crew, size_t n, const pthread_attr_t *attributes)
{
    for (size_t i = 0; i < n; i++) {
        struct worker *worker = &crew->workers[i];
        worker->crew = crew;
        worker->index = i;
        int error = pthread_create(&worker->thread, attributes, run_worker, worker);
        if (error != 0) {
            return error;
        }
        crew->n_started++;
    }
    return 0;
}

static int start_with_stack(struct sgeo_crew *crew, size_t n)
{
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error != 0) {
        return error;
    }
    error = pthread_attr_setstacksize(&attributes, STACK_BYTES);
    if (error == 0) {
        error = start_workers(crew, n, &attributes);
    }
    (void)pthread_attr_destroy(&attributes);
    return error;
}

static struct sgeo_crew *crew_create(size_t n)
{
    struct sgeo_crew *crew = sgeo_calloc(1, sizeof *crew);
    if (crew == NULL) {
        return NULL;
    }
    crew->monitor = sgeo_monitor_create();
    crew->workers = sgeo_calloc(n, sizeof *crew->workers);
    if (crew->monitor == NULL || crew->workers == NULL) {
        sgeo_crew_join(crew);
        return NULL;
    }
    return crew;
}

enum sgeo_status sgeo_crew_start(struct sgeo_crew **crew, size_t n, sgeo_thread_body body,
                                 void *context)
{
    struct sgeo_crew *started = crew_create(n);
    if (started == NULL) {
        return sgeo_fail_memory("the worker threads");
    }
    started->body = body;
    started->context = context;
    int error = start_with_stack(started, n);
    set_gate(started, error == 0 ? GATE_OPEN : GATE_CANCELLED);
    if (error != 0) {
        size_t n_started = started->n_started;
        sgeo_crew_join(started);
        char reason[SGEO_REASON_BYTES];
        sgeo_reason(reason, error);
        return sgeo_fail(SGEO_UNSUPPORTED, "use fewer --workers, or raise ulimit -u and -v",
                         "cannot start %zu worker threads, only %zu: %s", n, n_started, reason);
    }
    *crew = started;
    return SGEO_OK;
}

void sgeo_crew_join(struct sgeo_crew *crew)
{
    if (crew == NULL) {
        return;
    }
    for (size_t i = 0; i < crew->n_started; i++) {
        (void)pthread_join(crew->workers[i].thread, NULL);
    }
    sgeo_monitor_destroy(crew->monitor);
    sgeo_free(crew->workers);
    sgeo_free(crew);
}
