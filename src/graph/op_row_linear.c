/*
 * Linear layers along the rows of a sparse tensor, column by column:
 *   y (N,m,D) = wei (m,n) x (N,n,D) + bias (m) or none
 *   tangent: wei (t + x); where the bias has a direction too, or there is none, wei t and y itself
 *   d_wei = sum d x', d_bias = sum d, d_x = wei' d
 */
#include "graph/network_ops.h"

static struct sgeo_row_linear shape_of(const struct sgeo_network *net, size_t n)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    size_t rows = net->graph->segments[node->weight].fan_in;
    return (struct sgeo_row_linear){.batch = net->options.batch,
                                    .src_rows = rows,
                                    .dst_rows = node->channels / node->dim,
                                    .dim = node->dim,
                                    .src_pitch = rows * node->dim,
                                    .dst_pitch = node->channels};
}

static void apply(struct sgeo_network *net, size_t n, void *dst, const void *src, const void *bias)
{
    const struct sgeo_row_linear shape = shape_of(net, n);
    net->backend->ops->interaction->row_linear(
        net->backend, dst, src, sgeo_network_weight(net, net->graph->nodes[n].weight), bias,
        &shape);
}

static void transform(struct sgeo_network *net, size_t n, void *dst, const void *src)
{
    size_t bias = net->graph->nodes[n].bias;
    apply(net, n, dst, src, bias == SGEO_NONE ? NULL : sgeo_network_weight(net, bias));
}

static void transform_tangent(struct sgeo_network *net, size_t n, void *dst, const void *src)
{
    apply(net, n, dst, src, NULL);
}

static enum sgeo_status forward(struct sgeo_network *net, size_t n)
{
    return sgeo_map_forward(net, n, transform);
}

/* wei (t + x), t NULL: zero */
static enum sgeo_status weights_tangent(struct sgeo_network *net, size_t n)
{
    size_t src = sgeo_plan_source(net->plan, n, 0);
    struct sgeo_buffer *t = NULL, *sum = NULL;
    enum sgeo_status status = sgeo_network_tangent_buffer(net, src, &t);
    if (status == SGEO_OK) {
        sum = t == NULL ? sgeo_buffer_share(net->values[src].buffer) : sgeo_network_take(net, src);
        net->values[n].tangent.buffer = sgeo_network_take(net, n);
        status = sum == NULL || net->values[n].tangent.buffer == NULL ? SGEO_IO : SGEO_OK;
    }
    if (status == SGEO_OK && t != NULL) {
        const void *terms[2] = {t->data, net->values[src].buffer->data};
        net->backend->ops->plain.gated_sum(net->backend, sum->data, NULL, NULL, 0, terms, 2,
                                           net->options.batch * net->graph->nodes[src].channels);
    }
    if (status == SGEO_OK) {
        apply(net, n, net->values[n].tangent.buffer->data, sum->data, NULL);
    }
    sgeo_buffer_drop(t);
    sgeo_buffer_drop(sum);
    return status;
}

static enum sgeo_status tangent(struct sgeo_network *net, size_t n)
{
    if (!net->options.tangent_all && net->graph->nodes[n].bias != SGEO_NONE) {
        return weights_tangent(net, n);
    }
    net->values[n].tangent.plus_value = true;
    return sgeo_map_tangent(net, n, transform_tangent);
}

static void parameter_gradients(struct sgeo_network *net, size_t n, const struct sgeo_buffer *d)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    const struct sgeo_row_linear shape = shape_of(net, n);
    void *dwei = sgeo_network_weight_grad(net, node->weight);
    void *dbias = node->bias == SGEO_NONE ? NULL : sgeo_network_weight_grad(net, node->bias);
    size_t src = sgeo_plan_source(net->plan, n, 0);
    if (dwei != NULL) {
        net->backend->ops->interaction->row_linear_grad_wei(net->backend, dwei, dbias, d->data,
                                                            net->values[src].buffer->data, &shape);
    }
}

static enum sgeo_status backward(struct sgeo_network *net, size_t n)
{
    size_t src = sgeo_plan_source(net->plan, n, 0);
    struct sgeo_buffer *d = NULL, *dsrc = NULL;
    enum sgeo_status status = sgeo_network_merge_gradient(net, n, &d);
    if (status == SGEO_OK && d == NULL) {
        sgeo_network_zero_parameters(net, n);
    }
    if (status == SGEO_OK && d != NULL) {
        sgeo_network_dot_parameters(net, n, d);
        parameter_gradients(net, n, d);
    }
    if (status == SGEO_OK && d != NULL && sgeo_network_learns(net, src)) {
        dsrc = sgeo_network_take(net, src);
        status = dsrc == NULL ? SGEO_IO : SGEO_OK;
    }
    if (dsrc != NULL) {
        const struct sgeo_row_linear shape = shape_of(net, n);
        net->backend->ops->interaction->row_linear_grad_src(
            net->backend, dsrc->data, d->data,
            sgeo_network_weight(net, net->graph->nodes[n].weight), &shape);
        sgeo_network_add_gradient(net, src, dsrc);
    }
    sgeo_buffer_drop(d);
    return status;
}

const struct sgeo_op_functions sgeo_op_row_linear = {forward, tangent, backward,
                                                     sgeo_network_no_curvature};
