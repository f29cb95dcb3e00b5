/* The rows that the batches of sgeo_f32_row_moments touched, in ascending order: a merge of k
 * ascending lists. */
#ifndef SGEO_KERNELS_ROW_MERGE_H
#define SGEO_KERNELS_ROW_MERGE_H

#include <stdbool.h>

#include "base/attr.h"
#include "kernels/kernel.h"

#define SGEO_NO_ROW INT64_MAX

struct sgeo_row_merge {
    const struct sgeo_row_gradient *batches;
    size_t k, dim;
    size_t next[SGEO_MOMENTS_MAX_BATCHES];  /* index of the batch's next row */
    int64_t head[SGEO_MOMENTS_MAX_BATCHES]; /* that row; SGEO_NO_ROW behind the last */
};

/* The next row, and its gradients in the batches that touched it. */
struct sgeo_merged_row {
    int64_t row;
    const float *g[SGEO_MOMENTS_MAX_BATCHES];
    size_t n; /* of the g */
};

SGEO_INLINE void sgeo_row_merge_look(struct sgeo_row_merge *merge, size_t b)
{
    const struct sgeo_row_gradient *batch = &merge->batches[b];
    merge->head[b] = merge->next[b] < batch->n_rows ? batch->rows[merge->next[b]] : SGEO_NO_ROW;
}

SGEO_INLINE void sgeo_row_merge_start(struct sgeo_row_merge *merge,
                                      const struct sgeo_row_gradient *batches, size_t k, size_t dim)
{
    merge->batches = batches;
    merge->k = k;
    merge->dim = dim;
    for (size_t b = 0; b < k; b++) {
        merge->next[b] = 0;
        sgeo_row_merge_look(merge, b);
    }
}

/* False when all rows have been seen. */
SGEO_INLINE bool sgeo_row_merge_next(struct sgeo_merged_row *merged, struct sgeo_row_merge *merge)
{
    int64_t row = SGEO_NO_ROW;
    for (size_t b = 0; b < merge->k; b++)
        row = merge->head[b] < row ? merge->head[b] : row;
    if (row == SGEO_NO_ROW)
        return false;
    merged->row = row;
    merged->n = 0;
    for (size_t b = 0; b < merge->k; b++)
        if (merge->head[b] == row) {
            merged->g[merged->n++] = merge->batches[b].grad + merge->next[b]++ * merge->dim;
            sgeo_row_merge_look(merge, b);
        }
    return true;
}

#endif
