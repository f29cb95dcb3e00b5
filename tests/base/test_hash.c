#include "base/hash.h"

#include <string.h>

#include "suite.h"

static const char sha_of_nothing[] =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
static const char sha_of_abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char sha_of_million_a[] =
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

START_TEST(test_fnv1a_matches_the_golden_names)
{
    ck_assert_uint_eq(sgeo_fnv1a("input"), UINT64_C(2214555572463777371));
    ck_assert_uint_eq(sgeo_fnv1a("stem.conv.weight"), UINT64_C(16304405756424024250));
}
END_TEST

START_TEST(test_fnv1a_of_nothing_is_its_offset_and_high_bytes_count_unsigned)
{
    ck_assert_uint_eq(sgeo_fnv1a(""), UINT64_C(14695981039346656037));
    ck_assert_uint_eq(sgeo_fnv1a("\xff"),
                      (UINT64_C(14695981039346656037) ^ 0xff) * UINT64_C(1099511628211));
}
END_TEST

START_TEST(test_uniform_matches_the_golden_values_exactly)
{
    uint64_t key = sgeo_fnv1a("input");
    ck_assert_double_eq(sgeo_hash_uniform(key, 0), 0.0978183426575382);
    ck_assert_double_eq(sgeo_hash_uniform(key, 1), 0.14747860371491817);
    ck_assert_double_eq(sgeo_hash_uniform(key, 2), 0.5740844483096654);
}
END_TEST

START_TEST(test_golden_weights_follow_from_their_name)
{
    uint64_t key = sgeo_fnv1a("stem.conv.weight"); /* shape (16, 3, 3, 3), fan-in 27 */
    double bound = 0.19245008972987526;            /* 1/sqrt(27) */
    double sum = 0.0;
    for (uint64_t i = 0; i < 432; i++) {
        sum += bound * (2.0 * sgeo_hash_uniform(key, i) - 1.0);
    }
    ck_assert_double_eq_tol(bound * (2.0 * sgeo_hash_uniform(key, 0) - 1.0), -0.1500491921396516,
                            1e-16);
    ck_assert_double_eq_tol(sum, -1.0325327457611129, 1e-13);
}
END_TEST

START_TEST(test_sha256_matches_the_standard_vectors)
{
    char hex[SGEO_SHA256_HEX];
    sgeo_sha256(hex, NULL, 0);
    ck_assert_str_eq(hex, sha_of_nothing);
    sgeo_sha256(hex, "abc", 3);
    ck_assert_str_eq(hex, sha_of_abc);
}
END_TEST

START_TEST(test_sha256_of_a_file_spans_chunks)
{
    static char million[1000000];
    char path[SCRATCH_PATH_BYTES];
    char hex[SGEO_SHA256_HEX];
    memset(million, 'a', sizeof million);
    scratch_write(path, "million", million, sizeof million);
    ck_assert_int_eq(sgeo_sha256_file(hex, path), SGEO_OK);
    ck_assert_str_eq(hex, sha_of_million_a);
    scratch_write(path, "empty", "", 0);
    ck_assert_int_eq(sgeo_sha256_file(hex, path), SGEO_OK);
    ck_assert_str_eq(hex, sha_of_nothing);
}
END_TEST

START_TEST(test_sha256_of_a_missing_file_names_it_and_leaves_the_result)
{
    char path[SCRATCH_PATH_BYTES];
    char hex[SGEO_SHA256_HEX] = "untouched";
    scratch_path(path, "missing");
    ck_assert_int_eq(sgeo_sha256_file(hex, path), SGEO_IO);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), path));
    ck_assert_int_eq(sgeo_sha256_file(hex, scratch_directory), SGEO_IO);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "Is a directory"));
    ck_assert_str_eq(hex, "untouched");
}
END_TEST

START_TEST(test_checksum_notices_every_single_bit)
{
    unsigned char bytes[101] = {0};
    for (size_t n = 0; n <= sizeof bytes; n++) {
        for (size_t i = 0; i < n; i++) {
            bytes[i] = (unsigned char)(7 * i);
        }
        uint64_t sum = sgeo_checksum(5, bytes, n);
        for (size_t bit = 0; bit < 8 * n; bit++) {
            bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
            ck_assert_uint_ne(sgeo_checksum(5, bytes, n), sum);
            bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        }
        ck_assert_uint_eq(sgeo_checksum(5, bytes, n), sum);
    }
}
END_TEST

START_TEST(test_checksum_depends_on_seed_length_and_order)
{
    unsigned char zeros[64] = {0}, bytes[64] = {0};
    ck_assert_uint_ne(sgeo_checksum(1, zeros, 32), sgeo_checksum(2, zeros, 32));
    for (size_t n = 1; n <= sizeof zeros; n++) {
        ck_assert_uint_ne(sgeo_checksum(1, zeros, n), sgeo_checksum(1, zeros, n - 1));
    }
    bytes[0] = 1; /* stripes, and words within a stripe, do not trade places */
    uint64_t first = sgeo_checksum(1, bytes, sizeof bytes);
    for (size_t place = 8; place < sizeof bytes; place += 8) {
        bytes[place - 8] = 0;
        bytes[place] = 1;
        ck_assert_uint_ne(sgeo_checksum(1, bytes, sizeof bytes), first);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("hash");
    tcase_add_checked_fixture(tcase, scratch_create, scratch_remove);
    tcase_add_test(tcase, test_fnv1a_matches_the_golden_names);
    tcase_add_test(tcase, test_fnv1a_of_nothing_is_its_offset_and_high_bytes_count_unsigned);
    tcase_add_test(tcase, test_uniform_matches_the_golden_values_exactly);
    tcase_add_test(tcase, test_golden_weights_follow_from_their_name);
    tcase_add_test(tcase, test_sha256_matches_the_standard_vectors);
    tcase_add_test(tcase, test_sha256_of_a_file_spans_chunks);
    tcase_add_test(tcase, test_sha256_of_a_missing_file_names_it_and_leaves_the_result);
    tcase_add_test(tcase, test_checksum_notices_every_single_bit);
    tcase_add_test(tcase, test_checksum_depends_on_seed_length_and_order);
    return run_case("base/hash", tcase);
}
