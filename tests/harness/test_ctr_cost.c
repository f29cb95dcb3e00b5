/* The estimate of a search: it grows with what makes searches long. */
#include "harness/ctr_cost.h"

#include "base/suite.h"

static const struct sgeo_ctr_draw draw = {.k = 4};

static struct sgeo_ctr_cost cost_of(enum sgeo_nasrec_space space, size_t steps,
                                    const struct sgeo_ctr_judge *judge)
{
    const struct sgeo_nasrec_supernet shape = sgeo_nasrec_supernet(space, 13, 26);
    const struct sgeo_ctr_recipe recipe = {
        .batch = 256, .steps = steps, .fade_steps = 576, .proxy_batch = 512};
    struct sgeo_ctr_cost cost;
    ck_assert_msg(sgeo_ctr_cost(&cost, &shape, &recipe, judge, 1) == SGEO_OK, "%s",
                  sgeo_error_text());
    return cost;
}

START_TEST(test_ctr_cost_of_warm_ups)
{
    const struct sgeo_ctr_judge judge = {.proxy = &sgeo_proxy_zico, .draw = &draw};
    double none = cost_of(SGEO_NASREC_SMALL, 0, &judge).warmup;
    double short_one = cost_of(SGEO_NASREC_SMALL, 28, &judge).warmup;
    double long_one = cost_of(SGEO_NASREC_SMALL, 2750, &judge).warmup;
    ck_assert(none == 0.0);
    ck_assert_double_gt(long_one, 5.0 * short_one);
    ck_assert_double_lt(long_one, 90.0 * short_one); /* full paths, the dear ones, come first */
    ck_assert_double_gt(cost_of(SGEO_NASREC_FULL, 28, &judge).warmup, 2.0 * short_one);
}
END_TEST

START_TEST(test_ctr_cost_of_evaluations)
{
    struct sgeo_ctr_judge judge = {.proxy = &sgeo_proxy_zico_nasrec, .draw = &draw};
    double last_layer = cost_of(SGEO_NASREC_SMALL, 0, &judge).evaluation;
    judge.proxy = &sgeo_proxy_zico;
    double all = cost_of(SGEO_NASREC_SMALL, 0, &judge).evaluation;
    judge.proxy = &sgeo_proxy_sigeo_eq6;
    double tangent = cost_of(SGEO_NASREC_SMALL, 0, &judge).evaluation;
    judge.proxy = NULL;
    judge.one_shot.steps = 500;
    judge.one_shot.batch = 512;
    judge.one_shot.valid.rows = 11000;
    double one_shot = cost_of(SGEO_NASREC_SMALL, 0, &judge).evaluation;
    ck_assert_double_gt(last_layer, 0.0);
    ck_assert_double_eq_tol(all, 3.0 * last_layer, 1e-9 * all);
    ck_assert_double_eq_tol(tangent, 4.0 * last_layer, 1e-9 * all);
    ck_assert_double_eq_tol(one_shot, last_layer * (500 * 512 + 11000) / 2048, 1e-9 * one_shot);
}
END_TEST

static double final_cost(const char *name, size_t steps)
{
    const struct sgeo_ctr_final_recipe recipe = {.batch = 256, .steps = steps, .peak = 0.1};
    struct sgeo_ctr_named model;
    double seconds = 0.0;
    ck_assert_int_eq(sgeo_ctr_named_parse(&model, name), SGEO_OK);
    ck_assert_int_eq(sgeo_ctr_final_cost(&seconds, &sgeo_ctr_criteo, &model, &recipe), SGEO_OK);
    return seconds;
}

START_TEST(test_ctr_cost_of_trainings)
{
    double dlrm = final_cost("dlrm", 343);
    ck_assert_double_gt(dlrm, 0.0);
    ck_assert_double_eq_tol(final_cost("dlrm", 686), 2.0 * dlrm, 1e-9 * dlrm);
    ck_assert_double_gt(final_cost("criteo-small", 343), 2.0 * dlrm); /* 2.4 against 0.5 M MACs */
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("ctr_cost");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_ctr_cost_of_warm_ups);
    tcase_add_test(tcase, test_ctr_cost_of_evaluations);
    tcase_add_test(tcase, test_ctr_cost_of_trainings);
    return run_case("ctr_cost", tcase);
}
