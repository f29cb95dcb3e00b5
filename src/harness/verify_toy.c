/* The toy's fields that other records do not have (spec of the proxies, section 7). */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "graph/network.h"
#include "harness/verify_parts.h"
#include "proxy/ctr_measure.h"

/* --- what a path's inner products are where a batch norm makes them scale-invariant --- */

struct path {
    const struct sgeo_golden *golden;
    struct sgeo_store *store;
    struct sgeo_network *network;
    void *theta, *grad;
    double **sums;    /* by segment: sum_b g_b; NULL: not in L */
    double *squares;  /* by segment: sum_b |g_b|^2 */
    double *gradient; /* of one segment */
};

static size_t largest_segment(const struct path *path)
{
    size_t largest = 1;
    for (size_t s = 0; s < sgeo_store_count(path->store); s++) {
        size_t count = sgeo_store_segment(path->store, s)->count;
        largest = count > largest ? count : largest;
    }
    return largest;
}

static enum sgeo_status open_sums(struct path *path)
{
    size_t n = sgeo_store_count(path->store);
    path->sums = sgeo_calloc(n, sizeof(double *));
    path->squares = sgeo_calloc(n, sizeof *path->squares);
    path->gradient = sgeo_calloc(largest_segment(path), sizeof *path->gradient);
    bool complete = path->sums != NULL && path->squares != NULL && path->gradient != NULL;
    for (size_t s = 0; complete && s < n; s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(path->store, s);
        if (sgeo_segment_in_l(segment)) {
            path->sums[s] = sgeo_calloc(segment->count, sizeof(double));
            complete = path->sums[s] != NULL;
        }
    }
    return complete ? SGEO_OK : sgeo_fail_memory("gradients of a path");
}

static enum sgeo_status open_path(struct path *path, struct sgeo_attempt *attempt)
{
    const struct sgeo_golden *golden = attempt->golden;
    struct sgeo_backend *backend = sgeo_session_backend(attempt->session);
    size_t batch = golden->batch / golden->k;
    const struct sgeo_network_options options = {.batch = batch, .backward = true};
    path->golden = golden;
    enum sgeo_status status = sgeo_store_create(&path->store, golden->graph, backend, batch);
    if (status == SGEO_OK) {
        status = sgeo_network_create(&path->network, golden->graph, path->store, backend,
                                     sgeo_session_pool(attempt->session), &options);
    }
    if (status != SGEO_OK) {
        return status;
    }
    path->theta = sgeo_store_vector(path->store);
    path->grad = sgeo_store_vector(path->store);
    status = path->theta == NULL || path->grad == NULL ? sgeo_fail_memory("gradients of a path")
                                                       : open_sums(path);
    if (status != SGEO_OK) {
        return status;
    }
    sgeo_network_bind(path->network, path->theta, path->grad, NULL);
    return sgeo_golden_fill(path->store, path->theta, (void *)(uintptr_t)golden);
}

static void close_path(struct path *path)
{
    for (size_t s = 0; path->sums != NULL && s < sgeo_store_count(path->store); s++) {
        sgeo_free(path->sums[s]);
    }
    sgeo_network_destroy(path->network);
    sgeo_store_destroy(path->store);
    sgeo_free(path->theta);
    sgeo_free(path->grad);
    sgeo_free(path->sums);
    sgeo_free(path->squares);
    sgeo_free(path->gradient);
}

static void add_gradient(struct path *path)
{
    for (size_t s = 0; s < sgeo_store_count(path->store); s++) {
        if (path->sums[s] == NULL) {
            continue;
        }
        sgeo_store_export(path->store, path->gradient, s, path->grad);
        for (size_t i = 0; i < sgeo_store_segment(path->store, s)->count; i++) {
            path->sums[s][i] += path->gradient[i];
            path->squares[s] += path->gradient[i] * path->gradient[i];
        }
    }
}

static enum sgeo_status walk(struct path *path, const struct sgeo_attempt *attempt, double lr)
{
    const struct sgeo_golden *golden = path->golden;
    const struct sgeo_node *image = &golden->graph->nodes[0];
    const struct sgeo_sgd sgd = {.lr = (float)lr};
    size_t batch = golden->batch / golden->k;
    size_t elems = batch * image->channels * image->height * image->width;
    enum sgeo_status status = SGEO_OK;
    for (size_t b = 0; status == SGEO_OK && b < golden->k; b++) {
        const struct sgeo_targets targets = {.labels = golden->labels + b * batch,
                                             .log_offset = golden->graph->log_offset};
        const unsigned char *images = attempt->images;
        size_t bytes = sgeo_session_backend(attempt->session)->ops->elem_bytes;
        status = sgeo_network_loss_gradient(path->network, images + b * elems * bytes, &targets,
                                            NULL, NULL);
        if (status == SGEO_OK) {
            add_gradient(path);
            sgeo_network_sgd_step(path->network, path->theta, NULL, &sgd);
        }
    }
    return status;
}

/* (lr / 2) (|sum_b g_b|^2 + sum_b |g_b|^2) by module of L. */
static json_t *predict(const struct path *path, double lr)
{
    json_t *object = json_object();
    for (size_t s = 0; s < sgeo_store_count(path->store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(path->store, s);
        char name[SGEO_NAME_MAX];
        if (path->sums[s] != NULL) {
            double norm = sgeo_verify_norm(path->sums[s], segment->count);
            sgeo_verify_layer_name(name, segment);
            json_object_set_new(object, name,
                                sgeo_verify_number(0.5 * lr * (norm * norm + path->squares[s])));
        }
    }
    return object;
}

enum sgeo_status sgeo_verify_invariance(json_t **prediction, struct sgeo_attempt *attempt,
                                        double lr)
{
    struct path path = {.golden = NULL};
    enum sgeo_status status = open_path(&path, attempt);
    if (status == SGEO_OK) {
        status = walk(&path, attempt, lr);
    }
    if (status == SGEO_OK) {
        *prediction = predict(&path, lr);
    }
    close_path(&path);
    return status;
}

/* --- the authors' code for recommender models, on its last layer --- */

enum { FEATURES = 6, ROWS = 8, BATCHES = 4, NUMBERS = FEATURES * ROWS * BATCHES };

/* Linear(6,1) on numbers alone. */
struct last_layer {
    struct sgeo_ctr_use use;
    struct sgeo_graph *graph;
    struct sgeo_store *store;
    struct sgeo_embedding *embedding;
    void *numbers; /* (BATCHES, ROWS, FEATURES) in backend elements */
    uint16_t labels[BATCHES * ROWS];
    struct sgeo_ctr_batch batches[BATCHES];
};

static enum sgeo_status open_layer(struct last_layer *layer, struct sgeo_attempt *attempt)
{
    static const struct sgeo_feature_layout layout = {.dense = FEATURES};
    struct sgeo_backend *backend = sgeo_session_backend(attempt->session);
    layer->graph = sgeo_graph_create();
    if (layer->graph == NULL) {
        return sgeo_fail_memory("toy network");
    }
    size_t x = sgeo_graph_matrix_input(layer->graph, FEATURES);
    x = sgeo_graph_linear(layer->graph, x, "head", 1);
    enum sgeo_status status = sgeo_graph_finish(layer->graph, x);
    if (status == SGEO_OK) {
        status = sgeo_store_create(&layer->store, layer->graph, backend, ROWS);
    }
    if (status == SGEO_OK) {
        status = sgeo_embedding_create(&layer->embedding, backend, &layout, NULL);
    }
    if (status == SGEO_OK) {
        layer->use = (struct sgeo_ctr_use){.graph = layer->graph,
                                           .store = layer->store,
                                           .embedding = layer->embedding,
                                           .backend = backend,
                                           .pool = sgeo_session_pool(attempt->session),
                                           .theta = sgeo_store_vector(layer->store),
                                           .tables = sgeo_embedding_vector(layer->embedding)};
        layer->numbers = sgeo_calloc(NUMBERS, backend->ops->elem_bytes);
        status = layer->use.theta != NULL && layer->numbers != NULL
                     ? SGEO_OK
                     : sgeo_fail_memory("toy network");
    }
    return status;
}

static void close_layer(struct last_layer *layer)
{
    sgeo_free(layer->numbers);
    sgeo_free(layer->use.theta);
    sgeo_free(layer->use.tables);
    sgeo_embedding_destroy(layer->embedding);
    sgeo_store_destroy(layer->store);
    sgeo_graph_destroy(layer->graph);
}

static void fill_layer(struct last_layer *layer)
{
    static const double bias[1] = {0.05};
    double weights[FEATURES];
    size_t bytes = layer->use.backend->ops->elem_bytes;
    sgeo_golden_sine(weights, FEATURES, 1.1, 0.3, 0.4);
    sgeo_store_import(layer->store, layer->use.theta, sgeo_store_find(layer->store, "head.weight"),
                      weights);
    sgeo_store_import(layer->store, layer->use.theta, sgeo_store_find(layer->store, "head.bias"),
                      bias);
    double numbers[NUMBERS];
    sgeo_golden_sine(numbers, NUMBERS, 0.77, 0.2, 1.0);
    for (size_t i = 0; i < NUMBERS; i++) {
        if (layer->use.backend->ops->precision == SGEO_F64) {
            ((double *)layer->numbers)[i] = numbers[i];
        } else {
            ((float *)layer->numbers)[i] = (float)numbers[i];
        }
    }
    for (size_t i = 0; i < (size_t)BATCHES * ROWS; i++) {
        layer->labels[i] = 7 * i % 5 < 2;
    }
    for (size_t b = 0; b < BATCHES; b++) {
        const unsigned char *dense = layer->numbers;
        layer->batches[b] = (struct sgeo_ctr_batch){
            .features = {.n = ROWS, .dense = dense + b * ROWS * FEATURES * bytes},
            .labels = layer->labels + b * ROWS};
    }
}

static void report_layer(struct sgeo_attempt *attempt, const struct sgeo_evidence *evidence)
{
    static const struct sgeo_lambda ones = {1.0, 1.0, 1.0};
    json_t *object = json_object();
    struct sgeo_score score;
    double all = 0.0;
    sgeo_proxy_sigeo_nasrec.score(&score, evidence, true, &ones);
    for (size_t g = 0; g < evidence->n_path_layers; g++) {
        all += log(evidence->path_all[g]);
    }
    json_object_set_new(object, "zico_first_coordinate_as_published",
                        sgeo_verify_number(score.term_zico));
    json_object_set_new(object, "zico_all_coordinates_unbiased_std", sgeo_verify_number(all));
    json_object_set_new(object, "fr_log", sgeo_verify_number(score.term_fr));
    json_object_set_new(object, "last_loss", sgeo_verify_number(score.term_loss));
    json_object_set_new(object, "test_loss_1_1_1", sgeo_verify_number(-score.value));
    json_object_set_new(attempt->got, "sigeo_recsys_lastlayer", object);
}

enum sgeo_status sgeo_verify_lastlayer_fields(struct sgeo_attempt *attempt)
{
    struct last_layer layer = {.graph = NULL};
    struct sgeo_ctr_measurement measurement;
    enum sgeo_status status = open_layer(&layer, attempt);
    if (status == SGEO_OK) {
        const struct sgeo_ctr_measure_request request = {
            .use = &layer.use, .batches = layer.batches, .k = BATCHES, .passes = SGEO_PASS_NASREC};
        fill_layer(&layer);
        status = sgeo_ctr_measure(&measurement, &request);
    }
    if (status == SGEO_OK) {
        report_layer(attempt, &measurement.evidence);
        sgeo_ctr_measurement_destroy(&measurement);
    }
    close_layer(&layer);
    return status;
}
