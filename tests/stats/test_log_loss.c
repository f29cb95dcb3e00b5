/* Log loss where it is known, where it could overflow, and its paired difference. */
#include "stats/log_loss.h"

#include "sample.h"

#define CLICKS(logits, labels)                                                                     \
    ((struct sgeo_clicks){(logits), (labels), sizeof(logits) / sizeof *(logits)})

START_TEST(test_log_loss_of_known_predictions)
{
    static const double logits[] = {0.0, 1.0986122886681098, -1.0986122886681098, 0.0};
    static const uint8_t labels[] = {1, 1, 1, 0}; /* p = 1/2, 3/4, 1/4, 1/2 */
    double loss;
    ck_assert_int_eq(sgeo_log_loss(&loss, CLICKS(logits, labels)), SGEO_OK);
    ck_assert_double_eq_tol(loss, (log(2.0) + log(4.0 / 3.0) + log(4.0) + log(2.0)) / 4.0, 1e-15);
}
END_TEST

START_TEST(test_log_loss_neither_overflows_nor_cancels)
{
    ck_assert_double_eq(sgeo_click_loss(1000.0, 0), 1000.0);
    ck_assert_double_eq(sgeo_click_loss(-1000.0, 1), 1000.0);
    ck_assert_double_eq(sgeo_click_loss(1000.0, 1), 0.0);
    ck_assert_double_eq_tol(sgeo_click_loss(40.0, 1) / exp(-40.0), 1.0, 1e-15);
    ck_assert_double_eq_tol(sgeo_click_loss(-40.0, 0) / exp(-40.0), 1.0, 1e-15);
    ck_assert_double_eq((double)sgeo_click_loss(INFINITY, 1), 0.0);
    ck_assert_double_eq((double)sgeo_click_loss(-INFINITY, 0), 0.0);
    ck_assert(isinf(sgeo_click_loss(INFINITY, 0)));
    ck_assert(isinf(sgeo_click_loss(-INFINITY, 1)));
}
END_TEST

START_TEST(test_probability_is_the_inverse_of_the_logit)
{
    ck_assert_double_eq(sgeo_click_probability(0.0), 0.5);
    ck_assert_double_eq(sgeo_click_probability(INFINITY), 1.0);
    ck_assert_double_eq(sgeo_click_probability(-INFINITY), 0.0);
    ck_assert_double_eq_tol(sgeo_click_probability(-700.0) / exp(-700.0), 1.0, 1e-14);
    for (double z = -30.0; z <= 30.0; z += 0.37) {
        double p = sgeo_click_probability(z);
        ck_assert_double_eq_tol(p + sgeo_click_probability(-z), 1.0, 1e-15);
        ck_assert_double_eq_tol(-log(p), sgeo_click_loss(z, 1), 1e-13 * (1.0 + fabs(z)));
    }
}
END_TEST

START_TEST(test_log_loss_difference_is_paired)
{
    enum { N = 400 };
    double a[N], b[N];
    uint8_t labels[N];
    struct sgeo_difference difference;
    struct sgeo_rng rng = sgeo_rng_stream(3, "loss", 0);
    draw_normal(a, N, &rng);
    for (size_t i = 0; i < N; i++) {
        labels[i] = sgeo_rng_uniform(&rng) < sgeo_click_probability(a[i]) ? 1 : 0;
        b[i] = a[i] + (labels[i] != 0 ? 0.01 : -0.01); /* a little better on every row */
    }
    ck_assert_int_eq(sgeo_log_loss_difference(&difference, CLICKS(a, labels), CLICKS(b, labels)),
                     SGEO_OK);
    ck_assert_int_eq(difference.verdict, SGEO_VERDICT_BETTER); /* of b: the reference goes first */
    ck_assert_double_lt(difference.interval.high, 0.01);
    ck_assert_int_eq(sgeo_log_loss_difference(&difference, CLICKS(b, labels), CLICKS(a, labels)),
                     SGEO_OK);
    ck_assert_int_eq(difference.verdict, SGEO_VERDICT_WORSE);
    ck_assert_int_eq(sgeo_log_loss_difference(&difference, CLICKS(a, labels), CLICKS(a, labels)),
                     SGEO_OK);
    ck_assert_double_eq(difference.interval.value, 0.0);
    ck_assert_int_eq(difference.verdict, SGEO_VERDICT_UNDECIDED);
}
END_TEST

START_TEST(test_log_loss_of_nothing_or_nan_is_usage)
{
    static const double logits[] = {0.0, NAN};
    static const uint8_t labels[] = {0, 1};
    double loss = 7.0;
    assert_usage(sgeo_log_loss(&loss, CLICKS(logits, labels)), "log loss: the prediction of row 1");
    assert_usage(sgeo_log_loss(&loss, (struct sgeo_clicks){logits, labels, 0}), "on 0 rows");
    ck_assert_double_eq(loss, 7.0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("log_loss");
    tcase_add_test(tcase, test_log_loss_of_known_predictions);
    tcase_add_test(tcase, test_log_loss_neither_overflows_nor_cancels);
    tcase_add_test(tcase, test_probability_is_the_inverse_of_the_logit);
    tcase_add_test(tcase, test_log_loss_difference_is_paired);
    tcase_add_test(tcase, test_log_loss_of_nothing_or_nan_is_usage);
    return run_case("stats/log_loss", tcase);
}
