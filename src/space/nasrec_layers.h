/* What the builders of NASRec networks share: layers of a block under its module names, and the
 * checks of what is built (spec nasrec, section 1.2). */
#ifndef SGEO_SPACE_NASREC_LAYERS_H
#define SGEO_SPACE_NASREC_LAYERS_H

#include <stddef.h>

#include "graph/graph.h"
#include "space/nasrec_build.h"

enum {
    SGEO_NASREC_MERGED_ROWS = 8, /* appended where a dense tensor is merged into a sparse one */
    SGEO_NASREC_MERGED_WIDTH = SGEO_NASREC_MERGED_ROWS * SGEO_NASREC_DIM
};

/* Where layers are added. */
struct sgeo_nasrec_site {
    struct sgeo_graph *graph;
    size_t block; /* 1..7 */
};

/* Columns of a node, and its rows; 0 once an error stuck. */
size_t sgeo_nasrec_width(const struct sgeo_nasrec_site *site, size_t node);
size_t sgeo_nasrec_rows(const struct sgeo_nasrec_site *site, size_t node);

/* "block3." and the part, as the label of a tensor; the node again. */
size_t sgeo_nasrec_label(const struct sgeo_nasrec_site *site, size_t node, const char *part);

/* Of module "block3." and the part: linear layers on a dense tensor, along the rows of a sparse
 * one and on each of its rows; layer norms of a dense tensor, and over the rows of a sparse one. */
size_t sgeo_nasrec_linear(const struct sgeo_nasrec_site *site, size_t src, const char *part,
                          struct sgeo_linear_shape shape);
size_t sgeo_nasrec_row_linear(const struct sgeo_nasrec_site *site, size_t src, const char *part,
                              struct sgeo_linear_shape shape);
size_t sgeo_nasrec_norm(const struct sgeo_nasrec_site *site, size_t src, const char *part);
size_t sgeo_nasrec_row_norm(const struct sgeo_nasrec_site *site, size_t src, const char *part);

/* Self-attention over the rows of x and the feed-forward layers, both with residuals, for the first
 * `kept` rows: (n,16) -> (kept,16). */
size_t sgeo_nasrec_attend(const struct sgeo_nasrec_site *site, size_t x, size_t kept);

/* Rows that a dot product of about `dim` pairs has besides the dense one: round(sqrt(2 dim)). */
size_t sgeo_nasrec_balanced_rows(size_t dim);

/* First `count` columns of a tensor; the tensor itself when it has no more. */
size_t sgeo_nasrec_first(const struct sgeo_nasrec_site *site, size_t src, size_t count);

/* SGEO_USAGE for an architecture that is none, with the block, or features that are none. */
enum sgeo_status sgeo_nasrec_check(const struct sgeo_nasrec_arch *arch,
                                   const struct sgeo_feature_layout *features);

/* A graph that starts from the features, and the raw dense and sparse tensors; NULL without memory.
 */
struct sgeo_graph *sgeo_nasrec_begin(const struct sgeo_feature_layout *features, size_t raw[2]);

#endif
