/*
 * Gradients and tangents of every op against central differences in double, in training and in
 * evaluation mode, and the float executor against the double one (loop index: the network).
 */
#include "graph/differences.h"
#include "graph/networks.h"

static char name[64];

START_TEST(test_gradient_equals_differences_in_training_mode)
{
    struct rig rig;
    rig_open(&rig, network_build((size_t)_i, name), SGEO_F64, &rig_plain);
    assert_gradient(&rig, name);
    rig_close(&rig);
}
END_TEST

START_TEST(test_gradient_equals_differences_in_evaluation_mode)
{
    struct rig rig;
    rig_open(&rig, network_build((size_t)_i, name), SGEO_F64, &rig_plain);
    rig_evaluate(&rig);
    assert_gradient(&rig, name);
    rig_close(&rig);
}
END_TEST

/* The last layer's gradient alone is what it is among the others, which stay as they are. */
START_TEST(test_gradient_of_the_output_alone_is_the_same)
{
    static const double before = 7.0;
    struct sgeo_network_options only = rig_plain;
    struct rig all, one;
    only.output_only = true;
    rig_open(&all, network_build((size_t)_i, name), SGEO_F64, &rig_plain);
    rig_open(&one, network_build((size_t)_i, name), SGEO_F64, &only);
    for (size_t i = 0; i < sgeo_store_total(one.store); i++) {
        ((double *)one.grad)[i] = before;
    }
    rig_gradient(&all);
    rig_gradient(&one);
    for (size_t s = 0; s < sgeo_store_count(one.store); s++) {
        size_t count = sgeo_store_segment(one.store, s)->count;
        double *got = rig_segment(one.store, one.grad, s);
        double *expected = rig_segment(all.store, all.grad, s);
        bool is_output = sgeo_store_segment(one.store, s)->node == one.graph->output;
        for (size_t i = 0; i < count; i++) {
            ck_assert_msg(got[i] == (is_output ? expected[i] : before), "%s: segment %zu", name, s);
        }
        sgeo_free(got);
        sgeo_free(expected);
    }
    rig_close(&all);
    rig_close(&one);
}
END_TEST

START_TEST(test_tangent_equals_differences_in_training_mode)
{
    struct rig rig;
    rig_open(&rig, network_build((size_t)_i, name), SGEO_F64, &rig_with_tangent);
    assert_tangent(&rig, name);
    rig_close(&rig);
}
END_TEST

START_TEST(test_tangent_equals_differences_in_evaluation_mode)
{
    struct rig rig;
    rig_open(&rig, network_build((size_t)_i, name), SGEO_F64, &rig_with_tangent);
    rig_evaluate(&rig);
    assert_tangent(&rig, name);
    rig_close(&rig);
}
END_TEST

/* The tangent along theta and the gradient are two ways to <theta, g>. */
START_TEST(test_tangent_of_the_loss_equals_theta_dot_gradient)
{
    struct rig rig;
    double tangents[RIG_BATCH], mean = 0.0, dot = 0.0;
    rig_open(&rig, network_build((size_t)_i, name), SGEO_F64, &rig_with_tangent);
    struct sgeo_targets targets = rig_targets(&rig);
    rig_gradient(&rig);
    sgeo_cross_entropy_tangent(tangents, sgeo_network_logits(rig.network),
                               sgeo_network_logit_tangent(rig.network), &targets, RIG_BATCH,
                               RIG_CLASSES);
    for (size_t n = 0; n < RIG_BATCH; n++) {
        mean += tangents[n] / RIG_BATCH;
    }
    for (size_t s = 0; s < sgeo_store_count(rig.store); s++) {
        size_t at = sgeo_store_place(rig.store, s).offset;
        if (sgeo_segment_in_l(sgeo_store_segment(rig.store, s))) {
            dot += rig.backend->ops->dot(rig.backend, (const double *)rig.theta + at,
                                         (const double *)rig.grad + at,
                                         sgeo_store_place(rig.store, s).elems);
        }
    }
    ck_assert_msg(fabs(mean - dot) <= 1e-11 * fmax(1.0, fabs(dot)), "%s: tangent %.15g, dot %.15g",
                  name, mean, dot);
    rig_close(&rig);
}
END_TEST

/* What asking for parameter dots of the rig's graph comes to. */
static enum sgeo_status status_with_dots(const struct rig *rig)
{
    const struct sgeo_network_options with_dots = {
        .batch = RIG_BATCH, .backward = true, .parameter_dots = true};
    struct sgeo_network *network = NULL;
    enum sgeo_status status =
        sgeo_network_create(&network, rig->graph, rig->store, rig->backend, rig->pool, &with_dots);
    ck_assert_int_eq(network == NULL, status != SGEO_OK);
    sgeo_network_destroy(network);
    return status;
}

/* Convolutions have no share in the products. */
START_TEST(test_gradient_has_no_parameter_dots_of_images)
{
    struct rig rig;
    rig_open(&rig, network_build((size_t)_i, name), SGEO_F64, &rig_plain);
    ck_assert_int_eq(status_with_dots(&rig), SGEO_UNSUPPORTED);
    rig_close(&rig);
}
END_TEST

/* Samples meet in batch norms; without one the same network has them. */
START_TEST(test_gradient_has_no_parameter_dots_of_batch_norms)
{
    for (int norm = 0; norm < 2; norm++) {
        struct sgeo_graph *graph = sgeo_graph_create();
        struct rig rig;
        /* Batch norms cannot read the image. */
        sgeo_graph_input(graph, RIG_CHANNELS, RIG_PIXELS, RIG_PIXELS);
        size_t x = sgeo_graph_zero(graph, 4, RIG_PIXELS, RIG_PIXELS);
        if (norm == 1) {
            x = sgeo_graph_batchnorm(graph, x, "norm", true);
        }
        x = sgeo_graph_linear(graph, sgeo_graph_global_mean(graph, x), "head", RIG_CLASSES);
        rig_ok(sgeo_graph_finish(graph, x));
        rig_open(&rig, graph, SGEO_F64, &rig_plain);
        ck_assert_int_eq(status_with_dots(&rig), norm == 1 ? SGEO_UNSUPPORTED : SGEO_OK);
        rig_close(&rig);
    }
}
END_TEST

/* --- float against double --------------------------------------------------------------------- */

static void assert_precisions_agree(size_t network, bool evaluate)
{
    struct rig wide, narrow, *both[2] = {&wide, &narrow};
    size_t count = rig_logit_count();
    rig_open(&wide, network_build(network, name), SGEO_F64, &rig_with_tangent);
    rig_open(&narrow, network_build(network, name), SGEO_F32, &rig_with_tangent);
    for (size_t i = 0; i < 2; i++) {
        if (evaluate) {
            rig_evaluate(both[i]);
        }
        rig_gradient(both[i]);
    }
    const double *logits = sgeo_network_logits(wide.network);
    const double *tangent = sgeo_network_logit_tangent(wide.network);
    rig_assert_near(sgeo_network_logits(narrow.network), logits, count,
                    fmax(rig_largest(logits, count), 1.0), 1e-4, name);
    rig_assert_near(sgeo_network_logit_tangent(narrow.network), tangent, count,
                    fmax(rig_largest(tangent, count), 1.0), 1e-4, name);
    assert_gradients_agree(&wide, &narrow, name);
    rig_close(&wide);
    rig_close(&narrow);
}

START_TEST(test_float_agrees_with_double_in_training_mode)
{
    assert_precisions_agree((size_t)_i, false);
}
END_TEST

START_TEST(test_float_agrees_with_double_in_evaluation_mode)
{
    assert_precisions_agree((size_t)_i, true);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gradient");
    TCase *tcase = tcase_create("every network");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_gradient_equals_differences_in_training_mode, 0, NETWORKS);
    tcase_add_loop_test(tcase, test_gradient_equals_differences_in_evaluation_mode, 0, NETWORKS);
    tcase_add_loop_test(tcase, test_gradient_of_the_output_alone_is_the_same, 0, NETWORKS);
    tcase_add_loop_test(tcase, test_tangent_equals_differences_in_training_mode, 0, NETWORKS);
    tcase_add_loop_test(tcase, test_tangent_equals_differences_in_evaluation_mode, 0, NETWORKS);
    tcase_add_loop_test(tcase, test_tangent_of_the_loss_equals_theta_dot_gradient, 0, NETWORKS);
    tcase_add_loop_test(tcase, test_gradient_has_no_parameter_dots_of_images, 0, NETWORKS);
    tcase_add_test(tcase, test_gradient_has_no_parameter_dots_of_batch_norms);
    tcase_add_loop_test(tcase, test_float_agrees_with_double_in_training_mode, 0, NETWORKS);
    tcase_add_loop_test(tcase, test_float_agrees_with_double_in_evaluation_mode, 0, NETWORKS);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
