/* Gated sums, tile by tile, for any tier: the includer defines sgeo_gated_step. */
#ifndef SGEO_KERNELS_GATED_WALK_H
#define SGEO_KERNELS_GATED_WALK_H

#include "kernels/elem.h"
#include "kernels/strip.h"

struct sgeo_gated_sources {
    const sgeo_elem *gate;
    const sgeo_elem *const *gated;
    const sgeo_elem *const *plain;
    size_t n_gated, n_plain;
};

/* `width` elements from `at` on; constant arguments make this straight vector code. */
static inline void sgeo_gated_step(sgeo_elem *dst, const struct sgeo_gated_sources *sources,
                                   size_t at, size_t width);

/* dst (count) = (gate > 0 ? sum_t gated_t : 0) + sum_t plain_t */
SGEO_INLINE void sgeo_gated_walk(sgeo_elem *dst, const struct sgeo_gated_sources *sources,
                                 size_t count)
{
    size_t at = 0;
    for (; at + SGEO_LANES <= count; at += SGEO_LANES)
        sgeo_gated_step(dst, sources, at, SGEO_LANES);
    if (at < count)
        sgeo_gated_step(dst, sources, at, count - at);
}

#endif
