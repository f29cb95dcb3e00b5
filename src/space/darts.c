/*
 * Architectures of nb301: the text, NASLib's key, sampling.
 *
 *   text   CELL,CELL         the normal cell, then the reduction cell
 *   CELL   E E E E E E E E   two edges a node, one blank between
 *   E      SOURCE:OP         one digit each; both edges of a node have different sources
 */
#include "space/darts.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "space/darts_parts.h"

const char *const sgeo_darts_op_names[7] = {"max_pool_3x3", "avg_pool_3x3", "skip_connect",
                                            "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3",
                                            "dil_conv_5x5"};

/* Edges of both cells; edge e belongs to node e/2 of its cell. */
enum { BOTH_EDGES = 16, FOUND_MAX = 16 };

static size_t node_of(size_t edge)
{
    return edge % SGEO_DARTS_EDGES / 2;
}

/* Sources that node n can choose from: two inputs and the nodes before it. */
static size_t sources_of(size_t node)
{
    return 2 + node;
}

/* --- the text --- */

static const char example[] =
    "example: 0:3 1:3 0:3 1:3 1:3 0:2 0:2 2:5,0:0 1:0 2:2 1:0 0:0 2:2 2:2 1:0";
static const char operations[] = "operations: 0 max_pool_3x3, 1 avg_pool_3x3, 2 skip_connect, "
                                 "3 sep_conv_3x3, 4 sep_conv_5x5, 5 dil_conv_3x3, 6 dil_conv_5x5";

/* The character that was found instead, in quotes; a foreign byte as '?'. */
static void describe(char out[FOUND_MAX], char found)
{
    if (found == '\0') {
        snprintf(out, FOUND_MAX, "the end");
    } else {
        snprintf(out, FOUND_MAX, "\"%c\"", found >= ' ' && found <= '~' ? found : '?');
    }
}

/* Step over one character, which must come next. */
static enum sgeo_status take_character(const char *text, size_t *at, char wanted)
{
    char expected[FOUND_MAX], found[FOUND_MAX];
    if (text[*at] == wanted) {
        *at += wanted == '\0' ? 0 : 1;
        return SGEO_OK;
    }
    describe(expected, wanted);
    describe(found, text[*at]);
    return sgeo_fail(SGEO_USAGE, example, "nb301 architecture, character %zu: expected %s, got %s",
                     *at + 1, expected, found);
}

static bool is_digit_below(char c, size_t limit)
{
    return c >= '0' && (size_t)(c - '0') < limit;
}

static const char *cell_name(size_t edge)
{
    return edge < SGEO_DARTS_EDGES ? "normal" : "reduction";
}

/* Step over the source of an edge of the two cells, which must come next. */
static enum sgeo_status take_source(const char *text, size_t *at, unsigned char *code, size_t edge)
{
    size_t node = node_of(edge);
    char found[FOUND_MAX];
    if (!is_digit_below(text[*at], sources_of(node))) {
        describe(found, text[*at]);
        return sgeo_fail(SGEO_USAGE, example,
                         "nb301 architecture, character %zu: expected a source of node %zu of the "
                         "%s cell, 0 to %zu, got %s",
                         *at + 1, node, cell_name(edge), sources_of(node) - 1, found);
    }
    code[2 * edge] = (unsigned char)(text[*at] - '0');
    if (edge % 2 == 1 && code[2 * edge] == code[2 * edge - 2]) {
        return sgeo_fail(SGEO_USAGE, "the two edges of a node come from different sources",
                         "nb301 architecture, character %zu: node %zu of the %s cell reads source "
                         "%d twice",
                         *at + 1, node, cell_name(edge), code[2 * edge]);
    }
    ++*at;
    return SGEO_OK;
}

/* Step over the operation of an edge, which must come next. */
static enum sgeo_status take_op(const char *text, size_t *at, unsigned char *code, size_t edge)
{
    char found[FOUND_MAX];
    if (!is_digit_below(text[*at], SGEO_DARTS_OPS)) {
        describe(found, text[*at]);
        return sgeo_fail(SGEO_USAGE, operations,
                         "nb301 architecture, character %zu: expected an operation of node %zu of "
                         "the %s cell, 0 to 6, got %s",
                         *at + 1, node_of(edge), cell_name(edge), found);
    }
    code[2 * edge + 1] = (unsigned char)(text[*at] - '0');
    ++*at;
    return SGEO_OK;
}

/* What stands behind an edge. */
static char separator(size_t edge)
{
    return edge + 1 == BOTH_EDGES ? '\0' : edge + 1 == SGEO_DARTS_EDGES ? ',' : ' ';
}

static enum sgeo_status decode(struct sgeo_arch *arch, const char *text)
{
    struct sgeo_arch parsed = {{0}};
    size_t at = 0;
    for (size_t edge = 0; edge < BOTH_EDGES; edge++) {
        enum sgeo_status status = take_source(text, &at, parsed.code, edge);
        if (status == SGEO_OK) {
            status = take_character(text, &at, ':');
        }
        if (status == SGEO_OK) {
            status = take_op(text, &at, parsed.code, edge);
        }
        if (status == SGEO_OK) {
            status = take_character(text, &at, separator(edge));
        }
        if (status != SGEO_OK) {
            return status;
        }
    }
    *arch = parsed;
    return SGEO_OK;
}

static void encode(char text[SGEO_ARCH_TEXT_MAX], const struct sgeo_arch *arch)
{
    for (size_t edge = 0; edge < BOTH_EDGES; edge++) {
        *text++ = (char)('0' + arch->code[2 * edge]);
        *text++ = ':';
        *text++ = (char)('0' + arch->code[2 * edge + 1]);
        *text++ = separator(edge);
    }
}

/* --- NASLib's key: the same numbers as nested tuples, (((0, 3), (1, 3), ...), (...)) --- */

/* Step over `wanted`, and blanks before it; false when something else comes. */
static bool skip_to(const char **at, char wanted)
{
    *at += strspn(*at, " ");
    if (**at != wanted) {
        return false;
    }
    ++*at;
    return true;
}

static bool take_number(const char **at, unsigned char *number, size_t limit)
{
    *at += strspn(*at, " ");
    if (!is_digit_below(**at, limit)) {
        return false;
    }
    *number = (unsigned char)(**at - '0');
    ++*at;
    return true;
}

/* "(SOURCE, OP)" and the comma behind it, unless the edge is its cell's last. */
static bool take_tuple(const char **at, unsigned char *code, size_t edge)
{
    return skip_to(at, '(') && take_number(at, &code[2 * edge], sources_of(node_of(edge))) &&
           skip_to(at, ',') && take_number(at, &code[2 * edge + 1], SGEO_DARTS_OPS) &&
           skip_to(at, ')') &&
           (edge % SGEO_DARTS_EDGES + 1 == SGEO_DARTS_EDGES || skip_to(at, ','));
}

static bool take_key(const char *key, unsigned char *code)
{
    bool good = skip_to(&key, '(');
    for (size_t edge = 0; good && edge < BOTH_EDGES; edge++) {
        if (edge % SGEO_DARTS_EDGES == 0) {
            good = (edge == 0 || skip_to(&key, ',')) && skip_to(&key, '(');
        }
        good = good && take_tuple(&key, code, edge) &&
               (edge % 2 == 0 || code[2 * edge] != code[2 * edge - 2]);
        if (edge % SGEO_DARTS_EDGES + 1 == SGEO_DARTS_EDGES) {
            good = good && skip_to(&key, ')');
        }
    }
    return good && skip_to(&key, ')') && *key == '\0';
}

static enum sgeo_status decode_naslib(struct sgeo_arch *arch, const char *key)
{
    struct sgeo_arch parsed = {{0}};
    if (!take_key(key, parsed.code)) {
        return sgeo_fail(SGEO_USAGE,
                         "NAS-Bench-301 keys look like (((0, 3), (1, 3), ...), ((0, 0), ...)): 8 "
                         "pairs of source and operation a cell",
                         "not a NASLib architecture: %s", key);
    }
    *arch = parsed;
    return SGEO_OK;
}

static void encode_naslib(char key[SGEO_ARCH_TEXT_MAX], const struct sgeo_arch *arch)
{
    size_t length = 0;
    for (size_t edge = 0; edge < BOTH_EDGES; edge++) {
        const char *before = edge == 0 ? "((" : edge == SGEO_DARTS_EDGES ? "), (" : ", ";
        length += (size_t)snprintf(key + length, SGEO_ARCH_TEXT_MAX - length, "%s(%d, %d)", before,
                                   arch->code[2 * edge], arch->code[2 * edge + 1]);
    }
    snprintf(key + length, SGEO_ARCH_TEXT_MAX - length, "))");
}

/* --- sampling --- */

/* Every node two different sources, in either order, and two operations. */
static void sample(struct sgeo_arch *arch, struct sgeo_rng *rng)
{
    *arch = (struct sgeo_arch){{0}};
    for (size_t edge = 0; edge < BOTH_EDGES; edge += 2) {
        unsigned char *code = &arch->code[2 * edge];
        size_t sources = sources_of(node_of(edge));
        size_t first = (size_t)sgeo_rng_below(rng, sources);
        size_t second = (size_t)sgeo_rng_below(rng, sources - 1);
        code[0] = (unsigned char)first;
        code[1] = (unsigned char)sgeo_rng_below(rng, SGEO_DARTS_OPS);
        code[2] = (unsigned char)(second < first ? second : second + 1);
        code[3] = (unsigned char)sgeo_rng_below(rng, SGEO_DARTS_OPS);
    }
}

const struct sgeo_space sgeo_darts = {
    .name = "nb301",
    .grammar = "NORMAL,REDUCE, each 8 times source:op, two a node; source: 0 1 cells before, 2+i "
               "node i; op: 0 max_pool_3x3 1 avg_pool_3x3 2 skip_connect 3 sep_conv_3x3 "
               "4 sep_conv_5x5 5 dil_conv_3x3 6 dil_conv_5x5",
    .standard = {.channels = 32,
                 .cells = 8,
                 .classes = 10,
                 .image_channels = 3,
                 .image_size = 32,
                 .edge_affine = false},
    .mean_path_macs = 154e6,
    .decode = decode,
    .encode = encode,
    .decode_naslib = decode_naslib,
    .encode_naslib = encode_naslib,
    .sample = sample,
    .build = sgeo_darts_build,
    .build_supernet = sgeo_darts_build_supernet,
};
