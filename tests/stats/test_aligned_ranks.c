/* The test of two samples in blocks: values by counting, and what levels of blocks may do. */
#include "stats/aligned_ranks.h"

#include "sample.h"

static double run(const double *x, const double *y, size_t n, size_t block)
{
    double p = -1.0;
    ck_assert_int_eq(sgeo_aligned_ranks(&p, x, y, n, block), SGEO_OK);
    return p;
}

START_TEST(test_separate_samples_have_the_least_p)
{
    const double x[] = {1.0, 2.0, 11.0, 12.0, 21.0}, y[] = {3.0, 4.0, 13.0, 14.0, 22.0};
    ck_assert_double_eq_tol(run(x, y, 4, 2), 2.0 / 36.0, 1e-15); /* C(4, 2) ways a block */
    ck_assert_double_eq_tol(run(y, x, 4, 2), 2.0 / 36.0, 1e-15);
    ck_assert_double_eq_tol(run(x, y, 5, 2), 2.0 / 72.0, 1e-15); /* the last has one pair */
    ck_assert_double_eq_tol(run(x, y, 5, 1), 2.0 / 32.0, 1e-15);
    ck_assert_double_eq_tol(sgeo_aligned_ranks_least_p(4, 2), 2.0 / 36.0, 1e-15);
    ck_assert_double_eq_tol(sgeo_aligned_ranks_least_p(5, 2), 2.0 / 72.0, 1e-15);
    ck_assert_double_eq_tol(sgeo_aligned_ranks_least_p(5, 1), 2.0 / 32.0, 1e-15);
    ck_assert_double_eq(sgeo_aligned_ranks_least_p(1, 2), 1.0);
}
END_TEST

/*
 * One block: less its mean, x = {1, 4} and y = {2, 3} are in the middle and at the ends. Rank sums
 * of y: 3, 4, 5, 5, 6, 7, of which 5 is this one.
 */
START_TEST(test_ways_are_counted)
{
    const double x[] = {1.0, 4.0}, y[] = {2.0, 3.0}, higher[] = {3.0, 4.0}, lower[] = {1.0, 2.0};
    ck_assert_double_eq(run(x, y, 2, 2), 1.0);
    const double odd[] = {1.0, 3.0}, even[] = {2.0, 4.0}; /* 6: itself and 7 */
    ck_assert_double_eq_tol(run(odd, even, 2, 2), 4.0 / 6.0, 1e-15);
    ck_assert_double_eq_tol(run(lower, higher, 2, 2), 2.0 / 6.0, 1e-15);
}
END_TEST

START_TEST(test_equal_values_say_nothing)
{
    static const double same[50] = {0.0};
    ck_assert_double_eq(run(same, same, 7, 2), 1.0);
    ck_assert_double_eq(run(same, same, 50, 2), 1.0);
}
END_TEST

START_TEST(test_levels_of_blocks_do_not_matter)
{
    enum { N = 11 };
    struct sgeo_rng rng = sgeo_rng_stream(1, "levels", 0);
    double x[N], y[N], x_levelled[N], y_levelled[N];
    draw_normal(x, N, &rng);
    draw_normal(y, N, &rng);
    for (size_t i = 0; i < N; i++) {
        double level = 100.0 * sin(3.0 * (double)(i / 2));
        x_levelled[i] = x[i] + level;
        y_levelled[i] = y[i] + level;
    }
    ck_assert_double_eq_tol(run(x_levelled, y_levelled, N, 2), run(x, y, N, 2), 1e-12);
}
END_TEST

/* Under the null p is at most alpha with probability at most alpha; exact, and normal. */
START_TEST(test_false_alarms_stay_below_alpha)
{
    enum { TRIALS = 2000, MOST = 60 };
    size_t n = _i == 0 ? 10 : MOST;
    struct sgeo_rng rng = sgeo_rng_stream(3, "null", 0);
    size_t alarms = 0;
    for (size_t t = 0; t < TRIALS; t++) {
        double x[MOST], y[MOST];
        draw_normal(x, n, &rng);
        draw_normal(y, n, &rng);
        for (size_t i = 0; i < n; i++) {
            double level = 10.0 * (double)(i / 2);
            x[i] += level;
            y[i] += level;
        }
        alarms += run(x, y, n, 2) <= 0.05;
    }
    ck_assert_uint_gt(alarms, TRIALS / 40);
    ck_assert_uint_lt(alarms, TRIALS / 14); /* 0.05 and four standard errors */
}
END_TEST

START_TEST(test_what_has_no_answer_is_refused)
{
    const double x[] = {1.0, 2.0}, nan[] = {NAN, 1.0};
    double p;
    ck_assert_int_eq(sgeo_aligned_ranks(&p, x, x, 0, 2), SGEO_USAGE);
    ck_assert_int_eq(sgeo_aligned_ranks(&p, x, x, 2, 0), SGEO_USAGE);
    ck_assert_int_eq(sgeo_aligned_ranks(&p, x, x, 2, SGEO_ALIGNED_RANKS_BLOCK_MAX + 1), SGEO_USAGE);
    ck_assert_int_eq(sgeo_aligned_ranks(&p, x, nan, 2, 2), SGEO_USAGE);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("aligned_ranks");
    tcase_add_test(tcase, test_separate_samples_have_the_least_p);
    tcase_add_test(tcase, test_ways_are_counted);
    tcase_add_test(tcase, test_equal_values_say_nothing);
    tcase_add_test(tcase, test_levels_of_blocks_do_not_matter);
    tcase_add_loop_test(tcase, test_false_alarms_stay_below_alpha, 0, 2);
    tcase_add_test(tcase, test_what_has_no_answer_is_refused);
    return run_case("stats/aligned_ranks", tcase);
}
