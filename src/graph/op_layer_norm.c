/*
 * Layer norm with scale gamma and shift beta, of each row x (D) of a tensor (N,n,D), or, over its
 * rows, of each column x (n), which is then a row of the transposed samples:
 *   y = gamma xhat + beta,  xhat = (x - mean) rstd,  rstd = 1/sqrt(var + eps)
 *   tangent: gamma rstd (t - mean(t) - xhat mean(t xhat)); where gamma and beta have a direction
 *   too, and y itself
 *   d_gamma = sum d xhat,  d_beta = sum d,  d_x = rstd (g - mean(g) - xhat mean(g xhat)), g = gamma
 * d
 */
#include "graph/network_ops.h"

#define EPSILON 1e-5

static size_t rows_of(const struct sgeo_node *node)
{
    return node->channels / node->dim;
}

/* What is normalised, as rows. */
static struct sgeo_row_norm shape_of(const struct sgeo_network *net, size_t n)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    size_t rows = rows_of(node), batch = net->options.batch;
    return (struct sgeo_row_norm){.batch = batch * (node->over_rows ? node->dim : rows),
                                  .dim = node->over_rows ? rows : node->dim,
                                  .epsilon = EPSILON};
}

/* A tensor with what is normalised as its rows, a new reference; NULL without memory. */
static struct sgeo_buffer *turned(struct sgeo_network *net, size_t n, struct sgeo_buffer *src)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    if (!node->over_rows) {
        return sgeo_buffer_share(src);
    }
    struct sgeo_buffer *dst = sgeo_network_take(net, n);
    if (dst != NULL) {
        net->backend->ops->interaction->transpose(net->backend, dst->data, src->data,
                                                  net->options.batch, rows_of(node), node->dim);
    }
    return dst;
}

/* The inverse; consumes src. */
static struct sgeo_buffer *turned_back(struct sgeo_network *net, size_t n, struct sgeo_buffer *src)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    if (!node->over_rows) {
        return src;
    }
    struct sgeo_buffer *dst = sgeo_network_take(net, n);
    if (dst != NULL) {
        net->backend->ops->interaction->transpose(net->backend, dst->data, src->data,
                                                  net->options.batch, node->dim, rows_of(node));
    }
    sgeo_buffer_drop(src);
    return dst;
}

/* Two tensors with what is normalised as their rows, and room for a third. */
struct rows {
    struct sgeo_buffer *x, *from, *to;
};

static void close_rows(struct rows *rows)
{
    sgeo_buffer_drop(rows->x);
    sgeo_buffer_drop(rows->from);
    sgeo_buffer_drop(rows->to);
}

/* The node's source, `from` (may be NULL), and room for the result. */
static enum sgeo_status open_rows(struct sgeo_network *net, size_t n, struct rows *rows,
                                  struct sgeo_buffer *from)
{
    *rows =
        (struct rows){.x = turned(net, n, net->values[sgeo_plan_source(net->plan, n, 0)].buffer),
                      .from = from == NULL ? NULL : turned(net, n, from),
                      .to = sgeo_network_take(net, n)};
    return rows->x == NULL || rows->to == NULL || (from != NULL && rows->from == NULL) ? SGEO_IO
                                                                                       : SGEO_OK;
}

/* The result as the node's tensor has it; leaves rows without it. */
static enum sgeo_status take_result(struct sgeo_network *net, size_t n, struct rows *rows,
                                    struct sgeo_buffer **result)
{
    *result = turned_back(net, n, rows->to);
    rows->to = NULL;
    return *result == NULL ? SGEO_IO : SGEO_OK;
}

static enum sgeo_status forward(struct sgeo_network *net, size_t n)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    const struct sgeo_row_norm shape = shape_of(net, n);
    struct sgeo_value *value = &net->values[n];
    struct rows rows;
    enum sgeo_status status = open_rows(net, n, &rows, NULL);
    value->where = sgeo_network_room(net, 2 * shape.batch * sizeof(double));
    if (value->where == NULL) {
        status = SGEO_IO;
    }
    if (status == SGEO_OK) {
        net->backend->ops->interaction->layer_norm(
            net->backend, rows.to->data, value->where->data, rows.x->data,
            sgeo_network_weight(net, node->weight), sgeo_network_weight(net, node->bias), &shape);
        status = take_result(net, n, &rows, &value->buffer);
    }
    close_rows(&rows);
    return status;
}

static enum sgeo_status tangent(struct sgeo_network *net, size_t n)
{
    const struct sgeo_row_norm shape = shape_of(net, n);
    struct sgeo_value *value = &net->values[n];
    struct sgeo_buffer *t = NULL;
    struct rows rows = {0};
    enum sgeo_status status =
        sgeo_network_tangent_buffer(net, sgeo_plan_source(net->plan, n, 0), &t);
    value->tangent.plus_value = net->options.tangent_all;
    if (status == SGEO_OK && t != NULL) {
        status = open_rows(net, n, &rows, t);
    }
    if (status == SGEO_OK && t != NULL) {
        net->backend->ops->interaction->layer_norm_tangent(
            net->backend, rows.to->data, rows.from->data, rows.x->data, value->where->data,
            sgeo_network_weight(net, net->graph->nodes[n].weight), &shape);
        status = take_result(net, n, &rows, &value->tangent.buffer);
    }
    sgeo_buffer_drop(t);
    close_rows(&rows);
    return status;
}

static enum sgeo_status backward(struct sgeo_network *net, size_t n)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    const struct sgeo_row_norm shape = shape_of(net, n);
    struct sgeo_buffer *d = NULL, *dsrc = NULL;
    struct rows rows = {0};
    enum sgeo_status status = sgeo_network_merge_gradient(net, n, &d);
    if (status == SGEO_OK && d == NULL) {
        sgeo_network_zero_parameters(net, n);
    }
    if (status == SGEO_OK && d != NULL) {
        status = open_rows(net, n, &rows, d);
    }
    if (status == SGEO_OK && d != NULL) {
        sgeo_network_dot_parameters(net, n, d);
        const struct sgeo_row_norm_grads grads = {
            .src = rows.to->data,
            .gamma = sgeo_network_weight_grad(net, node->weight),
            .beta = sgeo_network_weight_grad(net, node->bias)};
        net->backend->ops->interaction->layer_norm_grad(
            net->backend, &grads, rows.from->data, rows.x->data, net->values[n].where->data,
            sgeo_network_weight(net, node->weight), &shape);
        status = take_result(net, n, &rows, &dsrc);
    }
    if (dsrc != NULL) {
        sgeo_network_give_gradient(net, sgeo_plan_source(net->plan, n, 0), dsrc);
    }
    sgeo_buffer_drop(d);
    close_rows(&rows);
    return status;
}

const struct sgeo_op_functions sgeo_op_layer_norm = {forward, tangent, backward,
                                                     sgeo_network_no_curvature};
