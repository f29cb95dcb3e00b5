/*
 * What the tests of graphs share: a network with everything it needs, on random weights and
 * images that follow from names, and comparisons that say by how much they failed.
 */
#ifndef SGEO_TESTS_GRAPH_RIG_H
#define SGEO_TESTS_GRAPH_RIG_H

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "base/memory.h"
#include "base/rng.h"
#include "graph/network.h"

enum { RIG_BATCH = 4, RIG_CLASSES = 5, RIG_CHANNELS = 3, RIG_PIXELS = 8 };

struct rig {
    struct sgeo_backend *backend;
    struct sgeo_pool *pool;
    struct sgeo_graph *graph;
    struct sgeo_store *store;
    struct sgeo_network *network;
    void *theta, *grad, *images;
    uint16_t labels[RIG_BATCH];
    double *running; /* means, then variances */
    bool evaluate;
};

static const struct sgeo_network_options rig_plain = {.batch = RIG_BATCH, .backward = true};
static const struct sgeo_network_options rig_with_tangent = {
    .batch = RIG_BATCH, .backward = true, .tangent = true};

static inline void rig_ok(enum sgeo_status status)
{
    ck_assert_msg(status == SGEO_OK, "status %d: %s", (int)status, sgeo_error_text());
}

static inline void *rig_zeros(size_t n, size_t size)
{
    void *block = sgeo_calloc(n, size);
    ck_assert_ptr_nonnull(block);
    return block;
}

/* n values in [low, high), the same at every call with the same name. */
static inline double *rig_random(const char *name, size_t n, double low, double high)
{
    struct sgeo_rng rng = sgeo_rng_stream(5, name, 0);
    double *values = rig_zeros(n, sizeof *values);
    for (size_t i = 0; i < n; i++) {
        values[i] = low + (high - low) * sgeo_rng_uniform(&rng);
    }
    return values;
}

/* n doubles as elements of the backend; free with sgeo_free. */
static inline void *rig_elements(const struct sgeo_backend *backend, const double *values, size_t n)
{
    void *elements = rig_zeros(n, backend->ops->elem_bytes);
    for (size_t i = 0; i < n; i++) {
        if (backend->ops->precision == SGEO_F64) {
            ((double *)elements)[i] = values[i];
        } else {
            ((float *)elements)[i] = (float)values[i];
        }
    }
    return elements;
}

/* Segment `index` of a vector, row-major; free with sgeo_free. */
static inline double *rig_segment(const struct sgeo_store *store, const void *vector, size_t index)
{
    double *values = rig_zeros(sgeo_store_segment(store, index)->count, sizeof *values);
    sgeo_store_export(store, values, index, vector);
    return values;
}

/* Weights as at initialisation, but scales around 1 and shifts around 0, so that both matter. */
static inline void rig_fill(const struct sgeo_store *store, void *theta)
{
    rig_ok(sgeo_store_init_random(store, theta, 5, 0));
    for (size_t s = 0; s < sgeo_store_count(store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(store, s);
        bool is_scale = segment->kind == SGEO_SEGMENT_SCALE || segment->kind == SGEO_SEGMENT_GAMMA;
        double center = is_scale ? 1.0 : 0.0;
        if (is_scale || segment->kind == SGEO_SEGMENT_SHIFT || segment->kind == SGEO_SEGMENT_BETA) {
            double *values = rig_random(segment->name, segment->count, center - 0.4, center + 0.4);
            sgeo_store_import(store, theta, s, values);
            sgeo_free(values);
        }
    }
}

static inline void rig_make_images(struct rig *rig)
{
    size_t elems = (size_t)RIG_BATCH * RIG_CHANNELS * RIG_PIXELS * RIG_PIXELS;
    double *values = rig_random("images", elems, -1.7, 1.7);
    rig->images = rig_elements(rig->backend, values, elems);
    sgeo_free(values);
    for (size_t n = 0; n < RIG_BATCH; n++) {
        rig->labels[n] = (uint16_t)((3 * n + 1) % RIG_CLASSES);
    }
}

/* Running statistics away from those of any batch. */
static inline void rig_make_running(struct rig *rig)
{
    size_t channels = rig->graph->norm_channels;
    double *mean = rig_random("running mean", channels, -0.3, 0.3);
    double *var = rig_random("running variance", channels, 0.2, 0.9);
    rig->running = rig_zeros(2 * channels + 1, sizeof *rig->running);
    memcpy(rig->running, mean, channels * sizeof *mean);
    memcpy(rig->running + channels, var, channels * sizeof *var);
    sgeo_free(mean);
    sgeo_free(var);
}

/* Takes the graph. No running statistics are bound: networks start in training mode. */
static inline void rig_open(struct rig *rig, struct sgeo_graph *graph,
                            enum sgeo_precision precision,
                            const struct sgeo_network_options *options)
{
    *rig = (struct rig){.graph = graph};
    ck_assert_msg(graph->status == SGEO_OK, "%s", sgeo_error_text());
    rig_ok(sgeo_backend_create(&rig->backend,
                               (struct sgeo_executor){precision, SGEO_LAYOUT_AUTO, false}));
    rig->pool = sgeo_pool_create();
    ck_assert_ptr_nonnull(rig->pool);
    rig_ok(sgeo_store_create(&rig->store, graph, rig->backend, options->batch));
    rig_ok(sgeo_network_create(&rig->network, graph, rig->store, rig->backend, rig->pool, options));
    rig->theta = sgeo_store_vector(rig->store);
    rig->grad = sgeo_store_vector(rig->store);
    ck_assert(rig->theta != NULL && rig->grad != NULL);
    rig_fill(rig->store, rig->theta);
    rig_make_images(rig);
    rig_make_running(rig);
    sgeo_network_bind(rig->network, rig->theta, rig->grad, NULL);
}

static inline void rig_close(struct rig *rig)
{
    sgeo_network_destroy(rig->network);
    sgeo_store_destroy(rig->store);
    sgeo_pool_destroy(rig->pool);
    sgeo_backend_destroy(rig->backend);
    sgeo_graph_destroy(rig->graph);
    sgeo_free(rig->theta);
    sgeo_free(rig->grad);
    sgeo_free(rig->images);
    sgeo_free(rig->running);
}

/* Bind theta, with the running statistics in evaluation mode only: training must not move them. */
static inline void rig_bind(struct rig *rig, const void *theta)
{
    sgeo_network_bind(rig->network, theta, rig->grad, rig->evaluate ? rig->running : NULL);
}

/* From now on batch norms use the rig's running statistics. */
static inline void rig_evaluate(struct rig *rig)
{
    rig->evaluate = true;
    rig_bind(rig, rig->theta);
    sgeo_network_evaluate(rig->network, true);
}

static inline size_t rig_logit_count(void)
{
    return (size_t)RIG_BATCH * RIG_CLASSES;
}

static inline struct sgeo_targets rig_targets(const struct rig *rig)
{
    return (struct sgeo_targets){.labels = rig->labels};
}

static inline double rig_loss(struct rig *rig)
{
    struct sgeo_targets targets = rig_targets(rig);
    rig_ok(sgeo_network_forward(rig->network, rig->images));
    return sgeo_cross_entropy(NULL, NULL, sgeo_network_logits(rig->network), &targets, RIG_BATCH,
                              RIG_CLASSES);
}

/* The gradient of the mean loss into rig->grad; the loss. */
static inline double rig_gradient(struct rig *rig)
{
    struct sgeo_targets targets = rig_targets(rig);
    double loss = 0.0;
    rig_ok(sgeo_network_loss_gradient(rig->network, rig->images, &targets, NULL, &loss));
    return loss;
}

/* All weights of L in `to` = scale times those in `from`. */
static inline void rig_scale_weights(const struct sgeo_store *store, void *to, const void *from,
                                     double scale)
{
    for (size_t s = 0; s < sgeo_store_count(store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(store, s);
        double *values = rig_segment(store, from, s);
        for (size_t i = 0; i < segment->count && sgeo_segment_in_l(segment); i++) {
            values[i] *= scale;
        }
        sgeo_store_import(store, to, s, values);
        sgeo_free(values);
    }
}

/* Fourth-order central difference from f(-2h), f(-h), f(h), f(2h). */
static inline double rig_difference(const double f[4], double h)
{
    return (8.0 * (f[2] - f[1]) - (f[3] - f[0])) / (12.0 * h);
}

/* |got - expected| <= tolerance * scale for n values; what names them in the failure. */
static inline void rig_assert_near(const double *got, const double *expected, size_t n,
                                   double scale, double tolerance, const char *what)
{
    for (size_t i = 0; i < n; i++) {
        double error = fabs(got[i] - expected[i]);
        ck_assert_msg(error <= tolerance * scale,
                      "%s, element %zu: got %.17g, expected %.17g, error %.3g over %.3g * %.3g",
                      what, i, got[i], expected[i], error, tolerance, scale);
    }
}

static inline double rig_largest(const double *values, size_t n)
{
    double largest = 0.0;
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fabs(values[i]));
    }
    return largest;
}

/* Largest difference; NaN when one is NaN. */
static inline double rig_distance(const double *a, const double *b, size_t n)
{
    double largest = 0.0;
    for (size_t i = 0; i < n; i++) {
        double distance = fabs(a[i] - b[i]);
        largest = distance <= largest ? largest : distance;
    }
    return largest;
}

/* Run the cases of a program; the result is its exit code. */
static inline int rig_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
