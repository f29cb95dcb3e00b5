/*
 * Linear layers: y = x wei^T + bias, x (M,in), wei (out,in), bias (out) or none, y (M,out). M is N,
 * of the image in stands for its C*H*W numbers; where the source has several rows of `in` numbers
 * (sgeo_graph_project), M counts the rows of all samples.
 *   tangent along theta: (t + x) wei^T, since the weights' direction is the weights; where the bias
 *   has a direction too, or there is none, t wei^T and y itself
 * A rectified one (plan.h) has max(y, 0) for y: its ReLU's tangent drops the rest in any case.
 *   curvature: dd_wei = dd' x + d' t_x, dd_x = (d + dd) wei
 */
#include <string.h>

#include "base/memory.h"
#include "graph/network_ops.h"

/* What a linear layer reads, (N,in): the image, or a buffer that the caller drops. */
struct operand {
    const void *data;
    struct sgeo_buffer *buffer; /* NULL: the image */
};

/* The numbers entering a linear layer; zeros where the plan found none. */
static enum sgeo_status features(struct sgeo_network *net, size_t n, struct operand *out)
{
    size_t src = sgeo_plan_source(net->plan, n, 0);
    if (src != SGEO_NONE && net->graph->nodes[src].op == SGEO_OP_INPUT) {
        out->data = net->images;
        return SGEO_OK;
    }
    if (src != SGEO_NONE) {
        out->buffer = sgeo_buffer_share(net->values[src].buffer);
        out->data = out->buffer->data;
        return SGEO_OK;
    }
    out->buffer = sgeo_network_take(net, sgeo_graph_source(net->graph, &net->graph->nodes[n], 0));
    if (out->buffer == NULL) {
        return SGEO_IO;
    }
    memset(out->buffer->data, 0, out->buffer->bytes);
    out->data = out->buffer->data;
    return SGEO_OK;
}

static enum sgeo_status linear_apply(struct sgeo_network *net, size_t n, const void *x,
                                     const void *bias, struct sgeo_buffer **out)
{
    struct sgeo_buffer *dst = sgeo_network_take(net, n);
    if (dst == NULL) {
        return SGEO_IO;
    }
    net->backend->ops->linear_forward(net->backend, net->linears[n], dst->data, x,
                                      sgeo_network_weight(net, net->graph->nodes[n].weight), bias);
    *out = dst;
    return SGEO_OK;
}

static enum sgeo_status linear_forward(struct sgeo_network *net, size_t n)
{
    size_t bias = net->graph->nodes[n].bias;
    struct operand x = {0};
    enum sgeo_status status = features(net, n, &x);
    if (status == SGEO_OK) {
        status =
            linear_apply(net, n, x.data, bias == SGEO_NONE ? NULL : sgeo_network_weight(net, bias),
                         &net->values[n].buffer);
    }
    sgeo_buffer_drop(x.buffer);
    return status;
}

/* The source's tangent, a new reference; NULL: zero. */
static enum sgeo_status source_tangent(struct sgeo_network *net, size_t n, struct sgeo_buffer **t)
{
    size_t src = sgeo_plan_source(net->plan, n, 0);
    *t = NULL;
    return src == SGEO_NONE ? SGEO_OK : sgeo_network_tangent_buffer(net, src, t);
}

/* (t + x) wei^T */
static enum sgeo_status weights_tangent(struct sgeo_network *net, size_t n,
                                        const struct sgeo_buffer *t)
{
    size_t src = sgeo_plan_source(net->plan, n, 0);
    struct operand x = {0};
    struct sgeo_buffer *sum = NULL;
    enum sgeo_status status = features(net, n, &x);
    if (status == SGEO_OK && t != NULL) {
        sum = sgeo_network_take(net, src);
        status = sum == NULL ? SGEO_IO : SGEO_OK;
    }
    if (sum != NULL) {
        const void *terms[2] = {t->data, x.data};
        net->backend->ops->plain.gated_sum(net->backend, sum->data, NULL, NULL, 0, terms, 2,
                                           net->options.batch *
                                               sgeo_node_elems(&net->graph->nodes[src]));
    }
    if (status == SGEO_OK) {
        status = linear_apply(net, n, sum == NULL ? x.data : sum->data, NULL,
                              &net->values[n].tangent.buffer);
    }
    sgeo_buffer_drop(x.buffer);
    sgeo_buffer_drop(sum);
    return status;
}

static enum sgeo_status linear_tangent(struct sgeo_network *net, size_t n)
{
    bool whole = net->options.tangent_all || net->graph->nodes[n].bias == SGEO_NONE;
    struct sgeo_tangent *tangent = &net->values[n].tangent;
    struct sgeo_buffer *t = NULL;
    enum sgeo_status status = source_tangent(net, n, &t);
    if (status == SGEO_OK && !whole) {
        status = weights_tangent(net, n, t);
    } else if (status == SGEO_OK && t != NULL) {
        status = linear_apply(net, n, t->data, NULL, &tangent->buffer);
    }
    tangent->plus_value = whole;
    sgeo_buffer_drop(t);
    return status;
}

static enum sgeo_status linear_backward(struct sgeo_network *net, size_t n)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    size_t src = sgeo_plan_source(net->plan, n, 0);
    struct operand x = {0};
    struct sgeo_buffer *d = NULL;
    enum sgeo_status status = sgeo_network_merge_gradient(net, n, &d);
    if (status == SGEO_OK && d == NULL) {
        sgeo_network_zero_parameters(net, n);
        return SGEO_OK;
    }
    if (status == SGEO_OK) {
        status = features(net, n, &x);
    }
    if (status == SGEO_OK && sgeo_network_shows_outputs(net)) {
        sgeo_network_show_output(net, n, net->values[n].buffer, d);
    }
    if (status == SGEO_OK) {
        sgeo_network_dot_parameters(net, n, d);
    }
    void *dwei = sgeo_network_weight_grad(net, node->weight);
    if (status == SGEO_OK && dwei != NULL) {
        void *dbias = node->bias == SGEO_NONE ? NULL : sgeo_network_weight_grad(net, node->bias);
        net->backend->ops->linear_backward_weights(net->backend, net->linears[n], dwei, dbias,
                                                   x.data, d->data);
    }
    if (status == SGEO_OK && sgeo_network_learns(net, src)) {
        struct sgeo_buffer *dsrc = sgeo_network_take(net, src);
        status = dsrc == NULL ? SGEO_IO : SGEO_OK;
        if (dsrc != NULL) {
            net->backend->ops->linear_backward_data(net->backend, net->linears[n], dsrc->data,
                                                    d->data,
                                                    sgeo_network_weight(net, node->weight));
            sgeo_network_add_gradient(net, src, dsrc);
        }
    }
    sgeo_buffer_drop(d);
    sgeo_buffer_drop(x.buffer);
    return status;
}

/* a += b, matrices of node n. */
static void add_matrix(struct sgeo_network *net, size_t n, void *a, const void *b)
{
    const void *terms[2] = {a, b};
    net->backend->ops->plain.gated_sum(net->backend, a, NULL, NULL, 0, terms, 2,
                                       net->options.batch * net->graph->nodes[n].channels);
}

static enum sgeo_status linear_weight_curvature(struct sgeo_network *net, size_t n,
                                                struct sgeo_buffer *const d[2])
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    const struct sgeo_backend_table *ops = net->backend->ops;
    size_t elems = net->places[node->weight].elems;
    void *dwei = sgeo_network_weight_grad(net, node->weight);
    void *part = sgeo_calloc(elems, ops->elem_bytes);
    struct sgeo_buffer *t = NULL;
    struct operand x = {0};
    enum sgeo_status status = part == NULL ? sgeo_fail_memory("curvature") : features(net, n, &x);
    if (status == SGEO_OK) {
        status = source_tangent(net, n, &t);
    }
    if (status == SGEO_OK) {
        ops->linear_backward_weights(net->backend, net->linears[n], dwei, NULL, x.data, d[1]->data);
    }
    if (status == SGEO_OK && t != NULL) {
        const void *terms[2] = {dwei, part};
        ops->linear_backward_weights(net->backend, net->linears[n], part, NULL, t->data,
                                     d[0]->data);
        ops->plain.gated_sum(net->backend, dwei, NULL, NULL, 0, terms, 2, elems);
    }
    sgeo_free(part);
    sgeo_buffer_drop(t);
    sgeo_buffer_drop(x.buffer);
    return status;
}

static enum sgeo_status linear_curvature(struct sgeo_network *net, size_t n)
{
    size_t src = sgeo_plan_source(net->plan, n, 0);
    struct sgeo_buffer *d[2];
    enum sgeo_status status = sgeo_network_merge_both(net, n, d);
    if (status == SGEO_OK && d[0] != NULL) {
        status = linear_weight_curvature(net, n, d);
    }
    if (status == SGEO_OK && d[0] != NULL) {
        status = sgeo_network_own(net, n, &d[1]);
    }
    for (size_t side = 0;
         status == SGEO_OK && d[0] != NULL && sgeo_network_learns(net, src) && side < 2; side++) {
        struct sgeo_buffer *dsrc = sgeo_network_take(net, src);
        if (dsrc == NULL) {
            status = SGEO_IO;
            break;
        }
        if (side == SGEO_GRADIENT_TANGENT) {
            add_matrix(net, n, d[1]->data, d[0]->data);
        }
        net->backend->ops->linear_backward_data(
            net->backend, net->linears[n], dsrc->data, d[side]->data,
            sgeo_network_weight(net, net->graph->nodes[n].weight));
        sgeo_network_add_to(net, (enum sgeo_side)side, src, dsrc);
    }
    sgeo_buffer_drop(d[0]);
    sgeo_buffer_drop(d[1]);
    return status;
}

const struct sgeo_op_functions sgeo_op_linear = {linear_forward, linear_tangent, linear_backward,
                                                 linear_curvature};
