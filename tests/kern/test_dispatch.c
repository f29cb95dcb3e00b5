/* The choice of kernels from injected CPU words, and the selection by name. */
#include <stdio.h>
#include <string.h>

#include "suite.h"

/* Of words that are not given in full, the bits that decide. */
#define VNNI     (UINT32_C(1) << 11) /* leaf 7, ECX */
#define BF16     (UINT32_C(1) << 5)  /* leaf 7.1, EAX */
#define AVX_VNNI (UINT32_C(1) << 4)

/* CPUID words as the machines report them; XCR0 as Linux sets it. */
static const struct sgeo_cpu skylake_x = {
    .leaf1_ecx = 0x7ffefbff, .leaf7_ebx = 0xd39ffffb, .xcr0 = 0x2e7};
static const struct sgeo_cpu zen3 = {
    .leaf1_ecx = 0x7efa320b, .leaf7_ebx = 0x219c97a9, .xcr0 = 0x207};
static const struct sgeo_cpu ice_lake = {
    .leaf1_ecx = 0x7ffefbff, .leaf7_ebx = 0xf3bfb7ef, .leaf7_ecx = VNNI, .xcr0 = 0x2e7};
static const struct sgeo_cpu sapphire_rapids = {.leaf1_ecx = 0x7ffefbff,
                                                .leaf7_ebx = 0xf3bfb7ef,
                                                .leaf7_ecx = VNNI,
                                                .leaf7_1_eax = BF16 | AVX_VNNI,
                                                .xcr0 = 0x602e7};
static const struct sgeo_cpu zen4 = {.leaf1_ecx = 0x7efa320b,
                                     .leaf7_ebx = 0xf1bf97a9,
                                     .leaf7_ecx = VNNI,
                                     .leaf7_1_eax = BF16,
                                     .xcr0 = 0x2e7};
static const struct sgeo_cpu zen5 = {.leaf1_ecx = 0x7efa320b,
                                     .leaf7_ebx = 0xf1bf97a9,
                                     .leaf7_ecx = VNNI,
                                     .leaf7_1_eax = BF16 | AVX_VNNI,
                                     .xcr0 = 0x2e7};
static const struct sgeo_cpu nehalem = {.leaf1_ecx = 0x0098e3bd};

static bool built(enum sgeo_isa isa)
{
    struct sgeo_kernels kernels;
    return sgeo_kernels_fill(&kernels, isa);
}

/* The best of the bundles that this build contains and that are not above `isa`. */
static enum sgeo_isa or_less(enum sgeo_isa isa)
{
    return built(isa) ? isa : SGEO_ISA_SCALAR;
}

START_TEST(test_best_bundle_of_known_cpus)
{
    ck_assert_int_eq(sgeo_isa_best(&skylake_x), or_less(SGEO_ISA_AVX512));
    ck_assert_int_eq(sgeo_isa_best(&ice_lake), or_less(SGEO_ISA_AVX512));
    ck_assert_int_eq(sgeo_isa_best(&sapphire_rapids), or_less(SGEO_ISA_AVX512BF16));
    ck_assert_int_eq(sgeo_isa_best(&zen4), or_less(SGEO_ISA_AVX512BF16));
    ck_assert_int_eq(sgeo_isa_best(&zen5), or_less(SGEO_ISA_AVX512BF16));
    ck_assert_int_eq(sgeo_isa_best(&zen3), or_less(SGEO_ISA_AVX2));
    ck_assert_int_eq(sgeo_isa_best(&nehalem), SGEO_ISA_SCALAR);
}
END_TEST

START_TEST(test_avx512_without_operating_system_is_avx2)
{
    struct sgeo_cpu cpu = zen4;
    const char *why = NULL;
    cpu.xcr0 = 0x7;
    ck_assert(!sgeo_cpu_supports(&cpu, SGEO_ISA_AVX512, &why));
    ck_assert_ptr_nonnull(strstr(why, "ZMM"));
    ck_assert_int_eq(sgeo_isa_best(&cpu), or_less(SGEO_ISA_AVX2));
    ck_assert(!sgeo_cpu_supports(&cpu, SGEO_ISA_AVX512BF16, NULL));
    cpu.xcr0 = 0xa7; /* opmask and upper halves, but not registers 16 to 31 */
    ck_assert(!sgeo_cpu_supports(&cpu, SGEO_ISA_AVX512, NULL));
}
END_TEST

START_TEST(test_avx_without_operating_system_is_scalar)
{
    struct sgeo_cpu cpu = zen3;
    const char *why = NULL;
    cpu.leaf1_ecx &= ~(UINT32_C(1) << 27);
    cpu.xcr0 = 0;
    ck_assert(!sgeo_cpu_supports(&cpu, SGEO_ISA_AVX2, &why));
    ck_assert_ptr_nonnull(strstr(why, "operating system"));
    ck_assert_int_eq(sgeo_isa_best(&cpu), SGEO_ISA_SCALAR);
}
END_TEST

/* Each word bit alone decides: take one away and the bundle is gone, with its name in the reason.
 */
START_TEST(test_every_missing_bit_is_named)
{
    static const struct {
        int word, bit;
        enum sgeo_isa isa;
        const char *name;
    } bits[] = {{1, 28, SGEO_ISA_AVX2, "AVX"},
                {1, 12, SGEO_ISA_AVX2, "FMA"},
                {7, 5, SGEO_ISA_AVX2, "AVX2"},
                {7, 16, SGEO_ISA_AVX512, "AVX512F"},
                {7, 17, SGEO_ISA_AVX512, "AVX512DQ"},
                {7, 30, SGEO_ISA_AVX512, "AVX512BW"},
                {7, 31, SGEO_ISA_AVX512, "AVX512VL"},
                {72, 11, SGEO_ISA_AVX512BF16, "AVX512_VNNI"},
                {71, 5, SGEO_ISA_AVX512BF16, "AVX512_BF16"}};
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
        struct sgeo_cpu cpu = zen4;
        const char *why = NULL;
        uint32_t *word = bits[i].word == 1    ? &cpu.leaf1_ecx
                         : bits[i].word == 7  ? &cpu.leaf7_ebx
                         : bits[i].word == 72 ? &cpu.leaf7_ecx
                                              : &cpu.leaf7_1_eax;
        *word &= ~(UINT32_C(1) << bits[i].bit);
        ck_assert(!sgeo_cpu_supports(&cpu, bits[i].isa, &why));
        ck_assert_msg(strstr(why, bits[i].name) != NULL, "%s: %s", bits[i].name, why);
    }
}
END_TEST

/* Garbage may claim anything, but never a bundle without the one below it. */
START_TEST(test_garbage_words_keep_the_order_of_bundles)
{
    uint32_t state = 12345;
    for (int i = 0; i < 20000; i++) {
        struct sgeo_cpu cpu = {0};
        uint32_t words[5];
        for (int w = 0; w < 5; w++) {
            state = state * 1664525 + 1013904223;
            words[w] = state | (i % 2 ? 0xfff00fff : 0); /* half of them claim nearly everything */
        }
        cpu.leaf1_ecx = words[0];
        cpu.leaf7_ebx = words[1];
        cpu.xcr0 = words[2];
        cpu.leaf7_ecx = words[3];
        cpu.leaf7_1_eax = words[4];
        if (sgeo_cpu_supports(&cpu, SGEO_ISA_AVX512BF16, NULL))
            ck_assert(sgeo_cpu_supports(&cpu, SGEO_ISA_AVX512, NULL));
        if (sgeo_cpu_supports(&cpu, SGEO_ISA_AVX512, NULL))
            ck_assert(sgeo_cpu_supports(&cpu, SGEO_ISA_AVX2, NULL));
        ck_assert(sgeo_cpu_supports(&cpu, sgeo_isa_best(&cpu), NULL));
    }
}
END_TEST

START_TEST(test_aarch64_has_neon_and_no_avx)
{
    const struct sgeo_cpu cpu = {.aarch64 = true};
    ck_assert(sgeo_cpu_supports(&cpu, SGEO_ISA_NEON, NULL));
    ck_assert(!sgeo_cpu_supports(&cpu, SGEO_ISA_AVX2, NULL));
    ck_assert_int_eq(sgeo_isa_best(&cpu), or_less(SGEO_ISA_NEON));
    ck_assert(!sgeo_cpu_supports(&zen4, SGEO_ISA_NEON, NULL));
}
END_TEST

/* What --doctor prints: each bundle before the chosen one, with a reason where the CPU has one. */
START_TEST(test_better_bundles_come_best_first_with_their_refusals)
{
    enum sgeo_isa better[SGEO_ISA_COUNT];
    for (int isa = 0; isa < SGEO_ISA_COUNT; isa++) {
        size_t n = sgeo_isa_better(better, (enum sgeo_isa)isa);
        for (size_t i = 0; i < n; i++) {
            ck_assert(built(better[i]));
            ck_assert_uint_eq(sgeo_isa_better((enum sgeo_isa[SGEO_ISA_COUNT]){0}, better[i]), i);
        }
    }
    size_t n = sgeo_isa_better(better, sgeo_isa_best(&zen3));
    for (size_t i = 0; i < n; i++)
        ck_assert_ptr_nonnull(sgeo_isa_refusal(&zen3, better[i]));
    ck_assert_ptr_null(sgeo_isa_refusal(&zen3, sgeo_isa_best(&zen3)));
    ck_assert_ptr_null(sgeo_isa_refusal(&nehalem, SGEO_ISA_SCALAR));
}
END_TEST

START_TEST(test_tables_have_no_holes)
{
    for (int isa = 0; isa < SGEO_ISA_COUNT; isa++) {
        struct sgeo_kernels kernels;
        if (!sgeo_kernels_fill(&kernels, (enum sgeo_isa)isa))
            continue;
#define SGEO_KERNEL(op, ...)                                                                       \
    ck_assert_msg(kernels.op != NULL, "%s: " #op, sgeo_isa_name((enum sgeo_isa)isa));
#include "kernels/kernels.inc"
#undef SGEO_KERNEL
    }
    ck_assert(built(SGEO_ISA_REF));
    ck_assert(built(SGEO_ISA_SCALAR));
    ck_assert(!built(SGEO_ISA_COUNT));
}
END_TEST

/* The header that --list kernels names declares the kernel. */
START_TEST(test_every_kernel_has_a_contract)
{
    static char text[1 << 16];
    char path[SGEO_CONTRACT_BYTES], type[128];
    for (size_t i = 0; i < sgeo_prove_count(); i++) {
        const char *op = sgeo_prove_op(i);
        ck_assert_msg(sgeo_kernel_contract(path, op), "%s has no contract", op);
        FILE *header = fopen(path, "r");
        ck_assert_msg(header != NULL, "%s of %s is not there", path, op);
        text[fread(text, 1, sizeof text - 1, header)] = '\0';
        fclose(header);
        snprintf(type, sizeof type, "typedef void sgeo_%s_sig(", op);
        ck_assert_msg(strstr(text, type) != NULL, "%s does not declare %s", path, op);
    }
    ck_assert(!sgeo_kernel_contract(path, "f32_embbag_"));
    ck_assert(!sgeo_kernel_contract(path, "f32"));
}
END_TEST

START_TEST(test_select_by_name_takes_effect)
{
    struct sgeo_kernels scalar;
    ck_assert(sgeo_kernels_fill(&scalar, SGEO_ISA_SCALAR));
    ck_assert_int_eq(sgeo_kernels_select("scalar"), SGEO_OK);
    ck_assert_int_eq(sgeo_kernels_isa(), SGEO_ISA_SCALAR);
    ck_assert_mem_eq(sgeo_kernels_get(), &scalar, sizeof scalar);
}
END_TEST

START_TEST(test_select_auto_takes_the_best)
{
    struct sgeo_cpu cpu;
    sgeo_cpu_detect(&cpu);
    ck_assert_int_eq(sgeo_kernels_select("auto"), SGEO_OK);
    ck_assert_int_eq(sgeo_kernels_isa(), sgeo_isa_best(&cpu));
    ck_assert_int_eq(sgeo_kernels_select(NULL), SGEO_OK);
    ck_assert_int_eq(sgeo_kernels_isa(), sgeo_isa_best(&cpu));
}
END_TEST

START_TEST(test_unknown_name_is_a_usage_error_with_a_suggestion)
{
    ck_assert_int_eq(sgeo_kernels_select("scalar"), SGEO_OK);
    ck_assert_int_eq(sgeo_kernels_select("avx-512"), SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "avx-512"));
    ck_assert_ptr_nonnull(strstr(sgeo_error_hint(), "did you mean avx512?"));
    ck_assert_int_eq(sgeo_kernels_isa(), SGEO_ISA_SCALAR); /* a failure changes nothing */
    ck_assert_int_eq(sgeo_kernels_select(""), SGEO_USAGE);
}
END_TEST

START_TEST(test_impossible_bundle_is_unsupported_with_the_reason)
{
    struct sgeo_cpu cpu;
    sgeo_cpu_detect(&cpu);
    for (int isa = 0; isa < SGEO_ISA_COUNT; isa++) {
        const char *name = sgeo_isa_name((enum sgeo_isa)isa);
        const char *why = sgeo_isa_refusal(&cpu, (enum sgeo_isa)isa);
        ck_assert_int_eq(sgeo_kernels_select(name), why ? SGEO_UNSUPPORTED : SGEO_OK);
        if (why)
            ck_assert_ptr_nonnull(strstr(sgeo_error_text(), why));
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("dispatch");
    tcase_add_test(tcase, test_best_bundle_of_known_cpus);
    tcase_add_test(tcase, test_avx512_without_operating_system_is_avx2);
    tcase_add_test(tcase, test_avx_without_operating_system_is_scalar);
    tcase_add_test(tcase, test_every_missing_bit_is_named);
    tcase_add_test(tcase, test_garbage_words_keep_the_order_of_bundles);
    tcase_add_test(tcase, test_aarch64_has_neon_and_no_avx);
    tcase_add_test(tcase, test_better_bundles_come_best_first_with_their_refusals);
    tcase_add_test(tcase, test_tables_have_no_holes);
    tcase_add_test(tcase, test_every_kernel_has_a_contract);
    tcase_add_test(tcase, test_select_by_name_takes_effect);
    tcase_add_test(tcase, test_select_auto_takes_the_best);
    tcase_add_test(tcase, test_unknown_name_is_a_usage_error_with_a_suggestion);
    tcase_add_test(tcase, test_impossible_bundle_is_unsupported_with_the_reason);
    return run_case("kern/dispatch", tcase);
}
