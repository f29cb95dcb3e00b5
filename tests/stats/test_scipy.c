/* Ranks and correlations against scipy; scipy_reference.py made the values. */
#include "base/csv.h"
#include "sample.h"
#include "stats/correlation.h"
#include "stats/ranks.h"

#define REFERENCE "tests/stats/scipy_reference.csv"
#define N_MOST    256
#define TOLERANCE 1e-12

static struct sgeo_csv reference;

static void read_reference(void)
{
    ck_assert_int_eq(sgeo_csv_read(&reference, REFERENCE), SGEO_OK);
    ck_assert_uint_gt(reference.n_rows, 15);
}

static void clear_reference(void)
{
    sgeo_csv_clear(&reference);
}

static const char *cell(size_t row, const char *name)
{
    size_t column = sgeo_csv_column(&reference, name);
    ck_assert_uint_ne(column, SGEO_CSV_NONE);
    return sgeo_csv_cell(&reference, row, column);
}

/* The blank-separated numbers of a cell, into values (N_MOST). */
static struct sgeo_column numbers(double *values, size_t row, const char *name)
{
    size_t n = 0;
    char *end;
    for (const char *at = cell(row, name);; at = end) {
        double value = strtod(at, &end);
        if (end == at) {
            return column_of(values, n);
        }
        ck_assert_uint_lt(n, N_MOST);
        values[n++] = value;
    }
}

static void assert_equals_cell(double value, size_t row, const char *name)
{
    double expected = strtod(cell(row, name), NULL);
    ck_assert_msg(fabs(value - expected) <= TOLERANCE, "%s of %s: %.17g, scipy has %.17g", name,
                  cell(row, "case"), value, expected);
}

START_TEST(test_mid_ranks_equal_scipy)
{
    double x[N_MOST];
    double expected[N_MOST];
    double ranks[N_MOST];
    for (size_t row = 0; row < reference.n_rows; row++) {
        struct sgeo_column column = numbers(x, row, "x");
        ck_assert_uint_eq(numbers(expected, row, "ranks_x").n, column.n);
        ck_assert_int_eq(sgeo_ranks_mid(ranks, column), SGEO_OK);
        for (size_t i = 0; i < column.n; i++) {
            ck_assert_double_eq(ranks[i], expected[i]);
        }
    }
}
END_TEST

START_TEST(test_spearman_equals_scipy)
{
    double x[N_MOST];
    double y[N_MOST];
    for (size_t row = 0; row < reference.n_rows; row++) {
        double rho;
        ck_assert_int_eq(sgeo_spearman(&rho, numbers(x, row, "x"), numbers(y, row, "y")), SGEO_OK);
        assert_equals_cell(rho, row, "spearman");
    }
}
END_TEST

START_TEST(test_kendall_equals_scipy)
{
    double x[N_MOST];
    double y[N_MOST];
    for (size_t row = 0; row < reference.n_rows; row++) {
        double tau;
        ck_assert_int_eq(sgeo_kendall(&tau, numbers(x, row, "x"), numbers(y, row, "y")), SGEO_OK);
        assert_equals_cell(tau, row, "kendall");
    }
}
END_TEST

START_TEST(test_partial_spearman_equals_correlated_residuals)
{
    double x[N_MOST];
    double y[N_MOST];
    double z[N_MOST];
    size_t n_checked = 0;
    for (size_t row = 0; row < reference.n_rows; row++) {
        struct sgeo_column covariate = numbers(z, row, "z");
        if (covariate.n == 0) {
            continue;
        }
        double rho;
        ck_assert_int_eq(
            sgeo_spearman_partial(&rho, numbers(x, row, "x"), numbers(y, row, "y"), covariate),
            SGEO_OK);
        assert_equals_cell(rho, row, "partial");
        n_checked++;
    }
    ck_assert_uint_gt(n_checked, 10);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("scipy");
    tcase_add_checked_fixture(tcase, read_reference, clear_reference);
    tcase_add_test(tcase, test_mid_ranks_equal_scipy);
    tcase_add_test(tcase, test_spearman_equals_scipy);
    tcase_add_test(tcase, test_kendall_equals_scipy);
    tcase_add_test(tcase, test_partial_spearman_equals_correlated_residuals);
    return run_case("stats/scipy", tcase);
}
