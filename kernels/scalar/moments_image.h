/* Moments of one image's strip, for the scalar tier: the includer defines sgeo_moments_run. */
#ifndef SGEO_KERNELS_SCALAR_MOMENTS_IMAGE_H
#define SGEO_KERNELS_SCALAR_MOMENTS_IMAGE_H

#include "kernels/moments_walk.h"
#include "kernels/scalar/tier.h"

/* Adds d = src - origin and d^2 of `steps` steps of `width` elements, `stride` apart. */
static inline void sgeo_moments_run(struct sgeo_channel_sums *sums, const sgeo_elem *src,
                                    size_t steps, size_t stride, size_t width);

static void sgeo_moments_wide(struct sgeo_channel_sums *sums, const sgeo_elem *src, size_t steps,
                              size_t stride)
{
    struct sgeo_channel_sums local = *sums; /* so that the lanes live in registers */
    sgeo_moments_run(&local, src, steps, stride, SGEO_LANES);
    *sums = local;
}

static void sgeo_moments_narrow(struct sgeo_channel_sums *sums, const sgeo_elem *src, size_t steps,
                                size_t stride, size_t width)
{
    sgeo_moments_run(sums, src, steps, stride, width);
}

SGEO_INLINE void sgeo_moments_image(struct sgeo_channel_sums *sums, const sgeo_elem *src,
                                    const struct sgeo_strip *strip)
{
    if (strip->width == SGEO_LANES)
        sgeo_moments_wide(sums, src, strip->steps, strip->stride);
    else
        sgeo_moments_narrow(sums, src, strip->steps, strip->stride, strip->width);
    if (strip->rest)
        sgeo_moments_narrow(sums, src + strip->steps * strip->stride, 1, 0, strip->rest);
}

#endif
