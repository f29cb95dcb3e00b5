/*
 * Concatenation along channels, (N,C_i,H,W) -> (N,sum C_i,H,W), and channel slices, (N,C,H,W) ->
 * (N,count,H,W). Both are linear, so tangents are the same copies and gradients the reverse ones.
 */
#include "graph/network_ops.h"

/* --- concatenation --- */

static size_t source_channels(const struct sgeo_network *net, size_t n, size_t i)
{
    return net->graph->nodes[sgeo_graph_source(net->graph, &net->graph->nodes[n], i)].channels;
}

/* dst = these buffers of node n's sources side by side, NULL ones as zeros. */
static void join(struct sgeo_network *net, size_t n, void *dst, struct sgeo_buffer *const *buffers)
{
    size_t count = net->graph->nodes[n].n_inputs;
    struct sgeo_channel_source sources[SGEO_CONCAT_MAX_PARTS];
    for (size_t i = 0; i < count; i++) {
        sources[i] = (struct sgeo_channel_source){.channels = source_channels(net, n, i)};
        if (buffers[i] != NULL) {
            sources[i].src = buffers[i]->data;
            sources[i].layout = &net->layouts[sgeo_plan_source(net->plan, n, i)];
        }
    }
    sgeo_network_tensors(net, n)->concat(net->backend, dst, sources, count, &net->layouts[n]);
}

/* These buffers of node n's sources = their parts of src, but for NULL ones. */
static void part(struct sgeo_network *net, size_t n, struct sgeo_buffer *const *buffers,
                 const void *src)
{
    size_t count = net->graph->nodes[n].n_inputs;
    struct sgeo_channel_target targets[SGEO_CONCAT_MAX_PARTS];
    for (size_t i = 0; i < count; i++) {
        targets[i] = (struct sgeo_channel_target){.channels = source_channels(net, n, i)};
        if (buffers[i] != NULL) {
            targets[i].dst = buffers[i]->data;
            targets[i].layout = &net->layouts[sgeo_plan_source(net->plan, n, i)];
        }
    }
    sgeo_network_tensors(net, n)->split(net->backend, targets, count, src, &net->layouts[n]);
}

static enum sgeo_status concat_forward(struct sgeo_network *net, size_t n)
{
    struct sgeo_buffer *sources[SGEO_CONCAT_MAX_PARTS], *dst = sgeo_network_take(net, n);
    if (dst == NULL) {
        return SGEO_IO;
    }
    for (size_t i = 0; i < net->graph->nodes[n].n_inputs; i++) {
        size_t t = sgeo_plan_source(net->plan, n, i);
        sources[i] = t == SGEO_NONE ? NULL : net->values[t].buffer;
    }
    join(net, n, dst->data, sources);
    net->values[n].buffer = dst;
    return SGEO_OK;
}

static enum sgeo_status concat_tangent(struct sgeo_network *net, size_t n)
{
    struct sgeo_buffer *sources[SGEO_CONCAT_MAX_PARTS] = {NULL}, *dst = NULL;
    size_t count = net->graph->nodes[n].n_inputs;
    enum sgeo_status status = SGEO_OK;
    bool any = false;
    for (size_t i = 0; status == SGEO_OK && i < count; i++) {
        size_t t = sgeo_plan_source(net->plan, n, i);
        if (t != SGEO_NONE) {
            status = sgeo_network_tangent_buffer(net, t, &sources[i]);
        }
        any |= sources[i] != NULL;
    }
    if (status == SGEO_OK && any) {
        dst = sgeo_network_take(net, n);
        status = dst == NULL ? SGEO_IO : SGEO_OK;
    }
    if (dst != NULL) {
        join(net, n, dst->data, sources);
        net->values[n].tangent.buffer = dst;
    }
    for (size_t i = 0; i < count; i++) {
        sgeo_buffer_drop(sources[i]);
    }
    return status;
}

static enum sgeo_status concat_backward(struct sgeo_network *net, size_t n)
{
    struct sgeo_buffer *sources[SGEO_CONCAT_MAX_PARTS] = {NULL}, *d = NULL;
    size_t count = net->graph->nodes[n].n_inputs;
    enum sgeo_status status = sgeo_network_merge_gradient(net, n, &d);
    for (size_t i = 0; status == SGEO_OK && d != NULL && i < count; i++) {
        size_t t = sgeo_plan_source(net->plan, n, i);
        if (sgeo_network_learns(net, t)) {
            sources[i] = sgeo_network_take(net, t);
            status = sources[i] == NULL ? SGEO_IO : SGEO_OK;
        }
    }
    if (status == SGEO_OK && d != NULL) {
        part(net, n, sources, d->data);
    }
    for (size_t i = 0; i < count; i++) {
        if (status == SGEO_OK && sources[i] != NULL) {
            sgeo_network_add_gradient(net, sgeo_plan_source(net->plan, n, i), sources[i]);
        } else {
            sgeo_buffer_drop(sources[i]);
        }
    }
    sgeo_buffer_drop(d);
    return status;
}

const struct sgeo_op_functions sgeo_op_concat = {concat_forward, concat_tangent, concat_backward,
                                                 NULL};

/* --- slices --- */

static void cut(struct sgeo_network *net, size_t n, void *dst, const void *src)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    const struct sgeo_channel_source slice = {src, &net->layouts[sgeo_plan_source(net->plan, n, 0)],
                                              node->first_channel, node->channels};
    sgeo_network_tensors(net, n)->concat(net->backend, dst, &slice, 1, &net->layouts[n]);
}

/* Onto its place among zeros. */
static void put_back(struct sgeo_network *net, size_t n, void *dsrc, const void *ddst)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    const struct sgeo_channel_source parts[2] = {{.channels = node->first_channel},
                                                 {ddst, &net->layouts[n], 0, node->channels}};
    sgeo_network_tensors(net, n)->concat(net->backend, dsrc, parts, 2,
                                         &net->layouts[sgeo_plan_source(net->plan, n, 0)]);
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
