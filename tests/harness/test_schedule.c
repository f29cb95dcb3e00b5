/* Schedules: what is handed out when, and how a run ends. */
#include "base/clock.h"
#include "harness/rig.h"
#include "harness/schedule.h"

enum { LEVELS = 3, ARCHS = 20, JOBS = LEVELS - 1 + LEVELS * ARCHS };

static const double levels[LEVELS] = {0.0, 10.0, 50.0};

/* Jobs as a campaign orders them: warm-ups, then scores. Nothing is computed: the tests complete
 * them. */
static struct sgeo_job jobs[JOBS];
static struct sgeo_options options;
static struct sgeo_run_context context;

struct seen {
    size_t records, fail_at; /* 0: never */
    double last_fraction, eta_seconds;
    size_t times[JOBS]; /* records of each job */
    bool early;         /* a score came before its warm-up was done */
    bool warm[LEVELS];
};

static size_t level_of(const struct sgeo_job_key *key)
{
    return key->level == levels[0] ? 0 : key->level == levels[1] ? 1 : 2;
}

static size_t job_of(const struct sgeo_job_key *key)
{
    size_t level = level_of(key);
    return key->kind == SGEO_JOB_WARMUP ? level - 1 : LEVELS - 1 + level * ARCHS + key->arch_index;
}

static void setup(void)
{
    const struct sgeo_task *task = sgeo_task_find("nb201-cf10");
    for (size_t l = 0; l < LEVELS; l++) {
        struct sgeo_job_key key = {.kind = SGEO_JOB_WARMUP, .task = task, .level = levels[l]};
        if (l > 0) {
            jobs[job_of(&key)] = (struct sgeo_job){.key = key, .cost = 5.0};
        }
        key.kind = SGEO_JOB_SCORE;
        for (key.arch_index = 0; key.arch_index < ARCHS; key.arch_index++) {
            jobs[job_of(&key)] = (struct sgeo_job){.key = key, .cost = 1.0};
        }
    }
    options = (struct sgeo_options){.workers = 1};
    context = (struct sgeo_run_context){.options = &options};
}

static enum sgeo_status note(const struct sgeo_record *record, void *opaque)
{
    struct seen *seen = opaque;
    size_t level = level_of(&record->key);
    seen->times[job_of(&record->key)]++;
    seen->warm[level] |= record->key.kind == SGEO_JOB_WARMUP;
    seen->early |= level > 0 && !seen->warm[level];
    seen->records++;
    return seen->records == seen->fail_at
               ? sgeo_fail(SGEO_IO, "free some space", "the disk of the test is full")
               : SGEO_OK;
}

static void note_progress(const struct sgeo_progress *progress, void *opaque)
{
    struct seen *seen = opaque;
    ck_assert(progress->fraction >= seen->last_fraction);
    ck_assert(progress->jobs_done <= progress->jobs_total);
    seen->last_fraction = progress->fraction;
    seen->eta_seconds = progress->eta_seconds;
}

static struct sgeo_schedule *create(struct seen *seen, const bool *done)
{
    struct sgeo_schedule *schedule = NULL;
    const struct sgeo_schedule_callbacks callbacks = {note, seen, note_progress, seen};
    ck_assert_int_eq(sgeo_schedule_create(&schedule, &context, jobs, JOBS, done, &callbacks),
                     SGEO_OK);
    return schedule;
}

static void complete(struct sgeo_schedule *schedule, size_t job)
{
    struct sgeo_job_source *source = sgeo_schedule_source(schedule);
    struct sgeo_record *record = sgeo_calloc(1, sizeof *record);
    record->key = jobs[job].key;
    source->complete(source, job, record);
    sgeo_free(record);
}

/* Tell of a long job half-way, as a training does. */
static void advance(struct sgeo_schedule *schedule, size_t job, double share)
{
    struct sgeo_job_source *source = sgeo_schedule_source(schedule);
    source->advance(source, job, share);
}

/* A worker thread that needs no time for its jobs. */
static void work(size_t worker, void *opaque)
{
    struct sgeo_schedule *schedule = opaque;
    struct sgeo_job_source *source = sgeo_schedule_source(schedule);
    size_t job;
    (void)worker;
    while (source->next(source, &job)) {
        complete(schedule, job);
    }
}

static void run_crew(struct sgeo_schedule *schedule, size_t workers)
{
    struct sgeo_crew *crew = NULL;
    ck_assert_int_eq(sgeo_crew_start(&crew, workers, work, schedule), SGEO_OK);
    while (!sgeo_schedule_wait(schedule, 1.0)) {
    }
    sgeo_crew_join(crew);
}

START_TEST(test_schedule_every_job_is_done_once_with_one_to_four_workers)
{
    for (size_t workers = 1; workers <= 4; workers++) {
        struct seen seen = {0};
        struct sgeo_schedule *schedule = create(&seen, NULL);
        run_crew(schedule, workers);
        ck_assert_int_eq(sgeo_schedule_status(schedule), SGEO_OK);
        for (size_t i = 0; i < JOBS; i++) {
            ck_assert_uint_eq(seen.times[i], 1);
        }
        ck_assert(!seen.early);
        ck_assert(seen.last_fraction == 1.0);
        sgeo_schedule_destroy(schedule);
    }
}
END_TEST

START_TEST(test_schedule_long_job_counts_while_it_runs)
{
    struct seen seen = {0};
    struct sgeo_schedule *schedule = create(&seen, NULL);
    const double total = 5.0 * (LEVELS - 1) + LEVELS * ARCHS;
    size_t first, second;
    bool finished;
    ck_assert(sgeo_schedule_try_next(schedule, &first, &finished));
    ck_assert(sgeo_schedule_try_next(schedule, &second, &finished));
    advance(schedule, first, 0.0);
    advance(schedule, second, 0.5); /* a training that was interrupted half-way */
    ck_assert(!sgeo_schedule_wait(schedule, 0.001));
    ck_assert_double_eq_tol(seen.last_fraction, 2.5 / total, 1e-12);
    ck_assert(seen.eta_seconds < 0.0); /* no work of this run: no rate yet */
    sgeo_sleep(0.01);
    advance(schedule, first, 0.2);
    ck_assert(!sgeo_schedule_wait(schedule, 0.001));
    ck_assert_double_eq_tol(seen.last_fraction, 3.5 / total, 1e-12);
    /* 1 of the cost took 10 ms or more */
    ck_assert_double_ge(seen.eta_seconds, 0.9 * 0.01 * (total - 3.5));
    complete(schedule, first);
    ck_assert_double_eq_tol(seen.last_fraction, 7.5 / total, 1e-12);
    complete(schedule, second);
    ck_assert_double_eq_tol(seen.last_fraction, 10.0 / total, 1e-12);
    sgeo_schedule_destroy(schedule);
}
END_TEST

START_TEST(test_schedule_score_never_starts_before_its_warmup)
{
    struct seen seen = {0};
    struct sgeo_schedule *schedule = create(&seen, NULL);
    size_t first, second, job = 0;
    bool finished = true;
    ck_assert(sgeo_schedule_try_next(schedule, &first, &finished));
    ck_assert(sgeo_schedule_try_next(schedule, &second, &finished));
    ck_assert_int_eq(jobs[first].key.kind, SGEO_JOB_WARMUP);
    ck_assert_int_eq(jobs[second].key.kind, SGEO_JOB_WARMUP);
    for (size_t i = 0; i < ARCHS; i++) { /* both warm-ups run: cold scores only, in their order */
        ck_assert(sgeo_schedule_try_next(schedule, &job, &finished));
        ck_assert(jobs[job].key.level == 0.0);
        ck_assert_uint_eq(jobs[job].key.arch_index, i);
    }
    ck_assert(!sgeo_schedule_try_next(schedule, &job, &finished));
    ck_assert(!finished);
    complete(schedule, second); /* its scores, and no others */
    for (size_t i = 0; i < ARCHS; i++) {
        ck_assert(sgeo_schedule_try_next(schedule, &job, &finished));
        ck_assert(jobs[job].key.level == jobs[second].key.level);
    }
    ck_assert(!sgeo_schedule_try_next(schedule, &job, &finished));
    ck_assert(!finished);
    complete(schedule, first);
    ck_assert(sgeo_schedule_try_next(schedule, &job, &finished));
    ck_assert(jobs[job].key.level == jobs[first].key.level);
    sgeo_schedule_destroy(schedule);
}
END_TEST

START_TEST(test_schedule_candidates_wait_for_no_warmup)
{
    for (size_t i = 0; i < JOBS; i++) {
        jobs[i].key.mode = SGEO_WARMUP_CANDIDATE;
    }
    struct seen seen = {0};
    bool finished = false, done[JOBS] = {false};
    struct sgeo_schedule *schedule = create(&seen, done);
    size_t job;
    for (size_t i = 0; i < JOBS; i++) {
        ck_assert(sgeo_schedule_try_next(schedule, &job, &finished));
        ck_assert_uint_eq(job, i);
    }
    ck_assert(!sgeo_schedule_try_next(schedule, &job, &finished));
    ck_assert(finished);
    sgeo_schedule_destroy(schedule);
}
END_TEST

START_TEST(test_schedule_done_jobs_are_not_handed_out_and_a_done_warmup_frees_its_scores)
{
    struct seen seen = {.warm = {false, true, true}};
    bool done[JOBS] = {true, true};
    size_t left = 0;
    for (size_t i = 2; i < JOBS; i++) {
        done[i] = i % 3 == 0;
        left += !done[i];
    }
    struct sgeo_schedule *schedule = create(&seen, done);
    run_crew(schedule, 2);
    ck_assert_uint_eq(seen.records, left);
    for (size_t i = 0; i < JOBS; i++) {
        ck_assert_uint_eq(seen.times[i], done[i] ? 0 : 1);
    }
    sgeo_schedule_destroy(schedule);
}
END_TEST

START_TEST(test_schedule_with_nothing_to_do_is_over_at_once)
{
    struct seen seen = {0};
    bool done[JOBS], finished = false;
    size_t job;
    memset(done, true, sizeof done);
    struct sgeo_schedule *schedule = create(&seen, done);
    ck_assert(sgeo_schedule_wait(schedule, 100.0));
    ck_assert(!sgeo_schedule_try_next(schedule, &job, &finished));
    ck_assert(finished);
    sgeo_schedule_destroy(schedule);
}
END_TEST

START_TEST(test_schedule_failing_sink_ends_the_run_with_its_text)
{
    struct seen seen = {.fail_at = 5};
    struct sgeo_schedule *schedule = create(&seen, NULL);
    run_crew(schedule, 1);
    ck_assert_uint_eq(seen.records, 5);
    ck_assert(atomic_load(&sgeo_schedule_source(schedule)->stop));
    ck_assert_int_eq(sgeo_schedule_status(schedule), SGEO_IO);
    ck_assert_str_eq(sgeo_error_text(), "the disk of the test is full");
    ck_assert_str_eq(sgeo_error_hint(), "free some space");
    sgeo_schedule_destroy(schedule);
}
END_TEST

START_TEST(test_schedule_first_failure_of_a_job_is_the_one_reported)
{
    struct seen seen = {0};
    struct sgeo_schedule *schedule = create(&seen, NULL);
    struct sgeo_job_source *source = sgeo_schedule_source(schedule);
    size_t job;
    ck_assert(source->next(source, &job));
    ck_assert(!atomic_load(&source->stop));
    (source->fail)(source, SGEO_CHECK_FAILED, "it diverged",
                   "another seed"); /* Check has a macro of that name */
    (source->fail)(source, SGEO_INTERRUPTED, "stopped", "");
    ck_assert(!source->next(source, &job));
    ck_assert(sgeo_schedule_wait(schedule, 100.0));
    ck_assert_int_eq(sgeo_schedule_status(schedule), SGEO_CHECK_FAILED);
    ck_assert_str_eq(sgeo_error_text(), "it diverged");
    sgeo_schedule_destroy(schedule);
}
END_TEST

/* Handing out all jobs of the whole space must not take the square of their number. */
START_TEST(test_schedule_of_the_whole_space_is_handed_out_quickly)
{
    enum { MANY = 15625 * 7 };
    struct sgeo_job *many = sgeo_calloc(MANY, sizeof *many);
    struct seen seen = {0};
    struct sgeo_schedule *schedule = NULL;
    const struct sgeo_schedule_callbacks callbacks = {note, &seen, NULL, NULL};
    const struct sgeo_task *task = sgeo_task_find("nb201-cf10");
    for (size_t i = 0; i < MANY; i++) {
        many[i].key = (struct sgeo_job_key){.kind = i < 6 ? SGEO_JOB_WARMUP : SGEO_JOB_SCORE,
                                            .task = task,
                                            .level = (double)(i % 6 + 1),
                                            .arch_index = i < 6 ? 0 : i};
    }
    double start = sgeo_wall_seconds();
    ck_assert_int_eq(sgeo_schedule_create(&schedule, &context, many, MANY, NULL, &callbacks),
                     SGEO_OK);
    size_t job, taken = 0;
    bool finished = false;
    for (size_t w = 0; w < 6; w++) {
        taken += sgeo_schedule_try_next(schedule, &job, &finished);
    }
    for (size_t tries = 0; tries < MANY; tries++) { /* all blocked: every look must be cheap */
        ck_assert(!sgeo_schedule_try_next(schedule, &job, &finished));
    }
    ck_assert_uint_eq(taken, 6);
    ck_assert(sgeo_wall_seconds() - start < 5.0);
    sgeo_schedule_destroy(schedule);
    sgeo_free(many);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("schedule");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, test_schedule_every_job_is_done_once_with_one_to_four_workers);
    tcase_add_test(tcase, test_schedule_long_job_counts_while_it_runs);
    tcase_add_test(tcase, test_schedule_score_never_starts_before_its_warmup);
    tcase_add_test(tcase, test_schedule_candidates_wait_for_no_warmup);
    tcase_add_test(tcase,
                   test_schedule_done_jobs_are_not_handed_out_and_a_done_warmup_frees_its_scores);
    tcase_add_test(tcase, test_schedule_with_nothing_to_do_is_over_at_once);
    tcase_add_test(tcase, test_schedule_failing_sink_ends_the_run_with_its_text);
    tcase_add_test(tcase, test_schedule_first_failure_of_a_job_is_the_one_reported);
    tcase_add_test(tcase, test_schedule_of_the_whole_space_is_handed_out_quickly);
    return run_case("schedule", tcase);
}
