/* Architectures of nasrec: their choices and the one-line text. */
#include "space/nasrec.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "space/nasrec_parts.h"

const char *const sgeo_nasrec_space_names[2] = {"small", "full"};
const uint16_t sgeo_nasrec_dense_dims[8] = {16, 32, 64, 128, 256, 512, 768, 1024};
const uint16_t sgeo_nasrec_sparse_dims[4] = {16, 32, 48, 64};
const char sgeo_nasrec_op_letters[] = "FDGSAE";
const char *const sgeo_nasrec_op_names[6] = {"fc", "dot", "gate", "sum", "attn", "efc"};

/* --- choices --- */

bool sgeo_nasrec_has_op(enum sgeo_nasrec_space space, enum sgeo_nasrec_op op)
{
    return space == SGEO_NASREC_FULL || op == SGEO_NASREC_FC || op == SGEO_NASREC_DOT ||
           op == SGEO_NASREC_EFC;
}

enum sgeo_status sgeo_nasrec_put_op(struct sgeo_nasrec_block *block, enum sgeo_nasrec_space space,
                                    bool sparse, enum sgeo_nasrec_op op, const char *where)
{
    const char *kind = sparse ? "sparse" : "dense";
    const char *hint = space == SGEO_NASREC_FULL
                           ? "dense: fc (F) dot (D) gate (G) sum (S); sparse: attn (A) efc (E)"
                           : "dense: fc (F) dot (D); sparse: efc (E); more of them in nasrec-full";
    if (sgeo_nasrec_is_sparse(op) != sparse) {
        return sgeo_fail(SGEO_USAGE, hint, "nasrec architecture, %s: %s is no %s operation", where,
                         sgeo_nasrec_op_names[op], kind);
    }
    if (!sgeo_nasrec_has_op(space, op)) {
        return sgeo_fail(SGEO_USAGE, hint, "nasrec architecture, %s: nasrec-%s has no %s", where,
                         sgeo_nasrec_space_names[space], sgeo_nasrec_op_names[op]);
    }
    *(sparse ? &block->sparse_op : &block->dense_op) = (unsigned char)op;
    return SGEO_OK;
}

size_t sgeo_nasrec_dim_place(bool sparse, long long dim)
{
    const uint16_t *dims = sparse ? sgeo_nasrec_sparse_dims : sgeo_nasrec_dense_dims;
    size_t n = sparse ? SGEO_NASREC_SPARSE_DIMS : SGEO_NASREC_DENSE_DIMS, place = 0;
    while (place < n && dims[place] != dim) {
        place++;
    }
    return place;
}

enum sgeo_status sgeo_nasrec_put_dim(struct sgeo_nasrec_block *block, bool sparse, long long dim,
                                     const char *where)
{
    size_t place = sgeo_nasrec_dim_place(sparse, dim);
    if (place == (sparse ? SGEO_NASREC_SPARSE_DIMS : SGEO_NASREC_DENSE_DIMS)) {
        return sgeo_fail(SGEO_USAGE, sparse ? "16 32 48 64" : "16 32 64 128 256 512 768 1024",
                         "nasrec architecture, %s: no %s dim is %lld", where,
                         sparse ? "sparse" : "dense", dim);
    }
    *(sparse ? &block->sparse_dim : &block->dense_dim) = (uint16_t)dim;
    return SGEO_OK;
}

enum sgeo_status sgeo_nasrec_put_side(unsigned char *side, size_t b, long long input,
                                      const char *where)
{
    if (input < 0 || input > (long long)b) {
        return sgeo_fail(SGEO_USAGE, "input 0 is raw, input j the output of block j, blocks from 1",
                         "nasrec architecture, %s: block %zu cannot read input %lld, only 0 to %zu",
                         where, b + 1, input, b);
    }
    *side = (unsigned char)input;
    return SGEO_OK;
}

enum sgeo_status sgeo_nasrec_put_input(unsigned char *inputs, size_t b, long long input,
                                       const char *where)
{
    unsigned char checked = 0;
    size_t n = 0;
    enum sgeo_status status = sgeo_nasrec_put_side(&checked, b, input, where);
    if (status != SGEO_OK) {
        return status;
    }
    for (size_t j = 0; j < SGEO_NASREC_BLOCKS; j++) {
        n += *inputs >> j & 1;
    }
    if ((*inputs >> checked & 1) != 0) {
        return sgeo_fail(SGEO_USAGE, "name an input once",
                         "nasrec architecture, %s: input %u twice", where, checked);
    }
    if (n == SGEO_NASREC_INPUTS_MAX) {
        return sgeo_fail(SGEO_USAGE, "a block reads 1 to 4 dense and 1 to 4 sparse inputs",
                         "nasrec architecture, %s: more than 4 inputs", where);
    }
    *inputs |= (unsigned char)(1u << checked);
    return SGEO_OK;
}

/* --- the text --- */

static const char example[] = "a block looks like F,E|256,48|i|0;0;0,0 "
                              "(ops|dims|merges|dense;sparse;left,right)";

struct cursor {
    const char *text;
    size_t at;
    size_t b; /* the block being read */
};

static void where_of(char where[48], const struct cursor *cursor)
{
    snprintf(where, 48, "character %zu (block %zu)", cursor->at + 1, cursor->b + 1);
}

static enum sgeo_status fail_at(const struct cursor *cursor, const char *expected)
{
    char found = cursor->text[cursor->at], where[48], quoted[8] = "the end";
    if (found != '\0') {
        snprintf(quoted, sizeof quoted, "\"%c\"", found >= ' ' && found <= '~' ? found : '?');
    }
    where_of(where, cursor);
    return sgeo_fail(SGEO_USAGE, example, "nasrec architecture, %s: expected %s, got %s", where,
                     expected, quoted);
}

static enum sgeo_status take_character(struct cursor *cursor, char wanted)
{
    char expected[8];
    if (cursor->text[cursor->at] != wanted) {
        snprintf(expected, sizeof expected, "\"%c\"", wanted);
        return fail_at(cursor, expected);
    }
    cursor->at++;
    return SGEO_OK;
}

/* Up to four digits, no zero before another. */
static enum sgeo_status peek_number(const struct cursor *cursor, const char *what, size_t *digits,
                                    long long *number)
{
    const char *text = cursor->text + cursor->at;
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n > 4 || (text[0] == '0' && n > 1)) {
        return fail_at(cursor, what);
    }
    *number = 0;
    for (size_t i = 0; i < n; i++) {
        *number = 10 * *number + (text[i] - '0');
    }
    *digits = n;
    return SGEO_OK;
}

static enum sgeo_status take_op(struct cursor *cursor, struct sgeo_nasrec_arch *arch, bool sparse)
{
    char where[48], letter = cursor->text[cursor->at];
    const char *found = letter == '\0' ? NULL : strchr(sgeo_nasrec_op_letters, letter);
    if (found == NULL) {
        return fail_at(cursor,
                       sparse ? "a sparse operation, A or E" : "a dense operation, F, D, G or S");
    }
    where_of(where, cursor);
    cursor->at++;
    return sgeo_nasrec_put_op(&arch->blocks[cursor->b], arch->space, sparse,
                              (enum sgeo_nasrec_op)(found - sgeo_nasrec_op_letters), where);
}

static enum sgeo_status take_dim(struct cursor *cursor, struct sgeo_nasrec_block *block,
                                 bool sparse)
{
    char where[48];
    size_t digits = 0;
    long long dim = 0;
    enum sgeo_status status =
        peek_number(cursor, sparse ? "a sparse dim" : "a dense dim", &digits, &dim);
    if (status != SGEO_OK) {
        return status;
    }
    where_of(where, cursor);
    cursor->at += digits;
    return sgeo_nasrec_put_dim(block, sparse, dim, where);
}

static enum sgeo_status take_merges(struct cursor *cursor, struct sgeo_nasrec_block *block)
{
    const char *text = cursor->text + cursor->at;
    block->dense_to_sparse = text[0] == 'i';
    block->fm = text[block->dense_to_sparse ? 1 : 0] == 'f';
    cursor->at += (block->dense_to_sparse ? 1u : 0u) + (block->fm ? 1u : 0u);
    if (!block->dense_to_sparse && !block->fm) {
        return text[0] == '-' ? take_character(cursor, '-')
                              : fail_at(cursor, "the merges, i, f, if or -");
    }
    return SGEO_OK;
}

/* A number put by sgeo_nasrec_put_input or _put_side. */
static enum sgeo_status take_input(struct cursor *cursor, unsigned char *target,
                                   enum sgeo_status (*put)(unsigned char *, size_t, long long,
                                                           const char *))
{
    char where[48];
    size_t digits = 0;
    long long input = 0;
    enum sgeo_status status = peek_number(cursor, "an input", &digits, &input);
    if (status != SGEO_OK) {
        return status;
    }
    where_of(where, cursor);
    cursor->at += digits;
    return put(target, cursor->b, input, where);
}

static enum sgeo_status take_inputs(struct cursor *cursor, unsigned char *inputs)
{
    enum sgeo_status status = take_input(cursor, inputs, sgeo_nasrec_put_input);
    while (status == SGEO_OK && cursor->text[cursor->at] == ',') {
        cursor->at++;
        status = take_input(cursor, inputs, sgeo_nasrec_put_input);
    }
    return status == SGEO_OK ? take_character(cursor, ';') : status;
}

static enum sgeo_status take_pair(struct cursor *cursor, struct sgeo_nasrec_arch *arch, bool dims)
{
    struct sgeo_nasrec_block *block = &arch->blocks[cursor->b];
    enum sgeo_status status = dims ? take_dim(cursor, block, false) : take_op(cursor, arch, false);
    if (status == SGEO_OK) {
        status = take_character(cursor, ',');
    }
    if (status == SGEO_OK) {
        status = dims ? take_dim(cursor, block, true) : take_op(cursor, arch, true);
    }
    return status == SGEO_OK ? take_character(cursor, '|') : status;
}

/* The inputs of a block, to its last character. */
static enum sgeo_status take_macro(struct cursor *cursor, struct sgeo_nasrec_block *block)
{
    enum sgeo_status status = take_inputs(cursor, &block->dense_inputs);
    if (status == SGEO_OK) {
        status = take_inputs(cursor, &block->sparse_inputs);
    }
    if (status == SGEO_OK) {
        status = take_input(cursor, &block->left, sgeo_nasrec_put_side);
    }
    if (status == SGEO_OK) {
        status = take_character(cursor, ',');
    }
    return status == SGEO_OK ? take_input(cursor, &block->right, sgeo_nasrec_put_side) : status;
}

static enum sgeo_status take_block(struct cursor *cursor, struct sgeo_nasrec_arch *arch)
{
    struct sgeo_nasrec_block *block = &arch->blocks[cursor->b];
    enum sgeo_status status = take_character(cursor, ' ');
    if (status == SGEO_OK) {
        status = take_pair(cursor, arch, false);
    }
    if (status == SGEO_OK) {
        status = take_pair(cursor, arch, true);
    }
    if (status == SGEO_OK) {
        status = take_merges(cursor, block);
    }
    if (status == SGEO_OK) {
        status = take_character(cursor, '|');
    }
    return status == SGEO_OK ? take_macro(cursor, block) : status;
}

/* Length of "nasrec-small" or "nasrec-full" at the start of a text; 0 when there is none. */
static size_t space_length(enum sgeo_nasrec_space *space, const char *text)
{
    const size_t before = strlen("nasrec-");
    for (size_t s = 0; strncmp(text, "nasrec-", before) == 0 && s < 2; s++) {
        size_t n = before + strlen(sgeo_nasrec_space_names[s]);
        if (strncmp(text + before, sgeo_nasrec_space_names[s], n - before) == 0 &&
            (text[n] == ' ' || text[n] == '\0')) {
            *space = (enum sgeo_nasrec_space)s;
            return n;
        }
    }
    return 0;
}

enum sgeo_status sgeo_nasrec_decode(struct sgeo_nasrec_arch *arch, const char *text)
{
    struct sgeo_nasrec_arch parsed = {0};
    struct cursor cursor = {.text = text, .at = space_length(&parsed.space, text)};
    if (cursor.at == 0) {
        return sgeo_fail(SGEO_USAGE, example,
                         "nasrec architecture, character 1: expected nasrec-small or nasrec-full");
    }
    for (cursor.b = 0; cursor.b < SGEO_NASREC_BLOCKS; cursor.b++) {
        enum sgeo_status status = take_block(&cursor, &parsed);
        if (status != SGEO_OK) {
            return status;
        }
    }
    cursor.b = SGEO_NASREC_BLOCKS - 1;
    if (text[cursor.at] != '\0') {
        return fail_at(&cursor, "the end behind 7 blocks");
    }
    *arch = parsed;
    return SGEO_OK;
}

/* "0,2,3"; there is an input. */
static void list_inputs(char list[16], unsigned char inputs)
{
    assert(inputs != 0);
    for (unsigned j = 0; j < SGEO_NASREC_BLOCKS; j++) {
        if ((inputs >> j & 1) != 0) {
            *list++ = (char)('0' + j);
            *list++ = ',';
        }
    }
    list[-1] = '\0';
}

void sgeo_nasrec_encode(char text[SGEO_NASREC_TEXT_MAX], const struct sgeo_nasrec_arch *arch)
{
    size_t n = (size_t)snprintf(text, SGEO_NASREC_TEXT_MAX, "nasrec-%s",
                                sgeo_nasrec_space_names[arch->space]);
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        const struct sgeo_nasrec_block *block = &arch->blocks[b];
        char dense[16], sparse[16];
        list_inputs(dense, block->dense_inputs);
        list_inputs(sparse, block->sparse_inputs);
        n += (size_t)snprintf(text + n, SGEO_NASREC_TEXT_MAX - n, " %c,%c|%u,%u|%s%s%s|%s;%s;%u,%u",
                              sgeo_nasrec_op_letters[block->dense_op],
                              sgeo_nasrec_op_letters[block->sparse_op], block->dense_dim,
                              block->sparse_dim, block->dense_to_sparse ? "i" : "",
                              block->fm ? "f" : "", block->dense_to_sparse || block->fm ? "" : "-",
                              dense, sparse, block->left, block->right);
    }
}

/* --- any of the forms --- */

enum sgeo_status sgeo_nasrec_parse(struct sgeo_nasrec_arch *arch, const char *what)
{
    enum sgeo_nasrec_space space;
    for (size_t i = 0; i < SGEO_NASREC_PUBLISHED; i++) {
        if (strcmp(what, sgeo_nasrec_published[i].name) == 0) {
            return sgeo_nasrec_decode(arch, sgeo_nasrec_published[i].text);
        }
    }
    if (space_length(&space, what) > 0) {
        return sgeo_nasrec_decode(arch, what);
    }
    if (!sgeo_file_exists(what)) {
        return sgeo_fail(SGEO_USAGE,
                         "criteo-small criteo-full avazu-small avazu-full kdd-small kdd-full, a "
                         "JSON file, or nasrec-small|nasrec-full and seven blocks",
                         "no nasrec architecture has this name, and no file: %.80s", what);
    }
    return sgeo_nasrec_read(arch, what);
}
