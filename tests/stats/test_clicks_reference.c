/* AUC, log loss, calibration and paired differences against scipy; clicks_reference.py made the
 * values. */
#include "reference.h"
#include "stats/auc.h"
#include "stats/calibration.h"
#include "stats/log_loss.h"
#include "stats/normal.h"

#define REFERENCE "tests/stats/clicks_reference.csv"
#define TOLERANCE 1e-12

/* Two models on the rows of a case. */
struct models {
    double logit[2][REFERENCE_MOST];
    uint8_t label[REFERENCE_MOST];
    struct sgeo_clicks a, b;
};

static struct models models;

static void read_reference(void)
{
    reference_read(REFERENCE);
    ck_assert_uint_ge(reference.n_rows, 9);
}

static void load(size_t row)
{
    static double label[REFERENCE_MOST];
    size_t n = reference_numbers(label, row, "label").n;
    for (size_t i = 0; i < n; i++) {
        models.label[i] = (uint8_t)label[i];
    }
    models.a = (struct sgeo_clicks){models.logit[0], models.label, n};
    models.b = (struct sgeo_clicks){models.logit[1], models.label, n};
    ck_assert_uint_eq(reference_numbers(models.logit[0], row, "a").n, n);
    ck_assert_uint_eq(reference_numbers(models.logit[1], row, "b").n, n);
}

START_TEST(test_auc_equals_scipy_s_mann_whitney)
{
    for (size_t row = 0; row < reference.n_rows; row++) {
        double auc;
        load(row);
        ck_assert_int_eq(sgeo_auc(&auc, models.a), SGEO_OK);
        reference_expect(auc, row, "auc_a", TOLERANCE);
        ck_assert_int_eq(sgeo_auc(&auc, models.b), SGEO_OK);
        reference_expect(auc, row, "auc_b", TOLERANCE);
    }
}
END_TEST

START_TEST(test_log_loss_equals_scipy_s_log_expit)
{
    for (size_t row = 0; row < reference.n_rows; row++) {
        double loss;
        load(row);
        ck_assert_int_eq(sgeo_log_loss(&loss, models.a), SGEO_OK);
        reference_expect(loss, row, "log_loss_a", TOLERANCE * fmax(1.0, loss));
        ck_assert_int_eq(sgeo_log_loss(&loss, models.b), SGEO_OK);
        reference_expect(loss, row, "log_loss_b", TOLERANCE * fmax(1.0, loss));
    }
}
END_TEST

/* The standard error from the half width of an interval around `value`. */
static double error_of(const struct sgeo_difference *difference)
{
    ck_assert_double_eq_tol(0.5 * (difference->interval.low + difference->interval.high),
                            difference->interval.value, 1e-12);
    return 0.5 * (difference->interval.high - difference->interval.low) /
           SGEO_Z_TWO_SIDED_5_PERCENT;
}

START_TEST(test_auc_difference_equals_delong_s_definition)
{
    for (size_t row = 0; row < reference.n_rows; row++) {
        struct sgeo_difference difference;
        load(row);
        ck_assert_int_eq(sgeo_auc_difference(&difference, models.a, models.b), SGEO_OK);
        reference_expect(error_of(&difference), row, "auc_error", TOLERANCE);
        ck_assert_double_eq_tol(difference.interval.value,
                                reference_value(row, "auc_a") - reference_value(row, "auc_b"),
                                TOLERANCE);
    }
}
END_TEST

START_TEST(test_log_loss_difference_equals_the_paired_error)
{
    for (size_t row = 0; row < reference.n_rows; row++) {
        struct sgeo_difference difference;
        load(row);
        ck_assert_int_eq(sgeo_log_loss_difference(&difference, models.a, models.b), SGEO_OK);
        double scale = fmax(1.0, fabs(difference.interval.value));
        reference_expect(error_of(&difference), row, "log_loss_error", TOLERANCE * scale);
        ck_assert_double_eq_tol(difference.interval.value,
                                reference_value(row, "log_loss_a") -
                                    reference_value(row, "log_loss_b"),
                                TOLERANCE * scale);
    }
}
END_TEST

START_TEST(test_calibration_equals_numpy_s)
{
    for (size_t row = 0; row < reference.n_rows; row++) {
        static double sizes[REFERENCE_MOST];
        struct sgeo_calibration made;
        double clicked = 0.0;
        load(row);
        ck_assert_int_eq(sgeo_calibration(&made, models.a), SGEO_OK);
        ck_assert_uint_eq(reference_numbers(sizes, row, "bins_a").n, SGEO_CALIBRATION_BINS);
        for (size_t b = 0; b < SGEO_CALIBRATION_BINS; b++) {
            ck_assert_double_eq((double)made.bins[b].n, sizes[b]);
        }
        for (size_t i = 0; i < models.a.n; i++) {
            clicked += models.label[i];
        }
        reference_expect(made.predicted, row, "predicted_a", TOLERANCE);
        reference_expect(made.error, row, "calibration_error_a", TOLERANCE);
        ck_assert_double_eq_tol(made.observed, clicked / (double)models.a.n, 1e-15);
        ck_assert_double_eq_tol(made.ratio, made.predicted / made.observed, 1e-15);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("clicks_reference");
    tcase_add_checked_fixture(tcase, read_reference, reference_clear);
    tcase_add_test(tcase, test_auc_equals_scipy_s_mann_whitney);
    tcase_add_test(tcase, test_log_loss_equals_scipy_s_log_expit);
    tcase_add_test(tcase, test_auc_difference_equals_delong_s_definition);
    tcase_add_test(tcase, test_log_loss_difference_equals_the_paired_error);
    tcase_add_test(tcase, test_calibration_equals_numpy_s);
    return run_case("stats/clicks_reference", tcase);
}
