/*
 * Parameters, multiply-accumulates and tensorwatch's "FLOPs" of a graph. Source: golden record
 * fields `params`, `macs`, `tensorwatch_mflops`; spec of the proxies, section 1.1 (#params, FLOPs).
 */
#include "graph/graph.h"

/* Numbers of a weight matrix's row. */
static size_t fan_in_of(const struct sgeo_graph *graph, const struct sgeo_node *node)
{
    return graph->segments[node->weight].fan_in;
}

/*
 * Multiply-accumulates of one node: a convolution or linear layer takes fan_in for each number of
 * its result, attention twice dim for each pair of rows, and dot products dim for each, the whole
 * square that the reference multiplies (spec nasrec, section 3).
 */
static size_t node_macs(const struct sgeo_graph *graph, const struct sgeo_node *node)
{
    size_t elements = sgeo_node_elems(node);
    switch (node->op) {
    case SGEO_OP_CONV:
    case SGEO_OP_LINEAR:
    case SGEO_OP_ROW_LINEAR:
        return fan_in_of(graph, node) * elements;
    case SGEO_OP_DOT: {
        size_t width = sgeo_node_elems(&graph->nodes[sgeo_graph_source(graph, node, 0)]);
        return width * (width / node->dim);
    }
    case SGEO_OP_ATTENTION:
        return 2 * elements * (elements / node->dim);
    case SGEO_OP_INPUT:
    case SGEO_OP_ZERO:
    case SGEO_OP_BATCHNORM:
    case SGEO_OP_RELU:
    case SGEO_OP_SUM:
    case SGEO_OP_CONCAT:
    case SGEO_OP_SLICE:
    case SGEO_OP_SUBSAMPLE:
    case SGEO_OP_AVGPOOL:
    case SGEO_OP_MAXPOOL:
    case SGEO_OP_GLOBAL_MEAN:
    case SGEO_OP_LAYER_NORM:
    case SGEO_OP_PADDED_SUM:
    case SGEO_OP_GATE:
    case SGEO_OP_FM:
    case SGEO_OP_ROW_PRODUCTS:
    case SGEO_OP_ROW_SUMS:
    case SGEO_OP_ROW_SLICE:
    case SGEO_OP_SCALE:
        break;
    }
    return 0;
}

/* What tensorwatch adds for the other modules; sums, concatenations and `none` cost nothing there.
 */
static size_t tensorwatch_extra(const struct sgeo_graph *graph, const struct sgeo_node *node)
{
    size_t elements = sgeo_node_elems(node);
    const struct sgeo_node *src =
        node->n_inputs > 0 ? &graph->nodes[sgeo_graph_source(graph, node, 0)] : NULL;
    switch (node->op) {
    case SGEO_OP_BATCHNORM:
        return node->weight == SGEO_NONE ? elements : 2 * elements;
    case SGEO_OP_RELU:
        return elements;
    case SGEO_OP_AVGPOOL:
    case SGEO_OP_MAXPOOL:
        return elements * node->window.kernel * node->window.kernel;
    case SGEO_OP_GLOBAL_MEAN: /* its adaptive pool's window is one too large in both directions */
        return node->is_function ? 0 : src->channels * (src->height + 1) * (src->width + 1);
    case SGEO_OP_INPUT:
    case SGEO_OP_ZERO:
    case SGEO_OP_CONV:
    case SGEO_OP_SUM:
    case SGEO_OP_CONCAT:
    case SGEO_OP_SLICE:
    case SGEO_OP_SUBSAMPLE:
    case SGEO_OP_LINEAR:
    case SGEO_OP_ROW_LINEAR:
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
        break;
    }
    return 0;
}

/* The same where a global mean costs what it reads, in whatever form the reference writes it. */
static size_t plain_extra(const struct sgeo_graph *graph, const struct sgeo_node *node)
{
    return node->op == SGEO_OP_GLOBAL_MEAN
               ? sgeo_node_elems(&graph->nodes[sgeo_graph_source(graph, node, 0)])
               : tensorwatch_extra(graph, node);
}

void sgeo_graph_count(struct sgeo_counts *counts, const struct sgeo_graph *graph)
{
    *counts = (struct sgeo_counts){0};
    for (size_t i = 0; i < graph->n_segments; i++) {
        counts->params += graph->segments[i].count;
    }
    for (size_t i = 0; i < graph->n_nodes; i++) {
        size_t macs = node_macs(graph, &graph->nodes[i]);
        counts->macs += macs;
        counts->tensorwatch_flops += macs + tensorwatch_extra(graph, &graph->nodes[i]);
        counts->flops += macs + plain_extra(graph, &graph->nodes[i]);
    }
}
