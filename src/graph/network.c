#include "graph/network.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "graph/network_ops.h"

/* --- creation --- */

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
                                        in, out);
        }
        if (status != SGEO_OK) {
            return status;
        }
    }
    return SGEO_OK;
}

/* A plain (N,C) matrix. */
static struct sgeo_layout matrix_layout(size_t n, size_t channels)
{
    return (struct sgeo_layout){.n = n,
                                .groups = 1,
                                .lanes = channels,
                                .height = 1,
                                .width = 1,
                                .image = channels,
                                .group = channels,
                                .pitch = channels};
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
            *layout = matrix_layout(net->options.batch, node->channels);
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
    net->logits = sgeo_calloc(3 * logits, sizeof *net->logits);
    if (net->places == NULL || net->layouts == NULL || net->convs == NULL || net->linears == NULL ||
        net->norms == NULL || net->running_offset == NULL || net->values == NULL ||
        net->logits == NULL) {
        return sgeo_fail_memory("network");
    }
    net->logit_tangent = net->logits + logits;
    net->d_logits = net->logits + 2 * logits;
    return SGEO_OK;
}

/* Batch norms have no tangent along their own parameters, and nothing has a curvature along more
 * than L. */
static enum sgeo_status check_tangent(const struct sgeo_network *net)
{
    bool refused = net->options.tangent_all && net->options.curvature;
    for (size_t n = 0; net->options.tangent_all && n < net->graph->n_nodes; n++) {
        refused |= net->graph->nodes[n].op == SGEO_OP_BATCHNORM;
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
    const struct sgeo_plan_options plan_options = {.keep_dead = options->keep_dead,
                                                   .input_gradient = options->input_gradient,
                                                   .bypass_norms = options->bypass_norms,
                                                   .keep_outputs = options->keep_outputs,
                                                   .store_all = options->store_all};
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

static void drop_gradient(struct sgeo_gradient *gradient)
{
    while (gradient->n_terms > 0) {
        sgeo_buffer_drop(gradient->terms[--gradient->n_terms]);
    }
}

static void drop_forward(struct sgeo_value *value)
{
    sgeo_buffer_drop(value->buffer);
    value->buffer = NULL;
}

static void drop_tangent(struct sgeo_value *value)
{
    sgeo_buffer_drop(value->tangent.buffer);
    value->tangent = (struct sgeo_tangent){0};
}

static void drop_all(struct sgeo_network *net)
{
    for (size_t n = 0; net->values != NULL && n < net->graph->n_nodes; n++) {
        drop_forward(&net->values[n]);
        sgeo_buffer_drop(net->values[n].where);
        net->values[n].where = NULL;
        drop_tangent(&net->values[n]);
        drop_gradient(&net->values[n].gradient[SGEO_GRADIENT]);
        drop_gradient(&net->values[n].gradient[SGEO_GRADIENT_TANGENT]);
    }
}

static void drop_input_gradient(struct sgeo_network *net)
{
    sgeo_buffer_drop(net->input_gradient);
    net->input_gradient = NULL;
}

void sgeo_network_destroy(struct sgeo_network *net)
{
    if (net == NULL) {
        return;
    }
    drop_all(net);
    drop_input_gradient(net);
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

/* --- helpers of the ops --- */

/* Bytes of a node's activation. */
static size_t activation_bytes(const struct sgeo_network *net, size_t n)
{
    size_t elems = sgeo_layout_elems(&net->layouts[n]);
    if (net->graph->nodes[n].is_matrix) {
        elems = net->options.batch * net->graph->nodes[n].channels;
    }
    return elems * net->backend->ops->elem_bytes;
}

struct sgeo_buffer *sgeo_network_take(struct sgeo_network *net, size_t n)
{
    struct sgeo_buffer *buffer = sgeo_pool_take(net->pool, activation_bytes(net, n));
    if (buffer == NULL) {
        sgeo_fail_memory("activations");
    }
    return buffer;
}

struct sgeo_buffer *sgeo_network_matrix(struct sgeo_network *net, size_t n, const double *numbers)
{
    size_t count = net->options.batch * net->graph->nodes[n].channels;
    struct sgeo_buffer *buffer = sgeo_network_take(net, n);
    for (size_t i = 0; buffer != NULL && i < count; i++) {
        if (net->backend->ops->precision == SGEO_F64) {
            ((double *)buffer->data)[i] = numbers[i];
        } else {
            ((float *)buffer->data)[i] = (float)numbers[i];
        }
    }
    return buffer;
}

void sgeo_network_show_output(const struct sgeo_network *net, size_t n,
                              const struct sgeo_buffer *output, const struct sgeo_buffer *gradient)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    net->probe->output(net->probe->context, node->weight, output->data, gradient->data,
                       node->op == SGEO_OP_LINEAR ? NULL : &net->layouts[n]);
}

bool sgeo_network_shows_outputs(const struct sgeo_network *net)
{
    return net->options.keep_outputs && net->probe != NULL && net->probe->output != NULL;
}

void sgeo_network_add_gradient(struct sgeo_network *net, size_t n, struct sgeo_buffer *owned)
{
    struct sgeo_gradient *gradient = &net->values[n].gradient[net->side];
    gradient->terms[gradient->n_terms++] = owned;
}

enum sgeo_status sgeo_network_own(struct sgeo_network *net, size_t n, struct sgeo_buffer **buffer)
{
    if ((*buffer)->refs == 1) {
        return SGEO_OK;
    }
    struct sgeo_buffer *copy = sgeo_network_take(net, n);
    if (copy == NULL) {
        return SGEO_IO;
    }
    memcpy(copy->data, (*buffer)->data, activation_bytes(net, n));
    sgeo_buffer_drop(*buffer);
    *buffer = copy;
    return SGEO_OK;
}

void sgeo_network_add_to(struct sgeo_network *net, enum sgeo_side side, size_t n,
                         struct sgeo_buffer *owned)
{
    net->side = side;
    sgeo_network_add_gradient(net, n, owned);
    net->side = SGEO_GRADIENT;
}

double sgeo_network_param(const struct sgeo_network *net, size_t segment, size_t i)
{
    size_t at = net->places[segment].offset + i;
    return net->backend->ops->precision == SGEO_F64 ? ((const double *)net->theta)[at]
                                                    : (double)((const float *)net->theta)[at];
}

void sgeo_network_set_grad(struct sgeo_network *net, size_t segment, size_t i, double value)
{
    size_t at = net->places[segment].offset + i;
    if (net->grad == NULL) {
        return;
    }
    if (net->backend->ops->precision == SGEO_F64) {
        ((double *)net->grad)[at] = value;
    } else {
        ((float *)net->grad)[at] = (float)value;
    }
}

const void *sgeo_network_weight(const struct sgeo_network *net, size_t segment)
{
    return (const unsigned char *)net->theta +
           net->places[segment].offset * net->backend->ops->elem_bytes;
}

void *sgeo_network_weight_grad(const struct sgeo_network *net, size_t segment)
{
    return net->grad == NULL ? NULL
                             : (unsigned char *)net->grad +
                                   net->places[segment].offset * net->backend->ops->elem_bytes;
}

bool sgeo_network_learns(const struct sgeo_network *net, size_t n)
{
    return n != SGEO_NONE && net->plan->nodes[n].learns;
}

/* Add the terms of a gradient to dst, gated where gate is not NULL; dst holds a partial sum already
 * when `started`. */
static void add_terms(struct sgeo_network *net, size_t n, void *dst, const void *gate,
                      const struct sgeo_gradient *gradient, bool *started)
{
    size_t elems = activation_bytes(net, n) / net->backend->ops->elem_bytes;
    for (size_t done = 0; done < gradient->n_terms;) {
        const void *terms[SGEO_AFFINE_MAX_TERMS];
        const void *partial[1] = {dst};
        size_t room = SGEO_AFFINE_MAX_TERMS - (*started ? 1 : 0), count = 0;
        while (count < room && done < gradient->n_terms) {
            terms[count++] = gradient->terms[done++]->data;
        }
        if (gate != NULL) {
            net->backend->ops->gated_sum(net->backend, dst, gate, terms, count, partial,
                                         *started ? 1 : 0, elems);
        } else {
            if (*started) {
                terms[count++] = dst;
            }
            net->backend->ops->gated_sum(net->backend, dst, NULL, NULL, 0, terms, count, elems);
        }
        *started = true;
    }
}

/* All terms in one pass, when they fit: a node's gradient is read and written once. */
static void add_both(struct sgeo_network *net, size_t n, void *dst,
                     const struct sgeo_gradient *gated, const void *gate,
                     const struct sgeo_gradient *plain)
{
    if (gated->n_terms + plain->n_terms > SGEO_AFFINE_MAX_TERMS) {
        bool started = false;
        add_terms(net, n, dst, gate, gated, &started);
        add_terms(net, n, dst, NULL, plain, &started);
        return;
    }
    const void *terms[2][SGEO_AFFINE_MAX_TERMS];
    for (size_t i = 0; i < gated->n_terms; i++) {
        terms[0][i] = gated->terms[i]->data;
    }
    for (size_t i = 0; i < plain->n_terms; i++) {
        terms[1][i] = plain->terms[i]->data;
    }
    net->backend->ops->gated_sum(net->backend, dst, gate, terms[0], gated->n_terms, terms[1],
                                 plain->n_terms,
                                 activation_bytes(net, n) / net->backend->ops->elem_bytes);
}

/* A term that nobody else holds may take the sum, if all terms go in one pass (a chunked sum would
 * overwrite it early). */
static struct sgeo_buffer *sum_in_place(const struct sgeo_gradient *gated,
                                        const struct sgeo_gradient *plain)
{
    const struct sgeo_gradient *both[2] = {gated, plain};
    for (size_t g = 0; g < 2 && gated->n_terms + plain->n_terms <= SGEO_AFFINE_MAX_TERMS; g++) {
        for (size_t i = 0; i < both[g]->n_terms; i++) {
            if (both[g]->terms[i]->refs == 1) {
                return sgeo_buffer_share(both[g]->terms[i]);
            }
        }
    }
    return NULL;
}

enum sgeo_status sgeo_network_merge_gradient(struct sgeo_network *net, size_t n,
                                             struct sgeo_buffer **sum)
{
    static const struct sgeo_gradient none = {0};
    size_t relu = sgeo_plan_is_combine(net->plan, n) ? net->plan->nodes[n].relu_of : SGEO_NONE;
    struct sgeo_gradient *plain = &net->values[n].gradient[net->side];
    const struct sgeo_gradient *gated =
        relu == SGEO_NONE ? &none : &net->values[relu].gradient[net->side];
    *sum = NULL;
    if (gated->n_terms == 0 && plain->n_terms <= 1) {
        if (plain->n_terms == 1) {
            *sum = plain->terms[--plain->n_terms];
        }
        return SGEO_OK;
    }
    struct sgeo_buffer *dst = sum_in_place(gated, plain);
    if (dst == NULL) {
        dst = sgeo_network_take(net, n);
    }
    if (dst == NULL) {
        return SGEO_IO;
    }
    add_both(net, n, dst->data, gated, gated->n_terms == 0 ? NULL : net->values[relu].buffer->data,
             plain);
    drop_gradient(plain);
    if (relu != SGEO_NONE) {
        drop_gradient(&net->values[relu].gradient[net->side]);
    }
    *sum = dst;
    return SGEO_OK;
}

enum sgeo_status sgeo_network_merge_both(struct sgeo_network *net, size_t n,
                                         struct sgeo_buffer *sums[2])
{
    enum sgeo_status status = SGEO_OK;
    sums[0] = sums[1] = NULL;
    for (size_t side = 0; status == SGEO_OK && side < 2; side++) {
        net->side = (enum sgeo_side)side;
        status = sgeo_network_merge_gradient(net, n, &sums[side]);
    }
    net->side = SGEO_GRADIENT;
    for (size_t side = 0; status == SGEO_OK && side < 2; side++) {
        if (sums[side] == NULL && sums[1 - side] != NULL) {
            sums[side] = sgeo_network_take(net, n);
            if (sums[side] == NULL) {
                status = SGEO_IO;
            } else {
                memset(sums[side]->data, 0, sums[side]->bytes);
            }
        }
    }
    if (status != SGEO_OK) {
        sgeo_buffer_drop(sums[0]);
        sgeo_buffer_drop(sums[1]);
        sums[0] = sums[1] = NULL;
    }
    return status;
}

enum sgeo_status sgeo_network_tangent_buffer(struct sgeo_network *net, size_t n,
                                             struct sgeo_buffer **out)
{
    const struct sgeo_value *value = &net->values[n];
    *out = NULL;
    if (!value->tangent.plus_value) {
        *out = value->tangent.buffer == NULL ? NULL : sgeo_buffer_share(value->tangent.buffer);
        return SGEO_OK;
    }
    if (value->tangent.buffer == NULL) {
        *out = sgeo_buffer_share(value->buffer);
        return SGEO_OK;
    }
    struct sgeo_buffer *sum = sgeo_network_take(net, n);
    if (sum == NULL) {
        return SGEO_IO;
    }
    const void *terms[2] = {value->tangent.buffer->data, value->buffer->data};
    net->backend->ops->gated_sum(net->backend, sum->data, NULL, NULL, 0, terms, 2,
                                 sgeo_layout_elems(&net->layouts[n]));
    *out = sum;
    return SGEO_OK;
}

/* --- passes --- */

static const struct sgeo_op_functions *functions_of(enum sgeo_op op)
{
    switch (op) {
    case SGEO_OP_CONV:
        return &sgeo_op_conv;
    case SGEO_OP_BATCHNORM:
        return &sgeo_op_batchnorm;
    case SGEO_OP_RELU:
        return &sgeo_op_relu;
    case SGEO_OP_SUM:
        return &sgeo_op_sum;
    case SGEO_OP_CONCAT:
        return &sgeo_op_concat;
    case SGEO_OP_SLICE:
        return &sgeo_op_slice;
    case SGEO_OP_SUBSAMPLE:
        return &sgeo_op_subsample;
    case SGEO_OP_AVGPOOL:
        return &sgeo_op_avgpool;
    case SGEO_OP_MAXPOOL:
        return &sgeo_op_maxpool;
    case SGEO_OP_GLOBAL_MEAN:
        return &sgeo_op_global_mean;
    case SGEO_OP_LINEAR:
        return &sgeo_op_linear;
    case SGEO_OP_ROW_LINEAR:
        return &sgeo_op_row_linear;
    case SGEO_OP_LAYER_NORM:
        return &sgeo_op_layer_norm;
    case SGEO_OP_PADDED_SUM:
        return &sgeo_op_padded_sum;
    case SGEO_OP_GATE:
        return &sgeo_op_gate;
    case SGEO_OP_DOT:
        return &sgeo_op_dot;
    case SGEO_OP_FM:
        return &sgeo_op_fm;
    case SGEO_OP_ATTENTION:
        return &sgeo_op_attention;
    case SGEO_OP_ROW_PRODUCTS:
        return &sgeo_op_row_products;
    case SGEO_OP_ROW_SUMS:
        return &sgeo_op_row_sums;
    case SGEO_OP_ROW_SLICE:
        return &sgeo_op_row_slice;
    case SGEO_OP_SCALE:
        return &sgeo_op_scale;
    case SGEO_OP_INPUT:
    case SGEO_OP_ZERO:
        break;
    }
    return NULL;
}

/* Whether tensor t outlives the forward pass. */
static bool kept(const struct sgeo_network *net, size_t t)
{
    const struct sgeo_plan_node *p = &net->plan->nodes[t];
    bool is_features = net->options.keep_features && net->graph->features != SGEO_NONE &&
                       net->plan->nodes[net->graph->features].rep == t;
    return is_features || (net->options.backward && p->last_backward != SGEO_NONE);
}

/* Node n has run: what it read for the last time goes back to the arena. */
static void retire_forward(struct sgeo_network *net, size_t n)
{
    for (size_t i = 0; i < net->graph->nodes[n].n_inputs; i++) {
        size_t t = sgeo_plan_source(net->plan, n, i);
        if (t != SGEO_NONE && net->plan->nodes[t].fused) {
            t = sgeo_plan_source(net->plan, t, 0);
        }
        if (t == SGEO_NONE || net->plan->nodes[t].last_forward != n) {
            continue;
        }
        if (!net->options.curvature) {
            drop_tangent(&net->values[t]);
        }
        if (!kept(net, t)) {
            drop_forward(&net->values[t]);
        }
    }
}

/* Show the ReLU that node n has written, its own or beside it. */
static void show_relu(const struct sgeo_network *net, size_t n)
{
    const struct sgeo_graph *graph = net->graph;
    size_t relu = graph->nodes[n].op == SGEO_OP_RELU ? n : net->plan->nodes[n].relu_of, count = 0;
    if (net->probe == NULL || net->probe->relu == NULL || relu == SGEO_NONE ||
        net->values[relu].buffer == NULL || (n == relu && sgeo_plan_is_fused_relu(net->plan, n))) {
        return;
    }
    for (size_t i = 0; i < graph->n_nodes; i++) {
        count += graph->nodes[i].op == SGEO_OP_RELU && net->plan->nodes[i].needed &&
                 !net->plan->nodes[i].zero && net->plan->nodes[i].rep == relu;
    }
    net->probe->relu(net->probe->context, net->values[relu].buffer->data, &net->layouts[relu],
                     count);
}

static void show_value(const struct sgeo_network *net, size_t n)
{
    if (net->options.store_all && net->probe != NULL && net->probe->value != NULL &&
        net->values[n].buffer != NULL) {
        net->probe->value(net->probe->context, n, net->values[n].buffer->data, &net->layouts[n]);
    }
}

size_t sgeo_network_tensor_of(const struct sgeo_network *net, size_t n)
{
    const struct sgeo_plan_node *p = &net->plan->nodes[n];
    return p->zero || !p->needed ? SGEO_NONE : p->rep;
}

/* dst (N,K) = a matrix, zeros where there is none. */
static void read_matrix(const struct sgeo_network *net, double *dst,
                        const struct sgeo_buffer *matrix)
{
    size_t count = net->options.batch * sgeo_network_classes(net);
    for (size_t i = 0; i < count; i++) {
        dst[i] = matrix == NULL ? 0.0
                 : net->backend->ops->precision == SGEO_F64
                     ? ((const double *)matrix->data)[i]
                     : (double)((const float *)matrix->data)[i];
    }
}

/* The output has run: the logits and their tangent as doubles. A linear layer's are kept as these
 * alone, unless the backward pass shows them. */
static enum sgeo_status read_logits(struct sgeo_network *net)
{
    size_t output = net->graph->output;
    struct sgeo_value *value = &net->values[output];
    read_matrix(net, net->logits, value->buffer);
    if (net->options.tangent) {
        struct sgeo_buffer *tangent = NULL;
        enum sgeo_status status = sgeo_network_tangent_buffer(net, output, &tangent);
        if (status != SGEO_OK) {
            return status;
        }
        read_matrix(net, net->logit_tangent, tangent);
        sgeo_buffer_drop(tangent);
    }
    if (net->graph->nodes[output].op == SGEO_OP_LINEAR) {
        drop_tangent(value);
    }
    if (net->graph->nodes[output].op == SGEO_OP_LINEAR && !net->options.keep_outputs) {
        drop_forward(value);
    }
    return SGEO_OK;
}

enum sgeo_status sgeo_network_forward(struct sgeo_network *net, const void *images)
{
    drop_all(net);
    drop_input_gradient(net);
    enum sgeo_status status = sgeo_network_take_input(net, images);
    for (size_t n = 0; status == SGEO_OK && n < net->graph->n_nodes; n++) {
        const struct sgeo_op_functions *functions = functions_of(net->graph->nodes[n].op);
        if (functions == NULL || !sgeo_plan_runs(net->plan, n)) {
            continue;
        }
        status = functions->forward(net, n);
        if (status == SGEO_OK && net->options.tangent) {
            double start = sgeo_thread_cpu_seconds();
            status = functions->tangent(net, n);
            net->tangent_seconds += sgeo_thread_cpu_seconds() - start;
        }
        if (status == SGEO_OK && n == net->graph->output) {
            status = read_logits(net);
        }
        if (status == SGEO_OK) {
            show_relu(net, n);
            show_value(net, n);
            retire_forward(net, n);
        }
    }
    return status;
}

static void zero_grad(struct sgeo_network *net)
{
    for (size_t s = 0; net->grad != NULL && s < net->graph->n_segments; s++) {
        memset(sgeo_network_weight_grad(net, s), 0,
               net->places[s].elems * net->backend->ops->elem_bytes);
    }
}

/* What node n was the last to read in the backward pass goes back to the arena. */
static void retire_backward(struct sgeo_network *net, size_t n)
{
    size_t relu = net->plan->nodes[n].relu_of;
    if (relu != SGEO_NONE && net->plan->nodes[relu].last_backward == n) {
        drop_forward(&net->values[relu]);
    }
    for (size_t i = 0; i < net->graph->nodes[n].n_inputs; i++) {
        size_t t = sgeo_plan_source(net->plan, n, i);
        if (t != SGEO_NONE && net->plan->nodes[t].last_backward == n) {
            drop_forward(&net->values[t]);
        }
    }
    if (net->plan->nodes[n].last_backward == n) {
        drop_forward(&net->values[n]);
    }
}

enum sgeo_status sgeo_network_backward(struct sgeo_network *net, const double *d_logits)
{
    assert(net->options.backward);
    size_t output = net->graph->output;
    struct sgeo_buffer *buffer = sgeo_network_matrix(net, output, d_logits);
    if (buffer == NULL) {
        return SGEO_IO;
    }
    zero_grad(net);
    sgeo_network_add_gradient(net, output, buffer);
    for (size_t n = net->graph->n_nodes; n-- > 0;) {
        const struct sgeo_op_functions *functions = functions_of(net->graph->nodes[n].op);
        if (functions == NULL || !sgeo_plan_runs(net->plan, n) || !net->plan->nodes[n].learns) {
            continue;
        }
        enum sgeo_status status = functions->backward(net, n);
        if (status != SGEO_OK) {
            return status;
        }
        retire_backward(net, n);
    }
    enum sgeo_status status = sgeo_network_merge_gradient(net, 0, &net->input_gradient);
    drop_all(net);
    return status;
}

/* One op on both sides of the gradient. */
static enum sgeo_status curve(struct sgeo_network *net, size_t n,
                              const struct sgeo_op_functions *functions)
{
    if (functions->curvature != NULL) {
        return functions->curvature(net, n);
    }
    enum sgeo_status status = functions->backward(net, n);
    net->side = SGEO_GRADIENT_TANGENT;
    status = status == SGEO_OK ? functions->backward(net, n) : status;
    net->side = SGEO_GRADIENT;
    return status;
}

/* The targets of the network's own loss. */
static struct sgeo_targets own_targets(const struct sgeo_network *net,
                                       const struct sgeo_targets *targets)
{
    struct sgeo_targets own = *targets;
    own.log_offset = net->graph->log_offset;
    return own;
}

/* Both sides of the gradient by the logits. */
static enum sgeo_status start_curvature(struct sgeo_network *net,
                                        const struct sgeo_targets *targets)
{
    const struct sgeo_targets own = own_targets(net, targets);
    size_t output = net->graph->output, batch = net->options.batch;
    size_t classes = sgeo_network_classes(net);
    sgeo_cross_entropy(NULL, net->d_logits, net->logits, &own, batch, classes);
    struct sgeo_buffer *d = sgeo_network_matrix(net, output, net->d_logits);
    sgeo_cross_entropy_curvature(net->d_logits, net->logits, net->logit_tangent, &own, batch,
                                 classes);
    struct sgeo_buffer *tangent = sgeo_network_matrix(net, output, net->d_logits);
    if (d == NULL || tangent == NULL) {
        sgeo_buffer_drop(d);
        sgeo_buffer_drop(tangent);
        return SGEO_IO;
    }
    sgeo_network_add_to(net, SGEO_GRADIENT, output, d);
    sgeo_network_add_to(net, SGEO_GRADIENT_TANGENT, output, tangent);
    return SGEO_OK;
}

enum sgeo_status sgeo_network_curvature(struct sgeo_network *net,
                                        const struct sgeo_targets *targets)
{
    assert(net->options.backward && net->options.tangent && net->options.curvature);
    zero_grad(net);
    enum sgeo_status status = start_curvature(net, targets);
    for (size_t n = net->graph->n_nodes; status == SGEO_OK && n-- > 0;) {
        const struct sgeo_op_functions *functions = functions_of(net->graph->nodes[n].op);
        if (functions != NULL && sgeo_plan_runs(net->plan, n) && net->plan->nodes[n].learns) {
            status = curve(net, n, functions);
            retire_backward(net, n);
            drop_tangent(&net->values[n]);
        }
    }
    drop_all(net);
    return status;
}

enum sgeo_status sgeo_network_loss_gradient(struct sgeo_network *net, const void *images,
                                            const struct sgeo_targets *targets, double *losses,
                                            double *loss)
{
    const struct sgeo_targets own = own_targets(net, targets);
    enum sgeo_status status = sgeo_network_forward(net, images);
    if (status != SGEO_OK) {
        return status;
    }
    double mean = sgeo_cross_entropy(losses, net->d_logits, net->logits, &own, net->options.batch,
                                     sgeo_network_classes(net));
    if (loss != NULL) {
        *loss = mean;
    }
    return sgeo_network_backward(net, net->d_logits);
}

void sgeo_network_sgd_step(struct sgeo_network *net, void *theta, void *velocity,
                           const struct sgeo_sgd *sgd)
{
    size_t bytes = net->backend->ops->elem_bytes;
    for (size_t s = 0; s < net->graph->n_segments; s++) {
        size_t at = net->places[s].offset * bytes;
        void *segment_velocity = velocity == NULL ? NULL : (unsigned char *)velocity + at;
        net->backend->ops->sgd_step(net->backend, (unsigned char *)theta + at, segment_velocity,
                                    (const unsigned char *)net->grad + at, sgd,
                                    net->places[s].elems);
    }
}

double sgeo_network_tangent_seconds(const struct sgeo_network *net)
{
    return net->tangent_seconds;
}

const double *sgeo_network_logits(const struct sgeo_network *net)
{
    return net->logits;
}

const double *sgeo_network_logit_tangent(const struct sgeo_network *net)
{
    return net->logit_tangent;
}

void sgeo_network_features(struct sgeo_network *net, double *planar)
{
    size_t features = net->graph->features;
    size_t t = net->plan->nodes[features].rep;
    size_t channels = net->graph->nodes[features].channels;
    if (net->values[t].buffer == NULL) { /* a zero map */
        memset(planar, 0,
               net->options.batch * channels * net->layouts[t].height * net->layouts[t].width *
                   sizeof *planar);
        return;
    }
    net->backend->ops->activation_export(net->backend, planar, net->values[t].buffer->data,
                                         channels, &net->layouts[t]);
}

size_t sgeo_network_classes(const struct sgeo_network *net)
{
    return net->graph->nodes[net->graph->output].channels;
}
