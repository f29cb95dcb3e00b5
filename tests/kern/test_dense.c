/*
 * What contract/dense.h promises beyond agreement with the reference: values known from elsewhere,
 * for every bundle that this machine runs. Each test gets the bundle as its loop index.
 */
#include <string.h>

#include "bundle.h"

START_TEST(test_bias_grad_rounds_once)
{
    enum { ROWS = 4097, DIM = 3 };
    static float src[ROWS * DIM];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    /* 2^24 and 4096 ones: f32 sums would stay at 2^24 */
    for (size_t i = 0; i < ROWS * DIM; i++)
        src[i] = i < DIM ? 0x1p24f : 1.0f;
    float dst[DIM];
    kernels.f32_bias_grad(dst, src, ROWS, DIM, DIM);
    for (size_t d = 0; d < DIM; d++)
        ck_assert_double_eq((double)dst[d], 0x1p24 + 4096.0);
}
END_TEST

START_TEST(test_bias_grad_of_no_rows_is_zero)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float dst[3] = {1.0f, 2.0f, 3.0f};
    const float zeros[3] = {0};
    kernels.f32_bias_grad(dst, NULL, 0, 3, 3);
    ck_assert_mem_eq(dst, zeros, sizeof dst);
}
END_TEST

START_TEST(test_sigmoid_saturates_and_keeps_nan)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    const float src[] = {0.0f, 1e4f, -1e4f, INFINITY, -INFINITY, 20.0f, 1e38f, -1e38f, NAN};
    const float expected[] = {0.5f, 1.0f, 0.0f, 1.0f, 0.0f, 1.0f, 1.0f, 0.0f};
    float dst[9];
    kernels.f32_sigmoid(dst, src, 9);
    for (size_t i = 0; i < 8; i++)
        ck_assert_double_eq((double)dst[i], (double)expected[i]);
    ck_assert(isnan(dst[8]));
}
END_TEST

/* Far out on the left 1 - sigmoid(-x) would have no digits left. */
START_TEST(test_sigmoid_keeps_its_digits_on_the_left)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    for (float x = -80.0f; x < 0.0f; x += 0.37f) {
        float dst;
        kernels.f32_sigmoid(&dst, &x, 1);
        double exact = 1.0 / (1.0 + exp(-(double)x));
        ck_assert_double_eq_tol((double)dst / exact, 1.0, 4e-7);
    }
}
END_TEST

START_TEST(test_sigmoid_never_falls)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float before = 0.0f, src[64], dst[64];
    for (int from = -100; from < 100; from++) {
        for (int i = 0; i < 64; i++)
            src[i] = (float)from + (float)i / 64.0f;
        kernels.f32_sigmoid(dst, src, 64);
        for (size_t i = 0; i < 64; i++) {
            ck_assert(dst[i] >= before && dst[i] <= 1.0f);
            before = dst[i];
        }
    }
}
END_TEST

START_TEST(test_sigmoid_grad_by_hand)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    const float ddst[3] = {4.0f, 2.0f, 1.0f}, y[3] = {0.5f, 0.25f, 1.0f};
    const float expected[3] = {1.0f, 0.375f, 0.0f};
    float dsrc[3];
    kernels.f32_sigmoid_grad(dsrc, ddst, y, 3);
    ck_assert_mem_eq(dsrc, expected, sizeof dsrc);
}
END_TEST

/* Rows of 1e6 and quarters: f32 means would be off by a sixteenth, more than a tenth of the
 * deviation. */
START_TEST(test_layer_norm_keeps_a_small_deviation_over_a_large_mean)
{
    enum { DIM = 100 };
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float src[DIM], dst[DIM];
    double stats[2];
    for (size_t d = 0; d < DIM; d++)
        src[d] = 1e6f + 0.25f * (float)(d % 4);
    struct sgeo_layer_norm norm = {.epsilon = 1e-12};
    kernels.f32_layer_norm(dst, stats, src, 1, DIM, &norm);
    double deviation = 0.25 * sqrt(1.25); /* of 0, 1, 2, 3 quarters */
    ck_assert_double_eq_tol(stats[0], 1e6 + 0.375, 1e-9);
    ck_assert_double_eq_tol(stats[1] * deviation, 1.0, 1e-9);
    for (size_t d = 0; d < DIM; d++)
        ck_assert_double_eq_tol((double)dst[d], (0.25 * (double)(d % 4) - 0.375) / deviation, 1e-6);
}
END_TEST

START_TEST(test_layer_norm_of_equal_elements_is_beta)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float src[19], gamma[19], beta[19], dst[19];
    double stats[2];
    fill_waves(beta, 19, 0);
    for (size_t d = 0; d < 19; d++) {
        src[d] = 0.1f;
        gamma[d] = 2.0f;
    }
    struct sgeo_layer_norm norm = {gamma, beta, 1e-5};
    kernels.f32_layer_norm(dst, stats, src, 1, 19, &norm);
    for (size_t d = 0; d < 19; d++) /* 19 * 0.1f / 19 may not be 0.1f in double */
        ck_assert_double_eq_tol((double)dst[d], (double)beta[d], 1e-7);
}
END_TEST

/* <layer_norm(x), w> along a direction, against its gradient: the slope of a central difference. */
START_TEST(test_layer_norm_grad_is_the_slope_of_forward)
{
    enum { DIM = 21 };
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float src[DIM], moved[DIM], dst[DIM], w[DIM], gamma[DIM], direction[DIM], dsrc[DIM];
    double stats[2], slope = 0.0, expected = 0.0;
    const float h = 0x1p-8f;
    fill_waves(src, DIM, 0);
    fill_waves(w, DIM, 100);
    fill_waves(gamma, DIM, 200);
    fill_waves(direction, DIM, 300);
    struct sgeo_layer_norm norm = {.gamma = gamma, .epsilon = 1e-5};
    for (int side = -1; side <= 1; side += 2) {
        for (size_t d = 0; d < DIM; d++)
            moved[d] = src[d] + (float)side * h * direction[d];
        kernels.f32_layer_norm(dst, stats, moved, 1, DIM, &norm);
        for (size_t d = 0; d < DIM; d++)
            slope += side * (double)dst[d] * (double)w[d] / (2.0 * (double)h);
    }
    struct sgeo_layer_norm_grads grads = {.src = dsrc};
    kernels.f32_layer_norm(dst, stats, src, 1, DIM, &norm);
    kernels.f32_layer_norm_grad(&grads, w, src, stats, gamma, 1, DIM);
    for (size_t d = 0; d < DIM; d++)
        expected += (double)dsrc[d] * (double)direction[d];
    ck_assert_double_eq_tol(slope, expected, 1e-3);
}
END_TEST

/* A row's gradient has no part along the row of ones and along xhat: both are normalised away. */
START_TEST(test_layer_norm_grad_is_orthogonal_to_what_is_normalised_away)
{
    enum { ROWS = 40, DIM = 33 };
    static float src[ROWS * DIM], ddst[ROWS * DIM], dst[ROWS * DIM];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    double stats[2 * ROWS];
    fill_waves(src, ROWS * DIM, 0);
    fill_waves(ddst, ROWS * DIM, 5000);
    struct sgeo_layer_norm norm = {.epsilon = 1e-12};
    struct sgeo_layer_norm_grads grads = {.src = ddst};
    kernels.f32_layer_norm(dst, stats, src, ROWS, DIM, &norm);
    kernels.f32_layer_norm_grad(&grads, ddst, src, stats, NULL, ROWS, DIM);
    for (size_t b = 0; b < ROWS; b++) {
        double sum = 0.0, dot = 0.0;
        for (size_t d = 0; d < DIM; d++) {
            sum += (double)ddst[b * DIM + d];
            dot += (double)ddst[b * DIM + d] * (double)dst[b * DIM + d];
        }
        ck_assert_double_eq_tol(sum, 0.0, 1e-5);
        ck_assert_double_eq_tol(dot, 0.0, 1e-5);
    }
}
END_TEST

/* A sum's order depends on the shape alone, not on where the buffer happens to lie. */
START_TEST(test_row_sums_return_the_same_bits_at_any_alignment)
{
    enum { ROWS = 35, DIM = 29, N = ROWS * DIM };
    static float src[N + 16], dst[N], dsrc[N];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    double stats[2 * ROWS], first_stats[2 * ROWS];
    float dgamma[DIM], dbeta[DIM], first_dgamma[DIM], first_dbeta[DIM];
    struct sgeo_layer_norm norm = {.epsilon = 1e-5};
    struct sgeo_layer_norm_grads grads = {dsrc, dgamma, dbeta};
    for (size_t shift = 0; shift < 16; shift++) {
        fill_waves(src + shift, N, 0);
        kernels.f32_layer_norm(dst, stats, src + shift, ROWS, DIM, &norm);
        kernels.f32_layer_norm_grad(&grads, src + shift, src + shift, stats, NULL, ROWS, DIM);
        if (shift == 0) {
            memcpy(first_stats, stats, sizeof stats);
            memcpy(first_dgamma, dgamma, sizeof dgamma);
            memcpy(first_dbeta, dbeta, sizeof dbeta);
        }
        ck_assert_mem_eq(stats, first_stats, sizeof stats);
        ck_assert_mem_eq(dgamma, first_dgamma, sizeof dgamma);
        ck_assert_mem_eq(dbeta, first_dbeta, sizeof dbeta);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("dense");
    ADD_FOR_EVERY_BUNDLE(tcase, test_bias_grad_rounds_once);
    ADD_FOR_EVERY_BUNDLE(tcase, test_bias_grad_of_no_rows_is_zero);
    ADD_FOR_EVERY_BUNDLE(tcase, test_sigmoid_saturates_and_keeps_nan);
    ADD_FOR_EVERY_BUNDLE(tcase, test_sigmoid_keeps_its_digits_on_the_left);
    ADD_FOR_EVERY_BUNDLE(tcase, test_sigmoid_never_falls);
    ADD_FOR_EVERY_BUNDLE(tcase, test_sigmoid_grad_by_hand);
    ADD_FOR_EVERY_BUNDLE(tcase, test_layer_norm_keeps_a_small_deviation_over_a_large_mean);
    ADD_FOR_EVERY_BUNDLE(tcase, test_layer_norm_of_equal_elements_is_beta);
    ADD_FOR_EVERY_BUNDLE(tcase, test_layer_norm_grad_is_the_slope_of_forward);
    ADD_FOR_EVERY_BUNDLE(tcase, test_layer_norm_grad_is_orthogonal_to_what_is_normalised_away);
    ADD_FOR_EVERY_BUNDLE(tcase, test_row_sums_return_the_same_bits_at_any_alignment);
    return run_case("kern/dense", tcase);
}
