/*
 * Where the parameters of a sliced path lie in a NASRec supernet's vectors (spec nasrec, section
 * 1.3: first layers share their weights column by column), and copying them there and back.
 */
#ifndef SGEO_SPACE_NASREC_SUPERNET_SLICES_H
#define SGEO_SPACE_NASREC_SUPERNET_SLICES_H

#include <stddef.h>

#include "backend/backend.h"
#include "base/status.h"
#include "graph/store.h"
#include "space/nasrec.h"

/* Ascending ranges, no two of which touch. */
#define SGEO_NASREC_RANGES_MAX (2 * SGEO_NASREC_BLOCKS) /* rows and appended rows of all inputs */
struct sgeo_nasrec_ranges {
    size_t n;
    struct {
        size_t first, count;
    } at[SGEO_NASREC_RANGES_MAX];
};

/* Add a range behind the others, or to the last when it continues it. */
void sgeo_nasrec_ranges_add(struct sgeo_nasrec_ranges *ranges, size_t first, size_t count);

/* A segment that is a part of the supernet's, which has rows of `columns` numbers. */
struct sgeo_nasrec_slice {
    size_t segment; /* of the path's graph */
    size_t columns;
    struct sgeo_nasrec_ranges rows; /* n = 0: all */
    struct sgeo_nasrec_ranges cols;
};

/* Segments that are not among them are whole. */
struct sgeo_nasrec_slices {
    size_t n, capacity;
    struct sgeo_nasrec_slice *at;
};

/* Without any; NULL without memory. The caller owns it. */
struct sgeo_nasrec_slices *sgeo_nasrec_slices_create(void);
void sgeo_nasrec_slices_destroy(struct sgeo_nasrec_slices *slices);
enum sgeo_status sgeo_nasrec_slices_add(struct sgeo_nasrec_slices *slices,
                                        const struct sgeo_nasrec_slice *slice);

/* A vector of a sliced path's store and one of the supernet's. */
struct sgeo_nasrec_pair {
    const struct sgeo_nasrec_slices *slices;
    const struct sgeo_backend *backend; /* of both stores */
    const struct sgeo_store *path, *supernet;
};

/*
 * Copy the path's part of a supernet's vector: what a candidate inherits, or a path is trained on
 * (weights, the optimiser's state). SGEO_USAGE when the supernet lacks a segment or has it in
 * another size.
 */
enum sgeo_status sgeo_nasrec_gather(const struct sgeo_nasrec_pair *pair, void *path_vector,
                                    const void *supernet_vector);

/* The inverse: write a path's vector over its part of the supernet's, which keeps everything else.
 * Gradients of what it keeps are zero. */
enum sgeo_status sgeo_nasrec_scatter(const struct sgeo_nasrec_pair *pair, void *supernet_vector,
                                     const void *path_vector);

#endif
