/* dst (B,width) = src (B,src_width) * gate (B,width), zeros behind src_width, in f32. */
#include "kernels/gating.h"
#include "kernels/scalar/tier.h"
#include "kernels/strip.h"

SGEO_INLINE void gate_step(float *dst, const float *src, const float *gate, size_t width)
{
    float product[SGEO_LANES];
    for (size_t j = 0; j < width; j++)
        product[j] = src[j] * gate[j];
    for (size_t j = 0; j < width; j++)
        dst[j] = product[j];
}

void SGEO_SYMBOL(f32_gate)(float *dst, const float *src, const float *gate,
                           const struct sgeo_gating *shape)
{
    struct sgeo_gating rows = sgeo_gating_merged(shape);
    for (size_t b = 0; b < rows.batch; b++) {
        size_t at = 0;
        for (; at + SGEO_LANES <= rows.src_width; at += SGEO_LANES)
            gate_step(dst + at, src + at, gate + at, SGEO_LANES);
        if (at < rows.src_width)
            gate_step(dst + at, src + at, gate + at, rows.src_width - at);
        sgeo_zero(dst + rows.src_width, rows.width - rows.src_width);
        dst += rows.width;
        gate += rows.width;
        src += rows.src_width;
    }
}
