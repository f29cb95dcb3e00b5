/*
 * Layers of networks on a matrix: gradients by parameters and by the input, and tangents along L
 * and along everything, against central differences in double; the float executor against the
 * double one (loop index: the network).
 */
#include "graph/differences.h"
#include "graph/row_networks.h"

static char name[64];

enum { INPUT_ELEMS = RIG_BATCH * ROW_INPUT, INPUTS_TRIED = 12 };

static const struct sgeo_network_options with_input_gradient = {
    .batch = RIG_BATCH, .backward = true, .input_gradient = true};
static const struct sgeo_network_options with_whole_tangent = {.batch = RIG_BATCH,
                                                               .backward = true,
                                                               .tangent = true,
                                                               .tangent_all = true,
                                                               .input_gradient = true};

static void open_network(struct rig *rig, int index, enum sgeo_precision precision,
                         const struct sgeo_network_options *options)
{
    rig_open(rig, row_network_build((size_t)index, name), precision, options);
}

START_TEST(test_row_gradient_equals_differences)
{
    struct rig rig;
    open_network(&rig, _i, SGEO_F64, &rig_plain);
    assert_gradient(&rig, name);
    rig_close(&rig);
}
END_TEST

static void assert_segments_equal(const struct rig *rig, const void *vector, const void *expected)
{
    for (size_t s = 0; s < sgeo_store_count(rig->store); s++) {
        const struct sgeo_place place = sgeo_store_place(rig->store, s);
        size_t bytes = rig->backend->ops->elem_bytes, at = place.offset * bytes;
        ck_assert_msg(memcmp((const unsigned char *)vector + at,
                             (const unsigned char *)expected + at, place.elems * bytes) == 0,
                      "%s: %s", name, sgeo_store_segment(rig->store, s)->name);
    }
}

/* Of layers that the loss depends on, and of those that it does not. */
START_TEST(test_row_gradient_is_written_over_whatever_was_there)
{
    for (int form = 0; form < 4; form++) {
        const struct sgeo_network_options options = {
            .batch = RIG_BATCH, .backward = true, .keep_dead = (form & 1) != 0};
        struct rig rig;
        open_network(&rig, _i, (form & 2) != 0 ? SGEO_F32 : SGEO_F64, &options);
        size_t bytes = sgeo_store_total(rig.store) * rig.backend->ops->elem_bytes;
        void *expected = sgeo_store_vector(rig.store);
        rig_gradient(&rig);
        memcpy(expected, rig.grad, bytes);
        memset(rig.grad, 0xff, bytes); /* NaN */
        rig_gradient(&rig);
        assert_segments_equal(&rig, rig.grad, expected);
        sgeo_free(expected);
        rig_close(&rig);
    }
}
END_TEST

static double input_difference(struct rig *rig, size_t i, double h)
{
    double *input = rig->images, kept = input[i], f[4];
    for (size_t p = 0; p < 4; p++) {
        input[i] = kept + h * steps[p];
        f[p] = rig_loss(rig);
    }
    input[i] = kept;
    return rig_difference(f, h);
}

START_TEST(test_row_gradient_by_the_input_equals_differences)
{
    struct rig rig;
    struct sgeo_rng rng = sgeo_rng_stream(10, "inputs", 0);
    double *gradient = rig_zeros(INPUT_ELEMS, sizeof *gradient);
    open_network(&rig, _i, SGEO_F64, &with_input_gradient);
    rig_gradient(&rig);
    sgeo_network_input_gradient(rig.network, gradient);
    ck_assert_mem_eq(gradient, sgeo_network_input_gradient_elems(rig.network),
                     INPUT_ELEMS * sizeof *gradient);
    double scale = fmax(rig_largest(gradient, INPUT_ELEMS), 1e-3);
    for (size_t k = 0; k < INPUTS_TRIED; k++) {
        size_t i = (size_t)sgeo_rng_below(&rng, INPUT_ELEMS);
        double expected = 0.0;
        bool agrees = false;
        for (size_t h = 0; h < SIZES && !agrees; h++) {
            expected = input_difference(&rig, i, step_sizes[h]);
            agrees = fabs(gradient[i] - expected) <= 1e-6 * scale;
        }
        ck_assert_msg(agrees, "%s, input %zu: gradient %.12g, difference %.12g", name, i,
                      gradient[i], expected);
    }
    sgeo_free(gradient);
    rig_close(&rig);
}
END_TEST

/* Those by parameters, and by the input from a column on, do not change. */
START_TEST(test_row_gradient_by_a_part_of_the_input_is_the_same)
{
    struct sgeo_network_options from = with_input_gradient;
    struct rig all, part;
    double *gradients[2] = {rig_zeros(INPUT_ELEMS, sizeof(double)),
                            rig_zeros(INPUT_ELEMS, sizeof(double))};
    from.input_gradient_from = 40;
    open_network(&all, _i, SGEO_F64, &with_input_gradient);
    open_network(&part, _i, SGEO_F64, &from);
    rig_gradient(&all);
    rig_gradient(&part);
    sgeo_network_input_gradient(all.network, gradients[0]);
    sgeo_network_input_gradient(part.network, gradients[1]);
    for (size_t i = 0; i < INPUT_ELEMS; i++) {
        ck_assert_msg(i % ROW_INPUT < 40 || gradients[0][i] == gradients[1][i], "%s: input %zu",
                      name, i);
    }
    for (size_t i = 0; i < sgeo_store_total(all.store); i++) {
        ck_assert(((const double *)all.grad)[i] == ((const double *)part.grad)[i]);
    }
    sgeo_free(gradients[0]);
    sgeo_free(gradients[1]);
    rig_close(&all);
    rig_close(&part);
}
END_TEST

START_TEST(test_row_tangent_along_the_weights_equals_differences)
{
    struct rig rig;
    open_network(&rig, _i, SGEO_F64, &rig_with_tangent);
    assert_tangent(&rig, name);
    rig_close(&rig);
}
END_TEST

/* --- the tangent along everything: all parameters, and a direction of the input --- */

/* Logits at all parameters times alpha and the input moved by (alpha - 1) * direction. */
static void logits_at(struct rig *rig, double *logits, const double *direction, double alpha)
{
    size_t total = sgeo_store_total(rig->store);
    double *theta = sgeo_store_vector(rig->store), *input = rig_zeros(INPUT_ELEMS, sizeof *input);
    ck_assert_ptr_nonnull(theta);
    for (size_t i = 0; i < total; i++) {
        theta[i] = alpha * ((const double *)rig->theta)[i];
    }
    for (size_t i = 0; i < INPUT_ELEMS; i++) {
        input[i] = ((const double *)rig->images)[i] + (alpha - 1.0) * direction[i];
    }
    rig_bind(rig, theta);
    rig_ok(sgeo_network_forward(rig->network, input));
    memcpy(logits, sgeo_network_logits(rig->network), rig_logit_count() * sizeof *logits);
    rig_bind(rig, rig->theta);
    sgeo_free(theta);
    sgeo_free(input);
}

static double whole_tangent_error(struct rig *rig, const double *tangent, const double *direction,
                                  double h)
{
    size_t count = rig_logit_count();
    double *logits = rig_zeros(4 * count, sizeof *logits), error = 0.0, largest = 1.0;
    for (size_t p = 0; p < 4; p++) {
        logits_at(rig, logits + p * count, direction, 1.0 + h * steps[p]);
    }
    for (size_t i = 0; i < count; i++) {
        const double f[4] = {logits[i], logits[count + i], logits[2 * count + i],
                             logits[3 * count + i]};
        double expected = rig_difference(f, h);
        largest = fmax(largest, fabs(expected));
        error = fmax(error, fabs(tangent[i] - expected));
    }
    sgeo_free(logits);
    return error / largest;
}

START_TEST(test_row_tangent_along_everything_equals_differences)
{
    struct rig rig;
    double *direction = rig_random("direction", INPUT_ELEMS, -1.0, 1.0), error = (double)INFINITY;
    double tangent[RIG_BATCH * RIG_CLASSES];
    open_network(&rig, _i, SGEO_F64, &with_whole_tangent);
    sgeo_network_input_tangent(rig.network, direction);
    rig_ok(sgeo_network_forward(rig.network, rig.images));
    memcpy(tangent, sgeo_network_logit_tangent(rig.network), sizeof tangent);
    for (size_t h = 0; h < SIZES && error > 1e-7; h++) {
        error = whole_tangent_error(&rig, tangent, direction, step_sizes[h]);
    }
    ck_assert_msg(error <= 1e-7, "%s: tangent off by %.3g", name, error);
    sgeo_free(direction);
    rig_close(&rig);
}
END_TEST

/* --- tangent against backward --- */

/* Mean of d l_n along the tangent of the last forward. */
static double mean_derivative(struct rig *rig)
{
    double derivatives[RIG_BATCH], mean = 0.0;
    struct sgeo_targets targets = rig_targets(rig);
    sgeo_cross_entropy_tangent(derivatives, sgeo_network_logits(rig->network),
                               sgeo_network_logit_tangent(rig->network), &targets, RIG_BATCH,
                               RIG_CLASSES);
    for (size_t n = 0; n < RIG_BATCH; n++) {
        mean += derivatives[n] / RIG_BATCH;
    }
    return mean;
}

/* <theta, g> over all parameters, or those of L. */
static double theta_dot_gradient(const struct rig *rig, bool all)
{
    double dot = 0.0;
    for (size_t s = 0; s < sgeo_store_count(rig->store); s++) {
        size_t at = sgeo_store_place(rig->store, s).offset;
        if (all || sgeo_segment_in_l(sgeo_store_segment(rig->store, s))) {
            dot += rig->backend->ops->dot(rig->backend, (const double *)rig->theta + at,
                                          (const double *)rig->grad + at,
                                          sgeo_store_place(rig->store, s).elems);
        }
    }
    return dot;
}

START_TEST(test_row_tangent_of_the_loss_equals_weights_dot_gradient)
{
    struct rig rig;
    open_network(&rig, _i, SGEO_F64, &rig_with_tangent);
    rig_gradient(&rig);
    double mean = mean_derivative(&rig), dot = theta_dot_gradient(&rig, false);
    ck_assert_msg(fabs(mean - dot) <= 1e-11 * fmax(1.0, fabs(dot)), "%s: tangent %.15g, dot %.15g",
                  name, mean, dot);
    rig_close(&rig);
}
END_TEST

START_TEST(test_row_tangent_of_the_loss_equals_everything_dot_gradient)
{
    struct rig rig;
    double *direction = rig_random("direction", INPUT_ELEMS, -1.0, 1.0);
    open_network(&rig, _i, SGEO_F64, &with_whole_tangent);
    sgeo_network_input_tangent(rig.network, direction);
    rig_gradient(&rig);
    double mean = mean_derivative(&rig), dot = theta_dot_gradient(&rig, true);
    dot += rig.backend->ops->dot(rig.backend, direction,
                                 sgeo_network_input_gradient_elems(rig.network), INPUT_ELEMS);
    ck_assert_msg(fabs(mean - dot) <= 1e-11 * fmax(1.0, fabs(dot)), "%s: tangent %.15g, dot %.15g",
                  name, mean, dot);
    sgeo_free(direction);
    rig_close(&rig);
}
END_TEST

/* Sample by sample, without a direction of the input: both ways to d l_n / d alpha, the way of the
 * products in both precisions. */
START_TEST(test_row_parameter_dots_are_the_tangents_of_the_losses)
{
    static const enum sgeo_precision precisions[2] = {SGEO_F64, SGEO_F32};
    static const double tolerances[2] = {1e-11, 1e-5};
    const struct sgeo_network_options with_dots = {
        .batch = RIG_BATCH, .backward = true, .parameter_dots = true};
    struct rig along, back;
    double derivatives[RIG_BATCH];
    open_network(&along, _i, SGEO_F64, &with_whole_tangent);
    struct sgeo_targets targets = rig_targets(&along);
    rig_gradient(&along);
    sgeo_cross_entropy_tangent(derivatives, sgeo_network_logits(along.network),
                               sgeo_network_logit_tangent(along.network), &targets, RIG_BATCH,
                               RIG_CLASSES);
    for (size_t p = 0; p < 2; p++) {
        open_network(&back, _i, precisions[p], &with_dots);
        rig_gradient(&back);
        rig_gradient(&back); /* the second forgets the first */
        for (size_t n = 0; n < RIG_BATCH; n++) {
            double dot = RIG_BATCH * sgeo_network_parameter_dots(back.network)[n];
            ck_assert_msg(fabs(dot - derivatives[n]) <= tolerances[p] * fmax(1.0, fabs(dot)),
                          "%s: precision %zu, sample %zu: tangent %.15g, dot %.15g", name, p, n,
                          derivatives[n], dot);
        }
        rig_close(&back);
    }
    rig_close(&along);
}
END_TEST

/* --- float against double --- */

/* Logits, tangents, gradients and the input's gradient of one precision. */
static void measure(struct rig *rig, int index, enum sgeo_precision precision,
                    double input_gradient[INPUT_ELEMS])
{
    double *direction = rig_random("direction", INPUT_ELEMS, -1.0, 1.0);
    open_network(rig, index, precision, &with_whole_tangent);
    void *elements = rig_elements(rig->backend, direction, INPUT_ELEMS);
    sgeo_network_input_tangent(rig->network, elements);
    rig_gradient(rig);
    sgeo_network_input_gradient(rig->network, input_gradient);
    sgeo_free(direction);
    sgeo_free(elements);
}

START_TEST(test_row_float_agrees_with_double)
{
    static double gradients[2][INPUT_ELEMS];
    struct rig wide, narrow;
    size_t count = rig_logit_count();
    measure(&wide, _i, SGEO_F64, gradients[0]);
    measure(&narrow, _i, SGEO_F32, gradients[1]);
    const double *logits = sgeo_network_logits(wide.network);
    const double *tangent = sgeo_network_logit_tangent(wide.network);
    rig_assert_near(sgeo_network_logits(narrow.network), logits, count,
                    fmax(rig_largest(logits, count), 1.0), 1e-5, name);
    rig_assert_near(sgeo_network_logit_tangent(narrow.network), tangent, count,
                    fmax(rig_largest(tangent, count), 1.0), 1e-5, name);
    rig_assert_near(gradients[1], gradients[0], INPUT_ELEMS,
                    fmax(rig_largest(gradients[0], INPUT_ELEMS), 1e-3), 1e-4, name);
    assert_gradients_agree(&wide, &narrow, name);
    rig_close(&wide);
    rig_close(&narrow);
}
END_TEST

/* --- what a pass does besides --- */

START_TEST(test_row_gradient_without_readers_of_the_input_is_zero)
{
    struct rig rig;
    double zeros[INPUT_ELEMS] = {0}, gradient[INPUT_ELEMS];
    open_network(&rig, 0, SGEO_F64, &rig_plain); /* nobody asked for it */
    rig_gradient(&rig);
    ck_assert_ptr_null(sgeo_network_input_gradient_elems(rig.network));
    sgeo_network_input_gradient(rig.network, gradient);
    ck_assert_mem_eq(gradient, zeros, sizeof zeros);
    rig_close(&rig);
}
END_TEST

START_TEST(test_row_network_has_no_curvature)
{
    const struct sgeo_network_options with_curvature = {
        .batch = RIG_BATCH, .backward = true, .tangent = true, .curvature = true};
    struct rig rig;
    open_network(&rig, 5, SGEO_F64, &with_curvature); /* layer norm */
    struct sgeo_targets targets = rig_targets(&rig);
    rig_ok(sgeo_network_forward(rig.network, rig.images));
    ck_assert_int_eq(sgeo_network_curvature(rig.network, &targets), SGEO_UNSUPPORTED);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("row gradient");
    TCase *tcase = tcase_create("every network");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_row_gradient_equals_differences, 0, ROW_NETWORKS);
    tcase_add_loop_test(tcase, test_row_gradient_is_written_over_whatever_was_there, 0,
                        ROW_NETWORKS);
    tcase_add_loop_test(tcase, test_row_gradient_by_the_input_equals_differences, 0, ROW_NETWORKS);
    tcase_add_loop_test(tcase, test_row_gradient_by_a_part_of_the_input_is_the_same, 0,
                        ROW_NETWORKS);
    tcase_add_loop_test(tcase, test_row_tangent_along_the_weights_equals_differences, 0,
                        ROW_NETWORKS);
    tcase_add_loop_test(tcase, test_row_tangent_along_everything_equals_differences, 0,
                        ROW_NETWORKS);
    tcase_add_loop_test(tcase, test_row_tangent_of_the_loss_equals_weights_dot_gradient, 0,
                        ROW_NETWORKS);
    tcase_add_loop_test(tcase, test_row_tangent_of_the_loss_equals_everything_dot_gradient, 0,
                        ROW_NETWORKS);
    tcase_add_loop_test(tcase, test_row_parameter_dots_are_the_tangents_of_the_losses, 0,
                        ROW_NETWORKS);
    tcase_add_loop_test(tcase, test_row_float_agrees_with_double, 0, ROW_NETWORKS);
    tcase_add_test(tcase, test_row_gradient_without_readers_of_the_input_is_zero);
    tcase_add_test(tcase, test_row_network_has_no_curvature);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
