/* What the tests of the NASRec supernet share: a small one, its paths, and what they run on. */
#ifndef SGEO_TESTS_SPACE_NASREC_RUNNER_H
#define SGEO_TESTS_SPACE_NASREC_RUNNER_H

#include "space/nasrec_build.h"
#include "space/nasrec_supernet.h"
#include "space/rig.h"

enum { BATCH = 3, PATHS = 24, DENSE = 3, FIELDS = 4, INPUT = DENSE + FIELDS * SGEO_NASREC_DIM };

/* Sizes that lie apart from each other, 9 rows to a dot product. */
static inline struct sgeo_nasrec_supernet small_supernet(enum sgeo_nasrec_space space)
{
    struct sgeo_nasrec_supernet supernet = sgeo_nasrec_supernet(space, DENSE, FIELDS);
    supernet.dense_dim = 40;
    supernet.sparse_dim = 12;
    return supernet;
}

/* The full path, and drawn ones: three of four of single operators, the others with full parts. */
static inline struct sgeo_nasrec_path small_path(enum sgeo_nasrec_space space, int index)
{
    static const uint16_t dense[] = {5, 16, 24, 40}, sparse[] = {2, 4, 7, 12};
    struct sgeo_rng rng = sgeo_rng_stream(11, "path", (uint64_t)index);
    struct sgeo_nasrec_path path;
    sgeo_nasrec_draw_path(&path, space, index == 0 ? 1.0 : index % 4 == 3 ? 0.4 : 0.0, &rng);
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        path.arch.blocks[b].dense_dim = dense[sgeo_rng_below(&rng, 4)];
        path.arch.blocks[b].sparse_dim = sparse[sgeo_rng_below(&rng, 4)];
    }
    return path;
}

/* Block 3 reads the features and block 2 (24 numbers; 7 rows and the eight appended ones). */
static inline struct sgeo_nasrec_path skipping_path(void)
{
    struct sgeo_nasrec_path path = {.arch = {.space = SGEO_NASREC_FULL}};
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        path.arch.blocks[b] = (struct sgeo_nasrec_block){.dense_op = SGEO_NASREC_FC,
                                                         .sparse_op = SGEO_NASREC_EFC,
                                                         .dense_dim = 24,
                                                         .sparse_dim = 7,
                                                         .dense_to_sparse = true,
                                                         .dense_inputs = 1,
                                                         .sparse_inputs = 1};
    }
    path.arch.blocks[2].dense_inputs = path.arch.blocks[2].sparse_inputs = 1 | 4;
    path.arch.blocks[3].dense_op = SGEO_NASREC_GATE;
    path.arch.blocks[3].left = 1;
    path.arch.blocks[3].right = 2;
    return path;
}

/* --- a network of a path, on the supernet's store or on its own --- */

struct runner {
    struct sgeo_backend *backend;
    struct sgeo_pool *pool;
    struct sgeo_graph *graph; /* the supernet's */
    struct sgeo_store *store;
    double *theta, *input;
};

static inline void open_runner(struct runner *runner, const struct sgeo_nasrec_supernet *supernet)
{
    *runner = (struct runner){.pool = sgeo_pool_create()};
    rig_ok(sgeo_backend_create(&runner->backend,
                               (struct sgeo_executor){SGEO_F64, SGEO_LAYOUT_AUTO, false}));
    rig_ok(sgeo_nasrec_supernet_build(&runner->graph, supernet));
    rig_ok(sgeo_store_create(&runner->store, runner->graph, runner->backend, BATCH));
    runner->theta = sgeo_store_vector(runner->store);
    ck_assert(runner->pool != NULL && runner->theta != NULL);
    for (size_t s = 0; s < sgeo_store_count(runner->store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(runner->store, s);
        double center = segment->kind == SGEO_SEGMENT_GAMMA ? 1.0 : 0.0;
        double *values = rig_random(segment->name, segment->count, center - 0.4, center + 0.4);
        sgeo_store_import(runner->store, runner->theta, s, values);
        sgeo_free(values);
    }
    runner->input = rig_random("features", (size_t)BATCH * INPUT, -1.0, 1.0);
}

static inline void close_runner(struct runner *runner)
{
    sgeo_free(runner->theta);
    sgeo_free(runner->input);
    sgeo_store_destroy(runner->store);
    sgeo_graph_destroy(runner->graph);
    sgeo_pool_destroy(runner->pool);
    sgeo_backend_destroy(runner->backend);
}

/* A sliced path with a store of its own. */
struct sliced {
    struct sgeo_graph *graph;
    struct sgeo_nasrec_slices *slices;
    struct sgeo_store *store;
    struct sgeo_nasrec_pair pair;
    double *theta, *grad;
};

static inline void open_sliced(struct sliced *sliced, const struct runner *runner,
                               const struct sgeo_nasrec_supernet *supernet,
                               const struct sgeo_nasrec_path *path)
{
    *sliced = (struct sliced){0};
    rig_ok(sgeo_nasrec_sliced_build(&sliced->graph, &sliced->slices, supernet, path));
    rig_ok(sgeo_store_create(&sliced->store, sliced->graph, runner->backend, BATCH));
    sliced->pair =
        (struct sgeo_nasrec_pair){sliced->slices, runner->backend, sliced->store, runner->store};
    sliced->theta = sgeo_store_vector(sliced->store);
    sliced->grad = sgeo_store_vector(sliced->store);
    ck_assert(sliced->theta != NULL && sliced->grad != NULL);
    rig_ok(sgeo_nasrec_gather(&sliced->pair, sliced->theta, runner->theta));
}

static inline void close_sliced(struct sliced *sliced)
{
    sgeo_free(sliced->theta);
    sgeo_free(sliced->grad);
    sgeo_store_destroy(sliced->store);
    sgeo_graph_destroy(sliced->graph);
    sgeo_nasrec_slices_destroy(sliced->slices);
}

#endif
