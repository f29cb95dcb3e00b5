/* The bundles that this build contains, as data. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "kernels/dispatch/dispatch.h"
#include "kernels/symbols.h"

#define SGEO_KERNEL(op, ...) .op = sgeo_##op##__ref,
static const struct sgeo_kernels ref = {
#include "kernels/kernels.inc"
};
#undef SGEO_KERNEL

#define SGEO_KERNEL(op, ...) .op = sgeo_##op##__scalar,
static const struct sgeo_kernels scalar = {
#include "kernels/kernels.inc"
};
#undef SGEO_KERNEL

#if SGEO_KERNELS_X86
#define SGEO_KERNEL(op, ...) .op = sgeo_##op##__avx2,
static const struct sgeo_kernels avx2 = {
#include "kernels/kernels.inc"
};
#undef SGEO_KERNEL

#define SGEO_KERNEL(op, ...) .op = sgeo_##op##__avx512,
static const struct sgeo_kernels avx512 = {
#include "kernels/kernels.inc"
};
#undef SGEO_KERNEL
#endif

#if SGEO_KERNELS_BF16
#define SGEO_KERNEL(op, ...) .op = sgeo_##op##__avx512bf16,
static const struct sgeo_kernels avx512bf16 = {
#include "kernels/kernels.inc"
};
#undef SGEO_KERNEL
#endif

#if SGEO_KERNELS_NEON
#define SGEO_KERNEL(op, ...) .op = sgeo_##op##__neon,
static const struct sgeo_kernels neon = {
#include "kernels/kernels.inc"
};
#undef SGEO_KERNEL
#endif

static const struct sgeo_kernels *const tables[SGEO_ISA_COUNT] = {
    [SGEO_ISA_REF] = &ref,
    [SGEO_ISA_SCALAR] = &scalar,
#if SGEO_KERNELS_X86
    [SGEO_ISA_AVX2] = &avx2,
    [SGEO_ISA_AVX512] = &avx512,
#endif
#if SGEO_KERNELS_BF16
    [SGEO_ISA_AVX512BF16] = &avx512bf16,
#elif SGEO_KERNELS_X86
    [SGEO_ISA_AVX512BF16] = &avx512, /* a compiler that does not know the instructions */
#endif
#if SGEO_KERNELS_NEON
    [SGEO_ISA_NEON] = &neon,
#endif
};

bool sgeo_kernels_fill(struct sgeo_kernels *kernels, enum sgeo_isa isa)
{
    if ((unsigned)isa >= SGEO_ISA_COUNT || !tables[isa])
        return false;
    *kernels = *tables[isa];
    return true;
}

bool sgeo_kernel_has_intrinsics(const char *op, enum sgeo_isa isa)
{
    static const char written[] = " " SGEO_KERNELS_WRITTEN " "; /* tier/op tier/op ... */
    char word[128];
    int length = snprintf(word, sizeof word, " %s/%s ", sgeo_isa_name(isa), op);
    return length > 0 && (size_t)length < sizeof word && strstr(written, word) != NULL;
}

bool sgeo_kernel_contract(char path[SGEO_CONTRACT_BYTES], const char *op)
{
    static const char contracts[] = SGEO_KERNELS_CONTRACTS " "; /* " op:header op:header ... " */
    char word[128];
    int length = snprintf(word, sizeof word, " %s:", op);
    const char *found = length > 0 && (size_t)length < sizeof word ? strstr(contracts, word) : NULL;
    const char *header = found ? found + length : "";
    int header_length = (int)strcspn(header, " ");
    return found && snprintf(path, SGEO_CONTRACT_BYTES, "kernels/%.*s", header_length, header) <
                        SGEO_CONTRACT_BYTES;
}
