/*
 * Searches with a synthetic score: their files, that neither interruptions nor the number of
 * workers change them, and how they fail.
 */
#include <math.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "harness/rig.h"
#include "harness/search_run.h"

enum { EVALUATIONS = 16 + 8 * 4, HISTORY = 8 * 2, BEST = 2 }; /* of the smoke preset */

static char out[SCRATCH_PATH_BYTES], other[SCRATCH_PATH_BYTES];
static struct sgeo_options options;
static struct sgeo_text printed;

/* --- a synthetic scorer ----------------------------------------------------------------------- */

/* What all threads share. */
static struct {
    atomic_size_t opened, closed, scored;
    size_t fail_after; /* the evaluation that fails; 0: none */
    bool fail_open, nan;
    size_t prepared;   /* how often */
    bool fail_prepare; /* the next time */
    struct sgeo_search_cost cost;
    double last_fraction;
    double stop_at; /* the fraction that ends the search; 0: none */
    atomic_bool stop;
} plan;

static enum sgeo_status open_scorer(void **scorer, const atomic_bool *stop, void *context)
{
    ck_assert(!atomic_load(stop));
    ck_assert_ptr_eq(context, &plan);
    if (plan.fail_open) {
        return sgeo_fail(SGEO_IO, "find it", "the checkpoint is gone");
    }
    atomic_fetch_add(&plan.opened, 1);
    *scorer = sgeo_calloc(1, 1);
    return SGEO_OK;
}

static void close_scorer(void *scorer)
{
    if (scorer != NULL) {
        atomic_fetch_add(&plan.closed, 1);
        sgeo_free(scorer);
    }
}

/* Wide blocks are good; the rest is noise of the architecture's own. */
static enum sgeo_status score(double *value, void *scorer, const struct sgeo_candidate *candidate)
{
    char token[SGEO_NASREC_TOKEN_MAX];
    double width = 0.0;
    ck_assert_ptr_nonnull(scorer);
    if (atomic_fetch_add(&plan.scored, 1) + 1 == plan.fail_after) {
        return sgeo_fail(SGEO_INTERRUPTED, "go on", "the test pulled the plug");
    }
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        width += candidate->arch.blocks[b].dense_dim / 1024.0;
    }
    sgeo_nasrec_token(token, &candidate->arch);
    *value = plan.nan ? (double)NAN : width + sgeo_hash_uniform(sgeo_fnv1a(token), 0);
    return SGEO_OK;
}

/* --- helpers ---------------------------------------------------------------------------------- */

static void setup(void)
{
    scratch_create();
    scratch_path(out, "out");
    scratch_path(other, "other");
    options = (struct sgeo_options){.workers = 1, .seed = 3, .out = out};
    memset(&plan, 0, sizeof plan);
    printed = (struct sgeo_text){0};
}

static void teardown(void)
{
    ck_assert_uint_eq(atomic_load(&plan.opened), atomic_load(&plan.closed));
    sgeo_text_clear(&printed);
    scratch_remove();
}

static void note_progress(const struct sgeo_progress *progress, void *context)
{
    ck_assert_ptr_eq(context, &plan);
    ck_assert_uint_eq(progress->jobs_total, EVALUATIONS);
    ck_assert(progress->fraction > plan.last_fraction);
    plan.last_fraction = progress->fraction;
    if (plan.stop_at > 0.0 && progress->fraction >= plan.stop_at) {
        atomic_store(&plan.stop, true);
    }
}

static struct sgeo_search_request request_by(const char *method)
{
    return (struct sgeo_search_request){
        .space = SGEO_NASREC_SMALL,
        .task = "criteo",
        .method = sgeo_search_method_find(method),
        .size = sgeo_search_size(SGEO_PRESET_SMOKE),
        .scorer = {open_scorer, score, close_scorer, &plan},
        .identity = "\"warmup\":1",
        .options = &options,
        .sink = collect,
        .sink_context = &printed,
        .progress = note_progress,
        .progress_context = &plan,
        .stop = &plan.stop,
    };
}

static enum sgeo_status run_by(const char *method)
{
    struct sgeo_search_request request = request_by(method);
    plan.last_fraction = 0.0;
    return sgeo_search_run(&request);
}

static void ok(enum sgeo_status status)
{
    ck_assert_msg(status == SGEO_OK, "%s", sgeo_error_text());
}

static char *contents(const char *directory, const char *name)
{
    char path[2 * SCRATCH_PATH_BYTES];
    unsigned char *bytes = NULL;
    size_t n = 0;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    ok(sgeo_file_read(path, (size_t)1 << 24, &bytes, &n));
    return (char *)bytes;
}

static void read_csv(struct sgeo_csv *csv, const char *directory, const char *name)
{
    char path[2 * SCRATCH_PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    ok(sgeo_csv_read(csv, path));
}

/* Everything but the CPU seconds. */
static void assert_same_files(void)
{
    static const char *const names[] = {"search.csv", "search_best.csv"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct sgeo_csv a, b;
        read_csv(&a, out, names[i]);
        read_csv(&b, other, names[i]);
        ck_assert_uint_eq(a.n_rows, b.n_rows);
        ck_assert_uint_eq(a.n_columns, b.n_columns);
        for (size_t c = 0; c < a.n_columns; c++) {
            ck_assert_str_eq(a.header[c], b.header[c]);
            for (size_t r = 0; strcmp(a.header[c], "seconds_cpu") != 0 && r < a.n_rows; r++) {
                ck_assert_str_eq(sgeo_csv_cell(&a, r, c), sgeo_csv_cell(&b, r, c));
            }
        }
        sgeo_csv_clear(&a);
        sgeo_csv_clear(&b);
    }
}

static const char *cell(const struct sgeo_csv *csv, size_t row, const char *column)
{
    size_t c = sgeo_csv_column(csv, column);
    ck_assert_msg(c != SGEO_CSV_NONE, "no column %s", column);
    return sgeo_csv_cell(csv, row, c);
}

/* --- files ------------------------------------------------------------------------------------ */

START_TEST(test_search_leaves_every_candidate_and_the_best)
{
    struct sgeo_csv all, best;
    size_t kept = 0, ranked = 0;
    ok(run_by("sigeo"));
    ck_assert_double_eq(plan.last_fraction, 1.0);
    read_csv(&all, out, "search.csv");
    read_csv(&best, out, "search_best.csv");
    ck_assert_uint_eq(all.n_rows, EVALUATIONS);
    ck_assert_uint_eq(best.n_rows, BEST);
    for (size_t r = 0; r < all.n_rows; r++) {
        char evaluation[32], generation[32];
        struct sgeo_nasrec_arch arch;
        snprintf(evaluation, sizeof evaluation, "%zu", r);
        snprintf(generation, sizeof generation, "%zu", r < 16 ? 0 : 1 + (r - 16) / 4);
        ck_assert_str_eq(cell(&all, r, "evaluation"), evaluation);
        ck_assert_str_eq(cell(&all, r, "generation"), generation);
        ck_assert_str_eq(cell(&all, r, "search_space"), "nasrec-small");
        ck_assert_str_eq(cell(&all, r, "by"), "sigeo");
        ck_assert_str_eq(cell(&all, r, "seed"), "3");
        ck_assert_str_eq(cell(&all, r, "status"), "ok");
        ok(sgeo_nasrec_decode(&arch, cell(&all, r, "arch")));
        kept += *cell(&all, r, "kept") != '\0' ? 1 : 0;
        ranked += *cell(&all, r, "best") != '\0' ? 1 : 0;
        ck_assert(*cell(&all, r, "best") == '\0' || *cell(&all, r, "kept") != '\0');
    }
    ck_assert_uint_eq(kept, HISTORY);
    ck_assert_uint_eq(ranked, BEST);
    for (size_t r = 1; r < BEST; r++) { /* higher is better */
        ck_assert_double_lt(atof(cell(&best, r, "score")), atof(cell(&best, r - 1, "score")));
        ck_assert_int_eq(atoi(cell(&best, r, "best")), (int)r + 1);
    }
    char *file = contents(out, "search_best.csv");
    ck_assert_str_eq(printed.bytes, file);
    sgeo_free(file);
    sgeo_csv_clear(&all);
    sgeo_csv_clear(&best);
}
END_TEST

START_TEST(test_random_search_takes_the_best_of_all)
{
    struct sgeo_csv all, best;
    double lowest = 1e9;
    ok(run_by("random"));
    read_csv(&all, out, "search.csv");
    read_csv(&best, out, "search_best.csv");
    ck_assert_uint_eq(all.n_rows, EVALUATIONS);
    for (size_t r = 0; r < all.n_rows; r++) {
        ck_assert_str_eq(cell(&all, r, "generation"), "0");
        ck_assert_str_eq(cell(&all, r, "kept"), "");
        lowest = fmin(lowest, atof(cell(&all, r, "score")));
    }
    ck_assert_double_eq(atof(cell(&best, 0, "score")), lowest); /* one-shot losses */
    sgeo_csv_clear(&all);
    sgeo_csv_clear(&best);
}
END_TEST

START_TEST(test_search_does_not_depend_on_workers)
{
    ok(run_by("zico"));
    ck_assert_uint_eq(atomic_load(&plan.opened), 1);
    options.workers = 3;
    options.out = other;
    ok(run_by("zico"));
    ck_assert_uint_le(atomic_load(&plan.opened), 1 + 3);
    ck_assert_uint_eq(atomic_load(&plan.scored), 2 * EVALUATIONS);
    assert_same_files();
}
END_TEST

/* --- interruption ----------------------------------------------------------------------------- */

/* In the population, at its end, in generations; with one worker or two. */
static const size_t failing[] = {1, 2, 9, 16, 17, 20, 21, 34, 47, 48};

START_TEST(test_interrupted_search_goes_on_to_the_same_files)
{
    ok(run_by("oneshot"));
    atomic_store(&plan.scored, 0);
    options.out = other;
    options.workers = 1 + (size_t)_i % 2;
    plan.fail_after = failing[_i];
    ck_assert_int_eq(run_by("oneshot"), SGEO_INTERRUPTED);
    assert_error_has("the test pulled the plug");
    ck_assert_str_eq(sgeo_error_hint(), "go on");
    char *journal = contents(other, "journal.jsonl");
    size_t recorded = count_of(journal, "{\"candidate\":");
    ck_assert_uint_ge(recorded, failing[_i] - 1);
    ck_assert(recorded == failing[_i] - 1 || options.workers == 2); /* which may have gone on */
    sgeo_free(journal);
    plan.fail_after = 0;
    ck_assert_int_eq(run_by("oneshot"), SGEO_USAGE);
    assert_error_has("holds a run already");
    atomic_store(&plan.scored, 0);
    options.resume = true;
    ok(run_by("oneshot"));
    ck_assert_uint_eq(atomic_load(&plan.scored) + recorded, EVALUATIONS);
    assert_same_files();
}
END_TEST

START_TEST(test_stopped_search_goes_on_to_the_same_files)
{
    ok(run_by("zico"));
    atomic_store(&plan.scored, 0);
    options.out = other;
    plan.stop_at = 0.5;
    ck_assert_int_eq(run_by("zico"), SGEO_INTERRUPTED);
    assert_error_has("search of nasrec-small on criteo stopped");
    ck_assert_uint_eq(atomic_load(&plan.scored), EVALUATIONS / 2);
    plan.stop_at = 0.0;
    atomic_store(&plan.stop, false);
    options.resume = true;
    ok(run_by("zico"));
    ck_assert_uint_eq(atomic_load(&plan.scored), EVALUATIONS);
    assert_same_files();
}
END_TEST

START_TEST(test_line_that_a_crash_cut_short_is_evaluated_again)
{
    char path[SCRATCH_PATH_BYTES];
    ok(run_by("sigeo"));
    char *journal = contents(out, "journal.jsonl");
    ck_assert_uint_eq(count_of(journal, "\n"), 1 + EVALUATIONS);
    tiny_folder("other");
    scratch_write(path, "other/journal.jsonl", journal, strlen(journal) * 2 / 5);
    sgeo_free(journal);
    options.out = other;
    options.resume = true;
    ok(run_by("sigeo"));
    assert_same_files();
}
END_TEST

START_TEST(test_finished_search_resumed_evaluates_nothing)
{
    ok(run_by("sigeo"));
    struct sgeo_text first = printed;
    printed = (struct sgeo_text){0};
    options.resume = true;
    ok(run_by("sigeo"));
    ck_assert_uint_eq(atomic_load(&plan.scored), EVALUATIONS);
    ck_assert_uint_eq(atomic_load(&plan.opened), 1);
    ck_assert_str_eq(printed.bytes, first.bytes);
    sgeo_text_clear(&first);
}
END_TEST

/* --- preparation --- */

static enum sgeo_status prepare(double *seconds, void *context)
{
    ck_assert_ptr_eq(context, &plan);
    ck_assert_uint_eq(atomic_load(&plan.opened), atomic_load(&plan.closed)); /* no scorer yet */
    *seconds = 2.5;
    plan.prepared++;
    return plan.fail_prepare ? sgeo_fail(SGEO_CHECK_FAILED, NULL, "it diverged") : SGEO_OK;
}

static enum sgeo_status run_prepared(void)
{
    struct sgeo_search_request request = request_by("sigeo");
    plan.last_fraction = 0.0;
    request.prepare = prepare;
    request.prepare_context = &plan;
    request.cost = &plan.cost;
    return sgeo_search_run(&request);
}

START_TEST(test_search_prepares_before_what_the_journal_lacks)
{
    plan.fail_prepare = true;
    ck_assert_int_eq(run_prepared(), SGEO_CHECK_FAILED);
    assert_error_has("it diverged");
    ck_assert_uint_eq(atomic_load(&plan.scored), 0);
    plan.fail_prepare = false;
    plan.fail_after = 20;
    options.resume = true;
    ck_assert_int_eq(run_prepared(), SGEO_INTERRUPTED);
    plan.fail_after = 0;
    ok(run_prepared());
    ck_assert_uint_eq(plan.prepared, 3);
    ck_assert_double_eq(plan.cost.preparation, 5.0); /* both that came to their end */
    ck_assert_double_gt(plan.cost.evaluations, 0.0);
    ok(run_prepared()); /* nothing is left */
    ck_assert_uint_eq(plan.prepared, 3);
    ck_assert_double_eq(plan.cost.preparation, 5.0);
    options.resume = false;
    ck_assert_int_eq(run_prepared(), SGEO_USAGE);
    ck_assert_uint_eq(plan.prepared, 3);
}
END_TEST

/* --- refusals --------------------------------------------------------------------------------- */

START_TEST(test_search_of_other_arguments_is_not_gone_on_with)
{
    ok(run_by("sigeo"));
    options.resume = true;
    ck_assert_int_eq(run_by("zico"), SGEO_USAGE);
    assert_error_has("other arguments");
    options.seed = 4;
    ck_assert_int_eq(run_by("sigeo"), SGEO_USAGE);
    options.seed = 3;
    struct sgeo_search_request request = request_by("sigeo");
    request.identity = "\"warmup\":100";
    ck_assert_int_eq(sgeo_search_run(&request), SGEO_USAGE);
    request = request_by("sigeo");
    request.size.evolution.sample = 16;
    ck_assert_int_eq(sgeo_search_run(&request), SGEO_USAGE);
    request = request_by("sigeo");
    request.space = SGEO_NASREC_FULL;
    ck_assert_int_eq(sgeo_search_run(&request), SGEO_USAGE);
    request = request_by("sigeo");
    request.task = "avazu";
    ck_assert_int_eq(sgeo_search_run(&request), SGEO_USAGE);
    ck_assert_uint_eq(atomic_load(&plan.scored), EVALUATIONS);
}
END_TEST

/* Overwrite the character that follows `word`. */
static void overwrite(struct sgeo_text *text, const char *word, char character)
{
    char *at = strstr(text->bytes, word);
    ck_assert_ptr_nonnull(at);
    at[strlen(word)] = character;
}

/* The first candidate renumbered, then a line that is none of a search. */
START_TEST(test_journal_of_another_search_or_damaged_is_refused)
{
    char path[SCRATCH_PATH_BYTES];
    struct sgeo_text journal = {0};
    ok(run_by("sigeo"));
    char *bytes = contents(out, "journal.jsonl");
    sgeo_text_append(&journal, "%s", bytes);
    sgeo_free(bytes);
    overwrite(&journal, "{\"candidate\":", '3');
    tiny_folder("other");
    scratch_write(path, "other/journal.jsonl", journal.bytes, journal.length);
    options.out = other;
    options.resume = true;
    ck_assert_int_eq(run_by("sigeo"), SGEO_USAGE);
    assert_error_has("evaluation 3 of this search is of another architecture");
    overwrite(&journal, "{\"candidate\"", ';');
    scratch_write(path, "other/journal.jsonl", journal.bytes, journal.length);
    ck_assert_int_eq(run_by("sigeo"), SGEO_IO);
    assert_error_has("not a search's journal line");
    sgeo_text_clear(&journal);
}
END_TEST

START_TEST(test_scorer_that_cannot_be_opened_ends_the_search)
{
    plan.fail_open = true;
    options.workers = 2;
    ck_assert_int_eq(run_by("sigeo"), SGEO_IO);
    assert_error_has("the checkpoint is gone");
    ck_assert_str_eq(sgeo_error_hint(), "find it");
    ck_assert_uint_eq(atomic_load(&plan.scored), 0);
}
END_TEST

START_TEST(test_search_without_a_finite_score_says_so)
{
    plan.nan = true;
    ck_assert_int_eq(run_by("sigeo"), SGEO_CHECK_FAILED);
    assert_error_has("none of 48 candidates");
    char *all = contents(out, "search.csv"), path[2 * SCRATCH_PATH_BYTES];
    ck_assert_uint_eq(count_of(all, ",nan,"), EVALUATIONS);
    ck_assert_uint_eq(count_of(all, ",nan\n"), EVALUATIONS);
    snprintf(path, sizeof path, "%s/search_best.csv", out);
    ck_assert_int_eq((int)scratch_size(path), -1);
    sgeo_free(all);
}
END_TEST

START_TEST(test_dry_run_prints_the_plan_and_leaves_nothing)
{
    options.dry_run = true;
    ok(run_by("sigeo"));
    ck_assert_uint_eq(count_of(printed.bytes, "search of nasrec-small on criteo by sigeo: 48 eval"),
                      1);
    ck_assert_uint_eq(count_of(printed.bytes, "16 random, 8 generations of 4 from a sample of 8"),
                      1);
    ck_assert_int_eq((int)scratch_size(out), -1);
    ck_assert_uint_eq(atomic_load(&plan.scored), 0);
}
END_TEST

START_TEST(test_methods_are_those_of_the_command_line)
{
    static const struct sgeo_search_method expected[] = {{"sigeo", true, true},
                                                         {"zico", true, true},
                                                         {"oneshot", false, true},
                                                         {"random", false, false}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const struct sgeo_search_method *method = sgeo_search_method_find(expected[i].name);
        ck_assert_str_eq(method->name, expected[i].name);
        ck_assert(method->higher_is_better == expected[i].higher_is_better);
        ck_assert(method->evolves == expected[i].evolves);
    }
    ck_assert_ptr_null(sgeo_search_method_find("evolution"));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("search_run");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_search_prepares_before_what_the_journal_lacks);
    tcase_add_test(tcase, test_search_leaves_every_candidate_and_the_best);
    tcase_add_test(tcase, test_random_search_takes_the_best_of_all);
    tcase_add_test(tcase, test_search_does_not_depend_on_workers);
    tcase_add_loop_test(tcase, test_interrupted_search_goes_on_to_the_same_files, 0,
                        sizeof failing / sizeof *failing);
    tcase_add_test(tcase, test_stopped_search_goes_on_to_the_same_files);
    tcase_add_test(tcase, test_line_that_a_crash_cut_short_is_evaluated_again);
    tcase_add_test(tcase, test_finished_search_resumed_evaluates_nothing);
    tcase_add_test(tcase, test_search_of_other_arguments_is_not_gone_on_with);
    tcase_add_test(tcase, test_journal_of_another_search_or_damaged_is_refused);
    tcase_add_test(tcase, test_scorer_that_cannot_be_opened_ends_the_search);
    tcase_add_test(tcase, test_search_without_a_finite_score_says_so);
    tcase_add_test(tcase, test_dry_run_prints_the_plan_and_leaves_nothing);
    tcase_add_test(tcase, test_methods_are_those_of_the_command_line);
    return run_case("search_run", tcase);
}
