/* dst (N,C,H,W) = channels of the parts side by side, then zeros. */
#include "kernels/ref/index.h"
#include "kernels/symbols.h"

/* What dst's channel c is at pixel (y, x) of image n. */
static float value_at(const struct sgeo_concat_part *parts, size_t n_parts, size_t n, size_t c,
                      size_t y, size_t x)
{
    for (size_t t = 0; t < n_parts; c -= parts[t++].channels)
        if (c < parts[t].channels)
            return parts[t].src
                       ? parts[t].src[sgeo_ref_at(parts[t].layout, n, parts[t].first + c, y, x)]
                       : 0.0f;
    return 0.0f;
}

void sgeo_f32_concat__ref(float *dst, const struct sgeo_concat_part *parts, size_t n_parts,
                          const struct sgeo_layout *layout)
{
    for (size_t n = 0; n < layout->n; n++)
        for (size_t c = 0; c < sgeo_ref_channels(layout); c++)
            for (size_t y = 0; y < layout->height; y++)
                for (size_t x = 0; x < layout->width; x++)
                    dst[sgeo_ref_at(layout, n, c, y, x)] = value_at(parts, n_parts, n, c, y, x);
}
