/* The test of two samples: values known from scipy.stats.mannwhitneyu 1.10.1 and by counting. */
#include "stats/mann_whitney.h"

#include "sample.h"

static struct sgeo_mann_whitney run(const double *x, size_t n_x, const double *y, size_t n_y)
{
    struct sgeo_mann_whitney test = {-1.0, -1.0};
    ck_assert_int_eq(sgeo_mann_whitney(&test, column_of(x, n_x), column_of(y, n_y)), SGEO_OK);
    return test;
}

START_TEST(test_separate_samples_have_the_least_p)
{
    const double x[] = {1.0, 2.0, 3.0, 4.0, 5.0};
    const double y[] = {6.0, 7.0, 8.0, 9.0, 10.0};
    struct sgeo_mann_whitney test = run(x, 5, y, 5);
    ck_assert_double_eq(test.u, 0.0);
    ck_assert_double_eq_tol(test.p, 2.0 / 252.0, 1e-15); /* one of C(10, 5) splits, two tails */
    ck_assert_double_eq_tol(run(y, 5, x, 5).p, 2.0 / 252.0, 1e-15);
    ck_assert_double_eq(run(y, 5, x, 5).u, 25.0);
}
END_TEST

START_TEST(test_exact_p_equals_scipy)
{
    const double x[] = {0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
    const double y[] = {1.15, 0.88, 0.90, 0.74, 1.21};
    struct sgeo_mann_whitney test = run(x, 10, y, 5);
    ck_assert_double_eq(test.u, 35.0);
    ck_assert_double_eq_tol(test.p, 0.2544122544122544, 1e-13);
}
END_TEST

/* All splits of {1, 1, 2, 2} into two and two: rank sums 3, 5 (four times), 7. */
START_TEST(test_ties_are_counted_exactly)
{
    const double x[] = {1.0, 1.0};
    const double y[] = {2.0, 2.0};
    ck_assert_double_eq_tol(run(x, 2, y, 2).p, 2.0 / 6.0, 1e-15);
    const double mixed[] = {1.0, 2.0};
    ck_assert_double_eq(run(mixed, 2, mixed, 2).u, 2.0);
    ck_assert_double_eq(run(mixed, 2, mixed, 2).p, 1.0);
}
END_TEST

START_TEST(test_equal_values_say_nothing)
{
    static const double same[100] = {0.0};
    ck_assert_double_eq(run(same, 7, same, 9).p, 1.0);
    ck_assert_double_eq(run(same, 100, same, 100).p, 1.0);
}
END_TEST

START_TEST(test_large_samples_equal_scipy)
{
    double x[60], y[50];
    for (size_t i = 0; i < 60; i++) {
        x[i] = floor(20.0 * sin(1.3 * (double)i)) / 4.0;
    }
    for (size_t i = 0; i < 50; i++) {
        y[i] = floor(20.0 * cos(0.7 * (double)i)) / 4.0 + 1.5;
    }
    struct sgeo_mann_whitney test = run(x, 60, y, 50);
    ck_assert_double_eq(test.u, 1092.0);
    ck_assert_double_eq_tol(test.p, 0.014345526922478112, 1e-13);
}
END_TEST

/* Under the null the p of the exact test is at most alpha with probability at most alpha. */
START_TEST(test_false_alarms_stay_below_alpha)
{
    enum { TRIALS = 2000, N = 10 };
    struct sgeo_rng rng = sgeo_rng_stream(3, "null", 0);
    size_t alarms = 0;
    for (size_t t = 0; t < TRIALS; t++) {
        double x[N], y[N];
        draw_normal(x, N, &rng);
        draw_normal(y, N, &rng);
        alarms += run(x, N, y, N).p <= 0.05;
    }
    ck_assert_uint_gt(alarms, TRIALS / 40);
    ck_assert_uint_lt(alarms, TRIALS / 14); /* 0.05 and four standard errors */
}
END_TEST

START_TEST(test_empty_sample_is_refused)
{
    const double x[] = {1.0};
    struct sgeo_mann_whitney test;
    ck_assert_int_eq(sgeo_mann_whitney(&test, column_of(x, 1), column_of(x, 0)), SGEO_USAGE);
    ck_assert_int_eq(sgeo_mann_whitney(&test, column_of(x, 0), column_of(x, 1)), SGEO_USAGE);
    const double nan[] = {NAN, 1.0};
    ck_assert_int_eq(sgeo_mann_whitney(&test, column_of(x, 1), column_of(nan, 2)), SGEO_USAGE);
}
END_TEST

START_TEST(test_holm_steps_down)
{
    const double p[] = {0.01, 0.04, 0.03, 0.005};
    const double expected[] = {0.03, 0.06, 0.06, 0.02};
    double adjusted[4];
    ck_assert_int_eq(sgeo_holm(adjusted, p, 4), SGEO_OK);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_double_eq_tol(adjusted[i], expected[i], 1e-15);
    }
    const double large[] = {0.9, 0.8};
    ck_assert_int_eq(sgeo_holm(adjusted, large, 2), SGEO_OK);
    ck_assert_double_eq(adjusted[0], 1.0);
    ck_assert_double_eq(adjusted[1], 1.0);
    ck_assert_int_eq(sgeo_holm(NULL, NULL, 0), SGEO_OK);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("mann_whitney");
    tcase_add_test(tcase, test_separate_samples_have_the_least_p);
    tcase_add_test(tcase, test_exact_p_equals_scipy);
    tcase_add_test(tcase, test_ties_are_counted_exactly);
    tcase_add_test(tcase, test_equal_values_say_nothing);
    tcase_add_test(tcase, test_large_samples_equal_scipy);
    tcase_add_test(tcase, test_false_alarms_stay_below_alpha);
    tcase_add_test(tcase, test_empty_sample_is_refused);
    tcase_add_test(tcase, test_holm_steps_down);
    return run_case("stats/mann_whitney", tcase);
}
