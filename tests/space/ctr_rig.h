/*
 * What the tests of recommender models share: planted click data with a known Bayes loss, a small
 * network, and a model with all it needs.
 */
#ifndef SGEO_TESTS_SPACE_CTR_RIG_H
#define SGEO_TESTS_SPACE_CTR_RIG_H

#include "graph/rig.h"
#include "space/ctr_train.h"

enum { CTR_DENSE = 2, CTR_FIELDS = 3, CTR_DIM = 4 };

static const struct sgeo_feature_layout ctr_layout = {
    .dense = CTR_DENSE, .fields = CTR_FIELDS, .dim = CTR_DIM};
static const size_t ctr_table_rows[CTR_FIELDS] = {7, 4, 3};

struct ctr_rig {
    struct sgeo_backend *backend;
    struct sgeo_graph *graph;
    struct sgeo_store *store;
    struct sgeo_embedding *embedding;
    struct sgeo_ctr_use use;
    struct sgeo_ctr_squares squares;
};

static inline double ctr_element(const struct ctr_rig *rig, const void *elements, size_t i)
{
    return rig->backend->ops->precision == SGEO_F64 ? ((const double *)elements)[i]
                                                    : (double)((const float *)elements)[i];
}

static inline void ctr_set(const struct ctr_rig *rig, void *elements, size_t i, double value)
{
    if (rig->backend->ops->precision == SGEO_F64) {
        ((double *)elements)[i] = value;
    } else {
        ((float *)elements)[i] = (float)value;
    }
}

/* Hidden units and a logit; no hidden layer: 0. */
static inline struct sgeo_graph *ctr_graph(const struct sgeo_feature_layout *layout, size_t hidden)
{
    struct sgeo_graph *graph = sgeo_graph_create();
    size_t x = sgeo_graph_matrix_input(graph, sgeo_feature_width(layout));
    if (hidden > 0) {
        x = sgeo_graph_relu(graph, sgeo_graph_linear(graph, x, "hidden", hidden));
    }
    rig_ok(sgeo_graph_finish(graph, sgeo_graph_linear(graph, x, "head", 1)));
    graph->init = SGEO_INIT_XAVIER;
    return graph;
}

/* A model at its start, seed 5. Takes the graph. */
static inline void ctr_open(struct ctr_rig *rig, enum sgeo_precision precision,
                            struct sgeo_graph *graph, const struct sgeo_feature_layout *layout,
                            const size_t *table_rows)
{
    *rig = (struct ctr_rig){.graph = graph};
    rig_ok(sgeo_backend_create(&rig->backend, (struct sgeo_executor){.precision = precision}));
    rig_ok(sgeo_store_create(&rig->store, graph, rig->backend, 1));
    rig_ok(sgeo_embedding_create(&rig->embedding, rig->backend, layout, table_rows));
    rig->use = (struct sgeo_ctr_use){.graph = graph,
                                     .store = rig->store,
                                     .embedding = rig->embedding,
                                     .backend = rig->backend,
                                     .pool = sgeo_pool_create(),
                                     .theta = sgeo_store_vector(rig->store),
                                     .tables = sgeo_embedding_vector(rig->embedding)};
    rig->squares.dense = sgeo_store_vector(rig->store);
    rig->squares.tables = sgeo_embedding_vector(rig->embedding);
    rig_ok(sgeo_ctr_init(&rig->use, 5, 0));
}

static inline void ctr_close(struct ctr_rig *rig)
{
    sgeo_free(rig->use.theta);
    sgeo_free(rig->use.tables);
    sgeo_free(rig->squares.dense);
    sgeo_free(rig->squares.tables);
    sgeo_pool_destroy(rig->use.pool);
    sgeo_embedding_destroy(rig->embedding);
    sgeo_store_destroy(rig->store);
    sgeo_graph_destroy(rig->graph);
    sgeo_backend_destroy(rig->backend);
}

/* --- planted data: row i follows from its number; its log-odds are known --- */

struct ctr_planted {
    const struct sgeo_backend *backend;
    size_t shift; /* the first row's number */
};

struct ctr_planted_row {
    double dense[CTR_DENSE], logit;
    int32_t indices[CTR_FIELDS];
    uint16_t label;
};

static inline struct ctr_planted_row ctr_planted_row(size_t number)
{
    struct sgeo_rng rng = sgeo_rng_stream(5, "planted", number);
    struct ctr_planted_row row = {.logit = -1.0};
    for (size_t j = 0; j < CTR_DENSE; j++) {
        row.dense[j] = 2.0 * sgeo_rng_uniform(&rng) - 1.0;
        row.logit += (j == 0 ? 1.0 : -0.5) * row.dense[j];
    }
    for (size_t f = 0; f < CTR_FIELDS; f++) {
        row.indices[f] = (int32_t)sgeo_rng_below(&rng, ctr_table_rows[f]);
        row.logit += 1.5 * sin(1.0 + 2.3 * (double)f + 1.7 * (double)row.indices[f]);
    }
    row.label = sgeo_rng_uniform(&rng) < 1.0 / (1.0 + exp(-row.logit));
    return row;
}

static inline enum sgeo_status ctr_read(const struct sgeo_ctr_buffer *rows, size_t first, size_t n,
                                        void *context)
{
    const struct ctr_planted *planted = context;
    const struct ctr_rig precision = {.backend = (struct sgeo_backend *)planted->backend};
    for (size_t i = 0; i < n; i++) {
        const struct ctr_planted_row row = ctr_planted_row(planted->shift + first + i);
        for (size_t j = 0; j < CTR_DENSE; j++) {
            ctr_set(&precision, rows->dense, i * CTR_DENSE + j, row.dense[j]);
        }
        for (size_t f = 0; f < CTR_FIELDS; f++) {
            rows->indices[f * n + i] = row.indices[f];
        }
        rows->labels[i] = row.label;
    }
    return SGEO_OK;
}

#endif
