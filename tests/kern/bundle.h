/* A test for every bundle: the kernels of the one that its loop index names. */
#ifndef SGEO_TESTS_KERN_BUNDLE_H
#define SGEO_TESTS_KERN_BUNDLE_H

#include <math.h>

#include "suite.h"

/* False when this machine or this build lacks the bundle. */
static inline bool bundle_of(struct sgeo_kernels *kernels, int isa)
{
    struct sgeo_cpu cpu;
    sgeo_cpu_detect(&cpu);
    return sgeo_cpu_supports(&cpu, (enum sgeo_isa)isa, NULL) &&
           sgeo_kernels_fill(kernels, (enum sgeo_isa)isa);
}

/* Repeatable numbers in -1..1. */
static inline void fill_waves(float *values, size_t n, size_t from)
{
    for (size_t i = 0; i < n; i++)
        values[i] = (float)sin(1.7 * (double)(i + from) + 0.3);
}

#define ADD_FOR_EVERY_BUNDLE(tcase, test)                                                          \
    tcase_add_loop_test(tcase, test, SGEO_ISA_REF, SGEO_ISA_COUNT)

#endif
