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

enum sgeo_status sgeo_ctr_formula_read(const struct sgeo_ctr_buffer *rows, size_t first, size_t n,
                                       void *context)
{
    const struct sgeo_ctr_formula *formula = context;
    uint64_t dense_key = sgeo_fnv1a("dense"), sparse_key = sgeo_fnv1a("sparse");
    uint64_t label_key = sgeo_fnv1a("label");
    for (size_t i = 0; i < n; i++) {
        size_t dense = (first + i) * formula->dense, sparse = (first + i) * formula->fields;
        for (size_t j = 0; j < formula->dense; j++) {
            put(formula, rows->dense, i * formula->dense + j,
                4.0 * sgeo_hash_uniform(dense_key, dense + j));
        }
        for (size_t f = 0; f < formula->fields; f++) {
            double u = sgeo_hash_uniform(sparse_key, sparse + f);
            rows->indices[f * n + i] = (int32_t)((double)formula->rows * u);
        }
        rows->labels[i] = (uint16_t)(2.0 * sgeo_hash_uniform(label_key, first + i));
    }
    return SGEO_OK;
}
