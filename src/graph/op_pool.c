/*
 * Pools over windows: src (N,C,H,W) -> dst (N,C,Ho,Wo). The average does not count padding; the
 * maximum passes gradient and tangent through its winner.
 */
#include <string.h>

#include "graph/network_ops.h"

static void average(struct sgeo_network *net, size_t n, void *dst, const void *src)
{
    net->backend->ops->avgpool(net->backend, dst, src, &net->graph->nodes[n].window,
                               &net->layouts[sgeo_plan_source(net->plan, n, 0)], &net->layouts[n]);
}

static void spread(struct sgeo_network *net, size_t n, void *dsrc, const void *ddst)
{
    net->backend->ops->avgpool_grad(net->backend, dsrc, ddst, &net->graph->nodes[n].window,
                                    &net->layouts[sgeo_plan_source(net->plan, n, 0)],
                                    &net->layouts[n]);
}

static enum sgeo_status average_forward(struct sgeo_network *net, size_t n)
{
    return sgeo_map_forward(net, n, average);
}

static enum sgeo_status average_tangent(struct sgeo_network *net, size_t n)
{
    return sgeo_map_tangent(net, n, average);
}

static enum sgeo_status average_backward(struct sgeo_network *net, size_t n)
{
    return sgeo_map_backward(net, n, spread);
}

const struct sgeo_op_functions sgeo_op_avgpool = {average_forward, average_tangent,
                                                  average_backward, NULL};

static enum sgeo_status maximum_forward(struct sgeo_network *net, size_t n)
{
    size_t t = sgeo_plan_source(net->plan, n, 0);
    struct sgeo_value *value = &net->values[n];
    value->buffer = sgeo_network_take(net, n);
    value->where = sgeo_pool_take(net->pool, sgeo_layout_elems(&net->layouts[n]));
    if (value->buffer == NULL || value->where == NULL) {
        return sgeo_fail_memory("max pool");
    }
    net->backend->ops->maxpool(net->backend, value->buffer->data, value->where->data,
                               net->values[t].buffer->data, &net->graph->nodes[n].window,
                               &net->layouts[t], &net->layouts[n]);
    return SGEO_OK;
}

/* The winners' elements of src: once `where` is known, the pool is a linear map too. */
static void gather_winners(struct sgeo_network *net, size_t n, void *dst, const void *src)
{
    const struct sgeo_layout *in = &net->layouts[sgeo_plan_source(net->plan, n, 0)],
                             *out = &net->layouts[n];
    const struct sgeo_pool_window *window = &net->graph->nodes[n].window;
    const unsigned char *where = net->values[n].where->data;
    size_t bytes = net->backend->ops->maps.bytes;
    for (size_t i = 0; i < out->n; i++) {
        for (size_t c = 0; c < out->groups * out->lanes; c++) {
            for (size_t p = 0; p < out->height * out->width; p++) {
                size_t at =
                    i * out->image + c / out->lanes * out->group + p * out->pitch + c % out->lanes;
                size_t y =
                    p / out->width * window->stride + where[at] / window->kernel - window->pad;
                size_t x =
                    p % out->width * window->stride + where[at] % window->kernel - window->pad;
                size_t from = i * in->image + c / in->lanes * in->group +
                              (y * in->width + x) * in->pitch + c % in->lanes;
                memcpy((unsigned char *)dst + at * bytes, (const unsigned char *)src + from * bytes,
                       bytes);
            }
        }
    }
}

static void scatter_winners(struct sgeo_network *net, size_t n, void *dsrc, const void *ddst)
{
    net->backend->ops->maxpool_grad(
        net->backend, dsrc, ddst, net->values[n].where->data, &net->graph->nodes[n].window,
        &net->layouts[sgeo_plan_source(net->plan, n, 0)], &net->layouts[n]);
}

static enum sgeo_status maximum_tangent(struct sgeo_network *net, size_t n)
{
    return sgeo_map_tangent(net, n, gather_winners);
}

static enum sgeo_status maximum_backward(struct sgeo_network *net, size_t n)
{
    return sgeo_map_backward(net, n, scatter_winners);
}

const struct sgeo_op_functions sgeo_op_maxpool = {maximum_forward, maximum_tangent,
                                                  maximum_backward, NULL};
