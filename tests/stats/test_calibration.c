/* Calibration: true probabilities are calibrated, shifted ones are not; bins share ties. */
#include "stats/calibration.h"

#include "sample.h"

enum { N = 100000 };

static double logits[N];
static uint8_t labels[N];

static struct sgeo_calibration measure(size_t n)
{
    struct sgeo_calibration made = {0};
    struct sgeo_clicks clicks = {logits, labels, n};
    ck_assert_int_eq(sgeo_calibration(&made, clicks), SGEO_OK);
    return made;
}

static void draw(void)
{
    struct sgeo_rng rng = sgeo_rng_stream(5, "calibration", 0);
    draw_normal(logits, N, &rng);
    for (size_t i = 0; i < N; i++) {
        logits[i] -= 2.0;
        labels[i] = sgeo_rng_uniform(&rng) < sgeo_click_probability(logits[i]) ? 1 : 0;
    }
}

START_TEST(test_true_probabilities_are_calibrated)
{
    draw();
    struct sgeo_calibration made = measure(N);
    ck_assert_double_eq_tol(made.ratio, 1.0, 0.03);
    ck_assert_double_lt(made.error, 0.006);
    for (size_t b = 0; b < SGEO_CALIBRATION_BINS; b++) {
        struct sgeo_calibration_bin *bin = &made.bins[b];
        double p = bin->predicted;
        ck_assert_uint_eq(bin->n, N / 10);
        ck_assert_double_eq_tol(bin->observed, p, 5.0 * sqrt(p * (1.0 - p) / (N / 10)));
        ck_assert(b == 0 || p > made.bins[b - 1].predicted);
    }
}
END_TEST

START_TEST(test_overconfidence_shows)
{
    draw();
    for (size_t i = 0; i < N; i++) {
        logits[i] += 0.5;
    }
    struct sgeo_calibration made = measure(N);
    ck_assert_double_gt(made.ratio, 1.3);
    ck_assert_double_eq_tol(made.error, made.predicted - made.observed, 1e-9); /* all one way */
}
END_TEST

START_TEST(test_equal_predictions_share_a_bin)
{
    static const uint8_t clicked[4] = {1, 0, 1, 1};
    memcpy(labels, clicked, sizeof clicked);
    for (size_t i = 0; i < 4; i++) {
        logits[i] = 0.0;
    }
    struct sgeo_calibration made = measure(4);
    for (size_t b = 0; b < SGEO_CALIBRATION_BINS; b++) {
        ck_assert_uint_eq(made.bins[b].n, b == 5 ? 4 : 0);
        ck_assert_int_eq(isnan(made.bins[b].observed) != 0, b != 5);
    }
    ck_assert_double_eq(made.bins[5].predicted, 0.5);
    ck_assert_double_eq(made.bins[5].observed, 0.75);
    ck_assert_double_eq(made.error, 0.25);
    ck_assert_double_eq_tol(made.ratio, 2.0 / 3.0, 1e-15);
}
END_TEST

START_TEST(test_calibration_without_clicks_is_infinitely_high)
{
    for (size_t i = 0; i < 20; i++) {
        logits[i] = -(double)i;
        labels[i] = 0;
    }
    ck_assert(isinf(measure(20).ratio));
}
END_TEST

START_TEST(test_calibration_of_nan_is_usage)
{
    struct sgeo_calibration made;
    logits[0] = NAN;
    assert_usage(sgeo_calibration(&made, (struct sgeo_clicks){logits, labels, 10}),
                 "calibration: the prediction of row 0");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("calibration");
    tcase_add_test(tcase, test_true_probabilities_are_calibrated);
    tcase_add_test(tcase, test_overconfidence_shows);
    tcase_add_test(tcase, test_equal_predictions_share_a_bin);
    tcase_add_test(tcase, test_calibration_without_clicks_is_infinitely_high);
    tcase_add_test(tcase, test_calibration_of_nan_is_usage);
    return run_case("stats/calibration", tcase);
}
