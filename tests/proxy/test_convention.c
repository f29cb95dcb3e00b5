/*
 * --convention suite|ours: every difference is the one that the top of the proxy's file names, and
 * nothing else differs.
 */
#include "proxy/cells.h"
#include "proxy/fisher.h"
#include "space/nb101.h"
#include "space/tnb101.h"

/* A convolution that reaches nothing beside a path, and the same without it. */
#define CELL_DEAD_EDGE    "|nor_conv_3x3~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|"
#define CELL_WITHOUT_EDGE "|none~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|"

#define SUITE SGEO_CONVENTION_SUITE
#define OURS  SGEO_CONVENTION_OURS

static const uint64_t zen_keys[2] = {3, 4};

static enum sgeo_status zen_fill(const struct sgeo_store *store, void *theta, void *context)
{
    (void)context;
    return sgeo_store_zen_formula(store, theta);
}

static const struct sgeo_evidence *measure(struct cells *cells, const struct sgeo_graph *graph,
                                           sgeo_theta_fill fill, unsigned passes,
                                           enum sgeo_convention convention)
{
    struct sgeo_zen_inputs zen = {.fill = zen_fill};
    const struct sgeo_request request = {.graph = graph,
                                         .batches = &cells->batches,
                                         .fill = fill,
                                         .passes = passes,
                                         .path_lr = 1.0,
                                         .convention = convention,
                                         .zen = &zen};
    const struct sgeo_evidence *evidence = NULL;
    rig_ok(sgeo_zen_images(zen.images, (size_t)CELLS_BATCH * CELLS_ELEMS, SGEO_F64, zen_keys));
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

/* A proxy's score of a cell in double. */
static double score_cell(const struct sgeo_proxy *proxy, const char *cell,
                         enum sgeo_convention convention)
{
    struct cells cells;
    struct sgeo_graph *graph = cells_graph(cell);
    cells_open(&cells, SGEO_F64);
    double score =
        score_of(proxy, measure(&cells, graph, cells_fill_cold, proxy->passes, convention));
    cells_close(&cells);
    sgeo_graph_destroy(graph);
    return score;
}

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* Proxies of image networks; epe-nas differs above 100 classes, which these cells have not. */
static bool may_differ(const struct sgeo_proxy *proxy)
{
    return proxy->ours != NULL && proxy != &sgeo_proxy_epe_nas;
}

START_TEST(test_convention_differs_exactly_where_a_proxy_says_so)
{
    for (size_t p = 0; sgeo_proxy_all()[p] != NULL; p++) {
        const struct sgeo_proxy *proxy = sgeo_proxy_all()[p];
        if ((proxy->passes & SGEO_PASS_NASREC) != 0) {
            continue;
        }
        bool same =
            same_bits(score_cell(proxy, CELL_MIXED, SUITE), score_cell(proxy, CELL_MIXED, OURS)) &&
            same_bits(score_cell(proxy, CELL_NO_PATH, SUITE),
                      score_cell(proxy, CELL_NO_PATH, OURS));
        ck_assert_msg(same == !may_differ(proxy), "%s", proxy->name);
    }
}
END_TEST

/* --- one proxy each --- */

/* Layers as sgeo_fisher_layer has them, with the factor and without. */
struct fisher_sums {
    struct cells_network *own;
    const struct sgeo_graph *graph;
    double with, without;
};

static void add_fisher(void *context, size_t weight, const void *output, const void *gradient,
                       const struct sgeo_layout *layout)
{
    struct fisher_sums *sums = context;
    const struct sgeo_segment *segment = &sums->graph->segments[weight];
    size_t channels = sums->graph->nodes[segment->node].channels;
    double layer = sgeo_fisher_layer(&(struct sgeo_fisher_output){.backend = sums->own->backend,
                                                                  .output = output,
                                                                  .gradient = gradient,
                                                                  .layout = layout,
                                                                  .batch = CELLS_BATCH,
                                                                  .channels = channels,
                                                                  .filter_size = 1});
    sums->without += layer;
    sums->with += layer * (double)(segment->count / channels);
}

START_TEST(test_convention_fisher_drops_the_factor_of_each_filter)
{
    struct cells cells;
    struct cells_network own;
    struct sgeo_graph *graph = cells_graph(CELL_MIXED);
    double loss;
    cells_open(&cells, SGEO_F64);
    const struct sgeo_network_options options = {
        .batch = CELLS_BATCH, .backward = true, .keep_outputs = true};
    cells_network_open(&own, &cells, graph, cells_fill);
    sgeo_network_destroy(own.network);
    rig_ok(sgeo_network_create(&own.network, graph, own.store, own.backend,
                               sgeo_session_pool(cells.session), &options));
    struct fisher_sums sums = {.own = &own, .graph = graph};
    const struct sgeo_probe probe = {.output = add_fisher, .context = &sums};
    const struct sgeo_targets targets = {.labels = cells.labels};
    sgeo_network_bind(own.network, own.theta, own.grad, NULL);
    sgeo_network_probe(own.network, &probe);
    rig_ok(sgeo_network_loss_gradient(own.network, cells.images, &targets, NULL, &loss));
    const struct sgeo_proxy *fisher = &sgeo_proxy_fisher;
    double suite = score_of(fisher, measure(&cells, graph, cells_fill, fisher->passes, SUITE));
    double ours = score_of(fisher, measure(&cells, graph, cells_fill, fisher->passes, OURS));
    ck_assert_double_eq_tol(suite, sums.with, 1e-12 * suite);
    ck_assert_double_eq_tol(ours, sums.without, 1e-12 * ours);
    cells_network_close(&own);
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_convention_grasp_turns_its_sign)
{
    double suite = score_cell(&sgeo_proxy_grasp, CELL_MIXED, SUITE);
    ck_assert_double_ne(suite, 0.0);
    ck_assert_double_eq(score_cell(&sgeo_proxy_grasp, CELL_MIXED, OURS), -suite);
}
END_TEST

START_TEST(test_convention_synflow_without_a_path_is_the_log_of_zero)
{
    ck_assert_double_eq(score_cell(&sgeo_proxy_synflow, CELL_NO_PATH, SUITE), 0.0);
    ck_assert(score_cell(&sgeo_proxy_synflow, CELL_NO_PATH, OURS) == -HUGE_VAL);
    ck_assert(same_bits(score_cell(&sgeo_proxy_synflow, CELL_MIXED, SUITE),
                        score_cell(&sgeo_proxy_synflow, CELL_MIXED, OURS)));
}
END_TEST

/* The last map is 16 x 2 x 2, so a window of 3 x 3 is counted. */
START_TEST(test_convention_flops_of_an_average_module_has_the_true_window)
{
    double suite = score_cell(&sgeo_proxy_flops, CELL_MIXED, SUITE);
    double ours = score_cell(&sgeo_proxy_flops, CELL_MIXED, OURS);
    ck_assert_double_eq_tol(suite - ours, 16 * (9 - 4) / 1e6, 1e-12);
}
END_TEST

/* nb101 writes the average as a function. */
START_TEST(test_convention_flops_of_an_average_function_counts)
{
    static const struct sgeo_net_config config = {
        .channels = 8, .cells = 1, .classes = 5, .image_channels = 3, .image_size = 16};
    struct sgeo_graph *graph = NULL;
    struct sgeo_arch arch;
    struct sgeo_counts counts;
    rig_ok(sgeo_nb101.decode(&arch, "101101:11"));
    rig_ok(sgeo_nb101.build(&graph, &arch, &config));
    sgeo_graph_count(&counts, graph);
    const struct sgeo_node *map = &graph->nodes[graph->features];
    ck_assert_uint_eq(counts.flops - counts.tensorwatch_flops, sgeo_node_elems(map));
    sgeo_graph_destroy(graph);
}
END_TEST

/* Sum over batch norms of ln sqrt(mean variance of x), out of statistics that started at 1. */
static double norms_of_x(struct cells *cells, const struct sgeo_graph *graph)
{
    struct cells_network own;
    void *images[2];
    size_t channels = graph->norm_channels;
    double *running = rig_zeros(2 * channels, sizeof *running), sum = 0.0;
    for (size_t c = 0; c < channels; c++) {
        running[channels + c] = 1.0;
    }
    rig_ok(sgeo_zen_images(images, (size_t)CELLS_BATCH * CELLS_ELEMS, SGEO_F64, zen_keys));
    cells_network_open(&own, cells, graph, zen_fill);
    sgeo_network_bind(own.network, own.theta, NULL, running);
    rig_ok(sgeo_network_forward(own.network, images[0]));
    const double *variance = running + channels;
    for (size_t n = 0; n < graph->n_nodes; n++) {
        double total = 0.0;
        size_t count = graph->nodes[n].channels;
        for (size_t c = 0; graph->nodes[n].op == SGEO_OP_BATCHNORM && c < count; c++) {
            total += (*variance++ - 0.9) / 0.1;
        }
        sum += graph->nodes[n].op == SGEO_OP_BATCHNORM ? 0.5 * log(total / (double)count) : 0.0;
    }
    cells_network_close(&own);
    sgeo_free(images[0]);
    sgeo_free(images[1]);
    sgeo_free(running);
    return sum;
}

START_TEST(test_convention_zen_takes_the_variances_of_the_batch)
{
    struct cells cells;
    struct sgeo_graph *graph = cells_graph(CELL_MIXED);
    cells_open(&cells, SGEO_F64);
    double difference =
        measure(&cells, graph, cells_fill, SGEO_PASS_ZEN, SUITE)->suite.zen_log_difference;
    const struct sgeo_suite_evidence *ours =
        &measure(&cells, graph, cells_fill, SGEO_PASS_ZEN, OURS)->suite;
    ck_assert(same_bits(ours->zen_log_difference, difference));
    ck_assert_double_eq_tol(ours->zen_log_norms, norms_of_x(&cells, graph), 1e-9);
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

/* A batch norm of zeros scales nothing: its variance, 0, would make the sum infinite. */
START_TEST(test_convention_zen_passes_over_norms_of_zeros)
{
    double with = score_cell(&sgeo_proxy_zen, CELL_FROM_ZERO, OURS);
    ck_assert_double_eq_tol(with, score_cell(&sgeo_proxy_zen, CELL_WITHOUT_IT, OURS), 1e-12);
    ck_assert(isfinite(with));
}
END_TEST

START_TEST(test_convention_naswot_leaves_out_relus_off_every_path)
{
    double suite = score_cell(&sgeo_proxy_naswot, CELL_DEAD_EDGE, SUITE);
    double ours = score_cell(&sgeo_proxy_naswot, CELL_DEAD_EDGE, OURS);
    double without = score_cell(&sgeo_proxy_naswot, CELL_WITHOUT_EDGE, SUITE);
    ck_assert_double_eq_tol(ours, without, 1e-12);
    ck_assert_double_gt(fabs(suite - ours), 1e-3);
}
END_TEST

/* Ten cells with one convolution, whose ReLU sees the cell's input. */
START_TEST(test_convention_naswot_counts_tnb101_relus_of_convolutions_twice)
{
    struct sgeo_net_config config = {
        .channels = 4, .cells = 2, .classes = 5, .image_channels = 3, .image_size = 64};
    size_t units[2], cells_units = 0;
    for (size_t twice = 0; twice < 2; twice++) {
        struct sgeo_graph *graph = NULL;
        struct sgeo_arch arch;
        config.wrapper_relus = twice == 1;
        rig_ok(sgeo_tnb101.decode(&arch, "64-41414-0_00_200"));
        rig_ok(sgeo_tnb101.build(&graph, &arch, &config));
        units[twice] = cells_units = 0;
        for (size_t n = 0; n < graph->n_nodes; n++) {
            const struct sgeo_node *node = &graph->nodes[n];
            units[twice] += node->codes * sgeo_node_elems(node);
            cells_units += node->codes == 2 ? sgeo_node_elems(node) : 0;
        }
        sgeo_graph_destroy(graph);
    }
    ck_assert_uint_gt(cells_units, 0);
    ck_assert_uint_eq(units[1], units[0] + cells_units);
}
END_TEST

/* nb201's wrappers hand tensors on more than once; ours has each module's own output. */
START_TEST(test_convention_meco_counts_every_module_once)
{
    struct cells cells;
    struct sgeo_graph *graph = cells_graph(CELL_MIXED);
    cells_open(&cells, SGEO_F64);
    const struct sgeo_evidence *evidence = measure(&cells, graph, cells_fill, SGEO_PASS_MECO, OURS);
    size_t modules = 0;
    for (size_t n = 0; n < graph->n_nodes; n++) {
        const struct sgeo_node *node = &graph->nodes[n];
        modules += sgeo_op_is_module(node->op) && node->height * node->width >= 2;
    }
    ck_assert_uint_eq(evidence->suite.meco_leaf_hooks, modules);
    ck_assert(same_bits(score_of(&sgeo_proxy_meco, evidence), evidence->suite.meco_leaf));
    ck_assert(same_bits(score_of(&sgeo_proxy_meco_opt, evidence), evidence->suite.meco_leaf_opt));
    evidence = measure(&cells, graph, cells_fill, SGEO_PASS_MECO, SUITE);
    ck_assert(same_bits(score_of(&sgeo_proxy_meco, evidence), evidence->suite.meco));
    cells_close(&cells);
    sgeo_graph_destroy(graph);
}
END_TEST

/* Two images of class 4 and one of class 9. */
static double epe_nas_of(size_t classes, enum sgeo_convention convention)
{
    static const uint16_t labels[3] = {4, 9, 4};
    double correlation[9] = {1.0, 0.3, 0.5, 0.3, 1.0, 0.2, 0.5, 0.2, 1.0};
    const struct sgeo_evidence evidence = {
        .convention = convention,
        .suite = {.batch = 3, .classes = classes, .labels = labels, .correlation = correlation}};
    return score_of(&sgeo_proxy_epe_nas, &evidence);
}

START_TEST(test_convention_epe_nas_keeps_classes_of_one_image)
{
    double one = log(1.0 + 1e-5), pair = 2.0 * one + 2.0 * log(0.5 + 1e-5);
    ck_assert_double_eq(epe_nas_of(120, SUITE), 0.0); /* one class left, no pair of them */
    ck_assert_double_eq_tol(epe_nas_of(120, OURS), 2.0 * fabs(pair / 2.0 - one) / 2.0, 1e-12);
    ck_assert_double_eq_tol(epe_nas_of(100, SUITE), fabs(pair) + fabs(one), 1e-12);
    ck_assert(same_bits(epe_nas_of(100, SUITE), epe_nas_of(100, OURS)));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("convention");
    TCase *tcase = tcase_create("proxies");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_convention_differs_exactly_where_a_proxy_says_so);
    tcase_add_test(tcase, test_convention_fisher_drops_the_factor_of_each_filter);
    tcase_add_test(tcase, test_convention_grasp_turns_its_sign);
    tcase_add_test(tcase, test_convention_synflow_without_a_path_is_the_log_of_zero);
    tcase_add_test(tcase, test_convention_flops_of_an_average_module_has_the_true_window);
    tcase_add_test(tcase, test_convention_flops_of_an_average_function_counts);
    tcase_add_test(tcase, test_convention_zen_takes_the_variances_of_the_batch);
    tcase_add_test(tcase, test_convention_zen_passes_over_norms_of_zeros);
    tcase_add_test(tcase, test_convention_naswot_leaves_out_relus_off_every_path);
    tcase_add_test(tcase, test_convention_naswot_counts_tnb101_relus_of_convolutions_twice);
    tcase_add_test(tcase, test_convention_meco_counts_every_module_once);
    tcase_add_test(tcase, test_convention_epe_nas_keeps_classes_of_one_image);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
