/* Architectures of nb101: the text, NASLib's tuple, sampling. */
#include "space/nb101.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "space/nb101_parts.h"

/* The cell of the benchmark's own examples: 1x1, 3x3, 3x3 after 3x3 and a pool, side by side. */
static const char example[] = "example: 111010000010001100011:01112";
static const char hint_adjacency[] =
    "1, 3, 6, 10, 15 or 21 digits: the upper triangle, row by row, of 2 to 7 vertices";
static const char hint_ops[] = "0 conv1x1, 1 conv3x3, 2 maxpool3x3, one digit an interior vertex";

static size_t triangle(size_t n_vertices)
{
    return n_vertices * (n_vertices - 1) / 2;
}

/* --- valid cells --- */

enum sgeo_status sgeo_nb101_check(const struct sgeo_arch *arch)
{
    struct sgeo_nb101_cell cell, pruned;
    sgeo_nb101_cell(&cell, arch);
    if (!sgeo_nb101_prune(&pruned, &cell)) {
        return sgeo_fail(SGEO_USAGE, example,
                         "nb101 architecture: no path leads from the input (vertex 0) to the "
                         "output (vertex %zu)",
                         cell.n_vertices - 1);
    }
    size_t edges = sgeo_nb101_count_edges(&pruned);
    if (edges > SGEO_NB101_EDGES_MAX) {
        return sgeo_fail(SGEO_USAGE, "the benchmark has cells of at most 9 edges",
                         "nb101 architecture: %zu edges lead from input to output, at most %zu may",
                         edges, SGEO_NB101_EDGES_MAX);
    }
    return SGEO_OK;
}

/* --- the text --- */

/* What was found at text[at], in words. */
static void describe(char out[8], const char *text, size_t at)
{
    if (text[at] == '\0') {
        snprintf(out, 8, "the end");
    } else {
        snprintf(out, 8, "\"%c\"", text[at] >= ' ' && text[at] <= '~' ? text[at] : '?');
    }
}

static enum sgeo_status fail_at(const char *text, size_t at, const char *hint, const char *expected)
{
    char found[8];
    describe(found, text, at);
    return sgeo_fail(SGEO_USAGE, hint, "nb101 architecture, character %zu: expected %s, got %s",
                     at + 1, expected, found);
}

/* ADJ and the colon; *at is behind it. */
static enum sgeo_status take_adjacency(struct sgeo_arch *arch, const char *text, size_t *at)
{
    size_t n = 0, n_vertices = 2, most = triangle(SGEO_NB101_VERTICES_MAX);
    while (n < most && (text[n] == '0' || text[n] == '1')) {
        arch->code[SGEO_NB101_CODE_ADJ + n] = (unsigned char)(text[n] - '0');
        n++;
    }
    while (triangle(n_vertices) < n) {
        n_vertices++;
    }
    if (n == most && text[n] != ':') {
        return fail_at(text, n, hint_adjacency, "\":\" after the digits of 7 vertices");
    }
    if (text[n] != ':') {
        return fail_at(text, n, hint_adjacency, "0, 1 or \":\"");
    }
    if (triangle(n_vertices) != n) {
        return sgeo_fail(SGEO_USAGE, hint_adjacency,
                         "nb101 architecture, character %zu: %zu digits are no upper triangle",
                         n + 1, n);
    }
    arch->code[0] = (unsigned char)n_vertices;
    *at = n + 1;
    return SGEO_OK;
}

static enum sgeo_status take_ops(struct sgeo_arch *arch, const char *text, size_t *at)
{
    for (size_t v = 1; v + 1 < arch->code[0]; v++) {
        char expected[48];
        if (text[*at] < '0' || text[*at] > '2') {
            snprintf(expected, sizeof expected, "the operation of vertex %zu (0, 1 or 2)", v);
            return fail_at(text, *at, hint_ops, expected);
        }
        arch->code[SGEO_NB101_CODE_OPS + v - 1] = (unsigned char)(text[(*at)++] - '0');
    }
    return text[*at] == '\0' ? SGEO_OK : fail_at(text, *at, hint_ops, "the end");
}

static enum sgeo_status decode(struct sgeo_arch *arch, const char *text)
{
    struct sgeo_arch parsed = {{0}};
    size_t at = 0;
    enum sgeo_status status = take_adjacency(&parsed, text, &at);
    if (status == SGEO_OK) {
        status = take_ops(&parsed, text, &at);
    }
    if (status == SGEO_OK) {
        status = sgeo_nb101_check(&parsed);
    }
    if (status == SGEO_OK) {
        *arch = parsed;
    }
    return status;
}

static void encode(char text[SGEO_ARCH_TEXT_MAX], const struct sgeo_arch *arch)
{
    size_t n_vertices = arch->code[0];
    for (size_t i = 0; i < triangle(n_vertices); i++) {
        *text++ = (char)('0' + arch->code[SGEO_NB101_CODE_ADJ + i]);
    }
    *text++ = ':';
    for (size_t i = 0; i + 2 < n_vertices; i++) {
        *text++ = (char)('0' + arch->code[SGEO_NB101_CODE_OPS + i]);
    }
    *text = '\0';
}

/* --- NASLib's tuple --- */

enum { NASLIB_INPUT, NASLIB_OUTPUT, NASLIB_FIRST_OP };

static const unsigned char naslib_op[3] = {SGEO_NB101_MAXPOOL, SGEO_NB101_CONV1, SGEO_NB101_CONV3};

static enum sgeo_status fail_number(size_t at, const char *expected, unsigned got)
{
    return sgeo_fail(SGEO_USAGE,
                     "the matrix row by row, then 0 input, 1 output, 2 maxpool3x3, 3 conv1x1, 4 "
                     "conv3x3",
                     "nb101 integers, number %zu: expected %s, got %u", at + 1, expected, got);
}

static enum sgeo_status take_matrix(struct sgeo_arch *arch, const unsigned char *numbers, size_t n)
{
    unsigned char *digit = arch->code + SGEO_NB101_CODE_ADJ;
    for (size_t i = 0; i < n * n; i++) {
        bool upper = i % n > i / n;
        if (numbers[i] > (upper ? 1 : 0)) {
            return fail_number(i, upper ? "0 or 1" : "0, edges lead upwards", numbers[i]);
        }
        if (upper) {
            *digit++ = numbers[i];
        }
    }
    return SGEO_OK;
}

static enum sgeo_status take_naslib_ops(struct sgeo_arch *arch, const unsigned char *ops, size_t n)
{
    for (size_t v = 0; v < n; v++) {
        if (v == 0 || v == n - 1) {
            if (ops[v] != (v == 0 ? NASLIB_INPUT : NASLIB_OUTPUT)) {
                return fail_number(n * n + v, v == 0 ? "0, the input" : "1, the output", ops[v]);
            }
            continue;
        }
        if (ops[v] < NASLIB_FIRST_OP || ops[v] >= NASLIB_FIRST_OP + SGEO_NB101_OPS) {
            return fail_number(n * n + v, "2, 3 or 4", ops[v]);
        }
        arch->code[SGEO_NB101_CODE_OPS + v - 1] = naslib_op[ops[v] - NASLIB_FIRST_OP];
    }
    return SGEO_OK;
}

enum sgeo_status sgeo_nb101_from_naslib(struct sgeo_arch *arch, const unsigned char *numbers,
                                        size_t n)
{
    struct sgeo_arch parsed = {{0}};
    size_t n_vertices = 2;
    while (n_vertices < SGEO_NB101_VERTICES_MAX && n_vertices * (n_vertices + 1) < n) {
        n_vertices++;
    }
    if (n_vertices * (n_vertices + 1) != n) {
        return sgeo_fail(SGEO_USAGE, "V * V + V numbers for V = 2 to 7 vertices",
                         "nb101 integers: %zu numbers are no matrix with operations", n);
    }
    parsed.code[0] = (unsigned char)n_vertices;
    enum sgeo_status status = take_matrix(&parsed, numbers, n_vertices);
    if (status == SGEO_OK) {
        status = take_naslib_ops(&parsed, numbers + n_vertices * n_vertices, n_vertices);
    }
    if (status == SGEO_OK) {
        status = sgeo_nb101_check(&parsed);
    }
    if (status == SGEO_OK) {
        *arch = parsed;
    }
    return status;
}

size_t sgeo_nb101_to_naslib(unsigned char numbers[56], const struct sgeo_arch *arch)
{
    struct sgeo_nb101_cell cell;
    sgeo_nb101_cell(&cell, arch);
    size_t n = cell.n_vertices;
    for (size_t i = 0; i < n * n; i++) {
        numbers[i] = cell.edges[i / n][i % n];
    }
    unsigned char *ops = numbers + n * n;
    ops[0] = NASLIB_INPUT;
    ops[n - 1] = NASLIB_OUTPUT;
    for (size_t v = 1; v + 1 < n; v++) {
        ops[v] = NASLIB_FIRST_OP;
        while (naslib_op[ops[v] - NASLIB_FIRST_OP] != cell.ops[v]) {
            ops[v]++;
        }
    }
    return n * n + n;
}

/* "(0, 1, ..., 1)": digits in brackets, commas between them, blanks where they like. */
static enum sgeo_status decode_naslib(struct sgeo_arch *arch, const char *key)
{
    unsigned char numbers[56];
    size_t n = 0;
    const char *at = key;
    bool well_formed = *at++ == '(';
    while (well_formed) {
        at += strspn(at, " ");
        if (n == SGEO_NB101_NUMBERS_MAX || *at < '0' || *at > '9') {
            well_formed = false;
            break;
        }
        numbers[n++] = (unsigned char)(*at++ - '0');
        at += strspn(at, " ");
        if (*at != ',') {
            break;
        }
        at++;
    }
    if (!well_formed || strcmp(at, ")") != 0) {
        return sgeo_fail(SGEO_USAGE,
                         "NAS-Bench-101 keys look like (0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 4, 1)",
                         "not a NASLib architecture: %s", key);
    }
    return sgeo_nb101_from_naslib(arch, numbers, n);
}

static void encode_naslib(char key[SGEO_ARCH_TEXT_MAX], const struct sgeo_arch *arch)
{
    unsigned char numbers[SGEO_NB101_NUMBERS_MAX];
    size_t n = sgeo_nb101_to_naslib(numbers, arch), length = 0;
    for (size_t i = 0; i < n; i++) {
        length += (size_t)snprintf(key + length, SGEO_ARCH_TEXT_MAX - length, "%s%d",
                                   i == 0 ? "(" : ", ", numbers[i]);
    }
    snprintf(key + length, SGEO_ARCH_TEXT_MAX - length, ")");
}

/* --- the whole space --- */

/*
 * A fair coin for each of the 21 edges of 7 vertices and a uniform operation for each of the 5
 * interior ones, drawn again until the cell is valid (spec cv_spaces, section 2).
 */
static void sample(struct sgeo_arch *arch, struct sgeo_rng *rng)
{
    struct sgeo_nb101_cell cell, pruned;
    do {
        *arch = (struct sgeo_arch){{(unsigned char)SGEO_NB101_VERTICES_MAX}};
        for (size_t i = 0; i < triangle(SGEO_NB101_VERTICES_MAX); i++) {
            arch->code[SGEO_NB101_CODE_ADJ + i] = (unsigned char)sgeo_rng_below(rng, 2);
        }
        for (size_t i = 0; i + 2 < SGEO_NB101_VERTICES_MAX; i++) {
            arch->code[SGEO_NB101_CODE_OPS + i] =
                (unsigned char)sgeo_rng_below(rng, SGEO_NB101_OPS);
        }
        sgeo_nb101_cell(&cell, arch);
    } while (!sgeo_nb101_prune(&pruned, &cell) ||
             sgeo_nb101_count_edges(&pruned) > SGEO_NB101_EDGES_MAX);
}

const struct sgeo_space sgeo_nb101 = {
    .name = "nb101",
    .grammar = "ADJ:OPS, ADJ: upper triangle of 2 to 7 vertices, OPS: 0 conv1x1, 1 conv3x3, 2 "
               "maxpool3x3",
    .standard = {.channels = 128,
                 .cells = 3,
                 .classes = 10,
                 .image_channels = 3,
                 .image_size = 32,
                 .edge_affine = true},
    .mean_path_macs = 1.24e9,
    .decode = decode,
    .encode = encode,
    .decode_naslib = decode_naslib,
    .encode_naslib = encode_naslib,
    .sample = sample,
    .build = sgeo_nb101_build,
    .build_supernet = sgeo_nb101_build_supernet,
};
