/* Embedding bags of several tables: one after the other. */
#include "kernels/symbols.h"

void sgeo_f32_embbag_tables__ref(float *dst, size_t dst_pitch, const struct sgeo_lookup *lookups,
                                 size_t n_lookups)
{
    for (size_t t = 0; t < n_lookups; t++)
        sgeo_f32_embbag__ref(dst + lookups[t].column, dst_pitch, lookups[t].table, lookups[t].dim,
                             &lookups[t].bags);
}
