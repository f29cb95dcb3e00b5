/*
 * Linear maps of the rows of a matrix: the sum of each row (N,n,D) -> (N,n), some columns of each
 * row (N,n,D) -> (N,n,count), and a constant factor.
 */
#include <string.h>

#include "graph/network_ops.h"

static size_t source_columns(const struct sgeo_network *net, size_t n)
{
    return net->graph->nodes[sgeo_graph_source(net->graph, &net->graph->nodes[n], 0)].channels;
}

/* --- sums --- */

static void add_columns(struct sgeo_network *net, size_t n, void *dst, const void *src)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    net->backend->ops->interaction->row_sums(net->backend, dst, src,
                                             net->options.batch * node->channels, node->dim);
}

static void spread(struct sgeo_network *net, size_t n, void *dsrc, const void *ddst)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    net->backend->ops->interaction->row_sums_grad(net->backend, dsrc, ddst,
                                                  net->options.batch * node->channels, node->dim);
}

static enum sgeo_status sums_forward(struct sgeo_network *net, size_t n)
{
    return sgeo_map_forward(net, n, add_columns);
}

static enum sgeo_status sums_tangent(struct sgeo_network *net, size_t n)
{
    return sgeo_map_tangent(net, n, add_columns);
}

static enum sgeo_status sums_backward(struct sgeo_network *net, size_t n)
{
    return sgeo_map_backward(net, n, spread);
}

const struct sgeo_op_functions sgeo_op_row_sums = {sums_forward, sums_tangent, sums_backward, NULL};

/* --- slices --- */

/* The slice's columns out of the whole rows, or back onto their places. */
static void copy_columns(struct sgeo_network *net, size_t n, void *dst, const void *src, bool back)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    size_t per_sample = source_columns(net, n) / node->dim, count = node->channels / per_sample;
    size_t rows = net->options.batch * per_sample;
    const struct sgeo_layout whole = sgeo_network_matrix_layout(rows, node->dim),
                             part = sgeo_network_matrix_layout(rows, count);
    if (back) {
        net->backend->ops->channel_copy(net->backend, dst, node->first_channel, &whole, src, 0,
                                        &part, count, false);
    } else {
        net->backend->ops->channel_copy(net->backend, dst, 0, &part, src, node->first_channel,
                                        &whole, count, false);
    }
}

static void cut(struct sgeo_network *net, size_t n, void *dst, const void *src)
{
    copy_columns(net, n, dst, src, false);
}

static void put_back(struct sgeo_network *net, size_t n, void *dsrc, const void *ddst)
{
    memset(dsrc, 0, net->options.batch * source_columns(net, n) * net->backend->ops->elem_bytes);
    copy_columns(net, n, dsrc, ddst, true);
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

const struct sgeo_op_functions sgeo_op_row_slice = {slice_forward, slice_tangent, slice_backward,
                                                    NULL};

/* --- factors --- */

static void multiply(struct sgeo_network *net, size_t n, void *dst, const void *src)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    net->backend->ops->interaction->scale(net->backend, dst, src, node->factor,
                                          net->options.batch * node->channels);
}

static enum sgeo_status scale_forward(struct sgeo_network *net, size_t n)
{
    return sgeo_map_forward(net, n, multiply);
}

static enum sgeo_status scale_tangent(struct sgeo_network *net, size_t n)
{
    return sgeo_map_tangent(net, n, multiply);
}

static enum sgeo_status scale_backward(struct sgeo_network *net, size_t n)
{
    return sgeo_map_backward(net, n, multiply);
}

const struct sgeo_op_functions sgeo_op_scale = {scale_forward, scale_tangent, scale_backward, NULL};
