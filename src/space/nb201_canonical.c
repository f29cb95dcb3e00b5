/* Which cells of nb201 are the same: our canonical text, and the benchmark's own string. */
#include <stdio.h>
#include <string.h>

#include "space/nb201_parts.h"

/* Node 3 unrolled has at most 4 summands: two of node 2 and one each of nodes 0 and 1. */
enum { TERMS_MAX = 4 };

/* The summands of a node's value, sorted; no summand at all is zero. */
struct terms {
    char text[TERMS_MAX][SGEO_ARCH_TEXT_MAX];
    size_t n;
};

/* Insert a summand where it belongs: sums are unordered, texts are not. */
static void add_term(struct terms *terms, const char *text)
{
    size_t at = terms->n++;
    for (; at > 0 && strcmp(terms->text[at - 1], text) > 0; at--) {
        memcpy(terms->text[at], terms->text[at - 1], sizeof terms->text[at]);
    }
    snprintf(terms->text[at], sizeof terms->text[at], "%s", text);
}

/* Append to a text of SGEO_ARCH_TEXT_MAX; the longest text of the space has 123 characters. */
static void append(char *text, const char *more)
{
    size_t length = strlen(text);
    snprintf(text + length, SGEO_ARCH_TEXT_MAX - length, "%s", more);
}

static void join(char text[SGEO_ARCH_TEXT_MAX], const struct terms *terms)
{
    text[0] = '\0';
    for (size_t i = 0; i < terms->n; i++) {
        append(text, i > 0 ? "+" : "");
        append(text, terms->text[i]);
    }
}

/* --- our canonical text --- */

/*
 * Whether the operation of edge 0-1 is a convolution that reaches node 3 twice, over 1-3 and over
 * 1-2-3. Pools have no weights: two of the same input are as good as one.
 */
static bool first_edge_is_shared(const struct sgeo_arch *arch)
{
    bool conv = arch->code[0] == SGEO_NB201_CONV1 || arch->code[0] == SGEO_NB201_CONV3;
    return conv && arch->code[2] != SGEO_NB201_NONE && arch->code[4] != SGEO_NB201_NONE &&
           arch->code[5] != SGEO_NB201_NONE;
}

/* Add op(source) to a node's summands. */
static void add_operation(struct terms *target, const struct terms *source, unsigned op,
                          bool shared)
{
    if (op == SGEO_NB201_NONE || source->n == 0) {
        return;
    }
    if (op == SGEO_NB201_SKIP) {
        for (size_t i = 0; i < source->n; i++) {
            add_term(target, source->text[i]);
        }
        return;
    }
    char input[SGEO_ARCH_TEXT_MAX];
    char text[SGEO_ARCH_TEXT_MAX] = "";
    join(input, source);
    append(text, shared ? "shared:" : "");
    append(text, sgeo_nb201_op_names[op]);
    append(text, "(");
    append(text, input);
    append(text, ")");
    add_term(target, text);
}

void sgeo_nb201_canonical(char text[SGEO_ARCH_TEXT_MAX], const struct sgeo_arch *arch)
{
    struct terms nodes[4] = {{.text = {"in"}, .n = 1}};
    bool shared = first_edge_is_shared(arch);
    for (size_t e = 0; e < SGEO_NB201_EDGES; e++) {
        const struct sgeo_nb201_edge *edge = &sgeo_nb201_edges[e];
        add_operation(&nodes[edge->target], &nodes[edge->source], arch->code[e], shared && e == 0);
    }
    join(text, &nodes[3]);
    if (nodes[3].n == 0) {
        append(text, "zero");
    }
}

/* --- the benchmark's string --- */

static void write_published(char text[SGEO_ARCH_TEXT_MAX], const char *source, unsigned op)
{
    text[0] = '\0';
    if (op == SGEO_NB201_NONE || strcmp(source, "#") == 0) {
        append(text, "#");
    } else if (op == SGEO_NB201_SKIP) {
        append(text, source);
    } else {
        append(text, "(");
        append(text, source);
        append(text, ")@");
        append(text, sgeo_nb201_op_names[op]);
    }
}

void sgeo_nb201_isomorphism(char text[SGEO_ARCH_TEXT_MAX], const struct sgeo_arch *arch)
{
    char nodes[4][SGEO_ARCH_TEXT_MAX] = {"0"};
    size_t e = 0;
    for (size_t target = 1; target < SGEO_NB201_NODES; target++) {
        struct terms terms = {.n = 0};
        for (; e < SGEO_NB201_EDGES && sgeo_nb201_edges[e].target == target; e++) {
            char term[SGEO_ARCH_TEXT_MAX];
            write_published(term, nodes[sgeo_nb201_edges[e].source], arch->code[e]);
            add_term(&terms, term);
        }
        join(nodes[target], &terms);
    }
    memcpy(text, nodes[3], sizeof nodes[3]);
}
