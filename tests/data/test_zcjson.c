/* NAS-Bench-Suite-Zero JSON. */
#include "data/zcjson.h"

#include <math.h>

#include "fixture.h"

static struct sgeo_truth truth;

static enum sgeo_status parse(const char *text, const char *dataset)
{
    char bytes[1024];
    ck_assert_uint_lt(strlen(text), sizeof(bytes));
    memcpy(bytes, text, strlen(text));
    return sgeo_zcjson_parse(&truth, bytes, strlen(text), "zc.json", dataset);
}

static void expect_refused(const char *text, const char *part)
{
    ck_assert_int_eq(parse(text, "cifar10"), SGEO_IO);
    ck_assert_msg(fixture_error_says(part), "no '%s' in: %s", part, sgeo_error_text());
    ck_assert_ptr_null(truth.entries);
}

START_TEST(test_zcjson_accuracies_keep_the_order_of_the_file)
{
    ck_assert_int_eq(
        parse("{\"cifar10\": {"
              "\"(4, 0)\": {\"zen\": {\"score\": -3.5, \"time\": 0.1}, \"val_accuracy\": 85.25},"
              "\"(1, 2)\": {\"val_accuracy\": 10},"
              "\"(3, 3)\": {\"val_accuracy\": 20.5}},"
              "\"cifar100\": {\"(4, 0)\": {\"val_accuracy\": 60}}}",
              "cifar10"),
        SGEO_OK);
    ck_assert_uint_eq(truth.n, 3);
    ck_assert_str_eq(truth.entries[0].arch, "(4, 0)");
    ck_assert_str_eq(truth.entries[1].arch, "(1, 2)");
    ck_assert_str_eq(truth.entries[2].arch, "(3, 3)");
    ck_assert_double_eq(truth.entries[0].accuracy[SGEO_TRUTH_VAL], 85.25);
    ck_assert_double_eq(truth.entries[1].accuracy[SGEO_TRUTH_VAL], 10.0);
    ck_assert(isnan(truth.entries[0].accuracy[SGEO_TRUTH_TEST]));
    ck_assert_uint_eq(truth.entries[0].naslib_idx, SGEO_TRUTH_NO_INDEX);
    ck_assert_ptr_eq(sgeo_truth_find(&truth, "(3, 3)"), &truth.entries[2]);
    sgeo_truth_clear(&truth);
}
END_TEST

START_TEST(test_zcjson_another_data_set_has_other_accuracies)
{
    double percent = 0.0;
    ck_assert_int_eq(parse("{\"cifar10\": {\"(4, 0)\": {\"val_accuracy\": 1}},"
                           "\"cifar100\": {\"(4, 0)\": {\"val_accuracy\": 60}}}",
                           "cifar100"),
                     SGEO_OK);
    ck_assert_int_eq(sgeo_truth_accuracy(&percent, &truth, "(4, 0)", SGEO_TRUTH_VAL), SGEO_OK);
    ck_assert_double_eq(percent, 60.0);
    sgeo_truth_clear(&truth);
}
END_TEST

START_TEST(test_zcjson_older_files_with_a_wrapper_are_read)
{
    ck_assert_int_eq(parse("{\"nasbench201\": {\"cifar10\": "
                           "{\"(4, 3)\": {\"flops\": 62.5, \"val_accuracy\": 68.34}}}}",
                           "cifar10"),
                     SGEO_OK);
    ck_assert_uint_eq(truth.n, 1);
    ck_assert_double_eq(truth.entries[0].accuracy[SGEO_TRUTH_VAL], 68.34);
    sgeo_truth_clear(&truth);
}
END_TEST

START_TEST(test_zcjson_python_s_nan_and_infinity_are_no_obstacle)
{
    ck_assert_int_eq(
        parse("{\"cifar10\": {\"NaN \\\" Infinity\": {\"zen\": {\"score\": NaN, \"time\": 1},"
              "\"nwot\": {\"score\": -Infinity}, \"snip\": Infinity, \"val_accuracy\": 5}}}",
              "cifar10"),
        SGEO_OK);
    ck_assert_str_eq(truth.entries[0].arch, "NaN \" Infinity");
    ck_assert_double_eq(truth.entries[0].accuracy[SGEO_TRUTH_VAL], 5.0);
    sgeo_truth_clear(&truth);
}
END_TEST

START_TEST(test_zcjson_missing_accuracy_is_nan)
{
    ck_assert_int_eq(
        parse("{\"cifar10\": {\"a\": {}, \"b\": {\"val_accuracy\": null}}}", "cifar10"), SGEO_OK);
    ck_assert(isnan(truth.entries[0].accuracy[SGEO_TRUTH_VAL]));
    ck_assert(isnan(truth.entries[1].accuracy[SGEO_TRUTH_VAL]));
    sgeo_truth_clear(&truth);
}
END_TEST

START_TEST(test_zcjson_accuracy_that_is_no_percentage_names_the_architecture)
{
    expect_refused("{\"cifar10\": {\"q\": {\"val_accuracy\": \"5\"}}}", "architecture q");
    expect_refused("{\"cifar10\": {\"q\": {\"val_accuracy\": 101}}}", "architecture q");
    expect_refused("{\"cifar10\": {\"q\": {\"val_accuracy\": -1}}}", "architecture q");
    expect_refused("{\"cifar10\": {\"q\": {\"val_accuracy\": NaN}}}", "architecture q");
    expect_refused("{\"cifar10\": {\"q\": 5}}", "architecture q");
}
END_TEST

START_TEST(test_zcjson_repeated_architecture_is_refused)
{
    expect_refused("{\"cifar10\": {\n\"q\": {\"val_accuracy\": 1},\n\"q\": {}}}", "zc.json:3");
}
END_TEST

START_TEST(test_zcjson_unknown_data_set_is_named)
{
    expect_refused("{\"cifar100\": {}, \"svhn\": {}}", "no data set 'cifar10'");
    expect_refused("[]", "no data set 'cifar10'");
    expect_refused("{\"cifar10\": []}", "no data set 'cifar10'");
}
END_TEST

START_TEST(test_zcjson_cut_anywhere_is_refused)
{
    static const char text[] = "{\"cifar10\": {\"(4, 0)\": {\"zen\": {\"score\": NaN}}}}";
    for (size_t n = 0; n < strlen(text); n++) {
        char bytes[sizeof(text)];
        memcpy(bytes, text, n);
        ck_assert_int_eq(sgeo_zcjson_parse(&truth, bytes, n, "zc.json", "cifar10"), SGEO_IO);
    }
}
END_TEST

START_TEST(test_zcjson_file_may_be_packed)
{
    fixture_write_text("zc.json.gz", "{\"cifar10\": {\"(4, 0)\": {\"val_accuracy\": 5}}}");
    ck_assert_int_eq(sgeo_zcjson_read(&truth, fixture_path("zc.json.gz"), "cifar10"), SGEO_OK);
    ck_assert_uint_eq(truth.n, 1);
    sgeo_truth_clear(&truth);
    ck_assert_int_eq(sgeo_zcjson_read(&truth, fixture_path("absent.json"), "cifar10"), SGEO_IO);
    ck_assert(fixture_error_says("absent.json"));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_zcjson_accuracies_keep_the_order_of_the_file,
        test_zcjson_another_data_set_has_other_accuracies,
        test_zcjson_older_files_with_a_wrapper_are_read,
        test_zcjson_python_s_nan_and_infinity_are_no_obstacle,
        test_zcjson_missing_accuracy_is_nan,
        test_zcjson_accuracy_that_is_no_percentage_names_the_architecture,
        test_zcjson_repeated_architecture_is_refused,
        test_zcjson_unknown_data_set_is_named,
        test_zcjson_cut_anywhere_is_refused,
        test_zcjson_file_may_be_packed,
    };
    return fixture_run("zcjson", tests, sizeof(tests) / sizeof(tests[0]));
}
