#include "base/csv.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

#include "suite.h"

/* Read bytes as a CSV file, which must be accepted. */
static struct sgeo_csv read_bytes(const char *bytes, size_t n)
{
    char path[SCRATCH_PATH_BYTES];
    struct sgeo_csv csv = {0};
    scratch_write(path, "t.csv", bytes, n);
    ck_assert_msg(sgeo_csv_read(&csv, path) == SGEO_OK, "%s", sgeo_error_text());
    ck_assert_str_eq(csv.path, path);
    return csv;
}

static struct sgeo_csv read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

/* Bytes that must be refused, with the line and the reason in the error text. */
static void assert_refused(const char *bytes, size_t n, size_t line, const char *reason)
{
    char path[SCRATCH_PATH_BYTES];
    char place[SCRATCH_PATH_BYTES + 32];
    struct sgeo_csv csv = {.n_rows = 77};
    scratch_write(path, "t.csv", bytes, n);
    ck_assert_int_eq(sgeo_csv_read(&csv, path), SGEO_IO);
    (void)snprintf(place, sizeof place, "%s:%zu: ", path, line);
    ck_assert_msg(strstr(sgeo_error_text(), place) != NULL, "%s", sgeo_error_text());
    ck_assert_msg(strstr(sgeo_error_text(), reason) != NULL, "%s", sgeo_error_text());
    ck_assert_uint_eq(csv.n_rows, 77);
    ck_assert_ptr_null(csv.cells);
}

static void assert_text_refused(const char *text, size_t line, const char *reason)
{
    assert_refused(text, strlen(text), line, reason);
}

START_TEST(test_csv_header_and_cells_are_read)
{
    struct sgeo_csv csv = read_text("task,score\nnb201,1.5\n,\n");
    ck_assert_uint_eq(csv.n_columns, 2);
    ck_assert_uint_eq(csv.n_rows, 2);
    ck_assert_str_eq(csv.header[1], "score");
    ck_assert_str_eq(sgeo_csv_cell(&csv, 0, 0), "nb201");
    ck_assert_str_eq(sgeo_csv_cell(&csv, 0, 1), "1.5");
    ck_assert_str_eq(sgeo_csv_cell(&csv, 1, 1), "");
    sgeo_csv_clear(&csv);
    ck_assert_ptr_null(csv.header);
    sgeo_csv_clear(&csv);
}
END_TEST

START_TEST(test_csv_column_is_found_by_name)
{
    struct sgeo_csv csv = read_text("a,b\n1,2\n");
    ck_assert_uint_eq(sgeo_csv_column(&csv, "a"), 0);
    ck_assert_uint_eq(sgeo_csv_column(&csv, "b"), 1);
    ck_assert_uint_eq(sgeo_csv_column(&csv, "B"), SGEO_CSV_NONE);
    sgeo_csv_clear(&csv);
}
END_TEST

START_TEST(test_csv_header_alone_has_no_rows)
{
    struct sgeo_csv csv = read_text("a,b");
    ck_assert_uint_eq(csv.n_columns, 2);
    ck_assert_uint_eq(csv.n_rows, 0);
    sgeo_csv_clear(&csv);
}
END_TEST

START_TEST(test_csv_crlf_and_missing_last_newline_are_accepted)
{
    struct sgeo_csv csv = read_text("a,b\r\n1,2\r\n3,4");
    ck_assert_uint_eq(csv.n_rows, 2);
    ck_assert_str_eq(csv.header[1], "b");
    ck_assert_str_eq(sgeo_csv_cell(&csv, 0, 1), "2");
    ck_assert_str_eq(sgeo_csv_cell(&csv, 1, 1), "4");
    sgeo_csv_clear(&csv);
}
END_TEST

START_TEST(test_csv_quotes_protect_commas_quotes_and_newlines)
{
    struct sgeo_csv csv = read_text("a,b\n\"x,\"\"y\"\"\",\"1\r\n2\n3\"\n");
    ck_assert_str_eq(sgeo_csv_cell(&csv, 0, 0), "x,\"y\"");
    ck_assert_str_eq(sgeo_csv_cell(&csv, 0, 1), "1\r\n2\n3");
    sgeo_csv_clear(&csv);
}
END_TEST

START_TEST(test_csv_blanks_belong_to_their_field)
{
    struct sgeo_csv csv = read_text(" a ,\tb\n  1,\"2 \"\n");
    ck_assert_str_eq(csv.header[0], " a ");
    ck_assert_str_eq(csv.header[1], "\tb");
    ck_assert_str_eq(sgeo_csv_cell(&csv, 0, 0), "  1");
    ck_assert_str_eq(sgeo_csv_cell(&csv, 0, 1), "2 ");
    sgeo_csv_clear(&csv);
}
END_TEST

START_TEST(test_csv_gzip_is_read)
{
    char path[SCRATCH_PATH_BYTES];
    struct sgeo_csv csv = {0};
    scratch_path(path, "t.csv.gz");
    gzFile file = gzopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_gt(gzputs(file, "a,b\n1,2\n"), 0);
    ck_assert_int_eq(gzclose(file), Z_OK);
    ck_assert_int_eq(sgeo_csv_read(&csv, path), SGEO_OK);
    ck_assert_str_eq(sgeo_csv_cell(&csv, 0, 1), "2");
    sgeo_csv_clear(&csv);
}
END_TEST

START_TEST(test_csv_many_rows_outgrow_every_array)
{
    struct sgeo_text text = {0};
    sgeo_text_append(&text, "i,square\n");
    for (size_t i = 0; i < 5000; i++) {
        sgeo_text_append(&text, "%zu,%zu\n", i, i * i);
    }
    struct sgeo_csv csv = read_bytes(text.bytes, text.length);
    ck_assert_uint_eq(csv.n_rows, 5000);
    for (size_t i = 0; i < 5000; i++) {
        ck_assert_uint_eq(strtoull(sgeo_csv_cell(&csv, i, 1), NULL, 10), i * i);
    }
    sgeo_csv_clear(&csv);
    sgeo_text_clear(&text);
}
END_TEST

START_TEST(test_csv_short_row_names_its_line)
{
    assert_text_refused("a,b,c\n1,2,3\n4,5\n6,7,8\n", 3, "2 fields where the header has 3");
}
END_TEST

START_TEST(test_csv_long_row_names_its_line)
{
    assert_text_refused("a,b\n1,2\n3,4\n5,6,7", 4, "3 fields where the header has 2");
}
END_TEST

START_TEST(test_csv_line_number_counts_newlines_in_quotes_and_crlf)
{
    assert_text_refused("a,b\r\n\"x\ny\r\nz\",2\r\n3\r\n", 5, "1 fields where the header has 2");
    assert_text_refused("a,b\n\"x\ny\"\n", 2, "1 fields where the header has 2");
}
END_TEST

START_TEST(test_csv_odd_quotes_name_their_line)
{
    assert_text_refused("a,b\n1,x\"y\n", 2, "misplaced quote");
    assert_text_refused("a,b\n1,\"x\"y\n", 2, "misplaced quote");
    assert_text_refused("a,b\n\"1\n2\",\"x\" \n", 3, "misplaced quote");
    assert_text_refused("a,b\n1, \"x\"\n", 2, "misplaced quote");
    assert_text_refused("a,b\n1,2\n3,\"4\n5,6\n", 3, "never ends");
    assert_text_refused("a,\"", 1, "never ends");
}
END_TEST

START_TEST(test_csv_nul_byte_names_its_line)
{
    assert_refused("a,b\n1,\0\n", 8, 2, "NUL byte");
    assert_refused("a,b\n1,2\n\0", 9, 3, "NUL byte");
    assert_refused("\0", 1, 1, "NUL byte");
}
END_TEST

START_TEST(test_csv_empty_line_names_its_line)
{
    assert_text_refused("a,b\n1,2\n\n3,4\n", 3, "empty line");
    assert_text_refused("a,b\r\n1,2\r\n\r\n", 3, "empty line");
    assert_text_refused("\na,b\n", 1, "empty line");
    assert_text_refused("a\n1\n\n2\n", 3, "empty line");
}
END_TEST

START_TEST(test_csv_lone_carriage_return_names_its_line)
{
    assert_text_refused("a,b\r1,2\n", 1, "carriage return");
    assert_text_refused("a,b\n1,2\r", 2, "carriage return");
    assert_text_refused("a,b\n1,2\r\r\n", 2, "carriage return");
}
END_TEST

START_TEST(test_csv_empty_file_has_no_header)
{
    assert_text_refused("", 1, "no header");
}
END_TEST

START_TEST(test_csv_first_fault_is_the_one_reported)
{
    assert_text_refused("a,b\n1\n2,\"x\"y\n", 2, "1 fields where the header has 2");
}
END_TEST

START_TEST(test_csv_fields_are_found_by_the_names_of_their_columns)
{
    static const char *const columns[] = {"b", "a", NULL}, *const more[] = {"a", "c", NULL};
    char path[SCRATCH_PATH_BYTES];
    struct sgeo_csv csv = {0};
    scratch_write(path, "named.csv", "a,b\nx,0.25\ny,\n", 14);
    ck_assert_int_eq(sgeo_csv_read(&csv, path), SGEO_OK);
    ck_assert_int_eq(sgeo_csv_require(&csv, columns), SGEO_OK);
    ck_assert_str_eq(sgeo_csv_field(&csv, 1, "a"), "y");
    ck_assert_double_eq(sgeo_csv_number(&csv, 0, "b"), 0.25);
    ck_assert(isnan(sgeo_csv_number(&csv, 1, "b")) && isnan(sgeo_csv_number(&csv, 0, "a")));
    ck_assert(sgeo_csv_is(&csv, 0, "a", "x") && !sgeo_csv_is(&csv, 1, "a", "x"));
    ck_assert_int_eq(sgeo_csv_require(&csv, more), SGEO_IO);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "named.csv has no column c"));
    sgeo_csv_clear(&csv);
}
END_TEST

START_TEST(test_csv_missing_file_is_io)
{
    char path[SCRATCH_PATH_BYTES];
    struct sgeo_csv csv = {0};
    scratch_path(path, "missing.csv");
    ck_assert_int_eq(sgeo_csv_read(&csv, path), SGEO_IO);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "No such file"));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("csv");
    tcase_add_checked_fixture(tcase, scratch_create, scratch_remove);
    tcase_add_test(tcase, test_csv_header_and_cells_are_read);
    tcase_add_test(tcase, test_csv_column_is_found_by_name);
    tcase_add_test(tcase, test_csv_header_alone_has_no_rows);
    tcase_add_test(tcase, test_csv_crlf_and_missing_last_newline_are_accepted);
    tcase_add_test(tcase, test_csv_quotes_protect_commas_quotes_and_newlines);
    tcase_add_test(tcase, test_csv_blanks_belong_to_their_field);
    tcase_add_test(tcase, test_csv_gzip_is_read);
    tcase_add_test(tcase, test_csv_many_rows_outgrow_every_array);
    tcase_add_test(tcase, test_csv_short_row_names_its_line);
    tcase_add_test(tcase, test_csv_long_row_names_its_line);
    tcase_add_test(tcase, test_csv_line_number_counts_newlines_in_quotes_and_crlf);
    tcase_add_test(tcase, test_csv_odd_quotes_name_their_line);
    tcase_add_test(tcase, test_csv_nul_byte_names_its_line);
    tcase_add_test(tcase, test_csv_empty_line_names_its_line);
    tcase_add_test(tcase, test_csv_lone_carriage_return_names_its_line);
    tcase_add_test(tcase, test_csv_empty_file_has_no_header);
    tcase_add_test(tcase, test_csv_first_fault_is_the_one_reported);
    tcase_add_test(tcase, test_csv_fields_are_found_by_the_names_of_their_columns);
    tcase_add_test(tcase, test_csv_missing_file_is_io);
    return run_case("base/csv", tcase);
}
