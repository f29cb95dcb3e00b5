/*
 * The best bundle of an emulated CPU. What only real hardware shows, a read past the end of a
 * page, is left to it.
 */
#include "suite.h"

START_TEST(test_kernels_of_the_best_bundle_agree_with_the_reference)
{
    struct sgeo_cpu cpu;
    struct sgeo_kernels kernels;
    sgeo_cpu_detect(&cpu);
    enum sgeo_isa isa = sgeo_isa_best(&cpu);
    ck_assert(sgeo_kernels_fill(&kernels, isa));
    assert_proven_by(sgeo_prove_emulated, &kernels, sgeo_isa_name(isa));
}
END_TEST

/* The emulated CPU's words have come through: no bundle that it cannot run was chosen. */
START_TEST(test_best_bundle_is_that_of_the_emulated_cpu)
{
    struct sgeo_cpu cpu;
    sgeo_cpu_detect(&cpu);
#if SGEO_KERNELS_X86
    ck_assert_int_le(sgeo_isa_best(&cpu), SGEO_ISA_AVX2);
#else
    ck_assert_int_eq(sgeo_isa_best(&cpu), SGEO_ISA_NEON);
#endif
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kern/emulated_cpu");
    TCase *tcase = tcase_create("cpu");
    tcase_set_timeout(tcase, 600);
    tcase_add_test(tcase, test_best_bundle_is_that_of_the_emulated_cpu);
    tcase_add_test(tcase, test_kernels_of_the_best_bundle_agree_with_the_reference);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
