#include "space/ctr_pass.h"

#include <math.h>

#include "base/memory.h"
#include "graph/table_learn.h"

struct sgeo_ctr_pass {
    const struct sgeo_ctr_use *use;
    size_t batch;
    enum sgeo_ctr_purpose purpose;
    struct sgeo_network *network;
    struct sgeo_buffer *input; /* (batch,W) */
    struct sgeo_place *places; /* of the segments that learn */
    size_t n_places;
};

/* --- gradients --- */

enum sgeo_status sgeo_ctr_gradient_create(struct sgeo_ctr_gradient *gradient,
                                          const struct sgeo_ctr_use *use, size_t batch)
{
    struct sgeo_ctr_gradient made = {.room = sgeo_store_take(use->store, use->pool)};
    enum sgeo_status status = made.room == NULL ? sgeo_fail_memory("gradient") : SGEO_OK;
    if (status == SGEO_OK && sgeo_ctr_tables_learn(use)) {
        status = sgeo_table_gradient_create(&made.rows, use->embedding, use->pool, batch);
    }
    if (status != SGEO_OK) {
        sgeo_ctr_gradient_destroy(&made);
        return status;
    }
    made.dense = made.room->data;
    *gradient = made;
    return SGEO_OK;
}

void sgeo_ctr_gradient_destroy(struct sgeo_ctr_gradient *gradient)
{
    sgeo_buffer_drop(gradient->room);
    sgeo_table_gradient_destroy(gradient->rows);
    *gradient = (struct sgeo_ctr_gradient){0};
}

enum sgeo_status sgeo_ctr_init(const struct sgeo_ctr_use *use, uint64_t seed, uint64_t index)
{
    sgeo_embedding_init_random(use->embedding, use->tables, seed, index);
    return sgeo_store_init_random(use->store, use->theta, seed, index);
}

/* --- creation --- */

static enum sgeo_status check(const struct sgeo_ctr_use *use)
{
    const struct sgeo_node *nodes = use->graph->nodes, *head = &nodes[use->graph->output];
    size_t width = sgeo_feature_width(sgeo_embedding_layout(use->embedding));
    if (sgeo_node_elems(&nodes[0]) != width) {
        return sgeo_fail(SGEO_USAGE, NULL, "the network reads %zu numbers, its tables give %zu",
                         sgeo_node_elems(&nodes[0]), width);
    }
    if (head->channels != 1) {
        return sgeo_fail(SGEO_USAGE, NULL, "a recommender model has one logit, not %zu",
                         head->channels);
    }
    if (use->head_only && head->op != SGEO_OP_LINEAR) {
        return sgeo_fail(SGEO_UNSUPPORTED, "train all parameters",
                         "the network's last layer is not a linear one");
    }
    return SGEO_OK;
}

static enum sgeo_status find_places(struct sgeo_ctr_pass *pass)
{
    const struct sgeo_graph *graph = pass->use->graph;
    pass->places = sgeo_calloc(graph->n_segments + 1, sizeof *pass->places);
    if (pass->places == NULL) {
        return sgeo_fail_memory("recommender model");
    }
    for (size_t s = 0; s < graph->n_segments; s++) {
        if (!pass->use->head_only || graph->segments[s].node == graph->output) {
            size_t index = sgeo_store_find(pass->use->store, graph->segments[s].name);
            pass->places[pass->n_places++] = sgeo_store_place(pass->use->store, index);
        }
    }
    return SGEO_OK;
}

static enum sgeo_status open_pass(struct sgeo_ctr_pass *pass)
{
    const struct sgeo_ctr_use *use = pass->use;
    bool head_only = use->head_only, tangent = pass->purpose == SGEO_CTR_TANGENTS && !head_only;
    bool backward = pass->purpose != SGEO_CTR_LOGITS, tables_learn = sgeo_ctr_tables_learn(use);
    const struct sgeo_network_options options = {
        .batch = pass->batch,
        .backward = backward,
        .parameter_dots = tangent,
        .output_only = head_only,
        .input_gradient = backward && tables_learn,
        .input_gradient_from = sgeo_feature_rows(sgeo_embedding_layout(use->embedding))};
    size_t bytes = pass->batch * sgeo_node_elems(&use->graph->nodes[0]);
    bytes *= use->backend->ops->elem_bytes;
    pass->input = sgeo_pool_take(use->pool, bytes);
    if (pass->input == NULL) {
        return sgeo_fail_memory("recommender model");
    }
    enum sgeo_status status = sgeo_network_create(&pass->network, use->graph, use->store,
                                                  use->backend, use->pool, &options);
    return status == SGEO_OK ? find_places(pass) : status;
}

enum sgeo_status sgeo_ctr_pass_create(struct sgeo_ctr_pass **out, const struct sgeo_ctr_use *use,
                                      size_t batch, enum sgeo_ctr_purpose purpose)
{
    enum sgeo_status status = check(use);
    if (status != SGEO_OK) {
        return status;
    }
    struct sgeo_ctr_pass *pass = sgeo_calloc(1, sizeof *pass);
    if (pass == NULL) {
        return sgeo_fail_memory("recommender model");
    }
    *pass = (struct sgeo_ctr_pass){.use = use, .batch = batch, .purpose = purpose};
    status = open_pass(pass);
    if (status != SGEO_OK) {
        sgeo_ctr_pass_destroy(pass);
        return status;
    }
    *out = pass;
    return SGEO_OK;
}

void sgeo_ctr_pass_destroy(struct sgeo_ctr_pass *pass)
{
    if (pass != NULL) {
        sgeo_network_destroy(pass->network);
        sgeo_buffer_drop(pass->input);
        sgeo_free(pass->places);
        sgeo_free(pass);
    }
}

size_t sgeo_ctr_pass_segments(const struct sgeo_ctr_pass *pass)
{
    return pass->n_places;
}

struct sgeo_place sgeo_ctr_pass_place(const struct sgeo_ctr_pass *pass, size_t index)
{
    return pass->places[index];
}

/* --- passes --- */

static void look_up(struct sgeo_ctr_pass *pass, const struct sgeo_feature_batch *features)
{
    const struct sgeo_ctr_use *use = pass->use;
    sgeo_embedding_lookup(use->embedding, pass->input->data, use->tables, features);
}

enum sgeo_status sgeo_ctr_pass_logits(struct sgeo_ctr_pass *pass,
                                      const struct sgeo_feature_batch *features,
                                      const double **logits)
{
    look_up(pass, features);
    sgeo_network_bind(pass->network, pass->use->theta, NULL, NULL);
    enum sgeo_status status = sgeo_network_forward(pass->network, pass->input->data);
    if (status == SGEO_OK) {
        *logits = sgeo_network_logits(pass->network);
    }
    return status;
}

enum sgeo_status sgeo_ctr_pass_gradient(struct sgeo_ctr_pass *pass,
                                        struct sgeo_ctr_gradient *gradient,
                                        const struct sgeo_ctr_batch *rows, double *loss)
{
    const struct sgeo_targets targets = {.labels = rows->labels};
    look_up(pass, &rows->features);
    sgeo_network_bind(pass->network, pass->use->theta, gradient->dense, NULL);
    enum sgeo_status status =
        sgeo_network_loss_gradient(pass->network, pass->input->data, &targets, NULL, loss);
    if (status == SGEO_OK && gradient->rows != NULL) {
        sgeo_table_gradient_gather(gradient->rows, &rows->features,
                                   sgeo_network_input_gradient_elems(pass->network));
    }
    return status;
}

/* What the tables add to d l_n / d alpha: the numbers looked up times their gradient. */
static void add_table_dots(const struct sgeo_ctr_pass *pass, double *dloss_dalpha)
{
    struct sgeo_backend *backend = pass->use->backend;
    const struct sgeo_feature_layout *layout = sgeo_embedding_layout(pass->use->embedding);
    const unsigned char *x = pass->input->data;
    const unsigned char *d = sgeo_network_input_gradient_elems(pass->network);
    size_t row = sgeo_feature_width(layout) * backend->ops->elem_bytes;
    size_t first = sgeo_feature_rows(layout) * backend->ops->elem_bytes;
    size_t count = sgeo_feature_width(layout) - sgeo_feature_rows(layout);
    for (size_t n = 0; d != NULL && n < pass->batch; n++) {
        size_t at = n * row + first;
        dloss_dalpha[n] += (double)pass->batch * backend->ops->dot(backend, x + at, d + at, count);
    }
}

/* The gradient is that of the mean loss. The logit is linear in its last layer, so that along that
 * alone its tangent is itself. */
void sgeo_ctr_pass_loss_tangent(const struct sgeo_ctr_pass *pass, double *dloss_dalpha,
                                const struct sgeo_ctr_batch *rows)
{
    const struct sgeo_targets targets = {.labels = rows->labels};
    const double *logits = sgeo_network_logits(pass->network);
    if (pass->use->head_only) {
        sgeo_cross_entropy_tangent(dloss_dalpha, logits, logits, &targets, pass->batch, 1);
        return;
    }
    const double *dots = sgeo_network_parameter_dots(pass->network);
    for (size_t n = 0; n < pass->batch; n++) {
        dloss_dalpha[n] = (double)pass->batch * dots[n];
    }
    if (sgeo_ctr_tables_learn(pass->use)) {
        add_table_dots(pass, dloss_dalpha);
    }
}

/* --- steps --- */

static void *place_at(const struct sgeo_ctr_pass *pass, void *vector, size_t p)
{
    return (unsigned char *)vector + pass->places[p].offset * pass->use->backend->ops->elem_bytes;
}

double sgeo_ctr_pass_clip(const struct sgeo_ctr_pass *pass, struct sgeo_ctr_gradient *gradient,
                          double limit)
{
    struct sgeo_backend *backend = pass->use->backend;
    double squares = gradient->rows == NULL ? 0.0 : sgeo_table_gradient_squares(gradient->rows);
    for (size_t p = 0; p < pass->n_places; p++) {
        const void *g = place_at(pass, gradient->dense, p);
        squares += backend->ops->dot(backend, g, g, pass->places[p].elems);
    }
    double norm = sqrt(squares), factor = limit / (norm + 1e-6);
    if (factor >= 1.0) {
        return norm;
    }
    for (size_t p = 0; p < pass->n_places; p++) {
        void *g = place_at(pass, gradient->dense, p);
        backend->ops->interaction->scale(backend, g, g, factor, pass->places[p].elems);
    }
    if (gradient->rows != NULL) {
        sgeo_table_gradient_scale(gradient->rows, factor);
    }
    return norm;
}

void sgeo_ctr_pass_adagrad(const struct sgeo_ctr_pass *pass, const struct sgeo_ctr_squares *squares,
                           const struct sgeo_ctr_gradient *gradient, double lr, double epsilon)
{
    const struct sgeo_ctr_use *use = pass->use;
    for (size_t p = 0; p < pass->n_places; p++) {
        use->backend->ops->adagrad_step(
            use->backend, place_at(pass, use->theta, p), place_at(pass, squares->dense, p),
            place_at(pass, gradient->dense, p), lr, epsilon, pass->places[p].elems);
    }
    if (gradient->rows != NULL) {
        sgeo_table_adagrad(use->tables, squares->tables, use->embedding, gradient->rows, lr,
                           epsilon);
    }
}
