/*
 * The flat parameter store: where every segment of a graph lies in one vector, in the layout that
 * the backend's backward-weights writes. A parameter vector, a gradient, a momentum buffer are all
 * plain arrays of `total` backend elements; the store only knows the places. Padding is zero.
 *
 * Inheriting from a supernet is copying segments between two stores by name; where the supernet is
 * wider, its first channels.
 */
#ifndef SGEO_GRAPH_STORE_H
#define SGEO_GRAPH_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/backend.h"
#include "graph/graph.h"
#include "graph/pool.h"

struct sgeo_store;

/* Place of one segment, in backend elements. */
struct sgeo_place {
    size_t offset;
    size_t elems; /* >= the segment's count */
};

/*
 * Lay out the segments of `graph` for `backend`; batch is the size the convolutions are created
 * for. The store copies what it needs of the graph; the backend must outlive it. The caller owns
 * *store.
 */
enum sgeo_status sgeo_store_create(struct sgeo_store **store, const struct sgeo_graph *graph,
                                   struct sgeo_backend *backend, size_t batch);
void sgeo_store_destroy(struct sgeo_store *store);

size_t sgeo_store_total(const struct sgeo_store *store); /* elements of a vector */
size_t
sgeo_store_logical(const struct sgeo_store *store);      /* numbers without padding, all segments */
size_t sgeo_store_count(const struct sgeo_store *store); /* segments */
const struct sgeo_segment *sgeo_store_segment(const struct sgeo_store *store, size_t index);
struct sgeo_place sgeo_store_place(const struct sgeo_store *store, size_t index);
size_t sgeo_store_find(const struct sgeo_store *store, const char *name); /* SGEO_NONE if absent */

/* A zeroed vector for this store; NULL without memory; free with sgeo_free. */
void *sgeo_store_vector(const struct sgeo_store *store);

/* Room for one in the arena, contents undefined; NULL without memory; the caller drops it. */
struct sgeo_buffer *sgeo_store_take(const struct sgeo_store *store, struct sgeo_pool *pool);

/* Row-major doubles <-> segment `index` of `vector`. */
void sgeo_store_import(const struct sgeo_store *store, void *vector, size_t index,
                       const double *values);
void sgeo_store_export(const struct sgeo_store *store, double *values, size_t index,
                       const void *vector);

/* All segments one after the other, sgeo_store_logical() doubles: the portable form of a vector
 * (checkpoints). */
void sgeo_store_export_all(const struct sgeo_store *store, double *values, const void *vector);
void sgeo_store_import_all(const struct sgeo_store *store, void *vector, const double *values);

/*
 * Initial weights. Weights and biases are uniform in +-1/sqrt(fan_in) (PyTorch's default; also the
 * golden rule), scale 1, shift 0, a layer norm's gamma as its segment says. Element i of segment s
 * is bound*(2u-1), u = sgeo_hash_uniform(key(s), i): formula: key(s) = fnv1a(name); random: key(s)
 * = the stream (seed, "init:NAME", index). Random weights follow the graph's init instead:
 * SGEO_INIT_FAN_OUT draws element i from sgeo_hash_normal(key(s), i), SGEO_INIT_XAVIER has another
 * bound.
 */
enum sgeo_status sgeo_store_init_formula(const struct sgeo_store *store, void *vector);
enum sgeo_status sgeo_store_init_random(const struct sgeo_store *store, void *vector, uint64_t seed,
                                        uint64_t index);

/*
 * Zen's weights: L from N(0,1), biases 0, scale 1, shift 0. Element i of segment s is
 * sgeo_hash_normal(key(s), i): formula: key(s) = fnv1a("zen.weight:NAME"); random: the stream
 * (seed, "zen.weight:NAME", index).
 */
enum sgeo_status sgeo_store_zen_formula(const struct sgeo_store *store, void *vector);
enum sgeo_status sgeo_store_zen_random(const struct sgeo_store *store, void *vector, uint64_t seed,
                                       uint64_t index);

/*
 * Copy every segment of `to` that `from` also has (same name); others keep their value. Where
 * `from`'s (out, in, k, k) is wider, its first channels of either kind. Both stores of one backend.
 * SGEO_USAGE when a segment of `from` is narrower, SGEO_IO without memory.
 */
enum sgeo_status sgeo_store_inherit(const struct sgeo_store *to, void *to_vector,
                                    const struct sgeo_store *from, const void *from_vector);

/* The inverse: write every segment of `from` that `to` also has over the first channels of that,
 * which keeps the others. */
enum sgeo_status sgeo_store_hand_back(const struct sgeo_store *to, void *to_vector,
                                      const struct sgeo_store *from, const void *from_vector);

/* Whether some segment of the store has another size in the graph: then the graph runs on a store
 * of its own, which inherits. */
bool sgeo_store_is_wider(const struct sgeo_store *store, const struct sgeo_graph *graph);

#endif
