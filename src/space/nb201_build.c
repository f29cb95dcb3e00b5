/*
 * Networks of nb201 (spec cv_spaces, section 1):
 *
 *   image -> stem -> N cells @C -> reduce1 -> N cells @2C -> reduce2 -> N cells @4C -> head ->
 * logits
 *
 * A stand-alone network and the supernet differ only in how many operations an edge owns.
 */
#include <stdio.h>

#include "space/nb201_parts.h"
#include "space/net.h"

/* What every part of the network needs while it is built. */
struct builder {
    struct sgeo_graph *graph;
    const struct sgeo_net_config *config;
    unsigned edge_ops[6]; /* set of operations of each edge: bit 1 << op */
    bool supernet_names;
    size_t channels, pixels; /* of the current stage; pixels along a side */
};

static const struct sgeo_conv_shape conv1x1 = {
    .kernel = 1, .stride = 1, .dilation = 1, .groups = 1};
static const struct sgeo_conv_shape conv3x3 = {
    .kernel = 3, .stride = 1, .dilation = 1, .groups = 1};
static const struct sgeo_conv_shape conv3x3_halving = {
    .kernel = 3, .stride = 2, .dilation = 1, .groups = 1};
static const struct sgeo_pool_window pool3x3 = {.kernel = 3, .stride = 1, .pad = 1};
static const struct sgeo_pool_window pool2x2_halving = {.kernel = 2, .stride = 2, .pad = 0};

/* Modules around a batch norm and a cell's pool that hand its output on (golden vectors, section 4:
 * batch norms count 3 times, pools of edges twice). */
enum { NORM_WRAPPERS = 2, POOL_WRAPPER = 1 };

/* --- the cell --- */

/* ReLU -> convolution -> batch norm of edge e in cell `cell`; C and H x W stay. */
static size_t edge_conv(const struct builder *b, size_t src, size_t cell, size_t e,
                        const struct sgeo_conv_shape *shape)
{
    const struct sgeo_nb201_edge *edge = &sgeo_nb201_edges[e];
    char kind[8] = "";
    char conv[SGEO_NAME_MAX];
    char norm[SGEO_NAME_MAX];
    if (b->supernet_names) { /* both convolutions of an edge live side by side */
        snprintf(kind, sizeof kind, "%s", shape->kernel == 1 ? "1x1" : "3x3");
    }
    snprintf(conv, sizeof conv, "cell%zu.edge%zu-%zu.conv%s", cell, edge->source, edge->target,
             kind);
    snprintf(norm, sizeof norm, "cell%zu.edge%zu-%zu.bn%s", cell, edge->source, edge->target, kind);
    size_t x = sgeo_graph_relu(b->graph, src);
    x = sgeo_graph_conv(b->graph, x, conv, b->channels, *shape);
    x = sgeo_graph_batchnorm(b->graph, x, norm, b->config->edge_affine);
    sgeo_graph_add_hooks(b->graph, x, NORM_WRAPPERS);
    return x;
}

/* One operation of edge e on src (C,H,W); the result has the same shape. */
static size_t edge_op(const struct builder *b, size_t src, size_t cell, size_t e,
                      enum sgeo_nb201_op op)
{
    switch (op) {
    case SGEO_NB201_NONE:
        return sgeo_graph_zero(b->graph, b->channels, b->pixels, b->pixels);
    case SGEO_NB201_SKIP:
        sgeo_graph_add_hooks(b->graph, src, 1);
        return src;
    case SGEO_NB201_CONV1:
        return edge_conv(b, src, cell, e, &conv1x1);
    case SGEO_NB201_CONV3:
        return edge_conv(b, src, cell, e, &conv3x3);
    case SGEO_NB201_AVGPOOL:
        src = sgeo_graph_avgpool(b->graph, src, pool3x3);
        sgeo_graph_add_hooks(b->graph, src, POOL_WRAPPER);
        return src;
    }
    return src;
}

/* Cell `cell` on src: node i is the sum over its edges, in the string's order, of their operations.
 */
static size_t add_cell(const struct builder *b, size_t src, size_t cell)
{
    size_t node[4] = {src};
    size_t e = 0;
    for (size_t target = 1; target < SGEO_NB201_NODES; target++) {
        size_t terms[SGEO_SUM_MAX];
        size_t n = 0;
        for (; e < SGEO_NB201_EDGES && sgeo_nb201_edges[e].target == target; e++) {
            for (unsigned op = 0; op < SGEO_NB201_OPS; op++) {
                if ((b->edge_ops[e] & 1U << op) != 0) {
                    terms[n++] = edge_op(b, node[sgeo_nb201_edges[e].source], cell, e,
                                         (enum sgeo_nb201_op)op);
                }
            }
        }
        node[target] = sgeo_graph_sum(b->graph, terms, n);
    }
    sgeo_graph_add_hooks(b->graph, node[3], 1);
    return node[3];
}

/* --- around the cells --- */

/* ReLU -> 3x3 convolution -> batch norm inside reduction block `r`, as its part `part`. */
static size_t reduce_conv(const struct builder *b, size_t src, size_t r, size_t part,
                          const struct sgeo_conv_shape *shape)
{
    char conv[SGEO_NAME_MAX];
    char norm[SGEO_NAME_MAX];
    snprintf(conv, sizeof conv, "reduce%zu.conv%zu", r, part);
    snprintf(norm, sizeof norm, "reduce%zu.bn%zu", r, part);
    size_t x = sgeo_graph_relu(b->graph, src);
    x = sgeo_graph_conv(b->graph, x, conv, b->channels, *shape);
    x = sgeo_graph_batchnorm(b->graph, x, norm, true);
    sgeo_graph_add_hooks(b->graph, x, NORM_WRAPPERS);
    return x;
}

/*
 * Residual block into the next stage, (C/2,2H,2W) -> (C,H,W); the shortcut has no batch norm, the
 * sum no ReLU.
 */
static size_t add_reduction(const struct builder *b, size_t src, size_t r)
{
    char name[SGEO_NAME_MAX];
    size_t terms[2];
    terms[0] = reduce_conv(b, src, r, 1, &conv3x3_halving);
    terms[0] = reduce_conv(b, terms[0], r, 2, &conv3x3);
    snprintf(name, sizeof name, "reduce%zu.shortcut", r);
    terms[1] = sgeo_graph_avgpool(b->graph, src, pool2x2_halving);
    terms[1] = sgeo_graph_conv(b->graph, terms[1], name, b->channels, conv1x1);
    sgeo_graph_add_hooks(b->graph, terms[1], 1);
    terms[0] = sgeo_graph_sum(b->graph, terms, 2);
    sgeo_graph_add_hooks(b->graph, terms[0], 1);
    return terms[0];
}

static size_t add_stem(const struct builder *b)
{
    const struct sgeo_net_config *config = b->config;
    size_t x =
        sgeo_graph_input(b->graph, config->image_channels, config->image_size, config->image_size);
    x = sgeo_graph_conv(b->graph, x, "stem.conv", config->channels, conv3x3);
    x = sgeo_graph_batchnorm(b->graph, x, "stem.bn", true);
    sgeo_graph_add_hooks(b->graph, x, NORM_WRAPPERS);
    return x;
}

static size_t add_head(const struct builder *b, size_t src)
{
    size_t x = sgeo_graph_batchnorm(b->graph, src, "head.bn", true);
    x = sgeo_graph_relu(b->graph, x);
    sgeo_graph_add_hooks(b->graph, x, 1);
    x = sgeo_graph_global_mean(b->graph, x);
    return sgeo_graph_linear(b->graph, x, "head.linear", b->config->classes);
}

/* --- the network --- */

enum { STAGES = 3, SHRINKS = 1 << (STAGES - 1) };

static const struct sgeo_net_limits limits = {
    .space = "nb201", .channels = 1, .divisor = 1, .shrinks = SHRINKS};

static enum sgeo_status build_network(struct sgeo_graph **out, struct builder *b)
{
    enum sgeo_status status = sgeo_net_begin(&b->graph, &limits, b->config);
    if (status != SGEO_OK) {
        return status;
    }
    size_t x = add_stem(b);
    size_t cell = 0;
    for (size_t stage = 0; stage < STAGES; stage++) {
        b->channels = b->config->channels << stage;
        b->pixels = b->config->image_size >> stage;
        if (stage > 0) {
            x = add_reduction(b, x, stage);
        }
        for (size_t i = 0; i < b->config->cells; i++) {
            x = add_cell(b, x, cell++);
        }
        sgeo_graph_add_hooks(b->graph, x, 1);
    }
    return sgeo_net_finish(out, b->graph, add_head(b, x));
}

enum sgeo_status sgeo_nb201_build(struct sgeo_graph **graph, const struct sgeo_arch *arch,
                                  const struct sgeo_net_config *config)
{
    struct builder b = {.config = config, .supernet_names = config->supernet_names};
    for (size_t e = 0; e < SGEO_NB201_EDGES; e++) {
        b.edge_ops[e] = 1U << arch->code[e];
    }
    return build_network(graph, &b);
}

/* Every edge sums all five operations: at most 15 summands a node, fewer than SGEO_SUM_MAX. */
enum sgeo_status sgeo_nb201_build_supernet(struct sgeo_graph **graph,
                                           const struct sgeo_net_config *config)
{
    struct builder b = {.config = config, .supernet_names = true};
    for (size_t e = 0; e < SGEO_NB201_EDGES; e++) {
        b.edge_ops[e] = (1U << SGEO_NB201_OPS) - 1;
    }
    return build_network(graph, &b);
}
