/* Inside of the tnb101 space, shared by tnb101.c (codes) and tnb101_build.c (networks). */
#ifndef SGEO_SPACE_TNB101_PARTS_H
#define SGEO_SPACE_TNB101_PARTS_H

#include "space/tnb101.h"

#define SGEO_TNB101_OPS   ((size_t)4)
#define SGEO_TNB101_NODES ((size_t)4)

/* An edge of the cell, from node `source` to node `target`; sgeo_tnb101_edges is in the text's
 * order, sorted by target. */
struct sgeo_tnb101_edge {
    size_t source, target;
};

extern const struct sgeo_tnb101_edge sgeo_tnb101_edges[6];

/* The `build` and `build_supernet` of sgeo_tnb101. */
enum sgeo_status sgeo_tnb101_build(struct sgeo_graph **graph, const struct sgeo_arch *arch,
                                   const struct sgeo_net_config *config);
enum sgeo_status sgeo_tnb101_build_supernet(struct sgeo_graph **graph,
                                            const struct sgeo_net_config *config);

#endif
