/* What this CPU and operating system offer, word for word. */
#include "kernels/dispatch/dispatch.h"

#if defined(__x86_64__)
#include <cpuid.h>

#define OSXSAVE (UINT32_C(1) << 27)

/* XCR0 through its encoding: the intrinsic would need -mxsave for this file. */
static uint64_t read_xcr0(void)
{
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

void sgeo_cpu_detect(struct sgeo_cpu *cpu)
{
    uint32_t eax, ebx, ecx, edx;
    *cpu = (struct sgeo_cpu){0};
    if (__get_cpuid(1, &eax, &ebx, &ecx, &edx))
        cpu->leaf1_ecx = ecx;
    if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) {
        uint32_t subleaves = eax;
        cpu->leaf7_ebx = ebx;
        cpu->leaf7_ecx = ecx;
        cpu->leaf7_edx = edx;
        if (subleaves >= 1 && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx))
            cpu->leaf7_1_eax = eax;
    }
    if (cpu->leaf1_ecx & OSXSAVE)
        cpu->xcr0 = read_xcr0();
}
#else
void sgeo_cpu_detect(struct sgeo_cpu *cpu)
{
    *cpu = (struct sgeo_cpu){0};
#if defined(__aarch64__)
    cpu->aarch64 = true; /* Advanced SIMD is part of the base architecture */
#endif
}
#endif
