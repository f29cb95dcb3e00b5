/*
 * What kernel.h promises beyond agreement with the reference: values known from elsewhere, for
 * every bundle that this machine runs. Each test gets the bundle as its loop index.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "bundle.h"

#define TINY_IMAGE 6

static struct sgeo_layout blocked(size_t n, size_t lanes, size_t height, size_t width)
{
    size_t pixels = height * width;
    return (struct sgeo_layout){.n = n,
                                .groups = 1,
                                .lanes = lanes,
                                .height = height,
                                .width = width,
                                .image = pixels * lanes,
                                .group = pixels * lanes,
                                .pitch = lanes};
}

/* A repeatable number in -1..1. */
static float wave(size_t i)
{
    return (float)sin(1.7 * (double)i + 0.3);
}

START_TEST(test_channel_moments_keep_a_small_variance_over_a_large_mean)
{
    enum { PIXELS = 4096, LANES = 8 };
    static float src[PIXELS * LANES];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    for (size_t i = 0; i < PIXELS * LANES; i++)
        src[i] = 1e6f + 0.25f * (float)(i * 7919 % 5);
    double mean[LANES], var[LANES];
    struct sgeo_layout layout = blocked(1, LANES, 64, 64);
    kernels.f32_channel_moments(mean, var, src, &layout);
    for (size_t c = 0; c < LANES; c++) {
        long double sum = 0.0L, squares = 0.0L;
        for (size_t p = 0; p < PIXELS; p++)
            sum += (long double)src[p * LANES + c];
        long double exact = sum / PIXELS;
        for (size_t p = 0; p < PIXELS; p++) {
            long double d = (long double)src[p * LANES + c] - exact;
            squares += d * d;
        }
        ck_assert_double_eq_tol(mean[c], (double)exact, 1e-9);
        ck_assert_double_eq_tol(var[c], (double)(squares / PIXELS), 1e-12);
    }
}
END_TEST

START_TEST(test_channel_moments_without_elements_are_zero)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    double mean[8], var[8], dots[8];
    struct sgeo_layout layout = blocked(0, 8, 4, 4);
    memset(mean, 0x7f, sizeof mean);
    memset(var, 0x7f, sizeof var);
    kernels.f32_channel_moments(mean, var, NULL, &layout);
    for (size_t c = 0; c < 8; c++) {
        ck_assert_double_eq(mean[c], 0.0);
        ck_assert_double_eq(var[c], 0.0);
    }
    double center[8] = {0};
    kernels.f32_channel_dots(mean, dots, NULL, NULL, center, &layout);
    ck_assert_double_eq(mean[7], 0.0);
    ck_assert_double_eq(dots[7], 0.0);
}
END_TEST

/* A reduction's order depends on the layout alone, not on where the buffer happens to lie. */
START_TEST(test_reductions_return_the_same_bits_at_any_alignment)
{
    enum { N = 1003 };
    static float a[N + 16], b[N + 16];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    struct sgeo_moments first = {0};
    for (size_t shift = 0; shift < 16; shift++) {
        struct sgeo_moments moments;
        for (size_t i = 0; i < N; i++) {
            a[shift + i] = wave(i);
            b[shift + i] = wave(i + N);
        }
        kernels.f32_grad_moments(&moments, (const float *const[]){a + shift, b + shift}, 2,
                                 a + shift, N);
        if (shift == 0)
            first = moments;
        ck_assert_mem_eq(&moments, &first, sizeof first);
    }
}
END_TEST

/* The ratio of two gradients in one coordinate, among equal neighbours that do not count. */
static struct sgeo_moments moments_of_pair(const struct sgeo_kernels *kernels, float a, float b)
{
    float first[40], second[40];
    struct sgeo_moments moments;
    for (size_t i = 0; i < 40; i++)
        first[i] = second[i] = 0.1f;
    first[33] = a;
    second[33] = b;
    kernels->f32_grad_moments(&moments, (const float *const[]){first, second}, 2, NULL, 40);
    return moments;
}

START_TEST(test_grad_moments_are_exact_for_neighbouring_floats)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    struct sgeo_moments moments = moments_of_pair(&kernels, 1.0f, 1.0f + FLT_EPSILON);
    ck_assert_double_eq_tol(moments.ratio_sum, 0x1p24 + 1.0, 0x1p24 * 1e-6);
    ck_assert_uint_eq(moments.zero_std, 39);
}
END_TEST

START_TEST(test_grad_moments_neither_underflow_nor_overflow)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    static const float scales[] = {1e-37f, 1e-30f, 1e-19f, 1e-10f, 1.0f, 1e10f, 1e20f, 1e37f};
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        struct sgeo_moments moments = moments_of_pair(&kernels, scales[i], 3.0f * scales[i]);
        ck_assert_double_eq_tol(moments.ratio_sum, 2.0, 2e-6);
    }
}
END_TEST

START_TEST(test_grad_moments_count_equal_coordinates_exactly)
{
    enum { N = 100 };
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float values[N];
    for (size_t i = 0; i < N; i++)
        values[i] = wave(i); /* a third of their sum is seldom the float it came from */
    for (size_t k = 1; k <= SGEO_MOMENTS_MAX_BATCHES; k++) {
        const float *g[SGEO_MOMENTS_MAX_BATCHES];
        struct sgeo_moments moments;
        for (size_t b = 0; b < k; b++)
            g[b] = values;
        kernels.f32_grad_moments(&moments, g, k, NULL, N);
        ck_assert_uint_eq(moments.zero_std, N);
        ck_assert_double_eq(moments.ratio_sum, 0.0);
    }
}
END_TEST

START_TEST(test_grad_moments_of_the_same_infinity_are_not_a_number)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    struct sgeo_moments moments = moments_of_pair(&kernels, INFINITY, INFINITY);
    ck_assert(!isfinite(moments.ratio_sum));
    ck_assert_uint_eq(moments.zero_std, 39);
}
END_TEST

START_TEST(test_relu_keeps_nan_and_drops_the_sign_of_zero)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float src[16] = {-0.0f, NAN, -1.0f, 2.0f, INFINITY, -INFINITY}, minus[16], relu[16];
    for (size_t j = 0; j < 16; j++)
        minus[j] = -0.0f; /* -0 + -0 is the only sum that is -0 */
    struct sgeo_affine_term term = {.src = src};
    struct sgeo_layout layout = blocked(1, 16, 1, 1);
    kernels.f32_affine_sum(NULL, relu, &term, 1, minus, &layout);
    ck_assert(relu[0] == 0.0f && !signbit(relu[0]));
    ck_assert(isnan(relu[1]));
    ck_assert_double_eq((double)relu[2], 0.0);
    ck_assert_double_eq((double)relu[3], 2.0);
    ck_assert(isinf(relu[4]));
    ck_assert_double_eq((double)relu[5], 0.0);
}
END_TEST

START_TEST(test_avgpool_keeps_a_constant_image_at_the_border)
{
    enum { ELEMS = TINY_IMAGE * TINY_IMAGE * 8 };
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float src[ELEMS], dst[ELEMS];
    struct sgeo_layout layout = blocked(1, 8, TINY_IMAGE, TINY_IMAGE);
    struct sgeo_pool_window window = {3, 1, 1};
    for (size_t i = 0; i < ELEMS; i++)
        src[i] = 3.0f;
    kernels.f32_avgpool(dst, src, &window, &layout, &layout);
    for (size_t i = 0; i < ELEMS; i++)
        ck_assert_double_eq_tol((double)dst[i], 3.0, 1e-6);
}
END_TEST

/* <pool x, y> = <x, pool' y>: backward is the transpose of forward. */
START_TEST(test_avgpool_grad_is_the_transpose)
{
    enum { IN = 9 * 7 * 8, OUT = 5 * 4 * 8 };
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float x[IN], pooled[OUT], y[OUT], gathered[IN];
    struct sgeo_layout in = blocked(1, 8, 9, 7), out = blocked(1, 8, 5, 4);
    struct sgeo_pool_window window = {3, 2, 1};
    for (size_t i = 0; i < IN; i++)
        x[i] = wave(i);
    for (size_t i = 0; i < OUT; i++)
        y[i] = wave(i + IN);
    kernels.f32_avgpool(pooled, x, &window, &in, &out);
    kernels.f32_avgpool_grad(gathered, y, &window, &in, &out);
    double forward = 0.0, backward = 0.0;
    for (size_t i = 0; i < OUT; i++)
        forward += (double)pooled[i] * (double)y[i];
    for (size_t i = 0; i < IN; i++)
        backward += (double)gathered[i] * (double)x[i];
    ck_assert_double_eq_tol(forward, backward, 1e-5);
}
END_TEST

START_TEST(test_maxpool_takes_the_first_maximum_and_the_first_nan)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    /* one channel, 2 x 4 pixels, windows of 2 x 2: a tie, and two NaN */
    float src[8] = {1.0f, 5.0f, 9.0f, NAN, 5.0f, 0.0f, NAN, 7.0f}, dst[2];
    uint8_t where[2];
    struct sgeo_layout in = blocked(1, 1, 2, 4), out = blocked(1, 1, 1, 2);
    struct sgeo_pool_window window = {2, 2, 0};
    kernels.f32_maxpool(dst, where, src, &window, &in, &out);
    ck_assert_double_eq((double)dst[0], 5.0);
    ck_assert_uint_eq(where[0], 1);
    ck_assert(isnan(dst[1]));
    ck_assert_uint_eq(where[1], 1);
    float ddst[2] = {10.0f, 20.0f}, dsrc[8];
    kernels.f32_maxpool_grad(dsrc, ddst, where, &window, &in, &out);
    const float expected[8] = {0, 10.0f, 0, 20.0f};
    ck_assert_mem_eq(dsrc, expected, sizeof expected);
}
END_TEST

/* torch.optim.SGD(lr=0.5, momentum=0.5, nesterov) on theta 1, velocity 2, grad 3, by hand. */
START_TEST(test_sgd_step_follows_pytorch)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float theta = 1.0f, velocity = 2.0f, grad = 3.0f;
    struct sgeo_sgd sgd = {.lr = 0.5f, .momentum = 0.5f, .weight_decay = 1.0f, .nesterov = 1};
    kernels.f32_sgd_step(&theta, &velocity, &grad, &sgd, 1);
    ck_assert_double_eq((double)velocity, 5.0); /* 0.5*2 + (3 + 1*1) */
    ck_assert_double_eq((double)theta, -2.25);  /* 1 - 0.5*(4 + 0.5*5) */
    theta = 1.0f;
    kernels.f32_sgd_step(&theta, NULL, &grad, &sgd, 1);
    ck_assert_double_eq((double)theta, -1.0); /* 1 - 0.5*4 */
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("contracts");
#define EVERY_BUNDLE(test) tcase_add_loop_test(tcase, test, SGEO_ISA_REF, SGEO_ISA_COUNT)
    EVERY_BUNDLE(test_channel_moments_keep_a_small_variance_over_a_large_mean);
    EVERY_BUNDLE(test_channel_moments_without_elements_are_zero);
    EVERY_BUNDLE(test_reductions_return_the_same_bits_at_any_alignment);
    EVERY_BUNDLE(test_grad_moments_are_exact_for_neighbouring_floats);
    EVERY_BUNDLE(test_grad_moments_neither_underflow_nor_overflow);
    EVERY_BUNDLE(test_grad_moments_count_equal_coordinates_exactly);
    EVERY_BUNDLE(test_grad_moments_of_the_same_infinity_are_not_a_number);
    EVERY_BUNDLE(test_relu_keeps_nan_and_drops_the_sign_of_zero);
    EVERY_BUNDLE(test_avgpool_keeps_a_constant_image_at_the_border);
    EVERY_BUNDLE(test_avgpool_grad_is_the_transpose);
    EVERY_BUNDLE(test_maxpool_takes_the_first_maximum_and_the_first_nan);
    EVERY_BUNDLE(test_sgd_step_follows_pytorch);
    return run_case("kern/contracts", tcase);
}
