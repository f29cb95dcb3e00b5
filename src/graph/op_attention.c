/*
 * Multi-head self-attention of queries, keys and values, all (N,n,heads*E) like the result:
 *   y_i = sum_j p_ij value_j,  p_ij = softmax over j of query_i . key_j / sqrt(E), in each head
 * Tangent and backward: kernels/contract/interaction.h.
 */
#include "graph/network_ops.h"

enum { QUERY, KEY, VALUE, INPUTS };

static struct sgeo_attention shape_of(const struct sgeo_network *net, size_t n)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    return (struct sgeo_attention){.batch = net->options.batch,
                                   .rows = node->channels / node->dim,
                                   .heads = node->heads,
                                   .head_dim = node->dim / node->heads};
}

static const void *source(const struct sgeo_network *net, size_t n, size_t i)
{
    return net->values[sgeo_plan_source(net->plan, n, i)].buffer->data;
}

static struct sgeo_attention_sources sources_of(const struct sgeo_network *net, size_t n)
{
    return (struct sgeo_attention_sources){source(net, n, QUERY), source(net, n, KEY),
                                           source(net, n, VALUE)};
}

static struct sgeo_attention_outcome outcome_of(const struct sgeo_network *net, size_t n)
{
    return (struct sgeo_attention_outcome){net->values[n].buffer->data, net->values[n].where->data};
}

static enum sgeo_status forward(struct sgeo_network *net, size_t n)
{
    const struct sgeo_attention shape = shape_of(net, n);
    const struct sgeo_attention_sources sources = sources_of(net, n);
    struct sgeo_value *value = &net->values[n];
    value->buffer = sgeo_network_take(net, n);
    value->where = sgeo_network_room(net, 2 * shape.batch * shape.heads * shape.rows *
                                              net->backend->ops->elem_bytes);
    if (value->buffer == NULL || value->where == NULL) {
        return SGEO_IO;
    }
    net->backend->ops->interaction->attention(net->backend, value->buffer->data, value->where->data,
                                              &sources, &shape);
    return SGEO_OK;
}

static enum sgeo_status tangent(struct sgeo_network *net, size_t n)
{
    const struct sgeo_attention shape = shape_of(net, n);
    const struct sgeo_attention_sources sources = sources_of(net, n);
    const struct sgeo_attention_outcome outcome = outcome_of(net, n);
    struct sgeo_buffer *t[INPUTS], *dst = NULL;
    enum sgeo_status status = sgeo_network_source_tangents(net, n, t);
    if (status == SGEO_OK && t[QUERY] != NULL) {
        dst = sgeo_network_take(net, n);
        status = dst == NULL ? SGEO_IO : SGEO_OK;
    }
    if (dst != NULL) {
        const struct sgeo_attention_sources tangents = {t[QUERY]->data, t[KEY]->data,
                                                        t[VALUE]->data};
        net->backend->ops->interaction->attention_tangent(net->backend, dst->data, &tangents,
                                                          &outcome, &sources, &shape);
        net->values[n].tangent.buffer = dst;
    }
    for (size_t i = 0; i < INPUTS; i++) {
        sgeo_buffer_drop(t[i]);
    }
    return status;
}

/* Gradients of all three sources, into buffers of their own. */
static void attend_back(struct sgeo_network *net, size_t n, const struct sgeo_buffer *d,
                        struct sgeo_buffer *const dsrc[INPUTS])
{
    const struct sgeo_attention shape = shape_of(net, n);
    const struct sgeo_attention_sources sources = sources_of(net, n);
    const struct sgeo_attention_outcome outcome = outcome_of(net, n);
    const struct sgeo_attention_gradients gradients = {dsrc[QUERY]->data, dsrc[KEY]->data,
                                                       dsrc[VALUE]->data};
    net->backend->ops->interaction->attention_grad(net->backend, &gradients, d->data, &outcome,
                                                   &sources, &shape);
}

static enum sgeo_status backward(struct sgeo_network *net, size_t n)
{
    struct sgeo_buffer *d = NULL, *dsrc[INPUTS] = {NULL};
    enum sgeo_status status = sgeo_network_merge_gradient(net, n, &d);
    for (size_t i = 0; status == SGEO_OK && d != NULL && i < INPUTS; i++) {
        dsrc[i] = sgeo_network_take(net, n);
        status = dsrc[i] == NULL ? SGEO_IO : SGEO_OK;
    }
    if (status == SGEO_OK && d != NULL) {
        attend_back(net, n, d, dsrc);
    }
    for (size_t i = 0; d != NULL && i < INPUTS; i++) {
        if (status == SGEO_OK) {
            sgeo_network_give_gradient(net, sgeo_plan_source(net->plan, n, i), dsrc[i]);
        } else {
            sgeo_buffer_drop(dsrc[i]);
        }
    }
    sgeo_buffer_drop(d);
    return status;
}

const struct sgeo_op_functions sgeo_op_attention = {forward, tangent, backward,
                                                    sgeo_network_no_curvature};
