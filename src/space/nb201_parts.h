/* Inside of the nb201 space, shared by nb201.c (codes), nb201_build.c and nb201_canonical.c. */
#ifndef SGEO_SPACE_NB201_PARTS_H
#define SGEO_SPACE_NB201_PARTS_H

#include "space/nb201.h"

#define SGEO_NB201_OPS   ((size_t)5)
#define SGEO_NB201_NODES ((size_t)4)

/* An edge of the cell, from node `source` to node `target`; sgeo_nb201_edges is in the string's
 * order. */
struct sgeo_nb201_edge {
    size_t source, target;
};

extern const struct sgeo_nb201_edge sgeo_nb201_edges[6];

/* Operations by enum sgeo_nb201_op, spelled as in the string. */
extern const char *const sgeo_nb201_op_names[5];

/* The `build` and `build_supernet` of sgeo_nb201. */
enum sgeo_status sgeo_nb201_build(struct sgeo_graph **graph, const struct sgeo_arch *arch,
                                  const struct sgeo_net_config *config);
enum sgeo_status sgeo_nb201_build_supernet(struct sgeo_graph **graph,
                                           const struct sgeo_net_config *config);

#endif
