/* The state of a recommender model's training, and its checkpoints. */
#ifndef SGEO_SPACE_CTR_STATE_H
#define SGEO_SPACE_CTR_STATE_H

#include <stddef.h>

#include "space/ctr_pass.h"

/* All that a training goes on with. Vectors are the caller's. */
struct sgeo_ctr_state {
    void *theta, *tables;
    struct sgeo_ctr_squares squares;
    size_t dense_bytes, table_bytes; /* of a vector of either kind */
    void *rest;                      /* what else there is, as it lies in memory */
    size_t rest_bytes;               /* 0: nothing */
};

/* Publish the state after `steps` steps. identity (any text) names what was trained how. */
enum sgeo_status sgeo_ctr_state_save(const struct sgeo_ctr_state *state, const char *path,
                                     const char *identity, size_t steps);

/* Load a checkpoint of the same identity into the state's vectors; *steps done. SGEO_IO when it is
 * missing, damaged (magic, version, sizes, checksum) or of another identity; all is then as it was.
 */
enum sgeo_status sgeo_ctr_state_load(const struct sgeo_ctr_state *state, const char *path,
                                     const char *identity, size_t *steps);

#endif
