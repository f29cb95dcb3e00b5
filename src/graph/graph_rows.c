/* Builders of the layers of recommender models: plain matrices (N,C), read as C/dim rows of dim
 * numbers where a layer says so. */
#include "graph/graph_parts.h"

size_t sgeo_graph_matrix_input(struct sgeo_graph *graph, size_t width)
{
    size_t input = sgeo_graph_input(graph, width, 1, 1);
    if (graph->status == SGEO_OK) {
        graph->nodes[input].is_matrix = true;
    }
    return input;
}

/* Rows of `dim` numbers that node n is made of; 0 with the error stuck when it is not. */
static size_t rows_of(struct sgeo_graph *graph, size_t n, size_t dim)
{
    size_t channels = n < graph->n_nodes ? graph->nodes[n].channels : 0;
    if (graph->status == SGEO_OK && (dim == 0 || channels == 0 || channels % dim != 0)) {
        sgeo_graph_stick(graph, sgeo_fail(SGEO_USAGE, NULL,
                                          "graph node %zu: %zu numbers are no rows of %zu", n,
                                          channels, dim));
    }
    return graph->status == SGEO_OK ? channels / dim : 0;
}

/* Append a matrix of `channels` columns; NULL once an error stuck. */
static struct sgeo_node *push_matrix(struct sgeo_graph *graph, enum sgeo_op op, const size_t *srcs,
                                     size_t n_srcs, size_t channels)
{
    struct sgeo_node *node = sgeo_graph_push_node(graph, op, srcs, n_srcs);
    if (node != NULL) {
        node->channels = channels;
    }
    return node;
}

size_t sgeo_graph_project(struct sgeo_graph *graph, size_t src, const char *name, size_t dim,
                          struct sgeo_linear_shape shape)
{
    size_t rows = rows_of(graph, src, dim);
    struct sgeo_node *node = push_matrix(graph, SGEO_OP_LINEAR, &src, 1, rows * shape.out);
    if (node != NULL) {
        sgeo_graph_push_linear_segments(graph, node, name, dim, shape);
    }
    return sgeo_graph_handle(graph, node);
}

size_t sgeo_graph_row_linear(struct sgeo_graph *graph, size_t src, const char *name, size_t dim,
                             struct sgeo_linear_shape shape)
{
    size_t rows = rows_of(graph, src, dim);
    struct sgeo_node *node = push_matrix(graph, SGEO_OP_ROW_LINEAR, &src, 1, shape.out * dim);
    if (node != NULL) {
        node->dim = dim;
        sgeo_graph_push_linear_segments(graph, node, name, rows, shape);
    }
    return sgeo_graph_handle(graph, node);
}

static size_t layer_norm(struct sgeo_graph *graph, size_t src, const char *name, size_t dim,
                         double gamma, bool over_rows)
{
    size_t rows = rows_of(graph, src, dim);
    struct sgeo_node *node = push_matrix(graph, SGEO_OP_LAYER_NORM, &src, 1, rows * dim);
    if (node != NULL) {
        size_t width = over_rows ? rows : dim;
        node->dim = dim;
        node->over_rows = over_rows;
        node->weight = sgeo_graph_push_segment(graph, name, SGEO_SEGMENT_GAMMA, width, 1);
        if (node->weight != SGEO_NONE) {
            graph->segments[node->weight].start = gamma;
        }
        node->bias = sgeo_graph_push_segment(graph, name, SGEO_SEGMENT_BETA, width, 1);
    }
    return sgeo_graph_handle(graph, node);
}

size_t sgeo_graph_layer_norm(struct sgeo_graph *graph, size_t src, const char *name, size_t dim,
                             double gamma)
{
    return layer_norm(graph, src, name, dim, gamma, false);
}

size_t sgeo_graph_row_norm(struct sgeo_graph *graph, size_t src, const char *name, size_t dim)
{
    return layer_norm(graph, src, name, dim, 1.0, true);
}

size_t sgeo_graph_padded_sum(struct sgeo_graph *graph, const size_t *srcs, size_t n, size_t width)
{
    if (n == 0 || n > SGEO_SUM_MAX) {
        sgeo_graph_stick(graph, sgeo_fail(SGEO_USAGE, NULL, "a padded sum of %zu tensors", n));
        return 0;
    }
    struct sgeo_node *node = push_matrix(graph, SGEO_OP_PADDED_SUM, srcs, n, width);
    for (size_t i = 0; node != NULL && i < n; i++) {
        if (graph->nodes[srcs[i]].channels > width) {
            sgeo_graph_stick(graph, sgeo_fail(SGEO_USAGE, NULL,
                                              "graph node %zu has %zu columns, more than a sum of "
                                              "%zu",
                                              srcs[i], graph->nodes[srcs[i]].channels, width));
        }
    }
    return sgeo_graph_handle(graph, node);
}

size_t sgeo_graph_gate(struct sgeo_graph *graph, size_t logits, size_t src)
{
    const size_t srcs[2] = {logits, src};
    struct sgeo_node *node = sgeo_graph_push_node(graph, SGEO_OP_GATE, srcs, 2);
    if (node != NULL && graph->nodes[src].channels > node->channels) {
        sgeo_graph_stick(graph,
                         sgeo_fail(SGEO_USAGE, NULL,
                                   "graph node %zu has %zu columns, more than its gate's %zu", src,
                                   graph->nodes[src].channels, node->channels));
    }
    return sgeo_graph_handle(graph, node);
}

size_t sgeo_graph_dot(struct sgeo_graph *graph, size_t src, size_t dim)
{
    size_t rows = rows_of(graph, src, dim);
    if (graph->status == SGEO_OK && rows < 2) {
        sgeo_graph_stick(graph,
                         sgeo_fail(SGEO_USAGE, NULL, "graph node %zu is one row, no pair", src));
    }
    struct sgeo_node *node = push_matrix(graph, SGEO_OP_DOT, &src, 1, sgeo_pairs(rows));
    if (node != NULL) {
        node->dim = dim;
    }
    return sgeo_graph_handle(graph, node);
}

size_t sgeo_graph_fm(struct sgeo_graph *graph, size_t src, size_t dim, double factor)
{
    rows_of(graph, src, dim);
    struct sgeo_node *node = push_matrix(graph, SGEO_OP_FM, &src, 1, dim);
    if (node != NULL) {
        node->dim = dim;
        node->factor = factor;
    }
    return sgeo_graph_handle(graph, node);
}

size_t sgeo_graph_attention(struct sgeo_graph *graph, const size_t sources[3], size_t heads,
                            size_t head_dim)
{
    size_t rows = rows_of(graph, sources[0], heads * head_dim);
    if (head_dim > SGEO_ATTENTION_MAX_HEAD_DIM) {
        sgeo_graph_stick(graph,
                         sgeo_fail(SGEO_USAGE, NULL, "attention heads of %zu columns", head_dim));
    }
    struct sgeo_node *node =
        push_matrix(graph, SGEO_OP_ATTENTION, sources, 3, rows * heads * head_dim);
    for (size_t i = 1; node != NULL && i < 3; i++) {
        if (graph->nodes[sources[i]].channels != node->channels) {
            sgeo_graph_stick(graph,
                             sgeo_fail(SGEO_USAGE, NULL,
                                       "attention over tensors of different shape (nodes %zu "
                                       "and %zu)",
                                       sources[0], sources[i]));
        }
    }
    if (node != NULL) {
        node->dim = heads * head_dim;
        node->heads = heads;
    }
    return sgeo_graph_handle(graph, node);
}

size_t sgeo_graph_row_products(struct sgeo_graph *graph, size_t left, size_t right, size_t dim)
{
    const size_t srcs[2] = {left, right};
    size_t rows = rows_of(graph, left, dim) * rows_of(graph, right, dim);
    struct sgeo_node *node = push_matrix(graph, SGEO_OP_ROW_PRODUCTS, srcs, 2, rows * dim);
    if (node != NULL) {
        node->dim = dim;
    }
    return sgeo_graph_handle(graph, node);
}

size_t sgeo_graph_row_sums(struct sgeo_graph *graph, size_t src, size_t dim)
{
    size_t rows = rows_of(graph, src, dim);
    struct sgeo_node *node = push_matrix(graph, SGEO_OP_ROW_SUMS, &src, 1, rows);
    if (node != NULL) {
        node->dim = dim;
    }
    return sgeo_graph_handle(graph, node);
}

size_t sgeo_graph_row_slice(struct sgeo_graph *graph, size_t src, size_t dim, size_t first,
                            size_t count)
{
    size_t rows = rows_of(graph, src, dim);
    if (graph->status == SGEO_OK && (count == 0 || count > dim || first > dim - count)) {
        sgeo_graph_stick(graph, sgeo_fail(SGEO_USAGE, NULL, "slice of columns %zu..%zu from %zu",
                                          first, first + count, dim));
    }
    struct sgeo_node *node = push_matrix(graph, SGEO_OP_ROW_SLICE, &src, 1, rows * count);
    if (node != NULL) {
        node->dim = dim;
        node->first_channel = first;
    }
    return sgeo_graph_handle(graph, node);
}

size_t sgeo_graph_scale(struct sgeo_graph *graph, size_t src, double factor)
{
    struct sgeo_node *node = sgeo_graph_push_node(graph, SGEO_OP_SCALE, &src, 1);
    if (node != NULL) {
        node->factor = factor;
    }
    return sgeo_graph_handle(graph, node);
}
