/*
 * What lies above the lower 128 bits of the vector registers. Until a vzeroupper the SSE code of a
 * caller pays for it: a kernel leaves nothing there.
 */
#ifndef SGEO_KERNELS_PROVE_UPPER_HALVES_H
#define SGEO_KERNELS_PROVE_UPPER_HALVES_H

#include <stdbool.h>

/* Whether this CPU has upper halves and tells exactly when they are in use; leaves them clean. */
bool sgeo_upper_halves_show(void);

/* Whether they are in use now; only where they show. */
bool sgeo_upper_halves_in_use(void);

#endif
