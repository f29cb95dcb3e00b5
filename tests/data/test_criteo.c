/* Criteo's rows, worked out by hand; and what is no row of Criteo's. */
#include <math.h>

#include "clicks.h"

static struct sgeo_ctr_source source = {.schema = &sgeo_ctr_criteo};

/* Label, 13 numbers, 26 hashes; I3 and C2 are missing, I2 is negative. */
#define NUMBERS "0\t-2\t\t1\t1023\t4095\t4096\t2147483647\t7\t12\t3\t100\t-2147483647"
#define HASHES                                                                                     \
    "00000000\t\tffffffff\t80000000\tdeadbeef\t0badf00d\t12345678\t9abcdef0\t00000003\t00000004\t" \
    "fedcba98\t01234567\t89abcdef\t7fffffff\t000007d0\t0000000a\t00001615\t0000087d\t00000004\t"   \
    "075bcd15\t00000012\t0000000f\t00045de5\t00000069\t00022ced\t000005b4"
#define GOOD "1\t" NUMBERS "\t" HASHES "\n"

/* By Python: int(hash, 16) % (vocabulary - 1) + 1, vocabularies whole, and capped at 1,000. */
static const int32_t whole[26] = {1, 0,   9458698, 2143457, 30, 6,    5097, 10,  1,
                                  5, 719, 2385560, 62,      11, 2001, 11,   4,   2174,
                                  5, 2,   19,      16,      12, 106,  89,   1461};
static const int32_t capped[26] = {1,  0, 562, 282, 30,  6, 622, 10, 1,  5,  711, 851, 18,
                                   11, 3, 11,  4,   176, 5, 2,   19, 16, 12, 106, 89,  462};

static enum sgeo_status read_bytes(const char *bytes, size_t n)
{
    fixture_write("train.txt", bytes, n);
    source.path = fixture_path("train.txt");
    return clicks_read(&source);
}

static enum sgeo_status read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

static void expect_refused(const char *text, const char *part)
{
    ck_assert_int_eq(read_text(text), SGEO_IO);
    ck_assert_msg(fixture_error_says(part), "no '%s' in: %s", part, sgeo_error_text());
    ck_assert_str_ne(sgeo_error_hint(), "");
    ck_assert_uint_eq(clicks.n, 0);
}

START_TEST(test_criteo_row_is_transformed_as_nasrec_does)
{
    static const double x[13] = {0, 0, 0, 1, 1023, 4095, 4096, 2147483647, 7, 12, 3, 100, 0};
    ck_assert_int_eq(read_text(GOOD "0"
                                    "\t" NUMBERS "\t" HASHES "\n"),
                     SGEO_OK);
    ck_assert_uint_eq(clicks.n, 2);
    ck_assert_uint_eq(clicks.label[0], 1);
    ck_assert_uint_eq(clicks.label[1], 0);
    for (size_t d = 0; d < 13; d++) {
        ck_assert_double_eq((double)clicks.dense[d], (double)(float)log(x[d] + 1.0));
        ck_assert_double_eq((double)clicks.dense[13 + d], (double)clicks.dense[d]);
    }
    ck_assert_double_eq_tol((double)clicks.dense[4], 6.931471806, 1e-6); /* 10 ln 2 */
    clicks_expect(0, whole, 26);
    clicks_expect(1, whole, 26);
}
END_TEST

START_TEST(test_criteo_cap_bounds_every_field)
{
    source.cap = 1000;
    ck_assert_int_eq(read_text(GOOD), SGEO_OK);
    clicks_expect(0, capped, 26);
    source.cap = 2; /* one index for all categories, and 0 for none */
    ck_assert_int_eq(read_text(GOOD), SGEO_OK);
    for (size_t f = 0; f < 26; f++) {
        ck_assert_int_eq(clicks_index(0, f), f == 1 ? 0 : 1);
    }
    source.cap = 1;
    ck_assert_int_eq(read_text(GOOD), SGEO_USAGE);
    source.cap = 0;
}
END_TEST

START_TEST(test_criteo_label_is_zero_or_one)
{
    static const char *const bad[] = {"2", "", "-1", "01", "1.0", " 1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[1024], part[96];
        snprintf(text, sizeof text, GOOD "%s\t" NUMBERS "\t" HASHES "\n", bad[i]);
        snprintf(part, sizeof part, "train.txt:2: label '%s' is not 0 or 1", bad[i]);
        expect_refused(text, part);
    }
}
END_TEST

START_TEST(test_criteo_number_that_is_none_names_its_column)
{
    static const char *const bad[] = {"x",
                                      "1.5",
                                      "--1",
                                      "-",
                                      "+1",
                                      "1 ",
                                      "0x1",
                                      "1e3",
                                      "2147483648",
                                      "-2147483648",
                                      "99999999999999999999999",
                                      "\"1\""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[1024], part[96];
        snprintf(text, sizeof text, "0\t1\t%s\t3\t4\t5\t6\t7\t8\t9\t10\t11\t12\t13\t" HASHES "\n",
                 bad[i]);
        snprintf(part, sizeof part, "train.txt:1: I2 '%.24s' is not a whole number", bad[i]);
        expect_refused(text, part);
    }
}
END_TEST

START_TEST(test_criteo_hash_that_is_none_names_its_column)
{
    static const char *const bad[] = {"68fd1e6",  "68fd1e640", "68fd1e6g",   "68FD1E64",
                                      "0x68fd1e", "-8fd1e64",  "\"8fd1e6\"", " 8fd1e64"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[1024], part[96];
        snprintf(text, sizeof text, "1\t" NUMBERS "\t%s\t" HASHES "\n", bad[i]);
        *strrchr(text, '\t') = '\n'; /* the last hash goes: 40 fields again */
        text[strchr(text, '\n') + 1 - text] = '\0';
        snprintf(part, sizeof part, "train.txt:1: C1 '%s' is not 8 hexadecimal digits", bad[i]);
        expect_refused(text, part);
    }
}
END_TEST

START_TEST(test_criteo_missing_or_extra_fields_are_counted)
{
    expect_refused(GOOD "1\t" NUMBERS "\n", "train.txt:2: 14 fields instead of 40");
    expect_refused("1\t" NUMBERS "\t" HASHES "\t\n", "train.txt:1: 41 fields instead of 40");
    expect_refused("1\t" NUMBERS "\t" HASHES "\t5b392875\n", "41 fields instead of 40");
    expect_refused("7\n", "1 fields instead of 40"); /* which matters more than the label */
    expect_refused(NUMBERS "\t" HASHES "\n", "39 fields instead of 40");
}
END_TEST

START_TEST(test_criteo_line_must_be_one_line)
{
    expect_refused(GOOD "\n" GOOD, "train.txt:2: empty line");
    expect_refused(GOOD "1\t" NUMBERS "\t" HASHES, "train.txt:2: the file ends within this line");
    expect_refused("1\t" NUMBERS "\t" HASHES "\r\n", "train.txt:1: carriage return");
    expect_refused("1\t" NUMBERS "\t" HASHES "\r\n", "sed -i");
    expect_refused("1\r\t" NUMBERS "\t" HASHES "\n", "train.txt:1: carriage return");
    ck_assert_int_eq(read_bytes("1\t\0" NUMBERS, 10), SGEO_IO);
    ck_assert(fixture_error_says("train.txt:1: NUL byte"));
}
END_TEST

START_TEST(test_criteo_file_that_cannot_be_one_is_refused)
{
    expect_refused("", "train.txt is empty");
    ck_assert_int_eq(read_bytes("\x1f\x8b\x08\x00", 4), SGEO_IO);
    ck_assert(fixture_error_says("is compressed"));
    ck_assert(fixture_error_says("gunzip"));
    source.path = fixture_path("missing.txt");
    ck_assert_int_eq(clicks_read(&source), SGEO_IO);
    ck_assert(fixture_error_says("missing.txt"));
}
END_TEST

START_TEST(test_criteo_skip_bad_passes_over_as_many_rows_and_no_more)
{
    static const char text[] = GOOD "bad\n" GOOD "\n" GOOD "1\t" NUMBERS "\t" HASHES;
    source.skip_bad = 3;
    ck_assert_int_eq(read_text(text), SGEO_OK);
    ck_assert_uint_eq(clicks.n, 3);
    ck_assert_uint_eq(clicks_skipped, 3);
    for (size_t r = 0; r < 3; r++) {
        clicks_expect(r, whole, 26);
    }
    source.skip_bad = 2;
    expect_refused(text, "train.txt:6: the file ends within this line");
    ck_assert(fixture_error_says("--skip-bad"));
    source.skip_bad = 100;
    expect_refused("bad\nworse\n", "train.txt has no rows");
    source.skip_bad = 0;
    expect_refused(text, "train.txt:2: 1 fields");
}
END_TEST

START_TEST(test_criteo_batches_join_to_the_file)
{
    enum { ROWS = 11 };
    char text[ROWS * sizeof GOOD] = "";
    struct sgeo_ctr_reader *reader = NULL;
    struct sgeo_ctr_rows batch = {0};
    size_t n = 0;
    for (size_t r = 0; r < ROWS; r++) {
        char row[sizeof GOOD];
        memcpy(row, GOOD, sizeof GOOD);
        row[0] = r % 3 == 0 ? '1' : '0';
        strcat(text, row);
    }
    fixture_write_text("train.txt", text);
    source.path = fixture_path("train.txt");
    ck_assert_int_eq(sgeo_ctr_rows_create(&batch, &sgeo_ctr_criteo, 4), SGEO_OK);
    ck_assert_int_eq(sgeo_ctr_reader_open(&reader, &source), SGEO_OK);
    do {
        ck_assert_int_eq(sgeo_ctr_reader_next(reader, &batch), SGEO_OK);
        ck_assert_uint_eq(batch.n, n < 8 ? 4 : ROWS - n);
        for (size_t r = 0; r < batch.n; r++, n++) {
            ck_assert_uint_eq(batch.label[r], n % 3 == 0);
            ck_assert_int_eq(batch.index[25 * 4 + r], whole[25]);
        }
    } while (n < ROWS);
    sgeo_ctr_reader_close(reader);
    sgeo_ctr_rows_destroy(&batch);
}
END_TEST

START_TEST(test_criteo_real_rows_are_read_without_error)
{
    size_t n, clicked;
    source.path = fixture_real_file("criteo/train.txt");
    if (source.path == NULL) {
        return;
    }
    clicks_scan(&source, &n, &clicked);
    ck_assert_uint_gt(n, 0);
    if (n == 110000) { /* the sample at hand; others may have the whole set */
        ck_assert_uint_eq(clicked, 28243);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_criteo_row_is_transformed_as_nasrec_does,
        test_criteo_cap_bounds_every_field,
        test_criteo_label_is_zero_or_one,
        test_criteo_number_that_is_none_names_its_column,
        test_criteo_hash_that_is_none_names_its_column,
        test_criteo_missing_or_extra_fields_are_counted,
        test_criteo_line_must_be_one_line,
        test_criteo_file_that_cannot_be_one_is_refused,
        test_criteo_skip_bad_passes_over_as_many_rows_and_no_more,
        test_criteo_batches_join_to_the_file,
        test_criteo_real_rows_are_read_without_error,
    };
    return clicks_run("data/criteo", tests, sizeof tests / sizeof *tests);
}
