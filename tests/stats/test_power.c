#include "stats/power.h"

#include "sample.h"
#include "stats/correlation.h"

#define PI 3.141592653589793

static size_t sample_size(double rho_a, double rho_b, double rho_ab)
{
    size_t n;
    ck_assert_int_eq(sgeo_power_sample_size(&n, rho_a, rho_b, rho_ab), SGEO_OK);
    return n;
}

START_TEST(test_sample_size_matches_worked_examples)
{
    ck_assert_uint_eq(sample_size(0.78, 0.74, 0.9), 498);
    ck_assert_uint_eq(sample_size(0.5, 0.4, 0.6), 524);
    ck_assert_uint_eq(sample_size(0.2, 0.1, 0.0), 1534);
}
END_TEST

START_TEST(test_sample_size_does_not_care_which_is_larger)
{
    ck_assert_uint_eq(sample_size(0.74, 0.78, 0.9), sample_size(0.78, 0.74, 0.9));
    ck_assert_uint_eq(sample_size(-0.5, -0.4, 0.6), sample_size(0.5, 0.4, 0.6));
}
END_TEST

START_TEST(test_smaller_differences_and_unlike_scores_need_more)
{
    ck_assert_uint_gt(sample_size(0.75, 0.74, 0.9), 10 * sample_size(0.78, 0.74, 0.9));
    ck_assert_uint_gt(sample_size(0.78, 0.74, 0.6), sample_size(0.78, 0.74, 0.9));
}
END_TEST

/* Pearson correlation of normal variables whose Spearman correlation is rho. */
static double normal_correlation(double rho)
{
    return 2.0 * sin(PI * rho / 6.0);
}

/* Truth and two scores, normal, with the Spearman correlations 0.6 and 0.45, 0.5 between them. */
static void draw_triples(double *truth, double *a, double *b, size_t n, struct sgeo_rng *rng)
{
    double ta = normal_correlation(0.6);
    double tb = normal_correlation(0.45);
    double a_own = sqrt(1.0 - ta * ta);
    double b_shared = (normal_correlation(0.5) - ta * tb) / a_own;
    double b_own = sqrt(1.0 - tb * tb - b_shared * b_shared);
    for (size_t i = 0; i < n; i++) {
        double t = sgeo_rng_normal(rng);
        double u = sgeo_rng_normal(rng);
        truth[i] = t;
        a[i] = ta * t + a_own * u;
        b[i] = tb * t + b_shared * u + b_own * sgeo_rng_normal(rng);
    }
}

START_TEST(test_sample_of_that_size_finds_the_difference_four_times_in_five)
{
    enum { N_MOST = 400, N_SAMPLES = 2000 };
    double truth[N_MOST];
    double a[N_MOST];
    double b[N_MOST];
    size_t n = sample_size(0.6, 0.45, 0.5);
    ck_assert_uint_le(n, N_MOST);
    static double differences[N_SAMPLES];
    double sum = 0.0;
    double squares = 0.0;
    for (uint64_t sample = 0; sample < N_SAMPLES; sample++) {
        struct sgeo_rng rng = sgeo_rng_stream(8, "triples", sample);
        draw_triples(truth, a, b, n, &rng);
        double rho_a;
        double rho_b;
        ck_assert_int_eq(sgeo_spearman(&rho_a, column_of(a, n), column_of(truth, n)), SGEO_OK);
        ck_assert_int_eq(sgeo_spearman(&rho_b, column_of(b, n), column_of(truth, n)), SGEO_OK);
        differences[sample] = rho_a - rho_b;
        sum += differences[sample];
        squares += differences[sample] * differences[sample];
    }
    double mean = sum / N_SAMPLES;
    double spread = sqrt(squares / N_SAMPLES - mean * mean);
    size_t n_found = 0;
    for (size_t i = 0; i < N_SAMPLES; i++) {
        n_found += differences[i] > 1.96 * spread ? 1 : 0;
    }
    /* Five standard errors are 0.045; the rest is what the normal approximation may be off. */
    ck_assert_double_eq_tol((double)n_found / N_SAMPLES, 0.8, 0.06);
}
END_TEST

START_TEST(test_impossible_questions_are_usage_errors)
{
    size_t n = 7;
    assert_usage(sgeo_power_sample_size(&n, 1.0, 0.5, 0.5), "1, 0.5 and 0.5");
    assert_usage(sgeo_power_sample_size(&n, 0.5, 0.4, (double)NAN), "nan");
    assert_usage(sgeo_power_sample_size(&n, 0.5, 0.5, 0.5), "both correlations are 0.5");
    assert_usage(sgeo_power_sample_size(&n, 0.9, 0.8, 0.0), "no two scores");
    assert_usage(sgeo_power_sample_size(&n, 1e-12, 2e-12, 0.0), "too close");
    ck_assert_uint_eq(n, 7);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("power");
    tcase_add_test(tcase, test_sample_size_matches_worked_examples);
    tcase_add_test(tcase, test_sample_size_does_not_care_which_is_larger);
    tcase_add_test(tcase, test_smaller_differences_and_unlike_scores_need_more);
    tcase_add_test(tcase, test_sample_of_that_size_finds_the_difference_four_times_in_five);
    tcase_add_test(tcase, test_impossible_questions_are_usage_errors);
    tcase_set_timeout(tcase, 60); /* for builds with sanitizers on busy machines */
    return run_case("stats/power", tcase);
}
