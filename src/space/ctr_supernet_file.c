/* Checkpoints of a recommender supernet (ctr_state.h). */
#include "space/ctr_state.h"
#include "space/ctr_supernet_parts.h"

static struct sgeo_ctr_state state_of(const struct sgeo_ctr_supernet *supernet)
{
    size_t bytes = supernet->backend->ops->elem_bytes;
    return (struct sgeo_ctr_state){.theta = supernet->theta,
                                   .tables = supernet->tables,
                                   .squares = supernet->squares,
                                   .dense_bytes = sgeo_store_total(supernet->store) * bytes,
                                   .table_bytes =
                                       sgeo_embedding_total(supernet->embedding) * bytes};
}

enum sgeo_status sgeo_ctr_supernet_save(const struct sgeo_ctr_supernet *supernet, const char *path,
                                        const char *identity, size_t steps)
{
    const struct sgeo_ctr_state state = state_of(supernet);
    return sgeo_ctr_state_save(&state, path, identity, steps);
}

enum sgeo_status sgeo_ctr_supernet_load(struct sgeo_ctr_supernet *supernet, const char *path,
                                        const char *identity, size_t *steps)
{
    const struct sgeo_ctr_state state = state_of(supernet);
    return sgeo_ctr_state_load(&state, path, identity, steps);
}
