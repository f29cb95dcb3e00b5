/*
 * Architectures of tnb101: the text, the number, NASLib's integers, sampling.
 *
 *   64-41414-A_BC_DEF   A: edge 0-1, B: 0-2, C: 1-2, D: 0-3, E: 1-3, F: 2-3
 *                       0 none, 1 skip, 2 conv1x1, 3 conv3x3
 */
#include "space/tnb101.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "space/tnb101_parts.h"

const struct sgeo_tnb101_edge sgeo_tnb101_edges[6] = {{0, 1}, {0, 2}, {1, 2},
                                                      {0, 3}, {1, 3}, {2, 3}};

/* --- the text --- */

/* The text with a '?' for each digit. */
static const char pattern[] = "64-41414-?_??_???";

/* The part of the pattern that names the macro network. */
enum { MACRO_LENGTH = 9 };

static const char operations[] = "operations: 0 none, 1 skip, 2 conv1x1, 3 conv3x3";
static const char example[] = "example: 64-41414-1_02_333";
static const char macro[] = "only the micro space with the macro network 64-41414 is built; "
                            "example: 64-41414-1_02_333";

/* What was found instead: one character in quotes, a foreign byte as '?'. */
static void describe(char out[8], char found)
{
    if (found == '\0') {
        snprintf(out, 8, "the end");
    } else {
        snprintf(out, 8, "\"%c\"", found >= ' ' && found <= '~' ? found : '?');
    }
}

/* Character `at` is not what the pattern wants; `edge` is that of the next digit. */
static enum sgeo_status fail_character(char found, size_t at, size_t edge)
{
    char quoted[8];
    describe(quoted, found);
    if (pattern[at] == '?') {
        return sgeo_fail(
            SGEO_USAGE, operations,
            "tnb101 architecture, character %zu: expected the operation of edge %zu-%zu, got %s",
            at + 1, sgeo_tnb101_edges[edge].source, sgeo_tnb101_edges[edge].target, quoted);
    }
    if (pattern[at] == '\0') {
        return sgeo_fail(SGEO_USAGE, example,
                         "tnb101 architecture, character %zu: expected the end, got %s", at + 1,
                         quoted);
    }
    return sgeo_fail(SGEO_USAGE, at < MACRO_LENGTH ? macro : example,
                     "tnb101 architecture, character %zu: expected \"%c\", got %s", at + 1,
                     pattern[at], quoted);
}

static bool is_op(char c)
{
    return c >= '0' && c < '0' + (int)SGEO_TNB101_OPS;
}

static enum sgeo_status decode(struct sgeo_arch *arch, const char *text)
{
    struct sgeo_arch parsed = {{0}};
    size_t edge = 0;
    for (size_t at = 0; at < sizeof pattern; at++) { /* the closing NUL too */
        bool fits = pattern[at] == '?' ? is_op(text[at]) : text[at] == pattern[at];
        if (!fits) {
            return fail_character(text[at], at, edge);
        }
        if (pattern[at] == '?') {
            parsed.code[edge++] = (unsigned char)(text[at] - '0');
        }
    }
    *arch = parsed;
    return SGEO_OK;
}

static void encode(char text[SGEO_ARCH_TEXT_MAX], const struct sgeo_arch *arch)
{
    size_t edge = 0;
    for (size_t at = 0; at < sizeof pattern; at++) {
        text[at] = pattern[at] == '?' ? (char)('0' + arch->code[edge++]) : pattern[at];
    }
}

/* NASLib's integers are the text's digits in the text's order. */
static enum sgeo_status decode_naslib(struct sgeo_arch *arch, const char *key)
{
    unsigned digits[SGEO_TNB101_EDGES];
    struct sgeo_arch parsed = {{0}};
    int end = 0;
    if (sscanf(key, "(%u, %u, %u, %u, %u, %u)%n", &digits[0], &digits[1], &digits[2], &digits[3],
               &digits[4], &digits[5], &end) != 6 ||
        key[end] != '\0') {
        return sgeo_fail(SGEO_USAGE, "TransNAS-Bench-101 keys look like (2, 3, 2, 3, 2, 3)",
                         "not a NASLib architecture: %s", key);
    }
    for (size_t e = 0; e < SGEO_TNB101_EDGES; e++) {
        if (digits[e] >= SGEO_TNB101_OPS) {
            return sgeo_fail(SGEO_USAGE, operations,
                             "tnb101 integers, number %zu: expected 0 to 3, got %u", e + 1,
                             digits[e]);
        }
        parsed.code[e] = (unsigned char)digits[e];
    }
    *arch = parsed;
    return SGEO_OK;
}

static void encode_naslib(char key[SGEO_ARCH_TEXT_MAX], const struct sgeo_arch *arch)
{
    const unsigned char *d = arch->code;
    snprintf(key, SGEO_ARCH_TEXT_MAX, "(%d, %d, %d, %d, %d, %d)", d[0], d[1], d[2], d[3], d[4],
             d[5]);
}

/* --- the whole space --- */

static void sample(struct sgeo_arch *arch, struct sgeo_rng *rng)
{
    *arch = (struct sgeo_arch){{0}};
    for (size_t e = 0; e < SGEO_TNB101_EDGES; e++) {
        arch->code[e] = (unsigned char)sgeo_rng_below(rng, SGEO_TNB101_OPS);
    }
}

void sgeo_tnb101_enumerate(struct sgeo_arch *arch, size_t i)
{
    assert(i < SGEO_TNB101_CELLS);
    *arch = (struct sgeo_arch){{0}};
    for (size_t e = SGEO_TNB101_EDGES; e-- > 0;) {
        arch->code[e] = (unsigned char)(i % SGEO_TNB101_OPS);
        i /= SGEO_TNB101_OPS;
    }
}

size_t sgeo_tnb101_index(const struct sgeo_arch *arch)
{
    size_t index = 0;
    for (size_t e = 0; e < SGEO_TNB101_EDGES; e++) {
        index = index * SGEO_TNB101_OPS + arch->code[e];
    }
    return index;
}

bool sgeo_tnb101_has_path(const struct sgeo_arch *arch)
{
    bool reached[4] = {true, false, false, false};
    for (size_t e = 0; e < SGEO_TNB101_EDGES; e++) { /* edges are sorted by target */
        const struct sgeo_tnb101_edge *edge = &sgeo_tnb101_edges[e];
        if (arch->code[e] != SGEO_TNB101_NONE && reached[edge->source]) {
            reached[edge->target] = true;
        }
    }
    return reached[3];
}

const struct sgeo_space sgeo_tnb101 = {
    .name = "tnb101",
    .grammar = "64-41414-A_BC_DEF, digits: 0 none, 1 skip, 2 conv1x1, 3 conv3x3",
    .standard = {.channels = 64,
                 .cells = 2,
                 .classes = 100,
                 .image_channels = 3,
                 .image_size = 256,
                 .edge_affine = true},
    .mean_path_macs = 2.3e9,
    .decode = decode,
    .encode = encode,
    .decode_naslib = decode_naslib,
    .encode_naslib = encode_naslib,
    .sample = sample,
    .build = sgeo_tnb101_build,
    .build_supernet = sgeo_tnb101_build_supernet,
};
