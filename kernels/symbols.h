/*
 * Prototypes of all kernel symbols, sgeo_<op>__<tier>, from the registry; and the name of the one
 * that a file compiled for SGEO_TIER defines.
 */
#ifndef SGEO_KERNELS_SYMBOLS_H
#define SGEO_KERNELS_SYMBOLS_H

#include "kernels/kernel.h"

#define SGEO_KERNEL(op, ...)                                                                       \
    sgeo_##op##_sig sgeo_##op##__ref;                                                              \
    sgeo_##op##_sig sgeo_##op##__scalar;                                                           \
    sgeo_##op##_sig sgeo_##op##__avx2;                                                             \
    sgeo_##op##_sig sgeo_##op##__avx512;                                                           \
    sgeo_##op##_sig sgeo_##op##__avx512bf16;                                                       \
    sgeo_##op##_sig sgeo_##op##__neon;
#include "kernels/kernels.inc"
#undef SGEO_KERNEL

#define SGEO_SYMBOL_EXPANDED(op, tier) sgeo_##op##__##tier
#define SGEO_SYMBOL_OF(op, tier)       SGEO_SYMBOL_EXPANDED(op, tier)
#define SGEO_SYMBOL(op)                SGEO_SYMBOL_OF(op, SGEO_TIER)

#endif
