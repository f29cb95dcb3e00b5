/* Mean and variance of channels, strip by strip, for any tier: the includer defines
 * sgeo_moments_image. */
#ifndef SGEO_KERNELS_MOMENTS_WALK_H
#define SGEO_KERNELS_MOMENTS_WALK_H

#include "kernels/channel_sums.h"
#include "kernels/elem.h"

/* Adds d = src - origin and d^2 of one image's strip, which starts at src. */
static inline void sgeo_moments_image(struct sgeo_channel_sums *sums, const sgeo_elem *src,
                                      const struct sgeo_strip *strip);

/* Sums around a strip's first elements, near which its mean is. */
SGEO_INLINE struct sgeo_channel_sums sgeo_moments_start(const sgeo_elem *src,
                                                        const struct sgeo_strip *strip)
{
    struct sgeo_channel_sums sums = {0};
    for (size_t j = 0; j < SGEO_LANES; j++)
        sums.origin[j] = (double)sgeo_elem_value(src[strip->offset + j % strip->period]);
    return sums;
}

/* mean (C), var (C) of src (N,C,H,W): shifted sums in double lanes, one pass */
SGEO_INLINE void sgeo_moments_walk(double *mean, double *var, const sgeo_elem *src,
                                   const struct sgeo_layout *layout)
{
    size_t count = layout->n * layout->height * layout->width;
    if (count == 0) {
        sgeo_channel_zero(mean, var, layout);
        return;
    }
    struct sgeo_channel_sums sums[SGEO_STRIPS];
    for (size_t first = 0; first < sgeo_strips(layout); first += SGEO_STRIPS) {
        struct sgeo_strip_set set = sgeo_strip_set_at(layout, first);
        for (size_t s = 0; s < set.n; s++)
            sums[s] = sgeo_moments_start(src, &set.strip[s]);
        for (size_t n = 0; n < layout->n; n++)
            for (size_t s = 0; s < set.n; s++)
                sgeo_moments_image(&sums[s], src + n * layout->image + set.strip[s].offset,
                                   &set.strip[s]);
        for (size_t s = 0; s < set.n; s++)
            sgeo_channel_sums_to_moments(mean, var, &sums[s], &set.strip[s], (double)count);
    }
}

#endif
