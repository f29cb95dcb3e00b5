/* Ground-truth lists and their CSV form. */
#include "data/truth.h"

#include <math.h>

#include "fixture.h"

static const struct sgeo_truth_columns columns = {
    .arch = {"arch", NULL}, .order = "naslib_idx", .val = "c_val", .test = "c_test"};

static struct sgeo_truth truth;

static enum sgeo_status read_text(const char *text)
{
    fixture_write_text("truth.csv", text);
    return sgeo_truth_read_csv(&truth, fixture_path("truth.csv"), &columns);
}

static void expect_refused(const char *text, const char *part)
{
    ck_assert_int_eq(read_text(text), SGEO_IO);
    ck_assert_msg(fixture_error_says(part), "no '%s' in: %s", part, sgeo_error_text());
    ck_assert_str_ne(sgeo_error_hint(), "");
    ck_assert_ptr_null(truth.entries);
}

START_TEST(test_truth_rows_come_in_naslib_order_those_without_last)
{
    static const char *const expected[] = {"d", "b", "c", "a"};
    ck_assert_int_eq(read_text("naslib_idx,arch,c_val,c_test\n"
                               ",c,1,2\n"
                               ",a,1,2\n"
                               "7,b,1,2\n"
                               "0,d,1,2\n"),
                     SGEO_OK);
    ck_assert_uint_eq(truth.n, 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(truth.entries[i].arch, expected[i]);
    }
    ck_assert_uint_eq(truth.entries[1].naslib_idx, 7);
    ck_assert_uint_eq(truth.entries[2].naslib_idx, SGEO_TRUTH_NO_INDEX);
    sgeo_truth_clear(&truth);
}
END_TEST

START_TEST(test_truth_columns_are_found_by_name_wherever_they_are)
{
    double percent = 0.0;
    ck_assert_int_eq(read_text("c_test,other,arch,naslib_idx,c_val\n81.5,x,\"a,b\",0,79.25\n"),
                     SGEO_OK);
    ck_assert_int_eq(sgeo_truth_accuracy(&percent, &truth, "a,b", SGEO_TRUTH_VAL), SGEO_OK);
    ck_assert_double_eq(percent, 79.25);
    ck_assert_int_eq(sgeo_truth_accuracy(&percent, &truth, "a,b", SGEO_TRUTH_TEST), SGEO_OK);
    ck_assert_double_eq(percent, 81.5);
    sgeo_truth_clear(&truth);
}
END_TEST

START_TEST(test_truth_missing_accuracy_is_an_error_only_where_it_is_asked_for)
{
    double percent = 5.0;
    ck_assert_int_eq(read_text("naslib_idx,arch,c_val,c_test\n0,a,,50\n1,b,60,\n"), SGEO_OK);
    ck_assert(isnan(truth.entries[0].accuracy[SGEO_TRUTH_VAL]));
    ck_assert_int_eq(sgeo_truth_accuracy(&percent, &truth, "b", SGEO_TRUTH_VAL), SGEO_OK);
    ck_assert_double_eq(percent, 60.0);
    ck_assert_int_eq(sgeo_truth_accuracy(&percent, &truth, "a", SGEO_TRUTH_VAL), SGEO_IO);
    ck_assert(fixture_error_says("validation accuracy of architecture a"));
    ck_assert_int_eq(sgeo_truth_accuracy(&percent, &truth, "z", SGEO_TRUTH_TEST), SGEO_IO);
    ck_assert(fixture_error_says("truth.csv"));
    ck_assert_double_eq(percent, 60.0);
    sgeo_truth_clear(&truth);
}
END_TEST

START_TEST(test_truth_missing_column_is_named)
{
    expect_refused("naslib_idx,arch,c_val\n0,a,1\n", "no column 'c_test'");
    expect_refused("naslib_idx,c_val,c_test\n0,1,1\n", "no column 'arch'");
    expect_refused("arch,c_val,c_test\na,1,1\n", "no column 'naslib_idx'");
}
END_TEST

START_TEST(test_truth_repeated_architecture_names_both_lines)
{
    expect_refused("naslib_idx,arch,c_val,c_test\n5,a,1,2\n4,b,1,2\n3,a,1,2\n",
                   "truth.csv:4: architecture a was named in line 2");
}
END_TEST

START_TEST(test_truth_repeated_index_names_both_lines)
{
    expect_refused("naslib_idx,arch,c_val,c_test\n5,a,1,2\n4,b,1,2\n5,c,1,2\n",
                   "truth.csv:4: index 5 was used in line 2");
}
END_TEST

START_TEST(test_truth_accuracy_that_is_no_percentage_names_its_line)
{
    static const char *const bad[] = {"x", "-0.1", "100.01", "nan", "inf", "5 %", "0x10", "1e999"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char text[128];
        snprintf(text, sizeof(text), "naslib_idx,arch,c_val,c_test\n0,a,1,2\n1,b,3,%s\n", bad[i]);
        expect_refused(text, "truth.csv:3: c_test");
    }
}
END_TEST

START_TEST(test_truth_limits_of_the_percentage_are_accepted)
{
    ck_assert_int_eq(read_text("naslib_idx,arch,c_val,c_test\n0,a,0,100\n"), SGEO_OK);
    sgeo_truth_clear(&truth);
}
END_TEST

START_TEST(test_truth_malformed_index_names_its_line)
{
    expect_refused("naslib_idx,arch,c_val,c_test\n-1,a,1,2\n", "truth.csv:2: naslib_idx '-1'");
    expect_refused("naslib_idx,arch,c_val,c_test\n18446744073709551615,a,1,2\n", "truth.csv:2");
}
END_TEST

START_TEST(test_truth_empty_architecture_names_its_line)
{
    expect_refused("naslib_idx,arch,c_val,c_test\n0,a,1,2\n1,,1,2\n", "truth.csv:3: arch is empty");
}
END_TEST

START_TEST(test_truth_short_row_names_its_line)
{
    expect_refused("naslib_idx,arch,c_val,c_test\n0,a,1,2\n1,b,1\n", "3");
}
END_TEST

START_TEST(test_truth_two_columns_make_one_architecture)
{
    const struct sgeo_truth_columns cells = {
        .arch = {"normal", "reduce"}, .separator = ",", .val = "acc"};
    fixture_write_text("nb301.csv", "normal,reduce,acc\n0:4 1:5,0:0 1:3,93.1\n0:5 1:3,1:4,94\n");
    ck_assert_int_eq(sgeo_truth_read_csv(&truth, fixture_path("nb301.csv"), &cells), SGEO_OK);
    ck_assert_str_eq(truth.entries[0].arch, "0:4 1:5,0:0 1:3");
    ck_assert_str_eq(truth.entries[1].arch, "0:5 1:3,1:4");
    ck_assert(isnan(truth.entries[0].accuracy[SGEO_TRUTH_TEST]));
    sgeo_truth_clear(&truth);
}
END_TEST

START_TEST(test_truth_file_without_rows_is_an_empty_list)
{
    ck_assert_int_eq(read_text("naslib_idx,arch,c_val,c_test\n"), SGEO_OK);
    ck_assert_uint_eq(truth.n, 0);
    ck_assert_ptr_null(sgeo_truth_find(&truth, "a"));
    sgeo_truth_clear(&truth);
    sgeo_truth_clear(&truth);
    sgeo_truth_clear(NULL);
}
END_TEST

START_TEST(test_truth_our_own_benchmark_s_format_is_read)
{
    const struct sgeo_truth_columns ours = {
        .arch = {"arch", NULL}, .order = "index", .val = "val", .test = "test"};
    double percent = 0.0;
    ck_assert_int_eq(sgeo_truth_read_csv(&truth, "datasets/nb201-fmnist/fixture.csv", &ours),
                     SGEO_OK);
    ck_assert_uint_eq(truth.n, 3);
    for (size_t i = 0; i < truth.n; i++) {
        ck_assert_uint_eq(truth.entries[i].naslib_idx, i);
        ck_assert_int_eq(
            sgeo_truth_accuracy(&percent, &truth, truth.entries[i].arch, SGEO_TRUTH_TEST), SGEO_OK);
    }
    sgeo_truth_clear(&truth);
}
END_TEST

START_TEST(test_truth_real_nb201_starts_with_the_authors_architectures)
{
    const struct sgeo_truth_columns nb201 = {.arch = {"arch", NULL},
                                             .order = "naslib_idx",
                                             .val = "cifar10_val",
                                             .test = "cifar10_test"};
    const char *dir = fixture_real_data();
    char path[FIXTURE_PATH_MAX];
    if (dir == NULL) {
        return;
    }
    snprintf(path, sizeof(path), "%s/groundtruth/nb201.csv", dir);
    ck_assert_int_eq(sgeo_truth_read_csv(&truth, path, &nb201), SGEO_OK);
    ck_assert_uint_ge(truth.n, 1000);
    for (size_t i = 0; i < 1000; i++) {
        ck_assert_uint_eq(truth.entries[i].naslib_idx, i);
        ck_assert(!isnan(truth.entries[i].accuracy[SGEO_TRUTH_VAL]));
        ck_assert_ptr_eq(sgeo_truth_find(&truth, truth.entries[i].arch), &truth.entries[i]);
    }
    ck_assert_str_eq(truth.entries[0].arch,
                     "|avg_pool_3x3~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_"
                     "conv_1x1~2|");
    sgeo_truth_clear(&truth);
}
END_TEST

START_TEST(test_truth_real_files_of_the_other_benchmarks_are_read)
{
    static const struct {
        const char *file;
        struct sgeo_truth_columns columns;
    } files[] = {
        {"nb101.csv", {{"adj_upper", "ops"}, ":", "naslib_idx", NULL, "test_acc"}},
        {"nb301.csv", {{"normal", "reduce"}, ",", NULL, "surrogate_acc", NULL}},
        {"tnb101.csv",
         {{"arch", NULL}, NULL, "naslib_idx", "class_object_val_final", "class_object_test_best"}},
    };
    const char *dir = fixture_real_data();
    if (dir == NULL) {
        return;
    }
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char path[FIXTURE_PATH_MAX];
        snprintf(path, sizeof(path), "%s/groundtruth/%s", dir, files[i].file);
        enum sgeo_status status = sgeo_truth_read_csv(&truth, path, &files[i].columns);
        ck_assert_msg(status == SGEO_OK, "%s", sgeo_error_text());
        ck_assert_uint_ge(truth.n, 1000);
        sgeo_truth_clear(&truth);
    }
}
END_TEST

/* Positions stay; the others are numbered behind the last of them, in file order. */
START_TEST(test_truth_numbers_are_distinct)
{
    static const size_t mixed[] = {2, 7, 8, 9}, plain[] = {0, 1};
    ck_assert_int_eq(read_text("naslib_idx,arch,c_val,c_test\n"
                               ",c,1,2\n"
                               ",a,1,2\n"
                               "7,b,1,2\n"
                               "2,d,1,2\n"),
                     SGEO_OK);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(sgeo_truth_number(&truth, &truth.entries[i]), mixed[i]);
    }
    sgeo_truth_clear(&truth);
    ck_assert_int_eq(read_text("naslib_idx,arch,c_val,c_test\n,b,1,2\n,a,1,2\n"), SGEO_OK);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_uint_eq(sgeo_truth_number(&truth, &truth.entries[i]), plain[i]);
    }
    sgeo_truth_clear(&truth);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_truth_rows_come_in_naslib_order_those_without_last,
        test_truth_columns_are_found_by_name_wherever_they_are,
        test_truth_missing_accuracy_is_an_error_only_where_it_is_asked_for,
        test_truth_missing_column_is_named,
        test_truth_repeated_architecture_names_both_lines,
        test_truth_repeated_index_names_both_lines,
        test_truth_accuracy_that_is_no_percentage_names_its_line,
        test_truth_limits_of_the_percentage_are_accepted,
        test_truth_malformed_index_names_its_line,
        test_truth_empty_architecture_names_its_line,
        test_truth_short_row_names_its_line,
        test_truth_two_columns_make_one_architecture,
        test_truth_file_without_rows_is_an_empty_list,
        test_truth_our_own_benchmark_s_format_is_read,
        test_truth_real_nb201_starts_with_the_authors_architectures,
        test_truth_real_files_of_the_other_benchmarks_are_read,
        test_truth_numbers_are_distinct,
    };
    return fixture_run("truth", tests, sizeof(tests) / sizeof(tests[0]));
}
