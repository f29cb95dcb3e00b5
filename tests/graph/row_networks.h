/*
 * Small networks on a matrix that have every layer of recommender models, in the combinations that
 * their code treats differently, and random ones. All read the rig's images as (N,192) and end in 5
 * logits.
 */
#ifndef SGEO_TESTS_GRAPH_ROW_NETWORKS_H
#define SGEO_TESTS_GRAPH_ROW_NETWORKS_H

#include "graph/rig.h"

enum { ROW_INPUT = RIG_CHANNELS * RIG_PIXELS * RIG_PIXELS };

static const struct sgeo_linear_shape row_7 = {7, true}, row_7_plain = {7, false},
                                      row_6 = {6, true}, row_6_plain = {6, false};

/* A graph that is being built; names count up. */
struct sketch {
    struct sgeo_graph *graph;
    size_t input, n_names;
};

static inline const char *sketch_name(struct sketch *s)
{
    static char text[SGEO_NAME_MAX];
    snprintf(text, sizeof text, "layer%zu", s->n_names++);
    return text;
}

static inline size_t sketch_width(const struct sketch *s, size_t node)
{
    return s->graph->nodes[node].channels;
}

/* Columns first.. of the input. */
static inline size_t sketch_part(struct sketch *s, size_t first, size_t count)
{
    return sgeo_graph_slice(s->graph, s->input, first, count);
}

static inline size_t sketch_project(struct sketch *s, size_t src, size_t dim,
                                    struct sgeo_linear_shape shape)
{
    return sgeo_graph_project(s->graph, src, sketch_name(s), dim, shape);
}

/* To `out` numbers a sample. */
static inline size_t sketch_linear(struct sketch *s, size_t src, size_t out)
{
    return sketch_project(s, src, sketch_width(s, src), (struct sgeo_linear_shape){out, true});
}

static inline size_t sketch_rows(struct sketch *s, size_t src, size_t dim,
                                 struct sgeo_linear_shape shape)
{
    return sgeo_graph_row_linear(s->graph, src, sketch_name(s), dim, shape);
}

static inline size_t sketch_norm(struct sketch *s, size_t src, size_t dim)
{
    return sgeo_graph_layer_norm(s->graph, src, sketch_name(s), dim, 1.0);
}

static inline size_t sketch_row_norm(struct sketch *s, size_t src, size_t dim)
{
    return sgeo_graph_row_norm(s->graph, src, sketch_name(s), dim);
}

static inline size_t sketch_sum(struct sketch *s, size_t a, size_t b, size_t width)
{
    return sgeo_graph_padded_sum(s->graph, (const size_t[]){a, b}, 2, width);
}

/* --- one layer each --- */

static inline size_t rows_project(struct sketch *s)
{
    size_t x = sgeo_graph_relu(s->graph, sketch_project(s, s->input, 16, row_7));
    return sketch_project(s, x, 12, row_6_plain);
}

/* Layers without bias one behind the other: a tangent is the value itself, and more. */
static inline size_t rows_plain_linear(struct sketch *s)
{
    size_t x = sketch_project(s, s->input, ROW_INPUT, row_7_plain);
    x = sgeo_graph_relu(s->graph, sketch_project(s, x, 7, row_6_plain));
    return sketch_sum(s, sketch_project(s, x, 6, row_7_plain), x, 7);
}

static inline size_t rows_image_linear(struct sketch *s)
{
    return sgeo_graph_relu(s->graph, sgeo_graph_linear(s->graph, s->input, "layer", 9));
}

static inline size_t rows_row_linear(struct sketch *s)
{
    size_t x = sgeo_graph_relu(s->graph, sketch_rows(s, s->input, 16, row_7));
    return sketch_rows(s, x, 16, row_6_plain);
}

/* Columns that are no multiple of any vector. */
static inline size_t rows_odd_row_linear(struct sketch *s)
{
    size_t x = sketch_rows(s, sketch_part(s, 3, 65), 13, row_7_plain);
    return sketch_rows(s, sgeo_graph_relu(s->graph, x), 13, row_6);
}

static inline size_t rows_layer_norm(struct sketch *s)
{
    return sketch_norm(s, sketch_linear(s, s->input, 21), 21);
}

static inline size_t rows_layer_norm_each(struct sketch *s)
{
    size_t x = sketch_norm(s, sketch_project(s, s->input, 16, row_7), 7);
    return sketch_norm(s, sgeo_graph_relu(s->graph, x), 7);
}

static inline size_t rows_row_norm(struct sketch *s)
{
    size_t x =
        sgeo_graph_relu(s->graph, sketch_row_norm(s, sketch_rows(s, s->input, 16, row_7), 16));
    return sketch_row_norm(s, sketch_rows(s, x, 16, row_6_plain), 16);
}

static inline size_t rows_padded_sum(struct sketch *s)
{
    size_t x = sketch_linear(s, s->input, 9), y = sketch_linear(s, s->input, 5);
    x = sgeo_graph_padded_sum(s->graph, (const size_t[]){x, y, x, sketch_part(s, 7, 11)}, 4, 13);
    return sgeo_graph_relu(s->graph, sgeo_graph_padded_sum(s->graph, &x, 1, 17));
}

static inline size_t rows_gate(struct sketch *s)
{
    size_t x = sketch_linear(s, s->input, 9), z = sketch_linear(s, sketch_part(s, 0, 20), 12);
    return sgeo_graph_gate(s->graph, z, x);
}

/* A gate of constant numbers, one by constant numbers, and one that is its own source. */
static inline size_t rows_gates_of_input(struct sketch *s)
{
    size_t x = sketch_linear(s, s->input, 12), raw = sketch_part(s, 5, 12);
    size_t y = sgeo_graph_gate(s->graph, x, raw), z = sgeo_graph_gate(s->graph, raw, x);
    return sketch_sum(s, sketch_sum(s, y, z, 12), sgeo_graph_gate(s->graph, x, x), 12);
}

static inline size_t rows_dot(struct sketch *s)
{
    size_t x = sketch_rows(s, s->input, 16, row_7);
    return sgeo_graph_dot(s->graph, x, 16);
}

static inline size_t rows_dot_of_input(struct sketch *s)
{
    size_t x = sgeo_graph_dot(s->graph, sketch_part(s, 1, 39), 13);
    return sketch_sum(s, sketch_linear(s, x, 4), x, 4);
}

static inline size_t rows_fm(struct sketch *s)
{
    size_t x = sketch_rows(s, s->input, 16, row_7);
    size_t y = sgeo_graph_fm(s->graph, x, 16, 2.0);
    return sketch_sum(s, y, sgeo_graph_fm(s->graph, sketch_part(s, 0, 55), 11, 0.5), 16);
}

/* Heads of two columns, as in NASRec: queries, keys and values are slices of one tensor. */
static inline size_t rows_attention(struct sketch *s)
{
    size_t x = sketch_rows(s, s->input, 16, row_7), parts[3];
    x = sketch_project(s, x, 16, (struct sgeo_linear_shape){48, true});
    for (size_t i = 0; i < 3; i++) {
        parts[i] = sgeo_graph_row_slice(s->graph, x, 48, 16 * i, 16);
    }
    return sgeo_graph_attention(s->graph, parts, 8, 2);
}

/* Two wide heads of unscaled logits, as in AutoInt; keys are constant numbers. */
static inline size_t rows_unscaled_attention(struct sketch *s)
{
    size_t query = sketch_project(s, s->input, 16, (struct sgeo_linear_shape){16, false});
    size_t value = sketch_project(s, s->input, 16, (struct sgeo_linear_shape){16, false});
    query = sgeo_graph_scale(s->graph, query, sqrt(8.0));
    return sgeo_graph_attention(s->graph, (const size_t[]){query, s->input, value}, 2, 8);
}

static inline size_t rows_attention_of_one_tensor(struct sketch *s)
{
    size_t x = sketch_rows(s, sketch_part(s, 0, 45), 9, row_7);
    return sgeo_graph_attention(s->graph, (const size_t[]){x, x, x}, 3, 3);
}

static inline size_t rows_products(struct sketch *s)
{
    size_t x = sketch_rows(s, s->input, 16, row_7), y = sketch_part(s, 32, 48);
    x = sgeo_graph_row_products(s->graph, x, y, 16);
    return sketch_rows(s, x, 16, row_6);
}

/* Of a tensor with itself; and elementwise, a row being all of a sample. */
static inline size_t rows_products_of_one(struct sketch *s)
{
    size_t x = sketch_rows(s, sketch_part(s, 0, 65), 13, row_6);
    size_t y = sgeo_graph_row_products(s->graph, x, x, 13);
    return sketch_sum(s, y, sgeo_graph_row_products(s->graph, x, x, 78), 36 * 13);
}

static inline size_t rows_sums(struct sketch *s)
{
    size_t x = sketch_rows(s, s->input, 16, row_7);
    size_t y = sgeo_graph_row_sums(s->graph, x, 16);
    return sketch_sum(s, y, sgeo_graph_row_sums(s->graph, sketch_part(s, 9, 21), 21), 7);
}

static inline size_t rows_concat_and_slices(struct sketch *s)
{
    size_t x = sketch_linear(s, s->input, 11), raw = sketch_part(s, 3, 8);
    size_t y = sgeo_graph_concat(s->graph, (const size_t[]){x, raw, x}, 3);
    size_t a = sgeo_graph_slice(s->graph, y, 4, 17);
    return sketch_sum(s, a, sgeo_graph_row_slice(s->graph, y, 10, 3, 5), 17);
}

/* --- parts of models --- */

/* Residual attention with layer norms and feed-forward layers. */
static inline size_t rows_transformer(struct sketch *s)
{
    size_t x = sketch_row_norm(s, sketch_rows(s, s->input, 16, row_7_plain), 16), parts[3];
    for (size_t i = 0; i < 3; i++) {
        parts[i] = sketch_project(s, x, 16, (struct sgeo_linear_shape){16, true});
    }
    size_t y = sgeo_graph_attention(s->graph, parts, 8, 2);
    x = sketch_norm(s, sketch_sum(s, x, y, sketch_width(s, x)), 16);
    y = sgeo_graph_relu(s->graph, sketch_project(s, x, 16, (struct sgeo_linear_shape){16, true}));
    return sketch_norm(s, sketch_sum(s, x, y, sketch_width(s, x)), 16);
}

/* A dead branch, and a tensor with many readers. */
static inline size_t rows_many_readers(struct sketch *s)
{
    size_t x = sketch_linear(s, s->input, 24), terms[12];
    sgeo_graph_gate(s->graph, sketch_linear(s, x, 24), x);
    for (size_t i = 0; i < 12; i++) {
        terms[i] = i % 3 == 0 ? x : sketch_project(s, x, 6, row_6);
    }
    return sgeo_graph_padded_sum(s->graph, terms, 12, 24);
}

/* One more tensor (6,4) out of the n before it. */
static inline size_t random_rows(struct sketch *s, struct sgeo_rng *rng, const size_t *have,
                                 size_t n)
{
    size_t x = have[sgeo_rng_below(rng, n)], y = have[sgeo_rng_below(rng, n)];
    size_t z = have[sgeo_rng_below(rng, n)];
    const struct sgeo_linear_shape each = {4, sgeo_rng_below(rng, 2) == 0};
    switch (sgeo_rng_below(rng, 13)) {
    case 0:
        return sketch_project(s, x, 4, each);
    case 1:
        return sketch_rows(s, x, 4, row_6);
    case 2:
        return sketch_rows(s, x, 4, row_6_plain);
    case 3:
        return sketch_norm(s, x, sgeo_rng_below(rng, 2) == 0 ? 4 : 24);
    case 4:
        return sketch_row_norm(s, x, 4);
    case 5:
        return sgeo_graph_relu(s->graph, x);
    case 6:
        return sketch_norm(s, sketch_sum(s, x, y, 24), 24);
    case 7:
        return sgeo_graph_gate(s->graph, x, y);
    case 8:
        return sketch_linear(s, sgeo_graph_dot(s->graph, x, 4), 24);
    case 9:
        return sketch_linear(s, sgeo_graph_fm(s->graph, x, 4, 2.0), 24);
    case 10:
        return sgeo_graph_attention(s->graph, (const size_t[]){x, y, z}, 2, 2);
    case 11:
        return sketch_rows(s, sgeo_graph_row_products(s->graph, x, y, 4), 4, row_6);
    default:
        x = sgeo_graph_concat(s->graph, (const size_t[]){x, y}, 2);
        return sgeo_graph_slice(s->graph, sgeo_graph_scale(s->graph, x, -0.7), 8, 24);
    }
}

static inline size_t rows_random(struct sketch *s, size_t index)
{
    enum { NODES = 12 };
    struct sgeo_rng rng = sgeo_rng_stream(29, "random rows", index);
    size_t have[NODES];
    have[0] = sketch_norm(s, sketch_linear(s, s->input, 24), 24);
    have[1] = sketch_part(s, 17, 24);
    for (size_t i = 2; i < NODES; i++) {
        have[i] = random_rows(s, &rng, have, i);
    }
    return sketch_norm(s, sgeo_graph_padded_sum(s->graph, have + NODES - 5, 5, 24), 24);
}

struct row_case {
    const char *name;
    size_t (*body)(struct sketch *s);
};

static const struct row_case row_cases[] = {
    {"project", rows_project},
    {"linear without bias", rows_plain_linear},
    {"linear of the input", rows_image_linear},
    {"row linear", rows_row_linear},
    {"odd row linear", rows_odd_row_linear},
    {"layer norm", rows_layer_norm},
    {"layer norm of each row", rows_layer_norm_each},
    {"layer norm over rows", rows_row_norm},
    {"padded sum", rows_padded_sum},
    {"gate", rows_gate},
    {"gates of the input", rows_gates_of_input},
    {"dot", rows_dot},
    {"dot of the input", rows_dot_of_input},
    {"factorisation machine", rows_fm},
    {"attention", rows_attention},
    {"unscaled attention", rows_unscaled_attention},
    {"attention of one tensor", rows_attention_of_one_tensor},
    {"row products", rows_products},
    {"row products of one tensor", rows_products_of_one},
    {"row sums", rows_sums},
    {"concat and slices", rows_concat_and_slices},
    {"transformer", rows_transformer},
    {"many readers", rows_many_readers},
};

enum {
    ROW_CASES = sizeof row_cases / sizeof *row_cases,
    ROW_RANDOM = 24,
    ROW_NETWORKS = ROW_CASES + ROW_RANDOM
};

/* Network i of ROW_NETWORKS, with head; every other one ends in a padded sum. name (64 characters)
 * says which it is. */
static inline struct sgeo_graph *row_network_build(size_t i, char name[64])
{
    struct sketch s = {.graph = sgeo_graph_create()};
    ck_assert_ptr_nonnull(s.graph);
    s.input = sgeo_graph_matrix_input(s.graph, ROW_INPUT);
    size_t x;
    if (i < ROW_CASES) {
        snprintf(name, 64, "%s", row_cases[i].name);
        x = row_cases[i].body(&s);
    } else {
        snprintf(name, 64, "random %zu", i - ROW_CASES);
        x = rows_random(&s, i - ROW_CASES);
    }
    x = sgeo_graph_linear(s.graph, x, "head", RIG_CLASSES);
    if (i % 2 == 1) {
        x = sketch_sum(&s, x, sketch_part(&s, 0, RIG_CLASSES), RIG_CLASSES);
    }
    rig_ok(sgeo_graph_finish(s.graph, x));
    return s.graph;
}

#endif
