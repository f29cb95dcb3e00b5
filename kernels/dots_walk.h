/* Sums of channels and their dots, strip by strip, for any tier: the includer defines
 * sgeo_dots_image. */
#ifndef SGEO_KERNELS_DOTS_WALK_H
#define SGEO_KERNELS_DOTS_WALK_H

#include "kernels/channel_sums.h"
#include "kernels/elem.h"

/* Adds d and d * (x - origin) of one image's strip, which starts at d and x. */
static inline void sgeo_dots_image(struct sgeo_channel_sums *sums, const sgeo_elem *d,
                                   const sgeo_elem *x, const struct sgeo_strip *strip);

SGEO_INLINE struct sgeo_channel_sums sgeo_dots_start(const double *center,
                                                     const struct sgeo_strip *strip)
{
    struct sgeo_channel_sums sums = {0};
    for (size_t j = 0; j < SGEO_LANES; j++)
        sums.origin[j] = center[strip->first + j % strip->period];
    return sums;
}

/* sum (C) = sum d;  dot (C) = sum d * (x - center (C)) of d, x (N,C,H,W) */
SGEO_INLINE void sgeo_dots_walk(double *sum, double *dot, const sgeo_elem *d, const sgeo_elem *x,
                                const double *center, const struct sgeo_layout *layout)
{
    struct sgeo_channel_sums sums[SGEO_STRIPS];
    for (size_t first = 0; first < sgeo_strips(layout); first += SGEO_STRIPS) {
        struct sgeo_strip_set set = sgeo_strip_set_at(layout, first);
        for (size_t s = 0; s < set.n; s++)
            sums[s] = sgeo_dots_start(center, &set.strip[s]);
        for (size_t n = 0; n < layout->n; n++)
            for (size_t s = 0; s < set.n; s++) {
                size_t at = n * layout->image + set.strip[s].offset;
                sgeo_dots_image(&sums[s], d + at, x + at, &set.strip[s]);
            }
        for (size_t s = 0; s < set.n; s++)
            sgeo_channel_sums_to_dots(sum, dot, &sums[s], &set.strip[s]);
    }
}

#endif
