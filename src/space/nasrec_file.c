/* Architecture files of nasrec. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "space/nasrec_json.h"

enum { FILE_LIMIT = 1 << 20 };

static const char hint_ours[] =
    "{\"space\": \"small\"|\"full\", \"blocks\": [7 of {\"ops\": [\"fc\", \"efc\"], \"dense_dim\": "
    "256, \"sparse_dim\": 48, \"dense_to_sparse\": 0|1, \"fm\": 0|1, \"dense_idx\": [0], "
    "\"sparse_idx\": [0], \"left\": 0, \"right\": 0}]}";

/* --- ours --- */

static enum sgeo_status get_op(struct sgeo_nasrec_arch *arch, size_t b, bool sparse,
                               const struct sgeo_nasrec_place *ops)
{
    struct sgeo_nasrec_place place;
    unsigned op = SGEO_NASREC_FC;
    sgeo_nasrec_enter_element(&place, ops, sparse ? 1 : 0);
    const char *name = json_string_value(place.value);
    while (op <= SGEO_NASREC_EFC && (name == NULL || strcmp(name, sgeo_nasrec_op_names[op]) != 0)) {
        op++;
    }
    if (op > SGEO_NASREC_EFC) {
        return sgeo_nasrec_fail_at(&place, "is none of fc dot gate sum attn efc");
    }
    return sgeo_nasrec_put_op(&arch->blocks[b], arch->space, sparse, (enum sgeo_nasrec_op)op,
                              place.where);
}

static enum sgeo_status get_ops(struct sgeo_nasrec_arch *arch, size_t b,
                                const struct sgeo_nasrec_place *object)
{
    struct sgeo_nasrec_place ops;
    enum sgeo_status status = sgeo_nasrec_enter_array(&ops, object, "ops", 2, 2);
    if (status == SGEO_OK) {
        status = get_op(arch, b, false, &ops);
    }
    return status == SGEO_OK ? get_op(arch, b, true, &ops) : status;
}

static enum sgeo_status get_side(unsigned char *side, size_t b,
                                 const struct sgeo_nasrec_place *object, const char *key)
{
    struct sgeo_nasrec_place place;
    long long input = 0;
    enum sgeo_status status = sgeo_nasrec_get_member_integer(&input, &place, object, key);
    return status == SGEO_OK ? sgeo_nasrec_put_side(side, b, input, place.where) : status;
}

static enum sgeo_status get_block(struct sgeo_nasrec_arch *arch, size_t b,
                                  const struct sgeo_nasrec_place *object)
{
    static const char *const keys[] = {"ops",  "dense_dim", "sparse_dim", "dense_to_sparse",
                                       "fm",   "dense_idx", "sparse_idx", "left",
                                       "right"};
    struct sgeo_nasrec_block *block = &arch->blocks[b];
    enum sgeo_status status = sgeo_nasrec_check_keys(object, keys, sizeof keys / sizeof *keys);
    if (status == SGEO_OK) {
        status = get_ops(arch, b, object);
    }
    if (status == SGEO_OK) {
        status = sgeo_nasrec_get_dim(block, false, object, "dense_dim");
    }
    if (status == SGEO_OK) {
        status = sgeo_nasrec_get_dim(block, true, object, "sparse_dim");
    }
    if (status == SGEO_OK) {
        status = sgeo_nasrec_get_flag(&block->dense_to_sparse, object, "dense_to_sparse");
    }
    if (status == SGEO_OK) {
        status = sgeo_nasrec_get_flag(&block->fm, object, "fm");
    }
    if (status == SGEO_OK) {
        status = sgeo_nasrec_get_inputs(&block->dense_inputs, b, object, "dense_idx");
    }
    if (status == SGEO_OK) {
        status = sgeo_nasrec_get_inputs(&block->sparse_inputs, b, object, "sparse_idx");
    }
    if (status == SGEO_OK) {
        status = get_side(&block->left, b, object, "left");
    }
    return status == SGEO_OK ? get_side(&block->right, b, object, "right") : status;
}

static enum sgeo_status get_ours(struct sgeo_nasrec_arch *arch,
                                 const struct sgeo_nasrec_place *root)
{
    static const char *const keys[] = {"space", "blocks"};
    struct sgeo_nasrec_place blocks, block;
    enum sgeo_status status = sgeo_nasrec_check_keys(root, keys, 2);
    if (status == SGEO_OK) {
        status = sgeo_nasrec_get_space(&arch->space, root, "space", sgeo_nasrec_space_names);
    }
    if (status == SGEO_OK) {
        status = sgeo_nasrec_enter_array(&blocks, root, "blocks", SGEO_NASREC_BLOCKS,
                                         SGEO_NASREC_BLOCKS);
    }
    for (size_t b = 0; status == SGEO_OK && b < SGEO_NASREC_BLOCKS; b++) {
        sgeo_nasrec_enter_element(&block, &blocks, b);
        status = get_block(arch, b, &block);
    }
    return status;
}

/* --- files --- */

static enum sgeo_status fail_syntax(const char *name, json_error_t *error)
{
    sgeo_nasrec_make_printable(error->text);
    return sgeo_fail(SGEO_USAGE, hint_ours, "nasrec architecture, %.160s: line %d, column %d: %s",
                     name, error->line, error->column, error->text);
}

enum sgeo_status sgeo_nasrec_parse_json(struct sgeo_nasrec_arch *arch, const char *text, size_t n,
                                        const char *name)
{
    json_error_t error;
    json_t *json = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL) {
        return fail_syntax(name, &error);
    }
    struct sgeo_nasrec_arch parsed = {0};
    bool published =
        json_object_get(json, "micro") != NULL || json_object_get(json, "macro") != NULL;
    struct sgeo_nasrec_place root = {
        .value = json, .hint = published ? sgeo_nasrec_published_hint : hint_ours, .is_file = true};
    snprintf(root.where, SGEO_NASREC_WHERE, "%.160s", name);
    enum sgeo_status status =
        published ? sgeo_nasrec_get_published(&parsed, &root) : get_ours(&parsed, &root);
    json_decref(json);
    if (status == SGEO_OK) {
        *arch = parsed;
    }
    return status;
}

enum sgeo_status sgeo_nasrec_read(struct sgeo_nasrec_arch *arch, const char *path)
{
    unsigned char *bytes = NULL;
    size_t n = 0;
    enum sgeo_status status = sgeo_file_read(path, FILE_LIMIT, &bytes, &n);
    if (status != SGEO_OK) {
        return status;
    }
    status = sgeo_nasrec_parse_json(arch, (const char *)bytes, n, path);
    sgeo_free(bytes);
    return status;
}

static void write_inputs(struct sgeo_text *out, const char *key, unsigned char inputs)
{
    const char *before = "";
    sgeo_text_append(out, ", \"%s\": [", key);
    for (unsigned j = 0; j < SGEO_NASREC_BLOCKS; j++) {
        if ((inputs >> j & 1) != 0) {
            sgeo_text_append(out, "%s%u", before, j);
            before = ", ";
        }
    }
    sgeo_text_append(out, "]");
}

void sgeo_nasrec_write_json(struct sgeo_text *out, const struct sgeo_nasrec_arch *arch)
{
    sgeo_text_append(out, "{\"space\": \"%s\", \"blocks\": [\n",
                     sgeo_nasrec_space_names[arch->space]);
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        const struct sgeo_nasrec_block *block = &arch->blocks[b];
        sgeo_text_append(out,
                         "  {\"ops\": [\"%s\", \"%s\"], \"dense_dim\": %u, \"sparse_dim\": %u, "
                         "\"dense_to_sparse\": %d, \"fm\": %d",
                         sgeo_nasrec_op_names[block->dense_op],
                         sgeo_nasrec_op_names[block->sparse_op], block->dense_dim,
                         block->sparse_dim, block->dense_to_sparse, block->fm);
        write_inputs(out, "dense_idx", block->dense_inputs);
        write_inputs(out, "sparse_idx", block->sparse_inputs);
        sgeo_text_append(out, ", \"left\": %u, \"right\": %u}%s\n", block->left, block->right,
                         b + 1 < SGEO_NASREC_BLOCKS ? "," : "");
    }
    sgeo_text_append(out, "]}\n");
}
