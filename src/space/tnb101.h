/*
 * TransNAS-Bench-101, micro space: 4 nodes, 6 edges, 4 operations, around them the macro network
 * 64-41414 (spec cv_spaces, section 4). Text: 64-41414-A_BC_DEF, digits as enum sgeo_tnb101_op.
 */
#ifndef SGEO_SPACE_TNB101_H
#define SGEO_SPACE_TNB101_H

#include "space/space.h"

enum sgeo_tnb101_op { SGEO_TNB101_NONE, SGEO_TNB101_SKIP, SGEO_TNB101_CONV1, SGEO_TNB101_CONV3 };

#define SGEO_TNB101_EDGES ((size_t)6)
#define SGEO_TNB101_CELLS ((size_t)4096)

/* Added to the probabilities inside the loss's logarithm (spec of the proxies, section 1). */
#define SGEO_TNB101_LOG_OFFSET 1e-5

/*
 * code[e] of edges 0->1, 0->2, 1->2, 0->3, 1->3, 2->3 (the order of the text). config->channels are
 * those behind the stem, config->cells the cells of each of the five modules.
 */
extern const struct sgeo_space sgeo_tnb101;

/* The i-th of all 4,096 architectures: code as a number in base 4, edge 0 most significant. */
void sgeo_tnb101_enumerate(struct sgeo_arch *arch, size_t i);
size_t sgeo_tnb101_index(const struct sgeo_arch *arch);

/* Whether operations other than `none` lead from node 0 to node 3 (in 169 cells none do). */
bool sgeo_tnb101_has_path(const struct sgeo_arch *arch);

#endif
