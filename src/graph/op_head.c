/*
 * The head: global mean (N,C,H,W) -> (N,C), linear (N,C) x (K,C) + (K) -> (N,K), the logits or a
 * hidden layer's; of the image, C stands for its C*H*W numbers.
 *   tangent along theta: linear without bias of (t + x), since the weights' direction is the
 * weights and the bias has none
 *   curvature: dd_wei = dd' x + d' t_x, dd_x = (d + dd) wei
 */
#include <string.h>

#include "base/memory.h"
#include "graph/network_ops.h"

static void mean(struct sgeo_network *net, size_t n, void *dst, const void *src)
{
    net->backend->ops->global_mean(net->backend, dst, src, net->graph->nodes[n].channels,
                                   &net->layouts[sgeo_plan_source(net->plan, n, 0)]);
}

static void spread(struct sgeo_network *net, size_t n, void *dsrc, const void *ddst)
{
    net->backend->ops->global_mean_grad(net->backend, dsrc, ddst, net->graph->nodes[n].channels,
                                        &net->layouts[sgeo_plan_source(net->plan, n, 0)]);
}

static enum sgeo_status mean_forward(struct sgeo_network *net, size_t n)
{
    return sgeo_map_forward(net, n, mean);
}

static enum sgeo_status mean_tangent(struct sgeo_network *net, size_t n)
{
    return sgeo_map_tangent(net, n, mean);
}

static enum sgeo_status mean_backward(struct sgeo_network *net, size_t n)
{
    return sgeo_map_backward(net, n, spread);
}

const struct sgeo_op_functions sgeo_op_global_mean = {mean_forward, mean_tangent, mean_backward,
                                                      NULL};

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
    struct operand x = {0};
    enum sgeo_status status = features(net, n, &x);
    if (status == SGEO_OK) {
        status = linear_apply(net, n, x.data, sgeo_network_weight(net, net->graph->nodes[n].bias),
                              &net->values[n].buffer);
    }
    sgeo_buffer_drop(x.buffer);
    return status;
}

static enum sgeo_status linear_tangent(struct sgeo_network *net, size_t n)
{
    size_t src = sgeo_plan_source(net->plan, n, 0);
    struct operand x = {0};
    struct sgeo_buffer *sum = NULL;
    enum sgeo_status status = features(net, n, &x);
    const struct sgeo_buffer *t = src == SGEO_NONE ? NULL : net->values[src].tangent.buffer;
    if (status == SGEO_OK && t != NULL) {
        sum = sgeo_network_take(net, src);
        status = sum == NULL ? SGEO_IO : SGEO_OK;
    }
    if (sum != NULL) {
        const void *terms[2] = {t->data, x.data};
        net->backend->ops->gated_sum(net->backend, sum->data, NULL, NULL, 0, terms, 2,
                                     net->options.batch * net->graph->nodes[src].channels);
    }
    if (status == SGEO_OK) {
        status = linear_apply(net, n, sum == NULL ? x.data : sum->data, NULL,
                              &net->values[n].tangent.buffer);
    }
    sgeo_buffer_drop(x.buffer);
    sgeo_buffer_drop(sum);
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
        return SGEO_OK;
    }
    if (status == SGEO_OK) {
        status = features(net, n, &x);
    }
    if (status == SGEO_OK && sgeo_network_shows_outputs(net)) {
        sgeo_network_show_output(net, n, net->values[n].buffer, d);
    }
    void *dwei = sgeo_network_weight_grad(net, node->weight);
    if (status == SGEO_OK && dwei != NULL) {
        net->backend->ops->linear_backward_weights(net->backend, net->linears[n], dwei,
                                                   sgeo_network_weight_grad(net, node->bias),
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
    net->backend->ops->gated_sum(net->backend, a, NULL, NULL, 0, terms, 2,
                                 net->options.batch * net->graph->nodes[n].channels);
}

static enum sgeo_status linear_weight_curvature(struct sgeo_network *net, size_t n,
                                                struct sgeo_buffer *const d[2])
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    const struct sgeo_backend_table *ops = net->backend->ops;
    size_t src = sgeo_plan_source(net->plan, n, 0), elems = net->places[node->weight].elems;
    const struct sgeo_buffer *t = src == SGEO_NONE ? NULL : net->values[src].tangent.buffer;
    void *dwei = sgeo_network_weight_grad(net, node->weight);
    void *part = sgeo_calloc(elems, ops->elem_bytes);
    struct operand x = {0};
    enum sgeo_status status = part == NULL ? sgeo_fail_memory("curvature") : features(net, n, &x);
    if (status == SGEO_OK) {
        ops->linear_backward_weights(net->backend, net->linears[n], dwei, NULL, x.data, d[1]->data);
    }
    if (status == SGEO_OK && t != NULL) {
        const void *terms[2] = {dwei, part};
        ops->linear_backward_weights(net->backend, net->linears[n], part, NULL, t->data,
                                     d[0]->data);
        ops->gated_sum(net->backend, dwei, NULL, NULL, 0, terms, 2, elems);
    }
    sgeo_free(part);
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
