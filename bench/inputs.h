/*
 * The inputs of a case. Hot: one set, which every call finds in the caches as far as it fits them.
 * Cold: so many sets, taken in turn, that a set has left the caches when its turn comes.
 */
#ifndef SGEO_BENCH_INPUTS_H
#define SGEO_BENCH_INPUTS_H

#include "bench/shapes.h"

/* How much memory cold inputs take. */
struct sgeo_bench_pool {
    size_t touched_bytes; /* that a round over all sets reads and writes, where the limit allows */
    size_t limit_bytes;   /* that all sets together may allocate; one set always may */
};

/*
 * The pool of a machine: 4 times its last-level cache. A size over 128 MiB counts as what a virtual
 * machine was told about the whole socket, and none as unknown: 32 MiB are assumed for both.
 */
struct sgeo_bench_pool sgeo_bench_pool_of(size_t last_level_bytes);

struct sgeo_bench_inputs {
    const struct sgeo_load *load;
    void **sets;
    size_t n;
    struct sgeo_work work; /* of a call */
    size_t set_bytes;      /* allocated by a set, and at least what a call touches */
};

/*
 * Fill *inputs for a shape; pool NULL: hot. Set i draws from seed + i. SGEO_USAGE also for an
 * argument that the load does not know. The caller clears the inputs.
 */
enum sgeo_status sgeo_bench_inputs_create(struct sgeo_bench_inputs *inputs,
                                          const struct sgeo_bench_shape *shape,
                                          const struct sgeo_bench_pool *pool, uint64_t seed);
void sgeo_bench_inputs_clear(struct sgeo_bench_inputs *inputs);

#endif
