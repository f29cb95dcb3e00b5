/* The parts' channels, one after the other, from src (N,C,H,W); zeros in the parts' padding. */
#include "kernels/ref/index.h"
#include "kernels/symbols.h"

/* One part, whose channel 0 is channel `first` of src. */
static void split_part(const struct sgeo_split_part *part, const float *src, size_t first,
                       const struct sgeo_layout *layout, bool accumulate)
{
    for (size_t n = 0; n < layout->n; n++)
        for (size_t c = 0; c < sgeo_ref_channels(part->layout); c++)
            for (size_t y = 0; y < layout->height; y++)
                for (size_t x = 0; x < layout->width; x++) {
                    float *dst = &part->dst[sgeo_ref_at(part->layout, n, c, y, x)];
                    float value =
                        c < part->channels ? src[sgeo_ref_at(layout, n, first + c, y, x)] : 0.0f;
                    *dst = accumulate ? *dst + value : value;
                }
}

void sgeo_f32_split__ref(const struct sgeo_split_part *parts, size_t n_parts, const float *src,
                         const struct sgeo_layout *layout, bool accumulate)
{
    size_t first = 0;
    for (size_t t = 0; t < n_parts; first += parts[t++].channels)
        if (parts[t].dst)
            split_part(&parts[t], src, first, layout, accumulate);
}
