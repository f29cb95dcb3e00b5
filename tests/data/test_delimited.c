/* Delimited files: rows across blocks, lines of any length, and recovery behind a bad one. */
#include "data/delimited.h"

#include "base/rng.h"
#include "fixture.h"

static const struct sgeo_delimited_column columns[] = {{"a", "short", 0, 0}, {"b", "short", 0, 1}};
static const struct sgeo_delimited_format format = {
    .columns = columns, .n_columns = 2, .delimiter = '\t'};

/* Cells as they come; one that begins with '!' is refused. */
static struct {
    size_t n_cells, n_bytes, slots;
    uint64_t sum; /* of all bytes and their columns */
} seen;

static bool take(void *context, const struct sgeo_delimited_column *column, const char *bytes,
                 size_t n)
{
    (void)context;
    seen.n_cells++;
    seen.n_bytes += n;
    seen.slots += column->slot;
    for (size_t i = 0; i < n; i++) {
        seen.sum = seen.sum * 31 + (unsigned char)bytes[i];
    }
    return n == 0 || bytes[0] != '!';
}

static struct sgeo_delimited *open_bytes(const void *bytes, size_t n)
{
    static char path[2 * FIXTURE_PATH_MAX];
    struct sgeo_delimited *file = NULL;
    memset(&seen, 0, sizeof seen);
    fixture_write("rows.tsv", bytes, n);
    snprintf(path, sizeof path, "%s", fixture_path("rows.tsv"));
    ck_assert_int_eq(sgeo_delimited_open(&file, path, &format, take, &seen), SGEO_OK);
    return file;
}

/* Verdicts of all rows: g good, f flawed. */
static void expect_verdicts(const char *text, const char *expected)
{
    struct sgeo_delimited *file = open_bytes(text, strlen(text));
    char verdicts[64] = "";
    enum sgeo_delimited_row row;
    do {
        ck_assert_int_eq(sgeo_delimited_next(file, &row), SGEO_OK);
        if (row != SGEO_DELIMITED_NONE) {
            strcat(verdicts, row == SGEO_DELIMITED_GOOD ? "g" : "f");
        }
    } while (row != SGEO_DELIMITED_NONE);
    ck_assert_str_eq(verdicts, expected);
    sgeo_delimited_close(file);
}

START_TEST(test_delimited_bad_rows_do_not_touch_their_neighbours)
{
    expect_verdicts("1\t2\n3\t4\n", "gg");
    expect_verdicts("1\t2\n3\n4\t5\n", "gfg");
    expect_verdicts("1\t2\t3\n\n4\t5\n", "ffg");
    expect_verdicts("!\t2\n2\t!\n4\t5\n", "ffg");
    expect_verdicts("1\r\t2\r\n4\t5\r\n6\t7\n", "ffg");
    expect_verdicts("1\t2\n3\t4", "gf");
    expect_verdicts("\t\n \t \n", "gg"); /* empty cells, and blanks that stay */
    ck_assert_uint_eq(seen.n_bytes, 2);
}
END_TEST

START_TEST(test_delimited_quote_is_a_byte_where_cells_are_not_quoted)
{
    expect_verdicts("\"a\t\"b\"\n\"\t\"\"\n", "gg");
    ck_assert_uint_eq(seen.n_bytes, 2 + 3 + 1 + 2);
}
END_TEST

START_TEST(test_delimited_rows_cross_block_boundaries)
{
    enum { ROWS = 60000, BYTES = 3 << 20 };
    char *text = malloc(BYTES);
    struct sgeo_rng rng = sgeo_rng_stream(1, "rows", 0);
    size_t n = 0, n_rows = 0, n_cell_bytes = 0;
    uint64_t sum = 0;
    bool all_good = true;
    ck_assert_ptr_nonnull(text);
    for (; n_rows < ROWS && n + 200 < BYTES; n_rows++) {
        for (size_t c = 0; c < 2; c++) {
            size_t length = (size_t)sgeo_rng_below(&rng, 60);
            for (size_t i = 0; i < length; i++) {
                text[n] = (char)('a' + sgeo_rng_below(&rng, 26));
                sum = sum * 31 + (unsigned char)text[n++];
            }
            n_cell_bytes += length;
            text[n++] = c == 0 ? '\t' : '\n';
        }
    }
    ck_assert_uint_gt(n, 2 << 20); /* nine blocks */
    struct sgeo_delimited *file = open_bytes(text, n);
    enum sgeo_delimited_row row;
    for (size_t r = 0; r < n_rows; r++) {
        all_good =
            sgeo_delimited_next(file, &row) == SGEO_OK && row == SGEO_DELIMITED_GOOD && all_good;
    }
    ck_assert(all_good);
    ck_assert_int_eq(sgeo_delimited_next(file, &row), SGEO_OK);
    ck_assert_int_eq(row, SGEO_DELIMITED_NONE);
    ck_assert_uint_eq(seen.n_cells, 2 * n_rows);
    ck_assert_uint_eq(seen.slots, n_rows);
    ck_assert_uint_eq(seen.n_bytes, n_cell_bytes);
    ck_assert_uint_eq(seen.sum, sum);
    sgeo_delimited_close(file);
    free(text);
}
END_TEST

START_TEST(test_delimited_longest_line_is_read_and_a_longer_one_refused)
{
    static char text[4 + SGEO_DELIMITED_LINE_MAX + 5];
    for (size_t longer = 0; longer < 2; longer++) {
        size_t n = SGEO_DELIMITED_LINE_MAX + longer;
        enum sgeo_delimited_row row;
        memcpy(text, "1\t2\n", 4);
        memset(text + 4, 'x', n);
        text[4] = '\t';
        text[4 + n - 1] = '\n';
        struct sgeo_delimited *file = open_bytes(text, 4 + n);
        ck_assert_int_eq(sgeo_delimited_next(file, &row), SGEO_OK);
        enum sgeo_status status = sgeo_delimited_next(file, &row);
        if (longer == 0) {
            ck_assert_int_eq(status, SGEO_OK);
            ck_assert_int_eq(row, SGEO_DELIMITED_GOOD);
        } else {
            ck_assert_int_eq(status, SGEO_IO);
            ck_assert(fixture_error_says("rows.tsv:2: a line of more than 65536 bytes"));
        }
        sgeo_delimited_close(file);
    }
}
END_TEST

START_TEST(test_delimited_file_without_lines_is_refused_early)
{
    size_t n = (size_t)4 << 20;
    char *text = malloc(n);
    enum sgeo_delimited_row row;
    ck_assert_ptr_nonnull(text);
    memset(text, 'x', n);
    struct sgeo_delimited *file = open_bytes(text, n);
    ck_assert_int_eq(sgeo_delimited_next(file, &row), SGEO_IO);
    ck_assert(fixture_error_says("rows.tsv:1: a line of more than"));
    sgeo_delimited_close(file);
    free(text);
}
END_TEST

START_TEST(test_delimited_flaw_is_told_with_its_place)
{
    struct sgeo_delimited *file = open_bytes("1\t2\n3\t!far too long to be shown as a whole\n", 43);
    enum sgeo_delimited_row row;
    ck_assert_int_eq(sgeo_delimited_next(file, &row), SGEO_OK);
    ck_assert_int_eq(sgeo_delimited_next(file, &row), SGEO_OK);
    ck_assert_int_eq(row, SGEO_DELIMITED_FLAWED);
    ck_assert_int_eq(sgeo_delimited_refuse(file, "look at it"), SGEO_IO);
    ck_assert(fixture_error_says("rows.tsv:2: b '!far too long to be show' is not short"));
    ck_assert_str_eq(sgeo_error_hint(), "look at it");
    sgeo_delimited_close(file);
}
END_TEST

START_TEST(test_delimited_directory_is_no_file)
{
    struct sgeo_delimited *file = NULL;
    ck_assert_int_eq(sgeo_delimited_open(&file, fixture_dir, &format, take, &seen), SGEO_IO);
    ck_assert(fixture_error_says(fixture_dir));
    ck_assert_ptr_null(file);
    sgeo_delimited_close(NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_delimited_bad_rows_do_not_touch_their_neighbours,
        test_delimited_quote_is_a_byte_where_cells_are_not_quoted,
        test_delimited_rows_cross_block_boundaries,
        test_delimited_longest_line_is_read_and_a_longer_one_refused,
        test_delimited_file_without_lines_is_refused_early,
        test_delimited_flaw_is_told_with_its_place,
        test_delimited_directory_is_no_file,
    };
    return fixture_run("data/delimited", tests, sizeof tests / sizeof *tests);
}
