/* Independent jobs on threads: each once, those done not again, the first failure ends all. */
#include "harness/job_pool.h"

#include <string.h>

#include "base/suite.h"

enum { JOBS = 40 };

static atomic_size_t runs[JOBS];
static bool kept[JOBS], done[JOBS];
static double costs[JOBS];
static atomic_size_t opened, closed;
static atomic_bool inside;
static size_t failing_run, failing_keep; /* JOBS: none */
static bool failing_open;
static struct sgeo_progress last;

static void setup(void)
{
    for (size_t i = 0; i < JOBS; i++) {
        atomic_store(&runs[i], 0);
        kept[i] = done[i] = false;
        costs[i] = 1.0;
    }
    atomic_store(&opened, 0);
    atomic_store(&closed, 0);
    failing_run = failing_keep = JOBS;
    failing_open = false;
    last = (struct sgeo_progress){0};
}

static enum sgeo_status open_bench(void **bench, const atomic_bool *stop, void *context)
{
    ck_assert_ptr_eq(context, runs);
    ck_assert_ptr_nonnull(stop);
    if (failing_open) {
        return sgeo_fail(SGEO_IO, "buy one", "no bench");
    }
    atomic_fetch_add(&opened, 1);
    *bench = &opened;
    return SGEO_OK;
}

static void close_bench(void *bench)
{
    if (bench != NULL) {
        atomic_fetch_add(&closed, 1);
    }
}

static enum sgeo_status run_job(void *bench, size_t job, void *context)
{
    (void)context;
    ck_assert_ptr_eq(bench, &opened);
    atomic_fetch_add(&runs[job], 1);
    return job == failing_run ? sgeo_fail(SGEO_CHECK_FAILED, "try another", "job %zu fails", job)
                              : SGEO_OK;
}

static enum sgeo_status keep_job(size_t job, void *context)
{
    (void)context;
    ck_assert(!atomic_exchange(&inside, true)); /* one call at a time */
    kept[job] = true;
    atomic_store(&inside, false);
    return job == failing_keep ? sgeo_fail(SGEO_IO, NULL, "the disk is full") : SGEO_OK;
}

static void report(const struct sgeo_progress *progress, void *context)
{
    (void)context;
    last = *progress;
}

static enum sgeo_status run_all(size_t workers)
{
    const struct sgeo_job_pool pool = {.n = JOBS,
                                       .done = done,
                                       .cost = costs,
                                       .open = open_bench,
                                       .run = run_job,
                                       .close = close_bench,
                                       .keep = keep_job,
                                       .context = runs,
                                       .progress = report};
    return sgeo_job_pool_run(&pool, workers);
}

static const size_t workers[] = {1, 2, 5, 100};

START_TEST(test_job_pool_runs_and_keeps_every_job_once)
{
    ck_assert_int_eq(run_all(workers[_i]), SGEO_OK);
    for (size_t i = 0; i < JOBS; i++) {
        ck_assert_uint_eq(atomic_load(&runs[i]), 1);
        ck_assert(kept[i]);
    }
    ck_assert_uint_ge(atomic_load(&opened), 1);
    ck_assert_uint_eq(atomic_load(&opened), atomic_load(&closed));
    ck_assert_uint_eq(last.jobs_done, JOBS);
    ck_assert_double_eq(last.fraction, 1.0);
}
END_TEST

START_TEST(test_job_pool_leaves_out_what_is_done)
{
    for (size_t i = 0; i < JOBS; i++) {
        done[i] = i % 3 != 1;
        costs[i] = done[i] ? 3.0 : 1.0;
    }
    ck_assert_int_eq(run_all(2), SGEO_OK);
    for (size_t i = 0; i < JOBS; i++) {
        ck_assert_uint_eq(atomic_load(&runs[i]), done[i] ? 0 : 1);
    }
    ck_assert_uint_eq(last.jobs_done, JOBS);
    memset(done, true, sizeof done);
    atomic_store(&opened, 0);
    ck_assert_int_eq(run_all(2), SGEO_OK);
    ck_assert_uint_eq(atomic_load(&opened), 0);
}
END_TEST

START_TEST(test_job_pool_ends_as_the_first_failure)
{
    failing_run = 7;
    ck_assert_int_eq(run_all(workers[_i]), SGEO_CHECK_FAILED);
    ck_assert_str_eq(sgeo_error_text(), "job 7 fails");
    ck_assert_str_eq(sgeo_error_hint(), "try another");
    ck_assert(!kept[7]);
    ck_assert_uint_eq(atomic_load(&opened), atomic_load(&closed));
}
END_TEST

START_TEST(test_job_pool_ends_when_a_job_cannot_be_kept)
{
    failing_keep = 0;
    ck_assert_int_eq(run_all(1), SGEO_IO);
    ck_assert_str_eq(sgeo_error_text(), "the disk is full");
    ck_assert_uint_eq(atomic_load(&runs[1]), 0);
}
END_TEST

START_TEST(test_job_pool_ends_when_no_bench_opens)
{
    failing_open = true;
    ck_assert_int_eq(run_all(2), SGEO_IO);
    ck_assert_str_eq(sgeo_error_text(), "no bench");
    ck_assert_uint_eq(atomic_load(&runs[0]), 0);
}
END_TEST

/* The second job ends no sooner than the first has failed. */
static enum sgeo_status wait_for_stop(void *bench, size_t job, void *context)
{
    const atomic_bool *stop = bench;
    (void)context;
    while (job > 0 && !atomic_load(stop)) {
    }
    return job == 0 ? sgeo_fail(SGEO_CHECK_FAILED, NULL, "job 0 fails")
                    : sgeo_fail(SGEO_INTERRUPTED, NULL, "job %zu stopped", job);
}

START_TEST(test_job_pool_hands_down_the_sign_to_stop)
{
    const struct sgeo_job_pool pool = {.n = 2,
                                       .done = done,
                                       .cost = costs,
                                       .open = sgeo_job_pool_open_stop,
                                       .run = wait_for_stop,
                                       .close = sgeo_job_pool_close_stop,
                                       .keep = sgeo_job_pool_keep_nothing};
    ck_assert_int_eq(sgeo_job_pool_run(&pool, 2), SGEO_CHECK_FAILED);
    ck_assert_str_eq(sgeo_error_text(), "job 0 fails");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("job_pool");
    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_loop_test(tcase, test_job_pool_runs_and_keeps_every_job_once, 0, 4);
    tcase_add_test(tcase, test_job_pool_leaves_out_what_is_done);
    tcase_add_loop_test(tcase, test_job_pool_ends_as_the_first_failure, 0, 4);
    tcase_add_test(tcase, test_job_pool_ends_when_a_job_cannot_be_kept);
    tcase_add_test(tcase, test_job_pool_ends_when_no_bench_opens);
    tcase_add_test(tcase, test_job_pool_hands_down_the_sign_to_stop);
    return run_case("job_pool", tcase);
}
