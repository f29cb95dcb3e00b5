#include "data/ctr_rows.h"

#include "base/memory.h"

enum sgeo_status sgeo_ctr_rows_create(struct sgeo_ctr_rows *rows,
                                      const struct sgeo_ctr_schema *schema, size_t pitch)
{
    struct sgeo_ctr_rows made = {.pitch = pitch};
    size_t dense, index;
    if (sgeo_size_mul(pitch, schema->n_dense, &dense) &&
        sgeo_size_mul(pitch, schema->n_fields, &index)) {
        made.label = sgeo_calloc(pitch, sizeof *made.label);
        made.dense = sgeo_calloc(dense, sizeof *made.dense);
        made.index = sgeo_calloc(index, sizeof *made.index);
    }
    if (made.label == NULL || made.dense == NULL || made.index == NULL) {
        sgeo_ctr_rows_destroy(&made);
        return sgeo_fail_memory("a batch of rows");
    }
    *rows = made;
    return SGEO_OK;
}

void sgeo_ctr_rows_destroy(struct sgeo_ctr_rows *rows)
{
    if (rows == NULL) {
        return;
    }
    sgeo_free(rows->label);
    sgeo_free(rows->dense);
    sgeo_free(rows->index);
    *rows = (struct sgeo_ctr_rows){0};
}
