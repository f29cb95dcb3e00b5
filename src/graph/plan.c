#include "graph/plan.h"

#include <assert.h>

#include "base/memory.h"
#include "graph/plan_parts.h"

void sgeo_plan_destroy(struct sgeo_plan *plan)
{
    if (plan == NULL) {
        return;
    }
    sgeo_free(plan->nodes);
    sgeo_free(plan);
}

static const struct sgeo_node *node_of(const struct sgeo_plan *plan, size_t n)
{
    return &plan->graph->nodes[n];
}

static void mark_needed(struct sgeo_plan *plan)
{
    const struct sgeo_graph *graph = plan->graph;
    plan->nodes[graph->output].needed = true;
    for (size_t n = graph->n_nodes; n-- > 0;) {
        plan->nodes[n].needed |= plan->options.keep_dead;
        for (size_t i = 0; plan->nodes[n].needed && i < graph->nodes[n].n_inputs; i++) {
            plan->nodes[sgeo_graph_source(graph, &graph->nodes[n], i)].needed = true;
        }
    }
}

static bool all_inputs_zero(const struct sgeo_plan *plan, const struct sgeo_node *node)
{
    for (size_t i = 0; i < node->n_inputs; i++) {
        if (!plan->nodes[sgeo_graph_source(plan->graph, node, i)].zero) {
            return false;
        }
    }
    return true;
}

/* A scale-and-shift batch norm turns zeros into its shift, a linear layer into its bias; everything
 * else keeps zeros. */
static bool is_zero(const struct sgeo_plan *plan, const struct sgeo_node *node)
{
    switch (node->op) {
    case SGEO_OP_ZERO:
        return true;
    case SGEO_OP_INPUT:
    case SGEO_OP_LINEAR:
    case SGEO_OP_ROW_LINEAR: /* from here on of networks on a matrix, which have no zeros */
    case SGEO_OP_LAYER_NORM:
    case SGEO_OP_PADDED_SUM:
    case SGEO_OP_GATE:
    case SGEO_OP_DOT:
    case SGEO_OP_FM:
    case SGEO_OP_ATTENTION:
    case SGEO_OP_ROW_PRODUCTS:
    case SGEO_OP_ROW_SUMS:
    case SGEO_OP_ROW_SLICE:
    case SGEO_OP_SCALE:
        return false;
    case SGEO_OP_BATCHNORM:
        return (node->weight == SGEO_NONE || plan->options.bypass_norms) &&
               all_inputs_zero(plan, node);
    case SGEO_OP_CONV:
    case SGEO_OP_RELU:
    case SGEO_OP_SUM:
    case SGEO_OP_CONCAT:
    case SGEO_OP_SLICE:
    case SGEO_OP_SUBSAMPLE:
    case SGEO_OP_AVGPOOL:
    case SGEO_OP_MAXPOOL:
    case SGEO_OP_GLOBAL_MEAN:
        break;
    }
    return all_inputs_zero(plan, node);
}

size_t sgeo_plan_source(const struct sgeo_plan *plan, size_t n, size_t i)
{
    size_t src = sgeo_graph_source(plan->graph, node_of(plan, n), i);
    return plan->nodes[src].zero ? SGEO_NONE : plan->nodes[src].rep;
}

/* The one tensor that a sum consists of, or SGEO_NONE. */
static size_t only_summand(const struct sgeo_plan *plan, size_t n)
{
    size_t only = SGEO_NONE;
    for (size_t i = 0; i < node_of(plan, n)->n_inputs; i++) {
        size_t src = sgeo_plan_source(plan, n, i);
        if (src != SGEO_NONE) {
            if (only != SGEO_NONE) {
                return SGEO_NONE;
            }
            only = src;
        }
    }
    return only;
}

static void represent(struct sgeo_plan *plan)
{
    for (size_t n = 0; n < plan->graph->n_nodes; n++) {
        struct sgeo_plan_node *p = &plan->nodes[n];
        p->zero = is_zero(plan, node_of(plan, n));
        p->rep = n;
        p->relu_of = SGEO_NONE;
        if (!p->needed || p->zero) {
            continue;
        }
        if (node_of(plan, n)->op == SGEO_OP_SUM) {
            size_t only = only_summand(plan, n);
            p->rep = only == SGEO_NONE ? n : only;
        } else if (node_of(plan, n)->op == SGEO_OP_BATCHNORM && plan->options.bypass_norms) {
            p->rep = sgeo_plan_source(plan, n, 0);
        } else if (node_of(plan, n)->op == SGEO_OP_RELU) {
            struct sgeo_plan_node *src = &plan->nodes[sgeo_plan_source(plan, n, 0)];
            if (src->relu_of == SGEO_NONE) {
                src->relu_of = n;
            }
            p->rep = src->relu_of;
        }
    }
}

bool sgeo_plan_runs(const struct sgeo_plan *plan, size_t n)
{
    const struct sgeo_plan_node *p = &plan->nodes[n];
    return p->needed && !p->zero && p->rep == n;
}

bool sgeo_plan_is_combine(const struct sgeo_plan *plan, size_t n)
{
    enum sgeo_op op = node_of(plan, n)->op;
    return op == SGEO_OP_SUM || (op == SGEO_OP_BATCHNORM && !plan->nodes[n].fused);
}

bool sgeo_plan_is_fused_relu(const struct sgeo_plan *plan, size_t n)
{
    if (node_of(plan, n)->op != SGEO_OP_RELU || plan->nodes[n].zero) {
        return false;
    }
    return sgeo_plan_is_combine(plan, sgeo_plan_source(plan, n, 0));
}

/* A linear layer that nothing but its ReLU reads hands that on at once: the executor rectifies what
 * it has in the cache, and the tangent and all gradients of the plain value are gated anyway. */
static bool is_rectified(const struct sgeo_plan *plan, size_t n, const size_t *readers)
{
    const struct sgeo_graph *graph = plan->graph;
    const struct sgeo_plan_node *p = &plan->nodes[n];
    bool shown = plan->options.store_all || plan->options.keep_outputs ||
                 plan->nodes[graph->output].rep == n ||
                 (graph->features != SGEO_NONE && plan->nodes[graph->features].rep == n);
    return node_of(plan, n)->op == SGEO_OP_LINEAR && node_of(plan, n)->bias != SGEO_NONE &&
           sgeo_plan_runs(plan, n) && p->relu_of != SGEO_NONE && readers[n] == 1 && !shown;
}

/* A batch norm is fused when its only reader is a sum; *readers and *reader were counted over all
 * edges. */
static void fuse(struct sgeo_plan *plan, size_t *readers, size_t *reader)
{
    for (size_t n = 0; n < plan->graph->n_nodes; n++) {
        for (size_t i = 0; sgeo_plan_runs(plan, n) && i < node_of(plan, n)->n_inputs; i++) {
            size_t src = sgeo_plan_source(plan, n, i);
            if (src != SGEO_NONE) {
                readers[src]++;
                reader[src] = n;
            }
        }
    }
    for (size_t n = 0; n < plan->graph->n_nodes; n++) {
        plan->nodes[n].raw = plan->options.store_all;
        plan->nodes[n].fused = !plan->options.store_all &&
                               node_of(plan, n)->op == SGEO_OP_BATCHNORM && readers[n] == 1 &&
                               node_of(plan, reader[n])->op == SGEO_OP_SUM;
        plan->nodes[n].rectified = is_rectified(plan, n, readers);
    }
}

/* Node n reads tensor t in the forward direction; a combine's ReLU does not read the plain value.
 */
static void note_forward_read(struct sgeo_plan *plan, size_t n, size_t t)
{
    struct sgeo_plan_node *p = &plan->nodes[t];
    if (sgeo_plan_is_fused_relu(plan, n)) {
        return;
    }
    if (p->fused) { /* the sum normalises the batch norm's source itself */
        size_t src = sgeo_plan_source(plan, t, 0);
        if (src != SGEO_NONE) {
            plan->nodes[src].last_forward = n;
        }
        return;
    }
    p->raw = true;
    p->last_forward = n;
}

static void note_reads(struct sgeo_plan *plan)
{
    for (size_t n = 0; n < plan->graph->n_nodes; n++) {
        plan->nodes[n].last_forward = SGEO_NONE;
        plan->nodes[n].last_backward = SGEO_NONE;
    }
    for (size_t n = 0; n < plan->graph->n_nodes; n++) {
        for (size_t i = 0; sgeo_plan_runs(plan, n) && i < node_of(plan, n)->n_inputs; i++) {
            size_t src = sgeo_plan_source(plan, n, i);
            if (src != SGEO_NONE) {
                note_forward_read(plan, n, src);
            }
        }
    }
}

/* Whether the backward of an op reads its i-th source. */
static bool reads_source(enum sgeo_op op, size_t i)
{
    switch (op) {
    case SGEO_OP_CONV:
    case SGEO_OP_BATCHNORM:
    case SGEO_OP_LINEAR:
    case SGEO_OP_ROW_LINEAR:
    case SGEO_OP_LAYER_NORM:
    case SGEO_OP_DOT:
    case SGEO_OP_FM:
    case SGEO_OP_ATTENTION:
    case SGEO_OP_ROW_PRODUCTS:
        return true;
    case SGEO_OP_GATE:
        return i == 1;
    case SGEO_OP_INPUT:
    case SGEO_OP_ZERO:
    case SGEO_OP_RELU:
    case SGEO_OP_SUM:
    case SGEO_OP_CONCAT:
    case SGEO_OP_SLICE:
    case SGEO_OP_SUBSAMPLE:
    case SGEO_OP_AVGPOOL:
    case SGEO_OP_MAXPOOL:
    case SGEO_OP_GLOBAL_MEAN:
    case SGEO_OP_PADDED_SUM:
    case SGEO_OP_ROW_SUMS:
    case SGEO_OP_ROW_SLICE:
    case SGEO_OP_SCALE:
        break;
    }
    return false;
}

/* Whether it reads the op's own result. */
static bool reads_result(const struct sgeo_plan *plan, size_t n)
{
    enum sgeo_op op = node_of(plan, n)->op;
    bool has_output = op == SGEO_OP_CONV || op == SGEO_OP_LINEAR;
    bool has_parameters = node_of(plan, n)->weight != SGEO_NONE;
    return (has_output && plan->options.keep_outputs) ||
           (has_parameters && plan->options.keep_all_outputs) || op == SGEO_OP_ATTENTION;
}

/* Whether a node is a part of the input whose gradient nobody wants. */
static bool is_unwanted_part(const struct sgeo_plan *plan, size_t n)
{
    const struct sgeo_node *node = node_of(plan, n);
    return node->op == SGEO_OP_SLICE &&
           node_of(plan, sgeo_graph_source(plan->graph, node, 0))->op == SGEO_OP_INPUT &&
           node->first_channel + node->channels <= plan->options.input_gradient_from;
}

static void note_learning(struct sgeo_plan *plan)
{
    for (size_t n = 0; n < plan->graph->n_nodes; n++) {
        struct sgeo_plan_node *p = &plan->nodes[n];
        const struct sgeo_node *node = node_of(plan, n);
        if (!sgeo_plan_runs(plan, n)) {
            continue;
        }
        p->learns = node->weight != SGEO_NONE ||
                    (node->op == SGEO_OP_INPUT && plan->options.input_gradient);
        for (size_t i = 0; i < node->n_inputs; i++) {
            size_t src = sgeo_plan_source(plan, n, i);
            p->learns |= src != SGEO_NONE && plan->nodes[src].learns;
        }
        p->learns = p->learns && !is_unwanted_part(plan, n);
    }
}

/* The tensor by whose sign the backward of node n gates, or SGEO_NONE. */
static size_t gate_of(const struct sgeo_plan *plan, size_t n)
{
    bool own = node_of(plan, n)->op == SGEO_OP_RELU && !sgeo_plan_is_fused_relu(plan, n);
    return own ? n : sgeo_plan_is_combine(plan, n) ? plan->nodes[n].relu_of : SGEO_NONE;
}

size_t sgeo_plan_backward_reads(size_t tensors[SGEO_PLAN_READS_MAX], const struct sgeo_plan *plan,
                                size_t n)
{
    const struct sgeo_node *node = node_of(plan, n);
    size_t count = 0, gate = gate_of(plan, n);
    if (!sgeo_plan_runs(plan, n) || !plan->nodes[n].learns) {
        return 0;
    }
    if (gate != SGEO_NONE) {
        tensors[count++] = gate;
    }
    if (reads_result(plan, n)) {
        tensors[count++] = n;
    }
    for (size_t i = 0; i < node->n_inputs; i++) {
        size_t src = sgeo_plan_source(plan, n, i);
        if (src != SGEO_NONE && reads_source(node->op, i)) {
            assert(count < SGEO_PLAN_READS_MAX);
            tensors[count++] = src;
        }
    }
    return count;
}

/* Backward runs from the last node to the first, so the smallest reader reads last. */
static void note_backward_reads(struct sgeo_plan *plan)
{
    size_t tensors[SGEO_PLAN_READS_MAX];
    for (size_t n = 0; n < plan->graph->n_nodes; n++) {
        size_t count = sgeo_plan_backward_reads(tensors, plan, n);
        for (size_t i = 0; i < count; i++) {
            struct sgeo_plan_node *read = &plan->nodes[tensors[i]];
            read->last_backward = read->last_backward == SGEO_NONE ? n : read->last_backward;
            read->read_back |= tensors[i] != gate_of(plan, n);
        }
    }
}

enum sgeo_status sgeo_plan_create(struct sgeo_plan **out, const struct sgeo_graph *graph,
                                  const struct sgeo_plan_options *options)
{
    struct sgeo_plan *plan = sgeo_calloc(1, sizeof *plan);
    size_t *readers = sgeo_calloc(graph->n_nodes, sizeof *readers);
    size_t *reader = sgeo_calloc(graph->n_nodes, sizeof *reader);
    enum sgeo_status status = SGEO_OK;
    if (plan != NULL) {
        plan->graph = graph;
        plan->options = *options;
        plan->nodes = sgeo_calloc(graph->n_nodes, sizeof *plan->nodes);
    }
    if (plan == NULL || plan->nodes == NULL || readers == NULL || reader == NULL) {
        sgeo_plan_destroy(plan);
        status = sgeo_fail_memory("network plan");
    } else {
        mark_needed(plan);
        represent(plan);
        fuse(plan, readers, reader);
        note_reads(plan);
        note_learning(plan);
        note_backward_reads(plan);
        if (plan->options.restore) {
            sgeo_plan_restore(plan);
        }
        *out = plan;
    }
    sgeo_free(readers);
    sgeo_free(reader);
    return status;
}
