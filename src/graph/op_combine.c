/*
 * Combine: one pass that adds up everything a tensor consists of and writes it, its ReLU, or both.
 *   y = sum_i term_i + shift[c],  relu = max(y, 0);  all (N,C,H,W)
 * Terms are stored tensors and batch norms (normalised on the fly). The sum op and batch norms
 * that are not fused into a sum end here; sums' backward hands its gradient to every summand.
 */
#include <string.h>

#include "graph/network_ops.h"

/* Run the pass over any number of terms; more than one pass holds go through dst, which the plan
 * stores then. */
static void affine_sum(struct sgeo_network *net, size_t n, void *dst, void *relu,
                       const struct sgeo_affine_parts *parts)
{
    const struct sgeo_tensor_table *tensors = sgeo_network_tensors(net, n);
    const struct sgeo_layout *layout = &net->layouts[n];
    const double *shift = parts->shifted ? parts->shift : NULL;
    size_t done = parts->n_terms < SGEO_AFFINE_MAX_TERMS ? parts->n_terms : SGEO_AFFINE_MAX_TERMS;
    if (done == parts->n_terms) {
        tensors->affine_sum(net->backend, dst, relu, parts->terms, done, shift, layout);
        return;
    }
    tensors->affine_sum(net->backend, dst, NULL, parts->terms, done, shift, layout);
    while (done < parts->n_terms) {
        struct sgeo_term terms[SGEO_AFFINE_MAX_TERMS] = {{dst, NULL, NULL}};
        size_t count = 1;
        while (count < SGEO_AFFINE_MAX_TERMS && done < parts->n_terms) {
            terms[count++] = parts->terms[done++];
        }
        tensors->affine_sum(net->backend, dst, done == parts->n_terms ? relu : NULL, terms, count,
                            NULL, layout);
    }
}

/* A constant (batch norms of zeros only) still needs a term to be written over the pixels. */
static enum sgeo_status ensure_term(struct sgeo_network *net, size_t n,
                                    struct sgeo_affine_parts *parts, struct sgeo_buffer **zeros)
{
    *zeros = NULL;
    if (parts->n_terms > 0) {
        return SGEO_OK;
    }
    *zeros = sgeo_network_take(net, n);
    if (*zeros == NULL) {
        return SGEO_IO;
    }
    memset((*zeros)->data, 0, (*zeros)->bytes);
    parts->terms[parts->n_terms++] = (struct sgeo_term){(*zeros)->data, NULL, NULL};
    return SGEO_OK;
}

static struct sgeo_affine_parts no_parts(struct sgeo_network *net)
{
    double *shift = net->scratch + 2 * net->max_channels;
    memset(shift, 0, net->max_channels * sizeof *shift);
    return (struct sgeo_affine_parts){.shift = shift};
}

static void gather_values(struct sgeo_network *net, size_t n, struct sgeo_affine_parts *parts)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    if (node->op == SGEO_OP_BATCHNORM) {
        sgeo_batchnorm_add_value(net, n, parts);
        return;
    }
    for (size_t i = 0; i < node->n_inputs; i++) {
        size_t t = sgeo_plan_source(net->plan, n, i);
        if (t != SGEO_NONE && net->plan->nodes[t].fused) {
            sgeo_batchnorm_add_value(net, t, parts);
        } else if (t != SGEO_NONE) {
            parts->terms[parts->n_terms++] =
                (struct sgeo_term){net->values[t].buffer->data, NULL, NULL};
        }
    }
}

enum sgeo_status sgeo_combine_forward(struct sgeo_network *net, size_t n)
{
    size_t relu = net->plan->nodes[n].relu_of;
    struct sgeo_affine_parts parts = no_parts(net);
    struct sgeo_buffer *zeros;
    gather_values(net, n, &parts);
    enum sgeo_status status = ensure_term(net, n, &parts, &zeros);
    bool store =
        net->plan->nodes[n].raw || relu == SGEO_NONE || parts.n_terms > SGEO_AFFINE_MAX_TERMS;
    if (status == SGEO_OK && store) {
        net->values[n].buffer = sgeo_network_take(net, n);
        status = net->values[n].buffer == NULL ? SGEO_IO : SGEO_OK;
    }
    if (status == SGEO_OK && relu != SGEO_NONE) {
        net->values[relu].buffer = sgeo_network_take(net, relu);
        status = net->values[relu].buffer == NULL ? SGEO_IO : SGEO_OK;
    }
    if (status == SGEO_OK) {
        affine_sum(net, n, store ? net->values[n].buffer->data : NULL,
                   relu == SGEO_NONE ? NULL : net->values[relu].buffer->data, &parts);
    }
    sgeo_buffer_drop(zeros);
    return status;
}

/* Tangents of the summands; a convolution's own value counts as a term too. */
static void gather_tangents(struct sgeo_network *net, size_t n, struct sgeo_affine_parts *parts)
{
    const struct sgeo_node *node = &net->graph->nodes[n];
    if (node->op == SGEO_OP_BATCHNORM) {
        sgeo_batchnorm_add_tangent(net, n, parts);
        return;
    }
    for (size_t i = 0; i < node->n_inputs; i++) {
        size_t t = sgeo_plan_source(net->plan, n, i);
        if (t == SGEO_NONE) {
            continue;
        }
        const struct sgeo_value *value = &net->values[t];
        if (net->plan->nodes[t].fused) {
            sgeo_batchnorm_add_tangent(net, t, parts);
            continue;
        }
        if (value->tangent.buffer != NULL) {
            parts->terms[parts->n_terms++] =
                (struct sgeo_term){value->tangent.buffer->data, NULL, NULL};
        }
        if (value->tangent.plus_value) {
            parts->terms[parts->n_terms++] = (struct sgeo_term){value->buffer->data, NULL, NULL};
        }
    }
}

/* The ReLU passes the tangent where it passed the value; over the same buffer when nothing reads
 * the ungated one. */
static enum sgeo_status gate_tangent(struct sgeo_network *net, size_t n, size_t relu)
{
    struct sgeo_buffer *src = net->values[n].tangent.buffer;
    struct sgeo_buffer *dst =
        net->plan->nodes[n].raw ? sgeo_network_take(net, relu) : sgeo_buffer_share(src);
    if (dst == NULL) {
        return SGEO_IO;
    }
    const void *gated[1] = {src->data};
    sgeo_network_tensors(net, n)->gated_sum(net->backend, dst->data, net->values[relu].buffer->data,
                                            gated, 1, NULL, 0, sgeo_layout_elems(&net->layouts[n]));
    net->values[relu].tangent.buffer = dst;
    if (!net->plan->nodes[n].raw) {
        sgeo_buffer_drop(src);
        net->values[n].tangent.buffer = NULL;
    }
    return SGEO_OK;
}

enum sgeo_status sgeo_combine_tangent(struct sgeo_network *net, size_t n)
{
    size_t relu = net->plan->nodes[n].relu_of;
    struct sgeo_affine_parts parts = no_parts(net);
    gather_tangents(net, n, &parts);
    if (parts.n_terms == 0) {
        return SGEO_OK;
    }
    struct sgeo_buffer *dst = sgeo_network_take(net, n);
    if (dst == NULL) {
        return SGEO_IO;
    }
    affine_sum(net, n, dst->data, NULL, &parts);
    net->values[n].tangent.buffer = dst;
    return relu == SGEO_NONE ? SGEO_OK : gate_tangent(net, n, relu);
}

static enum sgeo_status sum_backward(struct sgeo_network *net, size_t n)
{
    struct sgeo_buffer *d = NULL;
    enum sgeo_status status = sgeo_network_merge_gradient(net, n, &d);
    for (size_t i = 0; d != NULL && i < net->graph->nodes[n].n_inputs; i++) {
        size_t t = sgeo_plan_source(net->plan, n, i);
        if (sgeo_network_learns(net, t)) {
            sgeo_network_add_gradient(net, t, sgeo_buffer_share(d));
        }
    }
    sgeo_buffer_drop(d);
    return status;
}

const struct sgeo_op_functions sgeo_op_sum = {sgeo_combine_forward, sgeo_combine_tangent,
                                              sum_backward, NULL};
