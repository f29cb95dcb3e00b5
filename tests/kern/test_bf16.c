/* What the conversions between f32 and bf16 promise, and the kernels on bf16, value by value, for
 * every bundle. */
#include <float.h>
#include <string.h>

#include "bundle.h"

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Among neighbours, so that vectors and rests both see it. */
static uint16_t bf16_of(const struct sgeo_kernels *kernels, float value)
{
    enum { N = 37 };
    float src[N];
    uint16_t dst[N];
    for (size_t i = 0; i < N; i++)
        src[i] = value;
    kernels->f32_to_bf16(dst, src, N);
    for (size_t i = 1; i < N; i++)
        ck_assert_uint_eq(dst[i], dst[0]);
    return dst[0];
}

START_TEST(test_bf16_rounds_ties_to_even)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    ck_assert_uint_eq(bf16_of(&kernels, 1.0f), 0x3f80);
    ck_assert_uint_eq(bf16_of(&kernels, float_of(0x3f808000)), 0x3f80); /* tie, even below */
    ck_assert_uint_eq(bf16_of(&kernels, float_of(0x3f818000)), 0x3f82); /* tie, odd below */
    ck_assert_uint_eq(bf16_of(&kernels, float_of(0x3f808001)), 0x3f81);
    ck_assert_uint_eq(bf16_of(&kernels, float_of(0xbf817fff)), 0xbf81);
}
END_TEST

START_TEST(test_bf16_overflows_to_infinity_and_keeps_it)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    ck_assert_uint_eq(bf16_of(&kernels, FLT_MAX), 0x7f80);
    ck_assert_uint_eq(bf16_of(&kernels, float_of(0x7f7f7fff)), 0x7f7f);
    ck_assert_uint_eq(bf16_of(&kernels, INFINITY), 0x7f80);
    ck_assert_uint_eq(bf16_of(&kernels, -INFINITY), 0xff80);
}
END_TEST

START_TEST(test_bf16_of_nan_is_a_quiet_nan)
{
    static const uint32_t nans[] = {0x7f800001, 0x7f80ffff, 0xff800001, 0x7fffffff,
                                    0xffffffff, 0x7fc00000, 0x7fa00000};
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    for (size_t i = 0; i < sizeof nans / sizeof *nans; i++) {
        uint16_t bits = bf16_of(&kernels, float_of(nans[i]));
        ck_assert_uint_eq(bits & 0x7fc0, 0x7fc0);
        ck_assert_uint_eq(bits >> 15, nans[i] >> 31);
    }
}
END_TEST

START_TEST(test_bf16_keeps_denormals_and_signed_zeros)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    ck_assert_uint_eq(bf16_of(&kernels, float_of(0x00010000)), 0x0001);
    ck_assert_uint_eq(bf16_of(&kernels, float_of(0x00008000)), 0x0000);
    ck_assert_uint_eq(bf16_of(&kernels, float_of(0x00008001)), 0x0001);
    ck_assert_uint_eq(bf16_of(&kernels, float_of(0x007fffff)), 0x0080);
    ck_assert_uint_eq(bf16_of(&kernels, -0.0f), 0x8000);
}
END_TEST

/* Every bf16 there is: out and back gives the same bits, or the same NaN made quiet. */
START_TEST(test_bf16_survives_the_way_to_f32_and_back)
{
    enum { ALL = 65536 };
    static uint16_t src[ALL], back[ALL];
    static float wide[ALL];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    for (size_t i = 0; i < ALL; i++)
        src[i] = (uint16_t)i;
    kernels.bf16_to_f32(wide, src, ALL);
    kernels.f32_to_bf16(back, wide, ALL);
    for (size_t i = 0; i < ALL; i++) {
        uint32_t bits;
        memcpy(&bits, &wide[i], sizeof bits);
        ck_assert_uint_eq(bits, (uint32_t)i << 16);
        ck_assert_uint_eq(back[i], isnan(wide[i]) ? src[i] | 0x40 : src[i]);
    }
}
END_TEST

#define EIGHTH_BIT UINT16_C(0x3b80) /* 2^-8: half a step from 1 */

/* One channel of height x width pixels. */
static struct sgeo_layout plane(size_t height, size_t width)
{
    size_t pixels = height * width;
    return (struct sgeo_layout){.n = 1,
                                .groups = 1,
                                .lanes = 1,
                                .height = height,
                                .width = width,
                                .image = pixels,
                                .group = pixels,
                                .pitch = 1};
}

START_TEST(test_sums_of_bf16_round_ties_to_even)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    const uint16_t src[2] = {0x3f80, 0x3f81}, half[2] = {EIGHTH_BIT, EIGHTH_BIT};
    const float shift = 0x1p-8f;
    struct sgeo_bf16_affine_term term = {.src = src};
    struct sgeo_layout layout = plane(1, 2);
    uint16_t dst[2], relu[2];
    kernels.bf16_affine_sum(dst, relu, &term, 1, &shift, &layout);
    ck_assert_uint_eq(dst[0], 0x3f80);
    ck_assert_uint_eq(dst[1], 0x3f82);
    ck_assert_mem_eq(relu, dst, sizeof dst);
    kernels.bf16_gated_sum(dst, NULL, NULL, 0, (const uint16_t *const[]){src, half}, 2, 2);
    ck_assert_uint_eq(dst[0], 0x3f80);
    ck_assert_uint_eq(dst[1], 0x3f82);
}
END_TEST

START_TEST(test_averages_of_bf16_round_ties_to_even)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    const uint16_t src[8] = {0x3f80, 0x3f80, 0x3f81, 0x3f81, 0x3f81, 0x3f81, 0x3f82, 0x3f82};
    const uint16_t grad[8] = {0x4080, 0x4081, 0x4082, 0x4083, 0x3c80, 0xbc80, 0x7f80, 0xff80};
    struct sgeo_layout in = plane(2, 4), out = plane(1, 2), grads = plane(1, 8),
                       wide = plane(2, 16);
    struct sgeo_pool_window window = {2, 2, 0};
    uint16_t dst[2], dsrc[32];
    kernels.bf16_avgpool(dst, src, &window, &in, &out);
    ck_assert_uint_eq(dst[0], 0x3f80);
    ck_assert_uint_eq(dst[1], 0x3f82);
    kernels.bf16_avgpool_grad(dsrc, grad, &window, &wide, &grads);
    for (size_t i = 0; i < 32; i++) { /* a quarter: two less in the exponent */
        uint16_t whole = grad[i % 16 / 2];
        ck_assert_uint_eq(dsrc[i], (whole & 0x7fff) == 0x7f80 ? whole : whole - 0x100);
    }
}
END_TEST

START_TEST(test_relu_of_bf16_keeps_nan_and_drops_the_sign_of_zero)
{
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    const uint16_t src[6] = {0x8000, 0x7fc0, 0xbf80, 0x4000, 0x7f80, 0xff80};
    const float shift = -0.0f; /* -0 + -0 is the only sum that is -0 */
    struct sgeo_bf16_affine_term term = {.src = src};
    struct sgeo_layout layout = plane(1, 6);
    uint16_t relu[6];
    kernels.bf16_affine_sum(NULL, relu, &term, 1, &shift, &layout);
    const uint16_t expected[6] = {0, 0x7fc0, 0, 0x4000, 0x7f80, 0};
    ck_assert_mem_eq(relu, expected, sizeof expected);
}
END_TEST

/* 100,000 numbers around 256, some of them a step above: sums in f32 alone would be off by 1e-3. */
START_TEST(test_moments_of_many_bf16_do_not_pile_up_roundings)
{
    enum { SIDE = 320, N = SIDE * SIDE };
    static uint16_t src[N], ones[N];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    size_t above = 0;
    for (size_t i = 0; i < N; i++) {
        src[i] = (uint16_t)(0x4380 + (i * 7919 % 5 == 0)); /* 256 and 258 */
        above += src[i] == 0x4381;
        ones[i] = 0x3f80;
    }
    double mean, var, sum, dot, part = (double)above / N, center = 256.0 + 2.0 * part;
    struct sgeo_layout layout = plane(SIDE, SIDE);
    kernels.bf16_channel_moments(&mean, &var, src, &layout);
    ck_assert_double_eq_tol(mean, center, 1e-9);
    ck_assert_double_eq_tol(var, 4.0 * part * (1.0 - part), 1e-9);
    kernels.bf16_channel_dots(&sum, &dot, ones, src, &center, &layout);
    ck_assert_double_eq(sum, N);
    ck_assert_double_eq_tol(dot / N, 0.0, 1e-7);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("bf16");
    ADD_FOR_EVERY_BUNDLE(tcase, test_bf16_rounds_ties_to_even);
    ADD_FOR_EVERY_BUNDLE(tcase, test_bf16_overflows_to_infinity_and_keeps_it);
    ADD_FOR_EVERY_BUNDLE(tcase, test_bf16_of_nan_is_a_quiet_nan);
    ADD_FOR_EVERY_BUNDLE(tcase, test_bf16_keeps_denormals_and_signed_zeros);
    ADD_FOR_EVERY_BUNDLE(tcase, test_bf16_survives_the_way_to_f32_and_back);
    ADD_FOR_EVERY_BUNDLE(tcase, test_sums_of_bf16_round_ties_to_even);
    ADD_FOR_EVERY_BUNDLE(tcase, test_averages_of_bf16_round_ties_to_even);
    ADD_FOR_EVERY_BUNDLE(tcase, test_relu_of_bf16_keeps_nan_and_drops_the_sign_of_zero);
    ADD_FOR_EVERY_BUNDLE(tcase, test_moments_of_many_bf16_do_not_pile_up_roundings);
    return run_case("kern/bf16", tcase);
}
