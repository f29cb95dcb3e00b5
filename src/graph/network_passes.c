/* The passes through a planned network, node by node. */
#include "graph/network.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "graph/network_ops.h"

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
    bool is_read = p->last_backward != SGEO_NONE && !p->restored;
    return is_features || (net->options.backward && is_read);
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
        bool keeps = kept(net, t);
        if (!keeps || !net->options.curvature || !net->plan->nodes[t].read_back) {
            sgeo_value_drop_tangent(&net->values[t]);
        }
        if (!keeps) {
            sgeo_value_drop_forward(&net->values[t]);
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
        bool shares = graph->nodes[i].op == SGEO_OP_RELU && net->plan->nodes[i].needed &&
                      !net->plan->nodes[i].zero && net->plan->nodes[i].rep == relu;
        count += shares ? graph->nodes[i].codes : 0;
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

bool sgeo_network_has_node(const struct sgeo_network *net, size_t n)
{
    return net->plan->nodes[n].needed;
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
        sgeo_value_drop_tangent(value);
    }
    if (net->graph->nodes[output].op == SGEO_OP_LINEAR && !net->options.keep_outputs &&
        !net->options.parameter_dots) {
        sgeo_value_drop_forward(value);
    }
    return SGEO_OK;
}

enum sgeo_status sgeo_network_forward(struct sgeo_network *net, const void *images)
{
    sgeo_network_drop_all(net);
    sgeo_network_drop_input_gradient(net);
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

/* Whether the backward of node n comes to the gradients of its parameters: it writes them whole, or
 * zeros them (sgeo_network_zero_parameters). */
static bool writes_parameters(const struct sgeo_network *net, size_t n)
{
    enum sgeo_op op = net->graph->nodes[n].op;
    return (op == SGEO_OP_LINEAR || op == SGEO_OP_ROW_LINEAR || op == SGEO_OP_LAYER_NORM) &&
           sgeo_plan_runs(net->plan, n) && net->plan->nodes[n].learns;
}

/* Zeros for what the ops of a pass do not write or add to; a pass that ends at the output leaves
 * the rest alone. */
static void zero_grad(struct sgeo_network *net, bool ops_write)
{
    for (size_t s = 0; net->grad != NULL && s < net->graph->n_segments; s++) {
        size_t node = net->graph->segments[s].node;
        bool reached = !net->options.output_only || node == net->graph->output;
        if (reached && !(ops_write && writes_parameters(net, node))) {
            memset(sgeo_network_weight_grad(net, s), 0,
                   net->places[s].elems * net->backend->ops->elem_bytes);
        }
    }
}

/* What node n was the last to read in the backward pass goes back to the arena. */
static void retire_backward(struct sgeo_network *net, size_t n)
{
    size_t relu = net->plan->nodes[n].relu_of;
    if (relu != SGEO_NONE && net->plan->nodes[relu].last_backward == n) {
        sgeo_value_drop_forward(&net->values[relu]);
    }
    for (size_t i = 0; i < net->graph->nodes[n].n_inputs; i++) {
        size_t t = sgeo_plan_source(net->plan, n, i);
        if (t != SGEO_NONE && net->plan->nodes[t].last_backward == n) {
            sgeo_value_drop_forward(&net->values[t]);
        }
    }
    if (net->plan->nodes[n].last_backward == n) {
        sgeo_value_drop_forward(&net->values[n]);
    }
    sgeo_network_retire_terms(net, n);
}

enum sgeo_status sgeo_network_backward(struct sgeo_network *net, const double *d_logits)
{
    assert(net->options.backward);
    size_t output = net->graph->output;
    struct sgeo_buffer *buffer = sgeo_network_matrix(net, output, d_logits);
    if (buffer == NULL) {
        return SGEO_IO;
    }
    zero_grad(net, true);
    memset(net->parameter_dots, 0, net->options.batch * sizeof *net->parameter_dots);
    sgeo_network_add_gradient(net, output, buffer);
    for (size_t n = net->graph->n_nodes; n-- > 0;) {
        const struct sgeo_op_functions *functions = functions_of(net->graph->nodes[n].op);
        bool wanted = n == output || !net->options.output_only;
        if (functions == NULL || !sgeo_plan_runs(net->plan, n) || !net->plan->nodes[n].learns ||
            !wanted) {
            continue;
        }
        enum sgeo_status status = sgeo_network_restore(net, n);
        status = status == SGEO_OK ? functions->backward(net, n) : status;
        if (status != SGEO_OK) {
            return status;
        }
        retire_backward(net, n);
    }
    enum sgeo_status status = sgeo_network_merge_gradient(net, 0, &net->input_gradient);
    sgeo_network_drop_all(net);
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
    zero_grad(net, false);
    enum sgeo_status status = start_curvature(net, targets);
    for (size_t n = net->graph->n_nodes; status == SGEO_OK && n-- > 0;) {
        const struct sgeo_op_functions *functions = functions_of(net->graph->nodes[n].op);
        if (functions != NULL && sgeo_plan_runs(net->plan, n) && net->plan->nodes[n].learns) {
            status = sgeo_network_restore(net, n);
            status = status == SGEO_OK ? curve(net, n, functions) : status;
            retire_backward(net, n);
            sgeo_value_drop_tangent(&net->values[n]);
        }
    }
    sgeo_network_drop_all(net);
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

const double *sgeo_network_parameter_dots(const struct sgeo_network *net)
{
    return net->parameter_dots;
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
