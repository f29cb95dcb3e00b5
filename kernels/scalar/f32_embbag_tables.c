/* Embedding bags of several tables, one after the other; no table waits for its first rows. */
#include "kernels/row_list.h"
#include "kernels/scalar/tier.h"

#define POOL SGEO_SYMBOL(f32_embbag)

/* Request the rows that the table's own bags do not request ahead: the first ones. */
static void request_first_rows(const struct sgeo_lookup *lookup)
{
    struct sgeo_row_list list = sgeo_bags_list(lookup->table, lookup->dim, &lookup->bags);
    size_t first = sgeo_bags_first(&lookup->bags, 0);
    for (size_t i = first; i < sgeo_min(first + list.ahead, list.end); i++)
        sgeo_request_row(sgeo_list_row(&list, i), list.dim);
}

void SGEO_SYMBOL(f32_embbag_tables)(float *dst, size_t dst_pitch, const struct sgeo_lookup *lookups,
                                    size_t n_lookups)
{
    for (size_t t = 0; t < n_lookups; t++) {
        if (t + 1 < n_lookups)
            request_first_rows(&lookups[t + 1]);
        POOL(dst + lookups[t].column, dst_pitch, lookups[t].table, lookups[t].dim,
             &lookups[t].bags);
    }
}
