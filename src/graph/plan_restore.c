/*
 * Which tensors the backward pass computes again rather than finds kept. A combine is one
 * elementwise pass, so what it makes of tensors that are there anyway (the outputs of convolutions,
 * which batch norms read) costs little to make twice. For curvature, which keeps tangents as well.
 */
#include "graph/plan_parts.h"

size_t sgeo_plan_combine_of(const struct sgeo_plan *plan, size_t t)
{
    size_t combine = sgeo_plan_is_fused_relu(plan, t) ? sgeo_plan_source(plan, t, 0) : t;
    return sgeo_plan_runs(plan, combine) && sgeo_plan_is_combine(plan, combine) ? combine
                                                                                : SGEO_NONE;
}

size_t sgeo_plan_term(const struct sgeo_plan *plan, size_t combine, size_t i)
{
    size_t t = sgeo_plan_source(plan, combine, i);
    return t != SGEO_NONE && plan->nodes[t].fused ? sgeo_plan_source(plan, t, 0) : t;
}

/* Whether a term is there for a restoration: kept, or in one step what a batch norm makes of a kept
 * tensor. Not through sums of sums, which would bring back a whole chain at once. */
static bool is_at_hand(const struct sgeo_plan *plan, size_t term)
{
    return plan->nodes[term].restored
               ? plan->graph->nodes[sgeo_plan_combine_of(plan, term)].op == SGEO_OP_BATCHNORM
               : plan->nodes[term].read_back;
}

/* Whether all terms of tensor t's combine are. */
static bool can_be_restored(const struct sgeo_plan *plan, size_t t)
{
    size_t combine = sgeo_plan_combine_of(plan, t);
    if (combine == SGEO_NONE) {
        return false;
    }
    for (size_t i = 0; i < plan->graph->nodes[combine].n_inputs; i++) {
        size_t term = sgeo_plan_term(plan, combine, i);
        if (term != SGEO_NONE && !is_at_hand(plan, term)) {
            return false;
        }
    }
    return true;
}

/* Tensor t is restored for the backward of node n: what that reads has to live until then. */
static void note_terms(struct sgeo_plan *plan, size_t n, size_t t)
{
    size_t combine = sgeo_plan_combine_of(plan, t);
    for (size_t i = 0; i < plan->graph->nodes[combine].n_inputs; i++) {
        size_t term = sgeo_plan_term(plan, combine, i);
        if (term == SGEO_NONE) {
            continue;
        }
        if (plan->nodes[term].restored) {
            note_terms(plan, n, term);
        } else if (n < plan->nodes[term].last_backward) {
            plan->nodes[term].last_backward = n;
        }
    }
}

void sgeo_plan_restore(struct sgeo_plan *plan)
{
    size_t tensors[SGEO_PLAN_READS_MAX];
    for (size_t t = 0; t < plan->graph->n_nodes; t++) {
        const struct sgeo_plan_node *p = &plan->nodes[t];
        plan->nodes[t].restored = p->needed && !p->zero && p->rep == t && can_be_restored(plan, t);
    }
    for (size_t n = 0; n < plan->graph->n_nodes; n++) {
        size_t count = sgeo_plan_backward_reads(tensors, plan, n);
        for (size_t i = 0; i < count; i++) {
            if (plan->nodes[tensors[i]].restored) {
                note_terms(plan, n, tensors[i]);
            }
        }
    }
}
