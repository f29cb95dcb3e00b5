/*
 * y (N,C) = sum_i x_i (N,C_i), each padded with zeros to C columns: linear, so t_y is the padded
 * sum of the tangents, and d_xi are the first C_i columns of d.
 */
#include "graph/network_ops.h"

/* y = the padded sum of these buffers of the sources, NULL ones left out. */
static void add_up(struct sgeo_network *net, size_t n, struct sgeo_buffer *dst,
                   struct sgeo_buffer *const *sources)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    const void *present[SGEO_SUM_MAX];
    size_t widths[SGEO_SUM_MAX], count = 0;
    for (size_t i = 0; i < node->n_inputs; i++) {
        if (sources[i] != NULL) {
            widths[count] = net->graph->nodes[sgeo_graph_source(net->graph, node, i)].channels;
            present[count++] = sources[i]->data;
        }
    }
    net->backend->ops->interaction->padded_sum(net->backend, dst->data, present, widths, count,
                                               net->options.batch, node->channels);
}

static enum sgeo_status forward(struct sgeo_network *net, size_t n)
{
    struct sgeo_buffer *sources[SGEO_SUM_MAX], *dst = sgeo_network_take(net, n);
    if (dst == NULL) {
        return SGEO_IO;
    }
    for (size_t i = 0; i < net->graph->nodes[n].n_inputs; i++) {
        sources[i] = net->values[sgeo_plan_source(net->plan, n, i)].buffer;
    }
    add_up(net, n, dst, sources);
    net->values[n].buffer = dst;
    return SGEO_OK;
}

static enum sgeo_status tangent(struct sgeo_network *net, size_t n)
{
    struct sgeo_buffer *sources[SGEO_SUM_MAX] = {NULL}, *dst = NULL;
    size_t count = net->graph->nodes[n].n_inputs;
    enum sgeo_status status = SGEO_OK;
    bool any = false;
    for (size_t i = 0; status == SGEO_OK && i < count; i++) {
        status = sgeo_network_tangent_buffer(net, sgeo_plan_source(net->plan, n, i), &sources[i]);
        any |= sources[i] != NULL;
    }
    if (status == SGEO_OK && any) {
        dst = sgeo_network_take(net, n);
        status = dst == NULL ? SGEO_IO : SGEO_OK;
    }
    if (dst != NULL) {
        add_up(net, n, dst, sources);
        net->values[n].tangent.buffer = dst;
    }
    for (size_t i = 0; i < count; i++) {
        sgeo_buffer_drop(sources[i]);
    }
    return status;
}

/* The gradient of source i: d itself where the widths agree. */
static enum sgeo_status hand_back(struct sgeo_network *net, size_t n, size_t i,
                                  struct sgeo_buffer *d)
{
    size_t t = sgeo_plan_source(net->plan, n, i), width = net->graph->nodes[t].channels;
    if (!sgeo_network_learns(net, t)) {
        return SGEO_OK;
    }
    if (width == net->graph->nodes[n].channels) {
        sgeo_network_add_gradient(net, t, sgeo_buffer_share(d));
        return SGEO_OK;
    }
    struct sgeo_buffer *dsrc = sgeo_network_take(net, t);
    if (dsrc == NULL) {
        return SGEO_IO;
    }
    net->backend->ops->interaction->padded_sum_grad(net->backend, &dsrc->data, &width, 1, d->data,
                                                    net->options.batch,
                                                    net->graph->nodes[n].channels);
    sgeo_network_add_gradient(net, t, dsrc);
    return SGEO_OK;
}

static enum sgeo_status backward(struct sgeo_network *net, size_t n)
{
    struct sgeo_buffer *d = NULL;
    enum sgeo_status status = sgeo_network_merge_gradient(net, n, &d);
    for (size_t i = 0; status == SGEO_OK && d != NULL && i < net->graph->nodes[n].n_inputs; i++) {
        status = hand_back(net, n, i, d);
    }
    sgeo_buffer_drop(d);
    return status;
}

const struct sgeo_op_functions sgeo_op_padded_sum = {forward, tangent, backward, NULL};
