/* Inside of the nb301 space, shared by darts.c (codes) and darts_build.c. */
#ifndef SGEO_SPACE_DARTS_PARTS_H
#define SGEO_SPACE_DARTS_PARTS_H

#include "space/darts.h"

/* The `build` and `build_supernet` of sgeo_darts. */
enum sgeo_status sgeo_darts_build(struct sgeo_graph **graph, const struct sgeo_arch *arch,
                                  const struct sgeo_net_config *config);
enum sgeo_status sgeo_darts_build_supernet(struct sgeo_graph **graph,
                                           const struct sgeo_net_config *config);

#endif
