/*
 * Concatenation along channels and channel slices: copies between (N,Ca,H,W) and (N,Cb,H,W).
 * Both are linear, so tangents are the same copies and gradients the reverse ones.
 */
#include <string.h>

#include "graph/network_ops.h"

/* A zeroed buffer of node n: what a copy does not reach stays zero. */
static enum sgeo_status take_zeroed(struct sgeo_network *net, size_t n, struct sgeo_buffer **buffer)
{
    *buffer = sgeo_network_take(net, n);
    if (*buffer == NULL) {
        return SGEO_IO;
    }
    memset((*buffer)->data, 0, (*buffer)->bytes);
    return SGEO_OK;
}

static enum sgeo_status concat_forward(struct sgeo_network *net, size_t n)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    enum sgeo_status status = take_zeroed(net, n, &net->values[n].buffer);
    size_t first = 0;
    for (size_t i = 0; status == SGEO_OK && i < node->n_inputs; i++) {
        size_t t = sgeo_plan_source(net->plan, n, i);
        size_t count = net->graph->nodes[sgeo_graph_source(net->graph, node, i)].channels;
        if (t != SGEO_NONE) {
            net->backend->ops->channel_copy(net->backend, net->values[n].buffer->data, first,
                                            &net->layouts[n], net->values[t].buffer->data, 0,
                                            &net->layouts[t], count, false);
        }
        first += count;
    }
    return status;
}

static enum sgeo_status concat_tangent(struct sgeo_network *net, size_t n)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    struct sgeo_tangent *tangent = &net->values[n].tangent;
    enum sgeo_status status = SGEO_OK;
    size_t first = 0;
    for (size_t i = 0; status == SGEO_OK && i < node->n_inputs; i++) {
        size_t t = sgeo_plan_source(net->plan, n, i);
        size_t count = net->graph->nodes[sgeo_graph_source(net->graph, node, i)].channels;
        struct sgeo_buffer *src = NULL;
        if (t != SGEO_NONE) {
            status = sgeo_network_tangent_buffer(net, t, &src);
        }
        if (status == SGEO_OK && src != NULL && tangent->buffer == NULL) {
            status = take_zeroed(net, n, &tangent->buffer);
        }
        if (status == SGEO_OK && src != NULL) {
            net->backend->ops->channel_copy(net->backend, tangent->buffer->data, first,
                                            &net->layouts[n], src->data, 0, &net->layouts[t], count,
                                            false);
        }
        sgeo_buffer_drop(src);
        first += count;
    }
    return status;
}

static enum sgeo_status concat_backward(struct sgeo_network *net, size_t n)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    struct sgeo_buffer *d = NULL;
    enum sgeo_status status = sgeo_network_merge_gradient(net, n, &d);
    size_t first = 0;
    for (size_t i = 0; status == SGEO_OK && d != NULL && i < node->n_inputs; i++) {
        size_t t = sgeo_plan_source(net->plan, n, i);
        size_t count = net->graph->nodes[sgeo_graph_source(net->graph, node, i)].channels;
        struct sgeo_buffer *dsrc = NULL;
        if (sgeo_network_learns(net, t)) {
            status = take_zeroed(net, t, &dsrc);
        }
        if (dsrc != NULL) {
            net->backend->ops->channel_copy(net->backend, dsrc->data, 0, &net->layouts[t], d->data,
                                            first, &net->layouts[n], count, false);
            sgeo_network_add_gradient(net, t, dsrc);
        }
        first += count;
    }
    sgeo_buffer_drop(d);
    return status;
}

const struct sgeo_op_functions sgeo_op_concat = {concat_forward, concat_tangent, concat_backward,
                                                 NULL};

static void cut(struct sgeo_network *net, size_t n, void *dst, const void *src)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    memset(dst, 0, sgeo_layout_elems(&net->layouts[n]) * net->backend->ops->elem_bytes);
    net->backend->ops->channel_copy(
        net->backend, dst, 0, &net->layouts[n], src, node->first_channel,
        &net->layouts[sgeo_plan_source(net->plan, n, 0)], node->channels, false);
}

static void put_back(struct sgeo_network *net, size_t n, void *dsrc, const void *ddst)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    const struct sgeo_layout *in = &net->layouts[sgeo_plan_source(net->plan, n, 0)];
    memset(dsrc, 0, sgeo_layout_elems(in) * net->backend->ops->elem_bytes);
    net->backend->ops->channel_copy(net->backend, dsrc, node->first_channel, in, ddst, 0,
                                    &net->layouts[n], node->channels, false);
}

static enum sgeo_status slice_forward(struct sgeo_network *net, size_t n)
{
    return sgeo_map_forward(net, n, cut);
}

static enum sgeo_status slice_tangent(struct sgeo_network *net, size_t n)
{
    return sgeo_map_tangent(net, n, cut);
}

static enum sgeo_status slice_backward(struct sgeo_network *net, size_t n)
{
    return sgeo_map_backward(net, n, put_back);
}

const struct sgeo_op_functions sgeo_op_slice = {slice_forward, slice_tangent, slice_backward, NULL};
