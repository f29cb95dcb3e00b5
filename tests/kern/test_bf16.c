/* What the conversions between f32 and bf16 promise, value by value, for every bundle. */
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

int main(void)
{
    TCase *tcase = tcase_create("bf16");
    ADD_FOR_EVERY_BUNDLE(tcase, test_bf16_rounds_ties_to_even);
    ADD_FOR_EVERY_BUNDLE(tcase, test_bf16_overflows_to_infinity_and_keeps_it);
    ADD_FOR_EVERY_BUNDLE(tcase, test_bf16_of_nan_is_a_quiet_nan);
    ADD_FOR_EVERY_BUNDLE(tcase, test_bf16_keeps_denormals_and_signed_zeros);
    ADD_FOR_EVERY_BUNDLE(tcase, test_bf16_survives_the_way_to_f32_and_back);
    return run_case("kern/bf16", tcase);
}
