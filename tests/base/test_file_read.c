#include "base/file.h"

#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "suite.h"

#define NO_LIMIT ((size_t)1 << 30)

static unsigned char *noise(size_t n)
{
    unsigned char *bytes = sgeo_calloc(n, 1);
    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < n; i++) {
        bytes[i] = (unsigned char)(sgeo_splitmix64(i) & 0xff);
    }
    return bytes;
}

/* Add one gzip member to a file of the scratch directory; mode as for gzopen. */
static void gzip(char path[SCRATCH_PATH_BYTES], const char *mode, const void *bytes, size_t n)
{
    scratch_path(path, "f.gz");
    gzFile file = gzopen(path, mode);
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(gzwrite(file, bytes, (unsigned)n), (int)n);
    ck_assert_int_eq(gzclose(file), Z_OK);
}

static void assert_reads(const char *path, size_t limit, const void *expected, size_t n)
{
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    ck_assert_msg(sgeo_file_read(path, limit, &bytes, &n_bytes) == SGEO_OK, "%s",
                  sgeo_error_text());
    ck_assert_uint_eq(n_bytes, n);
    ck_assert(n == 0 || memcmp(bytes, expected, n) == 0);
    ck_assert_uint_eq(bytes[n], 0);
    sgeo_free(bytes);
}

static void assert_refused(const char *path, size_t limit, const char *reason)
{
    unsigned char untouched = 0;
    unsigned char *bytes = &untouched;
    size_t n_bytes = 77;
    ck_assert_int_eq(sgeo_file_read(path, limit, &bytes, &n_bytes), SGEO_IO);
    ck_assert_ptr_eq(bytes, &untouched);
    ck_assert_uint_eq(n_bytes, 77);
    ck_assert_msg(strstr(sgeo_error_text(), path) != NULL, "%s", sgeo_error_text());
    ck_assert_msg(strstr(sgeo_error_text(), reason) != NULL, "%s", sgeo_error_text());
}

START_TEST(test_plain_file_is_read_whole_at_every_size_around_a_chunk)
{
    static const size_t sizes[] = {0, 1, 2, 65535, 65536, 65537, 200000};
    char path[SCRATCH_PATH_BYTES];
    unsigned char *bytes = noise(200000);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        scratch_write(path, "f", bytes, sizes[i]);
        assert_reads(path, NO_LIMIT, bytes, sizes[i]);
    }
    sgeo_free(bytes);
}
END_TEST

START_TEST(test_gzip_is_unpacked_at_every_size_around_a_chunk)
{
    static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 200000};
    char path[SCRATCH_PATH_BYTES];
    unsigned char *bytes = noise(200000);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        gzip(path, "wb", bytes, sizes[i]);
        assert_reads(path, NO_LIMIT, bytes, sizes[i]);
    }
    sgeo_free(bytes);
}
END_TEST

START_TEST(test_highly_packed_gzip_is_unpacked)
{
    char path[SCRATCH_PATH_BYTES];
    size_t n = 3000000;
    unsigned char *zeros = sgeo_calloc(n, 1);
    gzip(path, "wb9", zeros, n);
    ck_assert_int_lt(scratch_size(path), 10000);
    assert_reads(path, NO_LIMIT, zeros, n);
    sgeo_free(zeros);
}
END_TEST

START_TEST(test_joined_gzip_members_are_read_in_order)
{
    char path[SCRATCH_PATH_BYTES];
    gzip(path, "wb", "first,", 6);
    gzip(path, "ab", "second", 6);
    assert_reads(path, NO_LIMIT, "first,second", 12);
}
END_TEST

START_TEST(test_gzip_cut_anywhere_is_refused)
{
    char path[SCRATCH_PATH_BYTES];
    unsigned char *bytes = noise(300);
    unsigned char packed[1000];
    gzip(path, "wb", bytes, 300);
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    size_t n = fread(packed, 1, sizeof packed, file);
    ck_assert_int_eq(fclose(file), 0);
    for (size_t cut = 2; cut < n; cut++) { /* the magic makes it gzip */
        scratch_write(path, "f.gz", packed, cut);
        assert_refused(path, NO_LIMIT, "ends early");
    }
    sgeo_free(bytes);
}
END_TEST

START_TEST(test_gzip_with_a_flipped_bit_is_refused)
{
    char path[SCRATCH_PATH_BYTES];
    unsigned char *bytes = noise(300);
    gzip(path, "wb", bytes, 300);
    FILE *file = fopen(path, "r+b");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, 100, SEEK_SET), 0);
    int byte = fgetc(file);
    ck_assert_int_eq(fseek(file, 100, SEEK_SET), 0);
    ck_assert_int_ne(fputc(byte ^ 1, file), EOF);
    ck_assert_int_eq(fclose(file), 0);
    assert_refused(path, NO_LIMIT, "damaged");
    sgeo_free(bytes);
}
END_TEST

START_TEST(test_bytes_behind_a_gzip_member_are_refused)
{
    char path[SCRATCH_PATH_BYTES];
    gzip(path, "wb", "content", 7);
    FILE *file = fopen(path, "ab");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs("garbage", file), 0);
    ck_assert_int_eq(fclose(file), 0);
    assert_refused(path, NO_LIMIT, "damaged");
}
END_TEST

START_TEST(test_limit_is_the_largest_size_read)
{
    char path[SCRATCH_PATH_BYTES];
    unsigned char *bytes = noise(100000);
    scratch_write(path, "f", bytes, 100000);
    assert_reads(path, 100000, bytes, 100000);
    assert_refused(path, 99999, "99999 bytes");
    assert_reads(path, SIZE_MAX, bytes, 100000);
    gzip(path, "wb", bytes, 100000); /* noise does not pack: the file is larger than the limit */
    assert_reads(path, 100000, bytes, 100000);
    assert_refused(path, 99999, "99999 bytes");
    scratch_write(path, "empty", "", 0);
    assert_reads(path, 0, "", 0);
    sgeo_free(bytes);
}
END_TEST

START_TEST(test_missing_file_and_directory_are_refused)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_path(path, "missing");
    assert_refused(path, NO_LIMIT, "No such file or directory");
    assert_refused(scratch_directory, NO_LIMIT, "Is a directory");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("file_read");
    tcase_add_checked_fixture(tcase, scratch_create, scratch_remove);
    tcase_add_test(tcase, test_plain_file_is_read_whole_at_every_size_around_a_chunk);
    tcase_add_test(tcase, test_gzip_is_unpacked_at_every_size_around_a_chunk);
    tcase_add_test(tcase, test_highly_packed_gzip_is_unpacked);
    tcase_add_test(tcase, test_joined_gzip_members_are_read_in_order);
    tcase_add_test(tcase, test_gzip_cut_anywhere_is_refused);
    tcase_add_test(tcase, test_gzip_with_a_flipped_bit_is_refused);
    tcase_add_test(tcase, test_bytes_behind_a_gzip_member_are_refused);
    tcase_add_test(tcase, test_limit_is_the_largest_size_read);
    tcase_add_test(tcase, test_missing_file_and_directory_are_refused);
    return run_case("base/file_read", tcase);
}
