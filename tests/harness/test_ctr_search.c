/*
 * Searches on generated click-through rows, from options to files: every way to judge, that a
 * killed warm-up goes on to the same result, and what is refused.
 */
#include "harness/ctr_search.h"

#include <math.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/memory.h"
#include "harness/ctr_task.h"
#include "harness/rig.h"
#include "proxy/ctr_measure.h"

static char out[SCRATCH_PATH_BYTES], other[SCRATCH_PATH_BYTES];
static struct sgeo_options options;
static struct sgeo_text printed;

static void setup(void)
{
    scratch_create();
    scratch_path(out, "out");
    scratch_path(other, "other");
    options = (struct sgeo_options){.preset = SGEO_PRESET_SMOKE,
                                    .batches = 2,
                                    .batch_size = 8,
                                    .n_levels = 1, /* 0 */
                                    .workers = 2,
                                    .seed = 3,
                                    .out = out};
    printed = (struct sgeo_text){0};
}

static void teardown(void)
{
    sgeo_text_clear(&printed);
    scratch_remove();
}

static const atomic_bool stopped = true;
static const atomic_bool *stop; /* NULL: the search is not stopped */

static enum sgeo_status run(const char *space, const char *method)
{
    char program[] = "bench_sigeo", *argv[] = {program};
    const struct sgeo_ctr_search search = {.space = space,
                                           .method = method,
                                           .options = &options,
                                           .argv = argv,
                                           .argc = 1,
                                           .sink = collect,
                                           .sink_context = &printed,
                                           .stop = stop};
    return sgeo_ctr_search_run(&search);
}

static void ok(enum sgeo_status status)
{
    ck_assert_msg(status == SGEO_OK, "%s", sgeo_error_text());
}

static void read_csv(struct sgeo_csv *csv, const char *directory)
{
    char path[2 * SCRATCH_PATH_BYTES];
    snprintf(path, sizeof path, "%s/search.csv", directory);
    ok(sgeo_csv_read(csv, path));
}

static double score_at(const struct sgeo_csv *csv, size_t row)
{
    return atof(sgeo_csv_cell(csv, row, sgeo_csv_column(csv, "score")));
}

/* Architectures and scores of two runs are the same, in every digit. */
static void assert_same_scores(const char *a, const char *b)
{
    static const char *const columns[] = {"generation", "kept", "best", "arch", "score", "status"};
    struct sgeo_csv csv[2];
    read_csv(&csv[0], a);
    read_csv(&csv[1], b);
    ck_assert_uint_eq(csv[0].n_rows, csv[1].n_rows);
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
        size_t column = sgeo_csv_column(&csv[0], columns[c]);
        for (size_t r = 0; r < csv[0].n_rows; r++) {
            ck_assert_str_eq(sgeo_csv_cell(&csv[0], r, column), sgeo_csv_cell(&csv[1], r, column));
        }
    }
    sgeo_csv_clear(&csv[0]);
    sgeo_csv_clear(&csv[1]);
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

/* --- ways to judge --- */

static const struct {
    const char *by, *proxy;
    const char *task;
    bool is_loss;
} ways[] = {{"sigeo", NULL, "criteo", false},
            {"sigeo", "sigeo-eq6", "avazu", false},
            {"zico", NULL, "kdd12", false},
            {"zico", "zico", "criteo", false},
            {"random", NULL, "criteo", true}};

START_TEST(test_ctr_search_scores_by_every_method)
{
    struct sgeo_csv csv;
    double lowest = INFINITY, highest = -(double)INFINITY;
    options.ctr_tasks[options.n_ctr_tasks++] = sgeo_ctr_task_find(ways[_i].task);
    if (ways[_i].proxy != NULL) {
        options.proxies[options.n_proxies++] = sgeo_ctr_proxy_find(ways[_i].proxy);
    }
    ok(run("nasrec-small", ways[_i].by));
    read_csv(&csv, out);
    ck_assert_uint_eq(csv.n_rows, 48);
    for (size_t r = 0; r < csv.n_rows; r++) {
        double score = score_at(&csv, r);
        ck_assert_str_eq(sgeo_csv_cell(&csv, r, sgeo_csv_column(&csv, "status")), "ok");
        ck_assert_str_eq(sgeo_csv_cell(&csv, r, sgeo_csv_column(&csv, "task")), ways[_i].task);
        lowest = fmin(lowest, score);
        highest = fmax(highest, score);
    }
    ck_assert_double_lt(lowest, highest);
    if (ways[_i].is_loss) { /* of clicks: near the entropy of their rate, 0.57, or below */
        ck_assert_double_gt(lowest, 0.3);
        ck_assert_double_lt(lowest, 0.65);
    }
    ck_assert_uint_eq(count_of(printed.bytes, "\n"), 1 + sgeo_search_size(SGEO_PRESET_SMOKE).best);
    sgeo_csv_clear(&csv);
}
END_TEST

/* The authors' readings see the last layer alone: others give other numbers. */
START_TEST(test_ctr_search_readings_differ)
{
    struct sgeo_csv csv[2];
    options.proxies[options.n_proxies++] = &sgeo_proxy_sigeo_nasrec;
    ok(run("nasrec-small", "sigeo"));
    options.proxies[0] = &sgeo_proxy_sigeo_eq6;
    options.out = other;
    ok(run("nasrec-small", "sigeo"));
    read_csv(&csv[0], out);
    read_csv(&csv[1], other);
    ck_assert_double_gt(fabs(score_at(&csv[0], 0) - score_at(&csv[1], 0)), 1.0);
    sgeo_csv_clear(&csv[0]);
    sgeo_csv_clear(&csv[1]);
}
END_TEST

/* --- warm-up --- */

START_TEST(test_ctr_search_warms_up_and_says_so)
{
    options.levels[0] = 5; /* 3 of 62 steps */
    ok(run("nasrec-small", NULL));
    char *meta = contents(out, "meta.json"), *journal = contents(out, "journal.jsonl");
    ck_assert_uint_eq(count_of(meta, "\"data\": \"generated\""), 1);
    ck_assert_uint_eq(count_of(meta, "\"steps\": 3"), 1);
    ck_assert_uint_eq(count_of(meta, "\"steps_at_100_percent\": 62"), 1);
    ck_assert_uint_eq(count_of(meta, "\"paper_equivalent_percent\": 0.002"), 1);
    ck_assert_uint_eq(count_of(journal, "\"preparation_seconds\""), 1);
    ck_assert_uint_eq(count_of(journal, "\"warmup_steps\":3,"), 1);
    sgeo_free(meta);
    sgeo_free(journal);
    options.out = other;
    options.levels[0] = 0;
    ok(run("nasrec-small", NULL));
    struct sgeo_csv csv[2];
    read_csv(&csv[0], out);
    read_csv(&csv[1], other);
    ck_assert_str_eq(sgeo_csv_cell(&csv[0], 0, 8), sgeo_csv_cell(&csv[1], 0, 8)); /* arch */
    ck_assert(score_at(&csv[0], 0) != score_at(&csv[1], 0));
    sgeo_csv_clear(&csv[0]);
    sgeo_csv_clear(&csv[1]);
}
END_TEST

/* The journal's first lines survive, then all of it: the checkpoint and the rest go on. */
START_TEST(test_ctr_search_goes_on_to_the_same_scores)
{
    char path[SCRATCH_PATH_BYTES];
    options.levels[0] = 5;
    ok(run("nasrec-small", "zico"));
    tiny_folder("other");
    char *journal = contents(out, "journal.jsonl");
    scratch_write(path, "other/journal.jsonl", journal, strlen(journal) / 2);
    sgeo_free(journal);
    options.out = other;
    options.workers = 1;
    ck_assert_int_eq(run("nasrec-small", "zico"), SGEO_USAGE);
    assert_error_has("holds a run already");
    options.resume = true;
    ok(run("nasrec-small", "zico"));
    assert_same_scores(out, other);
    options.batches = 3;
    ck_assert_int_eq(run("nasrec-small", "zico"), SGEO_USAGE);
    assert_error_has("other arguments");
}
END_TEST

START_TEST(test_ctr_search_is_stopped_in_its_warm_up)
{
    options.levels[0] = 5;
    stop = &stopped;
    ck_assert_int_eq(run("nasrec-small", NULL), SGEO_INTERRUPTED);
    assert_error_has("warm-up of nasrec-small on criteo stopped");
    stop = NULL;
}
END_TEST

START_TEST(test_ctr_search_refuses_a_checkpoint_that_is_none)
{
    char path[SCRATCH_PATH_BYTES];
    options.levels[0] = 5;
    tiny_folder("out");
    tiny_folder("out/checkpoints");
    scratch_write(path, "out/checkpoints/nasrec-small-criteo-w5-s3.ckpt", "none", 4);
    ck_assert_int_eq(run("nasrec-small", NULL), SGEO_IO);
    assert_error_has("is not a checkpoint of a training");
}
END_TEST

/* --- refusals --- */

static void assert_refused(const char *space, const char *method, const char *words)
{
    ck_assert_int_eq(run(space, method), SGEO_USAGE);
    assert_error_has(words);
    ck_assert_int_eq((int)scratch_size(out), -1);
}

START_TEST(test_ctr_search_refuses_what_contradicts_it)
{
    assert_refused("nasrec-tiny", NULL, "unknown space to search: nasrec-tiny");
    assert_refused("nb201", NULL, "unknown space to search: nb201");
    assert_refused("nasrec-small", "evolution", "--by evolution");
    options.proxies[options.n_proxies++] = &sgeo_proxy_zico;
    assert_refused("nasrec-small", NULL, "--by sigeo judges by one of its own proxies, not zico");
    assert_refused("nasrec-small", "oneshot", "--by oneshot judges by a loss");
    options.has_lambda = true;
    assert_refused("nasrec-small", "zico", "--lambda weighs terms, zico has none");
    options.proxies[options.n_proxies++] = &sgeo_proxy_zico_nasrec;
    assert_refused("nasrec-small", "zico", "judges by one of its own proxies");
    options.n_proxies = 0;
    assert_refused("nasrec-small", "random", "--by random judges by a loss");
    options.has_lambda = false;
    options.n_levels = 2;
    assert_refused("nasrec-small", NULL, "one warm-up level");
    options.n_levels = 1;
    options.seeds = 2;
    assert_refused("nasrec-small", NULL, "one seed");
    options.seeds = 1;
    options.shards = 2;
    assert_refused("nasrec-small", NULL, "shards");
    options.shards = 0;
    options.data_formula = true;
    assert_refused("nasrec-small", NULL, "--data formula has no click-through rows");
}
END_TEST

START_TEST(test_ctr_search_dry_run_leaves_nothing)
{
    options.dry_run = true;
    ok(run("nasrec-full", "oneshot"));
    ck_assert_uint_eq(count_of(printed.bytes, "search of nasrec-full on criteo by oneshot: 48"), 1);
    ck_assert_int_eq((int)scratch_size(out), -1);
}
END_TEST

START_TEST(test_ctr_search_without_the_rows_says_where_they_belong)
{
    options.data = scratch_directory;
    ck_assert_int_eq(run("nasrec-small", NULL), SGEO_IO);
    assert_error_has("criteo/train.txt");
    ck_assert_int_eq((int)scratch_size(out), -1);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("ctr_search");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, test_ctr_search_scores_by_every_method, 0,
                        sizeof ways / sizeof *ways);
    tcase_add_test(tcase, test_ctr_search_readings_differ);
    tcase_add_test(tcase, test_ctr_search_warms_up_and_says_so);
    tcase_add_test(tcase, test_ctr_search_goes_on_to_the_same_scores);
    tcase_add_test(tcase, test_ctr_search_is_stopped_in_its_warm_up);
    tcase_add_test(tcase, test_ctr_search_refuses_a_checkpoint_that_is_none);
    tcase_add_test(tcase, test_ctr_search_refuses_what_contradicts_it);
    tcase_add_test(tcase, test_ctr_search_dry_run_leaves_nothing);
    tcase_add_test(tcase, test_ctr_search_without_the_rows_says_where_they_belong);
    return run_case("ctr_search", tcase);
}
