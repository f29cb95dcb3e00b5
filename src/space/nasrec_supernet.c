#include "space/nasrec_supernet.h"

#include "space/nasrec_supernet_parts.h"
#include "space/net.h"

/* Projections that would change nothing are left out, as in the original: but where that depends on
 * the inputs' widths it must be on the features alone. */
static enum sgeo_status check_sizes(const struct sgeo_nasrec_supernet *supernet)
{
    size_t rows = supernet->features.fields;
    bool equal = false;
    for (size_t b = 1; b < SGEO_NASREC_BLOCKS; b++) {
        rows += supernet->sparse_dim + SGEO_NASREC_MERGED_ROWS;
        equal |= rows == sgeo_nasrec_balanced_rows(supernet->dense_dim);
    }
    if (supernet->dense_dim <= SGEO_NASREC_DIM || supernet->dense_dim == SGEO_NASREC_MERGED_WIDTH ||
        supernet->sparse_dim == 0 || equal) {
        return sgeo_fail(SGEO_USAGE, NULL, "a nasrec supernet of %zu numbers and %zu rows",
                         supernet->dense_dim, supernet->sparse_dim);
    }
    return SGEO_OK;
}

static enum sgeo_status check_path(const struct sgeo_nasrec_supernet *supernet,
                                   const struct sgeo_nasrec_path *path)
{
    enum sgeo_status status = sgeo_nasrec_check(&path->arch, &supernet->features);
    for (size_t i = 0; status == SGEO_OK && i < SGEO_NASREC_BLOCKS; i++) {
        const struct sgeo_nasrec_block *block = &path->arch.blocks[i];
        if (path->all_ops[i]) {
            continue;
        }
        if (!sgeo_nasrec_has_op(supernet->space, block->dense_op) ||
            !sgeo_nasrec_has_op(supernet->space, block->sparse_op)) {
            status = sgeo_fail(SGEO_USAGE, NULL,
                               "nasrec path: the supernet of nasrec-%s lacks an operator of block "
                               "%zu",
                               sgeo_nasrec_space_names[supernet->space], i + 1);
        } else if (block->dense_dim > supernet->dense_dim ||
                   block->sparse_dim > supernet->sparse_dim) {
            status = sgeo_fail(SGEO_USAGE, NULL,
                               "nasrec path: block %zu gives %u numbers and %u rows, the supernet "
                               "%zu and %zu",
                               i + 1, block->dense_dim, block->sparse_dim, supernet->dense_dim,
                               supernet->sparse_dim);
        }
    }
    return status;
}

/* slices: NULL for a masked path. */
static enum sgeo_status build(struct sgeo_graph **out, struct sgeo_nasrec_slices *slices,
                              const struct sgeo_nasrec_supernet *supernet,
                              const struct sgeo_nasrec_path *path)
{
    size_t raw[2];
    enum sgeo_status status = check_sizes(supernet);
    if (status == SGEO_OK) {
        status = check_path(supernet, path);
    }
    if (status != SGEO_OK) {
        return status;
    }
    struct sgeo_nasrec_path_builder b = {.at = {sgeo_nasrec_begin(&supernet->features, raw), 0},
                                         .supernet = supernet,
                                         .path = path,
                                         .slices = slices};
    if (b.at.graph == NULL) {
        return sgeo_fail_memory("nasrec path");
    }
    b.dense[0] = (struct sgeo_nasrec_part){.node = raw[0], .columns = supernet->features.dense};
    b.sparse[0] = (struct sgeo_nasrec_part){.node = raw[1], .columns = supernet->features.fields};
    sgeo_nasrec_ranges_add(&b.dense[0].cols, 0, b.dense[0].columns);
    sgeo_nasrec_ranges_add(&b.sparse[0].cols, 0, b.sparse[0].columns);
    for (b.at.block = 1; b.at.block <= SGEO_NASREC_BLOCKS; b.at.block++) {
        sgeo_nasrec_add_path_block(&b);
    }
    size_t logit = sgeo_nasrec_add_path_head(&b);
    if (b.status != SGEO_OK) {
        sgeo_graph_destroy(b.at.graph);
        return b.status;
    }
    return sgeo_net_finish(out, b.at.graph, logit);
}

struct sgeo_nasrec_supernet sgeo_nasrec_supernet(enum sgeo_nasrec_space space, size_t dense,
                                                 size_t fields)
{
    return (struct sgeo_nasrec_supernet){
        .space = space,
        .features = sgeo_nasrec_features(dense, fields),
        .dense_dim = sgeo_nasrec_dense_dims[SGEO_NASREC_DENSE_DIMS - 1],
        .sparse_dim = sgeo_nasrec_sparse_dims[SGEO_NASREC_SPARSE_DIMS - 1]};
}

struct sgeo_nasrec_path sgeo_nasrec_path_of(const struct sgeo_nasrec_arch *arch)
{
    return (struct sgeo_nasrec_path){.arch = *arch};
}

enum sgeo_status sgeo_nasrec_supernet_build(struct sgeo_graph **graph,
                                            const struct sgeo_nasrec_supernet *supernet)
{
    struct sgeo_rng rng = sgeo_rng_stream(0, "path", 0);
    struct sgeo_nasrec_path full;
    sgeo_nasrec_draw_path(&full, supernet->space, 1.0, &rng); /* for certain */
    return sgeo_nasrec_masked_build(graph, supernet, &full);
}

enum sgeo_status sgeo_nasrec_masked_build(struct sgeo_graph **graph,
                                          const struct sgeo_nasrec_supernet *supernet,
                                          const struct sgeo_nasrec_path *path)
{
    return build(graph, NULL, supernet, path);
}

enum sgeo_status sgeo_nasrec_sliced_build(struct sgeo_graph **graph,
                                          struct sgeo_nasrec_slices **slices,
                                          const struct sgeo_nasrec_supernet *supernet,
                                          const struct sgeo_nasrec_path *path)
{
    struct sgeo_nasrec_slices *own = sgeo_nasrec_slices_create();
    if (own == NULL) {
        return sgeo_fail_memory("slices of a nasrec path");
    }
    enum sgeo_status status = build(graph, own, supernet, path);
    if (status != SGEO_OK) {
        sgeo_nasrec_slices_destroy(own);
        return status;
    }
    *slices = own;
    return SGEO_OK;
}
