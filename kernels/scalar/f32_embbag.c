/* dst (count,dim) = sum or mean over each bag of weight * table row, in f32. */
#include "kernels/scalar/row_sums.h"

SGEO_INLINE void pool(float *dst, size_t dst_pitch, const float *table, size_t dim,
                      const struct sgeo_bags *bags)
{
    struct sgeo_row_list list = sgeo_bags_list(table, dim, bags);
    for (size_t b = 0; b < bags->count; b++, dst += dst_pitch) {
        size_t begin = sgeo_bags_first(bags, b), end = sgeo_bags_first(bags, b + 1);
        if (begin == end)
            sgeo_zero(dst, dim);
        else
            sgeo_row_sum(dst, &list, begin, end, sgeo_bags_scale(bags, b));
    }
}

/* Plain sums, bags of one and weighted sums have loops of their own. */
SGEO_INLINE void pool_form(float *dst, size_t dst_pitch, const float *table, size_t dim,
                           struct sgeo_bags bags)
{
    if (bags.weights) {
        pool(dst, dst_pitch, table, dim, &bags);
    } else if (bags.offsets) {
        bags.weights = NULL;
        pool(dst, dst_pitch, table, dim, &bags);
    } else {
        bags.weights = NULL;
        bags.offsets = NULL;
        pool(dst, dst_pitch, table, dim, &bags);
    }
}

/* So have the two widths of an index. */
SGEO_INLINE void pool_dim(float *dst, size_t dst_pitch, const float *table, size_t dim,
                          struct sgeo_bags bags)
{
    if (bags.wide) {
        bags.wide = true;
        pool_form(dst, dst_pitch, table, dim, bags);
    } else {
        bags.wide = false;
        pool_form(dst, dst_pitch, table, dim, bags);
    }
}

void SGEO_SYMBOL(f32_embbag)(float *dst, size_t dst_pitch, const float *table, size_t dim,
                             const struct sgeo_bags *bags)
{
    switch (dim) {
#define CASE(usual)                                                                                \
    case usual:                                                                                    \
        pool_dim(dst, dst_pitch, table, usual, *bags);                                             \
        break;
        SGEO_USUAL_DIMS(CASE)
#undef CASE
    default:
        pool_dim(dst, dst_pitch, table, dim, *bags);
    }
}
