/*
 * The suite's proxies: identities that their definitions imply, cells without path, and passes that
 * do not disturb each other (loop index 0: double, 1: float).
 */
#include "proxy/cells.h"
#include "proxy/meco.h"
#include "proxy/pearson.h"
#include "space/darts.h"

static const enum sgeo_precision precisions[2] = {SGEO_F64, SGEO_F32};

enum {
    GRADIENTS = SGEO_PASS_BATCH,
    ALL = SGEO_PASS_BATCH | SGEO_PASS_HESSIAN | SGEO_PASS_JACOBIAN | SGEO_PASS_MECO |
          SGEO_PASS_ZEN | SGEO_PASS_SYNFLOW
};

static enum sgeo_status zen_fill(const struct sgeo_store *store, void *theta, void *context)
{
    (void)context;
    return sgeo_store_zen_formula(store, theta);
}

/* All passes asked for, zen's inputs included. */
static const struct sgeo_evidence *measure(struct cells *cells, const struct sgeo_graph *graph,
                                           sgeo_theta_fill fill, unsigned passes)
{
    static const uint64_t keys[2] = {3, 4};
    struct sgeo_zen_inputs zen = {.fill = zen_fill};
    const struct sgeo_request request = {.graph = graph,
                                         .batches = &cells->batches,
                                         .fill = fill,
                                         .passes = passes,
                                         .path_lr = 1.0,
                                         .zen = &zen};
    const struct sgeo_evidence *evidence = NULL;
    rig_ok(sgeo_zen_images(zen.images, (size_t)CELLS_BATCH * CELLS_ELEMS,
                           sgeo_session_backend(cells->session)->ops->precision, keys));
    rig_ok(sgeo_session_measure(cells->session, &request, &evidence));
    sgeo_free(zen.images[0]);
    sgeo_free(zen.images[1]);
    return evidence;
}

static double score_of(const struct sgeo_proxy *proxy, const struct sgeo_evidence *evidence)
{
    struct sgeo_score score;
    proxy->score(&score, evidence, false, NULL);
    return score.value;
}

START_TEST(test_suite_gradient_sums_equal_loops_by_hand)
{
    struct cells cells;
    struct cells_network own;
    struct sgeo_graph *graph = cells_graph(CELL_MIXED);
    double norms = 0.0, snip = 0.0, plain = 0.0, lengths = 0.0, loss;
    cells_open(&cells, precisions[_i]);
    cells_network_open(&own, &cells, graph, cells_fill);
    const struct sgeo_targets targets = {.labels = cells.labels};
    rig_ok(sgeo_network_loss_gradient(own.network, cells.images, &targets, NULL, &loss));
    for (size_t s = 0; s < sgeo_store_count(own.store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(own.store, s);
        double *w = rig_segment(own.store, own.theta, s), *g = rig_segment(own.store, own.grad, s);
        double squares = 0.0, length = 0.0;
        for (size_t i = 0; i < segment->count && sgeo_segment_in_l(segment); i++) {
            squares += g[i] * g[i];
            length += w[i] * w[i];
            snip += fabs(w[i] * g[i]);
            plain += w[i] * g[i];
        }
        norms += sqrt(squares);
        lengths += sqrt(length);
        sgeo_free(w);
        sgeo_free(g);
    }
    const struct sgeo_evidence *evidence = measure(&cells, graph, cells_fill, GRADIENTS);
    ck_assert_double_eq(evidence->suite.loss, loss);
    ck_assert_double_eq_tol(score_of(&sgeo_proxy_grad_norm, evidence), norms, 1e-12 * norms);
    ck_assert_double_eq_tol(score_of(&sgeo_proxy_snip, evidence), snip, 1e-12 * snip);
    ck_assert_double_eq_tol(score_of(&sgeo_proxy_plain, evidence), plain, 1e-12 * snip);
    ck_assert_double_eq_tol(score_of(&sgeo_proxy_l2_norm, evidence), lengths, 1e-12 * lengths);
    cells_network_close(&own);
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

/* sgeo_theta_fill: the stem's weights doubled. */
static enum sgeo_status fill_double_stem(const struct sgeo_store *store, void *theta, void *context)
{
    size_t stem = sgeo_store_find(store, "stem.conv.weight");
    enum sgeo_status status = cells_fill(store, theta, context);
    double *values = rig_segment(store, theta, stem);
    for (size_t i = 0; i < sgeo_store_segment(store, stem)->count; i++) {
        values[i] *= 2.0;
    }
    sgeo_store_import(store, theta, stem, values);
    sgeo_free(values);
    return status;
}

/* Without batch norms every W dR/dW is linear in the stem's weights. */
START_TEST(test_suite_synflow_moves_by_the_log_of_a_layers_scale)
{
    struct cells cells;
    struct sgeo_graph *graph = cells_graph(CELL_MIXED);
    cells_open(&cells, precisions[_i]);
    double once =
        score_of(&sgeo_proxy_synflow, measure(&cells, graph, cells_fill, SGEO_PASS_SYNFLOW));
    double twice =
        score_of(&sgeo_proxy_synflow, measure(&cells, graph, fill_double_stem, SGEO_PASS_SYNFLOW));
    ck_assert_double_eq_tol(twice, once + log(2.0), 1e-12);
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

/* Every image agrees with itself in all units, and with another in no more. */
START_TEST(test_suite_agreement_is_symmetric_with_all_units_on_its_diagonal)
{
    struct cells cells;
    struct sgeo_graph *graph = cells_graph(CELL_MIXED);
    cells_open(&cells, precisions[_i]);
    const struct sgeo_suite_evidence *suite = &measure(&cells, graph, cells_fill, GRADIENTS)->suite;
    for (size_t n = 0; n < CELLS_BATCH; n++) {
        ck_assert_double_eq(suite->agreement[n * CELLS_BATCH + n], (double)suite->relu_units);
        for (size_t m = 0; m < n; m++) {
            double agreement = suite->agreement[n * CELLS_BATCH + m];
            ck_assert_double_eq(agreement, suite->agreement[m * CELLS_BATCH + n]);
            ck_assert_double_lt(agreement, (double)suite->relu_units);
            ck_assert_double_gt(agreement, 0.0);
        }
    }
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

/* ReLUs of edges that reach nothing count too. */
START_TEST(test_suite_relu_units_count_dead_edges)
{
    struct cells cells;
    struct sgeo_graph *graph = cells_graph(CELL_NO_PATH);
    cells_open(&cells, precisions[_i]);
    const struct sgeo_suite_evidence *suite =
        &measure(&cells, graph, cells_fill_cold, GRADIENTS)->suite;
    /* Three stages of two convolutions; two reductions of one ReLU before and one behind the
     * stride; the head. */
    size_t stages = 2 * (4 * 64 + 8 * 16 + 16 * 4);
    size_t reductions = (4 * 64 + 8 * 16) + (8 * 16 + 16 * 4);
    ck_assert_uint_eq(suite->relu_units, stages + reductions + 16 * 4);
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_suite_cell_without_path_has_no_gradient)
{
    struct cells cells;
    struct sgeo_graph *graph = cells_graph(CELL_NO_PATH);
    cells_open(&cells, precisions[_i]);
    const struct sgeo_evidence *evidence = measure(&cells, graph, cells_fill_cold, ALL);
    ck_assert_double_eq(score_of(&sgeo_proxy_grad_norm, evidence), 0.0);
    ck_assert_double_eq(score_of(&sgeo_proxy_snip, evidence), 0.0);
    ck_assert_double_eq(score_of(&sgeo_proxy_plain, evidence), 0.0);
    ck_assert_double_eq(score_of(&sgeo_proxy_grasp, evidence), 0.0);
    ck_assert_double_eq(score_of(&sgeo_proxy_synflow, evidence), 0.0);
    ck_assert_double_gt(score_of(&sgeo_proxy_fisher, evidence), 0.0); /* the logits are biases */
    ck_assert(isnan(score_of(&sgeo_proxy_jacov, evidence)));
    ck_assert(score_of(&sgeo_proxy_zen, evidence) == -HUGE_VAL);
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

static struct sgeo_score whole_score(const struct sgeo_proxy *proxy,
                                     const struct sgeo_evidence *evidence)
{
    struct sgeo_score score;
    proxy->score(&score, evidence, false, NULL);
    return score;
}

/* nb301's last map is a sum of batch norms: its total over the batch, and with it the sum of all
 * logits, is constant. */
START_TEST(test_suite_jacobian_of_sums_of_norms_is_noise)
{
    static const struct sgeo_net_config config = {
        .channels = 4, .cells = 3, .classes = 5, .image_channels = 3, .image_size = 8};
    struct cells cells;
    struct sgeo_graph *graph = NULL, *other = cells_graph(CELL_MIXED);
    struct sgeo_arch arch;
    rig_ok(sgeo_darts.decode(&arch, "1:3 0:3 0:2 1:3 0:2 1:3 0:3 2:2,"
                                    "0:0 1:0 2:2 0:0 0:0 2:2 2:2 0:1"));
    rig_ok(sgeo_darts.build(&graph, &arch, &config));
    cells_open(&cells, precisions[_i]);
    const struct sgeo_evidence *evidence = measure(&cells, graph, cells_fill_cold, ALL);
    ck_assert(whole_score(&sgeo_proxy_jacov, evidence).degenerate);
    ck_assert(whole_score(&sgeo_proxy_epe_nas, evidence).degenerate);
    ck_assert(!whole_score(&sgeo_proxy_naswot, evidence).degenerate);
    evidence = measure(&cells, other, cells_fill_cold, ALL);
    ck_assert(!whole_score(&sgeo_proxy_jacov, evidence).degenerate);
    ck_assert(!whole_score(&sgeo_proxy_epe_nas, evidence).degenerate);
    cells_close(&cells);
    sgeo_graph_destroy(graph);
    sgeo_graph_destroy(other);
}
END_TEST

/* What one pass leaves behind must not reach another. */
START_TEST(test_suite_passes_alone_give_the_bits_of_all_together)
{
    static const struct {
        const struct sgeo_proxy *proxy;
    } proxies[] = {{&sgeo_proxy_grad_norm}, {&sgeo_proxy_fisher}, {&sgeo_proxy_naswot},
                   {&sgeo_proxy_grasp},     {&sgeo_proxy_jacov},  {&sgeo_proxy_epe_nas},
                   {&sgeo_proxy_meco},      {&sgeo_proxy_zen},    {&sgeo_proxy_synflow},
                   {&sgeo_proxy_zico}};
    enum { N = sizeof proxies / sizeof *proxies };
    struct cells cells;
    struct sgeo_graph *graph = cells_graph(CELL_MIXED);
    double together[N];
    cells_open(&cells, precisions[_i]);
    const struct sgeo_evidence *evidence = measure(
        &cells, graph, cells_fill, ALL | SGEO_PASS_FIXED | SGEO_PASS_TANGENT | SGEO_PASS_PATH);
    for (size_t p = 0; p < N; p++) {
        together[p] = score_of(proxies[p].proxy, evidence);
    }
    for (size_t p = 0; p < N; p++) {
        evidence = measure(&cells, graph, cells_fill, proxies[p].proxy->passes);
        double alone = score_of(proxies[p].proxy, evidence);
        ck_assert_msg(alone == together[p], "%s: %.17g alone, %.17g together",
                      proxies[p].proxy->name, alone, together[p]);
    }
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

/* Whether this machine has the executor; where it has not, creation says why. */
static bool has_bf16(void)
{
    struct sgeo_session *session = NULL;
    enum sgeo_status status =
        sgeo_session_create(&session, (struct sgeo_executor){.precision = SGEO_BF16});
    sgeo_session_destroy(session);
    if (status != SGEO_OK) {
        fprintf(stderr, "bf16 skipped: %s\n", sgeo_error_text());
    }
    return status == SGEO_OK;
}

/*
 * Every pass reads maps of either width: what takes one for the other is off by orders of
 * magnitude. A bf16 is off by 2^-9, and of these few small images a ReLU that changes sides can
 * take a tenth of a gradient along: a quarter is allowed.
 */
START_TEST(test_suite_of_bf16_maps_follows_that_of_float_ones)
{
    static const struct {
        const struct sgeo_proxy *proxy;
    } proxies[] = {{&sgeo_proxy_zico},     {&sgeo_proxy_sigeo_eq6}, {&sgeo_proxy_sigeo_naslib},
                   {&sgeo_proxy_fisher},   {&sgeo_proxy_naswot},    {&sgeo_proxy_grad_norm},
                   {&sgeo_proxy_meco_opt}, {&sgeo_proxy_zen},       {&sgeo_proxy_jacov}};
    enum { N = sizeof proxies / sizeof *proxies };
    double scores[2][N];
    struct sgeo_graph *graph = cells_random_graph((size_t)_i);
    for (size_t p = 0; p < 2; p++) {
        struct cells cells;
        cells_open(&cells, p == 0 ? SGEO_F32 : SGEO_BF16);
        const struct sgeo_evidence *evidence =
            measure(&cells, graph, cells_fill_cold,
                    ALL | SGEO_PASS_FIXED | SGEO_PASS_TANGENT | SGEO_PASS_PATH);
        for (size_t i = 0; i < N; i++) {
            scores[p][i] = score_of(proxies[i].proxy, evidence);
        }
        cells_close(&cells);
    }
    for (size_t i = 0; i < N; i++) {
        ck_assert_msg(fabs(scores[1][i] - scores[0][i]) <= 0.25 * fabs(scores[0][i]),
                      "%s: %g in f32, %g in bf16", proxies[i].proxy->name, scores[0][i],
                      scores[1][i]);
    }
    sgeo_graph_destroy(graph);
}
END_TEST

/* Though the mean of equal numbers is not always one of them. */
START_TEST(test_pearson_of_a_constant_row_is_not_defined)
{
    enum { D = 144 };
    double rows[2 * D], correlation[4];
    for (size_t v = 1; v <= 200; v++) {
        for (size_t i = 0; i < D; i++) {
            rows[i] = 0.01 * (double)v;
            rows[D + i] = (double)i;
        }
        sgeo_pearson(correlation, rows, 2, D);
        ck_assert_msg(isnan(correlation[0]) && isnan(correlation[1]), "%zu", v);
        ck_assert_double_eq_tol(correlation[3], 1.0, 1e-14);
    }
}
END_TEST

START_TEST(test_pearson_of_proportional_rows_is_one)
{
    double rows[3 * 4] = {1.0, 2.0, 3.0, 5.0, -2.0, -4.0, -6.0, -10.0, 7.0, 7.0, 7.0, 7.0};
    double correlation[9];
    sgeo_pearson(correlation, rows, 3, 4);
    ck_assert_double_eq_tol(correlation[0], 1.0, 1e-15);
    ck_assert_double_eq_tol(correlation[1], -1.0, 1e-15);
    ck_assert(isnan(correlation[2]) && isnan(correlation[8]));
}
END_TEST

/* Two equal channels: correlations have rank n - 1. A constant channel counts as uncorrelated with
 * everything, itself included. */
START_TEST(test_meco_of_redundant_channels_is_zero)
{
    double twins[2 * 5] = {1.0, 4.0, 2.0, 8.0, 5.0, 1.0, 4.0, 2.0, 8.0, 5.0};
    double flat[2 * 3] = {1.0, 2.0, 4.0, 6.0, 6.0, 6.0};
    struct sgeo_meco_values values;
    rig_ok(sgeo_meco_map(&values, twins, 2, 5));
    ck_assert_double_eq_tol(values.smallest, 0.0, 1e-15);
    ck_assert_double_eq(values.smallest_of_eight, 0.0);
    rig_ok(sgeo_meco_map(&values, flat, 2, 3));
    ck_assert_double_eq_tol(values.smallest, 0.0, 1e-15);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("suite");
    TCase *tcase = tcase_create("both precisions");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_suite_gradient_sums_equal_loops_by_hand, 0, 2);
    tcase_add_loop_test(tcase, test_suite_synflow_moves_by_the_log_of_a_layers_scale, 0, 2);
    tcase_add_loop_test(tcase, test_suite_agreement_is_symmetric_with_all_units_on_its_diagonal, 0,
                        2);
    tcase_add_loop_test(tcase, test_suite_relu_units_count_dead_edges, 0, 2);
    tcase_add_loop_test(tcase, test_suite_jacobian_of_sums_of_norms_is_noise, 0, 2);
    tcase_add_loop_test(tcase, test_suite_cell_without_path_has_no_gradient, 0, 2);
    tcase_add_loop_test(tcase, test_suite_passes_alone_give_the_bits_of_all_together, 0, 2);
    if (has_bf16()) {
        tcase_add_loop_test(tcase, test_suite_of_bf16_maps_follows_that_of_float_ones, 0, 6);
    }
    tcase_add_test(tcase, test_pearson_of_a_constant_row_is_not_defined);
    tcase_add_test(tcase, test_pearson_of_proportional_rows_is_one);
    tcase_add_test(tcase, test_meco_of_redundant_channels_is_zero);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
