/* One step of a gated sum, with AVX-512. */
#ifndef SGEO_KERNELS_AVX512_GATED_STEP_H
#define SGEO_KERNELS_AVX512_GATED_STEP_H

#include "kernels/avx512/elem_loads.h"
#include "kernels/avx512/elem_stores.h"
#include "kernels/gated_walk.h"

SGEO_INLINE __m512 sgeo_gated_add(__m512 sum, const sgeo_elem *const *sources, size_t n_sources,
                                  size_t at, size_t width)
{
    for (size_t t = 0; t < n_sources; t++)
        sum = _mm512_add_ps(sum, sgeo_load_elems(sources[t] + at, width));
    return sum;
}

SGEO_INLINE void sgeo_gated_step(sgeo_elem *dst, const struct sgeo_gated_sources *sources,
                                 size_t at, size_t width)
{
    __m512 sum = _mm512_setzero_ps();
    if (sources->n_gated) {
        __m512 gate = sgeo_load_elems(sources->gate + at, width);
        __mmask16 open = _mm512_cmp_ps_mask(gate, sum, _CMP_GT_OQ);
        sum = sgeo_gated_add(sum, sources->gated, sources->n_gated, at, width);
        sum = _mm512_maskz_mov_ps(open, sum);
    }
    sgeo_store_elems(dst + at, width,
                     sgeo_gated_add(sum, sources->plain, sources->n_plain, at, width));
}

#endif
