/* What the activation codes promise, for every bundle. */
#include <string.h>

#include "bundle.h"

START_TEST(test_sign_codes_of_zeros_and_nan_are_zero)
{
    static const float special[] = {0.0f, -0.0f, NAN, -1.0f, -INFINITY, 1e-45f, INFINITY, 1.0f};
    enum { N = 100 };
    float src[N];
    uint64_t code[2];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    for (size_t f = 0; f < N; f++)
        src[f] = special[f % 8];
    kernels.f32_sign_codes(code, src, 1, N, N);
    ck_assert_uint_eq(code[0], UINT64_C(0xe0e0e0e0e0e0e0e0));
    ck_assert_uint_eq(code[1], UINT64_C(0x0e0e0e0e0)); /* 36 bits */
}
END_TEST

/* Only features count: a gap between images is not looked at, bits behind the last are zero. */
START_TEST(test_sign_codes_end_with_the_features)
{
    enum { FEATURES = 65, STRIDE = 80 };
    float src[2 * STRIDE];
    uint64_t codes[4];
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    for (size_t i = 0; i < 2 * STRIDE; i++)
        src[i] = 1.0f;
    kernels.f32_sign_codes(codes, src, 2, FEATURES, STRIDE);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_uint_eq(codes[2 * i], UINT64_MAX);
        ck_assert_uint_eq(codes[2 * i + 1], 1);
    }
}
END_TEST

/* NASWOT's matrix of three images and five features, by hand; then a second layer on top of it. */
START_TEST(test_agreement_adds_up_over_layers)
{
    static const float src[3 * 5] = {1, -1, 1, -1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1};
    static const uint32_t expected[9] = {5, 3, 2, 3, 5, 2, 2, 2, 5};
    uint64_t codes[3];
    uint32_t kernel[9] = {0};
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    kernels.f32_sign_codes(codes, src, 3, 5, 5);
    kernels.u64_agreement(kernel, codes, 3, 5);
    ck_assert_mem_eq(kernel, expected, sizeof expected);
    kernels.u64_agreement(kernel, codes, 3, 5);
    for (size_t i = 0; i < 9; i++)
        ck_assert_uint_eq(kernel[i], 2 * expected[i]);
}
END_TEST

/* Opposite codes of many chunks agree nowhere: the largest counts there are. */
START_TEST(test_agreement_of_opposite_codes_is_zero)
{
    enum { WORDS = 5000 };
    static uint64_t codes[2 * WORDS];
    uint32_t kernel[4] = {0};
    struct sgeo_kernels kernels;
    if (!bundle_of(&kernels, _i))
        return;
    for (size_t w = 0; w < WORDS; w++)
        codes[w] = UINT64_MAX;
    kernels.u64_agreement(kernel, codes, 2, 64 * (size_t)WORDS);
    const uint32_t expected[4] = {64 * WORDS, 0, 0, 64 * WORDS};
    ck_assert_mem_eq(kernel, expected, sizeof expected);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("codes");
    ADD_FOR_EVERY_BUNDLE(tcase, test_sign_codes_of_zeros_and_nan_are_zero);
    ADD_FOR_EVERY_BUNDLE(tcase, test_sign_codes_end_with_the_features);
    ADD_FOR_EVERY_BUNDLE(tcase, test_agreement_adds_up_over_layers);
    ADD_FOR_EVERY_BUNDLE(tcase, test_agreement_of_opposite_codes_is_zero);
    return run_case("kern/codes", tcase);
}
