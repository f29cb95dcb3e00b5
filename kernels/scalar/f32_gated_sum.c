/* dst (count) = (gate > 0 ? sum_t gated_t : 0) + sum_t plain_t, in f32. */
#include "kernels/scalar/tier.h"
#include "kernels/strip.h"

struct sources {
    const float *gate;
    const float *const *gated;
    const float *const *plain;
    size_t n_gated, n_plain;
};

SGEO_INLINE void add_sources(float *sum, const float *const *sources, size_t n_sources, size_t at,
                             size_t width)
{
    for (size_t t = 0; t < n_sources; t++)
        for (size_t j = 0; j < width; j++)
            sum[j] += sources[t][at + j];
}

SGEO_INLINE void gated_step(float *dst, const struct sources *sources, size_t at, size_t width)
{
    float sum[SGEO_LANES];
    for (size_t j = 0; j < width; j++)
        sum[j] = 0.0f;
    if (sources->n_gated) {
        add_sources(sum, sources->gated, sources->n_gated, at, width);
        for (size_t j = 0; j < width; j++)
            sum[j] = sources->gate[at + j] > 0.0f ? sum[j] : 0.0f;
    }
    add_sources(sum, sources->plain, sources->n_plain, at, width);
    for (size_t j = 0; j < width; j++)
        dst[at + j] = sum[j];
}

void SGEO_SYMBOL(f32_gated_sum)(float *dst, const float *gate, const float *const *gated,
                                size_t n_gated, const float *const *plain, size_t n_plain,
                                size_t count)
{
    struct sources sources = {gate, gated, plain, n_gated, n_plain};
    size_t at = 0;
    for (; at + SGEO_LANES <= count; at += SGEO_LANES)
        gated_step(dst, &sources, at, SGEO_LANES);
    if (at < count)
        gated_step(dst, &sources, at, count - at);
}
