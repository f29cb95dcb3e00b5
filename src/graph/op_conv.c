/*
 * Convolution without bias.
 *   src (N,Ci,H,W), wei (Co,Ci/g,k,k) -> dst (N,Co,Ho,Wo)
 *   tangent along theta: conv(t_src, wei) + dst, since the weights' own direction is the weights
 *   d_wei = sum over images and pixels; d_src by the transposed convolution
 *   curvature: dd_wei = corr(t_src, d) + corr(src, dd); dd_src by the transposed convolution of d +
 * dd
 */
#include "base/memory.h"
#include "graph/network_ops.h"

static enum sgeo_status forward(struct sgeo_network *net, size_t n)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    size_t src = sgeo_plan_source(net->plan, n, 0);
    const void *data = node->conv.image_source ? net->images : net->values[src].buffer->data;
    struct sgeo_buffer *dst = sgeo_network_take(net, n);
    if (dst == NULL) {
        return SGEO_IO;
    }
    net->backend->ops->conv_forward(net->backend, net->convs[n], dst->data, data,
                                    sgeo_network_weight(net, node->weight));
    net->values[n].buffer = dst;
    return SGEO_OK;
}

static enum sgeo_status tangent(struct sgeo_network *net, size_t n)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    struct sgeo_buffer *src = NULL, *dst = NULL;
    net->values[n].tangent.plus_value = true;
    enum sgeo_status status =
        sgeo_network_tangent_buffer(net, sgeo_plan_source(net->plan, n, 0), &src);
    if (status == SGEO_OK && src != NULL) {
        dst = sgeo_network_take(net, n);
        status = dst == NULL ? SGEO_IO : SGEO_OK;
    }
    if (dst != NULL) {
        net->backend->ops->conv_forward(net->backend, net->convs[n], dst->data, src->data,
                                        sgeo_network_weight(net, node->weight));
        net->values[n].tangent.buffer = dst;
    }
    sgeo_buffer_drop(src);
    return status;
}

static enum sgeo_status backward(struct sgeo_network *net, size_t n)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    const struct sgeo_backend_table *ops = net->backend->ops;
    size_t src = sgeo_plan_source(net->plan, n, 0);
    struct sgeo_buffer *ddst = NULL;
    enum sgeo_status status = sgeo_network_merge_gradient(net, n, &ddst);
    if (status != SGEO_OK || ddst == NULL) {
        return status;
    }
    if (sgeo_network_shows_outputs(net)) {
        sgeo_network_show_output(net, n, net->values[n].buffer, ddst);
    }
    void *dwei = sgeo_network_weight_grad(net, node->weight);
    if (dwei != NULL) {
        const void *data = node->conv.image_source ? net->images : net->values[src].buffer->data;
        ops->conv_backward_weights(net->backend, net->convs[n], dwei, data, ddst->data);
    }
    if (sgeo_network_learns(net, src)) {
        struct sgeo_buffer *dsrc = sgeo_network_take(net, src);
        status = dsrc == NULL ? SGEO_IO : SGEO_OK;
        if (dsrc != NULL) {
            ops->conv_backward_data(net->backend, net->convs[n], dsrc->data, ddst->data,
                                    sgeo_network_weight(net, node->weight));
            sgeo_network_add_gradient(net, src, dsrc);
        }
    }
    sgeo_buffer_drop(ddst);
    return status;
}

/* dwei = corr(t_src, d) + corr(src, dd). */
static enum sgeo_status weight_curvature(struct sgeo_network *net, size_t n,
                                         struct sgeo_buffer *const d[2])
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    const struct sgeo_backend_table *ops = net->backend->ops;
    size_t src = sgeo_plan_source(net->plan, n, 0), elems = net->places[node->weight].elems;
    void *dwei = sgeo_network_weight_grad(net, node->weight);
    const void *data = node->conv.image_source ? net->images : net->values[src].buffer->data;
    struct sgeo_buffer *tangent = NULL;
    enum sgeo_status status = sgeo_network_tangent_buffer(net, src, &tangent);
    if (status != SGEO_OK) {
        return status;
    }
    ops->conv_backward_weights(net->backend, net->convs[n], dwei, data, d[1]->data);
    if (tangent != NULL) {
        void *part = sgeo_calloc(elems, ops->elem_bytes);
        if (part == NULL) {
            status = sgeo_fail_memory("curvature");
        } else {
            const void *terms[2] = {dwei, part};
            ops->conv_backward_weights(net->backend, net->convs[n], part, tangent->data,
                                       d[0]->data);
            ops->plain.gated_sum(net->backend, dwei, NULL, NULL, 0, terms, 2, elems);
        }
        sgeo_free(part);
    }
    sgeo_buffer_drop(tangent);
    return status;
}

/* Transposed convolutions of d and of d + dd, which is left in dd. */
static enum sgeo_status source_curvature(struct sgeo_network *net, size_t n,
                                         struct sgeo_buffer *const d[2])
{
    const struct sgeo_backend_table *ops = net->backend->ops;
    size_t src = sgeo_plan_source(net->plan, n, 0);
    const void *terms[2] = {d[0]->data, d[1]->data};
    ops->maps.gated_sum(net->backend, d[1]->data, NULL, NULL, 0, terms, 2,
                        sgeo_layout_elems(&net->layouts[n]));
    for (size_t side = 0; side < 2; side++) {
        struct sgeo_buffer *dsrc = sgeo_network_take(net, src);
        if (dsrc == NULL) {
            return SGEO_IO;
        }
        ops->conv_backward_data(net->backend, net->convs[n], dsrc->data, d[side]->data,
                                sgeo_network_weight(net, net->graph->nodes[n].weight));
        sgeo_network_add_to(net, (enum sgeo_side)side, src, dsrc);
    }
    return SGEO_OK;
}

static enum sgeo_status curvature(struct sgeo_network *net, size_t n)
{
    struct sgeo_buffer *d[2];
    enum sgeo_status status = sgeo_network_merge_both(net, n, d);
    if (status == SGEO_OK && d[0] != NULL) {
        status = weight_curvature(net, n, d);
    }
    if (status == SGEO_OK && d[0] != NULL &&
        sgeo_network_learns(net, sgeo_plan_source(net->plan, n, 0))) {
        status = sgeo_network_own(net, n, &d[1]);
        status = status == SGEO_OK ? source_curvature(net, n, d) : status;
    }
    sgeo_buffer_drop(d[0]);
    sgeo_buffer_drop(d[1]);
    return status;
}

const struct sgeo_op_functions sgeo_op_conv = {forward, tangent, backward, curvature};
