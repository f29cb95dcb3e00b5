/* dsrc (B,src_width) = ddst gate;  dlogit (B,width) = ddst src gate (1 - gate), in f32. */
#include "kernels/gating.h"
#include "kernels/scalar/tier.h"
#include "kernels/strip.h"

SGEO_INLINE void gradient_step(float *dsrc, float *dlogit, const float *ddst, const float *src,
                               const float *gate, size_t width)
{
    float through[SGEO_LANES], slope[SGEO_LANES];
    for (size_t j = 0; j < width; j++)
        through[j] = ddst[j] * gate[j];
    for (size_t j = 0; j < width; j++)
        slope[j] = through[j] * src[j] * (1.0f - gate[j]);
    for (size_t j = 0; j < width; j++)
        dsrc[j] = through[j];
    for (size_t j = 0; j < width; j++)
        dlogit[j] = slope[j];
}

void SGEO_SYMBOL(f32_gate_grad)(float *dsrc, float *dlogit, const float *ddst, const float *src,
                                const float *gate, const struct sgeo_gating *shape)
{
    struct sgeo_gating rows = sgeo_gating_merged(shape);
    for (size_t b = 0; b < rows.batch; b++) {
        size_t at = 0;
        for (; at + SGEO_LANES <= rows.src_width; at += SGEO_LANES)
            gradient_step(dsrc + at, dlogit + at, ddst + at, src + at, gate + at, SGEO_LANES);
        if (at < rows.src_width)
            gradient_step(dsrc + at, dlogit + at, ddst + at, src + at, gate + at,
                          rows.src_width - at);
        sgeo_zero(dlogit + rows.src_width, rows.width - rows.src_width);
        dlogit += rows.width;
        ddst += rows.width;
        gate += rows.width;
        dsrc += rows.src_width;
        src += rows.src_width;
    }
}
