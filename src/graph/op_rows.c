/*
 * Linear maps of the rows of a matrix: the sum of each row (N,n,D) -> (N,n), some columns of each
 * row (N,n,D) -> (N,n,count), and a constant factor.
 */
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

/* The rows of the source, whole and as slices. */
struct row_layouts {
    struct sgeo_layout whole, slice;
};

static struct row_layouts layouts_of(const struct sgeo_network *net, size_t n)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    size_t per_sample = source_columns(net, n) / node->dim;
    size_t rows = net->options.batch * per_sample;
    return (struct row_layouts){sgeo_network_matrix_layout(rows, node->dim),
                                sgeo_network_matrix_layout(rows, node->channels / per_sample)};
}

static void cut(struct sgeo_network *net, size_t n, void *dst, const void *src)
{
    const struct row_layouts rows = layouts_of(net, n);
    const struct sgeo_channel_source slice = {src, &rows.whole, net->graph->nodes[n].first_channel,
                                              rows.slice.lanes};
    net->backend->ops->plain.concat(net->backend, dst, &slice, 1, &rows.slice);
}

/* Onto its place among zeros. */
static void put_back(struct sgeo_network *net, size_t n, void *dsrc, const void *ddst)
{
    const struct row_layouts rows = layouts_of(net, n);
    const struct sgeo_channel_source parts[2] = {{.channels = net->graph->nodes[n].first_channel},
                                                 {ddst, &rows.slice, 0, rows.slice.lanes}};
    net->backend->ops->plain.concat(net->backend, dsrc, parts, 2, &rows.whole);
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
