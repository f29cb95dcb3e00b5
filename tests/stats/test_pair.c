/* Statistics of a weighted pair against the same statistics of the points written out. */
#include "stats/pair.h"

#include "sample.h"
#include "stats/correlation.h"

#define N        40
#define N_ROUNDS 200

typedef double (*weighted)(struct sgeo_pair *pair, const uint32_t *counts);
typedef enum sgeo_status (*plain)(double *value, struct sgeo_column x, struct sgeo_column y);

static double x[N];
static double y[N];
static struct sgeo_pair *pair;

static void create_pair(void)
{
    struct sgeo_rng rng = sgeo_rng_stream(4, "pair", 0);
    draw_tied(x, N, 15, &rng);
    draw_tied(y, N, 25, &rng);
    ck_assert_int_eq(sgeo_pair_create(&pair, COLUMN(x), COLUMN(y)), SGEO_OK);
}

static void destroy_pair(void)
{
    sgeo_pair_destroy(pair);
}

/* A resample as counts and written out. */
struct resample {
    uint32_t counts[N];
    double x[N];
    double y[N];
};

static struct resample draw_resample(uint64_t round)
{
    struct sgeo_rng rng = sgeo_rng_stream(4, "counts", round);
    struct resample resample = {{0}, {0.0}, {0.0}};
    for (size_t i = 0; i < N; i++) {
        size_t drawn = (size_t)sgeo_rng_below(&rng, N);
        resample.counts[drawn]++;
        resample.x[i] = x[drawn];
        resample.y[i] = y[drawn];
    }
    return resample;
}

/* Both are NaN, or both are the same number; most must be numbers. */
static void assert_counts_are_repetitions(weighted of_counts, plain of_columns)
{
    size_t n_defined = 0;
    for (uint64_t round = 0; round < N_ROUNDS; round++) {
        struct resample resample = draw_resample(round);
        double value = of_counts(pair, resample.counts);
        double expected;
        ck_assert_int_eq(of_columns(&expected, COLUMN(resample.x), COLUMN(resample.y)), SGEO_OK);
        ck_assert_int_eq(isnan(value) != 0, isnan(expected) != 0);
        if (!isnan(expected)) {
            ck_assert_double_eq_tol(value, expected, 1e-14);
            n_defined++;
        }
    }
    ck_assert_uint_gt(n_defined, N_ROUNDS / 2);
}

START_TEST(test_counts_act_as_repetitions_in_spearman)
{
    assert_counts_are_repetitions(sgeo_pair_spearman, sgeo_spearman);
}
END_TEST

START_TEST(test_counts_act_as_repetitions_in_kendall)
{
    assert_counts_are_repetitions(sgeo_pair_kendall, sgeo_kendall);
}
END_TEST

START_TEST(test_counts_act_as_repetitions_in_regret)
{
    assert_counts_are_repetitions(sgeo_pair_regret, sgeo_regret);
}
END_TEST

START_TEST(test_counts_act_as_repetitions_in_top_tenth)
{
    assert_counts_are_repetitions(sgeo_pair_spearman_top10, sgeo_spearman_top10);
}
END_TEST

START_TEST(test_no_counts_mean_every_point_once)
{
    uint32_t once[N];
    for (size_t i = 0; i < N; i++) {
        once[i] = 1;
    }
    ck_assert_double_eq(sgeo_pair_spearman(pair, NULL), sgeo_pair_spearman(pair, once));
    ck_assert_double_eq(sgeo_pair_kendall(pair, NULL), sgeo_pair_kendall(pair, once));
}
END_TEST

START_TEST(test_one_resample_leaves_no_trace_in_the_next)
{
    uint32_t counts[N] = {[3] = 20, [7] = 20};
    double before = sgeo_pair_kendall(pair, NULL);
    (void)sgeo_pair_spearman_top10(pair, counts);
    ck_assert_double_eq(sgeo_pair_kendall(pair, NULL), before);
}
END_TEST

START_TEST(test_one_point_repeated_has_no_correlation)
{
    uint32_t counts[N] = {[5] = N};
    ck_assert_double_nan(sgeo_pair_spearman(pair, counts));
    ck_assert_double_nan(sgeo_pair_kendall(pair, counts));
    ck_assert_double_nan(sgeo_pair_spearman_top10(pair, counts));
    ck_assert_double_eq(sgeo_pair_regret(pair, counts), 0.0);
}
END_TEST

START_TEST(test_destroying_nothing_is_fine)
{
    sgeo_pair_destroy(NULL);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("pair");
    tcase_add_checked_fixture(tcase, create_pair, destroy_pair);
    tcase_add_test(tcase, test_counts_act_as_repetitions_in_spearman);
    tcase_add_test(tcase, test_counts_act_as_repetitions_in_kendall);
    tcase_add_test(tcase, test_counts_act_as_repetitions_in_regret);
    tcase_add_test(tcase, test_counts_act_as_repetitions_in_top_tenth);
    tcase_add_test(tcase, test_no_counts_mean_every_point_once);
    tcase_add_test(tcase, test_one_resample_leaves_no_trace_in_the_next);
    tcase_add_test(tcase, test_one_point_repeated_has_no_correlation);
    tcase_add_test(tcase, test_destroying_nothing_is_fine);
    return run_case("stats/pair", tcase);
}
