/* Linear layers that end with their ReLU: which do, and that nothing else changes. */
#include "graph/plan.h"

#include "graph/rig.h"

/* Two hidden layers, (N,17) and (N,9), and the logits. */
struct layers {
    size_t hidden[2], relu[2], logits;
};

static struct sgeo_graph *perceptron(struct layers *layers)
{
    struct sgeo_graph *graph = sgeo_graph_create();
    ck_assert_ptr_nonnull(graph);
    size_t x = sgeo_graph_input(graph, RIG_CHANNELS, RIG_PIXELS, RIG_PIXELS);
    layers->hidden[0] = sgeo_graph_linear(graph, x, "fc1", 17);
    layers->relu[0] = sgeo_graph_relu(graph, layers->hidden[0]);
    layers->hidden[1] = sgeo_graph_linear(graph, layers->relu[0], "fc2", 9);
    layers->relu[1] = sgeo_graph_relu(graph, layers->hidden[1]);
    layers->logits = sgeo_graph_linear(graph, layers->relu[1], "fc3", RIG_CLASSES);
    return graph;
}

/* --- the plan ----------------------------------------------------------------------------------
 */

static struct sgeo_plan *plan_of(struct sgeo_graph *graph, size_t output,
                                 struct sgeo_plan_options options)
{
    struct sgeo_plan *plan = NULL;
    rig_ok(sgeo_graph_finish(graph, output));
    rig_ok(sgeo_plan_create(&plan, graph, &options));
    return plan;
}

START_TEST(test_rectified_are_linear_layers_that_only_their_relu_reads)
{
    struct sgeo_graph *graph = sgeo_graph_create();
    ck_assert_ptr_nonnull(graph);
    size_t x = sgeo_graph_matrix_input(graph, 11);
    size_t shared = sgeo_graph_linear(graph, x, "fc1", 17);
    size_t both[] = {shared, sgeo_graph_relu(graph, shared)};
    size_t own = sgeo_graph_linear(graph, sgeo_graph_padded_sum(graph, both, 2, 17), "fc2", 9);
    size_t logits = sgeo_graph_linear(graph, sgeo_graph_relu(graph, own), "fc3", RIG_CLASSES);
    struct sgeo_plan *plan = plan_of(graph, logits, (struct sgeo_plan_options){0});
    ck_assert(!plan->nodes[shared].rectified);
    ck_assert(plan->nodes[own].rectified);
    ck_assert(!plan->nodes[logits].rectified);
    sgeo_plan_destroy(plan);
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_rectified_are_no_outputs)
{
    struct layers layers;
    struct sgeo_graph *graph = perceptron(&layers);
    size_t dead = sgeo_graph_relu(graph, layers.logits);
    struct sgeo_plan *plan =
        plan_of(graph, layers.logits, (struct sgeo_plan_options){.keep_dead = true});
    ck_assert(sgeo_plan_runs(plan, dead));
    ck_assert(!plan->nodes[layers.logits].rectified);
    sgeo_plan_destroy(plan);
    sgeo_graph_destroy(graph);
}
END_TEST

/* Of the last ReLU's value the logits are made: the layer before it is no output. */
START_TEST(test_rectified_may_be_behind_the_logits)
{
    struct layers layers;
    struct sgeo_graph *graph = perceptron(&layers);
    struct sgeo_plan *plan =
        plan_of(graph, sgeo_graph_relu(graph, layers.logits), (struct sgeo_plan_options){0});
    ck_assert(plan->nodes[layers.logits].rectified);
    sgeo_plan_destroy(plan);
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_rectified_are_none_where_plain_values_are_shown)
{
    static const struct sgeo_plan_options options[] = {{.store_all = true}, {.keep_outputs = true}};
    for (size_t o = 0; o < sizeof options / sizeof *options; o++) {
        struct layers layers;
        struct sgeo_graph *graph = perceptron(&layers);
        struct sgeo_plan *plan = plan_of(graph, layers.logits, options[o]);
        ck_assert(!plan->nodes[layers.hidden[0]].rectified);
        ck_assert(!plan->nodes[layers.hidden[1]].rectified);
        sgeo_plan_destroy(plan);
        sgeo_graph_destroy(graph);
    }
}
END_TEST

/* --- the network -------------------------------------------------------------------------------
 */

static void open_perceptron(struct rig *rig, enum sgeo_precision precision, bool output_relu,
                            const struct sgeo_network_options *options)
{
    struct layers layers;
    struct sgeo_graph *graph = perceptron(&layers);
    rig_ok(sgeo_graph_finish(graph,
                             output_relu ? sgeo_graph_relu(graph, layers.logits) : layers.logits));
    rig_open(rig, graph, precision, options);
}

static void assert_same_gradients(const struct rig *fused, const struct rig *plain,
                                  double tolerance)
{
    for (size_t s = 0; s < sgeo_store_count(fused->store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(fused->store, s);
        double *got = rig_segment(fused->store, fused->grad, s);
        double *expected = rig_segment(plain->store, plain->grad, s);
        rig_assert_near(got, expected, segment->count, rig_largest(expected, segment->count),
                        tolerance, segment->name);
        sgeo_free(got);
        sgeo_free(expected);
    }
}

/* f32: another order of additions; double: the same bits. */
START_TEST(test_rectified_networks_agree_with_plain_ones)
{
    static const enum sgeo_precision precisions[] = {SGEO_F32, SGEO_F64};
    static const double tolerances[] = {2e-6, 0.0};
    for (int form = 0; form < 4; form++) {
        bool tangent = form & 1, output_relu = form & 2;
        struct sgeo_network_options options = {
            .batch = RIG_BATCH, .backward = true, .tangent = tangent};
        struct rig fused, plain;
        open_perceptron(&fused, precisions[_i], output_relu, &options);
        options.keep_outputs = true;
        open_perceptron(&plain, precisions[_i], output_relu, &options);
        double got = rig_gradient(&fused), expected = rig_gradient(&plain);
        rig_assert_near(&got, &expected, 1, 1.0, tolerances[_i], "loss");
        rig_assert_near(sgeo_network_logits(fused.network), sgeo_network_logits(plain.network),
                        rig_logit_count(), 1.0, tolerances[_i], "logits");
        rig_assert_near(sgeo_network_logit_tangent(fused.network),
                        sgeo_network_logit_tangent(plain.network), rig_logit_count(), 1.0,
                        4.0 * tolerances[_i], "tangents");
        assert_same_gradients(&fused, &plain, 4.0 * tolerances[_i]);
        rig_close(&fused);
        rig_close(&plain);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rectified");
    TCase *tcase = tcase_create("rectified");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_rectified_are_linear_layers_that_only_their_relu_reads);
    tcase_add_test(tcase, test_rectified_are_no_outputs);
    tcase_add_test(tcase, test_rectified_may_be_behind_the_logits);
    tcase_add_test(tcase, test_rectified_are_none_where_plain_values_are_shown);
    tcase_add_loop_test(tcase, test_rectified_networks_agree_with_plain_ones, 0, 2);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
