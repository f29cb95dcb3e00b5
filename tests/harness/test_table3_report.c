/* table3.csv of trained models: values are those of the trainings, rows that were not re-run have
 * the paper's alone, comparisons are in pairs; and its print. */
#include "harness/table3_report.h"

#include "harness/paper.h"
#include "harness/table3_print.h"
#include "harness/table3_rig.h"

static struct sgeo_csv csv;

static void setup(void)
{
    struct sgeo_csv paper;
    struct sgeo_text text = {0};
    char path[SCRATCH_PATH_BYTES];
    table3_create();
    ok(sgeo_table3_work(&table));
    ok(sgeo_paper_read(&paper, "3"));
    sgeo_text_append(&text, "%s", sgeo_table3_header);
    ok(sgeo_table3_rows_write(&text, &table, &paper));
    scratch_write(path, "table3.csv", text.bytes, text.length);
    ok(sgeo_csv_read(&csv, path));
    sgeo_csv_clear(&paper);
    sgeo_text_clear(&text);
}

static void teardown(void)
{
    sgeo_csv_clear(&csv);
    table3_destroy();
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

static size_t row_of(const char *method, const char *metric)
{
    size_t row = 0;
    while (row < csv.n_rows && (strcmp(field(row, "method"), method) != 0 ||
                                strcmp(field(row, "metric"), metric) != 0)) {
        row++;
    }
    ck_assert_uint_lt(row, csv.n_rows);
    return row;
}

START_TEST(test_table3_values_are_means_of_the_trainings)
{
    double loss = 0.0, auc = 0.0, calibration = 0.0;
    for (size_t s = 0; s < table.seeds; s++) {
        const struct sgeo_ctr_final *final = sgeo_table3_final(&table, &rig_cells[1], s);
        loss += final->test.log_loss / (double)table.seeds;
        auc += final->test.auc / (double)table.seeds;
        calibration += final->test.calibration / (double)table.seeds;
    }
    size_t row = row_of("DCNv2", "log_loss");
    ck_assert_double_eq_tol(number(row, "value"), loss, 1e-6); /* kept predictions are f32 */
    ck_assert_double_lt(number(row, "ci_low"), loss);
    ck_assert_double_gt(number(row, "ci_high"), loss);
    ck_assert_double_eq_tol(number(row_of("DCNv2", "auc"), "value"), auc, 1e-6);
    ck_assert_double_eq_tol(number(row_of("DCNv2", "calibration"), "value"), calibration, 1e-8);
    ck_assert_uint_eq((size_t)number(row, "rows"), clicks.split.rows[SGEO_CTR_TEST]);
    ck_assert_str_eq(field(row, "seeds"), "2");
    ck_assert_str_eq(field(row, "data"), "generated");
    ck_assert_str_eq(field(row, "dataset"), "Criteo");
    ck_assert_str_eq(field(row, "model"), "dcnv2");
    ck_assert_str_eq(field(row, "paper_value"), ""); /* it has no such row */
}
END_TEST

static double width(size_t row)
{
    return number(row, "ci_high") - number(row, "ci_low");
}

/* The gain over DLRM is the difference of the two values, with the sign of "better", and surer than
 * one of two samples would be: rows that are hard for one model are hard for the other. */
START_TEST(test_table3_gain_is_the_paired_difference)
{
    size_t loss = row_of("DCNv2", "log_loss"), auc = row_of("DCNv2", "auc");
    ck_assert_str_eq(field(loss, "against"), "DLRM");
    ck_assert_double_eq_tol(number(loss, "gain"),
                            number(row_of("DLRM", "log_loss"), "value") - number(loss, "value"),
                            1e-8);
    ck_assert_double_eq_tol(number(auc, "gain"),
                            number(auc, "value") - number(row_of("DLRM", "auc"), "value"), 1e-8);
    double low = number(loss, "gain_low"), high = number(loss, "gain_high");
    ck_assert_double_lt(low, high);
    ck_assert_double_lt(high - low, hypot(width(loss), width(row_of("DLRM", "log_loss"))));
    ck_assert_str_eq(field(loss, "verdict"), low > 0.0    ? "better"
                                             : high < 0.0 ? "worse"
                                                          : "undecided");
    ck_assert_str_eq(field(row_of("DLRM", "log_loss"), "against"), "");
}
END_TEST

START_TEST(test_table3_row_that_is_not_rerun_has_the_paper_s_value_alone)
{
    size_t row = row_of("AutoCTR", "log_loss");
    ck_assert_str_eq(field(row, "data"), "not re-run");
    ck_assert_str_eq(field(row, "value"), "");
    ck_assert_str_eq(field(row, "seeds"), "");
    ck_assert_double_eq(number(row, "paper_value"), 0.4413);
    row = row_of("AutoCTR", "search_cost_gpu_days");
    ck_assert_str_eq(field(row, "dataset"), "all");
    ck_assert_double_eq(number(row, "paper_value"), 0.75);
    ck_assert_str_eq(field(row, "search_cost_cpu_hours"), "");
}
END_TEST

/* Of generated rows; every model is above it. */
START_TEST(test_table3_best_possible_is_below_every_model)
{
    size_t bound = row_of("true probabilities", "log_loss");
    ck_assert_str_eq(field(bound, "seeds"), "");
    ck_assert_str_eq(field(bound, "paper_value"), "");
    for (size_t r = 0; r < csv.n_rows; r++) {
        if (r != bound && strcmp(field(r, "metric"), "log_loss") == 0 &&
            *field(r, "value") != '\0') {
            ck_assert_double_gt(number(r, "value"), number(bound, "value"));
        }
    }
    ck_assert_double_gt(number(row_of("true probabilities", "auc"), "value"), 0.6);
}
END_TEST

START_TEST(test_table3_print_has_a_line_a_method_and_says_what_compares)
{
    struct sgeo_text text = {0};
    ok(sgeo_table3_print(&text, &csv));
    ck_assert_uint_eq(count_of(text.bytes, "\nCriteo, generated, 400 test rows, 2 seeds\n"), 1);
    ck_assert_uint_eq(count_of(text.bytes, "\n  hand-crafted "), 2);
    ck_assert_uint_eq(count_of(text.bytes, "\n  best possible "), 1);
    ck_assert_uint_eq(count_of(text.bytes, "not re-run"), 2); /* the row, the footer */
    ck_assert_uint_eq(count_of(text.bytes, "against DLRM"), 2);
    ck_assert_uint_eq(count_of(text.bytes, "absolute values cannot equal its own"), 1);
    ck_assert_uint_eq(count_of(text.bytes, " \n"), 0);
    sgeo_text_clear(&text);
}
END_TEST

START_TEST(test_table3_print_of_another_file_is_io)
{
    struct sgeo_csv other;
    struct sgeo_text text = {0};
    char path[SCRATCH_PATH_BYTES];
    scratch_write(path, "other.csv", "a,b\n1,2\n", 8);
    ok(sgeo_csv_read(&other, path));
    ck_assert_int_eq(sgeo_table3_print(&text, &other), SGEO_IO);
    assert_error_has("has no column setting");
    sgeo_csv_clear(&other);
    sgeo_text_clear(&text);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("table3_report");
    tcase_add_unchecked_fixture(tcase, setup, teardown); /* one table, only read */
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, test_table3_values_are_means_of_the_trainings);
    tcase_add_test(tcase, test_table3_gain_is_the_paired_difference);
    tcase_add_test(tcase, test_table3_row_that_is_not_rerun_has_the_paper_s_value_alone);
    tcase_add_test(tcase, test_table3_best_possible_is_below_every_model);
    tcase_add_test(tcase, test_table3_print_has_a_line_a_method_and_says_what_compares);
    tcase_add_test(tcase, test_table3_print_of_another_file_is_io);
    return run_case("table3_report", tcase);
}
