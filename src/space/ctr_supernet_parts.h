/* A recommender supernet's parts, for the files of it. */
#ifndef SGEO_SPACE_CTR_SUPERNET_PARTS_H
#define SGEO_SPACE_CTR_SUPERNET_PARTS_H

#include "space/ctr_supernet.h"

struct sgeo_ctr_supernet {
    struct sgeo_nasrec_supernet shape;
    struct sgeo_backend *backend;
    struct sgeo_graph *graph; /* the full path's, masked */
    struct sgeo_store *store;
    struct sgeo_embedding *embedding;
    size_t *table_rows; /* (fields) */
    uint64_t seed;
    void *theta, *tables; /* vectors of store and embedding */
    struct sgeo_ctr_squares squares;
};

#endif
