/* dst (count) = (gate > 0 ? sum_t gated_t : 0) + sum_t plain_t, with AVX-512. */
#include "kernels/avx512/intrinsics.h"

struct sources {
    const float *gate;
    const float *const *gated;
    const float *const *plain;
    size_t n_gated, n_plain;
};

SGEO_INLINE __m512 add_sources(__m512 sum, const float *const *sources, size_t n_sources, size_t at,
                               size_t width)
{
    for (size_t t = 0; t < n_sources; t++)
        sum = _mm512_add_ps(sum, sgeo_load(sources[t] + at, width));
    return sum;
}

SGEO_INLINE void gated_step(float *dst, const struct sources *sources, size_t at, size_t width)
{
    __m512 sum = _mm512_setzero_ps();
    if (sources->n_gated) {
        __m512 gate = sgeo_load(sources->gate + at, width);
        __mmask16 open = _mm512_cmp_ps_mask(gate, sum, _CMP_GT_OQ);
        sum = add_sources(sum, sources->gated, sources->n_gated, at, width);
        sum = _mm512_maskz_mov_ps(open, sum);
    }
    sgeo_store(dst + at, width, add_sources(sum, sources->plain, sources->n_plain, at, width));
}

void SGEO_SYMBOL(f32_gated_sum)(float *dst, const float *gate, const float *const *gated,
                                size_t n_gated, const float *const *plain, size_t n_plain,
                                size_t count)
{
    struct sources sources = {gate, gated, plain, n_gated, n_plain};
    size_t at = 0;
    for (; at + SGEO_FULL <= count; at += SGEO_FULL)
        gated_step(dst, &sources, at, SGEO_FULL);
    if (at < count)
        gated_step(dst, &sources, at, count - at);
}
