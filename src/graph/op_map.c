/*
 * What ops of one source x share, t_y = A t_x and d_x = A' d_y: the linear ones, y = A x (average
 * pools, the global mean, slices, subsamples), and those whose A is their derivative at x (dot
 * products and factorisation machines).
 */
#include <string.h>

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

enum sgeo_status sgeo_network_no_curvature(struct sgeo_network *net, size_t n)
{
    (void)net;
    return sgeo_fail(SGEO_UNSUPPORTED, "proxies of second order are for image networks",
                     "graph node %zu has no second derivative here", n);
}

/* --- several sources --- */

struct sgeo_buffer *sgeo_network_room(struct sgeo_network *net, size_t bytes)
{
    struct sgeo_buffer *buffer = sgeo_pool_take(net->pool, bytes);
    if (buffer == NULL) {
        sgeo_fail_memory("activations");
    }
    return buffer;
}

void sgeo_network_give_gradient(struct sgeo_network *net, size_t t, struct sgeo_buffer *owned)
{
    if (sgeo_network_learns(net, t)) {
        sgeo_network_add_gradient(net, t, owned);
    } else {
        sgeo_buffer_drop(owned);
    }
}

/* Zeros in place of a missing tangent. */
static enum sgeo_status complete(struct sgeo_network *net, size_t t, struct sgeo_buffer **tangent)
{
    if (*tangent == NULL) {
        *tangent = sgeo_network_take(net, t);
        if (*tangent == NULL) {
            return SGEO_IO;
        }
        memset((*tangent)->data, 0, (*tangent)->bytes);
    }
    return SGEO_OK;
}

enum sgeo_status sgeo_network_source_tangents(struct sgeo_network *net, size_t n,
                                              struct sgeo_buffer **tangents)
{
    size_t count = net->graph->nodes[n].n_inputs;
    enum sgeo_status status = SGEO_OK;
    bool any = false;
    memset(tangents, 0, count * sizeof *tangents);
    for (size_t i = 0; status == SGEO_OK && i < count; i++) {
        status = sgeo_network_tangent_buffer(net, sgeo_plan_source(net->plan, n, i), &tangents[i]);
        any |= tangents[i] != NULL;
    }
    for (size_t i = 0; status == SGEO_OK && any && i < count; i++) {
        status = complete(net, sgeo_plan_source(net->plan, n, i), &tangents[i]);
    }
    for (size_t i = 0; status != SGEO_OK && i < count; i++) {
        sgeo_buffer_drop(tangents[i]);
        tangents[i] = NULL;
    }
    return status;
}
