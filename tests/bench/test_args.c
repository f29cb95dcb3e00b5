/* Arguments of bench cases: strict, and found by name. */
#include "rig.h"

static void assert_refused(const char *text, const char *reason)
{
    struct sgeo_bench_args *args = NULL;
    ck_assert_int_eq(sgeo_bench_args_create(&args, text, "some.txt:7"), SGEO_USAGE);
    ck_assert_ptr_null(args);
    assert_error_has("some.txt:7: ");
    assert_error_has(reason);
}

START_TEST(test_args_are_found_by_name)
{
    struct sgeo_bench_args *args = rig_args("  dim=16\t rows=100000  idx=zipf:1.1 ");
    size_t value = 7;
    rig_ok(sgeo_bench_size(&value, args, "rows"));
    ck_assert_uint_eq(value, 100000);
    ck_assert_str_eq(sgeo_bench_word(args, "idx"), "zipf:1.1");
    ck_assert_ptr_null(sgeo_bench_word(args, "bag"));
    ck_assert_str_eq(sgeo_bench_args_text(args), "dim=16 rows=100000 idx=zipf:1.1");
    sgeo_bench_args_destroy(args);
}
END_TEST

START_TEST(test_args_missing_name_is_usage_or_the_default)
{
    struct sgeo_bench_args *args = rig_args("dim=16");
    size_t value = 7;
    ck_assert_int_eq(sgeo_bench_size(&value, args, "rows"), SGEO_USAGE);
    assert_error_has("no rows=");
    ck_assert_uint_eq(value, 7);
    rig_ok(sgeo_bench_size_or(&value, args, "rows", 3));
    ck_assert_uint_eq(value, 3);
    sgeo_bench_args_destroy(args);
}
END_TEST

START_TEST(test_args_value_that_is_no_number_is_usage)
{
    struct sgeo_bench_args *args = rig_args("dim=x rows=-1 bag=18446744073709551616");
    size_t value = 7;
    ck_assert_int_eq(sgeo_bench_size(&value, args, "dim"), SGEO_USAGE);
    ck_assert_int_eq(sgeo_bench_size_or(&value, args, "rows", 1), SGEO_USAGE);
    ck_assert_int_eq(sgeo_bench_size(&value, args, "bag"), SGEO_USAGE);
    assert_error_has("bag=18446744073709551616");
    ck_assert_uint_eq(value, 7);
    sgeo_bench_args_destroy(args);
}
END_TEST

START_TEST(test_args_malformed_words_are_refused)
{
    assert_refused("dim", "malformed 'dim'");
    assert_refused("dim=", "malformed 'dim='");
    assert_refused("=16", "malformed '=16'");
    assert_refused("Dim=16", "malformed");
    assert_refused("dim=1,6", "malformed");
    assert_refused("dim=16 dim=32", "dim is given twice");
    assert_refused("a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1 j=1 k=1 l=1 m=1 n=1 o=1 p=1 q=1",
                   "more than 16");
}
END_TEST

START_TEST(test_args_nobody_asked_for_are_usage)
{
    struct sgeo_bench_args *args = rig_args("dim=16 lane=8");
    size_t value;
    rig_ok(sgeo_bench_size(&value, args, "dim"));
    ck_assert_int_eq(sgeo_bench_args_check_asked(args), SGEO_USAGE);
    assert_error_has("lane=");
    rig_ok(sgeo_bench_size(&value, args, "lane"));
    rig_ok(sgeo_bench_args_check_asked(args));
    sgeo_bench_args_destroy(args);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("args");
    tcase_add_test(tcase, test_args_are_found_by_name);
    tcase_add_test(tcase, test_args_missing_name_is_usage_or_the_default);
    tcase_add_test(tcase, test_args_value_that_is_no_number_is_usage);
    tcase_add_test(tcase, test_args_malformed_words_are_refused);
    tcase_add_test(tcase, test_args_nobody_asked_for_are_usage);
    return run_case("args", tcase);
}
