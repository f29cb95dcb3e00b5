/* Floating-point environment: flush-to-zero and denormals-are-zero, per thread. */
#ifndef SGEO_BASE_FPENV_H
#define SGEO_BASE_FPENV_H

#include <stdbool.h>

/*
 * Set FTZ and DAZ (x86 MXCSR) or FZ (AArch64 FPCR) in the calling thread. False where the CPU has
 * neither.
 */
bool sgeo_fpenv_flush_denormals(void);

/* Undo it in the calling thread. */
void sgeo_fpenv_keep_denormals(void);

/* Whether the calling thread flushes denormals now. */
bool sgeo_fpenv_flushes(void);

#endif
