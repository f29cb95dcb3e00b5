/*
 * DARTS cells, as NAS-Bench-301 and NASLib have them: two cell types, 4 nodes, 7 operations (spec
 * cv_spaces, section 3). Named nb301 on the command line, after the benchmark.
 */
#ifndef SGEO_SPACE_DARTS_H
#define SGEO_SPACE_DARTS_H

#include "space/space.h"

/* NASLib's numbers. */
enum sgeo_darts_op {
    SGEO_DARTS_MAXPOOL,
    SGEO_DARTS_AVGPOOL,
    SGEO_DARTS_SKIP,
    SGEO_DARTS_SEP3,
    SGEO_DARTS_SEP5,
    SGEO_DARTS_DIL3,
    SGEO_DARTS_DIL5
};

#define SGEO_DARTS_OPS   ((size_t)7)
#define SGEO_DARTS_NODES ((size_t)4)
#define SGEO_DARTS_EDGES ((size_t)8) /* of a cell: two a node */

/*
 * code[16 t + 2 e] is the source of edge e (0..7) of cell type t (0 normal, 1 reduction), the byte
 * behind it the operation. Edges 2n and 2n+1 enter node n; sources 0 and 1 are the outputs of the
 * cells before the last one and of the last one, source 2+i is node i. net.cells counts all cells;
 * with net.edge_affine the network is that of the benchmark's trainings (batch norms of operations
 * with scale and shift, none behind pools), without it NASLib's, which the proxies score (none with
 * them, one behind each pool).
 */
extern const struct sgeo_space sgeo_darts;

/* Operations by enum sgeo_darts_op: "max_pool_3x3", ... */
extern const char *const sgeo_darts_op_names[7];

static inline size_t sgeo_darts_source(const struct sgeo_arch *arch, bool reduction, size_t edge)
{
    return arch->code[2 * (SGEO_DARTS_EDGES * (reduction ? 1 : 0) + edge)];
}

static inline enum sgeo_darts_op sgeo_darts_op(const struct sgeo_arch *arch, bool reduction,
                                               size_t edge)
{
    return (enum sgeo_darts_op)arch->code[2 * (SGEO_DARTS_EDGES * (reduction ? 1 : 0) + edge) + 1];
}

/* Whether cell k of `cells` halves its maps: those at a third and at two thirds of the depth. */
bool sgeo_darts_is_reduction(size_t k, size_t cells);

#endif
