/* The perceptrons of Figure 3: sizes, gradients against differences, the ReLU on the logits. */
#include "space/mlp.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "base/memory.h"
#include "base/rng.h"
#include "graph/network.h"

enum { BATCH = 5, WIDTH = 6, SAMPLES = 12 };

struct fixture {
    struct sgeo_backend *backend;
    struct sgeo_pool *pool;
    struct sgeo_graph *graph;
    struct sgeo_store *store;
    struct sgeo_network *network;
    void *theta, *grad;
    double images[BATCH * SGEO_MLP_INPUTS];
    float images_f32[BATCH * SGEO_MLP_INPUTS];
    uint16_t labels[BATCH];
    enum sgeo_precision precision;
};

static struct fixture f;

static void ok(enum sgeo_status status)
{
    ck_assert_msg(status == SGEO_OK, "%s", sgeo_error_text());
}

static void open_fixture(enum sgeo_precision precision, bool output_relu, bool tangent)
{
    const struct sgeo_network_options options = {
        .batch = BATCH, .backward = true, .tangent = tangent};
    struct sgeo_rng rng = sgeo_rng_stream(3, "images", 0);
    f = (struct fixture){.precision = precision, .pool = sgeo_pool_create()};
    ok(sgeo_backend_create(&f.backend, (struct sgeo_executor){.precision = precision}));
    ok(sgeo_mlp_build(&f.graph, WIDTH, output_relu));
    ok(sgeo_store_create(&f.store, f.graph, f.backend, BATCH));
    ok(sgeo_network_create(&f.network, f.graph, f.store, f.backend, f.pool, &options));
    f.theta = sgeo_store_vector(f.store);
    f.grad = sgeo_store_vector(f.store);
    ok(sgeo_store_init_random(f.store, f.theta, 3, 0));
    for (size_t i = 0; i < (size_t)BATCH * SGEO_MLP_INPUTS; i++) {
        f.images[i] = sgeo_rng_normal(&rng);
        f.images_f32[i] = (float)f.images[i];
    }
    for (size_t i = 0; i < BATCH; i++) {
        f.labels[i] = (uint16_t)(3 * i % SGEO_MLP_CLASSES);
    }
    sgeo_network_bind(f.network, f.theta, f.grad, NULL);
}

static void close_fixture(void)
{
    sgeo_network_destroy(f.network);
    sgeo_store_destroy(f.store);
    sgeo_graph_destroy(f.graph);
    sgeo_pool_destroy(f.pool);
    sgeo_backend_destroy(f.backend);
    sgeo_free(f.theta);
    sgeo_free(f.grad);
}

static double loss_gradient(void)
{
    const struct sgeo_targets targets = {.labels = f.labels};
    double loss = 0.0;
    ok(sgeo_network_loss_gradient(f.network,
                                  f.precision == SGEO_F64 ? (void *)f.images : (void *)f.images_f32,
                                  &targets, NULL, &loss));
    return loss;
}

static double *exported(const void *vector)
{
    double *values = sgeo_calloc(sgeo_store_logical(f.store), sizeof *values);
    ck_assert_ptr_nonnull(values);
    sgeo_store_export_all(f.store, values, vector);
    return values;
}

static double loss_at(double *theta, size_t i, double shift)
{
    double kept = theta[i];
    theta[i] += shift;
    sgeo_store_import_all(f.store, f.theta, theta);
    double loss = loss_gradient();
    theta[i] = kept;
    return loss;
}

static size_t count_params(size_t width)
{
    struct sgeo_graph *graph = NULL;
    struct sgeo_counts counts;
    ok(sgeo_mlp_build(&graph, width, false));
    sgeo_graph_count(&counts, graph);
    ck_assert_uint_eq(counts.macs, 794 * width);
    sgeo_graph_destroy(graph);
    return counts.params;
}

START_TEST(test_mlp_has_the_papers_parameters)
{
    ck_assert_uint_eq(count_params(2), 1600);
    ck_assert_uint_eq(count_params(48), 38170);
    ck_assert_uint_eq(count_params(50), 39760);
}
END_TEST

START_TEST(test_mlp_without_hidden_units_is_refused)
{
    struct sgeo_graph *graph = NULL;
    ck_assert_int_eq(sgeo_mlp_build(&graph, 0, false), SGEO_USAGE);
    ck_assert_ptr_null(graph);
}
END_TEST

/* Loop index: with and without the ReLU on the logits. */
START_TEST(test_mlp_gradient_equals_differences)
{
    const double h = 1e-6;
    open_fixture(SGEO_F64, _i == 1, false);
    struct sgeo_rng rng = sgeo_rng_stream(3, "coordinates", 0);
    size_t n = sgeo_store_logical(f.store), first_layer = SGEO_MLP_INPUTS * WIDTH;
    loss_gradient();
    double *theta = exported(f.theta), *gradient = exported(f.grad);
    for (size_t s = 0; s < 4 * SAMPLES; s++) { /* half of them behind the first weights */
        size_t i = s % 2 == 0 ? (size_t)sgeo_rng_below(&rng, first_layer)
                              : first_layer + (size_t)sgeo_rng_below(&rng, n - first_layer);
        double difference = (loss_at(theta, i, h) - loss_at(theta, i, -h)) / (2.0 * h);
        ck_assert_msg(fabs(gradient[i] - difference) < 1e-7, "parameter %zu: %.12g, not %.12g", i,
                      gradient[i], difference);
    }
    sgeo_free(theta);
    sgeo_free(gradient);
    close_fixture();
}
END_TEST

START_TEST(test_mlp_float_agrees_with_double)
{
    open_fixture(SGEO_F64, _i == 1, false);
    double loss = loss_gradient();
    double *expected = exported(f.grad);
    close_fixture();
    open_fixture(SGEO_F32, _i == 1, false);
    ck_assert_double_eq_tol(loss_gradient(), loss, 1e-5);
    double *got = exported(f.grad);
    for (size_t i = 0; i < sgeo_store_logical(f.store); i++) {
        ck_assert_double_eq_tol(got[i], expected[i], 1e-5);
    }
    close_fixture();
    sgeo_free(expected);
    sgeo_free(got);
}
END_TEST

/* Weights times 1 + h, biases as they are: the logits move by h times the tangent. */
START_TEST(test_mlp_tangent_equals_differences)
{
    const double h = 1e-6, sides[2] = {-h, h};
    enum { LOGITS = BATCH * SGEO_MLP_CLASSES };
    double logits[2][LOGITS], tangent[LOGITS];
    open_fixture(SGEO_F64, _i == 1, true);
    ok(sgeo_network_forward(f.network, f.images));
    memcpy(tangent, sgeo_network_logit_tangent(f.network), sizeof tangent);
    double *theta = exported(f.theta);
    for (size_t side = 0; side < 2; side++) {
        double *scaled = exported(f.theta);
        size_t at = 0;
        for (size_t s = 0; s < sgeo_store_count(f.store); s++) {
            const struct sgeo_segment *segment = sgeo_store_segment(f.store, s);
            for (size_t i = 0; i < segment->count; i++, at++) {
                scaled[at] = theta[at] * (sgeo_segment_in_l(segment) ? 1.0 + sides[side] : 1.0);
            }
        }
        void *vector = sgeo_store_vector(f.store);
        sgeo_store_import_all(f.store, vector, scaled);
        sgeo_network_bind(f.network, vector, f.grad, NULL);
        ok(sgeo_network_forward(f.network, f.images));
        memcpy(logits[side], sgeo_network_logits(f.network), sizeof logits[side]);
        sgeo_free(scaled);
        sgeo_free(vector);
    }
    for (size_t i = 0; i < LOGITS; i++) {
        ck_assert_double_eq_tol(tangent[i], (logits[1][i] - logits[0][i]) / (2.0 * h), 1e-7);
    }
    sgeo_free(theta);
    close_fixture();
}
END_TEST

START_TEST(test_mlp_output_relu_leaves_no_negative_logit)
{
    size_t negative[2] = {0, 0};
    for (int relu = 0; relu < 2; relu++) {
        open_fixture(SGEO_F64, relu == 1, false);
        ok(sgeo_network_forward(f.network, f.images));
        for (size_t i = 0; i < (size_t)BATCH * SGEO_MLP_CLASSES; i++) {
            negative[relu] += sgeo_network_logits(f.network)[i] < 0.0;
        }
        close_fixture();
    }
    ck_assert_uint_gt(negative[0], 0);
    ck_assert_uint_eq(negative[1], 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("space/mlp");
    TCase *tcase = tcase_create("mlp");
    tcase_add_test(tcase, test_mlp_has_the_papers_parameters);
    tcase_add_test(tcase, test_mlp_without_hidden_units_is_refused);
    tcase_add_loop_test(tcase, test_mlp_gradient_equals_differences, 0, 2);
    tcase_add_loop_test(tcase, test_mlp_float_agrees_with_double, 0, 2);
    tcase_add_loop_test(tcase, test_mlp_tangent_equals_differences, 0, 2);
    tcase_add_test(tcase, test_mlp_output_relu_leaves_no_negative_logit);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
