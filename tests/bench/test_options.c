/* The command line of bench_kernels. */
#include "bench/options.h"
#include "rig.h"

enum { WORDS = 8 };

static char *words[WORDS + 2];
static int n_words;
static struct sgeo_bench_options options;

/* Parse the words, NULL-terminated. */
static enum sgeo_status parse(bool units, const char *const *given)
{
    static char copies[WORDS + 1][64];
    n_words = 1;
    words[0] = strcpy(copies[0], "bench_kernels");
    for (; given[n_words - 1] && n_words <= WORDS; n_words++)
        words[n_words] = strcpy(copies[n_words], given[n_words - 1]);
    words[n_words] = NULL;
    return sgeo_bench_options_parse(&options, &n_words, words, units);
}

#define PARSE(units, ...) parse(units, (const char *const[]){__VA_ARGS__, NULL})

START_TEST(test_options_are_taken_and_the_librarys_left)
{
    rig_ok(PARSE(true, "--csv", "a.csv", "--benchmark_filter=x", "--shapes=dir", "--ref",
                 "--no-roofs", "--benchmark_list_tests"));
    ck_assert_str_eq(options.csv, "a.csv");
    ck_assert_str_eq(options.shapes, "dir");
    ck_assert_ptr_null(options.step);
    ck_assert(options.with_ref && options.no_roofs && options.list && !options.help);
    ck_assert_int_eq(n_words, 3);
    ck_assert_str_eq(words[1], "--benchmark_filter=x");
    ck_assert_str_eq(words[2], "--benchmark_list_tests");
    ck_assert_ptr_null(words[3]);
}
END_TEST

START_TEST(test_options_min_time_fits_either_version)
{
    rig_ok(PARSE(true, "--benchmark_min_time=0.5"));
    ck_assert_str_eq(words[1], "--benchmark_min_time=0.5s");
    rig_ok(PARSE(true, "--benchmark_min_time=100x"));
    ck_assert_str_eq(words[1], "--benchmark_min_time=100x");
    rig_ok(PARSE(false, "--benchmark_min_time=0.5s"));
    ck_assert_str_eq(words[1], "--benchmark_min_time=0.5");
    ck_assert_int_eq(PARSE(false, "--benchmark_min_time=100x"), SGEO_USAGE);
    ck_assert_int_eq(PARSE(true, "--benchmark_min_time="), SGEO_USAGE);
    ck_assert_int_eq(PARSE(true, "--benchmark_min_time=s"), SGEO_USAGE);
    ck_assert_int_eq(PARSE(true, "--benchmark_min_time=0"), SGEO_USAGE);
}
END_TEST

START_TEST(test_options_step_is_not_of_the_gate)
{
    rig_ok(PARSE(true, "--step", "step_zico cell=skips"));
    ck_assert_str_eq(options.step, "step_zico cell=skips");
    ck_assert_int_eq(PARSE(true, "--gate", "--step=step_zico cell=skips"), SGEO_USAGE);
    assert_error_has("--step");
}
END_TEST

/* Without the single repetitions there would be no samples. */
START_TEST(test_options_that_hide_repetitions_are_usage)
{
    ck_assert_int_eq(PARSE(true, "--benchmark_report_aggregates_only"), SGEO_USAGE);
    ck_assert_int_eq(PARSE(true, "--benchmark_display_aggregates_only=true"), SGEO_USAGE);
    rig_ok(PARSE(true, "--benchmark_display_aggregates_only=false"));
    rig_ok(PARSE(true, "--benchmark_list_tests=false"));
    ck_assert(!options.list);
}
END_TEST

START_TEST(test_options_unknown_words_are_usage)
{
    ck_assert_int_eq(PARSE(true, "--csvfile=a"), SGEO_USAGE);
    assert_error_has("--csvfile=a");
    ck_assert_int_eq(PARSE(true, "word"), SGEO_USAGE);
    ck_assert_int_eq(PARSE(true, "--csv"), SGEO_USAGE);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("options");
    tcase_add_test(tcase, test_options_are_taken_and_the_librarys_left);
    tcase_add_test(tcase, test_options_min_time_fits_either_version);
    tcase_add_test(tcase, test_options_step_is_not_of_the_gate);
    tcase_add_test(tcase, test_options_that_hide_repetitions_are_usage);
    tcase_add_test(tcase, test_options_unknown_words_are_usage);
    return run_case("options", tcase);
}
