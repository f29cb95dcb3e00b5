/* dst (count) = (gate > 0 ? sum_t gated_t : 0) + sum_t plain_t, with AVX-512. */
#include "kernels/avx512/gated_step.h"

void SGEO_SYMBOL(f32_gated_sum)(float *dst, const float *gate, const float *const *gated,
                                size_t n_gated, const float *const *plain, size_t n_plain,
                                size_t count)
{
    struct sgeo_gated_sources sources = {gate, gated, plain, n_gated, n_plain};
    sgeo_gated_walk(dst, &sources, count);
}
