#include "base/text.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "suite.h"

START_TEST(test_append_formats_behind_what_is_there)
{
    struct sgeo_text text = {0};
    sgeo_text_append(&text, "%d", 12);
    sgeo_text_append(&text, "-%s", "x");
    ck_assert_str_eq(text.bytes, "12-x");
    ck_assert_uint_eq(text.length, 4);
    sgeo_text_clear(&text);
    ck_assert_ptr_null(text.bytes);
    ck_assert_uint_eq(text.length, 0);
}
END_TEST

START_TEST(test_append_grows_across_every_capacity)
{
    struct sgeo_text text = {0};
    for (size_t i = 0; i < 3000; i++) {
        sgeo_text_append(&text, "%c", 'a' + (int)(i % 26));
    }
    ck_assert(!text.failed);
    ck_assert_uint_eq(strlen(text.bytes), 3000);
    for (size_t i = 0; i < 3000; i++) {
        ck_assert_int_eq(text.bytes[i], 'a' + (int)(i % 26));
    }
    sgeo_text_clear(&text);
}
END_TEST

START_TEST(test_append_of_nothing_terminates)
{
    struct sgeo_text text = {0};
    sgeo_text_append(&text, "%s", "");
    ck_assert_str_eq(text.bytes, "");
    sgeo_text_clear(&text);
}
END_TEST

START_TEST(test_append_of_bytes_keeps_their_nuls)
{
    struct sgeo_text text = {0};
    sgeo_text_append_bytes(&text, NULL, 0);
    ck_assert_uint_eq(text.length, 0);
    for (size_t i = 0; i < 1000; i++) {
        sgeo_text_append_bytes(&text, "a\0b", 3);
    }
    ck_assert_uint_eq(text.length, 3000);
    ck_assert_mem_eq(text.bytes, "a\0ba\0b", 6);
    ck_assert_mem_eq(text.bytes + 2997, "a\0b", 4); /* and a NUL behind them */
    sgeo_text_append_bytes(&text, "lost", SIZE_MAX);
    ck_assert(text.failed);
    sgeo_text_clear(&text);
}
END_TEST

START_TEST(test_failure_is_sticky)
{
    struct sgeo_text text = {0};
    sgeo_text_append(&text, "kept");
    text.failed = true;
    sgeo_text_append(&text, "lost");
    ck_assert_str_eq(text.bytes, "kept");
    sgeo_text_clear(&text);
    ck_assert(!text.failed);
}
END_TEST

START_TEST(test_parse_double_takes_decimals)
{
    static const struct {
        const char *string;
        double value;
    } cases[] = {{"0", 0.0},  {"-1.5", -1.5},  {"+2", 2.0},           {".5", 0.5},
                 {"5.", 5.0}, {"1e3", 1000.0}, {"-1E-3", -1.0 / 1e3}, {"1e-400", 0.0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double value = -99.0;
        ck_assert_msg(sgeo_parse_double(cases[i].string, &value), "%s", cases[i].string);
        ck_assert_double_eq(value, cases[i].value);
    }
}
END_TEST

START_TEST(test_parse_double_refuses_everything_else)
{
    static const char *const cases[] = {"",      " 1",    "1 ",  "1x",  "nan", "inf", "-inf",
                                        "0x10",  "1,5",   "1e",  "e1",  "--1", ".",   "+",
                                        "1e999", "1.2.3", "1d3", "\t1", "1\n", "1e+"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double value = 42.0;
        ck_assert_msg(!sgeo_parse_double(cases[i], &value), "'%s'", cases[i]);
        ck_assert_double_eq(value, 42.0);
    }
}
END_TEST

START_TEST(test_parse_u64_takes_the_whole_range)
{
    uint64_t value = 1;
    ck_assert(sgeo_parse_u64("0", &value));
    ck_assert_uint_eq(value, 0);
    ck_assert(sgeo_parse_u64("18446744073709551615", &value));
    ck_assert_uint_eq(value, UINT64_MAX);
    ck_assert(sgeo_parse_u64("007", &value));
    ck_assert_uint_eq(value, 7);
}
END_TEST

START_TEST(test_parse_u64_refuses_everything_else)
{
    static const char *const cases[] = {"",
                                        "-1",
                                        "+1",
                                        " 1",
                                        "1 ",
                                        "1.0",
                                        "0x1",
                                        "1e3",
                                        "abc",
                                        "18446744073709551616",
                                        "99999999999999999999",
                                        "1\n"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t value = 42;
        ck_assert_msg(!sgeo_parse_u64(cases[i], &value), "'%s'", cases[i]);
        ck_assert_uint_eq(value, 42);
    }
}
END_TEST

START_TEST(test_edit_distance_counts_each_kind_of_edit)
{
    static const struct {
        const char *a;
        const char *b;
        size_t distance;
    } cases[] = {{"", "", 0},
                 {"zico", "zico", 0},
                 {"", "abc", 3},
                 {"zico", "zicos", 1},
                 {"zico", "zco", 1},
                 {"zico", "zibo", 1},
                 {"zico", "zcio", 1},
                 {"kitten", "sitting", 3},
                 {"ca", "abc", 2},
                 {"sigeo", "naswot", 5},
                 {"\xff\xfe", "\xfe\xff", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_uint_eq(sgeo_edit_distance(cases[i].a, cases[i].b), cases[i].distance);
        ck_assert_uint_eq(sgeo_edit_distance(cases[i].b, cases[i].a), cases[i].distance);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("text");
    tcase_add_test(tcase, test_append_formats_behind_what_is_there);
    tcase_add_test(tcase, test_append_grows_across_every_capacity);
    tcase_add_test(tcase, test_append_of_nothing_terminates);
    tcase_add_test(tcase, test_append_of_bytes_keeps_their_nuls);
    tcase_add_test(tcase, test_failure_is_sticky);
    tcase_add_test(tcase, test_parse_double_takes_decimals);
    tcase_add_test(tcase, test_parse_double_refuses_everything_else);
    tcase_add_test(tcase, test_parse_u64_takes_the_whole_range);
    tcase_add_test(tcase, test_parse_u64_refuses_everything_else);
    tcase_add_test(tcase, test_edit_distance_counts_each_kind_of_edit);
    return run_case("base/text", tcase);
}
