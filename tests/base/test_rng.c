#include "base/rng.h"

#include <math.h>

#include "base/hash.h"
#include "suite.h"

START_TEST(test_stream_key_depends_on_all_its_parts)
{
    uint64_t key = sgeo_stream_key(7, "batch", 3);
    ck_assert_uint_eq(key, sgeo_stream_key(7, "batch", 3));
    ck_assert_uint_ne(key, sgeo_stream_key(8, "batch", 3));
    ck_assert_uint_ne(key, sgeo_stream_key(7, "init", 3));
    ck_assert_uint_ne(key, sgeo_stream_key(7, "batch", 4));
    ck_assert_uint_ne(key, sgeo_stream_key(3, "batch", 7));
    ck_assert_uint_ne(key, sgeo_stream_key(8, "batch", 2));
}
END_TEST

START_TEST(test_stream_keys_do_not_collide_on_a_grid)
{
    enum { SIDE = 40 };
    static uint64_t keys[SIDE * SIDE];
    for (uint64_t i = 0; i < SIDE * SIDE; i++) {
        keys[i] = sgeo_stream_key(i / SIDE, "grid", i % SIDE);
        for (uint64_t j = 0; j < i; j++) {
            if (keys[i] == keys[j]) {
                ck_abort_msg("streams %u and %u share a key", (unsigned)i, (unsigned)j);
            }
        }
    }
}
END_TEST

START_TEST(test_draw_depends_on_its_position_alone)
{
    struct sgeo_rng whole = sgeo_rng_stream(1, "x", 2);
    for (int i = 0; i < 10; i++) {
        (void)sgeo_rng_u64(&whole);
    }
    struct sgeo_rng later = {.key = sgeo_stream_key(1, "x", 2), .counter = 10};
    ck_assert_uint_eq(sgeo_rng_u64(&whole), sgeo_rng_u64(&later));
    ck_assert_double_eq(sgeo_rng_uniform(&whole), sgeo_hash_uniform(later.key, 11));
}
END_TEST

START_TEST(test_normal_matches_the_golden_values)
{
    struct sgeo_rng rng = {.key = sgeo_fnv1a("zen.x"), .counter = 0};
    ck_assert_double_eq_tol(sgeo_rng_normal(&rng), -1.2853882441378481, 1e-15);
    ck_assert_double_eq_tol(sgeo_rng_normal(&rng), -0.22232683301874342, 1e-15);
    ck_assert_double_eq_tol(sgeo_rng_normal(&rng), 0.008495063383387912, 1e-15);
}
END_TEST

START_TEST(test_normal_has_mean_zero_and_variance_one)
{
    enum { N = 100000 };
    struct sgeo_rng rng = sgeo_rng_stream(0, "moments", 0);
    double sum = 0.0;
    double squares = 0.0;
    for (int i = 0; i < N; i++) {
        double z = sgeo_rng_normal(&rng);
        ck_assert(isfinite(z));
        sum += z;
        squares += z * z;
    }
    ck_assert_double_eq_tol(sum / N, 0.0, 5.0 / sqrt(N));           /* five standard errors */
    ck_assert_double_eq_tol(squares / N, 1.0, 5.0 * sqrt(2.0 / N)); /* likewise */
}
END_TEST

START_TEST(test_uniform_stays_in_range_and_fills_it)
{
    struct sgeo_rng rng = sgeo_rng_stream(0, "range", 0);
    size_t count[10] = {0};
    for (int i = 0; i < 100000; i++) {
        double u = sgeo_rng_uniform(&rng);
        ck_assert(u >= 0.0 && u < 1.0);
        count[(size_t)(10.0 * u)]++;
    }
    for (size_t i = 0; i < 10; i++) {
        ck_assert_uint_gt(count[i], 10000 - 475); /* five standard deviations */
        ck_assert_uint_lt(count[i], 10000 + 475);
    }
}
END_TEST

START_TEST(test_below_is_unbiased_where_modulo_would_not_be)
{
    /* 3 * 2^62: a plain modulo hits the lowest third twice as often as the others. */
    uint64_t bound = UINT64_C(3) << 62;
    struct sgeo_rng rng = sgeo_rng_stream(0, "below", 0);
    size_t lowest = 0;
    for (int i = 0; i < 30000; i++) {
        uint64_t draw = sgeo_rng_below(&rng, bound);
        ck_assert_uint_lt(draw, bound);
        lowest += draw < bound / 3 ? 1 : 0;
    }
    ck_assert_uint_gt(lowest, 10000 - 410); /* five standard deviations */
    ck_assert_uint_lt(lowest, 10000 + 410);
}
END_TEST

START_TEST(test_below_one_is_zero)
{
    struct sgeo_rng rng = sgeo_rng_stream(0, "one", 0);
    ck_assert_uint_eq(sgeo_rng_below(&rng, 1), 0);
}
END_TEST

START_TEST(test_shuffle_permutes_and_repeats)
{
    enum { N = 100 };
    uint32_t first[N];
    uint32_t second[N];
    size_t seen[N] = {0};
    size_t moved = 0;
    for (uint32_t i = 0; i < N; i++) {
        first[i] = i;
        second[i] = i;
    }
    struct sgeo_rng rng = sgeo_rng_stream(5, "order", 0);
    sgeo_rng_shuffle(&rng, first, N);
    rng = sgeo_rng_stream(5, "order", 0);
    sgeo_rng_shuffle(&rng, second, N);
    for (size_t i = 0; i < N; i++) {
        ck_assert_uint_eq(first[i], second[i]);
        moved += first[i] != i ? 1 : 0;
        seen[first[i]]++;
    }
    for (size_t i = 0; i < N; i++) {
        ck_assert_uint_eq(seen[i], 1);
    }
    ck_assert_uint_gt(moved, N / 2);
}
END_TEST

START_TEST(test_shuffle_reaches_all_orders_alike)
{
    size_t count[6] = {0};
    struct sgeo_rng rng = sgeo_rng_stream(0, "orders", 0);
    for (int i = 0; i < 6000; i++) {
        uint32_t values[3] = {0, 1, 2};
        sgeo_rng_shuffle(&rng, values, 3);
        count[2 * values[0] + (values[1] > values[2] ? 1 : 0)]++;
    }
    for (size_t i = 0; i < 6; i++) {
        ck_assert_uint_gt(count[i], 1000 - 145); /* five standard deviations */
        ck_assert_uint_lt(count[i], 1000 + 145);
    }
}
END_TEST

START_TEST(test_shuffle_of_nothing_draws_nothing)
{
    struct sgeo_rng rng = sgeo_rng_stream(0, "nothing", 0);
    sgeo_rng_shuffle(&rng, NULL, 0);
    ck_assert_uint_eq(rng.counter, 0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("rng");
    tcase_add_test(tcase, test_stream_key_depends_on_all_its_parts);
    tcase_add_test(tcase, test_stream_keys_do_not_collide_on_a_grid);
    tcase_add_test(tcase, test_draw_depends_on_its_position_alone);
    tcase_add_test(tcase, test_normal_matches_the_golden_values);
    tcase_add_test(tcase, test_normal_has_mean_zero_and_variance_one);
    tcase_add_test(tcase, test_uniform_stays_in_range_and_fills_it);
    tcase_add_test(tcase, test_below_is_unbiased_where_modulo_would_not_be);
    tcase_add_test(tcase, test_below_one_is_zero);
    tcase_add_test(tcase, test_shuffle_permutes_and_repeats);
    tcase_add_test(tcase, test_shuffle_reaches_all_orders_alike);
    tcase_add_test(tcase, test_shuffle_of_nothing_draws_nothing);
    return run_case("base/rng", tcase);
}
