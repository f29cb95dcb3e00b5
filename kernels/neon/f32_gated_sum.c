/* dst (count) = (gate > 0 ? sum_t gated_t : 0) + sum_t plain_t, with NEON. */
#include "kernels/gated_walk.h"
#include "kernels/neon/intrinsics.h"

SGEO_INLINE struct sgeo_tile add_sources(struct sgeo_tile sum, const float *const *sources,
                                         size_t n_sources, size_t at, size_t width)
{
    for (size_t t = 0; t < n_sources; t++)
        sum = sgeo_add(sum, sgeo_load(sources[t] + at, width));
    return sum;
}

/* x where gate > 0, else 0 */
SGEO_INLINE float32x4_t gate_quad(float32x4_t x, float32x4_t gate)
{
    uint32x4_t open = vcgtq_f32(gate, vdupq_n_f32(0.0f));
    return vreinterpretq_f32_u32(vandq_u32(open, vreinterpretq_u32_f32(x)));
}

SGEO_INLINE void sgeo_gated_step(float *dst, const struct sgeo_gated_sources *sources, size_t at,
                                 size_t width)
{
    struct sgeo_tile sum = sgeo_zero();
    if (sources->n_gated) {
        struct sgeo_tile gate = sgeo_load(sources->gate + at, width);
        sum = add_sources(sum, sources->gated, sources->n_gated, at, width);
        for (size_t q = 0; q < SGEO_QUADS; q++)
            sum.quad[q] = gate_quad(sum.quad[q], gate.quad[q]);
    }
    sgeo_store(dst + at, width, add_sources(sum, sources->plain, sources->n_plain, at, width));
}

void SGEO_SYMBOL(f32_gated_sum)(float *dst, const float *gate, const float *const *gated,
                                size_t n_gated, const float *const *plain, size_t n_plain,
                                size_t count)
{
    struct sgeo_gated_sources sources = {gate, gated, plain, n_gated, n_plain};
    sgeo_gated_walk(dst, &sources, count);
}
