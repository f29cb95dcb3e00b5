/* All scores of a candidate at once: each is what it is alone, sizes are the stand-alone model's.
 */
#include "harness/ctr_scores.h"

#include <math.h>

#include "harness/clicks_rig.h"
#include "harness/ctr_named.h"

enum { BATCHES = 2, ROWS = 32 };

static struct sgeo_backend *backend;
static struct sgeo_ctr_supernet *supernet;
static struct sgeo_ctr_draw draw;
static struct sgeo_ctr_judge judge;
static struct sgeo_ctr_bench *bench;
static struct sgeo_nasrec_arch arch;

static void setup(void)
{
    size_t table_rows[SGEO_CTR_FIELDS_MAX];
    struct sgeo_ctr_named model;
    clicks_create("criteo");
    const struct sgeo_nasrec_supernet shape = sgeo_nasrec_supernet(
        SGEO_NASREC_SMALL, clicks.data.schema->n_dense, clicks.data.schema->n_fields);
    sgeo_ctr_set_table_rows(table_rows, &clicks);
    ok(sgeo_backend_create(&backend, click_options.executor));
    ok(sgeo_ctr_supernet_create(&supernet, &shape, table_rows, backend, 3));
    ok(sgeo_ctr_draw_create(&draw, clicks.train, 3, BATCHES, ROWS));
    judge = (struct sgeo_ctr_judge){
        .supernet = supernet,
        .executor = click_options.executor,
        .draw = &draw,
        .warm = true,
        .one_shot = {.train = sgeo_ctr_part_feed_rows(clicks.train, SIZE_MAX),
                     .valid = sgeo_ctr_part_feed_rows(clicks.valid, 200),
                     .steps = 5,
                     .batch = 32,
                     .valid_batch = 100}};
    ok(sgeo_ctr_bench_create(&bench, &judge));
    ok(sgeo_ctr_named_parse(&model, "criteo-small"));
    arch = model.arch;
}

static void teardown(void)
{
    sgeo_ctr_bench_destroy(bench);
    sgeo_ctr_draw_destroy(&draw);
    sgeo_ctr_supernet_destroy(supernet);
    sgeo_backend_destroy(backend);
    clicks_destroy();
}

static struct sgeo_score alone(const struct sgeo_proxy *proxy)
{
    struct sgeo_score score;
    ok(sgeo_ctr_scores(&score, bench, clicks.data.schema, &arch, &proxy, 1));
    return score;
}

/* As a search judges by it; NULL: by a loss. */
static double searched(const struct sgeo_proxy *proxy)
{
    const struct sgeo_lambda lambda = sgeo_ctr_default_lambda(true);
    struct sgeo_ctr_judge own = judge;
    own.proxy = proxy;
    own.lambda = proxy == &sgeo_proxy_sigeo_eq6 ? &lambda : NULL;
    const struct sgeo_search_scorer scorer = sgeo_ctr_scorer(&own);
    const struct sgeo_candidate candidate = {.arch = arch};
    void *opened = NULL;
    double score = 0.0;
    ok(scorer.open(&opened, NULL, scorer.context));
    ok(scorer.score(&score, opened, &candidate));
    scorer.close(opened);
    return score;
}

START_TEST(test_ctr_scores_together_are_those_alone_and_of_searches)
{
    const struct sgeo_proxy *const proxies[] = {
        &sgeo_proxy_oneshot, &sgeo_proxy_zico,        &sgeo_proxy_sigeo_eq6_head,
        &sgeo_proxy_params,  &sgeo_proxy_sigeo_eq6,   &sgeo_proxy_zico_nasrec,
        &sgeo_proxy_flops,   &sgeo_proxy_sigeo_nasrec};
    enum { PROXIES = sizeof proxies / sizeof *proxies };
    struct sgeo_score scores[PROXIES];
    ok(sgeo_ctr_scores(scores, bench, clicks.data.schema, &arch, proxies, PROXIES));
    for (size_t p = 0; p < PROXIES; p++) {
        ck_assert_double_eq(scores[p].value, alone(proxies[p]).value);
    }
    ck_assert_double_gt(scores[1].seconds_cpu, 0.0);
    ck_assert_double_gt(scores[4].seconds_cpu, scores[1].seconds_cpu); /* its tangents */
    ck_assert_double_eq(scores[0].value, -searched(NULL));
    ck_assert_double_eq(scores[1].value, searched(&sgeo_proxy_zico));
    ck_assert_double_eq(scores[4].value, searched(&sgeo_proxy_sigeo_eq6));
    ck_assert_double_eq(scores[5].value, searched(&sgeo_proxy_zico_nasrec));
    ck_assert_double_eq(scores[7].value, searched(&sgeo_proxy_sigeo_nasrec));
}
END_TEST

/* The formula is the same, and so are the losses; gradients of fewer parameters are not. */
START_TEST(test_ctr_scores_of_the_head_are_the_formula_on_the_last_layer)
{
    const struct sgeo_score all = alone(&sgeo_proxy_sigeo_eq6),
                            head = alone(&sgeo_proxy_sigeo_eq6_head);
    ck_assert_double_eq_tol(head.term_loss, all.term_loss, 1e-6);
    ck_assert_double_gt(fabs(head.term_zico - all.term_zico), 1.0);
    ck_assert_double_eq_tol(head.value, head.term_zico + head.term_fr - head.term_loss, 1e-9);
    judge.warm = false; /* (1,1,0) cold */
    const struct sgeo_score cold = alone(&sgeo_proxy_sigeo_eq6_head);
    ck_assert_double_eq_tol(cold.value, cold.term_zico + cold.term_fr, 1e-9);
}
END_TEST

/* Non-embedding parameters and multiply-accumulates of the published architecture. */
START_TEST(test_ctr_scores_count_the_stand_alone_model)
{
    ck_assert_double_eq_tol(alone(&sgeo_proxy_params).value, 1.779720, 1e-9);
    ck_assert_double_eq_tol(alone(&sgeo_proxy_flops).value, 2.415, 5e-4);
}
END_TEST

START_TEST(test_ctr_scores_refuse_proxies_of_images)
{
    const struct sgeo_proxy *const naswot = &sgeo_proxy_naswot;
    struct sgeo_score score;
    ck_assert(!sgeo_ctr_scores_has(naswot));
    ck_assert_int_eq(sgeo_ctr_scores(&score, bench, clicks.data.schema, &arch, &naswot, 1),
                     SGEO_USAGE);
    assert_error_has("naswot is no score of click-through models");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("ctr_scores");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, test_ctr_scores_together_are_those_alone_and_of_searches);
    tcase_add_test(tcase, test_ctr_scores_of_the_head_are_the_formula_on_the_last_layer);
    tcase_add_test(tcase, test_ctr_scores_count_the_stand_alone_model);
    tcase_add_test(tcase, test_ctr_scores_refuse_proxies_of_images);
    return run_case("harness/ctr_scores", tcase);
}
