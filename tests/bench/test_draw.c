/* Inputs of the loads: repeatable, in range, and distributed as the line says. */
#include "rig.h"

enum { DRAWS = 200000 };

static int64_t indices[DRAWS];

START_TEST(test_fill_is_uniform_and_repeats)
{
    static float a[4096], b[4096], other[4096];
    double sum = 0.0, squares = 0.0;
    sgeo_bench_fill(a, 4096, 5, 1);
    sgeo_bench_fill(b, 4096, 5, 1);
    sgeo_bench_fill(other, 4096, 5, 2);
    ck_assert_mem_eq(a, b, sizeof a);
    ck_assert_mem_ne(a, other, sizeof a);
    for (size_t i = 0; i < 4096; i++) {
        ck_assert(a[i] >= -1.0f && a[i] <= 1.0f);
        sum += (double)a[i];
        squares += (double)a[i] * (double)a[i];
    }
    ck_assert_double_eq_tol(sum / 4096, 0.0, 0.05);
    ck_assert_double_eq_tol(squares / 4096, 1.0 / 3.0, 0.02);
}
END_TEST

START_TEST(test_indices_stay_in_range_and_repeat)
{
    static const char *const lines[] = {"idx=uniform", "idx=zipf:1.1", ""};
    static const size_t rows[] = {1, 2, 3, 1000, 999983};
    static int64_t again[DRAWS];
    for (size_t l = 0; l < 3; l++)
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
            struct sgeo_bench_args *args = rig_args(lines[l]);
            rig_ok(sgeo_bench_indices(indices, 5000, rows[r], args, 9));
            rig_ok(sgeo_bench_indices(again, 5000, rows[r], args, 9));
            ck_assert_mem_eq(indices, again, 5000 * sizeof *again);
            for (size_t i = 0; i < 5000; i++)
                ck_assert(indices[i] >= 0 && (size_t)indices[i] < rows[r]);
            sgeo_bench_args_destroy(args);
        }
}
END_TEST

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The rows most often drawn are not neighbours, or the cache would hold them in fewer lines. */
START_TEST(test_zipf_indices_are_scattered)
{
    struct sgeo_bench_args *args = rig_args("idx=zipf:2");
    rig_ok(sgeo_bench_indices(indices, 2000, 100000, args, 1));
    qsort(indices, 2000, sizeof *indices, compare);
    for (size_t i = 1; i < 2000; i++)
        ck_assert(indices[i] == indices[i - 1] || indices[i] - indices[i - 1] > 16);
    sgeo_bench_args_destroy(args);
}
END_TEST

START_TEST(test_indices_of_another_distribution_are_usage)
{
    static const char *const lines[] = {"idx=normal",  "idx=zipf",   "idx=zipf:",  "idx=zipf:0",
                                        "idx=zipf:-1", "idx=zipf:x", "idx=zipf:11"};
    for (size_t l = 0; l < sizeof lines / sizeof *lines; l++) {
        struct sgeo_bench_args *args = rig_args(lines[l]);
        ck_assert_int_eq(sgeo_bench_indices(indices, 1, 10, args, 1), SGEO_USAGE);
        assert_error_has(lines[l]);
        sgeo_bench_args_destroy(args);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("draw");
    tcase_add_test(tcase, test_fill_is_uniform_and_repeats);
    tcase_add_test(tcase, test_indices_stay_in_range_and_repeat);
    tcase_add_test(tcase, test_zipf_indices_are_scattered);
    tcase_add_test(tcase, test_indices_of_another_distribution_are_usage);
    return run_case("draw", tcase);
}
