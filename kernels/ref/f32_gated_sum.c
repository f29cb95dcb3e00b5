/* dst (count) = (gate > 0 ? sum_t gated_t : 0) + sum_t plain_t, in double. */
#include "kernels/symbols.h"

static double sum_of(const float *const *sources, size_t n_sources, size_t i)
{
    double sum = 0.0;
    for (size_t t = 0; t < n_sources; t++)
        sum += (double)sources[t][i];
    return sum;
}

void sgeo_f32_gated_sum__ref(float *dst, const float *gate, const float *const *gated,
                             size_t n_gated, const float *const *plain, size_t n_plain,
                             size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double open = n_gated > 0 && gate[i] > 0.0f ? sum_of(gated, n_gated, i) : 0.0;
        dst[i] = (float)(open + sum_of(plain, n_plain, i));
    }
}
