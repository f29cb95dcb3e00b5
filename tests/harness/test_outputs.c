/* scores.csv: its rows, and what stands in them where there is no number. */
#include <math.h>

#include "base/csv.h"
#include "harness/outputs.h"
#include "harness/rig.h"

static const struct sgeo_executor f32 = {.precision = SGEO_F32};
static struct sgeo_record record;

static void setup(void)
{
    record = (struct sgeo_record){
        .key = {SGEO_JOB_SCORE, sgeo_task_find("nb201-cf10"), 0.5, SGEO_WARMUP_CANDIDATE, 3, 42},
        .arch = "|none~0|",
        .steps = 17,
        .n_scores = 3};
    record.scores[0].proxy = sgeo_proxy_find("zico");
    record.scores[0].score =
        (struct sgeo_score){1.0 / 3.0, 1.0 / 3.0, (double)NAN, (double)NAN, 0.25, false};
    record.scores[1].proxy = sgeo_proxy_find("sigeo-eq6");
    record.scores[1].score = (struct sgeo_score){(double)NAN, -2.0, (double)NAN, 3.0, 0.5, false};
    record.scores[2].proxy = sgeo_proxy_find("params");
    record.scores[2].score =
        (struct sgeo_score){-(double)INFINITY, (double)NAN, (double)NAN, (double)NAN, 0.0, false};
}

START_TEST(test_outputs_rows_name_the_job_and_leave_missing_terms_empty)
{
    struct sgeo_text csv = {0};
    sgeo_scores_rows(&csv, &record, f32);
    ck_assert_str_eq(
        csv.bytes,
        "nb201-cf10,|none~0|,42,zico,0.5,candidate,17,3,0.333333333,0.333333333,,,0.25,ok,suite,"
        "f32\n"
        "nb201-cf10,|none~0|,42,sigeo-eq6,0.5,candidate,17,3,nan,-2,nan,3,0.5,nan,suite,f32\n"
        "nb201-cf10,|none~0|,42,params,0.5,candidate,17,3,-inf,,,,0,inf,suite,f32\n");
    sgeo_text_clear(&csv);
}
END_TEST

START_TEST(test_outputs_rows_name_our_convention)
{
    struct sgeo_text csv = {0};
    record.convention = SGEO_CONVENTION_OURS;
    sgeo_scores_rows(&csv, &record, f32);
    ck_assert_uint_eq(count_of(csv.bytes, ",ours,f32\n"), 3);
    sgeo_text_clear(&csv);
}
END_TEST

START_TEST(test_outputs_rows_name_the_arithmetic)
{
    static const struct sgeo_executor executors[] = {{.precision = SGEO_BF16}, {.winograd = true}};
    static const char *const names[] = {",bf16\n", ",f32-winograd\n"};
    struct sgeo_text csv = {0};
    sgeo_scores_rows(&csv, &record, executors[_i]);
    ck_assert_uint_eq(count_of(csv.bytes, names[_i]), 3);
    sgeo_text_clear(&csv);
}
END_TEST

/* A number that is not finite says more than that it came from noise. */
START_TEST(test_outputs_noise_is_degenerate_where_it_is_finite)
{
    struct sgeo_text csv = {0};
    for (size_t i = 0; i < record.n_scores; i++) {
        record.scores[i].score.degenerate = true;
    }
    sgeo_scores_rows(&csv, &record, f32);
    ck_assert_uint_eq(count_of(csv.bytes, ",degenerate,"), 1);
    ck_assert_uint_eq(count_of(csv.bytes, ",nan,suite,f32\n"), 1);
    ck_assert_uint_eq(count_of(csv.bytes, ",inf,suite,f32\n"), 1);
    sgeo_text_clear(&csv);
}
END_TEST

START_TEST(test_outputs_cold_rows_have_mode_none)
{
    struct sgeo_text csv = {0};
    record.key.level = 0.0;
    sgeo_scores_rows(&csv, &record, f32);
    ck_assert_uint_eq(count_of(csv.bytes, ",0,none,17,"), 3);
    sgeo_text_clear(&csv);
}
END_TEST

START_TEST(test_outputs_published_file_reads_back_with_one_row_per_proxy_of_scores_only)
{
    struct sgeo_csv csv = {0};
    char path[SCRATCH_PATH_BYTES];
    scratch_create();
    struct sgeo_record records[2] = {record, record};
    records[1].key.kind = SGEO_JOB_WARMUP;
    records[1].n_scores = 0;
    const struct sgeo_options options = {.out = scratch_directory};
    const struct sgeo_campaign campaign = {.options = &options, .records = records, .n_records = 2};
    ck_assert_int_eq(sgeo_scores_publish(&campaign), SGEO_OK);
    scratch_path(path, "scores.csv");
    ck_assert_int_eq(sgeo_csv_read(&csv, path), SGEO_OK);
    ck_assert_uint_eq(csv.n_columns, 16);
    ck_assert_uint_eq(csv.n_rows, 3);
    ck_assert_str_eq(sgeo_csv_cell(&csv, 1, sgeo_csv_column(&csv, "status")), "nan");
    sgeo_csv_clear(&csv);
    scratch_remove();
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("outputs");
    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, test_outputs_rows_name_the_job_and_leave_missing_terms_empty);
    tcase_add_test(tcase, test_outputs_rows_name_our_convention);
    tcase_add_loop_test(tcase, test_outputs_rows_name_the_arithmetic, 0, 2);
    tcase_add_test(tcase, test_outputs_noise_is_degenerate_where_it_is_finite);
    tcase_add_test(tcase, test_outputs_cold_rows_have_mode_none);
    tcase_add_test(tcase,
                   test_outputs_published_file_reads_back_with_one_row_per_proxy_of_scores_only);
    return run_case("outputs", tcase);
}
