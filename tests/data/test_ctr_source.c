/* Which files click-through rows come from, and how they are told apart. */
#include "data/ctr_source.h"

#include "fixture.h"

static struct sgeo_ctr_fingerprint fingerprint_of(const char *path, const char *profiles)
{
    struct sgeo_ctr_fingerprint made = {{0}, ""};
    struct sgeo_ctr_source source = {
        .schema = &sgeo_ctr_criteo, .path = path, .profiles = profiles};
    ck_assert_int_eq(sgeo_ctr_source_fingerprint(&made, &source), SGEO_OK);
    return made;
}

/* Write a file of n bytes, byte i being i * 7 mod 251 but for one that is another. */
static const char *write_bytes(size_t n, size_t changed)
{
    static char path[2 * FIXTURE_PATH_MAX];
    unsigned char *bytes = malloc(n + 1);
    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < n; i++) {
        bytes[i] = (unsigned char)(i * 7 % 251);
    }
    if (changed < n) {
        bytes[changed] ^= 1;
    }
    fixture_write("source", bytes, n);
    free(bytes);
    snprintf(path, sizeof path, "%s", fixture_path("source"));
    return path;
}

START_TEST(test_ctr_fingerprint_sees_every_byte_of_a_small_file)
{
    static const size_t sizes[] = {1, 1000, 65536, 65537, 200000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t n = sizes[s];
        struct sgeo_ctr_fingerprint whole = fingerprint_of(write_bytes(n, n), NULL);
        const size_t changed[] = {0, n / 2, n - 1};
        ck_assert_uint_eq(whole.bytes[0], n);
        ck_assert_uint_eq(whole.bytes[1], 0);
        for (size_t c = 0; c < 3; c++) {
            ck_assert_str_ne(fingerprint_of(write_bytes(n, changed[c]), NULL).digest, whole.digest);
        }
        ck_assert_str_eq(fingerprint_of(write_bytes(n, n), NULL).digest, whole.digest);
    }
}
END_TEST

START_TEST(test_ctr_fingerprint_sees_both_ends_and_the_size_of_a_large_file)
{
    const size_t n = (size_t)9 << 20; /* 64 pieces of 64 KiB, a stride of 144 KiB */
    struct sgeo_ctr_fingerprint whole = fingerprint_of(write_bytes(n, n), NULL);
    ck_assert_str_ne(fingerprint_of(write_bytes(n, 0), NULL).digest, whole.digest);
    ck_assert_str_ne(fingerprint_of(write_bytes(n, n - 1), NULL).digest, whole.digest);
    ck_assert_str_ne(fingerprint_of(write_bytes(n, (size_t)144 << 10), NULL).digest, whole.digest);
    ck_assert_str_ne(fingerprint_of(write_bytes(n - 1, n), NULL).digest, whole.digest);
    /* What lies between the pieces is not seen: that is the price of not reading 11 GB. */
    ck_assert_str_eq(fingerprint_of(write_bytes(n, (size_t)100 << 10), NULL).digest, whole.digest);
}
END_TEST

START_TEST(test_ctr_fingerprint_sees_both_files)
{
    static char path[2 * FIXTURE_PATH_MAX], other[2 * FIXTURE_PATH_MAX];
    fixture_write_text("a", "a");
    fixture_write_text("b", "b");
    snprintf(path, sizeof path, "%s", fixture_path("a"));
    snprintf(other, sizeof other, "%s", fixture_path("b"));
    struct sgeo_ctr_fingerprint one = fingerprint_of(path, NULL), two = fingerprint_of(path, other);
    ck_assert_str_ne(one.digest, two.digest);
    ck_assert_uint_eq(two.bytes[1], 1);
    ck_assert_str_ne(fingerprint_of(path, path).digest, two.digest);
}
END_TEST

START_TEST(test_ctr_fingerprint_of_a_missing_file_names_it)
{
    struct sgeo_ctr_fingerprint made;
    struct sgeo_ctr_source source = {.schema = &sgeo_ctr_criteo, .path = fixture_path("none")};
    ck_assert_int_eq(sgeo_ctr_source_fingerprint(&made, &source), SGEO_IO);
    ck_assert(fixture_error_says("none"));
}
END_TEST

START_TEST(test_ctr_files_are_named_as_distributed)
{
    const char *files[SGEO_CTR_FILES];
    sgeo_ctr_source_files(files, &sgeo_ctr_criteo);
    ck_assert_str_eq(files[0], "criteo/train.txt");
    ck_assert_ptr_null(files[1]);
    sgeo_ctr_source_files(files, &sgeo_ctr_avazu);
    ck_assert_str_eq(files[0], "avazu/train.csv");
    sgeo_ctr_source_files(files, &sgeo_ctr_kdd12);
    ck_assert_str_eq(files[0], "kdd12/training.txt");
    ck_assert_str_eq(files[1], "kdd12/userid_profile.txt");
}
END_TEST

START_TEST(test_ctr_lines_of_equal_length_are_counted)
{
    static const size_t counts[] = {0, 1, 3, 100000};
    const char line[] = "0\t1\t2\t3\t68fd1e64\n";
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        size_t n = counts[c] * (sizeof line - 1);
        char *text = malloc(n + 1);
        uint64_t lines = 77;
        ck_assert_ptr_nonnull(text);
        for (size_t i = 0; i < n; i++) {
            text[i] = line[i % (sizeof line - 1)];
        }
        fixture_write("source", text, n);
        free(text);
        ck_assert_int_eq(sgeo_ctr_source_lines(&lines, fixture_path("source")), SGEO_OK);
        ck_assert_uint_eq(lines, counts[c]);
    }
}
END_TEST

START_TEST(test_ctr_lines_of_no_file_are_io)
{
    uint64_t lines = 77;
    ck_assert_int_eq(sgeo_ctr_source_lines(&lines, fixture_path("nowhere")), SGEO_IO);
    ck_assert_uint_eq(lines, 77);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_ctr_fingerprint_sees_every_byte_of_a_small_file,
        test_ctr_fingerprint_sees_both_ends_and_the_size_of_a_large_file,
        test_ctr_fingerprint_sees_both_files,
        test_ctr_fingerprint_of_a_missing_file_names_it,
        test_ctr_files_are_named_as_distributed,
        test_ctr_lines_of_equal_length_are_counted,
        test_ctr_lines_of_no_file_are_io,
    };
    return fixture_run("data/ctr_source", tests, sizeof tests / sizeof *tests);
}
