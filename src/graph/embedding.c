#include "graph/embedding.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/rng.h"
#include "kernels/dispatch/dispatch.h"

struct sgeo_embedding {
    struct sgeo_backend *backend;
    struct sgeo_feature_layout layout;
    size_t n_tables, total;
    struct sgeo_embedding_table *tables;
    struct sgeo_table_lookup *lookups; /* per table; the call's own */
};

static size_t table_count(const struct sgeo_feature_layout *layout)
{
    return layout->fields * (layout->first_order ? 2 : 1);
}

/* Table t, the next of the flat vector. */
static enum sgeo_status place_table(struct sgeo_embedding *embedding, size_t t, size_t rows)
{
    const struct sgeo_feature_layout *layout = &embedding->layout;
    size_t field = t % layout->fields, elems;
    bool is_first_order = t >= layout->fields;
    struct sgeo_embedding_table *table = &embedding->tables[t];
    *table = (struct sgeo_embedding_table){
        .field = field,
        .rows = rows,
        .dim = is_first_order ? 1 : layout->dim,
        .column = is_first_order ? sgeo_feature_first_order(layout) + field
                                 : sgeo_feature_rows(layout) + field * layout->dim,
        .offset = embedding->total};
    snprintf(table->name, sizeof table->name, "%sembedding%zu.weight",
             is_first_order ? "linear." : "", field);
    if (rows == 0 || rows > (size_t)INT32_MAX || !sgeo_size_mul(rows, table->dim, &elems)) {
        return sgeo_fail(SGEO_USAGE, "a table has 1..2147483647 rows", "%s: %zu rows", table->name,
                         rows);
    }
    embedding->total += elems;
    return SGEO_OK;
}

enum sgeo_status sgeo_embedding_create(struct sgeo_embedding **out, struct sgeo_backend *backend,
                                       const struct sgeo_feature_layout *layout, const size_t *rows)
{
    struct sgeo_embedding *embedding = sgeo_calloc(1, sizeof *embedding);
    if (embedding == NULL) {
        return sgeo_fail_memory("embedding tables");
    }
    *embedding = (struct sgeo_embedding){
        .backend = backend, .layout = *layout, .n_tables = table_count(layout)};
    embedding->tables = sgeo_calloc(embedding->n_tables + 1, sizeof *embedding->tables);
    embedding->lookups = sgeo_calloc(embedding->n_tables + 1, sizeof *embedding->lookups);
    enum sgeo_status status = embedding->tables == NULL || embedding->lookups == NULL
                                  ? sgeo_fail_memory("embedding tables")
                                  : SGEO_OK;
    for (size_t t = 0; status == SGEO_OK && t < embedding->n_tables; t++) {
        status = place_table(embedding, t, rows[t % layout->fields]);
    }
    if (status != SGEO_OK) {
        sgeo_embedding_destroy(embedding);
        return status;
    }
    *out = embedding;
    return SGEO_OK;
}

void sgeo_embedding_destroy(struct sgeo_embedding *embedding)
{
    if (embedding != NULL) {
        sgeo_free(embedding->tables);
        sgeo_free(embedding->lookups);
        sgeo_free(embedding);
    }
}

struct sgeo_backend *sgeo_embedding_backend(const struct sgeo_embedding *embedding)
{
    return embedding->backend;
}

const struct sgeo_feature_layout *sgeo_embedding_layout(const struct sgeo_embedding *embedding)
{
    return &embedding->layout;
}

size_t sgeo_embedding_tables(const struct sgeo_embedding *embedding)
{
    return embedding->n_tables;
}

const struct sgeo_embedding_table *sgeo_embedding_table(const struct sgeo_embedding *embedding,
                                                        size_t table)
{
    return &embedding->tables[table];
}

size_t sgeo_embedding_total(const struct sgeo_embedding *embedding)
{
    return embedding->total;
}

void *sgeo_embedding_vector(const struct sgeo_embedding *embedding)
{
    return sgeo_calloc(embedding->total, embedding->backend->ops->elem_bytes);
}

/* --- initial tables --- */

static void set_element(const struct sgeo_embedding *embedding, void *vector, size_t i,
                        double value)
{
    if (embedding->backend->ops->precision == SGEO_F64) {
        ((double *)vector)[i] = value;
    } else {
        ((float *)vector)[i] = (float)value;
    }
}

void sgeo_embedding_init_formula(const struct sgeo_embedding *embedding, void *vector)
{
    for (size_t t = 0; t < embedding->n_tables; t++) {
        const struct sgeo_embedding_table *table = &embedding->tables[t];
        uint64_t key = sgeo_fnv1a(table->name);
        double bound = 1.0 / sqrt((double)table->dim);
        for (size_t i = 0; i < table->rows * table->dim; i++) {
            set_element(embedding, vector, table->offset + i,
                        bound * (2.0 * sgeo_hash_uniform(key, i) - 1.0));
        }
    }
}

void sgeo_embedding_init_random(const struct sgeo_embedding *embedding, void *vector, uint64_t seed,
                                uint64_t index)
{
    for (size_t t = 0; t < embedding->n_tables; t++) {
        const struct sgeo_embedding_table *table = &embedding->tables[t];
        char stream[SGEO_NAME_MAX + 16];
        snprintf(stream, sizeof stream, "init:%s", table->name);
        uint64_t key = sgeo_stream_key(seed, stream, index);
        double deviation = sqrt(2.0 / (double)(table->rows + table->dim));
        for (size_t i = 0; i < table->rows * table->dim; i++) {
            set_element(embedding, vector, table->offset + i, deviation * sgeo_hash_normal(key, i));
        }
    }
}

/* --- look-up --- */

/* A field's indices; with offsets, which count them from the first field's on, those of all. */
static const int32_t *indices_of(const struct sgeo_feature_batch *batch, size_t field)
{
    return batch->offsets == NULL ? batch->indices + field * batch->n : batch->indices;
}

static const int32_t *offsets_of(const struct sgeo_feature_batch *batch, size_t field)
{
    return batch->offsets == NULL ? NULL : batch->offsets + field * batch->n;
}

void sgeo_embedding_lookup(const struct sgeo_embedding *embedding, void *input, const void *vector,
                           const struct sgeo_feature_batch *batch)
{
    const struct sgeo_backend_table *ops = embedding->backend->ops;
    size_t width = sgeo_feature_width(&embedding->layout);
    size_t dense_bytes = embedding->layout.dense * ops->elem_bytes;
    for (size_t t = 0; t < embedding->n_tables; t++) {
        const struct sgeo_embedding_table *table = &embedding->tables[t];
        embedding->lookups[t] = (struct sgeo_table_lookup){
            .table = (const unsigned char *)vector + table->offset * ops->elem_bytes,
            .dim = table->dim,
            .column = table->column,
            .indices = indices_of(batch, table->field),
            .offsets = offsets_of(batch, table->field)};
    }
    for (size_t n = 0; n < batch->n; n++) {
        memcpy((unsigned char *)input + n * width * ops->elem_bytes,
               (const unsigned char *)batch->dense + n * dense_bytes, dense_bytes);
    }
    ops->interaction->lookup(embedding->backend, input, width, embedding->lookups,
                             embedding->n_tables, batch->n);
}

void sgeo_embedding_tangent(const struct sgeo_embedding *embedding, void *tangent,
                            const void *input, size_t n)
{
    size_t bytes = embedding->backend->ops->elem_bytes;
    size_t row = sgeo_feature_width(&embedding->layout) * bytes;
    memcpy(tangent, input, n * row);
    for (size_t i = 0; i < n; i++) {
        memset((unsigned char *)tangent + i * row, 0, embedding->layout.dense * bytes);
    }
}

/* --- gradients --- */

struct sgeo_table_gradient {
    const struct sgeo_embedding *embedding;
    struct sgeo_row_groups
        *groups;              /* per field: its look-ups by row, for all tables of the field */
    size_t *value_offset;     /* per table, in bytes */
    struct sgeo_buffer *room; /* behind values, workspace and the groups' arrays */
    unsigned char *values;    /* behind the tables' gradients */
    uint64_t *workspace;
};

void sgeo_table_gradient_destroy(struct sgeo_table_gradient *gradient)
{
    if (gradient != NULL) {
        sgeo_free(gradient->groups);
        sgeo_free(gradient->value_offset);
        sgeo_buffer_drop(gradient->room);
        sgeo_free(gradient);
    }
}

/* Bytes of the arrays that lie in a gradient's room one after the other, for n samples. */
struct room_sizes {
    size_t values, workspace, occurrences, words; /* words: rows, then starts, a field */
};

static struct room_sizes sizes_of(const struct sgeo_embedding *embedding, size_t n)
{
    const struct sgeo_feature_layout *layout = &embedding->layout;
    size_t most = 0, all = n * sgeo_feature_all_values(layout), elems = 0;
    for (size_t t = 0; t < embedding->n_tables; t++) {
        size_t values = n * sgeo_feature_values(layout, embedding->tables[t].field);
        most = values > most ? values : most;
        elems += values * embedding->tables[t].dim;
    }
    return (struct room_sizes){
        .values = sgeo_round_up(elems * embedding->backend->ops->elem_bytes, SGEO_ALIGNMENT),
        .workspace = sgeo_row_groups_words(most) * sizeof(uint64_t),
        .occurrences = all * sizeof(struct sgeo_occurrence),
        .words = (2 * all + layout->fields) * sizeof(uint32_t)};
}

/* Give every field its arrays and every table its place. */
static void share_out(struct sgeo_table_gradient *gradient, const struct room_sizes *sizes,
                      size_t n)
{
    const struct sgeo_embedding *embedding = gradient->embedding;
    unsigned char *at = gradient->room->data;
    gradient->values = at;
    gradient->workspace = (uint64_t *)(void *)(at += sizes->values);
    struct sgeo_occurrence *occurrences = (void *)(at += sizes->workspace);
    uint32_t *words = (void *)(at + sizes->occurrences);
    for (size_t f = 0; f < embedding->layout.fields; f++) {
        size_t values = n * sgeo_feature_values(&embedding->layout, f);
        gradient->groups[f] = (struct sgeo_row_groups){
            .rows = words, .starts = words + values, .occurrences = occurrences};
        words += 2 * values + 1;
        occurrences += values;
    }
    size_t offset = 0;
    for (size_t t = 0; t < embedding->n_tables; t++) {
        const struct sgeo_embedding_table *table = &embedding->tables[t];
        size_t values = n * sgeo_feature_values(&embedding->layout, table->field);
        gradient->value_offset[t] = offset;
        offset += values * table->dim * embedding->backend->ops->elem_bytes;
    }
}

enum sgeo_status sgeo_table_gradient_create(struct sgeo_table_gradient **out,
                                            const struct sgeo_embedding *embedding,
                                            struct sgeo_pool *pool, size_t n)
{
    const struct room_sizes sizes = sizes_of(embedding, n);
    struct sgeo_table_gradient *gradient = sgeo_calloc(1, sizeof *gradient);
    if (gradient == NULL) {
        return sgeo_fail_memory("gradient of embedding tables");
    }
    gradient->embedding = embedding;
    gradient->groups = sgeo_calloc(embedding->layout.fields + 1, sizeof *gradient->groups);
    gradient->value_offset = sgeo_calloc(embedding->n_tables + 1, sizeof *gradient->value_offset);
    gradient->room =
        sgeo_pool_take(pool, sizes.values + sizes.workspace + sizes.occurrences + sizes.words);
    if (gradient->groups == NULL || gradient->value_offset == NULL || gradient->room == NULL) {
        sgeo_table_gradient_destroy(gradient);
        return sgeo_fail_memory("gradient of embedding tables");
    }
    share_out(gradient, &sizes, n);
    *out = gradient;
    return SGEO_OK;
}

void sgeo_table_gradient_gather(struct sgeo_table_gradient *gradient,
                                const struct sgeo_feature_batch *batch, const void *d_input)
{
    const struct sgeo_embedding *embedding = gradient->embedding;
    const struct sgeo_backend_table *ops = embedding->backend->ops;
    size_t width = sgeo_feature_width(&embedding->layout);
    for (size_t t = 0; t < embedding->n_tables; t++) {
        const struct sgeo_embedding_table *table = &embedding->tables[t];
        struct sgeo_row_groups *groups = &gradient->groups[table->field];
        if (d_input == NULL) {
            groups->n_rows = 0;
            continue;
        }
        if (t == table->field) { /* the first table of the field */
            const struct sgeo_bags bags = {.indices = indices_of(batch, table->field),
                                           .offsets = offsets_of(batch, table->field),
                                           .count = batch->n};
            sgeo_kernels_get()->u32_row_groups(groups, gradient->workspace, &bags, table->rows);
        }
        ops->interaction->lookup_grad(
            embedding->backend, gradient->values + gradient->value_offset[t],
            (const unsigned char *)d_input + table->column * ops->elem_bytes, width, table->dim,
            groups);
    }
}

double sgeo_table_gradient_squares(const struct sgeo_table_gradient *gradient)
{
    const struct sgeo_embedding *embedding = gradient->embedding;
    double sum = 0.0;
    for (size_t t = 0; t < embedding->n_tables; t++) {
        struct sgeo_touched touched = sgeo_table_gradient_touched(gradient, t);
        const void *values = sgeo_table_gradient_values(gradient, t);
        sum += embedding->backend->ops->dot(embedding->backend, values, values,
                                            touched.count * touched.dim);
    }
    return sum;
}

void sgeo_table_gradient_scale(struct sgeo_table_gradient *gradient, double factor)
{
    struct sgeo_backend *backend = gradient->embedding->backend;
    for (size_t t = 0; t < gradient->embedding->n_tables; t++) {
        struct sgeo_touched touched = sgeo_table_gradient_touched(gradient, t);
        unsigned char *values = gradient->values + gradient->value_offset[t];
        backend->ops->interaction->scale(backend, values, values, factor,
                                         touched.count * touched.dim);
    }
}

struct sgeo_touched sgeo_table_gradient_touched(const struct sgeo_table_gradient *gradient,
                                                size_t table)
{
    const struct sgeo_embedding_table *of = &gradient->embedding->tables[table];
    const struct sgeo_row_groups *groups = &gradient->groups[of->field];
    return (struct sgeo_touched){.rows = groups->rows, .count = groups->n_rows, .dim = of->dim};
}

const void *sgeo_table_gradient_values(const struct sgeo_table_gradient *gradient, size_t table)
{
    return gradient->values + gradient->value_offset[table];
}
