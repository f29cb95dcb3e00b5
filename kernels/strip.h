/*
 * How the per-channel kernels walk an activation: in strips, sets of at most SGEO_LANES channels
 * whose elements are visited in equal steps. A strip's coefficients or sums fit one tile.
 *
 *   runs (pitch = lanes, SGEO_LANES a multiple of lanes: blocked and planar): one strip a group; a
 *     step is SGEO_LANES consecutive elements and may hold several pixels
 *   otherwise (channels-last): a strip is up to SGEO_LANES neighbouring channels; a step is a pixel
 */
#ifndef SGEO_KERNELS_STRIP_H
#define SGEO_KERNELS_STRIP_H

#include <stdbool.h>

#include "base/attr.h"
#include "kernels/kernel.h"

#define SGEO_LANES ((size_t)16)

/* Element j of a step is of channel first + j % period. Offsets are within one image. */
struct sgeo_strip {
    size_t first, period;
    size_t offset, stride;
    size_t steps, width; /* steps of `width` elements, `stride` apart */
    size_t rest;         /* elements of one last, shorter step */
};

SGEO_INLINE size_t sgeo_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

SGEO_INLINE bool sgeo_layout_is_run(const struct sgeo_layout *layout)
{
    return layout->pitch == layout->lanes && SGEO_LANES % layout->lanes == 0;
}

/* Strips of one group. */
SGEO_INLINE size_t sgeo_group_strips(const struct sgeo_layout *layout)
{
    return sgeo_layout_is_run(layout) ? 1 : (layout->lanes + SGEO_LANES - 1) / SGEO_LANES;
}

SGEO_INLINE size_t sgeo_strips(const struct sgeo_layout *layout)
{
    return layout->groups * sgeo_group_strips(layout);
}

SGEO_INLINE struct sgeo_strip sgeo_strip_at(const struct sgeo_layout *layout, size_t index)
{
    size_t strips = sgeo_group_strips(layout), group = index / strips;
    size_t lane = index % strips * SGEO_LANES, pixels = layout->height * layout->width;
    struct sgeo_strip strip = {.first = group * layout->lanes + lane,
                               .offset = group * layout->group + lane};
    if (sgeo_layout_is_run(layout)) {
        strip.period = layout->lanes;
        strip.stride = strip.width = SGEO_LANES;
        strip.steps = pixels * layout->lanes / SGEO_LANES;
        strip.rest = pixels * layout->lanes % SGEO_LANES;
    } else {
        strip.period = strip.width = sgeo_min(SGEO_LANES, layout->lanes - lane);
        strip.stride = layout->pitch;
        strip.steps = pixels;
    }
    return strip;
}

/* Strips whose tiles, 1 KiB each, stay in the first-level cache together. */
#define SGEO_STRIPS ((size_t)16)

/* Neighbours that are walked image by image: memory is read in the order in which it lies. */
struct sgeo_strip_set {
    struct sgeo_strip strip[SGEO_STRIPS];
    size_t n;
};

/* Strip `first` and those behind it; `first` is less than sgeo_strips(layout). */
SGEO_INLINE struct sgeo_strip_set sgeo_strip_set_at(const struct sgeo_layout *layout, size_t first)
{
    struct sgeo_strip_set set = {.n = sgeo_min(SGEO_STRIPS, sgeo_strips(layout) - first)};
    for (size_t s = 0; s < set.n; s++)
        set.strip[s] = sgeo_strip_at(layout, first + s);
    return set;
}

/* Whether the strips, all SGEO_LANES wide, lie side by side in every pixel. */
SGEO_INLINE bool sgeo_strip_set_is_row(const struct sgeo_strip_set *set)
{
    bool row = set->n > 1;
    for (size_t s = 0; s < set->n; s++)
        row = row && set->strip[s].width == SGEO_LANES && set->strip[s].stride > SGEO_LANES &&
              set->strip[s].offset == set->strip[0].offset + s * SGEO_LANES;
    return row;
}

#endif
