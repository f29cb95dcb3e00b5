/* NAS-Bench-201: 4 nodes, 6 edges, 5 operations (spec cv_spaces, section 1). */
#ifndef SGEO_SPACE_NB201_H
#define SGEO_SPACE_NB201_H

#include "space/space.h"

enum sgeo_nb201_op {
    SGEO_NB201_NONE,
    SGEO_NB201_SKIP,
    SGEO_NB201_CONV1,
    SGEO_NB201_CONV3,
    SGEO_NB201_AVGPOOL
};

#define SGEO_NB201_EDGES ((size_t)6)
#define SGEO_NB201_CELLS ((size_t)15625)

/* code[e] of edges 0->1, 0->2, 1->2, 0->3, 1->3, 2->3 (the order of the string). */
extern const struct sgeo_space sgeo_nb201;

/* The i-th of all 15,625 architectures: code as a number in base 5, edge 0 most significant. */
void sgeo_nb201_enumerate(struct sgeo_arch *arch, size_t i);
size_t sgeo_nb201_index(const struct sgeo_arch *arch);

/*
 * NASLib's integers: edges 0-1, 0-2, 0-3, 1-2, 1-3, 2-3; 0 skip, 1 none, 2 conv3x3, 3 conv1x1,
 * 4 avgpool. SGEO_USAGE on another digit.
 */
enum sgeo_status sgeo_nb201_from_naslib(struct sgeo_arch *arch, const unsigned char digits[6]);
void sgeo_nb201_to_naslib(unsigned char digits[6], const struct sgeo_arch *arch);

/* Whether operations other than `none` lead from node 0 to node 3 (in 341 cells none do). */
bool sgeo_nb201_has_path(const struct sgeo_arch *arch);

/*
 * Canonical text of the network that a cell computes at random initialisation, as zico sees it:
 * two cells with equal text get the same network up to relabelling. Merged are
 *   - skips: a skip stands for the summands of its source, sums are flattened and unordered;
 *   - `none`, and whatever is fed by zeros only (convolutions and pools of zeros are zeros at
 *     scale 1, shift 0, and their weights get no gradient);
 *   - operations that do not reach the output (no gradient);
 *   - the two interior nodes where they do not depend on each other.
 * Kept apart are one convolution read twice and two convolutions of the same input: the operation
 * of edge 0-1, the only one that two edges can read, is written `shared:` when both reach node 3.
 * 5,260 distinct texts over the space; a cell without path from 0 to 3 has "zero".
 * Not for params, synflow, zen or anything that takes a training step: those see the dropped parts.
 */
void sgeo_nb201_canonical(char text[SGEO_ARCH_TEXT_MAX], const struct sgeo_arch *arch);

/*
 * The benchmark's own isomorphism string, which counts 6,466 unique cells: node 3 unrolled into a
 * tree of `(source)@op`, summands sorted, a skip replaced by its source's string, `none` and an
 * operation on "#" written "#". It is both finer and coarser than sgeo_nb201_canonical: zeros stay
 * as summands, a node that sums several zeros is not recognised as zero and sums under a skip are
 * not flattened (688 networks have several strings), but a convolution read twice looks like two
 * (430 strings stand for several networks): do not merge scores by it.
 * Source: the NAS-Bench-201 paper, section 2.1, and its public code's unique string with zeros
 * considered.
 */
void sgeo_nb201_isomorphism(char text[SGEO_ARCH_TEXT_MAX], const struct sgeo_arch *arch);

/* The benchmark's own FLOPs: multiply-accumulates plus the classifier's bias. */
size_t sgeo_nb201_benchmark_flops(const struct sgeo_counts *counts,
                                  const struct sgeo_net_config *config);

#endif
