#include "kernels/prove/upper_halves.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <stdint.h>

#include "kernels/dispatch/dispatch.h"

/* Intel SDM volume 1, 13.6: XGETBV with ECX 1 has a bit for each state component in use. */
#define XGETBV_OF_1    (UINT32_C(1) << 2) /* CPUID leaf 13, subleaf 1, EAX */
#define UPPER_OF_YMM   (UINT32_C(1) << 2)
#define UPPER_OF_ZMM   (UINT32_C(1) << 6) /* of ZMM0..15; nothing clears ZMM16..31 */
#define ALL_UPPER_BITS (UPPER_OF_YMM | UPPER_OF_ZMM)

/* Through its encoding, as in dispatch/cpu.c. */
static uint32_t components_in_use(void)
{
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(1));
    return low;
}

bool sgeo_upper_halves_in_use(void)
{
    return (components_in_use() & ALL_UPPER_BITS) != 0;
}

/* Some emulators report everything as in use, always: ask what is known. */
bool sgeo_upper_halves_show(void)
{
    struct sgeo_cpu cpu;
    uint32_t eax, ebx, ecx, edx;
    sgeo_cpu_detect(&cpu);
    if (!sgeo_cpu_supports(&cpu, SGEO_ISA_AVX2, NULL) ||
        !__get_cpuid_count(13, 1, &eax, &ebx, &ecx, &edx) || !(eax & XGETBV_OF_1))
        return false;
    __asm__ volatile("vcmptrueps %%ymm0, %%ymm0, %%ymm0" : : : "xmm0");
    bool used = sgeo_upper_halves_in_use();
    __asm__ volatile("vzeroupper");
    return used && !sgeo_upper_halves_in_use();
}
#else
bool sgeo_upper_halves_show(void)
{
    return false;
}

bool sgeo_upper_halves_in_use(void)
{
    return false;
}
#endif
