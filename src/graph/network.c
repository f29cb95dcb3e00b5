#include "graph/network.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "graph/network_ops.h"

static enum sgeo_status find_places(struct sgeo_network *net, const struct sgeo_store *store)
{
    for (size_t s = 0; s < net->graph->n_segments; s++) {
        size_t index = sgeo_store_find(store, net->graph->segments[s].name);
        if (index == SGEO_NONE) {
            return sgeo_fail(SGEO_USAGE, NULL, "the parameter store has no segment %s",
                             net->graph->segments[s].name);
        }
        if (sgeo_store_segment(store, index)->count != net->graph->segments[s].count) {
            return sgeo_fail(SGEO_USAGE, NULL,
                             "segment %s of the parameter store has %zu numbers, not %zu",
                             net->graph->segments[s].name, sgeo_store_segment(store, index)->count,
                             net->graph->segments[s].count);
        }
        net->places[s] = sgeo_store_place(store, index);
    }
    return SGEO_OK;
}

static enum sgeo_status create_primitives(struct sgeo_network *net)
{
    const struct sgeo_backend_table *ops = net->backend->ops;
    for (size_t n = 0; n < net->graph->n_nodes; n++) {
        const struct sgeo_node *node = &net->graph->nodes[n];
        enum sgeo_status status = SGEO_OK;
        if (!sgeo_plan_runs(net->plan, n)) {
            continue;
        }
        if (node->op == SGEO_OP_CONV) {
            struct sgeo_conv_geometry geometry = node->conv;
            geometry.n = net->options.batch;
            status = ops->conv_create(net->backend, &net->convs[n], &geometry);
        } else if (node->op == SGEO_OP_LINEAR) {
            const struct sgeo_segment *weight = &net->graph->segments[node->weight];
            size_t in = weight->fan_in, out = weight->count / in, rows = node->channels / out;
            status = ops->linear_create(net->backend, &net->linears[n], net->options.batch * rows,
                                        in, out, net->plan->nodes[n].rectified);
        }
        if (status != SGEO_OK) {
            return status;
        }
    }
    return SGEO_OK;
}

/* Layouts of all activations; gives each batch norm its arrays and its place among the running
 * statistics. */
static enum sgeo_status lay_out(struct sgeo_network *net)
{
    const struct sgeo_graph *graph = net->graph;
    size_t total = 0, running = 0;
    for (size_t n = 0; n < graph->n_nodes; n++) {
        const struct sgeo_node *node = &graph->nodes[n];
        struct sgeo_layout *layout = &net->layouts[n];
        *layout = net->backend->ops->layout(net->backend, net->options.batch, node->channels,
                                            node->height, node->width);
        if (node->is_matrix && node->op != SGEO_OP_GLOBAL_MEAN) {
            *layout = sgeo_network_matrix_layout(net->options.batch, node->channels);
        }
        size_t channels = layout->groups * layout->lanes;
        net->max_channels = channels > net->max_channels ? channels : net->max_channels;
        if (node->op == SGEO_OP_BATCHNORM) {
            total += 7 * channels;
            net->running_offset[node->norm_index] = running;
            running += node->channels;
        }
    }
    net->norm_memory = sgeo_calloc(total + 1, sizeof(double));
    net->scratch = sgeo_calloc(3 * net->max_channels, sizeof(double));
    if (net->norm_memory == NULL || net->scratch == NULL) {
        return sgeo_fail_memory("batch norm statistics");
    }
    double *next = net->norm_memory;
    for (size_t n = 0; n < graph->n_nodes; n++) {
        if (graph->nodes[n].op == SGEO_OP_BATCHNORM) {
            struct sgeo_norm *norm = &net->norms[graph->nodes[n].norm_index];
            double **arrays[] = {&norm->mean,         &norm->var,   &norm->inv_std,
                                 &norm->scale,        &norm->shift, &norm->tangent_own,
                                 &norm->tangent_shift};
            for (size_t a = 0; a < sizeof arrays / sizeof *arrays; a++) {
                *arrays[a] = next;
                next += net->layouts[n].groups * net->layouts[n].lanes;
            }
        }
    }
    return SGEO_OK;
}

/* Every node's gradient has room for one term per edge that reads it. */
static enum sgeo_status reserve_gradients(struct sgeo_network *net)
{
    const struct sgeo_graph *graph = net->graph;
    size_t *readers = sgeo_calloc(graph->n_nodes + 1, sizeof *readers);
    size_t sides = net->options.curvature ? 2 : 1;
    net->term_memory =
        sgeo_calloc(sides * (graph->n_inputs + graph->n_nodes), sizeof(struct sgeo_buffer *));
    if (readers == NULL || net->term_memory == NULL) {
        sgeo_free(readers);
        return sgeo_fail_memory("gradient terms");
    }
    for (size_t n = 0; n < graph->n_nodes; n++) {
        for (size_t i = 0; i < graph->nodes[n].n_inputs; i++) {
            size_t src = sgeo_plan_source(net->plan, n, i);
            readers[src == SGEO_NONE ? graph->n_nodes : src]++;
        }
    }
    struct sgeo_buffer **next = net->term_memory;
    for (size_t n = 0; n < graph->n_nodes; n++) {
        for (size_t side = 0; side < sides; side++) {
            net->values[n].gradient[side].terms = next;
            next += readers[n] + (n == graph->output ? 1 : 0);
        }
    }
    sgeo_free(readers);
    return SGEO_OK;
}

static enum sgeo_status allocate(struct sgeo_network *net)
{
    const struct sgeo_graph *graph = net->graph;
    size_t nodes = graph->n_nodes, logits = net->options.batch * sgeo_network_classes(net);
    net->places = sgeo_calloc(graph->n_segments, sizeof *net->places);
    net->layouts = sgeo_calloc(nodes, sizeof *net->layouts);
    net->convs = sgeo_calloc(nodes, sizeof *net->convs);
    net->linears = sgeo_calloc(nodes, sizeof *net->linears);
    net->norms = sgeo_calloc(graph->n_norms + 1, sizeof *net->norms);
    net->running_offset = sgeo_calloc(graph->n_norms + 1, sizeof *net->running_offset);
    net->values = sgeo_calloc(nodes, sizeof *net->values);
    net->logits = sgeo_calloc(3 * logits + net->options.batch, sizeof *net->logits);
    if (net->places == NULL || net->layouts == NULL || net->convs == NULL || net->linears == NULL ||
        net->norms == NULL || net->running_offset == NULL || net->values == NULL ||
        net->logits == NULL) {
        return sgeo_fail_memory("network");
    }
    net->logit_tangent = net->logits + logits;
    net->d_logits = net->logits + 2 * logits;
    net->parameter_dots = net->logits + 3 * logits;
    return SGEO_OK;
}

/* Batch norms have no tangent along their own parameters, and nothing has a curvature along more
 * than L. Samples meet in batch norms; weights of convolutions are not counted. */
static enum sgeo_status check_tangent(const struct sgeo_network *net)
{
    bool dots = net->options.parameter_dots;
    bool refused = net->options.tangent_all && net->options.curvature;
    for (size_t n = 0; n < net->graph->n_nodes; n++) {
        refused |=
            net->graph->nodes[n].op == SGEO_OP_BATCHNORM && (net->options.tangent_all || dots);
        refused |= net->graph->nodes[n].op == SGEO_OP_CONV && dots;
    }
    return refused ? sgeo_fail(SGEO_UNSUPPORTED, "take the tangent along the weights",
                               "no tangent along all parameters of this network")
                   : SGEO_OK;
}

enum sgeo_status sgeo_network_create(struct sgeo_network **out, const struct sgeo_graph *graph,
                                     const struct sgeo_store *store, struct sgeo_backend *backend,
                                     struct sgeo_pool *pool,
                                     const struct sgeo_network_options *options)
{
    struct sgeo_network *net = sgeo_calloc(1, sizeof *net);
    if (net == NULL) {
        return sgeo_fail_memory("network");
    }
    net->graph = graph;
    net->backend = backend;
    net->pool = pool;
    net->options = *options;
    const struct sgeo_plan_options plan_options = {
        .keep_dead = options->keep_dead,
        .input_gradient = options->input_gradient,
        .input_gradient_from = options->input_gradient_from,
        .bypass_norms = options->bypass_norms,
        .keep_outputs = options->keep_outputs,
        .keep_all_outputs = options->parameter_dots,
        .store_all = options->store_all,
        .restore = options->curvature && !options->keep_features};
    enum sgeo_status status = sgeo_plan_create(&net->plan, graph, &plan_options);
    if (status == SGEO_OK) {
        status = check_tangent(net);
    }
    if (status == SGEO_OK) {
        status = allocate(net);
    }
    if (status == SGEO_OK) {
        status = find_places(net, store);
    }
    if (status == SGEO_OK) {
        status = lay_out(net);
    }
    if (status == SGEO_OK) {
        status = reserve_gradients(net);
    }
    if (status == SGEO_OK) {
        status = create_primitives(net);
    }
    if (status != SGEO_OK) {
        sgeo_network_destroy(net);
        return status;
    }
    *out = net;
    return SGEO_OK;
}

void sgeo_network_destroy(struct sgeo_network *net)
{
    if (net == NULL) {
        return;
    }
    sgeo_network_drop_all(net);
    sgeo_network_drop_input_gradient(net);
    sgeo_plan_destroy(net->plan);
    sgeo_free(net->places);
    sgeo_free(net->layouts);
    sgeo_free(net->convs);
    sgeo_free(net->linears);
    sgeo_free(net->norms);
    sgeo_free(net->running_offset);
    sgeo_free(net->norm_memory);
    sgeo_free(net->scratch);
    sgeo_free(net->values);
    sgeo_free(net->term_memory);
    sgeo_free(net->logits);
    sgeo_free(net);
}

void sgeo_network_bind(struct sgeo_network *net, const void *theta, void *grad, double *running)
{
    net->theta = theta;
    net->grad = grad;
    net->running = running;
}

void sgeo_network_probe(struct sgeo_network *net, const struct sgeo_probe *probe)
{
    net->probe = probe;
}

void sgeo_network_evaluate(struct sgeo_network *net, bool evaluate)
{
    net->evaluate = evaluate;
}
