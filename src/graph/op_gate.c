/*
 * Sigmoid gating: y (N,C) = s x, s = sigmoid(z) of the logits z (N,C), x (N,C') padded with zeros.
 *   t_y = t_x s + x s (1 - s) t_z;  d_x = d s,  d_z = d x s (1 - s)
 */
#include "graph/network_ops.h"

enum { LOGITS, SOURCE, INPUTS };

static struct sgeo_gating shape_of(const struct sgeo_network *net, size_t n)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    size_t src = sgeo_graph_source(net->graph, node, SOURCE);
    return (struct sgeo_gating){.batch = net->options.batch,
                                .width = node->channels,
                                .src_width = net->graph->nodes[src].channels};
}

static const struct sgeo_buffer *source(const struct sgeo_network *net, size_t n, size_t i)
{
    return net->values[sgeo_plan_source(net->plan, n, i)].buffer;
}

static enum sgeo_status forward(struct sgeo_network *net, size_t n)
{
    const struct sgeo_interaction_table *ops = net->backend->ops->interaction;
    const struct sgeo_gating shape = shape_of(net, n);
    struct sgeo_value *value = &net->values[n];
    value->where = sgeo_network_take(net, n);
    value->buffer = sgeo_network_take(net, n);
    if (value->where == NULL || value->buffer == NULL) {
        return SGEO_IO;
    }
    ops->sigmoid(net->backend, value->where->data, source(net, n, LOGITS)->data,
                 shape.batch * shape.width);
    ops->gate(net->backend, value->buffer->data, source(net, n, SOURCE)->data, value->where->data,
              &shape);
    return SGEO_OK;
}

static enum sgeo_status tangent(struct sgeo_network *net, size_t n)
{
    const struct sgeo_gating shape = shape_of(net, n);
    struct sgeo_buffer *t[INPUTS], *dst = NULL;
    enum sgeo_status status = sgeo_network_source_tangents(net, n, t);
    if (status == SGEO_OK && t[SOURCE] != NULL) {
        dst = sgeo_network_take(net, n);
        status = dst == NULL ? SGEO_IO : SGEO_OK;
    }
    if (dst != NULL) {
        net->backend->ops->interaction->gate_tangent(net->backend, dst->data, t[SOURCE]->data,
                                                     t[LOGITS]->data, source(net, n, SOURCE)->data,
                                                     net->values[n].where->data, &shape);
        net->values[n].tangent.buffer = dst;
    }
    sgeo_buffer_drop(t[LOGITS]);
    sgeo_buffer_drop(t[SOURCE]);
    return status;
}

static enum sgeo_status backward(struct sgeo_network *net, size_t n)
{
    const struct sgeo_gating shape = shape_of(net, n);
    size_t logits = sgeo_plan_source(net->plan, n, LOGITS);
    size_t src = sgeo_plan_source(net->plan, n, SOURCE);
    struct sgeo_buffer *d = NULL;
    enum sgeo_status status = sgeo_network_merge_gradient(net, n, &d);
    if (status != SGEO_OK || d == NULL) {
        return status;
    }
    struct sgeo_buffer *dsrc = sgeo_network_take(net, src);
    struct sgeo_buffer *dlogits = sgeo_network_take(net, logits);
    if (dsrc == NULL || dlogits == NULL) {
        sgeo_buffer_drop(dsrc);
        sgeo_buffer_drop(dlogits);
        status = SGEO_IO;
    } else {
        net->backend->ops->interaction->gate_grad(net->backend, dsrc->data, dlogits->data, d->data,
                                                  source(net, n, SOURCE)->data,
                                                  net->values[n].where->data, &shape);
        sgeo_network_give_gradient(net, src, dsrc);
        sgeo_network_give_gradient(net, logits, dlogits);
    }
    sgeo_buffer_drop(d);
    return status;
}

const struct sgeo_op_functions sgeo_op_gate = {forward, tangent, backward,
                                               sgeo_network_no_curvature};
