#include "kernels/prove/layouts.h"

/*
 * The last five are about strips side by side (strip.h): pixels of whole ones, in one set, in two
 * groups, and in two sets with a gap behind; partial ones among whole ones, packed, and padded so
 * that the first and the last of a set lie as if all were whole.
 */
static const struct sgeo_shape shapes[] = {
    {2, 2, 8, 3, 5, SGEO_BLOCKED, 0},  {1, 3, 8, 1, 1, SGEO_BLOCKED, 0},
    {3, 1, 8, 4, 4, SGEO_BLOCKED, 0},  {2, 2, 16, 3, 3, SGEO_BLOCKED, 0},
    {1, 1, 16, 1, 1, SGEO_BLOCKED, 0}, {2, 2, 4, 3, 3, SGEO_BLOCKED, 0},
    {2, 3, 1, 4, 5, SGEO_BLOCKED, 0},  {1, 1, 1, 1, 33, SGEO_BLOCKED, 0},
    {2, 2, 8, 3, 3, SGEO_BLOCKED, 5},  {2, 1, 16, 3, 3, SGEO_BLOCKED, 3},
    {2, 1, 3, 3, 3, SGEO_LAST, 0},     {2, 1, 16, 3, 3, SGEO_LAST, 0},
    {2, 1, 20, 3, 2, SGEO_LAST, 0},    {1, 1, 40, 2, 2, SGEO_LAST, 0},
    {2, 4, 8, 3, 3, SGEO_LAST, 0},     {2, 2, 24, 2, 3, SGEO_LAST, 2},
    {2, 19, 2, 3, 2, SGEO_BLOCKED, 0}, {0, 2, 8, 3, 3, SGEO_BLOCKED, 0},
    {0, 1, 20, 3, 3, SGEO_LAST, 0},    {2, 1, 32, 3, 2, SGEO_LAST, 0},
    {2, 2, 16, 2, 3, SGEO_LAST, 0},    {1, 1, 272, 2, 2, SGEO_LAST, 3},
    {1, 3, 40, 2, 2, SGEO_LAST, 0},    {2, 6, 40, 1, 1, SGEO_BLOCKED, 4},
};

size_t sgeo_shape_count(void)
{
    return sizeof shapes / sizeof *shapes;
}

const struct sgeo_shape *sgeo_shape_at(size_t index)
{
    return &shapes[index];
}

struct sgeo_layout sgeo_shape_layout(const struct sgeo_shape *shape)
{
    struct sgeo_layout layout = {.n = shape->n,
                                 .groups = shape->groups,
                                 .lanes = shape->lanes,
                                 .height = shape->height,
                                 .width = shape->width};
    size_t pixels = shape->height * shape->width;
    if (shape->order == SGEO_BLOCKED) {
        layout.pitch = shape->lanes + shape->gap;
        layout.group = pixels * layout.pitch + shape->gap;
        layout.image = shape->groups * layout.group + shape->gap;
    } else {
        layout.pitch = shape->groups * shape->lanes + shape->gap;
        layout.group = shape->lanes;
        layout.image = pixels * layout.pitch + shape->gap;
    }
    return layout;
}

size_t sgeo_shape_elems(const struct sgeo_layout *layout)
{
    if (layout->n == 0 || layout->height * layout->width == 0)
        return 0;
    size_t last_pixel = layout->height * layout->width - 1;
    return (layout->n - 1) * layout->image + (layout->groups - 1) * layout->group +
           last_pixel * layout->pitch + layout->lanes;
}
