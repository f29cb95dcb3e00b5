/*
 * Interactions of the rows x_i (D) of a sparse tensor (N,n,D), both quadratic in it:
 *   dot: y (N,n(n-1)/2) = x_i . x_j for i > j;  t_y = t_i . x_j + x_i . t_j
 *   factorisation machine: y (N,D) = factor * sum over i > j of x_i x_j, elementwise
 */
#include "graph/network_ops.h"

static struct sgeo_interaction shape_of(const struct sgeo_network *net, size_t n)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    size_t width = net->graph->nodes[sgeo_graph_source(net->graph, node, 0)].channels;
    return (struct sgeo_interaction){.batch = net->options.batch,
                                     .rows = width / node->dim,
                                     .dim = node->dim,
                                     .src_pitch = width,
                                     .dst_pitch = node->channels};
}

static const void *source(const struct sgeo_network *net, size_t n)
{
    return net->values[sgeo_plan_source(net->plan, n, 0)].buffer->data;
}

static double factor_of(const struct sgeo_network *net, size_t n)
{
    return net->graph->nodes[n].factor;
}

/* --- dot products --- */

static void dot(struct sgeo_network *net, size_t n, void *dst, const void *src)
{
    const struct sgeo_interaction shape = shape_of(net, n);
    net->backend->ops->interaction->dot(net->backend, dst, src, &shape);
}

static void dot_along(struct sgeo_network *net, size_t n, void *dst, const void *tangent)
{
    const struct sgeo_interaction shape = shape_of(net, n);
    net->backend->ops->interaction->dot_tangent(net->backend, dst, tangent, source(net, n), &shape);
}

static void dot_back(struct sgeo_network *net, size_t n, void *dsrc, const void *ddst)
{
    const struct sgeo_interaction shape = shape_of(net, n);
    net->backend->ops->interaction->dot_grad(net->backend, dsrc, ddst, source(net, n), &shape);
}

static enum sgeo_status dot_forward(struct sgeo_network *net, size_t n)
{
    return sgeo_map_forward(net, n, dot);
}

static enum sgeo_status dot_tangent(struct sgeo_network *net, size_t n)
{
    return sgeo_map_tangent(net, n, dot_along);
}

static enum sgeo_status dot_backward(struct sgeo_network *net, size_t n)
{
    return sgeo_map_backward(net, n, dot_back);
}

const struct sgeo_op_functions sgeo_op_dot = {dot_forward, dot_tangent, dot_backward,
                                              sgeo_network_no_curvature};

/* --- factorisation machines --- */

static void fm(struct sgeo_network *net, size_t n, void *dst, const void *src)
{
    const struct sgeo_interaction shape = shape_of(net, n);
    net->backend->ops->interaction->fm(net->backend, dst, src, factor_of(net, n), &shape);
}

static void fm_along(struct sgeo_network *net, size_t n, void *dst, const void *tangent)
{
    const struct sgeo_interaction shape = shape_of(net, n);
    net->backend->ops->interaction->fm_tangent(net->backend, dst, tangent, source(net, n),
                                               factor_of(net, n), &shape);
}

static void fm_back(struct sgeo_network *net, size_t n, void *dsrc, const void *ddst)
{
    const struct sgeo_interaction shape = shape_of(net, n);
    net->backend->ops->interaction->fm_grad(net->backend, dsrc, ddst, source(net, n),
                                            factor_of(net, n), &shape);
}

static enum sgeo_status fm_forward(struct sgeo_network *net, size_t n)
{
    return sgeo_map_forward(net, n, fm);
}

static enum sgeo_status fm_tangent(struct sgeo_network *net, size_t n)
{
    return sgeo_map_tangent(net, n, fm_along);
}

static enum sgeo_status fm_backward(struct sgeo_network *net, size_t n)
{
    return sgeo_map_backward(net, n, fm_back);
}

const struct sgeo_op_functions sgeo_op_fm = {fm_forward, fm_tangent, fm_backward,
                                             sgeo_network_no_curvature};
