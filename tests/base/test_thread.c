#define _GNU_SOURCE /* pthread_getattr_np: the only way to see a thread's stack size */
#include "base/thread.h"

#include <math.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/fpenv.h"
#include "suite.h"

enum { CREW = 4 };

struct shared {
    struct sgeo_monitor *monitor;
    size_t runs[CREW];
    bool flushes[CREW];
    size_t stack_bytes[CREW];
    size_t arrived;
    size_t total;
};

static void look_around(size_t worker, void *context)
{
    struct shared *shared = context;
    pthread_attr_t attributes;
    shared->runs[worker]++;
    shared->flushes[worker] = sgeo_fpenv_flushes();
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        (void)pthread_attr_getstacksize(&attributes, &shared->stack_bytes[worker]);
        (void)pthread_attr_destroy(&attributes);
    }
}

START_TEST(test_every_worker_runs_once_with_flushed_denormals_and_eight_mib_of_stack)
{
    struct shared shared = {0};
    struct sgeo_crew *crew = NULL;
    bool flushed_before = sgeo_fpenv_flushes();
    ck_assert_int_eq(sgeo_crew_start(&crew, CREW, look_around, &shared), SGEO_OK);
    sgeo_crew_join(crew);
    for (size_t i = 0; i < CREW; i++) {
        ck_assert_uint_eq(shared.runs[i], 1);
        ck_assert(shared.flushes[i]);
        ck_assert_uint_ge(shared.stack_bytes[i], (size_t)8 << 20);
    }
    ck_assert(sgeo_fpenv_flushes() == flushed_before); /* the starter keeps its own mode */
}
END_TEST

START_TEST(test_crew_of_none_and_join_of_null_are_fine)
{
    struct sgeo_crew *crew = NULL;
    ck_assert_int_eq(sgeo_crew_start(&crew, 0, look_around, NULL), SGEO_OK);
    ck_assert_ptr_nonnull(crew);
    sgeo_crew_join(crew);
    sgeo_crew_join(NULL);
    sgeo_monitor_destroy(NULL);
}
END_TEST

/* Ends only when all workers are in it at once. */
static void meet(size_t worker, void *context)
{
    struct shared *shared = context;
    (void)worker;
    sgeo_monitor_enter(shared->monitor);
    shared->arrived++;
    sgeo_monitor_signal(shared->monitor);
    while (shared->arrived < CREW) {
        sgeo_monitor_wait(shared->monitor, 60.0);
    }
    sgeo_monitor_leave(shared->monitor);
}

START_TEST(test_workers_run_at_the_same_time_and_a_signal_wakes_all)
{
    struct shared shared = {.monitor = sgeo_monitor_create()};
    struct sgeo_crew *crew = NULL;
    double started = sgeo_wall_seconds();
    ck_assert_int_eq(sgeo_crew_start(&crew, CREW, meet, &shared), SGEO_OK);
    sgeo_crew_join(crew);
    ck_assert_uint_eq(shared.arrived, CREW);
    ck_assert_double_lt(sgeo_wall_seconds() - started, 30.0); /* woken, not timed out */
    sgeo_monitor_destroy(shared.monitor);
}
END_TEST

static void count(size_t worker, void *context)
{
    struct shared *shared = context;
    (void)worker;
    for (int i = 0; i < 20000; i++) {
        sgeo_monitor_enter(shared->monitor);
        shared->total++;
        sgeo_monitor_leave(shared->monitor);
    }
}

START_TEST(test_monitor_excludes)
{
    struct shared shared = {.monitor = sgeo_monitor_create()};
    struct sgeo_crew *crew = NULL;
    ck_assert_int_eq(sgeo_crew_start(&crew, CREW, count, &shared), SGEO_OK);
    sgeo_crew_join(crew);
    ck_assert_uint_eq(shared.total, 20000 * CREW);
    sgeo_monitor_destroy(shared.monitor);
}
END_TEST

START_TEST(test_wait_ends_after_its_time)
{
    static const double naps[] = {0.0, -1.0, 0.05, 0.95};
    struct sgeo_monitor *monitor = sgeo_monitor_create();
    sgeo_monitor_enter(monitor);
    for (size_t i = 0; i < sizeof naps / sizeof naps[0]; i++) {
        double started = sgeo_wall_seconds();
        double cpu = sgeo_thread_cpu_seconds();
        double nap = fmax(naps[i], 0.0);
        while (sgeo_wall_seconds() - started < nap) { /* a wait may end early */
            sgeo_monitor_wait(monitor, naps[i]);
        }
        ck_assert_double_lt(sgeo_thread_cpu_seconds() - cpu,
                            0.5 * nap + 0.05); /* asleep, not spinning */
        sgeo_monitor_wait(monitor, naps[i]);
        ck_assert_double_lt(sgeo_wall_seconds() - started, 2.0 * nap + 5.0);
    }
    sgeo_monitor_wait(monitor, (double)NAN); /* no time at all */
    sgeo_monitor_leave(monitor);
    sgeo_monitor_destroy(monitor);
}
END_TEST

static void wake(size_t worker, void *context)
{
    struct shared *shared = context;
    (void)worker;
    sgeo_monitor_enter(shared->monitor);
    shared->arrived = 1;
    sgeo_monitor_signal(shared->monitor);
    sgeo_monitor_leave(shared->monitor);
}

START_TEST(test_endless_wait_is_woken)
{
    struct shared shared = {.monitor = sgeo_monitor_create()};
    struct sgeo_crew *crew = NULL;
    sgeo_monitor_enter(shared.monitor);
    ck_assert_int_eq(sgeo_crew_start(&crew, 1, wake, &shared), SGEO_OK);
    while (shared.arrived == 0) {
        sgeo_monitor_wait(shared.monitor, (double)INFINITY);
    }
    sgeo_monitor_leave(shared.monitor);
    sgeo_crew_join(crew);
    sgeo_monitor_destroy(shared.monitor);
}
END_TEST

/* The shadow memory of a sanitizer does not live under an address limit. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define SANITIZED 0
#endif

#if !SANITIZED
static void never(size_t worker, void *context)
{
    size_t *runs = context;
    (void)worker;
    (*runs)++;
}

/*
 * In a process of its own: too little address space for the stacks of all. 0 when all is as
 * promised.
 */
static int start_in_little_memory(void)
{
    struct rlimit limit = {.rlim_cur = (rlim_t)256 << 20, .rlim_max = (rlim_t)256 << 20};
    struct sgeo_crew *crew = NULL;
    size_t runs = 0;
    if (setrlimit(RLIMIT_AS, &limit) != 0) {
        return 1;
    }
    if (sgeo_crew_start(&crew, 200, never, &runs) != SGEO_UNSUPPORTED) {
        return 2;
    }
    if (crew != NULL || runs != 0) {
        return 3;
    }
    return strstr(sgeo_error_text(), "cannot start 200 worker threads") != NULL ? 0 : 4;
}

START_TEST(test_crew_that_cannot_start_whole_runs_nothing)
{
    int exit_status;
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        _exit(start_in_little_memory());
    }
    ck_assert_int_eq(waitpid(child, &exit_status, 0), child);
    ck_assert(WIFEXITED(exit_status));
    ck_assert_int_eq(WEXITSTATUS(exit_status), 0);
}
END_TEST
#endif

int main(void)
{
    TCase *tcase = tcase_create("thread");
    tcase_set_timeout(tcase, 120.0);
    tcase_add_test(tcase,
                   test_every_worker_runs_once_with_flushed_denormals_and_eight_mib_of_stack);
    tcase_add_test(tcase, test_crew_of_none_and_join_of_null_are_fine);
    tcase_add_test(tcase, test_workers_run_at_the_same_time_and_a_signal_wakes_all);
    tcase_add_test(tcase, test_monitor_excludes);
    tcase_add_test(tcase, test_wait_ends_after_its_time);
    tcase_add_test(tcase, test_endless_wait_is_woken);
#if !SANITIZED
    tcase_add_test(tcase, test_crew_that_cannot_start_whole_runs_nothing);
#endif
    return run_case("base/thread", tcase);
}
