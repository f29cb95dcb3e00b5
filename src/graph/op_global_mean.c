/* Global mean over pixels, (N,C,H,W) -> (N,C): a linear map. */
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
