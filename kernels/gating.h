/* How the gating kernels walk their rows. */
#ifndef SGEO_KERNELS_GATING_H
#define SGEO_KERNELS_GATING_H

#include "base/attr.h"
#include "kernels/kernel.h"

/* Rows without padding lie behind each other: one long row. */
SGEO_INLINE struct sgeo_gating sgeo_gating_merged(const struct sgeo_gating *shape)
{
    if (shape->src_width < shape->width)
        return *shape;
    size_t elems = shape->batch * shape->width;
    return (struct sgeo_gating){.batch = 1, .width = elems, .src_width = elems};
}

#endif
