/* Panels of predictions: their measures are log loss and AUC, whole and resampled. */
#include "stats/click_panel.h"

#include <math.h>

#include "base/rng.h"
#include "base/suite.h"
#include "stats/auc.h"
#include "stats/log_loss.h"

enum { ROWS = 60, SEEDS = 3 };

static double logits[SEEDS * ROWS];
static uint8_t labels[ROWS];
static struct sgeo_click_panel *panel;

static void ok(enum sgeo_status status)
{
    ck_assert_msg(status == SGEO_OK, "%s", sgeo_error_text());
}

/* Logits on a grid of quarters, so that many are equal. */
static void setup(void)
{
    struct sgeo_rng rng = sgeo_rng_stream(5, "panel", 0);
    for (size_t i = 0; i < ROWS; i++) {
        labels[i] = (uint8_t)(sgeo_rng_below(&rng, 3) == 0);
    }
    for (size_t i = 0; i < SEEDS * ROWS; i++) {
        logits[i] = 0.25 * (double)sgeo_rng_below(&rng, 12) - 2.0 + 0.5 * labels[i % ROWS];
    }
    ok(sgeo_click_panel_create(&panel, logits, labels, ROWS, SEEDS));
}

static void teardown(void)
{
    sgeo_click_panel_destroy(panel);
}

static void measure(double *loss, double *auc, const double *logit, const uint8_t *label, size_t n)
{
    const struct sgeo_clicks clicks = {.logit = logit, .label = label, .n = n};
    ok(sgeo_log_loss(loss, clicks));
    ok(sgeo_auc(auc, clicks));
}

static double panel_value(enum sgeo_click_measure which, size_t seed, const uint32_t *counts)
{
    const struct sgeo_statistic statistic = sgeo_click_panel_statistic(panel, which);
    return statistic.value(statistic.context, seed, counts);
}

START_TEST(test_click_panel_of_all_rows_is_log_loss_and_auc)
{
    for (size_t seed = 0; seed < SEEDS; seed++) {
        double loss, auc;
        measure(&loss, &auc, logits + seed * ROWS, labels, ROWS);
        ck_assert_double_eq_tol(panel_value(SGEO_CLICKS_LOG_LOSS, seed, NULL), loss, 1e-14);
        ck_assert_double_eq_tol(panel_value(SGEO_CLICKS_AUC, seed, NULL), auc, 1e-14);
    }
}
END_TEST

/* Rows that are written out as often as they are drawn. */
START_TEST(test_click_panel_of_a_sample_is_that_of_its_rows_written_out)
{
    struct sgeo_rng rng = sgeo_rng_stream(5, "sample", 0);
    uint32_t counts[ROWS] = {0};
    double drawn[ROWS], loss, auc;
    uint8_t drawn_labels[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        size_t row = (size_t)sgeo_rng_below(&rng, ROWS);
        counts[row]++;
        drawn[i] = logits[ROWS + row];
        drawn_labels[i] = labels[row];
    }
    measure(&loss, &auc, drawn, drawn_labels, ROWS);
    ck_assert_double_eq_tol(panel_value(SGEO_CLICKS_LOG_LOSS, 1, counts), loss, 1e-13);
    ck_assert_double_eq_tol(panel_value(SGEO_CLICKS_AUC, 1, counts), auc, 1e-13);
}
END_TEST

START_TEST(test_click_panel_interval_is_of_the_mean_over_seeds)
{
    struct sgeo_interval interval;
    double mean = 0.0;
    for (size_t seed = 0; seed < SEEDS; seed++) {
        mean += panel_value(SGEO_CLICKS_AUC, seed, NULL) / SEEDS;
    }
    ok(sgeo_bootstrap_interval(&interval, sgeo_click_panel_statistic(panel, SGEO_CLICKS_AUC),
                               sgeo_bootstrap_defaults(1)));
    ck_assert_double_eq_tol(interval.value, mean, 1e-14);
    ck_assert_double_lt(interval.low, mean);
    ck_assert_double_gt(interval.high, mean);
}
END_TEST

/* Predictions that are better on every row win in every sample. */
START_TEST(test_click_panels_of_the_same_rows_compare_in_pairs)
{
    double better[SEEDS * ROWS];
    struct sgeo_click_panel *other = NULL;
    struct sgeo_difference difference;
    for (size_t i = 0; i < SEEDS * ROWS; i++) {
        better[i] = logits[i] + (labels[i % ROWS] != 0 ? 0.1 : -0.1);
    }
    ok(sgeo_click_panel_create(&other, better, labels, ROWS, SEEDS));
    ok(sgeo_bootstrap_difference(
        &difference, sgeo_click_panel_statistic(panel, SGEO_CLICKS_LOG_LOSS),
        sgeo_click_panel_statistic(other, SGEO_CLICKS_LOG_LOSS), sgeo_bootstrap_defaults(1)));
    ck_assert_int_eq(difference.verdict, SGEO_VERDICT_BETTER);
    sgeo_click_panel_destroy(other);
}
END_TEST

START_TEST(test_click_panel_sample_of_one_label_has_no_auc)
{
    uint32_t counts[ROWS] = {0};
    for (size_t i = 0; i < ROWS; i++) {
        counts[i] = labels[i];
    }
    ck_assert(isnan(panel_value(SGEO_CLICKS_AUC, 0, counts)));
    ck_assert(isfinite(panel_value(SGEO_CLICKS_LOG_LOSS, 0, counts)));
}
END_TEST

/* A certain and wrong prediction costs infinity only where its row is drawn. */
START_TEST(test_click_panel_loss_of_rows_left_out_does_not_count)
{
    static const double certain[2 * 2] = {-(double)INFINITY, 1.0, 0.0, 0.0};
    static const uint8_t clicked[2] = {1, 1};
    static const uint32_t second[2] = {0, 2};
    struct sgeo_click_panel *small = NULL;
    ok(sgeo_click_panel_create(&small, certain, clicked, 2, 2));
    const struct sgeo_statistic loss = sgeo_click_panel_statistic(small, SGEO_CLICKS_LOG_LOSS);
    ck_assert(isinf(loss.value(loss.context, 0, NULL)));
    ck_assert_double_eq_tol(loss.value(loss.context, 0, second), log(1.0 + exp(-1.0)), 1e-15);
    sgeo_click_panel_destroy(small);
}
END_TEST

START_TEST(test_click_panel_refuses_what_has_no_measure)
{
    static const double not_a_number[2] = {(double)NAN, 0.0};
    struct sgeo_click_panel *none = NULL;
    ck_assert_int_eq(sgeo_click_panel_create(&none, not_a_number, labels, 2, 1), SGEO_USAGE);
    ck_assert_int_eq(sgeo_click_panel_create(&none, logits, labels, 1, 1), SGEO_USAGE);
    ck_assert_int_eq(sgeo_click_panel_create(&none, logits, labels, ROWS, 0), SGEO_USAGE);
    ck_assert_ptr_null(none);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("click_panel");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_click_panel_of_all_rows_is_log_loss_and_auc);
    tcase_add_test(tcase, test_click_panel_of_a_sample_is_that_of_its_rows_written_out);
    tcase_add_test(tcase, test_click_panel_interval_is_of_the_mean_over_seeds);
    tcase_add_test(tcase, test_click_panels_of_the_same_rows_compare_in_pairs);
    tcase_add_test(tcase, test_click_panel_sample_of_one_label_has_no_auc);
    tcase_add_test(tcase, test_click_panel_loss_of_rows_left_out_does_not_count);
    tcase_add_test(tcase, test_click_panel_refuses_what_has_no_measure);
    return run_case("click_panel", tcase);
}
