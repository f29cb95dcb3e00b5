/*
 * Networks of nb301 (spec cv_spaces, section 3):
 *
 *   image -> stem @3C -> cells: normal @C, reduction @2C, normal @2C, reduction @4C, normal @4C ->
 * global mean -> logits
 *
 * A cell reads the two outputs before it, each brought to its channels first, and puts out its four
 * nodes one behind the other. A stand-alone network and the supernet differ only in how many edges
 * enter a node and how many operations an edge owns.
 */
#include <stdio.h>

#include "space/darts_parts.h"
#include "space/factorized_reduce.h"
#include "space/net.h"

enum { STEM_MULTIPLIER = 3, INPUTS = 2, SOURCES_MAX = 5, SHRINKS = 4 };

/* What every part of the network needs while it is built. */
struct builder {
    struct sgeo_graph *graph;
    const struct sgeo_net_config *config;
    const struct sgeo_arch *arch; /* NULL: every operation of every edge */
    bool supernet_names;
    size_t cell, channels; /* the current one, and its nodes' channels */
    bool reduces;          /* the current cell */
};

#define SCOPE_MAX (SGEO_NAME_MAX - 8)

/* Name of a module: SCOPE.PART, the scope shorter than SCOPE_MAX, the part than 6. */
struct name {
    char text[SGEO_NAME_MAX];
};

static struct name name_of(const char *scope, const char *part)
{
    struct name name;
    snprintf(name.text, sizeof name.text, "%s.%s", scope, part);
    return name;
}

/* --- modules --- */

static const struct sgeo_conv_shape conv1x1 = {
    .kernel = 1, .stride = 1, .dilation = 1, .groups = 1};
static const struct sgeo_conv_shape conv3x3 = {
    .kernel = 3, .stride = 1, .dilation = 1, .groups = 1};

/* ReLU -> 1x1 convolution -> batch norm, (Ci,H,W) -> (channels,H,W). */
static size_t relu_conv_norm(const struct builder *b, size_t x, const char *scope)
{
    x = sgeo_graph_relu(b->graph, x);
    x = sgeo_graph_conv(b->graph, x, name_of(scope, "conv").text, b->channels, conv1x1);
    return sgeo_graph_batchnorm(b->graph, x, name_of(scope, "bn").text, true);
}

static size_t reduce(const struct builder *b, size_t x, const char *scope, bool affine)
{
    return sgeo_factorized_reduce(b->graph, x, name_of(scope, "conv1").text,
                                  name_of(scope, "conv2").text, name_of(scope, "bn").text,
                                  b->channels, affine);
}

/* ReLU -> depthwise convolution -> 1x1 convolution -> batch norm, part 0 or 1 of an operation. */
static size_t depthwise_part(const struct builder *b, size_t x, const char *scope, size_t part,
                             struct sgeo_conv_shape shape)
{
    static const char *const dw[2] = {"dw1", "dw2"}, *const pw[2] = {"pw1", "pw2"},
                             *const bn[2] = {"bn1", "bn2"};
    shape.groups = b->channels;
    x = sgeo_graph_relu(b->graph, x);
    x = sgeo_graph_conv(b->graph, x, name_of(scope, dw[part]).text, b->channels, shape);
    x = sgeo_graph_conv(b->graph, x, name_of(scope, pw[part]).text, b->channels, conv1x1);
    return sgeo_graph_batchnorm(b->graph, x, name_of(scope, bn[part]).text, b->config->edge_affine);
}

static size_t separable(const struct builder *b, size_t x, const char *scope, size_t kernel,
                        size_t stride)
{
    const struct sgeo_conv_shape first = {.kernel = kernel, .stride = stride, .dilation = 1};
    const struct sgeo_conv_shape second = {.kernel = kernel, .stride = 1, .dilation = 1};
    x = depthwise_part(b, x, scope, 0, first);
    return depthwise_part(b, x, scope, 1, second);
}

static size_t dilated(const struct builder *b, size_t x, const char *scope, size_t kernel,
                      size_t stride)
{
    const struct sgeo_conv_shape shape = {.kernel = kernel, .stride = stride, .dilation = 2};
    return depthwise_part(b, x, scope, 0, shape);
}

/* A pool, and where the operations' norms are plain one of them behind it: NASLib's networks and
 * the supernet of DARTS have it, the networks that were trained do not. */
static size_t pooled(const struct builder *b, size_t x, const char *scope, bool maximum,
                     size_t stride)
{
    const struct sgeo_pool_window window = {.kernel = 3, .stride = stride, .pad = 1};
    x = maximum ? sgeo_graph_maxpool(b->graph, x, window) : sgeo_graph_avgpool(b->graph, x, window);
    return b->config->edge_affine
               ? x
               : sgeo_graph_batchnorm(b->graph, x, name_of(scope, "bn").text, false);
}

static size_t operation(const struct builder *b, size_t x, const char *scope, enum sgeo_darts_op op,
                        size_t stride)
{
    switch (op) {
    case SGEO_DARTS_MAXPOOL:
        return pooled(b, x, scope, true, stride);
    case SGEO_DARTS_AVGPOOL:
        return pooled(b, x, scope, false, stride);
    case SGEO_DARTS_SKIP:
        return stride == 1 ? x : reduce(b, x, scope, b->config->edge_affine);
    case SGEO_DARTS_SEP3:
        return separable(b, x, scope, 3, stride);
    case SGEO_DARTS_SEP5:
        return separable(b, x, scope, 5, stride);
    case SGEO_DARTS_DIL3:
        return dilated(b, x, scope, 3, stride);
    case SGEO_DARTS_DIL5:
        return dilated(b, x, scope, 5, stride);
    }
    return x;
}

/* --- the cell --- */

/* One operation on the edge from source s, tensor x, to node n. */
static size_t edge_op(const struct builder *b, size_t x, size_t n, size_t s, enum sgeo_darts_op op)
{
    char scope[SCOPE_MAX];
    /* the operations of an edge live side by side in the supernet */
    snprintf(scope, sizeof scope, "cell%zu.node%zu.from%zu%s%s", b->cell, n, s,
             b->supernet_names ? "." : "", b->supernet_names ? sgeo_darts_op_names[op] : "");
    return operation(b, x, scope, op, b->reduces && s < INPUTS ? 2 : 1);
}

/* Node n of an architecture: the sum of its two edges. */
static size_t add_node(const struct builder *b, const size_t *sources, size_t n)
{
    size_t terms[2];
    for (size_t i = 0; i < 2; i++) {
        size_t s = sgeo_darts_source(b->arch, b->reduces, 2 * n + i);
        terms[i] = edge_op(b, sources[s], n, s, sgeo_darts_op(b->arch, b->reduces, 2 * n + i));
    }
    return sgeo_graph_sum(b->graph, terms, 2);
}

/* Node n of the supernet: the sum over all sources of the sum over all operations. */
static size_t add_shared_node(const struct builder *b, const size_t *sources, size_t n)
{
    size_t edges[SOURCES_MAX];
    for (size_t s = 0; s < INPUTS + n; s++) {
        size_t terms[SGEO_DARTS_OPS];
        for (unsigned op = 0; op < SGEO_DARTS_OPS; op++) {
            terms[op] = edge_op(b, sources[s], n, s, (enum sgeo_darts_op)op);
        }
        edges[s] = sgeo_graph_sum(b->graph, terms, SGEO_DARTS_OPS);
    }
    return sgeo_graph_sum(b->graph, edges, INPUTS + n);
}

/* The current cell on the outputs before it (before[0] the older one); after a reduction the older
 * one is twice as large. */
static size_t add_cell(const struct builder *b, const size_t before[INPUTS], bool after_reduction)
{
    size_t sources[INPUTS + SGEO_DARTS_NODES];
    for (size_t s = 0; s < INPUTS; s++) {
        char scope[SCOPE_MAX];
        snprintf(scope, sizeof scope, "cell%zu.pre%zu", b->cell, s);
        sources[s] = s == 0 && after_reduction ? reduce(b, before[s], scope, true)
                                               : relu_conv_norm(b, before[s], scope);
    }
    for (size_t n = 0; n < SGEO_DARTS_NODES; n++) {
        sources[INPUTS + n] =
            b->arch != NULL ? add_node(b, sources, n) : add_shared_node(b, sources, n);
    }
    return sgeo_graph_concat(b->graph, sources + INPUTS, SGEO_DARTS_NODES);
}

/* --- the network --- */

bool sgeo_darts_is_reduction(size_t k, size_t cells)
{
    return k == cells / 3 || k == 2 * cells / 3;
}

static const struct sgeo_net_limits limits = {
    .space = "nb301", .channels = 1, .divisor = 1, .shrinks = SHRINKS};

static size_t add_stem(const struct builder *b)
{
    const struct sgeo_net_config *config = b->config;
    size_t x =
        sgeo_graph_input(b->graph, config->image_channels, config->image_size, config->image_size);
    x = sgeo_graph_conv(b->graph, x, "stem.conv", STEM_MULTIPLIER * config->channels, conv3x3);
    return sgeo_graph_batchnorm(b->graph, x, "stem.bn", true);
}

static enum sgeo_status build_network(struct sgeo_graph **out, struct builder *b)
{
    enum sgeo_status status = sgeo_net_begin(&b->graph, &limits, b->config);
    if (status != SGEO_OK) {
        return status;
    }
    size_t stem = add_stem(b), before[INPUTS] = {stem, stem};
    b->channels = b->config->channels;
    for (b->cell = 0; b->cell < b->config->cells; b->cell++) {
        bool after_reduction = b->reduces;
        b->reduces = sgeo_darts_is_reduction(b->cell, b->config->cells);
        b->channels *= b->reduces ? 2 : 1;
        size_t x = add_cell(b, before, after_reduction);
        before[0] = before[1];
        before[1] = x;
    }
    size_t x = sgeo_graph_global_mean(b->graph, before[1]);
    x = sgeo_graph_linear(b->graph, x, "head.linear", b->config->classes);
    return sgeo_net_finish(out, b->graph, x);
}

enum sgeo_status sgeo_darts_build(struct sgeo_graph **graph, const struct sgeo_arch *arch,
                                  const struct sgeo_net_config *config)
{
    struct builder b = {.config = config, .arch = arch, .supernet_names = config->supernet_names};
    return build_network(graph, &b);
}

/*
 * DEVIATES: the norms of stem and preprocessing keep scale and shift, as in the networks that
 * inherit; in the search network of DARTS no norm of a cell has them.
 */
enum sgeo_status sgeo_darts_build_supernet(struct sgeo_graph **graph,
                                           const struct sgeo_net_config *config)
{
    struct builder b = {.config = config, .supernet_names = true};
    return build_network(graph, &b);
}
