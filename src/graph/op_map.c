/*
 * What average pools, the global mean, channel slices and subsamples share: y = A x for one source
 * x, so t_y = A t_x and d_x = A' d_y.
 */
#include "graph/network_ops.h"

enum sgeo_status sgeo_map_forward(struct sgeo_network *net, size_t n, sgeo_map_fn apply)
{
    size_t t = sgeo_plan_source(net->plan, n, 0);
    struct sgeo_buffer *dst = sgeo_network_take(net, n);
    if (dst == NULL) {
        return SGEO_IO;
    }
    apply(net, n, dst->data, net->values[t].buffer->data);
    net->values[n].buffer = dst;
    return SGEO_OK;
}

enum sgeo_status sgeo_map_tangent(struct sgeo_network *net, size_t n, sgeo_map_fn apply)
{
    struct sgeo_buffer *src = NULL, *dst = NULL;
    enum sgeo_status status =
        sgeo_network_tangent_buffer(net, sgeo_plan_source(net->plan, n, 0), &src);
    if (status == SGEO_OK && src != NULL) {
        dst = sgeo_network_take(net, n);
        status = dst == NULL ? SGEO_IO : SGEO_OK;
    }
    if (dst != NULL) {
        apply(net, n, dst->data, src->data);
        net->values[n].tangent.buffer = dst;
    }
    sgeo_buffer_drop(src);
    return status;
}

enum sgeo_status sgeo_map_backward(struct sgeo_network *net, size_t n, sgeo_map_fn transpose)
{
    size_t t = sgeo_plan_source(net->plan, n, 0);
    struct sgeo_buffer *d = NULL, *dsrc = NULL;
    enum sgeo_status status = sgeo_network_merge_gradient(net, n, &d);
    if (status == SGEO_OK && d != NULL && sgeo_network_learns(net, t)) {
        dsrc = sgeo_network_take(net, t);
        status = dsrc == NULL ? SGEO_IO : SGEO_OK;
    }
    if (dsrc != NULL) {
        transpose(net, n, dsrc->data, d->data);
        sgeo_network_add_gradient(net, t, dsrc);
    }
    sgeo_buffer_drop(d);
    return status;
}
