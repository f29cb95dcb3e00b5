/* A batch of click-through rows, as the networks take it. */
#ifndef SGEO_DATA_CTR_ROWS_H
#define SGEO_DATA_CTR_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "data/ctr_fields.h"

/*
 * Arrays that the caller owns, filled by readers and caches. Indices lie field by field, as an
 * embedding looks them up: that of row r in field f is index[f * pitch + r]. A full batch
 * (n == pitch) is what the losses' labels (n) and the embeddings' indices (F,n) are.
 */
struct sgeo_ctr_rows {
    uint16_t *label; /* (pitch) 1: clicked, 0: not */
    float *dense;    /* (pitch, n_dense) ln(max(0, x) + 1); 0 where the number is missing */
    int32_t *index;  /* (n_fields, pitch) 0..vocabulary-1 */
    size_t pitch;    /* rows that there is room for */
    size_t n;        /* rows that are filled */
};

/* Arrays for `pitch` (>= 1) rows of a schema; SGEO_IO without memory, *rows is then untouched. */
enum sgeo_status sgeo_ctr_rows_create(struct sgeo_ctr_rows *rows,
                                      const struct sgeo_ctr_schema *schema, size_t pitch);
void sgeo_ctr_rows_destroy(struct sgeo_ctr_rows *rows); /* an empty or NULL one is fine */

#endif
