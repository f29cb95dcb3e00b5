/* dst (count) = (gate > 0 ? sum_t gated_t : 0) + sum_t plain_t, in double. */
#define SGEO_BF16_MAPS
#include "kernels/ref/gated_sum.h"
#include "kernels/symbols.h"

void sgeo_bf16_gated_sum__ref(uint16_t *dst, const uint16_t *gate, const uint16_t *const *gated,
                              size_t n_gated, const uint16_t *const *plain, size_t n_plain,
                              size_t count)
{
    sgeo_ref_gated_sum(dst, gate, gated, n_gated, plain, n_plain, count);
}
