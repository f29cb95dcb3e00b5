/* Which bundle of instructions a CPU can run: a pure function of its words. */
#include <stddef.h>

#include "kernels/dispatch/dispatch.h"

enum word { LEAF1_ECX, LEAF7_EBX, LEAF7_ECX, LEAF7_1_EAX, XCR0 };

/* Bits that a bundle needs, and what to say when one is missing. In the order of checking. */
struct requirement {
    enum sgeo_isa isa; /* needed by this bundle and the ones above it */
    enum word word;
    uint64_t bits;
    const char *missing;
};

/* Intel SDM volume 2 (CPUID) and volume 1, 13.3 (XCR0): 2 XMM, 4 YMM, 0xe0 opmask and ZMM. */
static const struct requirement requirements[] = {
    {SGEO_ISA_AVX2, LEAF1_ECX, UINT64_C(1) << 28, "the CPU has no AVX"},
    {SGEO_ISA_AVX2, LEAF1_ECX, UINT64_C(1) << 12, "the CPU has no FMA"},
    {SGEO_ISA_AVX2, LEAF7_EBX, UINT64_C(1) << 5, "the CPU has no AVX2"},
    {SGEO_ISA_AVX2, LEAF1_ECX, UINT64_C(1) << 27, "the operating system does not use XSAVE"},
    {SGEO_ISA_AVX2, XCR0, 0x06, "the operating system does not save YMM registers"},
    {SGEO_ISA_AVX512, LEAF7_EBX, UINT64_C(1) << 16, "the CPU has no AVX512F"},
    {SGEO_ISA_AVX512, LEAF7_EBX, UINT64_C(1) << 17, "the CPU has no AVX512DQ"},
    {SGEO_ISA_AVX512, LEAF7_EBX, UINT64_C(1) << 30, "the CPU has no AVX512BW"},
    {SGEO_ISA_AVX512, LEAF7_EBX, UINT64_C(1) << 31, "the CPU has no AVX512VL"},
    {SGEO_ISA_AVX512, XCR0, 0xe6, "the operating system does not save ZMM registers"},
    {SGEO_ISA_AVX512BF16, LEAF7_ECX, UINT64_C(1) << 11, "the CPU has no AVX512_VNNI"},
    {SGEO_ISA_AVX512BF16, LEAF7_1_EAX, UINT64_C(1) << 5, "the CPU has no AVX512_BF16"},
};

static uint64_t word_of(const struct sgeo_cpu *cpu, enum word word)
{
    switch (word) {
    case LEAF1_ECX:
        return cpu->leaf1_ecx;
    case LEAF7_EBX:
        return cpu->leaf7_ebx;
    case LEAF7_ECX:
        return cpu->leaf7_ecx;
    case LEAF7_1_EAX:
        return cpu->leaf7_1_eax;
    case XCR0:
        return cpu->xcr0;
    }
    return 0;
}

/* The first requirement of an x86 bundle that the CPU does not meet; NULL when it meets all. */
static const char *x86_missing(const struct sgeo_cpu *cpu, enum sgeo_isa isa)
{
    for (size_t i = 0; i < sizeof requirements / sizeof *requirements; i++) {
        const struct requirement *need = &requirements[i];
        if (need->isa <= isa && (word_of(cpu, need->word) & need->bits) != need->bits)
            return need->missing;
    }
    return NULL;
}

static const char *missing(const struct sgeo_cpu *cpu, enum sgeo_isa isa)
{
    switch (isa) {
    case SGEO_ISA_REF:
    case SGEO_ISA_SCALAR:
        return NULL;
    case SGEO_ISA_AVX2:
    case SGEO_ISA_AVX512:
    case SGEO_ISA_AVX512BF16:
        return x86_missing(cpu, isa);
    case SGEO_ISA_NEON:
        return cpu->aarch64 ? NULL : "the CPU is not an AArch64";
    case SGEO_ISA_COUNT:
        break;
    }
    return "there is no such bundle";
}

bool sgeo_cpu_supports(const struct sgeo_cpu *cpu, enum sgeo_isa isa, const char **why)
{
    const char *reason = missing(cpu, isa);
    if (reason && why)
        *why = reason;
    return !reason;
}

static bool is_built(enum sgeo_isa isa)
{
    struct sgeo_kernels kernels;
    return sgeo_kernels_fill(&kernels, isa);
}

const char *sgeo_isa_refusal(const struct sgeo_cpu *cpu, enum sgeo_isa isa)
{
    const char *reason = missing(cpu, isa);
    return reason || is_built(isa) ? reason : "this build does not contain it";
}

static const enum sgeo_isa best_first[SGEO_ISA_COUNT] = {SGEO_ISA_AVX512BF16, SGEO_ISA_AVX512,
                                                         SGEO_ISA_AVX2,       SGEO_ISA_NEON,
                                                         SGEO_ISA_SCALAR,     SGEO_ISA_REF};

enum sgeo_isa sgeo_isa_best(const struct sgeo_cpu *cpu)
{
    size_t i = 0;
    while (best_first[i] != SGEO_ISA_SCALAR && sgeo_isa_refusal(cpu, best_first[i]))
        i++;
    return best_first[i];
}

size_t sgeo_isa_better(enum sgeo_isa better[SGEO_ISA_COUNT], enum sgeo_isa isa)
{
    size_t n = 0;
    for (size_t i = 0; i < SGEO_ISA_COUNT && best_first[i] != isa; i++)
        if (is_built(best_first[i]))
            better[n++] = best_first[i];
    return n;
}

const char *sgeo_isa_name(enum sgeo_isa isa)
{
    static const char *const names[SGEO_ISA_COUNT] = {
        [SGEO_ISA_REF] = "ref",
        [SGEO_ISA_SCALAR] = "scalar",
        [SGEO_ISA_AVX2] = "avx2",
        [SGEO_ISA_AVX512] = "avx512",
        [SGEO_ISA_AVX512BF16] = "avx512bf16",
        [SGEO_ISA_NEON] = "neon",
    };
    return (unsigned)isa < SGEO_ISA_COUNT ? names[isa] : "unknown";
}
