/*
 * What a session measures, against loops of the test's own, and that passes and architectures do
 * not touch each other (loop index 0: double, 1: float).
 */
#include "proxy/cells.h"

static const enum sgeo_precision precisions[2] = {SGEO_F64, SGEO_F32};

enum { FIXED = SGEO_PASS_FIXED, TANGENT = SGEO_PASS_TANGENT, PATH = SGEO_PASS_PATH };

/* The numbers of an evidence that outlive its session. */
struct kept {
    size_t n_layers, zero_std;
    double losses[CELLS_K], theta_dot[CELLS_K], path_losses[CELLS_K], dloss[CELLS_IMAGES];
    double inner[64], path_inner[64], path_dot[64];
};

static void keep(struct kept *kept, const struct sgeo_evidence *evidence)
{
    size_t layers = evidence->n_layers;
    ck_assert_uint_le(layers, 64);
    memset(kept, 0, sizeof *kept);
    kept->n_layers = layers;
    kept->zero_std = evidence->zero_std;
    memcpy(kept->losses, evidence->losses, sizeof kept->losses);
    memcpy(kept->theta_dot, evidence->theta_dot, sizeof kept->theta_dot);
    memcpy(kept->path_losses, evidence->path_losses, sizeof kept->path_losses);
    memcpy(kept->dloss, evidence->dloss_dalpha, sizeof kept->dloss);
    memcpy(kept->inner, evidence->inner, layers * sizeof *kept->inner);
    memcpy(kept->path_inner, evidence->path_inner, layers * sizeof *kept->path_inner);
    memcpy(kept->path_dot, evidence->path_dot, layers * sizeof *kept->path_dot);
}

static void measure(struct kept *kept, struct cells *cells, const char *cell, unsigned passes)
{
    struct sgeo_graph *graph = cells_graph(cell);
    keep(kept, cells_measure(cells, graph, cells_fill, passes));
    sgeo_graph_destroy(graph);
}

/* --- against loops by hand -------------------------------------------------------------------- */

/* mean_b |g_b| / population deviation; 0 where all k are equal. */
static double ratio(const double *const g[CELLS_K], size_t i)
{
    double mean = 0.0, mean_abs = 0.0, square = 0.0;
    for (size_t b = 0; b < CELLS_K; b++) {
        mean += g[b][i] / CELLS_K;
        mean_abs += fabs(g[b][i]) / CELLS_K;
    }
    for (size_t b = 0; b < CELLS_K; b++) {
        square += (g[b][i] - mean) * (g[b][i] - mean) / CELLS_K;
    }
    bool equal = g[1][i] == g[0][i] && g[2][i] == g[0][i] && g[3][i] == g[0][i];
    return equal ? 0.0 : mean_abs / sqrt(square);
}

/* The evidence of a path of learning rate lr (0: fixed) by plain loops over row-major doubles. */
struct by_hand {
    double losses[CELLS_K], inner[64], dot[64];
};

static void sum_layers(struct by_hand *hand, const struct cells_network *own,
                       double *const grads[CELLS_K])
{
    size_t layer = 0, at = 0;
    for (size_t s = 0; s < sgeo_store_count(own->store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(own->store, s);
        const double *g[CELLS_K] = {grads[0] + at, grads[1] + at, grads[2] + at, grads[3] + at};
        double *w = rig_segment(own->store, own->theta, s);
        at += segment->count;
        if (sgeo_segment_in_l(segment)) {
            hand->inner[layer] = hand->dot[layer] = 0.0;
            for (size_t i = 0; i < segment->count; i++) {
                hand->inner[layer] += ratio(g, i);
                hand->dot[layer] += w[i] * (g[0][i] + g[1][i] + g[2][i] + g[3][i]);
            }
            layer++;
        }
        sgeo_free(w);
    }
}

static void walk(struct by_hand *hand, struct cells *cells, const char *cell, double lr)
{
    struct cells_network own;
    struct sgeo_graph *graph = cells_graph(cell);
    double *grads[CELLS_K];
    cells_network_open(&own, cells, graph, cells_fill);
    size_t count = sgeo_store_logical(own.store);
    double *theta = rig_zeros(count, sizeof *theta);
    for (size_t b = 0; b < CELLS_K; b++) {
        hand->losses[b] = cells_gradient(&own, cells, b);
        grads[b] = rig_zeros(count, sizeof *grads[b]);
        sgeo_store_export_all(own.store, grads[b], own.grad);
        sgeo_store_export_all(own.store, theta, own.theta);
        for (size_t i = 0; i < count; i++) {
            theta[i] -= lr * grads[b][i];
        }
        sgeo_store_import_all(own.store, own.theta, theta);
    }
    sum_layers(hand, &own, grads);
    for (size_t b = 0; b < CELLS_K; b++) {
        sgeo_free(grads[b]);
    }
    sgeo_free(theta);
    cells_network_close(&own);
    sgeo_graph_destroy(graph);
}

static void assert_layers_near(const double *got, const double *expected, size_t n,
                               double tolerance)
{
    for (size_t l = 0; l < n; l++) {
        double bound = tolerance * fmax(1e-3, fabs(expected[l]));
        ck_assert_msg(fabs(got[l] - expected[l]) <= bound, "layer %zu: got %.12g, expected %.12g",
                      l, got[l], expected[l]);
    }
}

START_TEST(test_session_fixed_pass_equals_loops_by_hand)
{
    struct cells cells;
    struct kept kept;
    struct by_hand hand;
    cells_open(&cells, precisions[_i]);
    walk(&hand, &cells, CELL_MIXED, 0.0);
    measure(&kept, &cells, CELL_MIXED, FIXED);
    rig_assert_near(kept.losses, hand.losses, CELLS_K, 1.0, 0.0, "losses");
    assert_layers_near(kept.inner, hand.inner, kept.n_layers, _i == 0 ? 1e-9 : 1e-3);
    cells_close(&cells);
}
END_TEST

START_TEST(test_session_path_equals_loops_by_hand)
{
    struct cells cells;
    struct kept kept;
    struct by_hand hand;
    cells_open(&cells, precisions[_i]);
    walk(&hand, &cells, CELL_MIXED, 1.0);
    measure(&kept, &cells, CELL_MIXED, PATH);
    rig_assert_near(kept.path_losses, hand.losses, CELLS_K, 1.0, _i == 0 ? 1e-12 : 1e-4, "losses");
    assert_layers_near(kept.path_inner, hand.inner, kept.n_layers, _i == 0 ? 1e-8 : 1e-2);
    assert_layers_near(kept.path_dot, hand.dot, kept.n_layers, _i == 0 ? 1e-9 : 1e-2);
    ck_assert(fabs(kept.path_losses[3] - kept.path_losses[0]) > 1e-3);
    cells_close(&cells);
}
END_TEST

/* In front of a norm <W, sum g> along the path is half the squared norms: it exists by the path
 * alone. */
START_TEST(test_session_path_dots_follow_from_scale_invariance)
{
    struct cells cells;
    struct cells_network own;
    struct kept kept;
    struct sgeo_graph *graph = cells_graph(CELL_MIXED);
    const struct sgeo_sgd sgd = {.lr = 1.0f};
    cells_open(&cells, precisions[_i]);
    measure(&kept, &cells, CELL_MIXED, PATH);
    cells_network_open(&own, &cells, graph, cells_fill);
    size_t count = sgeo_store_segment(own.store, 0)->count; /* stem.conv.weight */
    double *sum = rig_zeros(count, sizeof *sum), squares = 0.0;
    for (size_t b = 0; b < CELLS_K; b++) {
        cells_gradient(&own, &cells, b);
        double *g = rig_segment(own.store, own.grad, 0);
        for (size_t i = 0; i < count; i++) {
            sum[i] += g[i];
            squares += g[i] * g[i];
        }
        sgeo_free(g);
        sgeo_network_sgd_step(own.network, own.theta, NULL, &sgd);
    }
    for (size_t i = 0; i < count; i++) {
        squares += sum[i] * sum[i];
    }
    ck_assert_double_eq_tol(-kept.path_dot[0], 0.5 * squares, 1e-3 * squares);
    sgeo_free(sum);
    cells_network_close(&own);
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

/* --- passes and architectures apart ----------------------------------------------------------- */

START_TEST(test_session_shared_first_batch_gives_the_bits_of_the_path_alone)
{
    static const unsigned unions[] = {FIXED | PATH, FIXED | TANGENT | PATH};
    struct cells cells;
    struct kept alone, together;
    cells_open(&cells, precisions[_i]);
    measure(&alone, &cells, CELL_MIXED, PATH);
    for (size_t u = 0; u < 2; u++) {
        measure(&together, &cells, CELL_MIXED, unions[u]);
        ck_assert_mem_eq(alone.path_losses, together.path_losses, sizeof alone.path_losses);
        ck_assert_mem_eq(alone.path_inner, together.path_inner, sizeof alone.path_inner);
        ck_assert_mem_eq(alone.path_dot, together.path_dot, sizeof alone.path_dot);
    }
    cells_close(&cells);
}
END_TEST

START_TEST(test_session_other_passes_do_not_change_the_fixed_one)
{
    struct cells cells;
    struct kept alone, together;
    cells_open(&cells, precisions[_i]);
    measure(&alone, &cells, CELL_MIXED, FIXED);
    measure(&together, &cells, CELL_MIXED, FIXED | TANGENT | PATH);
    ck_assert_mem_eq(alone.losses, together.losses, sizeof alone.losses);
    ck_assert_mem_eq(alone.inner, together.inner, sizeof alone.inner);
    ck_assert_mem_eq(alone.theta_dot, together.theta_dot, sizeof alone.theta_dot);
    ck_assert_uint_eq(alone.zero_std, together.zero_std);
    cells_close(&cells);
}
END_TEST

START_TEST(test_session_architectures_do_not_interact)
{
    static const char *const between[] = {CELL_SKIPS, CELL_NO_PATH, CELL_FROM_ZERO};
    struct cells cells;
    struct kept first, again, other;
    cells_open(&cells, precisions[_i]);
    measure(&first, &cells, CELL_MIXED, FIXED | TANGENT | PATH);
    for (size_t i = 0; i < 3; i++) {
        measure(&other, &cells, between[i], FIXED | TANGENT | PATH);
    }
    measure(&again, &cells, CELL_MIXED, FIXED | TANGENT | PATH);
    ck_assert_mem_eq(&first, &again, sizeof first);
    cells_close(&cells);
}
END_TEST

START_TEST(test_session_memory_does_not_grow_with_repeats)
{
    struct cells cells;
    struct kept kept;
    cells_open(&cells, precisions[_i]);
    measure(&kept, &cells, CELL_MIXED, FIXED | TANGENT | PATH);
    size_t peak = sgeo_pool_peak(sgeo_session_pool(cells.session));
    for (size_t i = 0; i < 3; i++) {
        measure(&kept, &cells, CELL_MIXED, FIXED | TANGENT | PATH);
    }
    ck_assert_uint_eq(sgeo_pool_peak(sgeo_session_pool(cells.session)), peak);
    cells_close(&cells);
}
END_TEST

/* --- the rest of the evidence ----------------------------------------------------------------- */

START_TEST(test_session_layers_are_the_weights_of_l_in_graph_order)
{
    struct cells cells;
    struct sgeo_graph *graph = cells_graph(CELL_MIXED);
    cells_open(&cells, precisions[_i]);
    const struct sgeo_evidence *evidence = cells_measure(&cells, graph, cells_fill, FIXED);
    size_t layer = 0;
    for (size_t s = 0; s < graph->n_segments; s++) {
        if (sgeo_segment_in_l(&graph->segments[s])) {
            char name[SGEO_NAME_MAX + 8];
            snprintf(name, sizeof name, "%s.weight", evidence->layer_names[layer++]);
            ck_assert_str_eq(name, graph->segments[s].name);
        }
    }
    ck_assert_uint_eq(evidence->n_layers, layer);
    ck_assert_str_eq(evidence->layer_names[0], "stem.conv");
    ck_assert_str_eq(evidence->layer_names[layer - 1], "head.linear");
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

/* Without a path no weight has a gradient: every coordinate counts, padding does not. */
START_TEST(test_session_zero_deviations_do_not_count_padding)
{
    struct cells cells;
    struct sgeo_graph *graph = cells_graph(CELL_NO_PATH);
    size_t weights = 0;
    cells_open(&cells, precisions[_i]);
    for (size_t s = 0; s < graph->n_segments; s++) {
        weights += sgeo_segment_in_l(&graph->segments[s]) ? graph->segments[s].count : 0;
    }
    ck_assert_uint_eq(cells_measure(&cells, graph, cells_fill_cold, FIXED)->zero_std, weights);
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_session_counts_need_no_pass)
{
    struct cells cells;
    struct sgeo_graph *graph = cells_graph(CELL_MIXED);
    struct sgeo_counts counts;
    cells_open(&cells, precisions[_i]);
    sgeo_graph_count(&counts, graph);
    const struct sgeo_evidence *evidence = cells_measure(&cells, graph, NULL, 0);
    ck_assert_uint_eq(evidence->counts.params, counts.params);
    ck_assert_uint_eq(evidence->counts.tensorwatch_flops, counts.tensorwatch_flops);
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_session_refuses_more_batches_than_moments_hold)
{
    struct cells cells;
    struct sgeo_graph *graph = cells_graph(CELL_MIXED);
    const struct sgeo_evidence *evidence = NULL;
    cells_open(&cells, precisions[_i]);
    cells.batches.k = SGEO_MOMENTS_MAX_BATCHES + 1;
    const struct sgeo_request request = {
        .graph = graph, .batches = &cells.batches, .fill = cells_fill, .passes = FIXED};
    ck_assert_int_eq(sgeo_session_measure(cells.session, &request, &evidence), SGEO_USAGE);
    ck_assert_ptr_null(evidence);
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

static enum sgeo_status fill_fails(const struct sgeo_store *store, void *theta, void *context)
{
    (void)store;
    (void)theta;
    (void)context;
    return sgeo_fail(SGEO_IO, NULL, "no weights today");
}

START_TEST(test_session_survives_a_fill_that_fails)
{
    struct cells cells;
    struct kept before, after;
    struct sgeo_graph *graph = cells_graph(CELL_MIXED);
    const struct sgeo_evidence *evidence = NULL;
    cells_open(&cells, precisions[_i]);
    measure(&before, &cells, CELL_MIXED, FIXED | PATH);
    const struct sgeo_request request = {.graph = graph,
                                         .batches = &cells.batches,
                                         .fill = fill_fails,
                                         .passes = FIXED,
                                         .path_lr = 1.0};
    ck_assert_int_eq(sgeo_session_measure(cells.session, &request, &evidence), SGEO_IO);
    ck_assert_ptr_null(evidence);
    measure(&after, &cells, CELL_MIXED, FIXED | PATH);
    ck_assert_mem_eq(&before, &after, sizeof before);
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

/* --- layouts ---------------------------------------------------------------------------------- */

static double zico_in(enum sgeo_layout_choice layout, size_t index)
{
    struct cells cells;
    double score = 0.0;
    struct sgeo_graph *graph = cells_random_graph(index);
    cells_open_in(&cells, SGEO_F32, layout);
    const struct sgeo_evidence *evidence = cells_measure(&cells, graph, cells_fill, FIXED);
    for (size_t l = 0; l < evidence->n_layers; l++) {
        score += evidence->inner[l] > 0.0 ? log(evidence->inner[l]) : 0.0;
    }
    cells_close(&cells);
    sgeo_graph_destroy(graph);
    return score;
}

START_TEST(test_session_random_cell_has_the_same_zico_in_both_layouts)
{
    double blocked = zico_in(SGEO_LAYOUT_BLOCKED, (size_t)_i);
    double nhwc = zico_in(SGEO_LAYOUT_NHWC, (size_t)_i);
    ck_assert_double_gt(fabs(blocked), 1.0);
    ck_assert_double_eq_tol(nhwc, blocked, 1e-4 * fabs(blocked));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("session");
    TCase *tcase = tcase_create("both precisions");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_session_fixed_pass_equals_loops_by_hand, 0, 2);
    tcase_add_loop_test(tcase, test_session_path_equals_loops_by_hand, 0, 2);
    tcase_add_loop_test(tcase, test_session_path_dots_follow_from_scale_invariance, 0, 2);
    tcase_add_loop_test(tcase, test_session_shared_first_batch_gives_the_bits_of_the_path_alone, 0,
                        2);
    tcase_add_loop_test(tcase, test_session_other_passes_do_not_change_the_fixed_one, 0, 2);
    tcase_add_loop_test(tcase, test_session_architectures_do_not_interact, 0, 2);
    tcase_add_loop_test(tcase, test_session_memory_does_not_grow_with_repeats, 0, 2);
    tcase_add_loop_test(tcase, test_session_layers_are_the_weights_of_l_in_graph_order, 0, 2);
    tcase_add_loop_test(tcase, test_session_zero_deviations_do_not_count_padding, 0, 2);
    tcase_add_loop_test(tcase, test_session_counts_need_no_pass, 0, 2);
    tcase_add_loop_test(tcase, test_session_refuses_more_batches_than_moments_hold, 0, 2);
    tcase_add_loop_test(tcase, test_session_survives_a_fill_that_fails, 0, 2);
    tcase_add_loop_test(tcase, test_session_random_cell_has_the_same_zico_in_both_layouts, 0, 6);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
