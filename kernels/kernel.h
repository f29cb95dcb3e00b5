/*
 * Contracts of the SIMD kernels, a header a family under contract/. kernels.inc has one row per
 * kernel; dispatch/ fills the table.
 *
 * Common to all: kernels never allocate and cannot fail; pointers are aligned to 4 bytes only, to
 * bf16 to 2; n = 0 is valid and writes nothing but empty sums; nothing is read or written past the
 * stated range; NaN and infinity propagate as in IEEE arithmetic unless a contract says otherwise;
 * buffers do not overlap unless a contract allows it. A reduction's order depends on the layout
 * alone, so a kernel returns the same bits at every call.
 *
 * Symbols: sgeo_<dtype>_<op>__<tier>; what before the double underscore, how behind it.
 * Tiers: ref (double accumulation, the oracle), scalar (f32, 16 explicit lanes, what the compiler
 * makes of it), avx2 (the same source for AVX2 and FMA machines), avx512, avx512bf16, neon.
 */
#ifndef SGEO_KERNELS_KERNEL_H
#define SGEO_KERNELS_KERNEL_H

#include "kernels/contract/bf16.h"
#include "kernels/contract/channel.h"
#include "kernels/contract/codes.h"
#include "kernels/contract/concat.h"
#include "kernels/contract/dense.h"
#include "kernels/contract/depthwise.h"
#include "kernels/contract/embedding.h"
#include "kernels/contract/interaction.h"
#include "kernels/contract/loss.h"
#include "kernels/contract/moments.h"
#include "kernels/contract/pool.h"
#include "kernels/contract/step.h"
#include "kernels/contract/winograd.h"

/* sgeo_<op>_fn: pointer to a kernel; the function types above declare the symbols (symbols.h). */
#define SGEO_KERNEL(op, ...) typedef sgeo_##op##_sig *sgeo_##op##_fn;
#include "kernels/kernels.inc"
#undef SGEO_KERNEL

#endif
