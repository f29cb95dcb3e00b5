/*
 * Table 3b on generated rows: ground truth is minus the trainings' log loss, the regret to Bayes is
 * exact, ceilings are between the trainings; scores are not measured twice, and those of other
 * arguments are not taken.
 */
#include "harness/table3b.h"

#include <math.h>

#include "base/file.h"
#include "harness/ctr_bayes.h"
#include "harness/ctr_task.h"
#include "harness/rig.h"
#include "harness/table.h"
#include "harness/table3b_plan.h"
#include "proxy/ctr_measure.h"

static const char small_archs[] =
    "# four\n"
    "nasrec-small F,E|16,16|-|0;0;0,0 F,E|32,16|-|1;1;0,0 F,E|16,16|-|0,1;0;0,0 "
    "F,E|16,16|-|0;0;0,0 F,E|16,16|-|0;0;0,0 F,E|16,16|-|0;0;0,0 F,E|16,16|-|2;1;0,0\n"
    "nasrec-small D,E|16,16|-|0;0;0,0 F,E|32,16|f|1;1;0,0 F,E|16,16|-|0,1;0;0,0 "
    "F,E|16,16|-|0;0;0,0 F,E|16,16|-|0;0;0,0 F,E|16,16|-|0;0;0,0 F,E|64,16|-|2;1;0,0\n"
    "nasrec-small F,E|16,16|i|0;0;0,0 D,E|32,16|-|1;1;0,0 F,E|16,16|-|0,1;0;0,0 "
    "F,E|16,16|-|0;0;0,0 F,E|16,16|-|0;0;0,0 F,E|16,16|-|0;0;0,0 F,E|128,32|-|2;1;0,0\n"
    "kdd-small\n";

enum { ARCHS = 4, TWICE = 3 };

static struct sgeo_options options;
static char out[SCRATCH_PATH_BYTES], list[SCRATCH_PATH_BYTES];
static struct sgeo_text printed;
static struct sgeo_csv csv;

static void ok(enum sgeo_status status)
{
    ck_assert_msg(status == SGEO_OK, "%s", sgeo_error_text());
}

static void setup(void)
{
    scratch_create();
    scratch_path(out, "out");
    scratch_write(list, "archs", small_archs, sizeof small_archs - 1);
    options = (struct sgeo_options){.preset = SGEO_PRESET_SMOKE,
                                    .n_ctr_tasks = 1,
                                    .n_proxies = 3,
                                    .n_levels = 2,
                                    .batches = 2,
                                    .batch_size = 8,
                                    .workers = 2,
                                    .seed = 3,
                                    .archs_file = list,
                                    .out = out};
    options.ctr_tasks[0] = sgeo_ctr_task_find("kdd12");
    options.levels[1] = 10.0;
    options.proxies[0] = sgeo_ctr_proxy_find("zico");
    options.proxies[1] = sgeo_ctr_proxy_find("sigeo-eq6");
    options.proxies[2] = &sgeo_proxy_params;
    printed = (struct sgeo_text){0};
    csv = (struct sgeo_csv){0};
}

static void teardown(void)
{
    sgeo_text_clear(&printed);
    sgeo_csv_clear(&csv);
    scratch_remove();
}

static void print(const char *text, void *context)
{
    (void)context;
    sgeo_text_append(&printed, "%s", text);
}

/* What was reported of as many jobs as there are scores. */
static size_t n_scores, n_reports, first_done, last_done, without_eta;

static void note(const struct sgeo_progress *progress, void *context)
{
    (void)context;
    if (progress->jobs_total == n_scores) {
        first_done = n_reports == 0 ? progress->jobs_done : first_done;
        last_done = progress->jobs_done;
        without_eta += progress->eta_seconds < 0.0;
        n_reports++;
    }
}

static enum sgeo_status run(void)
{
    static char name[] = "bench_sigeo";
    char *argv[] = {name};
    sgeo_text_clear(&printed);
    n_reports = without_eta = 0;
    n_scores = ARCHS * options.n_levels;
    return sgeo_table_run("3b", &options, NULL, 1, argv, print, note, NULL);
}

static void read_table(const char *name)
{
    char path[2 * SCRATCH_PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", out, name);
    sgeo_csv_clear(&csv);
    ok(sgeo_csv_read(&csv, path));
}

static const char *field(size_t row, const char *column)
{
    ck_assert_uint_ne(sgeo_csv_column(&csv, column), SGEO_CSV_NONE);
    return sgeo_csv_cell(&csv, row, sgeo_csv_column(&csv, column));
}

static double number(size_t row, const char *column)
{
    double value = (double)NAN;
    ck_assert_msg(sgeo_parse_double(field(row, column), &value), "%s is no number: %s", column,
                  field(row, column));
    return value;
}

static size_t row_of(const char *proxy, const char *level, const char *truth, const char *statistic)
{
    size_t row = 0;
    while (row < csv.n_rows &&
           (strcmp(field(row, "proxy"), proxy) != 0 || strcmp(field(row, "truth"), truth) != 0 ||
            strcmp(field(row, "warmup_percent"), level) != 0 ||
            strcmp(field(row, "statistic"), statistic) != 0)) {
        row++;
    }
    ck_assert_msg(row < csv.n_rows, "no %s of %s at %s", statistic, proxy, level);
    return row;
}

/* Losses of the architectures with a seed, in the list's order, from models.csv. */
static void read_losses(double losses[ARCHS], const char *seed, const char *column)
{
    size_t n = 0;
    for (size_t r = 0; r < csv.n_rows; r++) {
        if (strcmp(field(r, "seed"), seed) == 0) {
            losses[n++] = number(r, column);
        }
    }
    ck_assert_uint_eq(n, strcmp(seed, "3") == 0 ? ARCHS : TWICE);
}

static double least(const double losses[ARCHS])
{
    return fmin(fmin(losses[0], losses[1]), fmin(losses[2], losses[3]));
}

/* The architecture with the most parameters is the one that `params` chooses: the last. */
START_TEST(test_table3b_regrets_are_in_log_loss_and_exact_to_bayes)
{
    struct sgeo_table3b table = {.n_sets = 0};
    double test[ARCHS], valid[ARCHS], bayes = 0.0;
    options.n_levels = 1; /* cold */
    ok(run());
    read_table("models.csv");
    read_losses(test, "3", "test_log_loss");
    read_losses(valid, "3", "valid_log_loss");
    options.resume = true;
    ok(sgeo_table3b_open(&table, &options));
    ok(sgeo_ctr_bayes_loss(&bayes, &table.sets[0], SGEO_CTR_TEST));
    sgeo_table3b_close(&table);
    read_table("table3b.csv");
    size_t row = row_of("params", "0", "test", "regret");
    ck_assert_double_eq_tol(number(row, "value"), test[3] - least(test), 1e-8);
    ck_assert_double_eq_tol(number(row_of("params", "0", "val", "regret"), "value"),
                            valid[3] - least(valid), 1e-8);
    row = row_of("params", "0", "test", "regret_to_bayes");
    ck_assert_double_eq_tol(number(row, "value"), test[3] - bayes, 1e-8);
    ck_assert_double_gt(number(row, "value"), 0.0);
    ck_assert_double_le(number(row, "ci_low"), number(row, "value"));
    ck_assert_double_ge(number(row, "ci_high"), number(row, "value"));
    ck_assert_str_eq(field(row, "search_space"), "nasrec-small");
    ck_assert_str_eq(field(row, "task"), "kdd12");
    ck_assert_str_eq(field(row, "data"), "generated");
    ck_assert_str_eq(field(row, "paper_value"), "");
    ck_assert_str_eq(field(row, "n_archs"), "4");
}
END_TEST

/* Rank correlations of four numbers: higher scores for lower losses are +1. */
static double spearman(const double a[], const double b[], size_t n)
{
    double squares = 0.0;
    for (size_t i = 0; i < n; i++) {
        double rank_a = 0.0, rank_b = 0.0;
        for (size_t j = 0; j < n; j++) {
            rank_a += a[j] < a[i];
            rank_b += b[j] < b[i];
        }
        squares += (rank_a - rank_b) * (rank_a - rank_b);
    }
    double m = (double)n;
    return 1.0 - 6.0 * squares / (m * (m * m - 1.0));
}

START_TEST(test_table3b_correlates_scores_with_minus_the_losses)
{
    double test[ARCHS], again[ARCHS], valid[ARCHS], scores[ARCHS];
    size_t n = 0;
    ok(run());
    read_table("models.csv");
    read_losses(test, "3", "test_log_loss");
    read_losses(again, "4", "test_log_loss");
    read_losses(valid, "3", "valid_log_loss");
    read_table("scores.csv");
    ck_assert_uint_eq(csv.n_rows, 2 * ARCHS * 3);
    for (size_t r = 0; r < csv.n_rows; r++) {
        if (strcmp(field(r, "proxy"), "sigeo-eq6") == 0 &&
            strcmp(field(r, "warmup_percent"), "10") == 0) {
            ck_assert_uint_eq((size_t)number(r, "arch_index"), n);
            ck_assert_uint_eq((size_t)number(r, "warmup_steps"), 6); /* 16,000 / 256 / 10 */
            scores[n++] = -number(r, "score");
        }
    }
    ck_assert_uint_eq(n, ARCHS);
    read_table("table3b.csv");
    ck_assert_double_eq_tol(number(row_of("sigeo-eq6", "10", "test", "spearman"), "value"),
                            spearman(scores, test, ARCHS), 1e-12);
    ck_assert_double_eq_tol(number(row_of("", "0", "test", "ceiling_spearman"), "value"),
                            spearman(valid, test, ARCHS), 1e-12);
    size_t row = row_of("", "0", "test", "ceiling_seeds_spearman");
    ck_assert_double_eq_tol(number(row, "value"), spearman(test, again, TWICE), 1e-12);
    ck_assert_str_eq(field(row, "n_archs"), "3");
    row_of("sigeo-eq6", "10", "test", "kendall");
    row_of("sigeo-eq6", "10", "test", "spearman_gain_over_zico");
    row_of("zico", "0", "val", "partial_spearman_params");
}
END_TEST

static size_t count_rows(const char *statistic)
{
    size_t n = 0;
    for (size_t row = 0; row < csv.n_rows; row++) {
        n += strcmp(field(row, "statistic"), statistic) == 0;
    }
    return n;
}

/* Scores of the last layer are not set against ZiCo of all layers. */
START_TEST(test_table3b_compares_sigeo_with_zico_of_the_same_layers)
{
    options.n_levels = 1; /* cold */
    options.n_proxies = 2;
    options.proxies[0] = sgeo_ctr_proxy_find("zico-nasrec");
    options.proxies[1] = sgeo_ctr_proxy_find("sigeo-nasrec");
    ok(run());
    read_table("table3b.csv");
    double sigeo = number(row_of("sigeo-nasrec", "0", "test", "spearman"), "value");
    double zico = number(row_of("zico-nasrec", "0", "test", "spearman"), "value");
    size_t gain = row_of("sigeo-nasrec", "0", "test", "spearman_gain_over_zico");
    ck_assert_double_eq_tol(number(gain, "value"), sigeo - zico, 1e-8);
    options.resume = true;
    options.n_proxies = 3;
    options.proxies[0] = sgeo_ctr_proxy_find("zico");
    options.proxies[2] = sgeo_ctr_proxy_find("sigeo-eq6-head");
    ok(run());
    read_table("table3b.csv");
    ck_assert_uint_eq(count_rows("spearman"), 2 * 3);
    ck_assert_uint_eq(count_rows("spearman_gain_over_zico"), 0);
}
END_TEST

static size_t lines_of(const char *name)
{
    char path[2 * SCRATCH_PATH_BYTES];
    unsigned char *bytes;
    size_t n;
    snprintf(path, sizeof path, "%s/%s", out, name);
    ok(sgeo_file_read(path, (size_t)1 << 24, &bytes, &n));
    size_t lines = count_of((char *)bytes, "\n");
    sgeo_free(bytes);
    return lines;
}

START_TEST(test_table3b_measures_only_what_its_journals_lack)
{
    options.n_levels = 1; /* cold */
    ok(run());
    ck_assert_uint_eq(lines_of("journal.jsonl"), 1 + ARCHS + TWICE);
    ck_assert_uint_eq(lines_of("scores/journal.jsonl"), 1 + ARCHS);
    ck_assert_uint_eq(count_of(printed.bytes, "kdd12, nasrec-small against test log loss"), 1);
    ck_assert_uint_eq(count_of(printed.bytes, "over Bayes"), 2 * 3);
    ck_assert_uint_eq(count_of(printed.bytes, "two seeds' trainings     n=3"), 2);
    struct sgeo_text first = printed;
    printed = (struct sgeo_text){0};
    ck_assert_int_eq(run(), SGEO_USAGE);
    assert_error_has("holds a run already");
    options.resume = true;
    options.n_proxies = 2; /* fewer are there already */
    ok(run());
    ck_assert_uint_eq(lines_of("scores/journal.jsonl"), 1 + ARCHS);
    options.n_proxies = 3;
    ok(run());
    ck_assert_str_eq(printed.bytes, first.bytes);
    ck_assert_uint_eq(lines_of("journal.jsonl"), 1 + ARCHS + TWICE);
    options.n_levels = 2; /* one more */
    ok(run());
    ck_assert_uint_eq(lines_of("scores/journal.jsonl"), 1 + 2 * ARCHS);
    ck_assert_uint_eq(n_reports, ARCHS); /* with the time that is left, what was there counted */
    ck_assert_uint_eq(without_eta, 0);
    ck_assert_uint_eq(first_done, ARCHS + 1);
    ck_assert_uint_eq(last_done, 2 * ARCHS);
    sgeo_text_clear(&first);
}
END_TEST

START_TEST(test_table3b_refuses_scores_of_other_arguments)
{
    options.n_levels = 1; /* cold */
    options.n_proxies = 1;
    ok(run());
    options.resume = true;
    options.batches = 3;
    ck_assert_int_eq(run(), SGEO_USAGE);
    options.batches = 2;
    const char *second = strchr(strchr(small_archs, '\n') + 1, '\n') + 1;
    scratch_write(list, "archs", second, strlen(second));
    ck_assert_int_eq(run(), SGEO_USAGE);
    assert_error_has("of nasrec-small on other rows");
}
END_TEST

START_TEST(test_table3b_plan_counts_trainings_and_scores)
{
    options.archs_file = NULL;
    ok(sgeo_table3b_print_plan(&options, print, NULL));
    ck_assert_uint_eq(count_of(printed.bytes, "kdd12, nasrec-small: 8 architectures, 11 trainings "
                                              "from scratch; 1 warm-ups, 16 scored architectures "
                                              "by 3 proxies\n"),
                      1);
    ck_assert_uint_eq(count_of(printed.bytes, "nasrec-full: 4 architectures, 7 trainings"), 1);
    ck_assert_int_eq((int)scratch_size(out), -1);
}
END_TEST

START_TEST(test_table3b_lists_are_of_architectures_named_once)
{
    struct sgeo_nasrec_arch *archs[2];
    const struct sgeo_search_size size = sgeo_search_size(SGEO_PRESET_SMOKE);
    size_t n[2];
    ok(sgeo_table3b_archs(archs, n, &options, &size));
    ck_assert_uint_eq(n[0], ARCHS);
    ck_assert_uint_eq(n[1], 0);
    sgeo_free(archs[0]);
    scratch_write(list, "archs", "kdd-full\nkdd-small\nkdd-full\n", 29);
    ck_assert_int_eq(sgeo_table3b_archs(archs, n, &options, &size), SGEO_USAGE);
    assert_error_has("line 3 of ");
    sgeo_free(archs[0]);
    sgeo_free(archs[1]);
    scratch_write(list, "archs", "dlrm\n", 5);
    ck_assert_int_eq(sgeo_table3b_archs(archs, n, &options, &size), SGEO_USAGE);
    scratch_write(list, "archs", "# none\n", 7);
    ck_assert_int_eq(sgeo_table3b_archs(archs, n, &options, &size), SGEO_USAGE);
    assert_error_has("names no architecture");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("table3b");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 300);
    tcase_add_test(tcase, test_table3b_regrets_are_in_log_loss_and_exact_to_bayes);
    tcase_add_test(tcase, test_table3b_correlates_scores_with_minus_the_losses);
    tcase_add_test(tcase, test_table3b_compares_sigeo_with_zico_of_the_same_layers);
    tcase_add_test(tcase, test_table3b_measures_only_what_its_journals_lack);
    tcase_add_test(tcase, test_table3b_refuses_scores_of_other_arguments);
    tcase_add_test(tcase, test_table3b_plan_counts_trainings_and_scores);
    tcase_add_test(tcase, test_table3b_lists_are_of_architectures_named_once);
    return run_case("harness/table3b", tcase);
}
