#include "space/ctr_formula.h"

#include "base/hash.h"

static void put(const struct sgeo_ctr_formula *formula, void *elements, size_t i, double value)
{
    if (formula->precision == SGEO_F64) {
        ((double *)elements)[i] = value;
    } else {
        ((float *)elements)[i] = (float)value;
    }
}

/* Indices, field by field, and offsets where the rows have them. */
static void read_indices(const struct sgeo_ctr_buffer *rows, size_t first, size_t n,
                         const struct sgeo_ctr_formula *formula)
{
    const struct sgeo_feature_layout layout = {.fields = formula->fields,
                                               .hotness = formula->hotness};
    uint64_t key = sgeo_fnv1a("sparse");
    size_t all = sgeo_feature_all_values(&layout), before = 0, at = 0;
    for (size_t f = 0; f < formula->fields; before += sgeo_feature_values(&layout, f++)) {
        for (size_t i = 0; i < n; i++) {
            if (rows->offsets != NULL) {
                rows->offsets[f * n + i] = (int32_t)at;
                rows->offsets[f * n + i + 1] = (int32_t)(at + sgeo_feature_values(&layout, f));
            }
            for (size_t v = 0; v < sgeo_feature_values(&layout, f); v++) {
                double u = sgeo_hash_uniform(key, (first + i) * all + before + v);
                rows->indices[at++] = (int32_t)((double)formula->rows * u);
            }
        }
    }
}

enum sgeo_status sgeo_ctr_formula_read(const struct sgeo_ctr_buffer *rows, size_t first, size_t n,
                                       void *context)
{
    const struct sgeo_ctr_formula *formula = context;
    uint64_t dense_key = sgeo_fnv1a("dense"), label_key = sgeo_fnv1a("label");
    for (size_t i = 0; i < n; i++) {
        size_t dense = (first + i) * formula->dense;
        for (size_t j = 0; j < formula->dense; j++) {
            put(formula, rows->dense, i * formula->dense + j,
                4.0 * sgeo_hash_uniform(dense_key, dense + j));
        }
        rows->labels[i] = (uint16_t)(2.0 * sgeo_hash_uniform(label_key, first + i));
    }
    read_indices(rows, first, n, formula);
    return SGEO_OK;
}
