/* Numbers of journal lines: every one is read back bit for bit, and nothing else is a number. */
#include <float.h>
#include <math.h>

#include "base/suite.h"
#include "harness/json_number.h"

static const struct {
    double value;
    const char *text;
} numbers[] = {{0.0, "0"},
               {-0.0, "-0.0"},
               {1.0, "1"},
               {0.1, "0.10000000000000001"},
               {-2.5e-7, "-2.4999999999999999e-07"},
               {DBL_MAX, "1.7976931348623157e+308"},
               {DBL_TRUE_MIN, "4.9406564584124654e-324"},
               {(double)NAN, "\"nan\""},
               {(double)INFINITY, "\"inf\""},
               {-(double)INFINITY, "\"-inf\""}};

START_TEST(test_json_numbers_survive_exactly)
{
    struct sgeo_text text = {0};
    double again = 77.0;
    sgeo_json_number_write(&text, numbers[_i].value);
    ck_assert_str_eq(text.bytes, numbers[_i].text);
    json_t *item = json_loads(text.bytes, JSON_DECODE_ANY, NULL);
    ck_assert(sgeo_json_number_read(&again, item));
    if (isnan(numbers[_i].value)) {
        ck_assert(isnan(again));
    } else {
        ck_assert_mem_eq(&again, &numbers[_i].value, sizeof again);
    }
    json_decref(item);
    sgeo_text_clear(&text);
}
END_TEST

START_TEST(test_json_of_another_kind_is_no_number)
{
    static const char *const others[] = {"null", "true", "[1]", "{}", "\"\"", "\"NaN\"", "\"1\""};
    double value = 77.0;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        json_t *item = json_loads(others[i], JSON_DECODE_ANY, NULL);
        ck_assert_ptr_nonnull(item);
        ck_assert(!sgeo_json_number_read(&value, item));
        json_decref(item);
    }
    ck_assert(!sgeo_json_number_read(&value, NULL));
    ck_assert_double_eq(value, 77.0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("json_number");
    tcase_add_loop_test(tcase, test_json_numbers_survive_exactly, 0,
                        sizeof numbers / sizeof *numbers);
    tcase_add_test(tcase, test_json_of_another_kind_is_no_number);
    return run_case("json_number", tcase);
}
