/* kernels.csv: every column of a case worked out by hand, roofs and failures as rows of their own.
 */
#include "base/csv.h"
#include "bench/report.h"
#include "rig.h"

static const struct sgeo_machine machine = {.cpu = "A CPU, of ours", .revision = "abc"};

/* The report of a baseline, a case twice as fast, and a failed one. */
static void make_csv(struct sgeo_csv *csv, const struct sgeo_roofs *roofs)
{
    struct sgeo_bench_row slow = {.name = "op/scalar/hot/n:4",
                                  .kernel = "op",
                                  .isa = "scalar",
                                  .cache = "hot",
                                  .shape = "n=4",
                                  .work = {6e9, 2e9, 4e9, SGEO_ROOF_READ},
                                  .limit = {"read:L1", 8.0, false},
                                  .sets = 1};
    struct sgeo_bench_row fast = slow, failed = slow;
    const struct sgeo_bench_report report = {&machine, roofs};
    struct sgeo_text text = {0};
    char path[SCRATCH_PATH_BYTES];
    fast.name = "op/avx2/hot/n:4";
    fast.isa = "avx2";
    fast.baseline = &slow;
    fast.has_value = true;
    fast.value = 0.25;
    snprintf(fast.terms, sizeof fast.terms, "a=1 b=2");
    snprintf(failed.failure, sizeof failed.failure, "not proven: \"x\", y");
    rig_ok(sgeo_bench_row_add(&slow, 2.0, 3));
    for (size_t i = 0; i < 5; i++)
        rig_ok(sgeo_bench_row_add(&fast, 0.8 + 0.1 * (double)i, 7));
    sgeo_bench_report_begin(&text, &report);
    sgeo_bench_report_row(&text, &report, &slow);
    sgeo_bench_report_row(&text, &report, &fast);
    sgeo_bench_report_row(&text, &report, &failed);
    scratch_write(path, "kernels.csv", text.bytes, text.length);
    rig_ok(sgeo_csv_read(csv, path));
    sgeo_text_clear(&text);
    sgeo_bench_row_clear(&slow);
    sgeo_bench_row_clear(&fast);
}

static const char *cell(const struct sgeo_csv *csv, size_t row, const char *column)
{
    size_t index = sgeo_csv_column(csv, column);
    ck_assert_msg(index != SGEO_CSV_NONE, "no column %s", column);
    return sgeo_csv_cell(csv, row, index);
}

START_TEST(test_report_rates_and_ratios_come_from_the_median)
{
    struct sgeo_csv csv = {0};
    make_csv(&csv, NULL);
    ck_assert_uint_eq(csv.n_rows, 3);
    ck_assert_str_eq(cell(&csv, 1, "status"), "ok");
    ck_assert_str_eq(cell(&csv, 1, "repetitions"), "5");
    ck_assert_str_eq(cell(&csv, 1, "calls"), "7");
    ck_assert_str_eq(cell(&csv, 1, "seconds_min"), "0.8");
    ck_assert_str_eq(cell(&csv, 1, "seconds_median"), "1");
    ck_assert_str_eq(cell(&csv, 1, "seconds_mad"), "0.1");
    ck_assert_str_eq(cell(&csv, 1, "gflops"), "6");
    ck_assert_str_eq(cell(&csv, 1, "gbytes"), "2");
    ck_assert_str_eq(cell(&csv, 1, "gbytes_lines"), "4");
    ck_assert_str_eq(cell(&csv, 1, "roof"), "read:L1");
    ck_assert_str_eq(cell(&csv, 1, "percent_of_roof"), "50");
    ck_assert_str_eq(cell(&csv, 1, "x_scalar"), "2");
    ck_assert_str_eq(cell(&csv, 1, "cpu"), "A CPU, of ours");
    ck_assert_str_eq(cell(&csv, 0, "seconds_mad"), "");
    ck_assert_str_eq(cell(&csv, 0, "x_scalar"), "");
    ck_assert_str_eq(cell(&csv, 1, "value"), "0.25");
    ck_assert_str_eq(cell(&csv, 0, "value"), "");
    ck_assert_str_eq(cell(&csv, 1, "terms"), "a=1 b=2");
    ck_assert_str_eq(cell(&csv, 0, "terms"), "");
    sgeo_csv_clear(&csv);
}
END_TEST

START_TEST(test_report_failure_has_no_numbers)
{
    struct sgeo_csv csv = {0};
    make_csv(&csv, NULL);
    ck_assert_str_eq(cell(&csv, 2, "status"), "failed");
    ck_assert_str_eq(cell(&csv, 2, "seconds_median"), "");
    ck_assert_str_eq(cell(&csv, 2, "failure"), "not proven: \"x\", y");
    sgeo_csv_clear(&csv);
}
END_TEST

START_TEST(test_report_roofs_are_rows)
{
    struct sgeo_roofs roofs = {.isa = SGEO_ISA_SCALAR};
    struct sgeo_csv csv = {0};
    roofs.fma[SGEO_ISA_SCALAR] = 12.5;
    for (int level = 0; level < SGEO_LEVELS; level++) {
        roofs.read[level] = roofs.copy[level] = roofs.triad[level] = roofs.update[level] = 30.0;
        for (size_t r = 0; r < SGEO_ROOF_ROWS; r++)
            roofs.gather[r][level] = 5.0;
    }
    make_csv(&csv, &roofs);
    ck_assert_uint_eq(csv.n_rows, 3 + 1 + 8 * SGEO_LEVELS);
    ck_assert_str_eq(cell(&csv, 0, "kernel"), "fma:scalar");
    ck_assert_str_eq(cell(&csv, 0, "status"), "roof");
    ck_assert_str_eq(cell(&csv, 0, "gflops"), "12.5");
    ck_assert_str_eq(cell(&csv, 0, "gbytes"), "");
    ck_assert_str_eq(cell(&csv, 1, "kernel"), "read:L1");
    ck_assert_str_eq(cell(&csv, 1, "gbytes"), "30");
    ck_assert_str_eq(cell(&csv, 1, "roof_value"), "30");
    sgeo_csv_clear(&csv);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("report");
    tcase_add_checked_fixture(tcase, scratch_create, scratch_remove);
    tcase_add_test(tcase, test_report_rates_and_ratios_come_from_the_median);
    tcase_add_test(tcase, test_report_failure_has_no_numbers);
    tcase_add_test(tcase, test_report_roofs_are_rows);
    return run_case("report", tcase);
}
