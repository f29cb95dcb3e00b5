/*
 * A recommender model on planted batches, and the same with embedding tables as linear layers on
 * one-hot vectors: what one of them computes, the other computes densely.
 */
#ifndef SGEO_TESTS_PROXY_CTR_TWINS_H
#define SGEO_TESTS_PROXY_CTR_TWINS_H

#include "space/ctr_rig.h"

enum { TWINS_K = 4, TWINS_ROWS = 16, TWINS_ONE_HOT = CTR_DENSE + 7 + 4 + 3 };

/* A model on TWINS_K planted batches, and the same with tables as linear layers on one-hot vectors.
 */
struct twins {
    struct ctr_rig sparse, dense;
    void *numbers[TWINS_K], *one_hots[TWINS_K];
    int32_t indices[TWINS_K][CTR_FIELDS * TWINS_ROWS];
    uint16_t labels[TWINS_K][TWINS_ROWS];
    struct sgeo_ctr_batch batches[TWINS_K], one_hot_batches[TWINS_K];
};

static inline struct sgeo_graph *twins_one_hot_graph(void)
{
    struct sgeo_graph *graph = sgeo_graph_create();
    size_t input = sgeo_graph_matrix_input(graph, TWINS_ONE_HOT), at = CTR_DENSE;
    size_t parts[1 + CTR_FIELDS] = {sgeo_graph_slice(graph, input, 0, CTR_DENSE)};
    for (size_t f = 0; f < CTR_FIELDS; f++) {
        char name[16];
        snprintf(name, sizeof name, "table%zu", f);
        size_t hot = sgeo_graph_slice(graph, input, at, ctr_table_rows[f]);
        parts[1 + f] = sgeo_graph_project(graph, hot, name, ctr_table_rows[f],
                                          (struct sgeo_linear_shape){.out = CTR_DIM});
        at += ctr_table_rows[f];
    }
    size_t x = sgeo_graph_concat(graph, parts, 1 + CTR_FIELDS);
    x = sgeo_graph_relu(graph, sgeo_graph_linear(graph, x, "hidden", 6));
    rig_ok(sgeo_graph_finish(graph, sgeo_graph_linear(graph, x, "head", 1)));
    return graph;
}

/* Give the dense twin the sparse one's numbers. */
static inline void twins_share_numbers(struct twins *twins)
{
    const struct ctr_rig *from = &twins->sparse;
    struct ctr_rig *to = &twins->dense;
    rig_ok(sgeo_store_inherit(to->store, to->use.theta, from->store, from->use.theta));
    for (size_t t = 0; t < CTR_FIELDS; t++) {
        const struct sgeo_embedding_table *table = sgeo_embedding_table(from->embedding, t);
        char name[32];
        double weights[7 * CTR_DIM];
        snprintf(name, sizeof name, "table%zu.weight", t);
        for (size_t row = 0; row < table->rows; row++) {
            for (size_t d = 0; d < table->dim; d++) { /* weight (dim,rows) */
                weights[d * table->rows + row] =
                    ctr_element(from, from->use.tables, table->offset + row * table->dim + d);
            }
        }
        sgeo_store_import(to->store, to->use.theta, sgeo_store_find(to->store, name), weights);
    }
}

static inline void twins_open_batch(struct twins *twins, size_t b)
{
    struct ctr_planted planted = {.backend = twins->sparse.backend, .shift = b * TWINS_ROWS};
    double one_hot[TWINS_ROWS * TWINS_ONE_HOT] = {0};
    twins->numbers[b] =
        rig_zeros((size_t)TWINS_ROWS * CTR_DENSE, twins->sparse.backend->ops->elem_bytes);
    const struct sgeo_ctr_buffer rows = {twins->numbers[b], twins->indices[b], twins->labels[b],
                                         NULL};
    rig_ok(ctr_read(&rows, 0, TWINS_ROWS, &planted));
    for (size_t n = 0; n < TWINS_ROWS; n++) {
        double *row = one_hot + n * TWINS_ONE_HOT, *hot = row + CTR_DENSE;
        for (size_t j = 0; j < CTR_DENSE; j++) {
            row[j] = ctr_element(&twins->sparse, rows.dense, n * CTR_DENSE + j);
        }
        for (size_t f = 0; f < CTR_FIELDS; f++) {
            hot[rows.indices[f * TWINS_ROWS + n]] = 1.0;
            hot += ctr_table_rows[f];
        }
    }
    twins->one_hots[b] =
        rig_elements(twins->dense.backend, one_hot, (size_t)TWINS_ROWS * TWINS_ONE_HOT);
    twins->batches[b] =
        (struct sgeo_ctr_batch){{TWINS_ROWS, rows.dense, rows.indices, NULL}, rows.labels};
    twins->one_hot_batches[b] =
        (struct sgeo_ctr_batch){{TWINS_ROWS, twins->one_hots[b], NULL, NULL}, rows.labels};
}

static inline void twins_open(struct twins *twins, enum sgeo_precision precision)
{
    static const struct sgeo_feature_layout one_hot = {.dense = TWINS_ONE_HOT};
    ctr_open(&twins->sparse, precision, ctr_graph(&ctr_layout, 6), &ctr_layout, ctr_table_rows);
    ctr_open(&twins->dense, precision, twins_one_hot_graph(), &one_hot, NULL);
    twins_share_numbers(twins);
    for (size_t b = 0; b < TWINS_K; b++) {
        twins_open_batch(twins, b);
    }
}

static inline void twins_close(struct twins *twins)
{
    for (size_t b = 0; b < TWINS_K; b++) {
        sgeo_free(twins->numbers[b]);
        sgeo_free(twins->one_hots[b]);
    }
    ctr_close(&twins->sparse);
    ctr_close(&twins->dense);
}

#endif
