/*
 * The weight-sharing supernet of NASRec (spec nasrec, section 1.3): all operators of all blocks, as
 * wide as they get, on all that is before them. A path runs some of them in one of two forms, with
 * the same numbers:
 *
 *   masked   what the authors publish, literally: all tensors at full width, inputs that are not
 *            chosen are zeros, outputs times a 0/1 prefix mask. Runs on the supernet's own vectors.
 *   sliced   without most of the zeros: layers have the columns of the chosen inputs alone, and
 *            masked numbers go once no layer norm needs them. Runs on a narrower vector, whose
 *            segments are columns and rows of the supernet's (space/nasrec_supernet_slices.h).
 *
 * Both have the names of the stand-alone networks (space/nasrec_build.h) and always layer norms.
 */
#ifndef SGEO_SPACE_NASREC_SUPERNET_H
#define SGEO_SPACE_NASREC_SUPERNET_H

#include <stddef.h>

#include "base/status.h"
#include "graph/embedding.h"
#include "graph/graph.h"
#include "space/nasrec.h"
#include "space/nasrec_supernet_slices.h"

/* What all paths share. The dims are the largest of any output: 1024 and 64 of the published
 * spaces, less in tests. */
struct sgeo_nasrec_supernet {
    enum sgeo_nasrec_space space;
    struct sgeo_feature_layout features;
    size_t dense_dim;  /* numbers: above 16, where FM would need no projection, and not 128, where
                          eight rows would not */
    size_t sparse_dim; /* rows */
};

/* The published supernet of a space on a data set's features. */
struct sgeo_nasrec_supernet sgeo_nasrec_supernet(enum sgeo_nasrec_space space, size_t dense,
                                                 size_t fields);

/* Everything: the full path, whose graph has all parameters. The caller owns *graph. */
enum sgeo_status sgeo_nasrec_supernet_build(struct sgeo_graph **graph,
                                            const struct sgeo_nasrec_supernet *supernet);

/*
 * A path's network, masked; the caller owns *graph. Every segment is the supernet's of its name.
 * SGEO_USAGE for sizes that make no supernet, or a path that is not of it, with the block.
 */
enum sgeo_status sgeo_nasrec_masked_build(struct sgeo_graph **graph,
                                          const struct sgeo_nasrec_supernet *supernet,
                                          const struct sgeo_nasrec_path *path);

/* The same, sliced, with where its segments lie in the supernet's. The caller owns *graph and
 * *slices. */
enum sgeo_status sgeo_nasrec_sliced_build(struct sgeo_graph **graph,
                                          struct sgeo_nasrec_slices **slices,
                                          const struct sgeo_nasrec_supernet *supernet,
                                          const struct sgeo_nasrec_path *path);

/* The path that a single architecture is. */
struct sgeo_nasrec_path sgeo_nasrec_path_of(const struct sgeo_nasrec_arch *arch);

#endif
