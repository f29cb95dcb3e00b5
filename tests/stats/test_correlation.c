#include "stats/correlation.h"

#include "sample.h"

#define N_MOST   150
#define N_ROUNDS 300

/* Drawn columns with a drawn length and a drawn amount of ties. */
struct columns {
    size_t n;
    double x[N_MOST];
    double y[N_MOST];
};

static void draw_columns(struct columns *columns, uint64_t round)
{
    struct sgeo_rng rng = sgeo_rng_stream(3, "columns", round);
    columns->n = 2 + (size_t)sgeo_rng_below(&rng, N_MOST - 1);
    draw_tied(columns->x, columns->n, 1 + sgeo_rng_below(&rng, 2 * columns->n), &rng);
    draw_tied(columns->y, columns->n, 1 + sgeo_rng_below(&rng, 2 * columns->n), &rng);
}

static double spearman(const double *x, const double *y, size_t n)
{
    double rho;
    ck_assert_int_eq(sgeo_spearman(&rho, column_of(x, n), column_of(y, n)), SGEO_OK);
    return rho;
}

static double kendall(const double *x, const double *y, size_t n)
{
    double tau;
    ck_assert_int_eq(sgeo_kendall(&tau, column_of(x, n), column_of(y, n)), SGEO_OK);
    return tau;
}

static void assert_same(double a, double b)
{
    ck_assert_msg((isnan(a) && isnan(b)) || a == b, "%.17g is not %.17g", a, b);
}

static double sign(double x)
{
    return (double)((x > 0.0) - (x < 0.0));
}

/* tau-b by its definition, in O(n^2). */
static double kendall_by_definition(const struct columns *columns)
{
    double surplus = 0.0;
    double untied_x = 0.0;
    double untied_y = 0.0;
    for (size_t i = 0; i < columns->n; i++) {
        for (size_t j = 0; j < i; j++) {
            double x = sign(columns->x[i] - columns->x[j]);
            double y = sign(columns->y[i] - columns->y[j]);
            surplus += x * y;
            untied_x += x * x;
            untied_y += y * y;
        }
    }
    return surplus / sqrt(untied_x * untied_y);
}

START_TEST(test_kendall_equals_its_definition_on_tied_columns)
{
    struct columns columns;
    for (uint64_t round = 0; round < N_ROUNDS; round++) {
        draw_columns(&columns, round);
        assert_same(kendall(columns.x, columns.y, columns.n), kendall_by_definition(&columns));
    }
}
END_TEST

START_TEST(test_correlations_are_symmetric)
{
    struct columns columns;
    for (uint64_t round = 0; round < N_ROUNDS; round++) {
        draw_columns(&columns, round);
        assert_same(spearman(columns.x, columns.y, columns.n),
                    spearman(columns.y, columns.x, columns.n));
        assert_same(kendall(columns.x, columns.y, columns.n),
                    kendall(columns.y, columns.x, columns.n));
    }
}
END_TEST

START_TEST(test_increasing_maps_change_nothing_and_decreasing_ones_the_sign)
{
    struct columns columns;
    double grown[N_MOST];
    double turned[N_MOST];
    for (uint64_t round = 0; round < N_ROUNDS; round++) {
        draw_columns(&columns, round);
        for (size_t i = 0; i < columns.n; i++) {
            grown[i] = exp(columns.x[i]) - 1e3; /* distinct whole numbers stay distinct */
            turned[i] = -columns.x[i];
        }
        double rho = spearman(columns.x, columns.y, columns.n);
        double tau = kendall(columns.x, columns.y, columns.n);
        assert_same(spearman(grown, columns.y, columns.n), rho);
        assert_same(kendall(grown, columns.y, columns.n), tau);
        assert_same(spearman(turned, columns.y, columns.n), -rho);
        assert_same(kendall(turned, columns.y, columns.n), -tau);
    }
}
END_TEST

START_TEST(test_order_of_architectures_does_not_matter)
{
    struct columns columns;
    struct columns shuffled;
    uint32_t order[N_MOST];
    for (uint64_t round = 0; round < N_ROUNDS; round++) {
        draw_columns(&columns, round);
        for (uint32_t i = 0; i < columns.n; i++) {
            order[i] = i;
        }
        struct sgeo_rng rng = sgeo_rng_stream(3, "order", round);
        sgeo_rng_shuffle(&rng, order, columns.n);
        for (size_t i = 0; i < columns.n; i++) {
            shuffled.x[i] = columns.x[order[i]];
            shuffled.y[i] = columns.y[order[i]];
        }
        double top;
        double top_shuffled;
        size_t n = columns.n;
        ck_assert_int_eq(
            sgeo_spearman_top10(&top, column_of(columns.x, n), column_of(columns.y, n)), SGEO_OK);
        ck_assert_int_eq(
            sgeo_spearman_top10(&top_shuffled, column_of(shuffled.x, n), column_of(shuffled.y, n)),
            SGEO_OK);
        assert_same(top, top_shuffled);
        assert_same(kendall(columns.x, columns.y, n), kendall(shuffled.x, shuffled.y, n));
    }
}
END_TEST

START_TEST(test_perfect_order_is_exactly_one)
{
    double values[N_MOST];
    for (size_t n = 2; n <= N_MOST; n++) {
        struct sgeo_rng rng = sgeo_rng_stream(3, "perfect", n);
        draw_normal(values, n, &rng);
        ck_assert_double_eq(spearman(values, values, n), 1.0);
        ck_assert_double_eq(kendall(values, values, n), 1.0);
    }
}
END_TEST

START_TEST(test_constant_column_has_no_correlation)
{
    const double constant[] = {4.0, 4.0, 4.0};
    const double varied[] = {1.0, 2.0, 3.0};
    ck_assert_double_nan(spearman(constant, varied, 3));
    ck_assert_double_nan(spearman(varied, constant, 3));
    ck_assert_double_nan(kendall(constant, varied, 3));
    ck_assert_double_nan(kendall(varied, constant, 3));
    double partial;
    ck_assert_int_eq(
        sgeo_spearman_partial(&partial, COLUMN(varied), COLUMN(varied), COLUMN(constant)), SGEO_OK);
    ck_assert_double_nan(partial);
}
END_TEST

START_TEST(test_infinite_scores_rank_at_the_ends)
{
    const double score[] = {-(double)INFINITY, 0.0, (double)INFINITY};
    const double truth[] = {1.0, 2.0, 3.0};
    ck_assert_double_eq(spearman(score, truth, 3), 1.0);
    ck_assert_double_eq(kendall(score, truth, 3), 1.0);
}
END_TEST

START_TEST(test_covariate_that_explains_the_score_leaves_nothing)
{
    const double score[] = {1.0, 2.0, 3.0, 4.0, 5.0};
    const double truth[] = {2.0, 1.0, 4.0, 3.0, 5.0};
    const double params[] = {1.0, 4.0, 9.0, 16.0, 25.0};
    double partial;
    ck_assert_int_eq(sgeo_spearman_partial(&partial, COLUMN(score), COLUMN(truth), COLUMN(params)),
                     SGEO_OK);
    ck_assert_double_nan(partial);
}
END_TEST

START_TEST(test_partial_matches_a_worked_example)
{
    ck_assert_double_eq_tol(sgeo_partial(0.5, 0.6, 0.8), 0.02 / 0.48, 1e-15);
    ck_assert_double_eq(sgeo_partial(0.7, 0.0, 0.0), 0.7);
}
END_TEST

START_TEST(test_top_tenth_sees_only_the_best)
{
    enum { N = 40 };
    double score[N];
    double truth[N];
    for (size_t i = 0; i < N; i++) {
        truth[i] = (double)i;
        score[i] = i < N - 4 ? (double)i : -(double)i; /* the best four in the wrong order */
    }
    double rho;
    ck_assert_int_eq(sgeo_spearman_top10(&rho, COLUMN(score), COLUMN(truth)), SGEO_OK);
    ck_assert_double_eq(rho, -1.0);
}
END_TEST

START_TEST(test_top_tenth_rounds_up_and_keeps_ties_at_its_edge)
{
    /* 11 architectures: the best 2, and the two that tie with the second. */
    const double truth[] = {9.0, 8.0, 8.0, 8.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0};
    const double score[] = {4.0, 1.0, 2.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
    double rho;
    double expected = spearman(score, truth, 4);
    ck_assert_int_eq(sgeo_spearman_top10(&rho, COLUMN(score), COLUMN(truth)), SGEO_OK);
    ck_assert_double_eq(rho, expected);
    ck_assert(expected > 0.0 && expected < 1.0);
}
END_TEST

START_TEST(test_top_tenth_of_few_has_no_correlation)
{
    const double values[] = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0};
    double rho;
    ck_assert_int_eq(sgeo_spearman_top10(&rho, COLUMN(values), COLUMN(values)), SGEO_OK);
    ck_assert_double_nan(rho);
}
END_TEST

START_TEST(test_regret_is_what_the_best_scored_lacks)
{
    const double score[] = {1.0, 3.0, 2.0};
    const double truth[] = {90.0, 91.5, 94.0};
    double regret;
    ck_assert_int_eq(sgeo_regret(&regret, COLUMN(score), COLUMN(truth)), SGEO_OK);
    ck_assert_double_eq(regret, 2.5);
    ck_assert_int_eq(sgeo_regret(&regret, COLUMN(truth), COLUMN(truth)), SGEO_OK);
    ck_assert_double_eq(regret, 0.0);
}
END_TEST

/* 2.5 behind the best of these, which is itself 3 behind what is possible; the sample does not move
 * the bound. */
START_TEST(test_regret_to_a_bound_is_what_the_best_scored_lacks_of_it)
{
    static const double score[] = {1.0, 4.0, 3.0, 2.0};
    static const double truth[] = {50.0, 60.0, 62.5, 61.0};
    static const uint32_t without_best[] = {1, 1, 0, 2};
    struct sgeo_pair *pair = NULL;
    ck_assert_int_eq(sgeo_pair_create(&pair, COLUMN(score), COLUMN(truth)), SGEO_OK);
    ck_assert_double_eq(sgeo_pair_regret(pair, NULL), 2.5);
    ck_assert_double_eq(sgeo_pair_regret_to(pair, NULL, 65.5), 5.5);
    ck_assert_double_eq(sgeo_pair_regret(pair, without_best), 1.0);
    ck_assert_double_eq(sgeo_pair_regret_to(pair, without_best, 65.5), 5.5);
    sgeo_pair_destroy(pair);
}
END_TEST

START_TEST(test_regret_averages_over_tied_best_scores)
{
    const double score[] = {5.0, 5.0, 5.0, 1.0};
    const double truth[] = {90.0, 90.0, 93.0, 95.0};
    double regret;
    ck_assert_int_eq(sgeo_regret(&regret, COLUMN(score), COLUMN(truth)), SGEO_OK);
    ck_assert_double_eq(regret, 4.0);
}
END_TEST

START_TEST(test_bad_columns_are_usage_errors_and_touch_nothing)
{
    const double two[] = {1.0, 2.0};
    const double three[] = {1.0, 2.0, 3.0};
    const double holed[] = {1.0, (double)NAN, 3.0};
    double value = 7.0;
    assert_usage(sgeo_spearman(&value, COLUMN(two), COLUMN(three)), "3 values where 2");
    assert_usage(sgeo_kendall(&value, COLUMN(three), COLUMN(two)), "2 values where 3");
    assert_usage(sgeo_spearman_top10(&value, COLUMN(three), COLUMN(holed)), "value 1 is nan");
    assert_usage(sgeo_regret(&value, column_of(two, 1), column_of(two, 1)), "at least 2");
    assert_usage(sgeo_kendall(&value, column_of(NULL, 0), column_of(NULL, 0)), "at least 2");
    assert_usage(sgeo_spearman_partial(&value, COLUMN(three), COLUMN(three), COLUMN(two)),
                 "2 values where 3");
    assert_usage(sgeo_spearman_partial(&value, COLUMN(two), COLUMN(three), COLUMN(three)),
                 "3 values where 2");
    ck_assert_double_eq(value, 7.0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("correlation");
    tcase_add_test(tcase, test_kendall_equals_its_definition_on_tied_columns);
    tcase_add_test(tcase, test_correlations_are_symmetric);
    tcase_add_test(tcase, test_increasing_maps_change_nothing_and_decreasing_ones_the_sign);
    tcase_add_test(tcase, test_order_of_architectures_does_not_matter);
    tcase_add_test(tcase, test_perfect_order_is_exactly_one);
    tcase_add_test(tcase, test_constant_column_has_no_correlation);
    tcase_add_test(tcase, test_infinite_scores_rank_at_the_ends);
    tcase_add_test(tcase, test_covariate_that_explains_the_score_leaves_nothing);
    tcase_add_test(tcase, test_partial_matches_a_worked_example);
    tcase_add_test(tcase, test_top_tenth_sees_only_the_best);
    tcase_add_test(tcase, test_top_tenth_rounds_up_and_keeps_ties_at_its_edge);
    tcase_add_test(tcase, test_top_tenth_of_few_has_no_correlation);
    tcase_add_test(tcase, test_regret_is_what_the_best_scored_lacks);
    tcase_add_test(tcase, test_regret_to_a_bound_is_what_the_best_scored_lacks_of_it);
    tcase_add_test(tcase, test_regret_averages_over_tied_best_scores);
    tcase_add_test(tcase, test_bad_columns_are_usage_errors_and_touch_nothing);
    return run_case("stats/correlation", tcase);
}
