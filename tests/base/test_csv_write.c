#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/csv.h"
#include "base/rng.h"
#include "suite.h"

static void assert_written(struct sgeo_text *out, const char *expected)
{
    ck_assert(!out->failed);
    ck_assert_str_eq(out->bytes, expected);
    sgeo_text_clear(out);
}

START_TEST(test_fields_are_quoted_only_where_needed)
{
    struct sgeo_text out = {0};
    sgeo_csv_put(&out, "plain text");
    sgeo_csv_put(&out, "a,b");
    sgeo_csv_put(&out, "say \"x\"");
    sgeo_csv_put(&out, "two\nlines");
    sgeo_csv_put(&out, "cr\r");
    sgeo_csv_put(&out, "");
    sgeo_csv_put(&out, "|nor_conv_3x3~0|");
    sgeo_csv_end_row(&out);
    assert_written(&out, "plain text,\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",\"cr\r\",,"
                         "|nor_conv_3x3~0|\n");
}
END_TEST

START_TEST(test_numbers_have_nine_digits_and_plain_names)
{
    struct sgeo_text out = {0};
    sgeo_csv_put_double(&out, 1.0 / 3.0);
    sgeo_csv_put_double(&out, -1e8);
    sgeo_csv_put_double(&out, (double)NAN);
    sgeo_csv_put_double(&out, copysign((double)NAN, -1.0));
    sgeo_csv_put_double(&out, (double)INFINITY);
    sgeo_csv_put_double(&out, -(double)INFINITY);
    sgeo_csv_put_optional(&out, 0.5);
    sgeo_csv_put_optional(&out, (double)NAN);
    sgeo_csv_put_size(&out, SIZE_MAX);
    sgeo_csv_put_size(&out, 0);
    sgeo_csv_end_row(&out);
    assert_written(&out, "0.333333333,-100000000,nan,nan,inf,-inf,0.5,,18446744073709551615,0\n");
}
END_TEST

START_TEST(test_rows_follow_each_other)
{
    struct sgeo_text out = {0};
    sgeo_csv_put(&out, "a");
    sgeo_csv_end_row(&out);
    sgeo_csv_put(&out, "");
    sgeo_csv_put(&out, "");
    sgeo_csv_end_row(&out);
    assert_written(&out, "a\n,\n");
}
END_TEST

START_TEST(test_single_empty_field_is_no_empty_line)
{
    struct sgeo_text out = {0};
    sgeo_csv_put(&out, "");
    sgeo_csv_end_row(&out);
    sgeo_csv_put(&out, "");
    sgeo_csv_end_row(&out);
    assert_written(&out, "\"\"\n\"\"\n");
}
END_TEST

START_TEST(test_failed_text_stays_failed)
{
    struct sgeo_text out = {.failed = true};
    sgeo_csv_put(&out, "a,b");
    sgeo_csv_end_row(&out);
    ck_assert(out.failed);
    ck_assert_ptr_null(out.bytes);
}
END_TEST

/* A field of 0 to 4 bytes from an alphabet of trouble. */
static void draw_field(struct sgeo_rng *rng, char field[5])
{
    static const char alphabet[] = ",\"\r\n x";
    size_t n = (size_t)sgeo_rng_below(rng, 5);
    for (size_t i = 0; i < n; i++) {
        field[i] = alphabet[sgeo_rng_below(rng, sizeof alphabet - 1)];
    }
    field[n] = '\0';
}

START_TEST(test_whatever_is_written_reads_back_the_same)
{
    enum { TABLES = 200, ROWS = 6, COLUMNS_MAX = 4 };
    char path[SCRATCH_PATH_BYTES];
    for (uint64_t table = 0; table < TABLES; table++) {
        static char fields[ROWS * COLUMNS_MAX][5];
        struct sgeo_rng rng = sgeo_rng_stream(0, "csv", table);
        size_t columns = 1 + (size_t)sgeo_rng_below(&rng, COLUMNS_MAX);
        struct sgeo_text out = {0};
        for (size_t i = 0; i < ROWS * columns; i++) {
            draw_field(&rng, fields[i]);
            sgeo_csv_put(&out, fields[i]);
            if (i % columns == columns - 1) {
                sgeo_csv_end_row(&out);
            }
        }
        struct sgeo_csv csv = {0};
        scratch_write(path, "t.csv", out.bytes, out.length);
        ck_assert_msg(sgeo_csv_read(&csv, path) == SGEO_OK, "%s", sgeo_error_text());
        ck_assert_uint_eq(csv.n_columns, columns);
        ck_assert_uint_eq(csv.n_rows, ROWS - 1);
        for (size_t i = 0; i < ROWS * columns; i++) {
            ck_assert_str_eq(i < columns ? csv.header[i] : csv.cells[i - columns], fields[i]);
        }
        sgeo_csv_clear(&csv);
        sgeo_text_clear(&out);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("csv_write");
    tcase_add_checked_fixture(tcase, scratch_create, scratch_remove);
    tcase_add_test(tcase, test_fields_are_quoted_only_where_needed);
    tcase_add_test(tcase, test_numbers_have_nine_digits_and_plain_names);
    tcase_add_test(tcase, test_rows_follow_each_other);
    tcase_add_test(tcase, test_single_empty_field_is_no_empty_line);
    tcase_add_test(tcase, test_failed_text_stays_failed);
    tcase_add_test(tcase, test_whatever_is_written_reads_back_the_same);
    return run_case("base/csv_write", tcase);
}
