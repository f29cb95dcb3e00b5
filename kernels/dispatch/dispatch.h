/*
 * Choice of kernels: a pure function of CPU flags fills a table of function pointers.
 */
#ifndef SGEO_KERNELS_DISPATCH_H
#define SGEO_KERNELS_DISPATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "kernels/kernel.h"

enum sgeo_isa {
    SGEO_ISA_REF,
    SGEO_ISA_SCALAR,
    SGEO_ISA_AVX2,
    SGEO_ISA_AVX512,
    SGEO_ISA_AVX512BF16, /* AVX-512 with BF16 and VNNI */
    SGEO_ISA_NEON,
    SGEO_ISA_COUNT
};

/* One pointer per kernel: member f32_affine_sum of type sgeo_f32_affine_sum_fn, and so on
 * (kernels.inc). */
struct sgeo_kernels {
#define SGEO_KERNEL(op, ...) sgeo_##op##_fn op;
#include "kernels/kernels.inc"
#undef SGEO_KERNEL
};

/* What the CPU and the operating system offer, as plain words so that tests can inject them. */
struct sgeo_cpu {
    uint32_t leaf1_ecx, leaf7_ebx, leaf7_ecx, leaf7_edx, leaf7_1_eax;
    uint64_t xcr0; /* 0 without OSXSAVE */
    bool aarch64;  /* Advanced SIMD is there */
};

void sgeo_cpu_detect(struct sgeo_cpu *cpu);

/* Whether a bundle may run on this CPU. *why (may be NULL) gets a static string that names what is
 * missing. */
bool sgeo_cpu_supports(const struct sgeo_cpu *cpu, enum sgeo_isa isa, const char **why);

/* Why a bundle cannot be used with this CPU and in this build; NULL when it can. */
const char *sgeo_isa_refusal(const struct sgeo_cpu *cpu, enum sgeo_isa isa);

/* The best bundle for a CPU. */
enum sgeo_isa sgeo_isa_best(const struct sgeo_cpu *cpu);

/* The bundles of this build that come before `isa`, best first; their number. */
size_t sgeo_isa_better(enum sgeo_isa better[SGEO_ISA_COUNT], enum sgeo_isa isa);

/* Fill `kernels` with the symbols of a bundle. Pure; false when this build does not contain it. */
bool sgeo_kernels_fill(struct sgeo_kernels *kernels, enum sgeo_isa isa);

/* Whether a bundle's kernel is written with intrinsics, and not the scalar source recompiled. */
bool sgeo_kernel_has_intrinsics(const char *op, enum sgeo_isa isa);

/* The header with a kernel's contract, from the root of the source; false: no such kernel. */
#define SGEO_CONTRACT_BYTES 128
bool sgeo_kernel_contract(char path[SGEO_CONTRACT_BYTES], const char *op);

const char *sgeo_isa_name(enum sgeo_isa isa); /* "ref", "scalar", "avx2", ... */

/*
 * Select the process's kernels once: `name` NULL or "auto" takes the best; an unknown name is
 * SGEO_USAGE, one that this CPU or build cannot run SGEO_UNSUPPORTED. Call before threads start.
 */
enum sgeo_status sgeo_kernels_select(const char *name);

/* The selected kernels (the best ones when nothing was selected) and their ISA. */
const struct sgeo_kernels *sgeo_kernels_get(void);
enum sgeo_isa sgeo_kernels_isa(void);

#endif
