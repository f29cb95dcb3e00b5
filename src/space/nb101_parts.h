/* Inside of the nb101 space, shared by nb101.c (codes), nb101_cell.c and nb101_build.c. */
#ifndef SGEO_SPACE_NB101_PARTS_H
#define SGEO_SPACE_NB101_PARTS_H

#include "space/nb101.h"

/* Where the parts of a code start. */
#define SGEO_NB101_CODE_ADJ ((size_t)1)
#define SGEO_NB101_CODE_OPS ((size_t)22)

/* SGEO_USAGE with the reason unless the code is a cell of the space. */
enum sgeo_status sgeo_nb101_check(const struct sgeo_arch *arch);

/* The `build` and `build_supernet` of sgeo_nb101. */
enum sgeo_status sgeo_nb101_build(struct sgeo_graph **graph, const struct sgeo_arch *arch,
                                  const struct sgeo_net_config *config);
enum sgeo_status sgeo_nb101_build_supernet(struct sgeo_graph **graph,
                                           const struct sgeo_net_config *config);

#endif
