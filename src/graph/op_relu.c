/*
 * ReLU, x and y (N,C,H,W), relu'(0) = 0. A combine writes the ReLU of its result itself; here are
 * those that follow something else (a pool, a concatenation, a convolution, a linear layer). A
 * linear layer that nothing else reads is rectified already: the ReLU shares its tensor.
 */
#include "graph/network_ops.h"

/* y of a plain matrix: x where x is positive. */
static void rectify_matrix(struct sgeo_network *net, size_t n, void *y, const void *x)
{
    const void *gated[1] = {x};
    net->backend->ops->plain.gated_sum(net->backend, y, x, gated, 1, NULL, 0,
                                       sgeo_layout_elems(&net->layouts[n]));
}

static enum sgeo_status forward(struct sgeo_network *net, size_t n)
{
    if (sgeo_plan_is_fused_relu(net->plan, n)) {
        return SGEO_OK;
    }
    size_t src = sgeo_plan_source(net->plan, n, 0);
    if (net->plan->nodes[src].rectified) {
        net->values[n].buffer = sgeo_buffer_share(net->values[src].buffer);
        return SGEO_OK;
    }
    struct sgeo_buffer *dst = sgeo_network_take(net, n);
    if (dst == NULL) {
        return SGEO_IO;
    }
    const void *x = net->values[src].buffer->data;
    const struct sgeo_term term = {x, NULL, NULL};
    if (net->graph->nodes[n].is_matrix) {
        rectify_matrix(net, n, dst->data, x);
    } else {
        net->backend->ops->maps.affine_sum(net->backend, NULL, dst->data, &term, 1, NULL,
                                           &net->layouts[n]);
    }
    net->values[n].buffer = dst;
    return SGEO_OK;
}

/* dst = y > 0 ? src : 0 into a buffer of its own. */
static enum sgeo_status gate(struct sgeo_network *net, size_t n, const struct sgeo_buffer *src,
                             struct sgeo_buffer **dst)
{
    *dst = sgeo_network_take(net, n);
    if (*dst == NULL) {
        return SGEO_IO;
    }
    const void *gated[1] = {src->data};
    sgeo_network_tensors(net, n)->gated_sum(net->backend, (*dst)->data, net->values[n].buffer->data,
                                            gated, 1, NULL, 0, sgeo_layout_elems(&net->layouts[n]));
    return SGEO_OK;
}

static enum sgeo_status tangent(struct sgeo_network *net, size_t n)
{
    if (sgeo_plan_is_fused_relu(net->plan, n)) {
        return SGEO_OK;
    }
    struct sgeo_buffer *src = NULL;
    enum sgeo_status status =
        sgeo_network_tangent_buffer(net, sgeo_plan_source(net->plan, n, 0), &src);
    if (status == SGEO_OK && src != NULL) {
        status = gate(net, n, src, &net->values[n].tangent.buffer);
    }
    sgeo_buffer_drop(src);
    return status;
}

static enum sgeo_status backward(struct sgeo_network *net, size_t n)
{
    if (sgeo_plan_is_fused_relu(net->plan, n)) {
        return SGEO_OK; /* its gradient terms are gated where the combine's gradient is added up */
    }
    struct sgeo_buffer *d = NULL, *dsrc = NULL;
    enum sgeo_status status = sgeo_network_merge_gradient(net, n, &d);
    if (status == SGEO_OK && d != NULL) {
        status = gate(net, n, d, &dsrc);
    }
    if (dsrc != NULL) {
        sgeo_network_add_gradient(net, sgeo_plan_source(net->plan, n, 0), dsrc);
    }
    sgeo_buffer_drop(d);
    return status;
}

const struct sgeo_op_functions sgeo_op_relu = {forward, tangent, backward, NULL};
