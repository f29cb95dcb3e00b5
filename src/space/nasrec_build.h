/* The stand-alone network of a NASRec architecture. */
#ifndef SGEO_SPACE_NASREC_BUILD_H
#define SGEO_SPACE_NASREC_BUILD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "graph/embedding.h"
#include "graph/graph.h"
#include "space/nasrec.h"

enum { SGEO_NASREC_DIM = 16 }; /* of every embedding and row */

/* The features that a data set gives a NASRec network. */
struct sgeo_feature_layout sgeo_nasrec_features(size_t dense, size_t fields);

/*
 * The network of `arch` on features (its input as in graph/embedding.h), with a logit. layer_norm:
 * as supernets and search have it; the final models have none. Labels name what every operator and
 * block gives: block1.fc, block1.out_dense, block1.out_sparse, ... The caller owns *graph.
 * SGEO_USAGE for an architecture that is none, with the block.
 */
enum sgeo_status sgeo_nasrec_build(struct sgeo_graph **graph, const struct sgeo_nasrec_arch *arch,
                                   const struct sgeo_feature_layout *features, bool layer_norm);

#endif
