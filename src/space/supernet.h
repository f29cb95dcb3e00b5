/*
 * Weight-sharing supernet: one vector that holds every operation of every edge; uniform
 * single-path training; checkpoints; inheritance (spec cv_spaces, sections 6 and 6.1).
 */
#ifndef SGEO_SPACE_SUPERNET_H
#define SGEO_SPACE_SUPERNET_H

#include <stddef.h>
#include <stdint.h>

#include "space/space.h"
#include "space/train.h"

struct sgeo_supernet;

/*
 * A supernet of `space` with random weights from (seed, "init:...", 0). config->edge_affine and
 * supernet_names are set here (plain batch norm on the edges). The caller owns *supernet; backend
 * outlives it.
 */
enum sgeo_status sgeo_supernet_create(struct sgeo_supernet **supernet,
                                      const struct sgeo_space *space,
                                      const struct sgeo_net_config *config,
                                      struct sgeo_backend *backend, uint64_t seed);
void sgeo_supernet_destroy(struct sgeo_supernet *supernet);

size_t sgeo_supernet_params(const struct sgeo_supernet *supernet);

/* Draw one architecture, every draw from rng. */
typedef enum sgeo_status (*sgeo_draw_fn)(struct sgeo_arch *arch, struct sgeo_rng *rng,
                                         void *context);

/* Draw paths by `draw` instead of the space's sample (from a list of cells, say); its context
 * outlives the training. */
void sgeo_supernet_draw(struct sgeo_supernet *supernet, sgeo_draw_fn draw, void *context);

/*
 * Train by uniform single-path sampling: step s draws its architecture from (seed, "path", s), the
 * same in all cells, and updates that path only. A path narrower than the supernet runs on the
 * first channels of its segments. training->path is ignored; its next_batch, on_step and context
 * are the caller's. `from` continues a loaded checkpoint (NULL: the beginning).
 */
enum sgeo_status sgeo_supernet_train(struct sgeo_supernet *supernet,
                                     struct sgeo_training_result *result, struct sgeo_pool *pool,
                                     const struct sgeo_training *training,
                                     const struct sgeo_training_point *from);

/* Publish weights and momentum at a point of the training. identity (any text) names what was
 * trained how. */
enum sgeo_status sgeo_supernet_save(const struct sgeo_supernet *supernet, const char *path,
                                    const char *identity, const struct sgeo_training_point *point);

/* Load a checkpoint of the same identity, and its point. SGEO_IO when it is missing, damaged
 * (magic, version, size, checksum) or of another identity. */
enum sgeo_status sgeo_supernet_load(struct sgeo_supernet *supernet, const char *path,
                                    const char *identity, struct sgeo_training_point *point);

/*
 * sgeo_theta_fill: what a candidate inherits. context is the supernet; `store` is of a graph built
 * with supernet_names. Scale and shift that the supernet lacks become 1 and 0; where the supernet
 * is wider the candidate gets its first channels.
 */
enum sgeo_status sgeo_supernet_fill(const struct sgeo_store *store, void *theta, void *supernet);

#endif
