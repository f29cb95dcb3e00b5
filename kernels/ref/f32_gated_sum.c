/* dst (count) = (gate > 0 ? sum_t gated_t : 0) + sum_t plain_t, in double. */
#include "kernels/ref/gated_sum.h"
#include "kernels/symbols.h"

void sgeo_f32_gated_sum__ref(float *dst, const float *gate, const float *const *gated,
                             size_t n_gated, const float *const *plain, size_t n_plain,
                             size_t count)
{
    sgeo_ref_gated_sum(dst, gate, gated, n_gated, plain, n_plain, count);
}
