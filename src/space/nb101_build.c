/*
 * Networks of nb101 (spec cv_spaces, section 2):
 *
 *   image -> stem -> N modules @C -> halve -> N modules @2C -> halve -> N modules @4C -> mean ->
 * logits
 *
 * A module is the pruned cell between (Cin,H,W) and (Cout,H,W). Every convolution is
 * convolution-batch norm-ReLU; edges that leave the input are 1x1 projections to the width of the
 * vertex that they feed, edges between vertices hand on the first channels.
 */
#include <stdio.h>

#include "space/nb101_parts.h"
#include "space/net.h"

/* What every part of the network needs while it is built. */
struct builder {
    struct sgeo_graph *graph;
    const struct sgeo_net_config *config;
    struct sgeo_nb101_cell cell; /* pruned */
    size_t stack, module;        /* where the next module goes */
};

static const struct sgeo_conv_shape conv1x1 = {
    .kernel = 1, .stride = 1, .dilation = 1, .groups = 1};
static const struct sgeo_conv_shape conv3x3 = {
    .kernel = 3, .stride = 1, .dilation = 1, .groups = 1};
static const struct sgeo_pool_window pool3x3 = {.kernel = 3, .stride = 1, .pad = 1};
static const struct sgeo_pool_window pool2x2_halving = {.kernel = 2, .stride = 2, .pad = 0};

/* --- the module --- */

/* Convolution -> batch norm -> ReLU, PART.convKIND and PART.bnKIND of the module. */
static size_t conv_norm_relu(const struct builder *b, size_t src, const char *part,
                             const char *kind, size_t channels, const struct sgeo_conv_shape *shape)
{
    char conv[SGEO_NAME_MAX];
    char norm[SGEO_NAME_MAX];
    snprintf(conv, sizeof conv, "module%zu.%zu.%s.conv%s", b->stack, b->module, part, kind);
    snprintf(norm, sizeof norm, "module%zu.%zu.%s.bn%s", b->stack, b->module, part, kind);
    size_t x = sgeo_graph_conv(b->graph, src, conv, channels, *shape);
    x = sgeo_graph_batchnorm(b->graph, x, norm, b->config->edge_affine);
    return sgeo_graph_relu(b->graph, x);
}

/*
 * 1x1 projection of the module's input to vertex t. In the supernet the output's has a name of its
 * own: its number depends on the cell, its width does not.
 */
static size_t projection(const struct builder *b, size_t src, size_t t, size_t channels)
{
    char part[32];
    snprintf(part, sizeof part, "proj%zu", t);
    if (b->config->supernet_names && t == b->cell.n_vertices - 1) {
        snprintf(part, sizeof part, "output");
    }
    return conv_norm_relu(b, src, part, "", channels, &conv1x1);
}

/* The operation of vertex t on src (C,H,W); the shape stays. */
static size_t vertex_op(const struct builder *b, size_t src, size_t t, size_t channels)
{
    enum sgeo_nb101_op op = (enum sgeo_nb101_op)b->cell.ops[t];
    char part[32];
    const char *kind = "";
    if (op == SGEO_NB101_MAXPOOL) {
        return sgeo_graph_maxpool(b->graph, src, pool3x3);
    }
    if (b->config->supernet_names) { /* both convolutions of a vertex live side by side */
        kind = op == SGEO_NB101_CONV1 ? "1x1" : "3x3";
    }
    snprintf(part, sizeof part, "vertex%zu", t);
    return conv_norm_relu(b, src, part, kind, channels,
                          op == SGEO_NB101_CONV1 ? &conv1x1 : &conv3x3);
}

static size_t sum(const struct builder *b, const size_t *terms, size_t n)
{
    return n == 1 ? terms[0] : sgeo_graph_sum(b->graph, terms, n);
}

/* What vertex t reads: the first channels of the vertices before it, and the projected input. */
static size_t vertex_input(const struct builder *b, size_t src, size_t t, const size_t *vertices,
                           const size_t *channels)
{
    size_t terms[7], n = 0;
    for (size_t v = 1; v < t; v++) {
        if (b->cell.edges[v][t]) {
            terms[n++] = channels[v] == channels[t]
                             ? vertices[v]
                             : sgeo_graph_slice(b->graph, vertices[v], 0, channels[t]);
        }
    }
    if (b->cell.edges[0][t]) {
        terms[n++] = projection(b, src, t, channels[t]);
    }
    return sum(b, terms, n);
}

/* One module on src (in,H,W) -> (out,H,W). */
static size_t add_module(const struct builder *b, size_t src, size_t in, size_t out)
{
    size_t channels[7], vertices[7] = {src}, last = b->cell.n_vertices - 1;
    size_t fed[7], n_fed = 0, terms[2], n = 0;
    sgeo_nb101_channels(channels, &b->cell, in, out);
    for (size_t t = 1; t < last; t++) {
        size_t x = vertex_input(b, src, t, vertices, channels);
        vertices[t] = vertex_op(b, x, t, channels[t]);
        if (b->cell.edges[t][last]) {
            fed[n_fed++] = vertices[t];
        }
    }
    if (n_fed > 0) {
        terms[n++] = n_fed == 1 ? fed[0] : sgeo_graph_concat(b->graph, fed, n_fed);
    }
    if (b->cell.edges[0][last]) {
        terms[n++] = projection(b, src, last, out);
    }
    return sum(b, terms, n);
}

/*
 * A module of the supernet: every vertex has its projection and both convolutions at the widest
 * that any cell needs, which is `out` (a chain of convolutions is as wide everywhere). Paths run on
 * the first channels of these; here all but the output's projection are dead ends.
 */
static size_t add_every_operation(const struct builder *b, size_t src, size_t out)
{
    for (size_t t = 1; t + 1 < SGEO_NB101_VERTICES_MAX; t++) {
        char part[32];
        snprintf(part, sizeof part, "vertex%zu", t);
        size_t x = projection(b, src, t, out);
        conv_norm_relu(b, x, part, "1x1", out, &conv1x1);
        conv_norm_relu(b, x, part, "3x3", out, &conv3x3);
    }
    return projection(b, src, b->cell.n_vertices - 1, out);
}

/* --- the network --- */

enum { STACKS = 3, SHRINKS = 1 << (STACKS - 1), BRANCHES_MAX = 5 };

static const struct sgeo_net_limits limits = {
    .space = "nb101", .channels = BRANCHES_MAX, .divisor = 1, .shrinks = SHRINKS};

static size_t add_stem(const struct builder *b)
{
    const struct sgeo_net_config *config = b->config;
    size_t x =
        sgeo_graph_input(b->graph, config->image_channels, config->image_size, config->image_size);
    x = sgeo_graph_conv(b->graph, x, "stem.conv", config->channels, conv3x3);
    x = sgeo_graph_batchnorm(b->graph, x, "stem.bn", true);
    return sgeo_graph_relu(b->graph, x);
}

static enum sgeo_status build_network(struct sgeo_graph **out, struct builder *b, bool supernet)
{
    enum sgeo_status status = sgeo_net_begin(&b->graph, &limits, b->config);
    if (status != SGEO_OK) {
        return status;
    }
    b->graph->init = SGEO_INIT_FAN_OUT;
    size_t x = add_stem(b), in = b->config->channels;
    for (b->stack = 0; b->stack < STACKS; b->stack++) {
        size_t channels = b->config->channels << b->stack;
        if (b->stack > 0) {
            x = sgeo_graph_maxpool(b->graph, x, pool2x2_halving);
        }
        for (b->module = 0; b->module < b->config->cells; b->module++) {
            x = supernet ? add_every_operation(b, x, channels) : add_module(b, x, in, channels);
            in = channels;
        }
    }
    x = sgeo_graph_mean_function(b->graph, x);
    return sgeo_net_finish(out, b->graph,
                           sgeo_graph_linear(b->graph, x, "head.linear", b->config->classes));
}

enum sgeo_status sgeo_nb101_build(struct sgeo_graph **graph, const struct sgeo_arch *arch,
                                  const struct sgeo_net_config *config)
{
    struct builder b = {.config = config};
    struct sgeo_nb101_cell cell;
    enum sgeo_status status = sgeo_nb101_check(arch);
    if (status != SGEO_OK) {
        return status;
    }
    sgeo_nb101_cell(&cell, arch);
    sgeo_nb101_prune(&b.cell, &cell);
    return build_network(graph, &b, false);
}

enum sgeo_status sgeo_nb101_build_supernet(struct sgeo_graph **graph,
                                           const struct sgeo_net_config *config)
{
    struct sgeo_net_config named = *config;
    named.supernet_names = true;
    struct builder b = {.config = &named, .cell = {.n_vertices = SGEO_NB101_VERTICES_MAX}};
    return build_network(graph, &b, true);
}
