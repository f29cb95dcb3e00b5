/*
 * Click-through rows by the golden vectors' formulas (their naming rules, section 8), which any
 * other program can follow: row n has the dense numbers 4 u("dense", n*D+j), row floor(rows *
 * u("sparse", n*F+f)) of field f's table, and the label floor(2 u("label", n)). Where fields have
 * several values, always as many, F counts them all and f goes through them, field after field.
 */
#ifndef SGEO_SPACE_CTR_FORMULA_H
#define SGEO_SPACE_CTR_FORMULA_H

#include <stddef.h>

#include "space/ctr_train.h"

struct sgeo_ctr_formula {
    size_t dense, fields;          /* D, F */
    size_t rows;                   /* of every table, below 2^31 */
    enum sgeo_precision precision; /* of the dense numbers */
    const size_t *hotness;         /* (F) values of a field; NULL: one */
};

/* The read function of a feed; context: a struct sgeo_ctr_formula. Cannot fail. */
enum sgeo_status sgeo_ctr_formula_read(const struct sgeo_ctr_buffer *rows, size_t first, size_t n,
                                       void *context);

#endif
