/* Tensors that the forward pass did not keep, made again for the backward of a node (plan_restore.c
 * says which): their values, and their tangents. */
#include "graph/network_ops.h"

static void drop(struct sgeo_network *net, size_t t)
{
    sgeo_value_drop_forward(&net->values[t]);
    sgeo_value_drop_tangent(&net->values[t]);
}

/* What was restored on the way: it stays with its tangent, or not at all. A gate that is read later
 * is restored again. */
static void release(struct sgeo_network *net, size_t n, size_t t)
{
    const struct sgeo_plan_node *p = &net->plan->nodes[t];
    bool is_read = p->read_back && p->last_backward <= n; /* by n or by a node below it */
    if (p->restored && !is_read) {
        drop(net, t);
    }
}

/* The pass of a combine once more. */
static enum sgeo_status combine_again(struct sgeo_network *net, size_t combine)
{
    size_t relu = net->plan->nodes[combine].relu_of;
    drop(net, combine);
    if (relu != SGEO_NONE) {
        drop(net, relu);
    }
    enum sgeo_status status = sgeo_combine_forward(net, combine);
    return status == SGEO_OK ? sgeo_combine_tangent(net, combine) : status;
}

/* Tensor t for the backward of node n, and before it the terms that are not there. */
static enum sgeo_status restore(struct sgeo_network *net, size_t n, size_t t)
{
    size_t combine = sgeo_plan_combine_of(net->plan, t);
    size_t relu = net->plan->nodes[combine].relu_of, n_terms = net->graph->nodes[combine].n_inputs;
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < n_terms; i++) {
        size_t term = sgeo_plan_term(net->plan, combine, i);
        if (term != SGEO_NONE && net->plan->nodes[term].restored &&
            net->values[term].buffer == NULL) {
            status = restore(net, n, term);
        }
    }
    status = status == SGEO_OK ? combine_again(net, combine) : status;
    for (size_t i = 0; i < n_terms; i++) {
        size_t term = sgeo_plan_term(net->plan, combine, i);
        if (term != SGEO_NONE) {
            release(net, n, term);
        }
    }
    if (t != combine) {
        release(net, n, combine);
    } else if (relu != SGEO_NONE) {
        release(net, n, relu);
    }
    return status;
}

/* Terms of tensor t that live until the backward of node n for its sake. */
static void retire(struct sgeo_network *net, size_t n, size_t t)
{
    size_t combine = sgeo_plan_combine_of(net->plan, t);
    for (size_t i = 0; i < net->graph->nodes[combine].n_inputs; i++) {
        size_t term = sgeo_plan_term(net->plan, combine, i);
        if (term == SGEO_NONE) {
            continue;
        }
        if (net->plan->nodes[term].restored) {
            retire(net, n, term);
        } else if (net->plan->nodes[term].last_backward == n) {
            sgeo_value_drop_forward(&net->values[term]);
        }
    }
}

void sgeo_network_retire_terms(struct sgeo_network *net, size_t n)
{
    size_t tensors[SGEO_PLAN_READS_MAX], count = sgeo_plan_backward_reads(tensors, net->plan, n);
    for (size_t i = 0; i < count; i++) {
        if (net->plan->nodes[tensors[i]].restored) {
            retire(net, n, tensors[i]);
        }
    }
}

enum sgeo_status sgeo_network_restore(struct sgeo_network *net, size_t n)
{
    size_t tensors[SGEO_PLAN_READS_MAX], count = sgeo_plan_backward_reads(tensors, net->plan, n);
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < count; i++) {
        size_t t = tensors[i];
        if (net->plan->nodes[t].restored && net->values[t].buffer == NULL) {
            status = restore(net, n, t);
        }
        if (net->plan->nodes[t].restored && !net->plan->nodes[t].read_back) {
            sgeo_value_drop_tangent(&net->values[t]);
        }
    }
    return status;
}
