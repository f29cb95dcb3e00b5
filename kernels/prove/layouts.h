/* The activation layouts of the proofs. */
#ifndef SGEO_KERNELS_PROVE_LAYOUTS_H
#define SGEO_KERNELS_PROVE_LAYOUTS_H

#include "kernels/kernel.h"

enum sgeo_order { SGEO_BLOCKED, SGEO_LAST }; /* groups apart, or side by side in a pixel */

/* An activation of groups*lanes channels; `gap` unused elements behind a pixel, group and image. */
struct sgeo_shape {
    size_t n, groups, lanes, height, width;
    enum sgeo_order order;
    size_t gap;
};

/* Shapes of the channel proofs: blocked, planar and channels-last, with odd sizes and gaps. */
size_t sgeo_shape_count(void);
const struct sgeo_shape *sgeo_shape_at(size_t index);

struct sgeo_layout sgeo_shape_layout(const struct sgeo_shape *shape);

/* Elements of a buffer in the layout, up to the last one that exists. */
size_t sgeo_shape_elems(const struct sgeo_layout *layout);

#endif
