/*
 * A NASRec supernet with its numbers (spec nasrec, sections 1.3 and 1.4): a vector of all
 * operators, one of all embedding tables, and Adagrad's sums of squares of both. It is trained path
 * by path, kept in a checkpoint, and inherited from.
 *
 *   step t -> path of the stream (seed, "path", t) -> its part of the vectors -> gradient, clip,
 *   Adagrad -> back into the vectors
 */
#ifndef SGEO_SPACE_CTR_SUPERNET_H
#define SGEO_SPACE_CTR_SUPERNET_H

#include <stddef.h>
#include <stdint.h>

#include "space/ctr_train.h"
#include "space/nasrec_supernet.h"

struct sgeo_ctr_supernet;

/*
 * A supernet at its start, numbers from (seed, "init:NAME", 0): Xavier-uniform weights, biases 0,
 * Xavier-normal embeddings. table_rows (fields) are copied; the backend outlives it. The caller
 * owns *supernet. SGEO_USAGE for sizes that make no supernet, SGEO_IO without memory.
 */
enum sgeo_status sgeo_ctr_supernet_create(struct sgeo_ctr_supernet **supernet,
                                          const struct sgeo_nasrec_supernet *shape,
                                          const size_t *table_rows, struct sgeo_backend *backend,
                                          uint64_t seed);
void sgeo_ctr_supernet_destroy(struct sgeo_ctr_supernet *supernet); /* NULL is fine */

/* Take its numbers from the golden vectors' formulas instead, to be compared with other programs.
 */
enum sgeo_status sgeo_ctr_supernet_init_formula(struct sgeo_ctr_supernet *supernet);

/* All of it, the full path, in use on its own vectors, with the caller's pool; and its sums of
 * squares. What they point to is the supernet's. */
struct sgeo_ctr_use sgeo_ctr_supernet_use(const struct sgeo_ctr_supernet *supernet,
                                          struct sgeo_pool *pool);
struct sgeo_ctr_squares sgeo_ctr_supernet_squares(const struct sgeo_ctr_supernet *supernet);

/* Numbers of all operators; those of the embedding tables are not among them. */
size_t sgeo_ctr_supernet_params(const struct sgeo_ctr_supernet *supernet);

/*
 * Train by steps training->first_step to schedule.steps - 1; first_step > 0 goes on with a loaded
 * checkpoint, and the numbers are those of an undisturbed training. Full paths fade out over
 * fade_steps (sgeo_nasrec_full_probability), which do not depend on how long this training is: a
 * short warm-up has hardly left them. on_step may save. The result is that of these steps;
 * divergence is one, not an error. SGEO_USAGE when the source has no whole batch.
 */
enum sgeo_status sgeo_ctr_supernet_train(struct sgeo_ctr_supernet *supernet,
                                         struct sgeo_ctr_training_result *result,
                                         const struct sgeo_ctr_training *training,
                                         size_t fade_steps);

/* The same on one path in all steps, for what a step costs; the pool keeps its memory for the next
 * training. SGEO_USAGE for a path that is not the supernet's. */
enum sgeo_status sgeo_ctr_supernet_train_path(struct sgeo_ctr_supernet *supernet,
                                              struct sgeo_ctr_training_result *result,
                                              const struct sgeo_ctr_training *training,
                                              const struct sgeo_nasrec_path *path,
                                              struct sgeo_pool *pool);

/* Publish the vectors after `steps` steps. identity (any text) names what was trained how. */
enum sgeo_status sgeo_ctr_supernet_save(const struct sgeo_ctr_supernet *supernet, const char *path,
                                        const char *identity, size_t steps);

/* Load a checkpoint of the same identity; *steps done. SGEO_IO when it is missing, damaged (magic,
 * version, size, checksum) or of another identity; the supernet is then as it was. */
enum sgeo_status sgeo_ctr_supernet_load(struct sgeo_ctr_supernet *supernet, const char *path,
                                        const char *identity, size_t *steps);

/* Tables of the supernet's layout for another thread, with its backend (of the same precision). The
 * caller owns *embedding. */
enum sgeo_status sgeo_ctr_supernet_embedding(struct sgeo_embedding **embedding,
                                             const struct sgeo_ctr_supernet *supernet,
                                             struct sgeo_backend *backend);

/* A path's own network with its part of a supernet's numbers; a zeroed one is none. */
struct sgeo_ctr_heir {
    struct sgeo_graph *graph;
    struct sgeo_nasrec_slices *slices;
    struct sgeo_store *store;
    struct sgeo_nasrec_pair pair; /* with the supernet's store */
    struct sgeo_ctr_use use;      /* theta is a copy; tables are the supernet's own: read them */
    struct sgeo_buffer *room;     /* behind theta, in the use's pool */
};

/*
 * Inherit: a sliced network on copies of the path's numbers. embedding, its backend and pool belong
 * to the calling thread and outlive it, as does the supernet, which any number of threads may read.
 * The caller destroys *heir; untouched on failure. SGEO_USAGE for a path that is not the
 * supernet's.
 */
enum sgeo_status sgeo_ctr_heir_create(struct sgeo_ctr_heir *heir,
                                      const struct sgeo_ctr_supernet *supernet,
                                      const struct sgeo_nasrec_path *path,
                                      const struct sgeo_embedding *embedding,
                                      struct sgeo_pool *pool);
void sgeo_ctr_heir_destroy(struct sgeo_ctr_heir *heir);

#endif
