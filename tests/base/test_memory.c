#include "base/memory.h"

#include <stdint.h>
#include <string.h>

#include "suite.h"

START_TEST(test_calloc_is_aligned_and_zeroed)
{
    for (size_t bytes = 1; bytes < 300; bytes++) {
        unsigned char *block = sgeo_calloc(bytes, 1);
        ck_assert_ptr_nonnull(block);
        ck_assert_uint_eq((uintptr_t)block % SGEO_ALIGNMENT, 0);
        for (size_t i = 0; i < bytes; i++) {
            ck_assert_uint_eq(block[i], 0);
        }
        memset(block, 0xff, bytes); /* dirties what the next round gets */
        sgeo_free(block);
    }
}
END_TEST

START_TEST(test_calloc_of_nothing_is_a_block)
{
    void *block = sgeo_calloc(0, 8);
    ck_assert_ptr_nonnull(block);
    sgeo_free(block);
}
END_TEST

START_TEST(test_large_calloc_is_aligned_and_zeroed)
{
    static const size_t sizes[] = {0, 1, (2 << 20) - 1, 2 << 20, (6 << 20) + 5};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        for (int round = 0; round < 2; round++) {
            unsigned char *block = sgeo_calloc(sizes[s], 1);
            ck_assert_ptr_nonnull(block);
            ck_assert_uint_eq((uintptr_t)block % SGEO_ALIGNMENT, 0);
            size_t dirty = 0;
            for (size_t i = 0; i < sizes[s]; i++) {
                dirty += block[i] != 0;
            }
            ck_assert_uint_eq(dirty, 0);
            memset(block, 0xff, sizes[s]); /* dirties what the next round gets */
            sgeo_free(block);
        }
    }
}
END_TEST

START_TEST(test_calloc_refuses_sizes_that_overflow)
{
    ck_assert_ptr_null(sgeo_calloc(SIZE_MAX, 2));
    ck_assert_ptr_null(sgeo_calloc(SIZE_MAX / 8 + 2, 8));
    ck_assert_ptr_null(sgeo_calloc(SIZE_MAX, 1));
    ck_assert_ptr_null(sgeo_calloc(SIZE_MAX / 2, 1));
}
END_TEST

START_TEST(test_grow_keeps_old_elements_and_zeroes_new_ones)
{
    uint32_t *values = sgeo_grow(NULL, 0, 3, sizeof *values);
    ck_assert_ptr_nonnull(values);
    for (uint32_t i = 0; i < 3; i++) {
        values[i] = i + 1;
    }
    values = sgeo_grow(values, 3, 100, sizeof *values);
    ck_assert_ptr_nonnull(values);
    for (uint32_t i = 0; i < 100; i++) {
        ck_assert_uint_eq(values[i], i < 3 ? i + 1 : 0);
    }
    sgeo_free(values);
}
END_TEST

START_TEST(test_grow_that_fails_leaves_the_block)
{
    char *block = sgeo_strdup("kept");
    ck_assert_ptr_null(sgeo_grow(block, 5, SIZE_MAX, 2));
    ck_assert_str_eq(block, "kept");
    sgeo_free(block);
}
END_TEST

START_TEST(test_strdup_copies)
{
    char text[] = "text";
    char *copy = sgeo_strdup(text);
    text[0] = 'n';
    ck_assert_str_eq(copy, "text");
    sgeo_free(copy);
    sgeo_free(NULL);
}
END_TEST

START_TEST(test_size_mul_tells_overflow_and_leaves_the_result)
{
    size_t product = 5;
    ck_assert(!sgeo_size_mul(SIZE_MAX / 3 + 1, 3, &product));
    ck_assert_uint_eq(product, 5);
    ck_assert(sgeo_size_mul(SIZE_MAX / 3, 3, &product));
    ck_assert_uint_eq(product, SIZE_MAX / 3 * 3);
    ck_assert(sgeo_size_mul(SIZE_MAX, 0, &product));
    ck_assert_uint_eq(product, 0);
}
END_TEST

START_TEST(test_round_up_gives_the_next_multiple)
{
    ck_assert_uint_eq(sgeo_round_up(0, 16), 0);
    ck_assert_uint_eq(sgeo_round_up(1, 16), 16);
    ck_assert_uint_eq(sgeo_round_up(16, 16), 16);
    ck_assert_uint_eq(sgeo_round_up(17, 6), 18);
}
END_TEST

START_TEST(test_peak_rss_covers_touched_memory)
{
    size_t bytes = (size_t)64 << 20;
    void *block = sgeo_calloc(bytes, 1);
    ck_assert_ptr_nonnull(block);
    memset(block, 1, bytes);
    ck_assert_uint_ge(sgeo_peak_rss_bytes(), bytes);
    sgeo_free(block);
    ck_assert_uint_ge(sgeo_peak_rss_bytes(), bytes); /* a peak, not the present */
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("memory");
    tcase_add_test(tcase, test_calloc_is_aligned_and_zeroed);
    tcase_add_test(tcase, test_calloc_of_nothing_is_a_block);
    tcase_add_test(tcase, test_large_calloc_is_aligned_and_zeroed);
    tcase_add_test(tcase, test_calloc_refuses_sizes_that_overflow);
    tcase_add_test(tcase, test_grow_keeps_old_elements_and_zeroes_new_ones);
    tcase_add_test(tcase, test_grow_that_fails_leaves_the_block);
    tcase_add_test(tcase, test_strdup_copies);
    tcase_add_test(tcase, test_size_mul_tells_overflow_and_leaves_the_result);
    tcase_add_test(tcase, test_round_up_gives_the_next_multiple);
    tcase_add_test(tcase, test_peak_rss_covers_touched_memory);
    return run_case("base/memory", tcase);
}
