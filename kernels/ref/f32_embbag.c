/* dst (count,dim) = sum or mean over each bag of weight * table row, in double. */
#include "kernels/symbols.h"

static double weight_at(const struct sgeo_bags *bags, size_t position)
{
    return bags->weights ? (double)bags->weights[position] : 1.0;
}

/* Column d of a bag. -0 + x is x whatever x is, so that a bag of one is its row. */
static double pooled(const float *table, size_t dim, const struct sgeo_bags *bags, size_t b,
                     size_t d)
{
    size_t first = sgeo_bags_first(bags, b), end = sgeo_bags_first(bags, b + 1);
    double sum = -0.0;
    if (first == end)
        return 0.0;
    for (size_t i = first; i < end; i++)
        sum += weight_at(bags, i) * (double)table[sgeo_bags_index(bags, i) * dim + d];
    return bags->mean ? sum / (double)(end - first) : sum;
}

void sgeo_f32_embbag__ref(float *dst, size_t dst_pitch, const float *table, size_t dim,
                          const struct sgeo_bags *bags)
{
    for (size_t b = 0; b < bags->count; b++)
        for (size_t d = 0; d < dim; d++)
            dst[b * dst_pitch + d] = (float)pooled(table, dim, bags, b, d);
}
