/* dst (B,width) = src (B,src_width) * gate (B,width), zeros behind src_width. */
#include "kernels/symbols.h"

void sgeo_f32_gate__ref(float *dst, const float *src, const float *gate,
                        const struct sgeo_gating *shape)
{
    for (size_t b = 0; b < shape->batch; b++)
        for (size_t c = 0; c < shape->width; c++) {
            size_t at = b * shape->width + c;
            dst[at] = c < shape->src_width ? src[b * shape->src_width + c] * gate[at] : 0.0f;
        }
}
