/*
 * The AVX-512 kernels on any CPU: their sources compiled against an emulation, proven like the
 * others. What only real hardware shows (the compiler's own use of AVX-512) is left to it.
 */
#include "emulated/simde_avx512.h"
#include "suite.h"

START_TEST(test_avx512_sources_agree_with_the_reference)
{
    static const struct sgeo_kernels kernels = {
#define SGEO_KERNEL(op, ...) .op = sgeo_##op##__emulated,
#include "kernels/kernels.inc"
#undef SGEO_KERNEL
    };
    assert_proven(&kernels, "emulated avx512");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("emulated");
    tcase_add_test(tcase, test_avx512_sources_agree_with_the_reference);
    return run_case("kern/avx512_emulated", tcase);
}
