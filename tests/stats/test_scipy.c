/* Ranks and correlations against scipy; scipy_reference.py made the values. */
#include "reference.h"
#include "stats/correlation.h"
#include "stats/ranks.h"

#define REFERENCE "tests/stats/scipy_reference.csv"
#define TOLERANCE 1e-12

static void read_reference(void)
{
    reference_read(REFERENCE);
    ck_assert_uint_gt(reference.n_rows, 15);
}

START_TEST(test_mid_ranks_equal_scipy)
{
    double x[REFERENCE_MOST];
    double expected[REFERENCE_MOST];
    double ranks[REFERENCE_MOST];
    for (size_t row = 0; row < reference.n_rows; row++) {
        struct sgeo_column column = reference_numbers(x, row, "x");
        ck_assert_uint_eq(reference_numbers(expected, row, "ranks_x").n, column.n);
        ck_assert_int_eq(sgeo_ranks_mid(ranks, column), SGEO_OK);
        for (size_t i = 0; i < column.n; i++) {
            ck_assert_double_eq(ranks[i], expected[i]);
        }
    }
}
END_TEST

START_TEST(test_spearman_equals_scipy)
{
    double x[REFERENCE_MOST];
    double y[REFERENCE_MOST];
    for (size_t row = 0; row < reference.n_rows; row++) {
        double rho;
        ck_assert_int_eq(
            sgeo_spearman(&rho, reference_numbers(x, row, "x"), reference_numbers(y, row, "y")),
            SGEO_OK);
        reference_expect(rho, row, "spearman", TOLERANCE);
    }
}
END_TEST

START_TEST(test_kendall_equals_scipy)
{
    double x[REFERENCE_MOST];
    double y[REFERENCE_MOST];
    for (size_t row = 0; row < reference.n_rows; row++) {
        double tau;
        ck_assert_int_eq(
            sgeo_kendall(&tau, reference_numbers(x, row, "x"), reference_numbers(y, row, "y")),
            SGEO_OK);
        reference_expect(tau, row, "kendall", TOLERANCE);
    }
}
END_TEST

START_TEST(test_partial_spearman_equals_correlated_residuals)
{
    double x[REFERENCE_MOST];
    double y[REFERENCE_MOST];
    double z[REFERENCE_MOST];
    size_t n_checked = 0;
    for (size_t row = 0; row < reference.n_rows; row++) {
        struct sgeo_column covariate = reference_numbers(z, row, "z");
        if (covariate.n == 0) {
            continue;
        }
        double rho;
        ck_assert_int_eq(sgeo_spearman_partial(&rho, reference_numbers(x, row, "x"),
                                               reference_numbers(y, row, "y"), covariate),
                         SGEO_OK);
        reference_expect(rho, row, "partial", TOLERANCE);
        n_checked++;
    }
    ck_assert_uint_gt(n_checked, 10);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("scipy");
    tcase_add_checked_fixture(tcase, read_reference, reference_clear);
    tcase_add_test(tcase, test_mid_ranks_equal_scipy);
    tcase_add_test(tcase, test_spearman_equals_scipy);
    tcase_add_test(tcase, test_kendall_equals_scipy);
    tcase_add_test(tcase, test_partial_spearman_equals_correlated_residuals);
    return run_case("stats/scipy", tcase);
}
