/*
 * Small networks that have every op, in the combinations that the plan treats differently, and
 * random ones. All read (3,8,8) and end in 5 logits.
 */
#ifndef SGEO_TESTS_GRAPH_NETWORKS_H
#define SGEO_TESTS_GRAPH_NETWORKS_H

#include "graph/rig.h"

static const struct sgeo_conv_shape networks_1x1 = {1, 1, 1, 1}, networks_3x3 = {3, 1, 1, 1};
static const struct sgeo_pool_window networks_pool3 = {3, 1, 1}, networks_halve = {2, 2, 0};

/* A graph that is being built; names count up. */
struct draft {
    struct sgeo_graph *graph;
    size_t image, n_names;
};

static inline size_t draft_conv(struct draft *draft, size_t src, size_t channels,
                                struct sgeo_conv_shape shape)
{
    char name[SGEO_NAME_MAX];
    snprintf(name, sizeof name, "conv%zu", draft->n_names++);
    return sgeo_graph_conv(draft->graph, src, name, channels, shape);
}

static inline size_t draft_norm(struct draft *draft, size_t src, bool affine)
{
    char name[SGEO_NAME_MAX];
    snprintf(name, sizeof name, "norm%zu", draft->n_names++);
    return sgeo_graph_batchnorm(draft->graph, src, name, affine);
}

static inline size_t draft_sum(struct draft *draft, size_t a, size_t b)
{
    return sgeo_graph_sum(draft->graph, (const size_t[]){a, b}, 2);
}

static inline size_t draft_stem(struct draft *draft, size_t channels)
{
    return draft_conv(draft, draft->image, channels, networks_3x3);
}

static inline size_t network_conv1x1(struct draft *draft)
{
    return draft_conv(draft, draft_stem(draft, 4), 6, networks_1x1);
}

static inline size_t network_conv3x3(struct draft *draft)
{
    return draft_conv(draft, draft_stem(draft, 4), 6, networks_3x3);
}

static inline size_t network_strided(struct draft *draft)
{
    size_t x = draft_conv(draft, draft_stem(draft, 4), 6, (struct sgeo_conv_shape){3, 2, 1, 1});
    return draft_conv(draft, x, 4, (struct sgeo_conv_shape){1, 2, 1, 1});
}

static inline size_t network_dilated(struct draft *draft)
{
    size_t x = draft_conv(draft, draft_stem(draft, 4), 6, (struct sgeo_conv_shape){3, 1, 2, 1});
    return draft_conv(draft, x, 4, (struct sgeo_conv_shape){5, 1, 2, 2});
}

static inline size_t network_grouped(struct draft *draft)
{
    size_t x = draft_conv(draft, draft_stem(draft, 8), 8, (struct sgeo_conv_shape){3, 1, 1, 4});
    return draft_conv(draft, x, 8, (struct sgeo_conv_shape){3, 2, 1, 8});
}

static inline size_t network_norm_scaling(struct draft *draft)
{
    return draft_norm(draft, draft_stem(draft, 4), true);
}

/* The second norm's source has a tangent of its own; no ReLU in between. */
static inline size_t network_norm_plain(struct draft *draft)
{
    size_t x = draft_norm(draft, draft_stem(draft, 4), false);
    return draft_norm(draft, draft_conv(draft, x, 4, networks_1x1), false);
}

static inline size_t network_norm_of_norm(struct draft *draft)
{
    return draft_norm(draft, draft_norm(draft, draft_stem(draft, 4), true), true);
}

static inline size_t network_relu_standalone(struct draft *draft)
{
    size_t x = sgeo_graph_relu(draft->graph, draft_stem(draft, 4));
    return sgeo_graph_relu(draft->graph, draft_conv(draft, x, 4, networks_3x3));
}

static inline size_t network_relu_fused(struct draft *draft)
{
    size_t x = sgeo_graph_relu(draft->graph, draft_norm(draft, draft_stem(draft, 4), true));
    return draft_conv(draft, x, 4, networks_3x3);
}

/* One value read plain and through two ReLUs, which are one. */
static inline size_t network_relu_beside_value(struct draft *draft)
{
    size_t x = draft_norm(draft, draft_stem(draft, 4), true);
    size_t a = sgeo_graph_relu(draft->graph, x), b = sgeo_graph_relu(draft->graph, x);
    b = draft_conv(draft, b, 4, networks_3x3);
    return sgeo_graph_sum(draft->graph,
                          (const size_t[]){x, draft_conv(draft, a, 4, networks_1x1), b}, 3);
}

/* A value whose gradient has more terms, plain and gated, than one pass adds. */
static inline size_t network_many_readers(struct draft *draft)
{
    size_t x = draft_norm(draft, draft_stem(draft, 4), true), terms[12];
    size_t relu = sgeo_graph_relu(draft->graph, x);
    for (size_t i = 0; i < 12; i++) {
        terms[i] = draft_conv(draft, i % 2 == 0 ? x : relu, 4, networks_1x1);
    }
    return sgeo_graph_sum(draft->graph, terms, 12);
}

static inline size_t network_same_summed_twice(struct draft *draft)
{
    size_t x = draft_stem(draft, 4);
    x = draft_norm(draft, draft_sum(draft, x, x), true);
    return draft_sum(draft, x, x);
}

static inline size_t network_concat(struct draft *draft)
{
    size_t x = draft_stem(draft, 4), y = draft_norm(draft, draft_stem(draft, 3), true);
    size_t dark = sgeo_graph_zero(draft->graph, 2, RIG_PIXELS, RIG_PIXELS);
    x = sgeo_graph_concat(draft->graph, (const size_t[]){y, x, dark, x}, 4);
    return draft_conv(draft, x, 4, networks_3x3);
}

static inline size_t network_slice(struct draft *draft)
{
    size_t x = draft_stem(draft, 11);
    size_t a = sgeo_graph_slice(draft->graph, x, 1, 5), b = sgeo_graph_slice(draft->graph, x, 4, 5);
    return draft_conv(draft, draft_sum(draft, a, b), 4, networks_3x3);
}

/* Odd and even pixels of one ReLU, every third of another map. */
static inline size_t network_subsample(struct draft *draft)
{
    size_t x = sgeo_graph_relu(draft->graph, draft_norm(draft, draft_stem(draft, 4), true));
    size_t even = draft_conv(draft, sgeo_graph_subsample(draft->graph, x, 2, 0), 3, networks_1x1);
    size_t odd = draft_conv(draft, sgeo_graph_subsample(draft->graph, x, 2, 1), 3, networks_1x1);
    x = sgeo_graph_concat(draft->graph, (const size_t[]){even, odd}, 2);
    x = sgeo_graph_subsample(draft->graph, draft_norm(draft, x, true), 3, 0);
    return draft_conv(draft, x, 4, networks_3x3);
}

static inline size_t network_avgpool(struct draft *draft)
{
    size_t x = sgeo_graph_avgpool(draft->graph, draft_stem(draft, 4), networks_pool3);
    x = sgeo_graph_avgpool(draft->graph, draft_norm(draft, x, true), networks_halve);
    return draft_conv(draft, x, 4, networks_3x3);
}

static inline size_t network_maxpool(struct draft *draft)
{
    size_t x = sgeo_graph_maxpool(draft->graph, draft_stem(draft, 4), networks_pool3);
    x = sgeo_graph_maxpool(draft->graph, draft_norm(draft, x, true), networks_halve);
    return draft_conv(draft, x, 4, (struct sgeo_conv_shape){3, 2, 1, 1});
}

/* Norms of zeros: their shifts alone make the value. */
static inline size_t network_shifts_of_zeros(struct draft *draft)
{
    size_t dark = draft_conv(draft, sgeo_graph_zero(draft->graph, 4, RIG_PIXELS, RIG_PIXELS), 4,
                             networks_3x3);
    size_t a = draft_norm(draft, dark, true), b = draft_norm(draft, dark, true);
    size_t x = sgeo_graph_relu(draft->graph, draft_sum(draft, a, b));
    return draft_norm(
        draft, draft_sum(draft, draft_conv(draft, x, 4, networks_3x3), draft_stem(draft, 4)), true);
}

/* n summands of every kind: stored convolutions, fused norms, a pool, zeros. */
static inline size_t network_sum_of(struct draft *draft, size_t n)
{
    size_t terms[SGEO_SUM_MAX], stem = draft_stem(draft, 4);
    for (size_t i = 0; i < n; i++) {
        terms[i] = draft_conv(draft, stem, 4, networks_1x1);
        if (i % 4 == 1) {
            terms[i] = draft_norm(draft, terms[i], i % 8 == 1);
        } else if (i % 4 == 2) {
            terms[i] = sgeo_graph_avgpool(draft->graph, terms[i], networks_pool3);
        } else if (i % 4 == 3) {
            terms[i] = sgeo_graph_zero(draft->graph, 4, RIG_PIXELS, RIG_PIXELS);
        }
    }
    size_t x = sgeo_graph_sum(draft->graph, terms, n);
    return draft_sum(draft, sgeo_graph_relu(draft->graph, x),
                     draft_conv(draft, x, 4, networks_1x1));
}

/* One more tensor (4,8,8) out of the n before it. */
static inline size_t random_node(struct draft *draft, struct sgeo_rng *rng, const size_t *have,
                                 size_t n)
{
    size_t x = have[sgeo_rng_below(rng, n)], y = have[sgeo_rng_below(rng, n)], terms[12];
    size_t n_terms = 1 + (size_t)sgeo_rng_below(rng, 12);
    switch (sgeo_rng_below(rng, 11)) {
    case 0:
        return draft_conv(draft, x, 4, networks_3x3);
    case 1:
        return draft_conv(draft, x, 4, networks_1x1);
    case 2:
        return draft_conv(draft, x, 4, (struct sgeo_conv_shape){3, 1, 2, 2});
    case 3:
        return draft_norm(draft, x, true);
    case 4:
        return draft_norm(draft, draft_conv(draft, x, 4, networks_1x1), false);
    case 5:
        return sgeo_graph_relu(draft->graph, x);
    case 6:
        return sgeo_graph_avgpool(draft->graph, x, networks_pool3);
    case 7:
        return sgeo_graph_maxpool(draft->graph, x, networks_pool3);
    case 8:
        return sgeo_graph_slice(draft->graph,
                                sgeo_graph_concat(draft->graph, (const size_t[]){x, y}, 2), 2, 4);
    case 9:
        return sgeo_graph_zero(draft->graph, 4, RIG_PIXELS, RIG_PIXELS);
    default:
        for (size_t i = 0; i < n_terms; i++) {
            terms[i] = have[sgeo_rng_below(rng, n)];
        }
        return sgeo_graph_sum(draft->graph, terms, n_terms);
    }
}

static inline size_t network_random(struct draft *draft, size_t index)
{
    enum { NODES = 14 };
    struct sgeo_rng rng = sgeo_rng_stream(23, "random network", index);
    size_t have[NODES];
    have[0] = draft_norm(draft, draft_stem(draft, 4), true);
    have[1] = draft_stem(draft, 4);
    for (size_t i = 2; i < NODES; i++) {
        have[i] = random_node(draft, &rng, have, i);
    }
    size_t x = sgeo_graph_sum(draft->graph, have + NODES - 6, 6);
    return sgeo_graph_relu(draft->graph, draft_norm(draft, x, true));
}

struct network_case {
    const char *name;
    size_t (*body)(struct draft *draft);
};

static const struct network_case network_cases[] = {
    {"conv 1x1", network_conv1x1},
    {"conv 3x3", network_conv3x3},
    {"strided", network_strided},
    {"dilated", network_dilated},
    {"grouped", network_grouped},
    {"norm scaling", network_norm_scaling},
    {"norm plain", network_norm_plain},
    {"norm of norm", network_norm_of_norm},
    {"relu standalone", network_relu_standalone},
    {"relu fused", network_relu_fused},
    {"relu beside value", network_relu_beside_value},
    {"many readers", network_many_readers},
    {"same summed twice", network_same_summed_twice},
    {"concat", network_concat},
    {"slice", network_slice},
    {"subsample", network_subsample},
    {"avgpool", network_avgpool},
    {"maxpool", network_maxpool},
    {"shifts of zeros", network_shifts_of_zeros},
};

enum {
    NETWORK_CASES = sizeof network_cases / sizeof *network_cases,
    NETWORK_SUMS = 12,
    NETWORK_RANDOM = 20,
    NETWORKS = NETWORK_CASES + NETWORK_SUMS + NETWORK_RANDOM
};

/* Network i of NETWORKS, with head; name (64 characters) says which it is. */
static inline struct sgeo_graph *network_build(size_t i, char name[64])
{
    struct draft draft = {.graph = sgeo_graph_create()};
    ck_assert_ptr_nonnull(draft.graph);
    draft.image = sgeo_graph_input(draft.graph, RIG_CHANNELS, RIG_PIXELS, RIG_PIXELS);
    size_t x;
    if (i < NETWORK_CASES) {
        snprintf(name, 64, "%s", network_cases[i].name);
        x = network_cases[i].body(&draft);
    } else if (i < NETWORK_CASES + NETWORK_SUMS) {
        snprintf(name, 64, "sum of %zu", i - NETWORK_CASES + 1);
        x = network_sum_of(&draft, i - NETWORK_CASES + 1);
    } else {
        snprintf(name, 64, "random %zu", i - NETWORK_CASES - NETWORK_SUMS);
        x = network_random(&draft, i - NETWORK_CASES - NETWORK_SUMS);
    }
    x = sgeo_graph_linear(draft.graph, sgeo_graph_global_mean(draft.graph, x), "head", RIG_CLASSES);
    rig_ok(sgeo_graph_finish(draft.graph, x));
    return draft.graph;
}

#endif
