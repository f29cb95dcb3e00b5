/* Softmax and binary cross-entropy against long double, its derivatives, and what infinities do to
 * it. */
#include <float.h>

#include "graph/rig.h"

enum { IMAGES = 6, CLASSES = 7 };

static double *logits;
static double soft[IMAGES * CLASSES];
static const uint16_t labels[IMAGES] = {0, 6, 3, 3, 1, 5};
static const struct sgeo_targets hard_targets = {.labels = labels};
static const struct sgeo_targets soft_targets = {.soft = soft};

/* With an offset in the logarithm; large enough to matter at these logits. */
#define OFFSET 1e-2
static const struct sgeo_targets offset_hard = {.labels = labels, .log_offset = OFFSET};
static const struct sgeo_targets offset_soft = {.soft = soft, .log_offset = OFFSET};
static const struct sgeo_targets *const all_targets[4] = {&hard_targets, &soft_targets,
                                                          &offset_hard, &offset_soft};

static void make_batch(void)
{
    logits = rig_random("logits", (size_t)IMAGES * CLASSES, -4.0, 4.0);
    double *mass = rig_random("soft targets", (size_t)IMAGES * CLASSES, 0.0, 1.0);
    for (size_t i = 0; i < IMAGES; i++) {
        double sum = 0.0;
        for (size_t c = 0; c < CLASSES; c++) {
            sum += mass[i * CLASSES + c];
        }
        for (size_t c = 0; c < CLASSES; c++) {
            soft[i * CLASSES + c] = mass[i * CLASSES + c] / sum;
        }
    }
    sgeo_free(mass);
}

static void free_batch(void)
{
    sgeo_free(logits);
}

static long double exact_target(const struct sgeo_targets *targets, size_t i, size_t c)
{
    if (targets->soft != NULL) {
        return (long double)targets->soft[i * CLASSES + c];
    }
    return targets->labels[i] == c ? 1.0L : 0.0L;
}

/* -sum_c t_c ln(softmax(z)_c + e), unshifted: nothing overflows at these logits. */
static long double exact_loss(const struct sgeo_targets *targets, size_t i)
{
    long double norm = 0.0L, loss = 0.0L;
    for (size_t c = 0; c < CLASSES; c++) {
        norm += expl((long double)logits[i * CLASSES + c]);
    }
    for (size_t c = 0; c < CLASSES; c++) {
        loss -=
            exact_target(targets, i, c) * logl(expl((long double)logits[i * CLASSES + c]) / norm +
                                               (long double)targets->log_offset);
    }
    return loss;
}

static void assert_losses_exact(const struct sgeo_targets *targets)
{
    double losses[IMAGES];
    long double sum = 0.0L;
    double mean = sgeo_cross_entropy(losses, NULL, logits, targets, IMAGES, CLASSES);
    for (size_t i = 0; i < IMAGES; i++) {
        double expected = (double)exact_loss(targets, i);
        ck_assert_double_eq_tol(losses[i], expected, 8 * DBL_EPSILON * fmax(1.0, expected));
        sum += exact_loss(targets, i);
    }
    ck_assert_double_eq_tol(mean, (double)(sum / IMAGES), 1e-14);
}

START_TEST(test_loss_hard_targets_equal_long_double)
{
    assert_losses_exact(&hard_targets);
}
END_TEST

START_TEST(test_loss_soft_targets_equal_long_double)
{
    assert_losses_exact(&soft_targets);
}
END_TEST

START_TEST(test_loss_with_an_offset_equals_long_double)
{
    assert_losses_exact(&offset_hard);
    assert_losses_exact(&offset_soft);
}
END_TEST

/* Rows by label say the same as soft targets by image. */
START_TEST(test_loss_rows_stand_for_soft_targets)
{
    double rows[CLASSES * CLASSES] = {0}, gradient[2][IMAGES * CLASSES];
    for (size_t i = 0; i < IMAGES; i++) {
        if (i == 3) { /* the label of image 2 again */
            memcpy(soft + 3 * CLASSES, soft + 2 * CLASSES, CLASSES * sizeof *soft);
        }
        memcpy(rows + labels[i] * CLASSES, soft + i * CLASSES, CLASSES * sizeof *rows);
    }
    const struct sgeo_targets by_label = {.labels = labels, .rows = rows, .log_offset = OFFSET};
    double loss = sgeo_cross_entropy(NULL, gradient[0], logits, &by_label, IMAGES, CLASSES);
    ck_assert(loss == sgeo_cross_entropy(NULL, gradient[1], logits, &offset_soft, IMAGES, CLASSES));
    ck_assert_mem_eq(gradient[0], gradient[1], sizeof gradient[0]);
}
END_TEST

/* A class that is ruled out costs -ln e, and moves by nothing. */
START_TEST(test_loss_with_an_offset_saturates)
{
    const double sure[3] = {0.0, 5000.0, 0.0};
    const uint16_t label = 0;
    const struct sgeo_targets targets = {.labels = &label, .log_offset = 1e-5};
    double gradient[3];
    double loss = sgeo_cross_entropy(NULL, gradient, sure, &targets, 1, 3);
    ck_assert_double_eq_tol(loss, 11.512925464970229, 1e-14);
    for (size_t c = 0; c < 3; c++) {
        ck_assert_double_eq(gradient[c], 0.0);
    }
}
END_TEST

START_TEST(test_loss_soft_one_hot_equals_hard)
{
    double gradient[2][IMAGES * CLASSES];
    memset(soft, 0, sizeof soft);
    for (size_t i = 0; i < IMAGES; i++) {
        soft[i * CLASSES + labels[i]] = 1.0;
    }
    double one_hot = sgeo_cross_entropy(NULL, gradient[0], logits, &soft_targets, IMAGES, CLASSES);
    double hard = sgeo_cross_entropy(NULL, gradient[1], logits, &hard_targets, IMAGES, CLASSES);
    ck_assert(one_hot == hard);
    ck_assert_mem_eq(gradient[0], gradient[1], sizeof gradient[0]);
}
END_TEST

/* d mean / d z_c = (softmax(z)_c - t_c) / n. */
static void assert_gradient_exact(const struct sgeo_targets *targets)
{
    double gradient[IMAGES * CLASSES];
    sgeo_cross_entropy(NULL, gradient, logits, targets, IMAGES, CLASSES);
    for (size_t i = 0; i < IMAGES; i++) {
        long double norm = 0.0L;
        for (size_t c = 0; c < CLASSES; c++) {
            norm += expl((long double)logits[i * CLASSES + c]);
        }
        for (size_t c = 0; c < CLASSES; c++) {
            long double p = expl((long double)logits[i * CLASSES + c]) / norm;
            double expected = (double)((p - exact_target(targets, i, c)) / IMAGES);
            ck_assert_double_eq_tol(gradient[i * CLASSES + c], expected, 1e-15);
        }
    }
}

START_TEST(test_loss_gradient_is_that_of_the_mean)
{
    assert_gradient_exact(&hard_targets);
    assert_gradient_exact(&soft_targets);
}
END_TEST

static const double loss_steps[4] = {-2.0, -1.0, 1.0, 2.0};

/* Every component of the gradient (loop index: the targets). */
START_TEST(test_loss_gradient_equals_differences)
{
    double gradient[IMAGES * CLASSES], f[4];
    const double h = 1e-3;
    sgeo_cross_entropy(NULL, gradient, logits, all_targets[_i], IMAGES, CLASSES);
    for (size_t c = 0; c < (size_t)IMAGES * CLASSES; c++) {
        double kept = logits[c];
        for (size_t p = 0; p < 4; p++) {
            logits[c] = kept + h * loss_steps[p];
            f[p] = sgeo_cross_entropy(NULL, NULL, logits, all_targets[_i], IMAGES, CLASSES);
        }
        logits[c] = kept;
        ck_assert_double_eq_tol(gradient[c], rig_difference(f, h), 1e-11);
    }
}
END_TEST

/* The tangent of the gradient along a direction of the logits (loop index: the targets). */
START_TEST(test_loss_curvature_equals_differences_of_the_gradient)
{
    enum { COUNT = IMAGES * CLASSES };
    double curvature[COUNT], gradients[4][COUNT], moved[COUNT];
    const double h = 1e-3;
    double *direction = rig_random("direction", COUNT, -1.0, 1.0);
    sgeo_cross_entropy_curvature(curvature, logits, direction, all_targets[_i], IMAGES, CLASSES);
    for (size_t p = 0; p < 4; p++) {
        for (size_t i = 0; i < COUNT; i++) {
            moved[i] = logits[i] + h * loss_steps[p] * direction[i];
        }
        sgeo_cross_entropy(NULL, gradients[p], moved, all_targets[_i], IMAGES, CLASSES);
    }
    for (size_t i = 0; i < COUNT; i++) {
        const double f[4] = {gradients[0][i], gradients[1][i], gradients[2][i], gradients[3][i]};
        ck_assert_double_eq_tol(curvature[i], rig_difference(f, h), 1e-11);
    }
    sgeo_free(direction);
}
END_TEST

/* Targets that do not sum to 1 keep the gradient of the loss as defined. */
START_TEST(test_loss_gradient_follows_targets_of_any_mass)
{
    double gradient[IMAGES * CLASSES], f[4];
    const double h = 1e-3;
    for (size_t c = 0; c < CLASSES; c++) {
        soft[c] *= 2.5;
    }
    sgeo_cross_entropy(NULL, gradient, logits, &soft_targets, IMAGES, CLASSES);
    for (size_t c = 0; c < CLASSES; c++) {
        double kept = logits[c];
        for (size_t p = 0; p < 4; p++) {
            logits[c] = kept + h * loss_steps[p];
            f[p] = sgeo_cross_entropy(NULL, NULL, logits, &soft_targets, IMAGES, CLASSES);
        }
        logits[c] = kept;
        ck_assert_double_eq_tol(gradient[c], rig_difference(f, h), 1e-11);
    }
}
END_TEST

START_TEST(test_loss_tangent_is_the_directional_derivative_of_each_image)
{
    const double h = 1e-3;
    size_t count = (size_t)IMAGES * CLASSES;
    double *direction = rig_random("direction", count, -1.0, 1.0);
    double *moved = rig_zeros(count, sizeof *moved);
    for (size_t t = 0; t < 4; t++) {
        double tangent[IMAGES], losses[4][IMAGES];
        sgeo_cross_entropy_tangent(tangent, logits, direction, all_targets[t], IMAGES, CLASSES);
        for (size_t p = 0; p < 4; p++) {
            for (size_t i = 0; i < count; i++) {
                moved[i] = logits[i] + h * loss_steps[p] * direction[i];
            }
            sgeo_cross_entropy(losses[p], NULL, moved, all_targets[t], IMAGES, CLASSES);
        }
        for (size_t i = 0; i < IMAGES; i++) {
            const double f[4] = {losses[0][i], losses[1][i], losses[2][i], losses[3][i]};
            ck_assert_double_eq_tol(tangent[i], rig_difference(f, h), 1e-11);
        }
    }
    sgeo_free(direction);
    sgeo_free(moved);
}
END_TEST

/* Adding a constant to an image's logits changes nothing, also where exp would overflow. */
START_TEST(test_loss_large_logits_do_not_overflow)
{
    double near[IMAGES], far[IMAGES];
    sgeo_cross_entropy(near, NULL, logits, &hard_targets, IMAGES, CLASSES);
    for (size_t i = 0; i < (size_t)IMAGES * CLASSES; i++) {
        logits[i] += 1e6;
    }
    sgeo_cross_entropy(far, NULL, logits, &hard_targets, IMAGES, CLASSES);
    rig_assert_near(far, near, IMAGES, 1.0, 1e-9, "shifted losses");
}
END_TEST

START_TEST(test_loss_of_a_sure_mistake_is_the_gap)
{
    const double sure[3] = {0.0, 5000.0, 0.0};
    const uint16_t label = 0;
    const struct sgeo_targets targets = {.labels = &label};
    ck_assert_double_eq(sgeo_cross_entropy(NULL, NULL, sure, &targets, 1, 3), 5000.0);
}
END_TEST

START_TEST(test_loss_minus_infinity_elsewhere_is_a_class_that_cannot_be)
{
    const double with[3] = {1.0, -(double)INFINITY, 2.0}, without[2] = {1.0, 2.0};
    const uint16_t label = 0;
    const struct sgeo_targets targets = {.labels = &label};
    double gradient[3];
    double loss = sgeo_cross_entropy(NULL, gradient, with, &targets, 1, 3);
    ck_assert_double_eq(loss, sgeo_cross_entropy(NULL, NULL, without, &targets, 1, 2));
    ck_assert_double_eq(gradient[1], 0.0);
}
END_TEST

START_TEST(test_loss_minus_infinity_at_the_label_is_infinite)
{
    const double impossible[3] = {-(double)INFINITY, 0.5, 2.0};
    const uint16_t label = 0;
    const struct sgeo_targets targets = {.labels = &label};
    double gradient[3];
    ck_assert_double_eq(sgeo_cross_entropy(NULL, gradient, impossible, &targets, 1, 3), INFINITY);
    ck_assert_double_eq(gradient[0], -1.0);
}
END_TEST

/* A diverged network must not come out with a finite loss. */
START_TEST(test_loss_nan_and_plus_infinity_are_nan)
{
    static const double broken[4][3] = {{(double)NAN, 0.0, 1.0},
                                        {0.0, 1.0, (double)NAN},
                                        {0.0, (double)INFINITY, 1.0},
                                        {(double)-INFINITY, (double)-INFINITY, (double)-INFINITY}};
    const uint16_t label = 0;
    const struct sgeo_targets targets = {.labels = &label};
    for (size_t i = 0; i < 4; i++) {
        ck_assert_msg(isnan(sgeo_cross_entropy(NULL, NULL, broken[i], &targets, 1, 3)), "row %zu",
                      i);
    }
}
END_TEST

START_TEST(test_loss_of_no_images_is_zero)
{
    ck_assert_double_eq(sgeo_cross_entropy(NULL, NULL, logits, &hard_targets, 0, CLASSES), 0.0);
}
END_TEST

START_TEST(test_count_correct_gives_equals_to_the_first)
{
    const double equal[2 * 3] = {1.0, 1.0, 0.0, 0.0, 2.0, 2.0};
    const uint16_t first[2] = {0, 1}, second[2] = {1, 2};
    ck_assert_uint_eq(sgeo_count_correct(equal, first, 2, 3), 2);
    ck_assert_uint_eq(sgeo_count_correct(equal, second, 2, 3), 0);
}
END_TEST

/* --- one logit -------------------------------------------------------------------------------- */

enum { SAMPLES = 6 };

static const double one_logit[SAMPLES] = {-3.5, -0.2, 0.0, 0.4, 1.7, 6.0};
static const double clicks[SAMPLES] = {0.1, 1.0, 0.5, 0.0, 0.9, 1.0};
static const uint16_t clicked[SAMPLES] = {0, 1, 1, 0, 0, 1};
static const struct sgeo_targets binary_targets[2] = {{.labels = clicked}, {.soft = clicks}};

static long double exact_binary_loss(const struct sgeo_targets *targets, size_t i, double logit)
{
    long double p = 1.0L / (1.0L + expl(-(long double)logit));
    long double y =
        targets->soft != NULL ? (long double)targets->soft[i] : (long double)targets->labels[i];
    return -y * logl(p) - (1.0L - y) * logl(1.0L - p);
}

START_TEST(test_loss_of_one_logit_equals_long_double)
{
    const struct sgeo_targets *targets = &binary_targets[_i];
    double losses[SAMPLES], mean = 0.0;
    double loss = sgeo_cross_entropy(losses, NULL, one_logit, targets, SAMPLES, 1);
    for (size_t i = 0; i < SAMPLES; i++) {
        double expected = (double)exact_binary_loss(targets, i, one_logit[i]);
        ck_assert_double_eq_tol(losses[i], expected, 8 * DBL_EPSILON * fmax(1.0, expected));
        mean += losses[i] / SAMPLES;
    }
    ck_assert_double_eq_tol(loss, mean, 1e-14);
}
END_TEST

/* Gradient, tangent and curvature are the first and second derivatives of the loss. */
START_TEST(test_loss_of_one_logit_derivatives_equal_differences)
{
    const struct sgeo_targets *targets = &binary_targets[_i];
    const double h = 1e-3, tangent[SAMPLES] = {1.0, -2.0, 0.5, 3.0, -1.0, 0.25};
    double gradient[SAMPLES], along[SAMPLES], curvature[SAMPLES];
    sgeo_cross_entropy(NULL, gradient, one_logit, targets, SAMPLES, 1);
    sgeo_cross_entropy_tangent(along, one_logit, tangent, targets, SAMPLES, 1);
    sgeo_cross_entropy_curvature(curvature, one_logit, tangent, targets, SAMPLES, 1);
    for (size_t i = 0; i < SAMPLES; i++) {
        long double f[3];
        for (int p = -1; p <= 1; p++) {
            f[p + 1] = exact_binary_loss(targets, i, one_logit[i] + p * h);
        }
        double slope = (double)((f[2] - f[0]) / (2.0L * (long double)h));
        double bend = (double)((f[2] - 2.0L * f[1] + f[0]) / ((long double)h * (long double)h));
        ck_assert_double_eq_tol(gradient[i] * SAMPLES, slope, 1e-6);
        ck_assert_double_eq_tol(along[i], slope * tangent[i], 3e-6);
        ck_assert_double_eq_tol(curvature[i] * SAMPLES, bend * tangent[i], 3e-6);
    }
}
END_TEST

START_TEST(test_loss_of_one_logit_keeps_the_digits_of_sure_answers)
{
    const double sure[4] = {40.0, -40.0, 800.0, (double)INFINITY};
    const uint16_t right[4] = {1, 0, 1, 1}, wrong[4] = {0, 1, 0, 0};
    const struct sgeo_targets targets[2] = {{.labels = right}, {.labels = wrong}};
    double losses[4], gradient[4];
    sgeo_cross_entropy(losses, gradient, sure, &targets[0], 4, 1);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_double_eq_tol(losses[i], exp(-40.0), 1e-30);
        ck_assert_double_eq_tol(fabs(gradient[i]), exp(-40.0) / 4.0, 1e-30);
    }
    ck_assert_double_eq(losses[2], 0.0);
    ck_assert_double_eq(losses[3], 0.0);
    sgeo_cross_entropy(losses, gradient, sure, &targets[1], 4, 1);
    ck_assert_double_eq(losses[0], 40.0);
    ck_assert_double_eq(losses[2], 800.0);
    ck_assert(isinf(losses[3]));
    ck_assert_double_eq(gradient[2], 0.25);
}
END_TEST

START_TEST(test_count_correct_of_one_logit_is_its_sign)
{
    ck_assert_uint_eq(sgeo_count_correct(one_logit, clicked, SAMPLES, 1), 2); /* the ends */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("loss");
    TCase *tcase = tcase_create("cross-entropy");
    tcase_add_checked_fixture(tcase, make_batch, free_batch);
    tcase_add_test(tcase, test_loss_hard_targets_equal_long_double);
    tcase_add_test(tcase, test_loss_soft_targets_equal_long_double);
    tcase_add_test(tcase, test_loss_with_an_offset_equals_long_double);
    tcase_add_test(tcase, test_loss_rows_stand_for_soft_targets);
    tcase_add_test(tcase, test_loss_with_an_offset_saturates);
    tcase_add_test(tcase, test_loss_soft_one_hot_equals_hard);
    tcase_add_loop_test(tcase, test_loss_gradient_equals_differences, 0, 4);
    tcase_add_loop_test(tcase, test_loss_curvature_equals_differences_of_the_gradient, 0, 4);
    tcase_add_test(tcase, test_loss_gradient_is_that_of_the_mean);
    tcase_add_test(tcase, test_loss_gradient_follows_targets_of_any_mass);
    tcase_add_test(tcase, test_loss_tangent_is_the_directional_derivative_of_each_image);
    tcase_add_test(tcase, test_loss_large_logits_do_not_overflow);
    tcase_add_test(tcase, test_loss_of_a_sure_mistake_is_the_gap);
    tcase_add_test(tcase, test_loss_minus_infinity_elsewhere_is_a_class_that_cannot_be);
    tcase_add_test(tcase, test_loss_minus_infinity_at_the_label_is_infinite);
    tcase_add_test(tcase, test_loss_nan_and_plus_infinity_are_nan);
    tcase_add_test(tcase, test_loss_of_no_images_is_zero);
    tcase_add_test(tcase, test_count_correct_gives_equals_to_the_first);
    tcase_add_loop_test(tcase, test_loss_of_one_logit_equals_long_double, 0, 2);
    tcase_add_loop_test(tcase, test_loss_of_one_logit_derivatives_equal_differences, 0, 2);
    tcase_add_test(tcase, test_loss_of_one_logit_keeps_the_digits_of_sure_answers);
    tcase_add_test(tcase, test_count_correct_of_one_logit_is_its_sign);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
