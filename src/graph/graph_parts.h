/*
 * Inside of the graph's builders: graph.c has the layers of image networks and what all builders
 * share, graph_rows.c those of recommender models.
 */
#ifndef SGEO_GRAPH_GRAPH_PARTS_H
#define SGEO_GRAPH_GRAPH_PARTS_H

#include "graph/graph.h"

/* Keep the first error. */
void sgeo_graph_stick(struct sgeo_graph *graph, enum sgeo_status status);

/* Append a node shaped like its first source; NULL once an error stuck. */
struct sgeo_node *sgeo_graph_push_node(struct sgeo_graph *graph, enum sgeo_op op,
                                       const size_t *srcs, size_t n_srcs);

/* Handle of a node just appended; 0 once an error stuck. */
size_t sgeo_graph_handle(const struct sgeo_graph *graph, const struct sgeo_node *node);

/* Add a parameter tensor of the newest node and return its index. */
size_t sgeo_graph_push_segment(struct sgeo_graph *graph, const char *name,
                               enum sgeo_segment_kind kind, size_t count, size_t fan_in);

/* Weight (out,in) and bias (out) of the newest node. */
void sgeo_graph_push_linear_segments(struct sgeo_graph *graph, struct sgeo_node *node,
                                     const char *name, size_t in, struct sgeo_linear_shape shape);

#endif
