/* Generated rows' own probabilities: their loss is below what a constant reaches, and labels go
 * with the rows. */
#include "harness/ctr_bayes.h"

#include <math.h>

#include "harness/clicks_rig.h"
#include "stats/log_loss.h"

static void setup(void)
{
    clicks_create("criteo");
}

START_TEST(test_ctr_bayes_is_below_the_best_constant)
{
    static const enum sgeo_ctr_part parts[] = {SGEO_CTR_TRAIN, SGEO_CTR_VAL, SGEO_CTR_TEST};
    for (size_t p = 0; p < 3; p++) {
        double n = (double)clicks.split.rows[parts[p]], loss = 0.0;
        double rate = (double)clicks.split.clicked[parts[p]] / n;
        ok(sgeo_ctr_bayes_loss(&loss, &clicks, parts[p]));
        ck_assert_double_lt(loss, -rate * log(rate) - (1.0 - rate) * log(1.0 - rate));
        ck_assert_double_gt(loss, 0.1);
    }
}
END_TEST

/* A part's mean loss, row by row; a row's logit by its place in the file. */
START_TEST(test_ctr_bayes_has_labels_and_logits_of_the_same_rows)
{
    static double logits[CLICK_ROWS];
    static uint8_t labels[CLICK_ROWS];
    size_t n = clicks.split.rows[SGEO_CTR_TEST], at = 0, clicked = 0;
    double sum = 0.0, loss = 0.0;
    sgeo_ctr_read_true_logits(logits, &clicks, SGEO_CTR_TEST);
    sgeo_ctr_read_labels(labels, &clicks, SGEO_CTR_TEST);
    for (size_t row = 0; row < CLICK_ROWS; row++) {
        struct sgeo_ctr_synth_row drawn;
        if (clicks.split.part[row] == SGEO_CTR_TEST) {
            sgeo_ctr_synth_draw(&drawn, clicks.data.synth, row);
            ck_assert_double_eq(logits[at], drawn.logit);
            ck_assert_uint_eq(labels[at], drawn.label);
            clicked += labels[at];
            sum += sgeo_click_loss(logits[at], labels[at]);
            at++;
        }
    }
    ck_assert_uint_eq(at, n);
    ck_assert_uint_eq(clicked, clicks.split.clicked[SGEO_CTR_TEST]);
    ok(sgeo_ctr_bayes_loss(&loss, &clicks, SGEO_CTR_TEST));
    ck_assert_double_eq_tol(loss, sum / (double)n, 1e-12);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("ctr_bayes");
    tcase_add_checked_fixture(tcase, setup, clicks_destroy);
    tcase_add_test(tcase, test_ctr_bayes_is_below_the_best_constant);
    tcase_add_test(tcase, test_ctr_bayes_has_labels_and_logits_of_the_same_rows);
    return run_case("harness/ctr_bayes", tcase);
}
