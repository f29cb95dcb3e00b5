/*
 * The click-through sets: what a row of each is made of. Source: spec nasrec, section 2 (NASRec's
 * nasrec/utils/config.py for the vocabularies).
 *
 * A row is a label (clicked or not), n_dense numbers and n_fields categories. A category is an
 * index in 0..vocabulary-1; 0 says that the row has none. A raw value v becomes
 * (v mod (vocabulary - 1)) + 1, so different values may share an index.
 */
#ifndef SGEO_DATA_CTR_FIELDS_H
#define SGEO_DATA_CTR_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#define SGEO_CTR_DENSE_MAX  ((size_t)13)
#define SGEO_CTR_FIELDS_MAX ((size_t)26)

struct sgeo_ctr_schema {
    const char *name; /* "criteo" */
    size_t n_dense;
    size_t n_fields;
    const char *const *dense_names; /* (n_dense) */
    const char *const *field_names; /* (n_fields) */
    const uint32_t *vocabulary;     /* (n_fields) indices of each field, 0 among them; >= 3 */
    uint32_t multi_hot;             /* bit f: field f may have several categories a row. No set has
                                       such a field yet; the cache keeps the bits */
    uint64_t published_rows;        /* of the whole public set */
};

extern const struct sgeo_ctr_schema sgeo_ctr_criteo; /* Criteo's Kaggle challenge of 2014 */
extern const struct sgeo_ctr_schema sgeo_ctr_avazu;  /* Avazu's Kaggle challenge of 2014; its one
                                                        dense number is always 0 */
extern const struct sgeo_ctr_schema sgeo_ctr_kdd12;  /* KDD Cup 2012, track 2 */

/* All schemas, NULL-terminated. */
const struct sgeo_ctr_schema *const *sgeo_ctr_schema_all(void);

/* By name; NULL when unknown. */
const struct sgeo_ctr_schema *sgeo_ctr_schema_find(const char *name);

/*
 * Indices of field f when no table may have more than `cap` rows (0: no cap; 2 at least): the
 * smaller of the two.
 */
uint32_t sgeo_ctr_vocabulary(const struct sgeo_ctr_schema *schema, size_t field, uint32_t cap);

/* The same summed over the fields: rows of all embedding tables. */
uint64_t sgeo_ctr_vocabulary_sum(const struct sgeo_ctr_schema *schema, uint32_t cap);

#endif
