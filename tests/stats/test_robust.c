#include "stats/robust.h"

#include "sample.h"

static double median(const double *values, size_t n)
{
    double result;
    ck_assert_int_eq(sgeo_median(&result, column_of(values, n)), SGEO_OK);
    return result;
}

static double mad(const double *values, size_t n)
{
    double result;
    ck_assert_int_eq(sgeo_mad(&result, column_of(values, n)), SGEO_OK);
    return result;
}

START_TEST(test_median_is_the_middle_value)
{
    const double values[] = {9.0, 1.0, 5.0, 2.0};
    ck_assert_double_eq(median(values, 1), 9.0);
    ck_assert_double_eq(median(values, 2), 5.0);
    ck_assert_double_eq(median(values, 3), 5.0);
    ck_assert_double_eq(median(values, 4), 3.5);
    ck_assert_double_eq(values[0], 9.0); /* the column is not sorted in place */
}
END_TEST

START_TEST(test_mad_is_the_median_distance)
{
    const double values[] = {1.0, 1.0, 2.0, 2.0, 4.0, 6.0, 9.0};
    ck_assert_double_eq(mad(values, 7), 1.0);
    ck_assert_double_eq(mad(values, 1), 0.0);
}
END_TEST

START_TEST(test_one_outlier_moves_neither)
{
    const double calm[] = {10.0, 11.0, 12.0, 13.0, 14.0};
    const double wild[] = {10.0, 11.0, 12.0, 13.0, 1e300};
    ck_assert_double_eq(median(wild, 5), median(calm, 5));
    ck_assert_double_eq(mad(wild, 5), mad(calm, 5));
}
END_TEST

START_TEST(test_scaled_mad_estimates_the_standard_deviation)
{
    enum { N = 20000 };
    static double values[N];
    struct sgeo_rng rng = sgeo_rng_stream(7, "mad", 0);
    draw_normal(values, N, &rng);
    /* Its standard error is 1.17 / sqrt(N); five of them. */
    ck_assert_double_eq_tol(SGEO_MAD_TO_SIGMA * mad(values, N), 1.0, 5.0 * 1.17 / sqrt(N));
}
END_TEST

START_TEST(test_quantiles_interpolate_as_numpy)
{
    const double sorted[] = {1.0, 2.0, 4.0, 8.0};
    ck_assert_double_eq(sgeo_quantile_sorted(sorted, 4, 0.0), 1.0);
    ck_assert_double_eq(sgeo_quantile_sorted(sorted, 4, 1.0), 8.0);
    ck_assert_double_eq_tol(sgeo_quantile_sorted(sorted, 4, 0.1), 1.3, 1e-15);
    ck_assert_double_eq_tol(sgeo_quantile_sorted(sorted, 4, 0.75), 5.0, 1e-15);
    ck_assert_double_eq(sgeo_quantile_sorted(sorted, 1, 0.975), 1.0);
}
END_TEST

START_TEST(test_empty_and_nonfinite_columns_are_usage_errors)
{
    const double holed[] = {1.0, (double)NAN};
    const double endless[] = {(double)INFINITY, 1.0};
    double value = 7.0;
    assert_usage(sgeo_median(&value, column_of(NULL, 0)), "no values");
    assert_usage(sgeo_mad(&value, COLUMN(holed)), "value 1 is nan");
    assert_usage(sgeo_median(&value, COLUMN(endless)), "value 0 is inf");
    ck_assert_double_eq(value, 7.0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("robust");
    tcase_add_test(tcase, test_median_is_the_middle_value);
    tcase_add_test(tcase, test_mad_is_the_median_distance);
    tcase_add_test(tcase, test_one_outlier_moves_neither);
    tcase_add_test(tcase, test_scaled_mad_estimates_the_standard_deviation);
    tcase_add_test(tcase, test_quantiles_interpolate_as_numpy);
    tcase_add_test(tcase, test_empty_and_nonfinite_columns_are_usage_errors);
    return run_case("stats/robust", tcase);
}
