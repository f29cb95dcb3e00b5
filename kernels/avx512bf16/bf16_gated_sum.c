/* dst (count) = (gate > 0 ? sum_t gated_t : 0) + sum_t plain_t: f32 sums of bf16 with AVX512_BF16.
 */
#define SGEO_BF16_MAPS
#include "kernels/avx512/gated_step.h"

void SGEO_SYMBOL(bf16_gated_sum)(uint16_t *dst, const uint16_t *gate, const uint16_t *const *gated,
                                 size_t n_gated, const uint16_t *const *plain, size_t n_plain,
                                 size_t count)
{
    struct sgeo_gated_sources sources = {gate, gated, plain, n_gated, n_plain};
    sgeo_gated_walk(dst, &sources, count);
}
