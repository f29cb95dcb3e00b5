/*
 * Building a path of NASRec's supernet block by block (space/nasrec_supernet.h): the state of it,
 * masked or sliced.
 */
#ifndef SGEO_SPACE_NASREC_SUPERNET_PARTS_H
#define SGEO_SPACE_NASREC_SUPERNET_PARTS_H

#include "space/nasrec_layers.h"
#include "space/nasrec_supernet.h"

/* A tensor, whose columns (of a sparse one: rows) are these of the supernet's. */
struct sgeo_nasrec_part {
    size_t node;
    size_t columns;                 /* that the supernet's has */
    struct sgeo_nasrec_ranges cols; /* that this one has, sliced */
};

struct sgeo_nasrec_path_builder {
    struct sgeo_nasrec_site at; /* the block at hand */
    const struct sgeo_nasrec_supernet *supernet;
    const struct sgeo_nasrec_path *path;
    struct sgeo_nasrec_slices *slices; /* NULL: the path is masked */
    enum sgeo_status status;           /* of the slices */
    /* by block, 0: the features */
    struct sgeo_nasrec_part dense[SGEO_NASREC_BLOCKS + 1], sparse[SGEO_NASREC_BLOCKS + 1];
};

/* Add the block at hand: its outputs go to dense and sparse. */
void sgeo_nasrec_add_path_block(struct sgeo_nasrec_path_builder *b);

/* The logit, on what the last block gives. */
size_t sgeo_nasrec_add_path_head(struct sgeo_nasrec_path_builder *b);

#endif
