/* The area under the ROC curve, by counting pairs; and its paired difference. */
#include "stats/auc.h"

#include "sample.h"

#define CLICKS(logits, labels)                                                                     \
    ((struct sgeo_clicks){(logits), (labels), sizeof(logits) / sizeof *(logits)})

static double auc_of(struct sgeo_clicks clicks)
{
    double auc = -1.0;
    ck_assert_int_eq(sgeo_auc(&auc, clicks), SGEO_OK);
    return auc;
}

/* Share of the pairs of a clicked and another row that the clicked one wins. */
static double count_pairs(struct sgeo_clicks clicks)
{
    double won = 0.0, pairs = 0.0;
    for (size_t i = 0; i < clicks.n; i++) {
        for (size_t j = 0; j < clicks.n; j++) {
            if (clicks.label[i] == 1 && clicks.label[j] == 0) {
                pairs += 1.0;
                won += clicks.logit[i] > clicks.logit[j]    ? 1.0
                       : clicks.logit[i] == clicks.logit[j] ? 0.5
                                                            : 0.0;
            }
        }
    }
    return won / pairs;
}

START_TEST(test_auc_of_extremes)
{
    static const double rising[] = {1.0, 2.0, 3.0, 4.0};
    static const uint8_t above[] = {0, 0, 1, 1}, below[] = {1, 1, 0, 0}, mixed[] = {0, 1, 1, 0};
    static const double same[] = {5.0, 5.0, 5.0, 5.0};
    static const double infinite[] = {-INFINITY, 0.0, INFINITY, INFINITY};
    ck_assert_double_eq(auc_of(CLICKS(rising, above)), 1.0);
    ck_assert_double_eq(auc_of(CLICKS(rising, below)), 0.0);
    ck_assert_double_eq(auc_of(CLICKS(rising, mixed)), 0.5);
    ck_assert_double_eq(auc_of(CLICKS(same, above)), 0.5);
    ck_assert_double_eq(auc_of(CLICKS(infinite, above)), 1.0);
    ck_assert_double_eq(auc_of(CLICKS(infinite, mixed)), 0.625);
}
END_TEST

START_TEST(test_auc_of_one_label_is_undefined)
{
    static const double logits[] = {1.0, 2.0, 3.0};
    static const uint8_t none[] = {0, 0, 0}, all[] = {1, 1, 1};
    struct sgeo_difference difference;
    ck_assert_double_nan(auc_of(CLICKS(logits, none)));
    ck_assert_double_nan(auc_of(CLICKS(logits, all)));
    ck_assert_int_eq(sgeo_auc_difference(&difference, CLICKS(logits, all), CLICKS(logits, all)),
                     SGEO_OK);
    ck_assert_double_nan(difference.interval.value);
    ck_assert_int_eq(difference.verdict, SGEO_VERDICT_UNDECIDED);
}
END_TEST

START_TEST(test_auc_counts_pairs_ties_one_half)
{
    enum { N = 120 };
    double logits[N];
    uint8_t labels[N];
    for (uint64_t round = 0; round < 100; round++) {
        struct sgeo_rng rng = sgeo_rng_stream(11, "auc", round);
        draw_tied(logits, N, 2 + round, &rng);
        for (size_t i = 0; i < N; i++) {
            labels[i] = sgeo_rng_uniform(&rng) < 0.3 ? 1 : 0;
        }
        struct sgeo_clicks clicks = CLICKS(logits, labels);
        ck_assert_double_eq_tol(auc_of(clicks), count_pairs(clicks), 1e-14);
    }
}
END_TEST

START_TEST(test_auc_does_not_change_under_a_rising_map)
{
    enum { N = 500 };
    double logits[N], mapped[N];
    uint8_t labels[N];
    struct sgeo_rng rng = sgeo_rng_stream(12, "auc", 0);
    draw_normal(logits, N, &rng);
    for (size_t i = 0; i < N; i++) {
        labels[i] = sgeo_rng_uniform(&rng) < sgeo_click_probability(logits[i]) ? 1 : 0;
        mapped[i] = sgeo_click_probability(logits[i]);
    }
    ck_assert_double_eq(auc_of(CLICKS(logits, labels)), auc_of(CLICKS(mapped, labels)));
}
END_TEST

START_TEST(test_auc_difference_needs_two_rows_of_a_label_for_an_interval)
{
    static const double a[] = {1.0, 2.0, 3.0}, b[] = {2.0, 1.0, 3.0};
    static const uint8_t one[] = {0, 1, 0};
    struct sgeo_difference difference;
    ck_assert_int_eq(sgeo_auc_difference(&difference, CLICKS(a, one), CLICKS(b, one)), SGEO_OK);
    ck_assert_double_eq(difference.interval.value, 0.5);
    ck_assert_double_nan(difference.interval.low);
    ck_assert_double_nan(difference.interval.high);
    ck_assert_int_eq(difference.verdict, SGEO_VERDICT_UNDECIDED);
}
END_TEST

/* Models of equal worth: 95 % of the intervals hold zero. A better one is found. */
START_TEST(test_auc_difference_interval_covers_as_often_as_it_says)
{
    enum { TRIALS = 1000, N = 300 };
    size_t missed = 0, found = 0;
    for (uint64_t t = 0; t < TRIALS; t++) {
        double truth[N], a[N], b[N];
        uint8_t labels[N];
        struct sgeo_difference difference;
        struct sgeo_rng rng = sgeo_rng_stream(13, "delong", t);
        draw_normal(truth, N, &rng);
        draw_noisy(a, truth, 1.0, N, &rng);
        draw_noisy(b, truth, 1.0, N, &rng);
        for (size_t i = 0; i < N; i++) {
            labels[i] = sgeo_rng_uniform(&rng) < sgeo_click_probability(2.0 * truth[i]) ? 1 : 0;
        }
        ck_assert_int_eq(sgeo_auc_difference(&difference, CLICKS(a, labels), CLICKS(b, labels)),
                         SGEO_OK);
        missed += difference.verdict != SGEO_VERDICT_UNDECIDED;
        draw_noisy(b, truth, 3.0, N, &rng);
        ck_assert_int_eq(sgeo_auc_difference(&difference, CLICKS(a, labels), CLICKS(b, labels)),
                         SGEO_OK);
        found += difference.verdict == SGEO_VERDICT_BETTER;
    }
    ck_assert_uint_gt(missed, TRIALS / 20 - 28); /* 0.05 and four standard errors */
    ck_assert_uint_lt(missed, TRIALS / 20 + 28);
    ck_assert_uint_gt(found, TRIALS * 9 / 10);
}
END_TEST

START_TEST(test_auc_refuses_what_it_cannot_rank)
{
    static const double logits[] = {1.0, NAN}, good[] = {1.0, 2.0};
    static const uint8_t labels[] = {0, 1}, other[] = {1, 0}, bad[] = {0, 2};
    struct sgeo_difference difference;
    double auc = 7.0;
    assert_usage(sgeo_auc(&auc, CLICKS(logits, labels)), "the prediction of row 1 is nan");
    assert_usage(sgeo_auc(&auc, CLICKS(good, bad)), "the label of row 1 is 2");
    assert_usage(sgeo_auc(&auc, (struct sgeo_clicks){good, labels, 1}), "on 1 rows");
    assert_usage(sgeo_auc_difference(&difference, CLICKS(good, labels), CLICKS(good, other)),
                 "different rows");
    ck_assert_double_eq(auc, 7.0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("auc");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_auc_of_extremes);
    tcase_add_test(tcase, test_auc_of_one_label_is_undefined);
    tcase_add_test(tcase, test_auc_counts_pairs_ties_one_half);
    tcase_add_test(tcase, test_auc_does_not_change_under_a_rising_map);
    tcase_add_test(tcase, test_auc_difference_needs_two_rows_of_a_label_for_an_interval);
    tcase_add_test(tcase, test_auc_difference_interval_covers_as_often_as_it_says);
    tcase_add_test(tcase, test_auc_refuses_what_it_cannot_rank);
    return run_case("stats/auc", tcase);
}
