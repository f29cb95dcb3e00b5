/* dtable (n_rows,dim) = sum over the occurrences of a row of weight * ddst's row, in f32. */
#include "kernels/scalar/row_sums.h"

SGEO_INLINE void gather(float *dtable, const struct sgeo_row_list *list,
                        const struct sgeo_row_groups *groups)
{
    for (size_t u = 0; u < groups->n_rows; u++)
        sgeo_row_sum(dtable + u * list->dim, list, groups->starts[u], groups->starts[u + 1], 1.0f);
}

/* Plain sums have loops of their own. */
SGEO_INLINE void gather_dim(float *dtable, const float *ddst, size_t ddst_pitch, size_t dim,
                            const struct sgeo_row_groups *groups, struct sgeo_bags bags)
{
    struct sgeo_row_list list = {.src = ddst,
                                 .pitch = ddst_pitch,
                                 .dim = dim,
                                 .bags = &bags,
                                 .occurrences = groups->occurrences,
                                 .ahead = sgeo_rows_ahead(dim),
                                 .end = groups->starts[groups->n_rows]};
    if (sgeo_list_has_factors(&list)) {
        gather(dtable, &list, groups);
    } else {
        bags.weights = NULL;
        bags.mean = false;
        gather(dtable, &list, groups);
    }
}

void SGEO_SYMBOL(f32_embbag_grad)(float *dtable, const float *ddst, size_t ddst_pitch, size_t dim,
                                  const struct sgeo_row_groups *groups,
                                  const struct sgeo_bags *bags)
{
    switch (dim) {
#define CASE(usual)                                                                                \
    case usual:                                                                                    \
        gather_dim(dtable, ddst, ddst_pitch, usual, groups, *bags);                                \
        break;
        SGEO_USUAL_DIMS(CASE)
#undef CASE
    default:
        gather_dim(dtable, ddst, ddst_pitch, dim, groups, *bags);
    }
}
