/*
 * Networks of tnb101 (spec cv_spaces, section 4), macro 64-41414 with C = 64:
 *
 *   image (3,S,S) -> stem (C,S/4) -> module 0 (2C,S/8) -> 1 -> 2 (4C,S/16) -> 3 -> 4 (8C,S/32)
 *   -> mean -> logits
 *
 * A module is N cells; the first cell of modules 0, 2 and 4 doubles the channels and halves the
 * pixels on the edges that leave its node 0. A stand-alone network and the supernet differ only in
 * how many operations an edge owns.
 */
#include <stdio.h>

#include "space/factorized_reduce.h"
#include "space/net.h"
#include "space/tnb101_parts.h"

/* What every part of the network needs while it is built. */
struct builder {
    struct sgeo_graph *graph;
    const struct sgeo_net_config *config;
    unsigned edge_ops[6]; /* set of operations of each edge: bit 1 << op */
    bool supernet_names;
    size_t module, cell;     /* where we are */
    size_t channels, pixels; /* of the module's output; pixels along a side */
    bool shrinks;            /* this cell does */
};

/* Digits 4,1,4,1,4 of the macro network: 4 doubles the channels and halves the pixels, 1 neither.
 */
static const bool module_shrinks[] = {true, false, true, false, true};

enum { MODULES = sizeof module_shrinks / sizeof *module_shrinks, SHRINKS = 4 << 3 };

/* --- the cell --- */

static bool edge_shrinks(const struct builder *b, size_t e)
{
    return b->shrinks && sgeo_tnb101_edges[e].source == 0;
}

/* A module of edge e: "module0.cell1.edge0-2.PART". */
static void name_part(char name[SGEO_NAME_MAX], const struct builder *b, size_t e, const char *part,
                      const char *kind)
{
    snprintf(name, SGEO_NAME_MAX, "module%zu.cell%zu.edge%zu-%zu.%s%s", b->module, b->cell,
             sgeo_tnb101_edges[e].source, sgeo_tnb101_edges[e].target, part,
             b->supernet_names ? kind : "");
}

/*
 * ReLU -> convolution -> batch norm of edge e. The reference's operation hands its ReLU on under
 * two names, of which naswot's filter lets both pass: config->wrapper_relus counts the second.
 */
static size_t edge_conv(const struct builder *b, size_t src, size_t e, size_t kernel)
{
    const struct sgeo_conv_shape shape = {
        .kernel = kernel, .stride = edge_shrinks(b, e) ? 2 : 1, .dilation = 1, .groups = 1};
    const char *kind = kernel == 1 ? "1x1" : "3x3"; /* in a supernet both live side by side */
    char conv[SGEO_NAME_MAX], norm[SGEO_NAME_MAX];
    name_part(conv, b, e, "conv", kind);
    name_part(norm, b, e, "bn", kind);
    size_t x = sgeo_graph_relu(b->graph, src);
    if (b->config->wrapper_relus) {
        sgeo_graph_add_codes(b->graph, x, 1);
    }
    x = sgeo_graph_conv(b->graph, x, conv, b->channels, shape);
    return sgeo_graph_batchnorm(b->graph, x, norm, b->config->edge_affine);
}

/* A skip that keeps the shape is its source; one that changes it a factorised reduction. */
static size_t edge_skip(const struct builder *b, size_t src, size_t e)
{
    char first[SGEO_NAME_MAX], second[SGEO_NAME_MAX], norm[SGEO_NAME_MAX];
    if (!edge_shrinks(b, e)) {
        return src;
    }
    name_part(first, b, e, "conv1", "");
    name_part(second, b, e, "conv2", "");
    name_part(norm, b, e, "bn", "skip");
    return sgeo_factorized_reduce(b->graph, src, first, second, norm, b->channels,
                                  b->config->edge_affine);
}

/* One operation of edge e on src; the result is (channels,pixels,pixels). */
static size_t edge_op(const struct builder *b, size_t src, size_t e, enum sgeo_tnb101_op op)
{
    switch (op) {
    case SGEO_TNB101_NONE: /* fresh zeros where the shape changes, src * 0 elsewhere: no gradient */
        return sgeo_graph_zero(b->graph, b->channels, b->pixels, b->pixels);
    case SGEO_TNB101_SKIP:
        return edge_skip(b, src, e);
    case SGEO_TNB101_CONV1:
        return edge_conv(b, src, e, 1);
    case SGEO_TNB101_CONV3:
        return edge_conv(b, src, e, 3);
    }
    return src;
}

/* The cell on src: node i is the sum over its edges, in the text's order, of their operations. */
static size_t add_cell(const struct builder *b, size_t src)
{
    size_t node[4] = {src};
    size_t e = 0;
    for (size_t target = 1; target < SGEO_TNB101_NODES; target++) {
        size_t terms[SGEO_SUM_MAX];
        size_t n = 0;
        for (; e < SGEO_TNB101_EDGES && sgeo_tnb101_edges[e].target == target; e++) {
            for (unsigned op = 0; op < SGEO_TNB101_OPS; op++) {
                if ((b->edge_ops[e] & 1U << op) != 0) {
                    terms[n++] =
                        edge_op(b, node[sgeo_tnb101_edges[e].source], e, (enum sgeo_tnb101_op)op);
                }
            }
        }
        node[target] = sgeo_graph_sum(b->graph, terms, n);
    }
    return node[3];
}

static size_t add_module(struct builder *b, size_t src)
{
    if (module_shrinks[b->module]) {
        b->channels *= 2;
        b->pixels /= 2;
    }
    for (b->cell = 0; b->cell < b->config->cells; b->cell++) {
        b->shrinks = module_shrinks[b->module] && b->cell == 0;
        src = add_cell(b, src);
    }
    return src;
}

/* --- around the cells --- */

/* (I,S,S) -> (C/2,S/2,S/2) -> (C,S/4,S/4); ReLU between the two, none behind. */
static size_t add_stem(const struct builder *b)
{
    static const struct sgeo_conv_shape halving = {
        .kernel = 3, .stride = 2, .dilation = 1, .groups = 1};
    const struct sgeo_net_config *config = b->config;
    size_t x =
        sgeo_graph_input(b->graph, config->image_channels, config->image_size, config->image_size);
    x = sgeo_graph_conv(b->graph, x, "stem.conv1", config->channels / 2, halving);
    x = sgeo_graph_relu(b->graph, sgeo_graph_batchnorm(b->graph, x, "stem.bn1", true));
    x = sgeo_graph_conv(b->graph, x, "stem.conv2", config->channels, halving);
    return sgeo_graph_batchnorm(b->graph, x, "stem.bn2", true);
}

/* --- the network --- */

static const struct sgeo_net_limits limits = {
    .space = "tnb101", .channels = 2, .divisor = 2, .shrinks = SHRINKS};

static enum sgeo_status build_network(struct sgeo_graph **out, struct builder *b)
{
    enum sgeo_status status = sgeo_net_begin(&b->graph, &limits, b->config);
    if (status != SGEO_OK) {
        return status;
    }
    size_t x = add_stem(b);
    b->channels = b->config->channels;
    b->pixels = b->config->image_size / 4;
    for (b->module = 0; b->module < MODULES; b->module++) {
        x = add_module(b, x);
    }
    x = sgeo_graph_global_mean(b->graph, x);
    x = sgeo_graph_linear(b->graph, x, "head.linear", b->config->classes);
    b->graph->init = SGEO_INIT_KAIMING;
    sgeo_graph_offset_loss(b->graph, SGEO_TNB101_LOG_OFFSET);
    return sgeo_net_finish(out, b->graph, x);
}

enum sgeo_status sgeo_tnb101_build(struct sgeo_graph **graph, const struct sgeo_arch *arch,
                                   const struct sgeo_net_config *config)
{
    struct builder b = {.config = config, .supernet_names = config->supernet_names};
    for (size_t e = 0; e < SGEO_TNB101_EDGES; e++) {
        b.edge_ops[e] = 1U << arch->code[e];
    }
    return build_network(graph, &b);
}

/* Every edge sums all four operations: at most 12 summands a node, fewer than SGEO_SUM_MAX. */
enum sgeo_status sgeo_tnb101_build_supernet(struct sgeo_graph **graph,
                                            const struct sgeo_net_config *config)
{
    struct builder b = {.config = config, .supernet_names = true};
    for (size_t e = 0; e < SGEO_TNB101_EDGES; e++) {
        b.edge_ops[e] = (1U << SGEO_TNB101_OPS) - 1;
    }
    return build_network(graph, &b);
}
