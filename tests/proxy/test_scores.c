/*
 * Scores from the evidence: the identities of the weights, cells without path, cells that feed a
 * convolution with zeros, and float against double (loop index 0: double, 1: float).
 */
#include "proxy/cells.h"

static const enum sgeo_precision precisions[2] = {SGEO_F64, SGEO_F32};

enum { ALL = SGEO_PASS_FIXED | SGEO_PASS_TANGENT | SGEO_PASS_PATH, RANDOM = 6 };

static const struct sgeo_lambda zico_only = {1.0, 0.0, 0.0}, loss_only = {0.0, 0.0, 1.0};
static const struct sgeo_proxy *const with_terms[2] = {&sgeo_proxy_sigeo_naslib,
                                                       &sgeo_proxy_sigeo_eq6};

enum { PROXIES = 32 };

/* Whether the passes here are enough for a proxy; the suite's have tests of their own. */
static bool is_scored(const struct sgeo_proxy *proxy)
{
    return (proxy->passes & ~(unsigned)ALL) == 0;
}

/* Score the cell with every proxy of these passes; scores in the order of sgeo_proxy_all. */
static void score_all(struct sgeo_score *scores, struct cells *cells,
                      const struct sgeo_graph *graph, sgeo_theta_fill fill, bool warm,
                      const struct sgeo_lambda *lambda)
{
    const struct sgeo_evidence *evidence = cells_measure(cells, graph, fill, ALL);
    for (size_t p = 0; sgeo_proxy_all()[p] != NULL; p++) {
        ck_assert_uint_lt(p, PROXIES);
        if (is_scored(sgeo_proxy_all()[p])) {
            sgeo_proxy_all()[p]->score(&scores[p], evidence, warm, lambda);
        }
    }
}

static struct sgeo_score score_one(const struct sgeo_proxy *proxy, struct cells *cells,
                                   const struct sgeo_graph *graph, sgeo_theta_fill fill, bool warm,
                                   const struct sgeo_lambda *lambda)
{
    struct sgeo_score score;
    proxy->score(&score, cells_measure(cells, graph, fill, proxy->passes), warm, lambda);
    return score;
}

/* --- weights ---------------------------------------------------------------------------------- */

START_TEST(test_scores_lambda_of_zico_gives_the_zico_term)
{
    struct cells cells;
    struct sgeo_graph *graph = cells_graph(CELL_MIXED);
    cells_open(&cells, precisions[_i]);
    double zico = score_one(&sgeo_proxy_zico, &cells, graph, cells_fill, false, NULL).value;
    for (size_t p = 0; p < 2; p++) {
        struct sgeo_score score =
            score_one(with_terms[p], &cells, graph, cells_fill, true, &zico_only);
        ck_assert(score.value == score.term_zico);
    }
    ck_assert(score_one(&sgeo_proxy_sigeo_eq6, &cells, graph, cells_fill, true, &zico_only).value ==
              zico);
    ck_assert(
        score_one(&sgeo_proxy_sigeo_naslib, &cells, graph, cells_fill, true, &zico_only).value !=
        zico);
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

/* (0,0,1): minus the mean loss at theta, or minus the last loss of the path. */
START_TEST(test_scores_lambda_of_loss_ranks_by_minus_the_loss)
{
    struct cells cells;
    double scores[2][RANDOM], losses[2][RANDOM];
    cells_open(&cells, precisions[_i]);
    for (size_t r = 0; r < RANDOM; r++) {
        struct sgeo_graph *graph = cells_random_graph(r);
        const struct sgeo_evidence *evidence = cells_measure(&cells, graph, cells_fill, ALL);
        losses[0][r] = evidence->path_losses[CELLS_K - 1];
        losses[1][r] = (evidence->losses[0] + evidence->losses[1] + evidence->losses[2] +
                        evidence->losses[3]) /
                       4;
        for (size_t p = 0; p < 2; p++) {
            struct sgeo_score score;
            with_terms[p]->score(&score, evidence, true, &loss_only);
            scores[p][r] = score.value;
        }
        sgeo_graph_destroy(graph);
    }
    for (size_t p = 0; p < 2; p++) {
        for (size_t a = 0; a < RANDOM; a++) {
            for (size_t b = 0; b < RANDOM; b++) {
                ck_assert_int_eq(scores[p][a]<scores[p][b], losses[p][a]> losses[p][b]);
            }
        }
    }
    cells_close(&cells);
}
END_TEST

START_TEST(test_scores_recombination_equals_the_direct_score)
{
    static const struct sgeo_lambda lambdas[] = {{1, 1, 0}, {1, 50, 1}, {0.25, -3, 7}, {0, 1, 1}};
    struct cells cells;
    struct sgeo_graph *graph = cells_graph(CELL_MIXED);
    cells_open(&cells, precisions[_i]);
    const struct sgeo_evidence *evidence = cells_measure(&cells, graph, cells_fill, ALL);
    for (size_t p = 0; p < 2; p++) {
        struct sgeo_score stored, direct;
        with_terms[p]->score(&stored, evidence, false, NULL);
        for (size_t l = 0; l < sizeof lambdas / sizeof *lambdas; l++) {
            with_terms[p]->score(&direct, evidence, false, &lambdas[l]);
            ck_assert(direct.value == sgeo_recombine(&stored, &lambdas[l]));
            ck_assert_double_eq_tol(direct.value,
                                    lambdas[l].zico * stored.term_zico +
                                        lambdas[l].fr * stored.term_fr -
                                        lambdas[l].loss * stored.term_loss,
                                    1e-9);
        }
    }
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_scores_default_weights_depend_on_warmth)
{
    static const struct sgeo_lambda cold = {1, 1, 0}, warm = {1, 50, 1};
    struct cells cells;
    struct sgeo_graph *graph = cells_graph(CELL_MIXED);
    cells_open(&cells, precisions[_i]);
    for (size_t p = 0; p < 2; p++) {
        struct sgeo_score first = score_one(with_terms[p], &cells, graph, cells_fill, false, NULL);
        struct sgeo_score second = score_one(with_terms[p], &cells, graph, cells_fill, true, NULL);
        ck_assert(first.value == sgeo_recombine(&first, &cold));
        ck_assert(second.value == sgeo_recombine(&second, &warm));
        ck_assert(first.value != second.value);
    }
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_scores_weight_of_zero_drops_an_infinite_term)
{
    const struct sgeo_score terms = {
        .term_zico = 2.0, .term_fr = -HUGE_VAL, .term_loss = (double)NAN};
    ck_assert(sgeo_recombine(&terms, &zico_only) == 2.0);
    ck_assert(sgeo_recombine(&terms, &(struct sgeo_lambda){1.0, 1.0, 0.0}) == -HUGE_VAL);
    ck_assert(isnan(sgeo_recombine(&terms, &loss_only)));
}
END_TEST

START_TEST(test_scores_zico_term_skips_layers_without_deviation)
{
    const double inner[4] = {2.0, 0.0, 8.0, 0.5}, nothing[2] = {0.0, 0.0};
    ck_assert_double_eq_tol(sgeo_zico_term(inner, 4), log(8.0), 1e-15);
    ck_assert(sgeo_zico_term(nothing, 2) == 0.0);
    ck_assert(sgeo_zico_term(NULL, 0) == 0.0);
}
END_TEST

/* The per-layer absolute value counts layers that the first term keeps, and them only. */
START_TEST(test_scores_naslib_sums_absolute_dots_of_kept_layers)
{
    double inner[3] = {3.0, 0.0, 2.0}, dots[3] = {-0.5, 100.0, 0.25},
           losses[CELLS_K] = {9.0, 8.0, 7.0, 1.5};
    const struct sgeo_evidence evidence = {
        .k = CELLS_K, .n_layers = 3, .path_inner = inner, .path_dot = dots, .path_losses = losses};
    struct sgeo_score score;
    sgeo_proxy_sigeo_naslib.score(&score, &evidence, true, NULL);
    ck_assert_double_eq_tol(score.term_zico, log(6.0), 1e-15);
    ck_assert_double_eq_tol(score.term_fr, 2.0 * log(0.75 + 1e-5), 1e-15);
    ck_assert(score.term_loss == 1.5);
    ck_assert_double_eq_tol(score.value, log(6.0) + 100.0 * log(0.75 + 1e-5) - 1.5, 1e-12);
}
END_TEST

START_TEST(test_scores_without_terms_say_so)
{
    struct cells cells;
    struct sgeo_graph *graph = cells_graph(CELL_MIXED);
    struct sgeo_score scores[PROXIES];
    cells_open(&cells, precisions[_i]);
    score_all(scores, &cells, graph, cells_fill, false, NULL);
    for (size_t p = 0; sgeo_proxy_all()[p] != NULL; p++) {
        bool terms = sgeo_proxy_all()[p]->has_terms;
        if (!is_scored(sgeo_proxy_all()[p])) {
            continue;
        }
        ck_assert_msg(isnan(scores[p].term_fr) == !terms && isnan(scores[p].term_loss) == !terms,
                      "%s", sgeo_proxy_all()[p]->name);
        ck_assert(isfinite(scores[p].value) && scores[p].seconds_cpu >= 0.0);
    }
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_scores_sizes_are_in_millions)
{
    const struct sgeo_evidence evidence = {.counts = {.params = 2500000, .tensorwatch_flops = 7}};
    struct sgeo_score params, flops;
    sgeo_proxy_params.score(&params, &evidence, false, NULL);
    sgeo_proxy_flops.score(&flops, &evidence, false, NULL);
    ck_assert(params.value == 2.5 && flops.value == 7e-6);
}
END_TEST

START_TEST(test_scores_proxies_are_found_by_name)
{
    for (size_t p = 0; sgeo_proxy_all()[p] != NULL; p++) {
        ck_assert_ptr_eq(sgeo_proxy_find(sgeo_proxy_all()[p]->name), sgeo_proxy_all()[p]);
    }
    ck_assert_ptr_eq(sgeo_proxy_find("sigeo"), &sgeo_proxy_sigeo_naslib);
    ck_assert_ptr_null(sgeo_proxy_find("sigeo-"));
    ck_assert_ptr_null(sgeo_proxy_find(""));
}
END_TEST

/* --- cells of zeros --------------------------------------------------------------------------- */

START_TEST(test_scores_of_a_cell_without_path_are_the_bottom)
{
    struct cells cells;
    struct sgeo_graph *graph = cells_graph(CELL_NO_PATH);
    cells_open(&cells, precisions[_i]);
    ck_assert(score_one(&sgeo_proxy_zico, &cells, graph, cells_fill_cold, false, NULL).value ==
              0.0);
    double naslib =
        score_one(&sgeo_proxy_sigeo_naslib, &cells, graph, cells_fill_cold, false, NULL).value;
    ck_assert_double_eq_tol(naslib, 2.0 * log(1e-5), 1e-12);
    struct sgeo_score eq6 =
        score_one(&sgeo_proxy_sigeo_eq6, &cells, graph, cells_fill_cold, false, NULL);
    ck_assert(eq6.value == -HUGE_VAL && eq6.term_fr == -HUGE_VAL && eq6.term_zico == 0.0);
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

static double largest_gradient(struct cells_network *own, const char *name)
{
    size_t s = sgeo_store_find(own->store, name);
    ck_assert_uint_ne(s, SGEO_NONE);
    double *gradient = rig_segment(own->store, own->grad, s);
    double largest = rig_largest(gradient, sgeo_store_segment(own->store, s)->count);
    sgeo_free(gradient);
    return largest;
}

/* The convolution only sees zeros, its norm's shift does not. */
START_TEST(test_scores_edge_leaving_a_zero_node_gets_a_shift_gradient)
{
    struct cells cells;
    struct cells_network own;
    struct sgeo_graph *graph = cells_graph(CELL_FROM_ZERO);
    cells_open(&cells, precisions[_i]);
    cells_network_open(&own, &cells, graph, cells_fill_cold);
    cells_gradient(&own, &cells, 0);
    ck_assert(largest_gradient(&own, "cell0.edge1-2.bn.shift") > 1e-4);
    ck_assert(largest_gradient(&own, "cell0.edge1-2.conv.weight") == 0.0);
    ck_assert(largest_gradient(&own, "cell0.edge1-2.bn.scale") == 0.0);
    cells_network_close(&own);
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

/* Untrained, the edge adds nothing; after one step with lr 1 it has moved the loss. */
START_TEST(test_scores_edge_leaving_a_zero_node_matters_after_one_step)
{
    static const char *const texts[2] = {CELL_FROM_ZERO, CELL_WITHOUT_IT};
    struct cells cells;
    double losses[2][2];
    cells_open(&cells, precisions[_i]);
    for (size_t t = 0; t < 2; t++) {
        struct sgeo_graph *graph = cells_graph(texts[t]);
        const struct sgeo_evidence *evidence =
            cells_measure(&cells, graph, cells_fill_cold, SGEO_PASS_PATH);
        memcpy(losses[t], evidence->path_losses, sizeof losses[t]);
        sgeo_graph_destroy(graph);
    }
    ck_assert(losses[0][0] == losses[1][0]);
    ck_assert_msg(fabs(losses[0][1] - losses[1][1]) > 1e-3, "%.9g and %.9g", losses[0][1],
                  losses[1][1]);
    cells_close(&cells);
}
END_TEST

/* --- precision -------------------------------------------------------------------------------- */

START_TEST(test_scores_float_networks_equal_double_ones)
{
    struct sgeo_graph *graph = cells_random_graph((size_t)_i);
    double losses[2][CELLS_K], derivatives[2][CELLS_IMAGES], gradients[2][CELLS_K];
    for (size_t p = 0; p < 2; p++) {
        struct cells cells;
        cells_open(&cells, precisions[p]);
        const struct sgeo_evidence *evidence =
            cells_measure(&cells, graph, cells_fill, SGEO_PASS_FIXED | SGEO_PASS_TANGENT);
        memcpy(losses[p], evidence->losses, sizeof losses[p]);
        memcpy(gradients[p], evidence->theta_dot, sizeof gradients[p]);
        memcpy(derivatives[p], evidence->dloss_dalpha, sizeof derivatives[p]);
        cells_close(&cells);
    }
    rig_assert_near(losses[1], losses[0], CELLS_K, 1.0, 1e-5, "losses");
    rig_assert_near(gradients[1], gradients[0], CELLS_K, 1.0, 1e-4, "theta dot gradient");
    rig_assert_near(derivatives[1], derivatives[0], CELLS_IMAGES,
                    fmax(1.0, rig_largest(derivatives[0], CELLS_IMAGES)), 1e-4, "d l_n / d alpha");
    sgeo_graph_destroy(graph);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scores");
    TCase *tcase = tcase_create("both precisions");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_scores_lambda_of_zico_gives_the_zico_term, 0, 2);
    tcase_add_loop_test(tcase, test_scores_lambda_of_loss_ranks_by_minus_the_loss, 0, 2);
    tcase_add_loop_test(tcase, test_scores_recombination_equals_the_direct_score, 0, 2);
    tcase_add_loop_test(tcase, test_scores_default_weights_depend_on_warmth, 0, 2);
    tcase_add_test(tcase, test_scores_weight_of_zero_drops_an_infinite_term);
    tcase_add_test(tcase, test_scores_zico_term_skips_layers_without_deviation);
    tcase_add_test(tcase, test_scores_naslib_sums_absolute_dots_of_kept_layers);
    tcase_add_loop_test(tcase, test_scores_without_terms_say_so, 0, 2);
    tcase_add_test(tcase, test_scores_sizes_are_in_millions);
    tcase_add_test(tcase, test_scores_proxies_are_found_by_name);
    tcase_add_loop_test(tcase, test_scores_of_a_cell_without_path_are_the_bottom, 0, 2);
    tcase_add_loop_test(tcase, test_scores_edge_leaving_a_zero_node_gets_a_shift_gradient, 0, 2);
    tcase_add_loop_test(tcase, test_scores_edge_leaving_a_zero_node_matters_after_one_step, 0, 2);
    tcase_add_loop_test(tcase, test_scores_float_networks_equal_double_ones, 0, RANDOM);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
