#include "stats/panel.h"

#include "sample.h"
#include "stats/correlation.h"

#define N_SEEDS 3
#define N_ARCHS 50

static double scores[N_SEEDS * N_ARCHS];
static double truth[N_ARCHS];
static double params[N_ARCHS];
static struct sgeo_panel *panel;

static void create_panel(void)
{
    struct sgeo_rng rng = sgeo_rng_stream(5, "panel", 0);
    draw_normal(truth, N_ARCHS, &rng);
    draw_noisy(params, truth, 1.0, N_ARCHS, &rng);
    for (size_t s = 0; s < N_SEEDS; s++) {
        draw_noisy(scores + s * N_ARCHS, truth, 0.5, N_ARCHS, &rng);
    }
    struct sgeo_column covariate = COLUMN(params);
    ck_assert_int_eq(sgeo_panel_create(&panel, COLUMN(scores), N_SEEDS, COLUMN(truth), &covariate),
                     SGEO_OK);
}

static void destroy_panel(void)
{
    sgeo_panel_destroy(panel);
}

static struct sgeo_column row(size_t seed)
{
    return column_of(scores + seed * N_ARCHS, N_ARCHS);
}

static void assert_rows_follow(enum sgeo_measure measure,
                               enum sgeo_status (*of_columns)(double *, struct sgeo_column,
                                                              struct sgeo_column))
{
    struct sgeo_statistic statistic;
    ck_assert_int_eq(sgeo_panel_statistic(&statistic, panel, measure), SGEO_OK);
    ck_assert_uint_eq(statistic.n_archs, N_ARCHS);
    ck_assert_uint_eq(statistic.n_seeds, N_SEEDS);
    for (size_t s = 0; s < N_SEEDS; s++) {
        double expected;
        ck_assert_int_eq(of_columns(&expected, row(s), COLUMN(truth)), SGEO_OK);
        ck_assert_double_eq(statistic.value(statistic.context, s, NULL), expected);
    }
}

START_TEST(test_each_measure_is_that_of_the_seed_row)
{
    assert_rows_follow(SGEO_MEASURE_SPEARMAN, sgeo_spearman);
    assert_rows_follow(SGEO_MEASURE_KENDALL, sgeo_kendall);
    assert_rows_follow(SGEO_MEASURE_SPEARMAN_TOP10, sgeo_spearman_top10);
    assert_rows_follow(SGEO_MEASURE_REGRET, sgeo_regret);
}
END_TEST

START_TEST(test_partial_takes_the_covariate_out)
{
    struct sgeo_statistic statistic;
    ck_assert_int_eq(sgeo_panel_statistic(&statistic, panel, SGEO_MEASURE_SPEARMAN_PARTIAL),
                     SGEO_OK);
    for (size_t s = 0; s < N_SEEDS; s++) {
        double expected;
        ck_assert_int_eq(sgeo_spearman_partial(&expected, row(s), COLUMN(truth), COLUMN(params)),
                         SGEO_OK);
        ck_assert_double_eq(statistic.value(statistic.context, s, NULL), expected);
    }
}
END_TEST

START_TEST(test_partial_without_covariate_is_a_usage_error)
{
    struct sgeo_panel *plain;
    struct sgeo_statistic statistic;
    ck_assert_int_eq(sgeo_panel_create(&plain, COLUMN(scores), N_SEEDS, COLUMN(truth), NULL),
                     SGEO_OK);
    assert_usage(sgeo_panel_statistic(&statistic, plain, SGEO_MEASURE_SPEARMAN_PARTIAL),
                 "needs a covariate");
    sgeo_panel_destroy(plain);
}
END_TEST

START_TEST(test_shapes_that_do_not_fit_are_usage_errors)
{
    struct sgeo_panel *none = NULL;
    struct sgeo_column few = column_of(params, N_ARCHS - 1);
    assert_usage(sgeo_panel_create(&none, COLUMN(scores), 2, COLUMN(truth), NULL),
                 "150 scores are not 2 seeds x 50");
    assert_usage(sgeo_panel_create(&none, column_of(scores, 0), 0, COLUMN(truth), NULL), "0 seeds");
    assert_usage(sgeo_panel_create(&none, COLUMN(scores), N_SEEDS, COLUMN(truth), &few),
                 "49 values where 50");
    assert_usage(sgeo_panel_create(&none, column_of(scores, 2), 2, column_of(truth, 1), NULL),
                 "at least 2");
    ck_assert_ptr_null(none);
}
END_TEST

START_TEST(test_nan_in_the_last_seed_is_refused)
{
    struct sgeo_panel *none = NULL;
    scores[N_SEEDS * N_ARCHS - 1] = (double)NAN;
    assert_usage(sgeo_panel_create(&none, COLUMN(scores), N_SEEDS, COLUMN(truth), NULL),
                 "value 49 is nan");
    ck_assert_ptr_null(none);
}
END_TEST

START_TEST(test_destroying_nothing_is_fine)
{
    sgeo_panel_destroy(NULL);
}
END_TEST

START_TEST(test_regret_to_a_bound_needs_one)
{
    struct sgeo_statistic statistic, regret;
    ck_assert_int_eq(sgeo_panel_statistic(&statistic, panel, SGEO_MEASURE_REGRET_TO), SGEO_USAGE);
    double best = truth[0];
    for (size_t i = 1; i < N_ARCHS; i++) {
        best = truth[i] > best ? truth[i] : best;
    }
    sgeo_panel_set_bound(panel, best + 1.0);
    ck_assert_int_eq(sgeo_panel_statistic(&statistic, panel, SGEO_MEASURE_REGRET_TO), SGEO_OK);
    ck_assert_int_eq(sgeo_panel_statistic(&regret, panel, SGEO_MEASURE_REGRET), SGEO_OK);
    for (size_t s = 0; s < N_SEEDS; s++) {
        ck_assert_double_eq_tol(statistic.value(statistic.context, s, NULL),
                                regret.value(regret.context, s, NULL) + 1.0, 1e-12);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("panel");
    tcase_add_checked_fixture(tcase, create_panel, destroy_panel);
    tcase_add_test(tcase, test_each_measure_is_that_of_the_seed_row);
    tcase_add_test(tcase, test_partial_takes_the_covariate_out);
    tcase_add_test(tcase, test_partial_without_covariate_is_a_usage_error);
    tcase_add_test(tcase, test_shapes_that_do_not_fit_are_usage_errors);
    tcase_add_test(tcase, test_nan_in_the_last_seed_is_refused);
    tcase_add_test(tcase, test_destroying_nothing_is_fine);
    tcase_add_test(tcase, test_regret_to_a_bound_needs_one);
    return run_case("stats/panel", tcase);
}
