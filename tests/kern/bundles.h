/* Tests that run once for every bundle: each gets the bundle as its loop index. */
#ifndef SGEO_TESTS_KERN_BUNDLES_H
#define SGEO_TESTS_KERN_BUNDLES_H

#include "suite.h"

/* The kernels of a bundle; false when this machine or build does not run it. */
static inline bool kernels_of(struct sgeo_kernels *kernels, int isa)
{
    struct sgeo_cpu cpu;
    sgeo_cpu_detect(&cpu);
    return sgeo_cpu_supports(&cpu, (enum sgeo_isa)isa, NULL) &&
           sgeo_kernels_fill(kernels, (enum sgeo_isa)isa);
}

#define EVERY_BUNDLE(tcase, test) tcase_add_loop_test(tcase, test, SGEO_ISA_REF, SGEO_ISA_COUNT)

#endif
