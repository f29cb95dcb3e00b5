/* NAS-Bench-101: cells of at most 7 vertices and 9 edges (spec cv_spaces, section 2). */
#ifndef SGEO_SPACE_NB101_H
#define SGEO_SPACE_NB101_H

#include "space/space.h"

/* Operations of interior vertices, numbered as in the text. */
enum sgeo_nb101_op { SGEO_NB101_CONV1, SGEO_NB101_CONV3, SGEO_NB101_MAXPOOL };

#define SGEO_NB101_OPS          ((size_t)3)
#define SGEO_NB101_VERTICES_MAX ((size_t)7)
#define SGEO_NB101_EDGES_MAX    ((size_t)9)  /* of a pruned cell */
#define SGEO_NB101_NUMBERS_MAX  ((size_t)56) /* of NASLib's tuple: 7 * 7 + 7 */

/*
 * Text: `ADJ:OPS`. ADJ is the upper triangle of the V x V adjacency matrix, row by row, one digit
 * an edge (V(V-1)/2 of them, V = 2..7); OPS one digit an interior vertex: 0 conv1x1, 1 conv3x3, 2
 * maxpool3x3. Cells need not be pruned: they are valid when a path leads from vertex 0 to vertex
 * V-1 and the pruned cell has at most 9 edges.
 *
 * code[0] is V, code[1..21] the digits of ADJ, code[22..26] those of OPS; the rest is 0.
 */
extern const struct sgeo_space sgeo_nb101;

/* A cell as a graph: vertex 0 is the input, the last one the output. */
struct sgeo_nb101_cell {
    size_t n_vertices;
    bool edges[7][7];     /* [from][to], from < to */
    unsigned char ops[7]; /* of interior vertices */
};

/* The cell as written, every vertex kept. */
void sgeo_nb101_cell(struct sgeo_nb101_cell *cell, const struct sgeo_arch *arch);

/*
 * Drop the vertices that the input does not reach or that do not reach the output; the others keep
 * their order. False, and *pruned untouched, when no path leads from input to output.
 */
bool sgeo_nb101_prune(struct sgeo_nb101_cell *pruned, const struct sgeo_nb101_cell *cell);

size_t sgeo_nb101_count_edges(const struct sgeo_nb101_cell *cell);

/*
 * Channels of every vertex (n_vertices) of a pruned cell in a module in -> out: vertices that feed
 * the output share `out` evenly, the first ones take what is left over; the others are as wide as
 * the widest vertex that they feed.
 */
void sgeo_nb101_channels(size_t channels[7], const struct sgeo_nb101_cell *pruned, size_t in,
                         size_t out);

/*
 * NASLib's tuple: the V x V matrix row by row, then an operation for every vertex: 0 input, 1
 * output, 2 maxpool3x3, 3 conv1x1, 4 conv3x3. SGEO_USAGE with the number's place when it is not of
 * this form or the cell is not valid.
 */
enum sgeo_status sgeo_nb101_from_naslib(struct sgeo_arch *arch, const unsigned char *numbers,
                                        size_t n);
/* The inverse; returns how many numbers there are. */
size_t sgeo_nb101_to_naslib(unsigned char numbers[56], const struct sgeo_arch *arch);

#endif
