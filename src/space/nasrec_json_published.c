/*
 * Architecture files of nasrec in the form of the authors' configurations: `micro` (operations,
 * dims, merges) and `macro` (inputs) choices of the blocks apart.
 */
#include "space/nasrec_json.h"

const char sgeo_nasrec_published_hint[] =
    "{\"config\": \"autoctr\"|\"xlarge\", \"micro\": [7 of {\"active_nodes\": [0, 2], "
    "\"dense_in_dims\": 256, \"sparse_in_dims\": 48, \"dense_sparse_interact\": 0|1, \"deep_fm\": "
    "0|1}], \"macro\": [7 of {\"dense_idx\": [0], \"sparse_idx\": [0], \"dense_left_idx\": [0], "
    "\"dense_right_idx\": [0]}]}";

/* active_nodes: the dense operation's number in its space's list, then the sparse one's. */
static enum sgeo_status get_node(struct sgeo_nasrec_arch *arch, size_t b, bool sparse,
                                 const struct sgeo_nasrec_place *nodes)
{
    struct sgeo_nasrec_place place;
    long long node = 0;
    sgeo_nasrec_enter_element(&place, nodes, sparse ? 1 : 0);
    enum sgeo_status status = sgeo_nasrec_get_integer(&node, &place);
    unsigned op = SGEO_NASREC_FC;
    for (; status == SGEO_OK && op <= SGEO_NASREC_EFC; op++) {
        bool listed = sgeo_nasrec_has_op(arch->space, (enum sgeo_nasrec_op)op);
        if (listed && node-- == 0) {
            return sgeo_nasrec_put_op(&arch->blocks[b], arch->space, sparse,
                                      (enum sgeo_nasrec_op)op, place.where);
        }
    }
    return status == SGEO_OK ? sgeo_nasrec_fail_at(&place, "is no operation's number of its space")
                             : status;
}

static enum sgeo_status get_micro(struct sgeo_nasrec_arch *arch, size_t b,
                                  const struct sgeo_nasrec_place *object)
{
    static const char *const keys[] = {"active_nodes", "dense_in_dims", "sparse_in_dims",
                                       "dense_sparse_interact", "deep_fm"};
    struct sgeo_nasrec_block *block = &arch->blocks[b];
    struct sgeo_nasrec_place nodes;
    enum sgeo_status status = sgeo_nasrec_check_keys(object, keys, sizeof keys / sizeof *keys);
    if (status == SGEO_OK) {
        status = sgeo_nasrec_enter_array(&nodes, object, "active_nodes", 2, 2);
    }
    if (status == SGEO_OK) {
        status = get_node(arch, b, false, &nodes);
    }
    if (status == SGEO_OK) {
        status = get_node(arch, b, true, &nodes);
    }
    if (status == SGEO_OK) {
        status = sgeo_nasrec_get_dim(block, false, object, "dense_in_dims");
    }
    if (status == SGEO_OK) {
        status = sgeo_nasrec_get_dim(block, true, object, "sparse_in_dims");
    }
    if (status == SGEO_OK) {
        status = sgeo_nasrec_get_flag(&block->dense_to_sparse, object, "dense_sparse_interact");
    }
    return status == SGEO_OK ? sgeo_nasrec_get_flag(&block->fm, object, "deep_fm") : status;
}

/* A list of one. */
static enum sgeo_status get_side_list(unsigned char *side, size_t b,
                                      const struct sgeo_nasrec_place *object, const char *key)
{
    struct sgeo_nasrec_place array, element;
    long long input = 0;
    enum sgeo_status status = sgeo_nasrec_enter_array(&array, object, key, 1, 1);
    if (status == SGEO_OK) {
        sgeo_nasrec_enter_element(&element, &array, 0);
        status = sgeo_nasrec_get_integer(&input, &element);
    }
    return status == SGEO_OK ? sgeo_nasrec_put_side(side, b, input, element.where) : status;
}

static enum sgeo_status get_macro(struct sgeo_nasrec_arch *arch, size_t b,
                                  const struct sgeo_nasrec_place *object)
{
    static const char *const keys[] = {"dense_idx", "sparse_idx", "dense_left_idx",
                                       "dense_right_idx"};
    struct sgeo_nasrec_block *block = &arch->blocks[b];
    enum sgeo_status status = sgeo_nasrec_check_keys(object, keys, sizeof keys / sizeof *keys);
    if (status == SGEO_OK) {
        status = sgeo_nasrec_get_inputs(&block->dense_inputs, b, object, "dense_idx");
    }
    if (status == SGEO_OK) {
        status = sgeo_nasrec_get_inputs(&block->sparse_inputs, b, object, "sparse_idx");
    }
    if (status == SGEO_OK) {
        status = get_side_list(&block->left, b, object, "dense_left_idx");
    }
    return status == SGEO_OK ? get_side_list(&block->right, b, object, "dense_right_idx") : status;
}

/* The members beside the choices: how many blocks, how it was trained and how well it did. */
static enum sgeo_status check_published(const struct sgeo_nasrec_place *root)
{
    static const char *const keys[] = {"config",     "micro",         "macro",
                                       "num_blocks", "use_layernorm", "test_loss"};
    struct sgeo_nasrec_place blocks;
    long long n = 0;
    enum sgeo_status status = sgeo_nasrec_check_keys(root, keys, sizeof keys / sizeof *keys);
    if (status == SGEO_OK && json_object_get(root->value, "num_blocks") != NULL) {
        status = sgeo_nasrec_get_member_integer(&n, &blocks, root, "num_blocks");
        if (status == SGEO_OK && n != (long long)SGEO_NASREC_BLOCKS) {
            status = sgeo_nasrec_fail_at(&blocks, "is not 7");
        }
    }
    return status;
}

enum sgeo_status sgeo_nasrec_get_published(struct sgeo_nasrec_arch *arch,
                                           const struct sgeo_nasrec_place *root)
{
    static const char *const configs[2] = {"autoctr", "xlarge"};
    struct sgeo_nasrec_place micro, macro, element;
    enum sgeo_status status = check_published(root);
    if (status == SGEO_OK) {
        status = sgeo_nasrec_get_space(&arch->space, root, "config", configs);
    }
    if (status == SGEO_OK) {
        status =
            sgeo_nasrec_enter_array(&micro, root, "micro", SGEO_NASREC_BLOCKS, SGEO_NASREC_BLOCKS);
    }
    if (status == SGEO_OK) {
        status =
            sgeo_nasrec_enter_array(&macro, root, "macro", SGEO_NASREC_BLOCKS, SGEO_NASREC_BLOCKS);
    }
    for (size_t b = 0; status == SGEO_OK && b < SGEO_NASREC_BLOCKS; b++) {
        sgeo_nasrec_enter_element(&element, &micro, b);
        status = get_micro(arch, b, &element);
        if (status == SGEO_OK) {
            sgeo_nasrec_enter_element(&element, &macro, b);
            status = get_macro(arch, b, &element);
        }
    }
    return status;
}
