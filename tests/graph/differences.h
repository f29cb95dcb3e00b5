/*
 * Gradients and tangents of a rig's network against central differences in double, and a float
 * network's gradients against a double one's; `network` names it in failures. A test program that
 * includes this uses all of it.
 */
#ifndef SGEO_TESTS_GRAPH_DIFFERENCES_H
#define SGEO_TESTS_GRAPH_DIFFERENCES_H

#include "graph/rig.h"

enum { SAMPLES = 4 }; /* coordinates of a segment */

static const double steps[4] = {-2.0, -1.0, 1.0, 2.0};

/*
 * A ReLU or max-pool that switches within a step spoils the difference, rarely at two steps. So a
 * value is compared at the largest step first, and only where it disagrees at the next.
 */
enum { SIZES = 3 };
static const double step_sizes[SIZES] = {2e-5, 2e-6, 4e-7};

/* d loss / d theta_i of segment s by differences. */
static inline double loss_difference(struct rig *rig, size_t s, size_t i, double h)
{
    double *values = rig_segment(rig->store, rig->theta, s), f[4], kept = values[i];
    for (size_t p = 0; p < 4; p++) {
        values[i] = kept + h * steps[p];
        sgeo_store_import(rig->store, rig->theta, s, values);
        f[p] = rig_loss(rig);
    }
    values[i] = kept;
    sgeo_store_import(rig->store, rig->theta, s, values);
    sgeo_free(values);
    return rig_difference(f, h);
}

static inline double gradient_scale(const struct rig *rig)
{
    double norm = sqrt(
        rig->backend->ops->dot(rig->backend, rig->grad, rig->grad, sgeo_store_total(rig->store)));
    return fmax(norm, 1e-3);
}

static inline void assert_gradient(struct rig *rig, const char *network)
{
    struct sgeo_rng rng = sgeo_rng_stream(9, "coordinates", 0);
    rig_gradient(rig);
    double scale = gradient_scale(rig);
    for (size_t s = 0; s < sgeo_store_count(rig->store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(rig->store, s);
        double *gradient = rig_segment(rig->store, rig->grad, s);
        for (size_t k = 0; k < SAMPLES; k++) {
            size_t i = (size_t)sgeo_rng_below(&rng, segment->count);
            double expected = 0.0;
            bool agrees = false;
            for (size_t h = 0; h < SIZES && !agrees; h++) {
                expected = loss_difference(rig, s, i, step_sizes[h]);
                agrees = fabs(gradient[i] - expected) <= 1e-6 * scale;
            }
            ck_assert_msg(agrees, "%s, %s[%zu]: gradient %.12g, difference %.12g", network,
                          segment->name, i, gradient[i], expected);
        }
        sgeo_free(gradient);
    }
}

/* d logits / d alpha by differences; expected has a row of logits. */
static inline void logit_differences(struct rig *rig, double *expected, double h)
{
    size_t count = rig_logit_count();
    double *logits = rig_zeros(4 * count, sizeof *logits);
    void *scaled = sgeo_store_vector(rig->store);
    rig_bind(rig, scaled);
    for (size_t p = 0; p < 4; p++) {
        rig_scale_weights(rig->store, scaled, rig->theta, 1.0 + h * steps[p]);
        rig_ok(sgeo_network_forward(rig->network, rig->images));
        memcpy(logits + p * count, sgeo_network_logits(rig->network), count * sizeof *logits);
    }
    rig_bind(rig, rig->theta);
    for (size_t i = 0; i < count; i++) {
        const double f[4] = {logits[i], logits[count + i], logits[2 * count + i],
                             logits[3 * count + i]};
        expected[i] = rig_difference(f, h);
    }
    sgeo_free(scaled);
    sgeo_free(logits);
}

static inline void assert_tangent(struct rig *rig, const char *network)
{
    size_t count = rig_logit_count();
    double *expected = rig_zeros(count, sizeof *expected);
    double *tangent = rig_zeros(count, sizeof *tangent);
    rig_ok(sgeo_network_forward(rig->network, rig->images));
    memcpy(tangent, sgeo_network_logit_tangent(rig->network), count * sizeof *tangent);
    double error = (double)INFINITY, bound = 0.0;
    for (size_t h = 0; h < SIZES && !(error <= bound); h++) {
        logit_differences(rig, expected, step_sizes[h]);
        bound = 1e-7 * fmax(rig_largest(expected, count), 1.0);
        error = rig_distance(tangent, expected, count);
    }
    ck_assert_msg(error <= bound, "%s: tangent off by %.3g, over %.3g", network, error, bound);
    sgeo_free(tangent);
    sgeo_free(expected);
}

static inline void assert_gradients_agree(const struct rig *wide, const struct rig *narrow,
                                          const char *network)
{
    double scale = gradient_scale(wide);
    for (size_t s = 0; s < sgeo_store_count(wide->store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(wide->store, s);
        double *expected = rig_segment(wide->store, wide->grad, s);
        double *got = rig_segment(narrow->store, narrow->grad, s);
        char what[160];
        snprintf(what, sizeof what, "%s, %s", network, segment->name);
        rig_assert_near(got, expected, segment->count, scale, 1e-4, what);
        sgeo_free(expected);
        sgeo_free(got);
    }
}

#endif
