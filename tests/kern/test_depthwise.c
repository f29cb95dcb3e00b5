/*
 * What the depthwise kernels promise beyond agreement with the reference, for every bundle that
 * this machine runs. Each test gets the bundle as its loop index.
 */
#include <math.h>
#include <string.h>

#include "bundle.h"

static struct sgeo_layout channels_last(size_t n, size_t channels, size_t height, size_t width)
{
    size_t image = height * width * channels;
    return (struct sgeo_layout){n, 1, channels, height, width, image, channels, channels};
}

static struct sgeo_layout blocked(size_t n, size_t groups, size_t lanes, size_t height,
                                  size_t width)
{
    size_t group = height * width * lanes;
    return (struct sgeo_layout){n, groups, lanes, height, width, groups * group, group, lanes};
}

/* A repeatable number in -1..1. */
static float wave(size_t i)
{
    return (float)sin(1.7 * (double)i + 0.3);
}

static void fill(float *values, size_t count, size_t phase)
{
    for (size_t i = 0; i < count; i++)
        values[i] = wave(phase + i);
}

static double dot(const float *a, const float *b, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* One channel, by hand: a 3x3 filter of 1..9 on a 2x3 image of 1..6, padding 1. */
START_TEST(test_depthwise_is_a_correlation_with_zero_padding)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    const float src[6] = {1, 2, 3, 4, 5, 6}, wei[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    const float expected[6] = {94, 154, 106, 58, 91, 58};
    float dst[6];
    struct sgeo_layout layout = channels_last(1, 1, 2, 3);
    struct sgeo_depthwise_window window = {3, 1, 1, 1};
    kernels.f32_depthwise(dst, src, wei, &window, &layout, &layout);
    ck_assert_mem_eq(dst, expected, sizeof expected);
}
END_TEST

/* A filter that picks one tap shifts the image: weights lie (kernel, kernel, lanes) a group. */
START_TEST(test_depthwise_weights_lie_as_the_groups_of_channels)
{
    enum { GROUPS = 2, LANES = 8, PIXELS = 25, TAPS = 9 };
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float src[GROUPS * PIXELS * LANES], dst[GROUPS * PIXELS * LANES];
    float wei[GROUPS * TAPS * LANES] = {0};
    struct sgeo_layout layout = blocked(1, GROUPS, LANES, 5, 5);
    struct sgeo_depthwise_window window = {3, 1, 2, 2};
    fill(src, sizeof src / sizeof *src, 0);
    wei[(1 * TAPS + 2 * 3 + 1) * LANES + 3] = 1.0f; /* channel 11, row 2, column 1 */
    kernels.f32_depthwise(dst, src, wei, &window, &layout, &layout);
    for (size_t i = 0; i < sizeof dst / sizeof *dst; i++) {
        size_t row = i / LANES % PIXELS / 5;
        bool shifted = i / LANES / PIXELS == 1 && i % LANES == 3 && row < 3;
        float expected = shifted ? src[i + 2 * 5 * LANES] : 0.0f; /* two rows below */
        ck_assert_msg(dst[i] == expected, "element %zu is %g", i, (double)dst[i]);
    }
}
END_TEST

/* <y, conv(x, w)> = <conv'(y, w), x> = <grad(x, y), w>: three views of one trilinear form. */
START_TEST(test_depthwise_passes_are_transposes_of_each_other)
{
    enum { N = 3, C = 21, H = 9, W = 7, OH = 5, OW = 4, TAPS = 25 };
    enum { IN = N * C * H * W, OUT = N * C * OH * OW };
    static float x[IN], dx[IN], y[OUT], convolved[OUT], w[TAPS * C], dw[TAPS * C];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    struct sgeo_layout in = channels_last(N, C, H, W), out = channels_last(N, C, OH, OW);
    struct sgeo_depthwise_window window = {5, 2, 4, 2};
    fill(x, IN, 0);
    fill(y, OUT, IN);
    fill(w, TAPS * C, IN + OUT);
    kernels.f32_depthwise(convolved, x, w, &window, &in, &out);
    kernels.f32_depthwise_data_grad(dx, y, w, &window, &in, &out);
    kernels.f32_depthwise_weight_grad(dw, x, y, &window, &in, &out);
    double forward = dot(y, convolved, OUT);
    ck_assert_double_eq_tol(dot(dx, x, IN), forward, 1e-4);
    ck_assert_double_eq_tol(dot(dw, w, TAPS * C), forward, 1e-4);
}
END_TEST

/* Stride 3 and a filter of one tap: two pixels of three are in no window. */
START_TEST(test_depthwise_data_grad_of_skipped_pixels_is_zero)
{
    enum { SIZE = 7, LANES = 8 };
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float ddst[9 * LANES], wei[LANES], dsrc[SIZE * SIZE * LANES];
    struct sgeo_layout in = blocked(1, 1, LANES, SIZE, SIZE), out = blocked(1, 1, LANES, 3, 3);
    struct sgeo_depthwise_window window = {1, 3, 0, 1};
    for (size_t i = 0; i < sizeof ddst / sizeof *ddst; i++)
        ddst[i] = 2.0f;
    for (size_t j = 0; j < LANES; j++)
        wei[j] = 3.0f;
    memset(dsrc, 0x7f, sizeof dsrc);
    kernels.f32_depthwise_data_grad(dsrc, ddst, wei, &window, &in, &out);
    for (size_t i = 0; i < sizeof dsrc / sizeof *dsrc; i++) {
        bool met = i / LANES / SIZE % 3 == 0 && i / LANES % SIZE % 3 == 0;
        ck_assert_double_eq((double)dsrc[i], met ? 6.0 : 0.0);
    }
}
END_TEST

START_TEST(test_depthwise_weight_grad_without_images_is_zero)
{
    float dwei[9 * 8];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    struct sgeo_layout layout = blocked(0, 1, 8, 4, 4);
    struct sgeo_depthwise_window window = {3, 1, 1, 1};
    memset(dwei, 0x7f, sizeof dwei);
    kernels.f32_depthwise_weight_grad(dwei, NULL, NULL, &window, &layout, &layout);
    for (size_t i = 0; i < sizeof dwei / sizeof *dwei; i++)
        ck_assert_double_eq((double)dwei[i], 0.0);
}
END_TEST

/*
 * Many images of equal products: a chain of f32 additions would be off by thousands of roundings
 * at the end, three levels are not.
 */
START_TEST(test_depthwise_weight_grad_error_does_not_grow_with_the_batch)
{
    enum { N = 2048, SIZE = 8, LANES = 8, ELEMS = N * SIZE * SIZE * LANES };
    static float src[ELEMS], ddst[ELEMS];
    float dwei[LANES];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    struct sgeo_layout layout = blocked(N, 1, LANES, SIZE, SIZE);
    struct sgeo_depthwise_window window = {1, 1, 0, 1};
    for (size_t i = 0; i < ELEMS; i++) {
        src[i] = 0.1f;
        ddst[i] = 0.7f;
    }
    kernels.f32_depthwise_weight_grad(dwei, src, ddst, &window, &layout, &layout);
    double exact = (double)src[0] * (double)ddst[0] * N * SIZE * SIZE;
    for (size_t j = 0; j < LANES; j++)
        ck_assert_double_eq_tol((double)dwei[j], exact, exact * 1e-6);
}
END_TEST

/* Sums depend on the layout alone, not on where the buffers happen to lie. */
START_TEST(test_depthwise_returns_the_same_bits_at_any_alignment)
{
    enum { N = 2, C = 24, SIZE = 9, ELEMS = N * C * SIZE * SIZE, WEIGHTS = 25 * C };
    static float src[ELEMS + 16], ddst[ELEMS + 16], dst[ELEMS], dsrc[ELEMS];
    static float first_dst[ELEMS], first_dsrc[ELEMS];
    float wei[WEIGHTS + 16], dwei[WEIGHTS], first_dwei[WEIGHTS];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    struct sgeo_layout layout = channels_last(N, C, SIZE, SIZE);
    struct sgeo_depthwise_window window = {5, 1, 2, 1};
    for (size_t shift = 0; shift < 16; shift += 3) {
        fill(src + shift, ELEMS, 0);
        fill(ddst + shift, ELEMS, ELEMS);
        fill(wei + shift, WEIGHTS, 7);
        bool first = shift == 0;
        float *results[3] = {first ? first_dst : dst, first ? first_dsrc : dsrc,
                             first ? first_dwei : dwei};
        kernels.f32_depthwise(results[0], src + shift, wei + shift, &window, &layout, &layout);
        kernels.f32_depthwise_data_grad(results[1], ddst + shift, wei + shift, &window, &layout,
                                        &layout);
        kernels.f32_depthwise_weight_grad(results[2], src + shift, ddst + shift, &window, &layout,
                                          &layout);
        ck_assert_mem_eq(results[0], first_dst, sizeof first_dst);
        ck_assert_mem_eq(results[1], first_dsrc, sizeof first_dsrc);
        ck_assert_mem_eq(results[2], first_dwei, sizeof first_dwei);
    }
}
END_TEST

/* A NaN in the corner weight is seen where that weight meets a pixel, and nowhere else. */
START_TEST(test_depthwise_padding_is_left_out_of_the_sums)
{
    enum { SIZE = 4, LANES = 8 };
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    float src[SIZE * SIZE * LANES], dst[SIZE * SIZE * LANES], wei[9 * LANES];
    struct sgeo_layout layout = blocked(1, 1, LANES, SIZE, SIZE);
    struct sgeo_depthwise_window window = {3, 1, 1, 1};
    fill(src, SIZE * SIZE * LANES, 0);
    fill(wei, 9 * LANES, 1);
    for (size_t j = 0; j < LANES; j++)
        wei[j] = NAN;
    kernels.f32_depthwise(dst, src, wei, &window, &layout, &layout);
    for (size_t i = 0; i < SIZE * SIZE * LANES; i++) {
        bool inside = i / LANES / SIZE > 0 && i / LANES % SIZE > 0;
        ck_assert_int_eq(isnan(dst[i]) != 0, inside);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("depthwise");
#define EVERY_BUNDLE(test) tcase_add_loop_test(tcase, test, SGEO_ISA_REF, SGEO_ISA_COUNT)
    EVERY_BUNDLE(test_depthwise_is_a_correlation_with_zero_padding);
    EVERY_BUNDLE(test_depthwise_weights_lie_as_the_groups_of_channels);
    EVERY_BUNDLE(test_depthwise_passes_are_transposes_of_each_other);
    EVERY_BUNDLE(test_depthwise_data_grad_of_skipped_pixels_is_zero);
    EVERY_BUNDLE(test_depthwise_weight_grad_without_images_is_zero);
    EVERY_BUNDLE(test_depthwise_weight_grad_error_does_not_grow_with_the_batch);
    EVERY_BUNDLE(test_depthwise_returns_the_same_bits_at_any_alignment);
    EVERY_BUNDLE(test_depthwise_padding_is_left_out_of_the_sums);
    return run_case("kern/depthwise", tcase);
}
