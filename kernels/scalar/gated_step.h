/* One step of a gated sum, in f32. */
#ifndef SGEO_KERNELS_SCALAR_GATED_STEP_H
#define SGEO_KERNELS_SCALAR_GATED_STEP_H

#include "kernels/gated_walk.h"
#include "kernels/scalar/tier.h"

SGEO_INLINE void sgeo_gated_add(float *sum, const sgeo_elem *const *sources, size_t n_sources,
                                size_t at, size_t width)
{
    for (size_t t = 0; t < n_sources; t++)
        for (size_t j = 0; j < width; j++)
            sum[j] += sgeo_elem_value(sources[t][at + j]);
}

SGEO_INLINE void sgeo_gated_step(sgeo_elem *dst, const struct sgeo_gated_sources *sources,
                                 size_t at, size_t width)
{
    float sum[SGEO_LANES];
    for (size_t j = 0; j < width; j++)
        sum[j] = 0.0f;
    if (sources->n_gated) {
        sgeo_gated_add(sum, sources->gated, sources->n_gated, at, width);
        for (size_t j = 0; j < width; j++)
            sum[j] = sgeo_elem_value(sources->gate[at + j]) > 0.0f ? sum[j] : 0.0f;
    }
    sgeo_gated_add(sum, sources->plain, sources->n_plain, at, width);
    for (size_t j = 0; j < width; j++)
        dst[at + j] = sgeo_elem_of(sum[j]);
}

#endif
