#include "stats/bootstrap.h"

#include "base/clock.h"
#include "sample.h"
#include "stats/correlation.h"
#include "stats/panel.h"
#include "stats/robust.h"

#define N_ARCHS 1000
#define N_SEEDS 3
#define N_DRAWS 400

static double truth[N_ARCHS];
static double good[N_SEEDS * N_ARCHS];  /* Spearman about 0.9 */
static double equal[N_SEEDS * N_ARCHS]; /* as good, with noise of its own */
static double poor[N_SEEDS * N_ARCHS];  /* Spearman about 0.4 */

static void draw_scores(double *scores, double noise, struct sgeo_rng *rng)
{
    for (size_t s = 0; s < N_SEEDS; s++) {
        draw_noisy(scores + s * N_ARCHS, truth, noise, N_ARCHS, rng);
    }
}

static void draw_all(void)
{
    struct sgeo_rng rng = sgeo_rng_stream(6, "bootstrap test", 0);
    draw_normal(truth, N_ARCHS, &rng);
    draw_scores(good, 0.5, &rng);
    draw_scores(equal, 0.5, &rng);
    draw_scores(poor, 2.0, &rng);
}

/* Panel of the first n_seeds rows. */
static struct sgeo_panel *panel_of(const double *scores, size_t n_seeds)
{
    struct sgeo_panel *panel;
    struct sgeo_column column = column_of(scores, n_seeds * N_ARCHS);
    ck_assert_int_eq(sgeo_panel_create(&panel, column, n_seeds, COLUMN(truth), NULL), SGEO_OK);
    return panel;
}

static struct sgeo_statistic statistic_of(struct sgeo_panel *panel, enum sgeo_measure measure)
{
    struct sgeo_statistic statistic;
    ck_assert_int_eq(sgeo_panel_statistic(&statistic, panel, measure), SGEO_OK);
    return statistic;
}

static struct sgeo_bootstrap_plan short_plan(void)
{
    struct sgeo_bootstrap_plan plan = sgeo_bootstrap_defaults(11);
    plan.n_draws = N_DRAWS;
    return plan;
}

/* Spearman of the seed's scores for the drawn architectures, written out. */
static double spearman_of_drawn(const double *scores, const size_t *drawn)
{
    static double x[N_ARCHS];
    static double y[N_ARCHS];
    for (size_t i = 0; i < N_ARCHS; i++) {
        x[i] = scores[drawn[i]];
        y[i] = truth[drawn[i]];
    }
    double rho;
    ck_assert_int_eq(sgeo_spearman(&rho, COLUMN(x), COLUMN(y)), SGEO_OK);
    return rho;
}

/* One crossed draw by its definition: architectures first, then seeds, from the named stream. */
static double draw_by_definition(const double *scores, size_t n_seeds, uint64_t draw)
{
    static size_t drawn[N_ARCHS];
    struct sgeo_rng rng = sgeo_rng_stream(11, "bootstrap", draw);
    for (size_t i = 0; i < N_ARCHS; i++) {
        drawn[i] = (size_t)sgeo_rng_below(&rng, N_ARCHS);
    }
    double sum = 0.0;
    for (size_t s = 0; s < n_seeds; s++) {
        sum += spearman_of_drawn(scores + sgeo_rng_below(&rng, n_seeds) * N_ARCHS, drawn);
    }
    return sum / (double)n_seeds;
}

static void assert_interval_by_definition(size_t n_seeds)
{
    double values[N_DRAWS];
    for (uint64_t draw = 0; draw < N_DRAWS; draw++) {
        values[draw] = draw_by_definition(poor, n_seeds, draw);
    }
    sgeo_sort_ascending(values, N_DRAWS);
    struct sgeo_panel *panel = panel_of(poor, n_seeds);
    struct sgeo_interval interval;
    ck_assert_int_eq(sgeo_bootstrap_interval(&interval, statistic_of(panel, SGEO_MEASURE_SPEARMAN),
                                             short_plan()),
                     SGEO_OK);
    ck_assert_double_eq_tol(interval.low, sgeo_quantile_sorted(values, N_DRAWS, 0.025), 1e-12);
    ck_assert_double_eq_tol(interval.high, sgeo_quantile_sorted(values, N_DRAWS, 0.975), 1e-12);
    ck_assert_uint_eq(interval.n_draws, N_DRAWS);
    ck_assert_uint_eq(interval.n_undefined, 0);
    sgeo_panel_destroy(panel);
}

START_TEST(test_interval_is_the_percentiles_of_resampled_architectures)
{
    assert_interval_by_definition(1);
}
END_TEST

START_TEST(test_crossed_interval_resamples_seeds_too)
{
    assert_interval_by_definition(N_SEEDS);
}
END_TEST

START_TEST(test_value_is_the_mean_over_seeds)
{
    double sum = 0.0;
    for (size_t s = 0; s < N_SEEDS; s++) {
        double rho;
        ck_assert_int_eq(sgeo_spearman(&rho, column_of(good + s * N_ARCHS, N_ARCHS), COLUMN(truth)),
                         SGEO_OK);
        sum += rho;
    }
    struct sgeo_panel *panel = panel_of(good, N_SEEDS);
    struct sgeo_interval interval;
    ck_assert_int_eq(sgeo_bootstrap_interval(&interval, statistic_of(panel, SGEO_MEASURE_SPEARMAN),
                                             short_plan()),
                     SGEO_OK);
    ck_assert_double_eq_tol(interval.value, sum / N_SEEDS, 1e-15);
    ck_assert(interval.low < interval.value && interval.value < interval.high);
    sgeo_panel_destroy(panel);
}
END_TEST

START_TEST(test_interval_is_as_wide_as_theory_says)
{
    /* Spread of Spearman's rho on normal data: (1 - r^2) sqrt((1 + r^2 / 2) / (n - 3)). */
    struct sgeo_panel *panel = panel_of(poor, 1);
    struct sgeo_interval interval;
    ck_assert_int_eq(sgeo_bootstrap_interval(&interval, statistic_of(panel, SGEO_MEASURE_SPEARMAN),
                                             sgeo_bootstrap_defaults(0)),
                     SGEO_OK);
    double r2 = interval.value * interval.value;
    double spread = (1.0 - r2) * sqrt((1.0 + 0.5 * r2) / (N_ARCHS - 3));
    double half_width = 0.5 * (interval.high - interval.low);
    ck_assert_double_eq_tol(half_width / (1.96 * spread), 1.0, 0.1);
    sgeo_panel_destroy(panel);
}
END_TEST

static struct sgeo_difference compare(const double *a, const double *b, enum sgeo_measure measure)
{
    struct sgeo_panel *panel_a = panel_of(a, N_SEEDS);
    struct sgeo_panel *panel_b = panel_of(b, N_SEEDS);
    struct sgeo_difference difference;
    ck_assert_int_eq(sgeo_bootstrap_difference(&difference, statistic_of(panel_a, measure),
                                               statistic_of(panel_b, measure), short_plan()),
                     SGEO_OK);
    sgeo_panel_destroy(panel_a);
    sgeo_panel_destroy(panel_b);
    return difference;
}

START_TEST(test_clear_differences_have_a_verdict)
{
    struct sgeo_difference up = compare(good, poor, SGEO_MEASURE_SPEARMAN);
    struct sgeo_difference down = compare(poor, good, SGEO_MEASURE_SPEARMAN);
    ck_assert_int_eq(up.verdict, SGEO_VERDICT_BETTER);
    ck_assert_int_eq(down.verdict, SGEO_VERDICT_WORSE);
    ck_assert_double_eq_tol(up.interval.low, -down.interval.high, 1e-12);
    ck_assert_double_eq_tol(up.interval.value, -down.interval.value, 1e-15);
}
END_TEST

START_TEST(test_interval_that_holds_zero_is_undecided)
{
    struct sgeo_difference difference = compare(good, equal, SGEO_MEASURE_KENDALL);
    ck_assert(difference.interval.low < 0.0 && difference.interval.high > 0.0);
    ck_assert_int_eq(difference.verdict, SGEO_VERDICT_UNDECIDED);
}
END_TEST

START_TEST(test_difference_is_paired)
{
    /* The same scores twice: unpaired draws would differ, paired ones never do. */
    struct sgeo_difference difference = compare(poor, poor, SGEO_MEASURE_SPEARMAN);
    ck_assert_double_eq(difference.interval.low, 0.0);
    ck_assert_double_eq(difference.interval.high, 0.0);
    ck_assert_int_eq(difference.verdict, SGEO_VERDICT_UNDECIDED);
}
END_TEST

/* 1 when the first architecture is in the resample more than `context` times, else undefined. */
static double one_or_undefined(void *context, size_t seed, const uint32_t *counts)
{
    (void)seed;
    const uint32_t *limit = context;
    return counts == NULL || counts[0] > *limit ? 1.0 : (double)NAN;
}

static double zero(void *context, size_t seed, const uint32_t *counts)
{
    (void)context;
    (void)seed;
    (void)counts;
    return 0.0;
}

START_TEST(test_undefined_draws_are_counted_and_left_out)
{
    uint32_t limit = 0;
    struct sgeo_statistic statistic = {one_or_undefined, &limit, 100, 1};
    struct sgeo_interval interval;
    ck_assert_int_eq(sgeo_bootstrap_interval(&interval, statistic, short_plan()), SGEO_OK);
    /* A resample misses an architecture with probability 1/e; five standard deviations. */
    ck_assert_double_eq_tol((double)interval.n_undefined / N_DRAWS, exp(-1.0), 0.12);
    ck_assert_double_eq(interval.low, 1.0);
    ck_assert_double_eq(interval.high, 1.0);
}
END_TEST

START_TEST(test_statistic_never_defined_has_no_bounds)
{
    uint32_t limit = 100;
    struct sgeo_statistic statistic = {one_or_undefined, &limit, 100, 1};
    struct sgeo_interval interval;
    ck_assert_int_eq(sgeo_bootstrap_interval(&interval, statistic, short_plan()), SGEO_OK);
    ck_assert_double_eq(interval.value, 1.0);
    ck_assert_double_nan(interval.low);
    ck_assert_double_nan(interval.high);
    ck_assert_uint_eq(interval.n_undefined, N_DRAWS);
}
END_TEST

START_TEST(test_many_undefined_draws_leave_it_undecided)
{
    uint32_t limit = 0;
    struct sgeo_statistic often = {one_or_undefined, &limit, 100, 1};
    struct sgeo_statistic never = {zero, NULL, 100, 1};
    struct sgeo_difference difference;
    ck_assert_int_eq(sgeo_bootstrap_difference(&difference, often, never, short_plan()), SGEO_OK);
    ck_assert_double_gt(difference.interval.low, 0.0);
    ck_assert_int_eq(difference.verdict, SGEO_VERDICT_UNDECIDED);
}
END_TEST

START_TEST(test_plan_decides_the_interval)
{
    struct sgeo_panel *panel = panel_of(poor, 1);
    struct sgeo_statistic statistic = statistic_of(panel, SGEO_MEASURE_SPEARMAN);
    struct sgeo_bootstrap_plan plan = short_plan();
    struct sgeo_interval first;
    struct sgeo_interval again;
    struct sgeo_interval other;
    struct sgeo_interval narrow;
    ck_assert_int_eq(sgeo_bootstrap_interval(&first, statistic, plan), SGEO_OK);
    ck_assert_int_eq(sgeo_bootstrap_interval(&again, statistic, plan), SGEO_OK);
    plan.level = 0.5;
    ck_assert_int_eq(sgeo_bootstrap_interval(&narrow, statistic, plan), SGEO_OK);
    plan = short_plan();
    plan.seed++;
    ck_assert_int_eq(sgeo_bootstrap_interval(&other, statistic, plan), SGEO_OK);
    ck_assert_double_eq(first.low, again.low);
    ck_assert_double_eq(first.high, again.high);
    ck_assert_double_ne(first.low, other.low);
    ck_assert(first.low < narrow.low && narrow.high < first.high);
    sgeo_panel_destroy(panel);
}
END_TEST

START_TEST(test_default_plan_is_2000_draws_at_95_percent)
{
    struct sgeo_bootstrap_plan plan = sgeo_bootstrap_defaults(9000);
    ck_assert_uint_eq(plan.seed, 9000);
    ck_assert_uint_eq(plan.n_draws, 2000);
    ck_assert_double_eq(plan.level, 0.95);
}
END_TEST

START_TEST(test_impossible_plans_are_usage_errors)
{
    struct sgeo_statistic fine = {zero, NULL, 10, 1};
    struct sgeo_statistic lonely = {zero, NULL, 1, 1};
    struct sgeo_statistic seedless = {zero, NULL, 10, 0};
    struct sgeo_statistic longer = {zero, NULL, 11, 1};
    struct sgeo_bootstrap_plan plan = short_plan();
    struct sgeo_interval interval = {.value = 7.0};
    struct sgeo_difference difference;
    assert_usage(sgeo_bootstrap_interval(&interval, lonely, plan), "1 architectures");
    assert_usage(sgeo_bootstrap_interval(&interval, seedless, plan), "0 seeds");
    assert_usage(sgeo_bootstrap_difference(&difference, fine, longer, plan), "1 x 10 scores");
    plan.level = 1.0;
    assert_usage(sgeo_bootstrap_interval(&interval, fine, plan), "level 1");
    plan = short_plan();
    plan.n_draws = 0;
    assert_usage(sgeo_bootstrap_interval(&interval, fine, plan), "0 draws");
    ck_assert_double_eq(interval.value, 7.0);
}
END_TEST

START_TEST(test_verdicts_have_names)
{
    ck_assert_str_eq(sgeo_verdict_name(SGEO_VERDICT_BETTER), "better");
    ck_assert_str_eq(sgeo_verdict_name(SGEO_VERDICT_WORSE), "worse");
    ck_assert_str_eq(sgeo_verdict_name(SGEO_VERDICT_UNDECIDED), "undecided");
}
END_TEST

#ifdef NDEBUG /* a promise of optimised builds */
START_TEST(test_2000_draws_of_1000_architectures_take_under_a_second)
{
    static const enum sgeo_measure measures[] = {SGEO_MEASURE_SPEARMAN, SGEO_MEASURE_KENDALL};
    struct sgeo_panel *panel = panel_of(poor, 1);
    for (size_t i = 0; i < 2; i++) {
        struct sgeo_interval interval;
        double start = sgeo_thread_cpu_seconds();
        ck_assert_int_eq(sgeo_bootstrap_interval(&interval, statistic_of(panel, measures[i]),
                                                 sgeo_bootstrap_defaults(0)),
                         SGEO_OK);
        ck_assert_double_lt(sgeo_thread_cpu_seconds() - start, 1.0);
    }
    sgeo_panel_destroy(panel);
}
END_TEST
#endif

int main(void)
{
    TCase *tcase = tcase_create("bootstrap");
    tcase_add_checked_fixture(tcase, draw_all, NULL);
    tcase_set_timeout(tcase, 60); /* for builds with sanitizers on busy machines */
    tcase_add_test(tcase, test_interval_is_the_percentiles_of_resampled_architectures);
    tcase_add_test(tcase, test_crossed_interval_resamples_seeds_too);
    tcase_add_test(tcase, test_value_is_the_mean_over_seeds);
    tcase_add_test(tcase, test_interval_is_as_wide_as_theory_says);
    tcase_add_test(tcase, test_clear_differences_have_a_verdict);
    tcase_add_test(tcase, test_interval_that_holds_zero_is_undecided);
    tcase_add_test(tcase, test_difference_is_paired);
    tcase_add_test(tcase, test_undefined_draws_are_counted_and_left_out);
    tcase_add_test(tcase, test_statistic_never_defined_has_no_bounds);
    tcase_add_test(tcase, test_many_undefined_draws_leave_it_undecided);
    tcase_add_test(tcase, test_plan_decides_the_interval);
    tcase_add_test(tcase, test_default_plan_is_2000_draws_at_95_percent);
    tcase_add_test(tcase, test_impossible_plans_are_usage_errors);
    tcase_add_test(tcase, test_verdicts_have_names);
#ifdef NDEBUG
    tcase_add_test(tcase, test_2000_draws_of_1000_architectures_take_under_a_second);
#endif
    return run_case("stats/bootstrap", tcase);
}
