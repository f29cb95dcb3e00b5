/* Sums and dots of one image's strip, for the scalar tier: the includer defines sgeo_dots_run. */
#ifndef SGEO_KERNELS_SCALAR_DOTS_IMAGE_H
#define SGEO_KERNELS_SCALAR_DOTS_IMAGE_H

#include "kernels/dots_walk.h"
#include "kernels/scalar/tier.h"

/* Adds d and d * (x - origin) of `steps` steps of `width` elements, `stride` apart. */
static inline void sgeo_dots_run(struct sgeo_channel_sums *sums, const sgeo_elem *d,
                                 const sgeo_elem *x, size_t steps, size_t stride, size_t width);

static void sgeo_dots_wide(struct sgeo_channel_sums *sums, const sgeo_elem *d, const sgeo_elem *x,
                           size_t steps, size_t stride)
{
    struct sgeo_channel_sums local = *sums; /* so that the lanes live in registers */
    sgeo_dots_run(&local, d, x, steps, stride, SGEO_LANES);
    *sums = local;
}

static void sgeo_dots_narrow(struct sgeo_channel_sums *sums, const sgeo_elem *d, const sgeo_elem *x,
                             size_t steps, size_t stride, size_t width)
{
    sgeo_dots_run(sums, d, x, steps, stride, width);
}

SGEO_INLINE void sgeo_dots_image(struct sgeo_channel_sums *sums, const sgeo_elem *d,
                                 const sgeo_elem *x, const struct sgeo_strip *strip)
{
    size_t last = strip->steps * strip->stride;
    if (strip->width == SGEO_LANES)
        sgeo_dots_wide(sums, d, x, strip->steps, strip->stride);
    else
        sgeo_dots_narrow(sums, d, x, strip->steps, strip->stride, strip->width);
    if (strip->rest)
        sgeo_dots_narrow(sums, d + last, x + last, 1, 0, strip->rest);
}

#endif
