/*
 * What contract/loss.h promises beyond agreement with the reference: values known from elsewhere,
 * for every bundle that this machine runs. Each test gets the bundle as its loop index.
 */
#include <string.h>

#include "bundle.h"

START_TEST(test_bce_of_certain_logits_is_their_size_when_wrong)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    const float logits[4] = {1e4f, -1e4f, 1e4f, -1e4f}, labels[4] = {1.0f, 0.0f, 0.0f, 1.0f};
    const float expected[4] = {0.0f, 0.0f, 1.0f, -1.0f};
    double loss;
    float gradient[4];
    kernels.f32_bce_logits(&loss, gradient, logits, labels, 4, 1.0);
    ck_assert_double_eq(loss, 2e4);
    for (size_t i = 0; i < 4; i++)
        ck_assert_double_eq((double)gradient[i], (double)expected[i]);
}
END_TEST

START_TEST(test_bce_of_zero_logits_is_ln_2_each)
{
    enum { N = 37 };
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float logits[N] = {0}, labels[N];
    double loss;
    for (size_t i = 0; i < N; i++)
        labels[i] = (float)(i % 2);
    kernels.f32_bce_logits(&loss, NULL, logits, labels, N, 1.0 / N);
    ck_assert_double_eq_tol(loss, 0.69314718055994531, 1e-7);
}
END_TEST

/* e^-50 is the loss of a right answer and the size of its gradient: nothing of it is lost. */
START_TEST(test_bce_keeps_the_digits_of_a_tiny_gradient)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    const float logits[2] = {50.0f, -50.0f}, labels[2] = {1.0f, 0.0f};
    double loss;
    float gradient[2];
    kernels.f32_bce_logits(&loss, gradient, logits, labels, 2, 1.0);
    ck_assert_double_eq_tol(loss / (2.0 * exp(-50.0)), 1.0, 1e-6);
    ck_assert_double_eq_tol((double)gradient[0] / -exp(-50.0), 1.0, 1e-6);
    ck_assert_double_eq_tol((double)gradient[1] / exp(-50.0), 1.0, 1e-6);
}
END_TEST

START_TEST(test_bce_of_nothing_is_zero)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    double loss = 1.0;
    kernels.f32_bce_logits(&loss, NULL, NULL, NULL, 0, 1.0);
    ck_assert_double_eq(loss, 0.0);
}
END_TEST

START_TEST(test_losses_return_the_same_bits_at_any_alignment)
{
    enum { N = 1003 };
    static float logits[N + 16], labels[N];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    double first[2] = {0};
    int32_t label = 77;
    struct sgeo_class_targets targets = {.labels = &label};
    for (size_t i = 0; i < N; i++)
        labels[i] = (float)(i % 3) * 0.5f;
    for (size_t shift = 0; shift < 16; shift++) {
        double losses[2];
        fill_waves(logits + shift, N, 0);
        kernels.f32_bce_logits(&losses[0], NULL, logits + shift, labels, N, 1.0);
        kernels.f32_softmax_xent(&losses[1], NULL, logits + shift, &targets, 1, N, 1.0);
        if (shift == 0)
            memcpy(first, losses, sizeof losses);
        ck_assert_mem_eq(losses, first, sizeof losses);
    }
}
END_TEST

START_TEST(test_softmax_xent_of_equal_logits_is_the_log_of_the_classes)
{
    enum { CLASSES = 10 };
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float logits[CLASSES], gradient[CLASSES];
    double loss;
    int32_t label = 3;
    struct sgeo_class_targets targets = {.labels = &label};
    for (size_t c = 0; c < CLASSES; c++)
        logits[c] = -3.25f;
    kernels.f32_softmax_xent(&loss, gradient, logits, &targets, 1, CLASSES, 1.0);
    ck_assert_double_eq_tol(loss, log(10.0), 1e-12);
    for (size_t c = 0; c < CLASSES; c++)
        ck_assert_double_eq_tol((double)gradient[c], c == 3 ? -0.9 : 0.1, 1e-7);
}
END_TEST

START_TEST(test_softmax_xent_does_not_care_about_a_shift)
{
    enum { CLASSES = 5 };
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float near[CLASSES] = {0.0f, 1.0f, -2.0f, 0.5f, 3.0f}, far[CLASSES];
    float of_near[CLASSES], of_far[CLASSES];
    double loss_near, loss_far;
    int32_t label = 1;
    struct sgeo_class_targets targets = {.labels = &label};
    for (size_t c = 0; c < CLASSES; c++)
        far[c] = near[c] - 8192.0f;
    kernels.f32_softmax_xent(&loss_near, of_near, near, &targets, 1, CLASSES, 1.0);
    kernels.f32_softmax_xent(&loss_far, of_far, far, &targets, 1, CLASSES, 1.0);
    ck_assert_double_eq(loss_near, loss_far);
    ck_assert_mem_eq(of_near, of_far, sizeof of_near);
}
END_TEST

START_TEST(test_softmax_xent_of_a_hard_label_is_that_of_its_soft_row)
{
    enum { CLASSES = 23, ROWS = 2 };
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float logits[ROWS * CLASSES], soft[ROWS * CLASSES] = {0};
    float of_hard[ROWS * CLASSES], of_soft[ROWS * CLASSES];
    double hard_losses[ROWS], soft_losses[ROWS];
    const int32_t labels[ROWS] = {22, 0};
    fill_waves(logits, ROWS * CLASSES, 0);
    soft[22] = soft[CLASSES] = 1.0f;
    struct sgeo_class_targets hard = {.labels = labels}, rows = {.soft = soft};
    kernels.f32_softmax_xent(hard_losses, of_hard, logits, &hard, ROWS, CLASSES, 0.5);
    kernels.f32_softmax_xent(soft_losses, of_soft, logits, &rows, ROWS, CLASSES, 0.5);
    for (size_t b = 0; b < ROWS; b++)
        ck_assert_double_eq_tol(hard_losses[b], soft_losses[b], 1e-12);
    for (size_t i = 0; i < ROWS * CLASSES; i++)
        ck_assert_double_eq_tol((double)of_hard[i], (double)of_soft[i], 1e-7);
}
END_TEST

/* e^-20 short of certain: 1 - p would be zero. */
START_TEST(test_softmax_xent_keeps_the_digits_of_a_right_answer)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    const float logits[2] = {20.0f, 0.0f};
    float gradient[2];
    int32_t label = 0;
    struct sgeo_class_targets targets = {.labels = &label};
    kernels.f32_softmax_xent(NULL, gradient, logits, &targets, 1, 2, 1.0);
    double others = exp(-20.0) / (1.0 + exp(-20.0));
    ck_assert_double_eq_tol((double)gradient[0] / -others, 1.0, 1e-6);
    ck_assert_double_eq_tol((double)gradient[1] / others, 1.0, 1e-6);
}
END_TEST

START_TEST(test_softmax_xent_leaves_out_impossible_classes_without_target)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    const float logits[3] = {1.0f, -INFINITY, 1.0f}, soft[3] = {0.5f, 0.0f, 0.5f};
    float gradient[3];
    double loss;
    struct sgeo_class_targets targets = {.soft = soft};
    kernels.f32_softmax_xent(&loss, gradient, logits, &targets, 1, 3, 1.0);
    ck_assert_double_eq_tol(loss, log(2.0), 1e-12);
    for (size_t c = 0; c < 3; c++)
        ck_assert_double_eq_tol((double)gradient[c], 0.0, 1e-7);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("loss");
    ADD_FOR_EVERY_BUNDLE(tcase, test_bce_of_certain_logits_is_their_size_when_wrong);
    ADD_FOR_EVERY_BUNDLE(tcase, test_bce_of_zero_logits_is_ln_2_each);
    ADD_FOR_EVERY_BUNDLE(tcase, test_bce_keeps_the_digits_of_a_tiny_gradient);
    ADD_FOR_EVERY_BUNDLE(tcase, test_bce_of_nothing_is_zero);
    ADD_FOR_EVERY_BUNDLE(tcase, test_losses_return_the_same_bits_at_any_alignment);
    ADD_FOR_EVERY_BUNDLE(tcase, test_softmax_xent_of_equal_logits_is_the_log_of_the_classes);
    ADD_FOR_EVERY_BUNDLE(tcase, test_softmax_xent_does_not_care_about_a_shift);
    ADD_FOR_EVERY_BUNDLE(tcase, test_softmax_xent_of_a_hard_label_is_that_of_its_soft_row);
    ADD_FOR_EVERY_BUNDLE(tcase, test_softmax_xent_keeps_the_digits_of_a_right_answer);
    ADD_FOR_EVERY_BUNDLE(tcase, test_softmax_xent_leaves_out_impossible_classes_without_target);
    return run_case("kern/loss", tcase);
}
