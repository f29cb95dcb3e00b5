/* The factorised reduce: which pixels its halves read, its modules, both executors and layouts. */
#include "space/factorized_reduce.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "graph/network.h"

enum { BATCH = 3, STEM = 6, OUT = 8, PIXELS = 8, HALF = PIXELS / 2 };

static const struct sgeo_conv_shape conv1x1 = {1, 1, 1, 1};

/* image (3,8,8) -> stem 1x1 (STEM) -> factorised reduce (OUT,4,4) -> head */
static struct sgeo_graph *build(bool affine)
{
    struct sgeo_graph *graph = sgeo_graph_create();
    ck_assert_ptr_nonnull(graph);
    size_t x = sgeo_graph_input(graph, 3, PIXELS, PIXELS);
    x = sgeo_graph_conv(graph, x, "stem", STEM, conv1x1);
    x = sgeo_factorized_reduce(graph, x, "conv1", "conv2", "bn", OUT, affine);
    x = sgeo_graph_linear(graph, sgeo_graph_global_mean(graph, x), "head", 5);
    ck_assert_msg(sgeo_graph_finish(graph, x) == SGEO_OK, "%s", sgeo_error_text());
    return graph;
}

static double formula(const char *name, size_t i)
{
    return sin((double)strlen(name) + 1.7 * (double)i);
}

/* --- by hand, in double ----------------------------------------------------------------------- */

/* dst (BATCH,out,pixels,pixels) = 1x1 convolution `name` of the pixels first, first + stride, ...
 */
static void convolve(double *dst, const double *src, const char *name, size_t in, size_t out,
                     size_t size, size_t stride, size_t first)
{
    size_t pixels = size / stride;
    for (size_t i = 0; i < BATCH * out * pixels * pixels; i++) {
        size_t x = i % pixels, y = i / pixels % pixels, o = i / (pixels * pixels) % out;
        size_t n = i / (pixels * pixels * out);
        dst[i] = 0.0;
        for (size_t c = 0; c < in; c++) {
            dst[i] += formula(name, o * in + c) *
                      src[((n * in + c) * size + first + stride * y) * size + first + stride * x];
        }
    }
}

/* Channel c of x (BATCH,OUT,HALF,HALF) to mean 0 and variance 1. */
static void normalise(double *x, size_t c)
{
    enum { AREA = HALF * HALF };
    double mean = 0.0, var = 0.0;
    for (size_t i = 0; i < BATCH * AREA; i++) {
        mean += x[(i / AREA * OUT + c) * AREA + i % AREA] / (BATCH * AREA);
    }
    for (size_t i = 0; i < BATCH * AREA; i++) {
        double off = x[(i / AREA * OUT + c) * AREA + i % AREA] - mean;
        var += off * off / (BATCH * AREA);
    }
    for (size_t i = 0; i < BATCH * AREA; i++) {
        double *value = &x[(i / AREA * OUT + c) * AREA + i % AREA];
        *value = (*value - mean) / sqrt(var + 1e-5);
    }
}

static void expect_features(double *features, const double *images)
{
    enum { AREA = HALF * HALF };
    static double stem[BATCH * STEM * PIXELS * PIXELS], half[BATCH * OUT / 2 * AREA];
    convolve(stem, images, "stem", 3, STEM, PIXELS, 1, 0);
    for (size_t i = 0; i < sizeof stem / sizeof *stem; i++) {
        stem[i] = fmax(stem[i], 0.0);
    }
    for (size_t h = 0; h < 2; h++) {
        convolve(half, stem, h == 0 ? "conv1" : "conv2.", STEM, OUT / 2, PIXELS, 2, h);
        for (size_t n = 0; n < BATCH; n++) {
            memcpy(features + (n * OUT + h * OUT / 2) * AREA, half + n * OUT / 2 * AREA,
                   OUT / 2 * AREA * sizeof *half);
        }
    }
    for (size_t c = 0; c < OUT; c++) {
        normalise(features, c);
    }
}

/* --- through the executors -------------------------------------------------------------------- */

static void fill(const struct sgeo_store *store, void *theta)
{
    static const char *const modules[][2] = {
        {"stem.weight", "stem"}, {"conv1.weight", "conv1"}, {"conv2.weight", "conv2."}};
    double values[64];
    ck_assert_int_eq(sgeo_store_init_formula(store, theta), SGEO_OK);
    for (size_t m = 0; m < 3; m++) {
        size_t index = sgeo_store_find(store, modules[m][0]);
        ck_assert_uint_ne(index, SGEO_NONE);
        for (size_t i = 0; i < sgeo_store_segment(store, index)->count; i++) {
            values[i] = formula(modules[m][1], i);
        }
        sgeo_store_import(store, theta, index, values);
    }
}

static const struct {
    struct sgeo_executor executor;
    double tolerance;
} executors[] = {{{.precision = SGEO_F64}, 1e-12},
                 {{.layout = SGEO_LAYOUT_BLOCKED}, 1e-5},
                 {{.layout = SGEO_LAYOUT_NHWC}, 1e-5}};

START_TEST(test_factorized_reduce_reads_even_then_odd_pixels)
{
    enum { ELEMS = BATCH * 3 * PIXELS * PIXELS, FEATURES = BATCH * OUT * HALF * HALF };
    static double images[ELEMS], expected[FEATURES], got[FEATURES];
    static float floats[ELEMS];
    const struct sgeo_network_options options = {.batch = BATCH, .keep_features = true};
    struct sgeo_graph *graph = build(true);
    struct sgeo_backend *backend = NULL;
    struct sgeo_pool *pool = sgeo_pool_create();
    struct sgeo_store *store = NULL;
    struct sgeo_network *network = NULL;
    for (size_t i = 0; i < ELEMS; i++) {
        images[i] = formula("images", i);
        floats[i] = (float)images[i];
    }
    expect_features(expected, images);
    ck_assert_int_eq(sgeo_backend_create(&backend, executors[_i].executor), SGEO_OK);
    ck_assert_int_eq(sgeo_store_create(&store, graph, backend, BATCH), SGEO_OK);
    ck_assert_int_eq(sgeo_network_create(&network, graph, store, backend, pool, &options), SGEO_OK);
    void *theta = sgeo_store_vector(store);
    fill(store, theta);
    sgeo_network_bind(network, theta, NULL, NULL);
    const void *pixels =
        executors[_i].executor.precision == SGEO_F64 ? (const void *)images : floats;
    ck_assert_int_eq(sgeo_network_forward(network, pixels), SGEO_OK);
    sgeo_network_features(network, got);
    for (size_t i = 0; i < FEATURES; i++) {
        ck_assert_double_eq_tol(got[i], expected[i], executors[_i].tolerance);
    }
    sgeo_free(theta);
    sgeo_network_destroy(network);
    sgeo_store_destroy(store);
    sgeo_pool_destroy(pool);
    sgeo_backend_destroy(backend);
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_factorized_reduce_has_two_convolutions_and_one_norm)
{
    struct sgeo_graph *graph = build(true), *plain = build(false);
    struct sgeo_counts counts, without;
    sgeo_graph_count(&counts, graph);
    sgeo_graph_count(&without, plain);
    ck_assert_uint_eq(counts.params, 3 * STEM + STEM * OUT + 2 * OUT + 5 * OUT + 5);
    ck_assert_uint_eq(without.params, counts.params - 2 * OUT);
    ck_assert_uint_eq(counts.macs, 3 * STEM * PIXELS * PIXELS + STEM * OUT * HALF * HALF + 5 * OUT);
    ck_assert_uint_eq(graph->nodes[graph->features].channels, OUT);
    ck_assert_uint_eq(graph->nodes[graph->features].height, HALF);
    sgeo_graph_destroy(plain);
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_factorized_reduce_of_odd_maps_sticks_an_error)
{
    struct sgeo_graph *graph = sgeo_graph_create();
    size_t x = sgeo_graph_input(graph, 3, 7, 8);
    x = sgeo_graph_conv(graph, x, "stem", STEM, conv1x1);
    sgeo_factorized_reduce(graph, x, "conv1", "conv2", "bn", OUT, true);
    ck_assert_int_eq(graph->status, SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "different size"));
    sgeo_graph_destroy(graph);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("factorized reduce");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_factorized_reduce_reads_even_then_odd_pixels, 0,
                        (int)(sizeof executors / sizeof *executors));
    tcase_add_test(tests, test_factorized_reduce_has_two_convolutions_and_one_norm);
    tcase_add_test(tests, test_factorized_reduce_of_odd_maps_sticks_an_error);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
