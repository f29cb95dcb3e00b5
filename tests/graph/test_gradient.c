/*
 * Gradients and tangents of every op against central differences in double, in training and in
 * evaluation mode, and the float executor against the double one (loop index: the network).
 */
#include "graph/networks.h"

enum { SAMPLES = 4 }; /* coordinates of a segment */

static const double steps[4] = {-2.0, -1.0, 1.0, 2.0};

/*
 * A ReLU or max-pool that switches within a step spoils the difference, rarely at two steps. So a
 * value is compared at the largest step first, and only where it disagrees at the next.
 */
enum { SIZES = 3 };
static const double step_sizes[SIZES] = {2e-5, 2e-6, 4e-7};

static char name[64];

/* d loss / d theta_i of segment s by differences. */
static double loss_difference(struct rig *rig, size_t s, size_t i, double h)
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

static double gradient_scale(const struct rig *rig)
{
    double norm = sqrt(
        rig->backend->ops->dot(rig->backend, rig->grad, rig->grad, sgeo_store_total(rig->store)));
    return fmax(norm, 1e-3);
}

static void assert_gradient(struct rig *rig)
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
            ck_assert_msg(agrees, "%s, %s[%zu]: gradient %.12g, difference %.12g", name,
                          segment->name, i, gradient[i], expected);
        }
        sgeo_free(gradient);
    }
}

/* d logits / d alpha by differences; expected has a row of logits. */
static void logit_differences(struct rig *rig, double *expected, double h)
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

static void assert_tangent(struct rig *rig)
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
    ck_assert_msg(error <= bound, "%s: tangent off by %.3g, over %.3g", name, error, bound);
    sgeo_free(tangent);
    sgeo_free(expected);
}

START_TEST(test_gradient_equals_differences_in_training_mode)
{
    struct rig rig;
    rig_open(&rig, network_build((size_t)_i, name), SGEO_F64, &rig_plain);
    assert_gradient(&rig);
    rig_close(&rig);
}
END_TEST

START_TEST(test_gradient_equals_differences_in_evaluation_mode)
{
    struct rig rig;
    rig_open(&rig, network_build((size_t)_i, name), SGEO_F64, &rig_plain);
    rig_evaluate(&rig);
    assert_gradient(&rig);
    rig_close(&rig);
}
END_TEST

START_TEST(test_tangent_equals_differences_in_training_mode)
{
    struct rig rig;
    rig_open(&rig, network_build((size_t)_i, name), SGEO_F64, &rig_with_tangent);
    assert_tangent(&rig);
    rig_close(&rig);
}
END_TEST

START_TEST(test_tangent_equals_differences_in_evaluation_mode)
{
    struct rig rig;
    rig_open(&rig, network_build((size_t)_i, name), SGEO_F64, &rig_with_tangent);
    rig_evaluate(&rig);
    assert_tangent(&rig);
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

/* --- float against double --------------------------------------------------------------------- */

static void assert_gradients_agree(const struct rig *wide, const struct rig *narrow)
{
    double scale = gradient_scale(wide);
    for (size_t s = 0; s < sgeo_store_count(wide->store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(wide->store, s);
        double *expected = rig_segment(wide->store, wide->grad, s);
        double *got = rig_segment(narrow->store, narrow->grad, s);
        char what[160];
        snprintf(what, sizeof what, "%s, %s", name, segment->name);
        rig_assert_near(got, expected, segment->count, scale, 1e-4, what);
        sgeo_free(expected);
        sgeo_free(got);
    }
}

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
    assert_gradients_agree(&wide, &narrow);
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
    tcase_add_loop_test(tcase, test_tangent_equals_differences_in_training_mode, 0, NETWORKS);
    tcase_add_loop_test(tcase, test_tangent_equals_differences_in_evaluation_mode, 0, NETWORKS);
    tcase_add_loop_test(tcase, test_tangent_of_the_loss_equals_theta_dot_gradient, 0, NETWORKS);
    tcase_add_loop_test(tcase, test_float_agrees_with_double_in_training_mode, 0, NETWORKS);
    tcase_add_loop_test(tcase, test_float_agrees_with_double_in_evaluation_mode, 0, NETWORKS);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
