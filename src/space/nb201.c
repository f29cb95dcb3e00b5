/* Architectures of nb201: the string, the number, NASLib's integers, sampling. */
#include "space/nb201.h"

#include <assert.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "space/nb201_parts.h"

const struct sgeo_nb201_edge sgeo_nb201_edges[6] = {{0, 1}, {0, 2}, {1, 2}, {0, 3}, {1, 3}, {2, 3}};

const char *const sgeo_nb201_op_names[5] = {"none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3",
                                            "avg_pool_3x3"};

/* What stands before and behind the operation of each edge. */
static const char *const before[6] = {"|", "+|", "", "+|", "", ""};
static const char *const behind[6] = {"~0|", "~0|", "~1|", "~0|", "~1|", "~2|"};

/* --- the string --- */

enum { EXCERPT_MAX = 24, HINT_MAX = 128 };

static const char example[] = "example: |nor_conv_3x3~0|+|none~0|skip_connect~1|"
                              "+|avg_pool_3x3~0|nor_conv_1x1~1|none~2|";

/* What was found instead: at most EXCERPT_MAX characters in quotes, foreign bytes as '?'. */
static void describe(char out[EXCERPT_MAX + 3], const char *found, size_t length)
{
    if (*found == '\0') {
        snprintf(out, EXCERPT_MAX + 3, "the end");
        return;
    }
    size_t n = 0;
    out[n++] = '"';
    for (size_t i = 0; i < length && i < EXCERPT_MAX && found[i] != '\0'; i++) {
        out[n++] = found[i] >= ' ' && found[i] <= '~' ? found[i] : '?';
    }
    out[n++] = '"';
    out[n] = '\0';
}

/* Step over `literal`, which must come next. */
static enum sgeo_status take_literal(const char *text, size_t *at, const char *literal)
{
    while (*literal != '\0' && text[*at] == *literal) {
        ++*at;
        ++literal;
    }
    if (*literal == '\0') {
        return SGEO_OK;
    }
    char found[EXCERPT_MAX + 3];
    describe(found, text + *at, EXCERPT_MAX);
    return sgeo_fail(SGEO_USAGE, example,
                     "nb201 architecture, character %zu: expected \"%s\", got %s", *at + 1, literal,
                     found);
}

/* The operation whose name is closest to `token`; SGEO_NB201_OPS when over half of each name
 * differs. */
static size_t nearest_op(const char *token)
{
    size_t nearest = SGEO_NB201_OPS;
    size_t least = SIZE_MAX;
    for (size_t op = 0; op < SGEO_NB201_OPS; op++) {
        const char *name = sgeo_nb201_op_names[op];
        size_t distance = sgeo_edit_distance(token, name);
        if (distance < least && 2 * distance <= strlen(name)) {
            least = distance;
            nearest = op;
        }
    }
    return nearest;
}

static enum sgeo_status fail_op(const char *found, size_t length, size_t position, size_t edge)
{
    char quoted[EXCERPT_MAX + 3];
    char token[EXCERPT_MAX + 1] = "";
    char hint[HINT_MAX] = "operations: none skip_connect nor_conv_1x1 nor_conv_3x3 avg_pool_3x3";
    describe(quoted, found, length > 0 ? length : EXCERPT_MAX);
    if (length <= EXCERPT_MAX) {
        memcpy(token, found, length);
        size_t op = nearest_op(token);
        if (op < SGEO_NB201_OPS) {
            snprintf(hint, sizeof hint, "did you mean %s?", sgeo_nb201_op_names[op]);
        }
    }
    return sgeo_fail(
        SGEO_USAGE, hint,
        "nb201 architecture, character %zu: expected the operation of edge %zu-%zu, got %s",
        position, sgeo_nb201_edges[edge].source, sgeo_nb201_edges[edge].target, quoted);
}

/* Step over the name of an operation, which must come next. */
static enum sgeo_status take_op(const char *text, size_t *at, unsigned char *code, size_t edge)
{
    const char *name = text + *at;
    size_t length = strcspn(name, "~|+");
    for (size_t op = 0; op < SGEO_NB201_OPS; op++) {
        if (strlen(sgeo_nb201_op_names[op]) == length &&
            memcmp(sgeo_nb201_op_names[op], name, length) == 0) {
            *code = (unsigned char)op;
            *at += length;
            return SGEO_OK;
        }
    }
    return fail_op(name, length, *at + 1, edge);
}

static enum sgeo_status decode(struct sgeo_arch *arch, const char *text)
{
    struct sgeo_arch parsed = {{0}};
    size_t at = 0;
    for (size_t e = 0; e < SGEO_NB201_EDGES; e++) {
        enum sgeo_status status = take_literal(text, &at, before[e]);
        if (status == SGEO_OK) {
            status = take_op(text, &at, &parsed.code[e], e);
        }
        if (status == SGEO_OK) {
            status = take_literal(text, &at, behind[e]);
        }
        if (status != SGEO_OK) {
            return status;
        }
    }
    if (text[at] != '\0') {
        char found[EXCERPT_MAX + 3];
        describe(found, text + at, EXCERPT_MAX);
        return sgeo_fail(SGEO_USAGE, example,
                         "nb201 architecture, character %zu: expected the end, got %s", at + 1,
                         found);
    }
    *arch = parsed;
    return SGEO_OK;
}

static void encode(char text[SGEO_ARCH_TEXT_MAX], const struct sgeo_arch *arch)
{
    size_t length = 0;
    for (size_t e = 0; e < SGEO_NB201_EDGES; e++) {
        int written = snprintf(text + length, SGEO_ARCH_TEXT_MAX - length, "%s%s%s", before[e],
                               sgeo_nb201_op_names[arch->code[e]], behind[e]);
        assert(written > 0);
        length += (size_t)written;
    }
}

/* --- the whole space --- */

static void sample(struct sgeo_arch *arch, struct sgeo_rng *rng)
{
    *arch = (struct sgeo_arch){{0}};
    for (size_t e = 0; e < SGEO_NB201_EDGES; e++) {
        arch->code[e] = (unsigned char)sgeo_rng_below(rng, SGEO_NB201_OPS);
    }
}

void sgeo_nb201_enumerate(struct sgeo_arch *arch, size_t i)
{
    assert(i < SGEO_NB201_CELLS);
    *arch = (struct sgeo_arch){{0}};
    for (size_t e = SGEO_NB201_EDGES; e-- > 0;) {
        arch->code[e] = (unsigned char)(i % SGEO_NB201_OPS);
        i /= SGEO_NB201_OPS;
    }
}

size_t sgeo_nb201_index(const struct sgeo_arch *arch)
{
    size_t index = 0;
    for (size_t e = 0; e < SGEO_NB201_EDGES; e++) {
        index = index * SGEO_NB201_OPS + arch->code[e];
    }
    return index;
}

/* --- NASLib's integers: edges by source instead of by target, operations numbered differently --
 */

static const size_t naslib_edge[6] = {0, 1, 3, 2, 4, 5}; /* digit -> edge of the code */
static const unsigned char naslib_op[5] = {SGEO_NB201_SKIP, SGEO_NB201_NONE, SGEO_NB201_CONV3,
                                           SGEO_NB201_CONV1, SGEO_NB201_AVGPOOL};

static enum sgeo_status decode_naslib(struct sgeo_arch *arch, const char *key)
{
    unsigned numbers[SGEO_NB201_EDGES];
    unsigned char digits[SGEO_NB201_EDGES];
    int end = 0;
    if (sscanf(key, "(%u, %u, %u, %u, %u, %u)%n", &numbers[0], &numbers[1], &numbers[2],
               &numbers[3], &numbers[4], &numbers[5], &end) != 6 ||
        key[end] != '\0') {
        return sgeo_fail(SGEO_USAGE, "NAS-Bench-201 keys look like (4, 0, 3, 1, 4, 3)",
                         "not a NASLib architecture: %s", key);
    }
    for (size_t d = 0; d < SGEO_NB201_EDGES; d++) {
        digits[d] = numbers[d] > UCHAR_MAX ? UCHAR_MAX : (unsigned char)numbers[d];
    }
    return sgeo_nb201_from_naslib(arch, digits);
}

enum sgeo_status sgeo_nb201_from_naslib(struct sgeo_arch *arch, const unsigned char digits[6])
{
    struct sgeo_arch parsed = {{0}};
    for (size_t d = 0; d < SGEO_NB201_EDGES; d++) {
        if (digits[d] >= SGEO_NB201_OPS) {
            return sgeo_fail(SGEO_USAGE, "0 skip, 1 none, 2 conv3x3, 3 conv1x1, 4 avgpool",
                             "nb201 integers, number %zu: expected 0 to 4, got %d", d + 1,
                             digits[d]);
        }
        parsed.code[naslib_edge[d]] = naslib_op[digits[d]];
    }
    *arch = parsed;
    return SGEO_OK;
}

void sgeo_nb201_to_naslib(unsigned char digits[6], const struct sgeo_arch *arch)
{
    for (size_t d = 0; d < SGEO_NB201_EDGES; d++) {
        unsigned char digit = 0;
        while (naslib_op[digit] != arch->code[naslib_edge[d]]) {
            digit++;
        }
        digits[d] = digit;
    }
}

static void encode_naslib(char key[SGEO_ARCH_TEXT_MAX], const struct sgeo_arch *arch)
{
    unsigned char d[SGEO_NB201_EDGES];
    sgeo_nb201_to_naslib(d, arch);
    snprintf(key, SGEO_ARCH_TEXT_MAX, "(%d, %d, %d, %d, %d, %d)", d[0], d[1], d[2], d[3], d[4],
             d[5]);
}

/* --- facts about a cell --- */

bool sgeo_nb201_has_path(const struct sgeo_arch *arch)
{
    bool reached[4] = {true, false, false, false};
    for (size_t e = 0; e < SGEO_NB201_EDGES; e++) { /* edges are sorted by target */
        const struct sgeo_nb201_edge *edge = &sgeo_nb201_edges[e];
        if (arch->code[e] != SGEO_NB201_NONE && reached[edge->source]) {
            reached[edge->target] = true;
        }
    }
    return reached[3];
}

size_t sgeo_nb201_benchmark_flops(const struct sgeo_counts *counts,
                                  const struct sgeo_net_config *config)
{
    return counts->macs + config->classes;
}

const struct sgeo_space sgeo_nb201 = {
    .name = "nb201",
    .grammar = "|op~0|+|op~0|op~1|+|op~0|op~1|op~2|, op: none skip_connect nor_conv_1x1 "
               "nor_conv_3x3 avg_pool_3x3",
    .standard = {.channels = 16,
                 .cells = 5,
                 .classes = 10,
                 .image_channels = 3,
                 .image_size = 32,
                 .edge_affine = true},
    .mean_path_macs = 55e6,
    .decode = decode,
    .encode = encode,
    .decode_naslib = decode_naslib,
    .encode_naslib = encode_naslib,
    .sample = sample,
    .build = sgeo_nb201_build,
    .build_supernet = sgeo_nb201_build_supernet,
};
