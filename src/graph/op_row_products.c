/*
 * Products of all rows of two sparse tensors l (N,L,D) and r (N,R,D), elementwise:
 *   y (N,L*R,D), y_(iR+j) = l_i r_j;  t_y = t_l r + l t_r;  d_li = sum_j d_ij r_j, d_rj alike
 */
#include "graph/network_ops.h"

enum { LEFT, RIGHT, INPUTS };

static size_t rows_of(const struct sgeo_network *net, size_t n, size_t i)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    return net->graph->nodes[sgeo_graph_source(net->graph, node, i)].channels / node->dim;
}

static struct sgeo_row_products shape_of(const struct sgeo_network *net, size_t n)
{
    return (struct sgeo_row_products){.batch = net->options.batch,
                                      .left_rows = rows_of(net, n, LEFT),
                                      .right_rows = rows_of(net, n, RIGHT),
                                      .dim = net->graph->nodes[n].dim};
}

static const void *source(const struct sgeo_network *net, size_t n, size_t i)
{
    return net->values[sgeo_plan_source(net->plan, n, i)].buffer->data;
}

static struct sgeo_buffer *multiplied(struct sgeo_network *net, size_t n, const void *left,
                                      const void *right)
{
    const struct sgeo_row_products shape = shape_of(net, n);
    struct sgeo_buffer *dst = sgeo_network_take(net, n);
    if (dst != NULL) {
        net->backend->ops->interaction->row_products(net->backend, dst->data, left, right, &shape);
    }
    return dst;
}

static enum sgeo_status forward(struct sgeo_network *net, size_t n)
{
    net->values[n].buffer = multiplied(net, n, source(net, n, LEFT), source(net, n, RIGHT));
    return net->values[n].buffer == NULL ? SGEO_IO : SGEO_OK;
}

/* t_l r + l t_r over the second term's buffer; consumes both. */
static void add_terms(struct sgeo_network *net, size_t n, struct sgeo_buffer *left,
                      struct sgeo_buffer *right)
{
    const void *terms[2] = {left->data, right->data};
    net->backend->ops->plain.gated_sum(net->backend, right->data, NULL, NULL, 0, terms, 2,
                                       net->options.batch * net->graph->nodes[n].channels);
    net->values[n].tangent.buffer = right;
    sgeo_buffer_drop(left);
}

static enum sgeo_status tangent(struct sgeo_network *net, size_t n)
{
    struct sgeo_buffer *t[INPUTS], *terms[INPUTS] = {NULL};
    enum sgeo_status status = sgeo_network_source_tangents(net, n, t);
    if (status == SGEO_OK && t[LEFT] != NULL) {
        terms[LEFT] = multiplied(net, n, t[LEFT]->data, source(net, n, RIGHT));
        terms[RIGHT] = multiplied(net, n, source(net, n, LEFT), t[RIGHT]->data);
        status = terms[LEFT] == NULL || terms[RIGHT] == NULL ? SGEO_IO : SGEO_OK;
    }
    if (status == SGEO_OK && t[LEFT] != NULL) {
        add_terms(net, n, terms[LEFT], terms[RIGHT]);
    } else {
        sgeo_buffer_drop(terms[LEFT]);
        sgeo_buffer_drop(terms[RIGHT]);
    }
    sgeo_buffer_drop(t[LEFT]);
    sgeo_buffer_drop(t[RIGHT]);
    return status;
}

static enum sgeo_status backward(struct sgeo_network *net, size_t n)
{
    const struct sgeo_row_products shape = shape_of(net, n);
    size_t left = sgeo_plan_source(net->plan, n, LEFT);
    size_t right = sgeo_plan_source(net->plan, n, RIGHT);
    struct sgeo_buffer *d = NULL;
    enum sgeo_status status = sgeo_network_merge_gradient(net, n, &d);
    if (status != SGEO_OK || d == NULL) {
        return status;
    }
    struct sgeo_buffer *dleft = sgeo_network_take(net, left);
    struct sgeo_buffer *dright = sgeo_network_take(net, right);
    if (dleft == NULL || dright == NULL) {
        sgeo_buffer_drop(dleft);
        sgeo_buffer_drop(dright);
        status = SGEO_IO;
    } else {
        net->backend->ops->interaction->row_products_grad(net->backend, dleft->data, dright->data,
                                                          d->data, source(net, n, LEFT),
                                                          source(net, n, RIGHT), &shape);
        sgeo_network_give_gradient(net, left, dleft);
        sgeo_network_give_gradient(net, right, dright);
    }
    sgeo_buffer_drop(d);
    return status;
}

const struct sgeo_op_functions sgeo_op_row_products = {forward, tangent, backward,
                                                       sgeo_network_no_curvature};
