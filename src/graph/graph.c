#include "graph/graph.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "graph/graph_parts.h"

struct sgeo_graph *sgeo_graph_create(void)
{
    struct sgeo_graph *graph = sgeo_calloc(1, sizeof *graph);
    if (graph == NULL) {
        return NULL;
    }
    graph->output = SGEO_NONE;
    graph->features = SGEO_NONE;
    return graph;
}

void sgeo_graph_destroy(struct sgeo_graph *graph)
{
    if (graph == NULL) {
        return;
    }
    sgeo_free(graph->nodes);
    sgeo_free(graph->inputs);
    sgeo_free(graph->segments);
    sgeo_free(graph->labels);
    sgeo_free(graph);
}

/* Room for one more element behind n (capacities are powers of two); NULL without memory. */
static void *grow_by_one(void *block, size_t n, size_t size)
{
    if ((n & (n - 1)) != 0) {
        return block;
    }
    return sgeo_grow(block, n, n == 0 ? 1 : 2 * n, size);
}

void sgeo_graph_stick(struct sgeo_graph *graph, enum sgeo_status status)
{
    if (graph->status == SGEO_OK) {
        graph->status = status;
    }
}

static bool push_input(struct sgeo_graph *graph, size_t src)
{
    size_t *inputs = grow_by_one(graph->inputs, graph->n_inputs, sizeof *inputs);
    if (inputs == NULL) {
        sgeo_graph_stick(graph, sgeo_fail_memory("graph inputs"));
        return false;
    }
    graph->inputs = inputs;
    inputs[graph->n_inputs++] = src;
    return true;
}

bool sgeo_op_is_module(enum sgeo_op op)
{
    return op == SGEO_OP_CONV || op == SGEO_OP_BATCHNORM || op == SGEO_OP_RELU ||
           op == SGEO_OP_AVGPOOL || op == SGEO_OP_MAXPOOL;
}

static bool is_on_matrix(const struct sgeo_graph *graph)
{
    return graph->n_nodes > 0 && graph->nodes[0].op == SGEO_OP_INPUT && graph->nodes[0].is_matrix;
}

/* Whether an op of this network may read this source. */
static bool may_read(struct sgeo_graph *graph, enum sgeo_op op, size_t src)
{
    bool for_both =
        op == SGEO_OP_RELU || op == SGEO_OP_CONCAT || op == SGEO_OP_SLICE || op == SGEO_OP_LINEAR;
    bool for_matrices = op > SGEO_OP_LINEAR;
    if (src >= graph->n_nodes) {
        sgeo_graph_stick(graph, sgeo_fail(SGEO_USAGE, NULL,
                                          "graph node %zu reads node %zu, which is not built yet",
                                          graph->n_nodes, src));
    } else if (!for_both && for_matrices != is_on_matrix(graph)) {
        sgeo_graph_stick(graph, sgeo_fail(SGEO_USAGE, NULL,
                                          "graph node %zu is a layer of %s, its network is on %s",
                                          graph->n_nodes, for_matrices ? "matrices" : "maps",
                                          for_matrices ? "images" : "a matrix"));
    } else if (graph->nodes[src].op == SGEO_OP_INPUT && !is_on_matrix(graph) &&
               op != SGEO_OP_CONV && op != SGEO_OP_LINEAR) {
        sgeo_graph_stick(graph, sgeo_fail(SGEO_USAGE, NULL,
                                          "graph node %zu reads the image; only convolutions and "
                                          "linear layers can",
                                          graph->n_nodes));
    }
    return graph->status == SGEO_OK;
}

struct sgeo_node *sgeo_graph_push_node(struct sgeo_graph *graph, enum sgeo_op op,
                                       const size_t *srcs, size_t n_srcs)
{
    if (graph->status != SGEO_OK) {
        return NULL;
    }
    struct sgeo_node *nodes = grow_by_one(graph->nodes, graph->n_nodes, sizeof *nodes);
    if (nodes == NULL) {
        sgeo_graph_stick(graph, sgeo_fail_memory("graph nodes"));
        return NULL;
    }
    graph->nodes = nodes;
    struct sgeo_node *node = &nodes[graph->n_nodes];
    *node = (struct sgeo_node){.op = op,
                               .first_input = graph->n_inputs,
                               .n_inputs = n_srcs,
                               .is_matrix = is_on_matrix(graph),
                               .weight = SGEO_NONE,
                               .bias = SGEO_NONE};
    for (size_t i = 0; i < n_srcs; i++) {
        if (!may_read(graph, op, srcs[i]) || !push_input(graph, srcs[i])) {
            return NULL;
        }
    }
    if (n_srcs > 0) {
        const struct sgeo_node *src = &nodes[srcs[0]];
        node->channels = src->channels;
        node->height = src->height;
        node->width = src->width;
    }
    node->hooks = sgeo_op_is_module(op) ? 1 : 0;
    node->codes = op == SGEO_OP_RELU ? 1 : 0;
    graph->n_nodes++;
    return node;
}

size_t sgeo_graph_handle(const struct sgeo_graph *graph, const struct sgeo_node *node)
{
    return node == NULL || graph->status != SGEO_OK ? 0 : (size_t)(node - graph->nodes);
}

size_t sgeo_graph_push_segment(struct sgeo_graph *graph, const char *name,
                               enum sgeo_segment_kind kind, size_t count, size_t fan_in)
{
    static const char *const suffix[] = {".weight", ".weight", ".bias", ".scale",
                                         ".shift",  ".gamma",  ".beta"};
    struct sgeo_segment *segments =
        grow_by_one(graph->segments, graph->n_segments, sizeof *segments);
    if (segments == NULL) {
        sgeo_graph_stick(graph, sgeo_fail_memory("graph segments"));
        return SGEO_NONE;
    }
    graph->segments = segments;
    struct sgeo_segment *segment = &segments[graph->n_segments];
    *segment = (struct sgeo_segment){
        .kind = kind, .count = count, .fan_in = fan_in, .taps = 1, .node = graph->n_nodes - 1};
    int length = snprintf(segment->name, sizeof segment->name, "%s%s", name, suffix[kind]);
    if (length < 0 || (size_t)length >= sizeof segment->name) {
        sgeo_graph_stick(graph, sgeo_fail(SGEO_USAGE, NULL, "module name %s is too long", name));
    }
    return graph->n_segments++;
}

void sgeo_graph_push_linear_segments(struct sgeo_graph *graph, struct sgeo_node *node,
                                     const char *name, size_t in, struct sgeo_linear_shape shape)
{
    if (in == 0 || shape.out == 0) {
        sgeo_graph_stick(graph, sgeo_fail(SGEO_USAGE, NULL, "linear layer %s maps %zu to %zu", name,
                                          in, shape.out));
        return;
    }
    node->weight = sgeo_graph_push_segment(graph, name, SGEO_SEGMENT_LINEAR, in * shape.out, in);
    if (shape.bias) {
        node->bias = sgeo_graph_push_segment(graph, name, SGEO_SEGMENT_BIAS, shape.out, in);
    }
}

size_t sgeo_graph_input(struct sgeo_graph *graph, size_t channels, size_t height, size_t width)
{
    struct sgeo_node *node = sgeo_graph_push_node(graph, SGEO_OP_INPUT, NULL, 0);
    if (node != NULL) {
        node->channels = channels;
        node->height = height;
        node->width = width;
    }
    return sgeo_graph_handle(graph, node);
}

size_t sgeo_graph_zero(struct sgeo_graph *graph, size_t channels, size_t height, size_t width)
{
    struct sgeo_node *node = sgeo_graph_push_node(graph, SGEO_OP_ZERO, NULL, 0);
    if (node != NULL) {
        node->channels = channels;
        node->height = height;
        node->width = width;
    }
    return sgeo_graph_handle(graph, node);
}

/* A window that fits nowhere leaves a map without pixels. */
static void check_pixels(struct sgeo_graph *graph, const struct sgeo_node *node)
{
    if (node->height == 0 || node->width == 0) {
        sgeo_graph_stick(graph, sgeo_fail(SGEO_USAGE, NULL,
                                          "the window of graph node %zu is larger than its map",
                                          (size_t)(node - graph->nodes)));
    }
}

/* Pixels along one side after a window of `extent` pixels moves with a stride. */
static size_t windows(size_t pixels, size_t pad, size_t extent, size_t stride)
{
    return pixels + 2 * pad < extent ? 0 : (pixels + 2 * pad - extent) / stride + 1;
}

/* Whether the shape makes a convolution of these channels; the error sticks when not. */
static bool check_conv_shape(struct sgeo_graph *graph, size_t src, const char *name,
                             size_t out_channels, const struct sgeo_conv_shape *shape)
{
    size_t in_channels = src < graph->n_nodes ? graph->nodes[src].channels : 0;
    if (shape->kernel == 0 || shape->stride == 0 || shape->dilation == 0 || shape->groups == 0) {
        sgeo_graph_stick(graph,
                         sgeo_fail(SGEO_USAGE, NULL,
                                   "convolution %s: kernel, stride, dilation and groups start at 1",
                                   name));
    } else if (in_channels % shape->groups != 0 || out_channels % shape->groups != 0) {
        sgeo_graph_stick(graph,
                         sgeo_fail(SGEO_USAGE, NULL,
                                   "convolution %s: %zu groups do not divide %zu -> %zu channels",
                                   name, shape->groups, in_channels, out_channels));
    }
    return graph->status == SGEO_OK;
}

size_t sgeo_graph_conv(struct sgeo_graph *graph, size_t src, const char *name, size_t out_channels,
                       struct sgeo_conv_shape shape)
{
    if (!check_conv_shape(graph, src, name, out_channels, &shape)) {
        return 0;
    }
    struct sgeo_node *node = sgeo_graph_push_node(graph, SGEO_OP_CONV, &src, 1);
    if (node == NULL) {
        return 0;
    }
    struct sgeo_conv_geometry *conv = &node->conv;
    *conv = (struct sgeo_conv_geometry){.in_channels = node->channels,
                                        .out_channels = out_channels,
                                        .height = node->height,
                                        .width = node->width,
                                        .kernel = shape.kernel,
                                        .stride = shape.stride,
                                        .pad = shape.dilation * (shape.kernel - 1) / 2,
                                        .dilation = shape.dilation,
                                        .groups = shape.groups,
                                        .image_source = graph->nodes[src].op == SGEO_OP_INPUT};
    size_t extent = shape.dilation * (shape.kernel - 1) + 1;
    node->channels = out_channels;
    node->height = windows(conv->height, conv->pad, extent, shape.stride);
    node->width = windows(conv->width, conv->pad, extent, shape.stride);
    size_t fan_in = conv->in_channels / shape.groups * shape.kernel * shape.kernel;
    node->weight =
        sgeo_graph_push_segment(graph, name, SGEO_SEGMENT_CONV, out_channels * fan_in, fan_in);
    if (node->weight != SGEO_NONE) {
        graph->segments[node->weight].taps = shape.kernel * shape.kernel;
    }
    return sgeo_graph_handle(graph, node);
}

size_t sgeo_graph_batchnorm(struct sgeo_graph *graph, size_t src, const char *name, bool affine)
{
    struct sgeo_node *node = sgeo_graph_push_node(graph, SGEO_OP_BATCHNORM, &src, 1);
    if (node == NULL) {
        return 0;
    }
    size_t channels = node->channels;
    node->norm_index = graph->n_norms++;
    graph->norm_channels += channels;
    if (affine) {
        node->weight = sgeo_graph_push_segment(graph, name, SGEO_SEGMENT_SCALE, channels, 1);
        node->bias = sgeo_graph_push_segment(graph, name, SGEO_SEGMENT_SHIFT, channels, 1);
    }
    return sgeo_graph_handle(graph, node);
}

size_t sgeo_graph_relu(struct sgeo_graph *graph, size_t src)
{
    struct sgeo_node *node = sgeo_graph_push_node(graph, SGEO_OP_RELU, &src, 1);
    if (node != NULL) {
        node->is_matrix = graph->nodes[src].is_matrix;
    }
    return sgeo_graph_handle(graph, node);
}

size_t sgeo_graph_sum(struct sgeo_graph *graph, const size_t *srcs, size_t n)
{
    if (n == 0 || n > SGEO_SUM_MAX) {
        sgeo_graph_stick(graph, sgeo_fail(SGEO_USAGE, NULL, "a sum of %zu tensors", n));
        return 0;
    }
    struct sgeo_node *node = sgeo_graph_push_node(graph, SGEO_OP_SUM, srcs, n);
    for (size_t i = 1; node != NULL && i < n; i++) {
        const struct sgeo_node *src = &graph->nodes[srcs[i]];
        if (src->channels != node->channels || src->height != node->height ||
            src->width != node->width) {
            sgeo_graph_stick(graph,
                             sgeo_fail(SGEO_USAGE, NULL,
                                       "sum of tensors of different shape (nodes %zu and %zu)",
                                       srcs[0], srcs[i]));
        }
    }
    return sgeo_graph_handle(graph, node);
}

size_t sgeo_graph_concat(struct sgeo_graph *graph, const size_t *srcs, size_t n)
{
    if (n == 0 || n > SGEO_CONCAT_MAX_PARTS) {
        sgeo_graph_stick(graph, sgeo_fail(SGEO_USAGE, NULL, "a concatenation of %zu tensors", n));
        return 0;
    }
    struct sgeo_node *node = sgeo_graph_push_node(graph, SGEO_OP_CONCAT, srcs, n);
    for (size_t i = 1; node != NULL && i < n; i++) {
        const struct sgeo_node *src = &graph->nodes[srcs[i]];
        if (src->height != node->height || src->width != node->width) {
            sgeo_graph_stick(
                graph, sgeo_fail(SGEO_USAGE, NULL,
                                 "concatenation of maps of different size (nodes %zu and %zu)",
                                 srcs[0], srcs[i]));
        }
        node->channels += src->channels;
    }
    return sgeo_graph_handle(graph, node);
}

size_t sgeo_graph_slice(struct sgeo_graph *graph, size_t src, size_t first_channel, size_t count)
{
    struct sgeo_node *node = sgeo_graph_push_node(graph, SGEO_OP_SLICE, &src, 1);
    if (node == NULL) {
        return 0;
    }
    if (first_channel + count > node->channels) {
        sgeo_graph_stick(graph, sgeo_fail(SGEO_USAGE, NULL, "slice of channels %zu..%zu from %zu",
                                          first_channel, first_channel + count, node->channels));
    }
    node->first_channel = first_channel;
    node->channels = count;
    return sgeo_graph_handle(graph, node);
}

size_t sgeo_graph_subsample(struct sgeo_graph *graph, size_t src, size_t stride, size_t first)
{
    if (stride == 0) {
        sgeo_graph_stick(graph, sgeo_fail(SGEO_USAGE, NULL, "a subsample with stride 0"));
    }
    struct sgeo_node *node = sgeo_graph_push_node(graph, SGEO_OP_SUBSAMPLE, &src, 1);
    if (node == NULL) {
        return 0;
    }
    node->window = (struct sgeo_pool_window){.kernel = 1, .stride = stride};
    node->first_pixel = first;
    node->height = node->height <= first ? 0 : windows(node->height - first, 0, 1, stride);
    node->width = node->width <= first ? 0 : windows(node->width - first, 0, 1, stride);
    check_pixels(graph, node);
    return sgeo_graph_handle(graph, node);
}

static size_t pool(struct sgeo_graph *graph, enum sgeo_op op, size_t src,
                   struct sgeo_pool_window window)
{
    if (window.stride == 0 || window.pad >= window.kernel || window.kernel > SGEO_POOL_MAX_KERNEL) {
        sgeo_graph_stick(graph, sgeo_fail(SGEO_USAGE, NULL,
                                          "a pool of kernel %zu, stride %zu, padding %zu",
                                          window.kernel, window.stride, window.pad));
    }
    struct sgeo_node *node = sgeo_graph_push_node(graph, op, &src, 1);
    if (node == NULL) {
        return 0;
    }
    node->window = window;
    node->height = windows(node->height, window.pad, window.kernel, window.stride);
    node->width = windows(node->width, window.pad, window.kernel, window.stride);
    check_pixels(graph, node);
    return sgeo_graph_handle(graph, node);
}

size_t sgeo_graph_avgpool(struct sgeo_graph *graph, size_t src, struct sgeo_pool_window window)
{
    return pool(graph, SGEO_OP_AVGPOOL, src, window);
}

size_t sgeo_graph_maxpool(struct sgeo_graph *graph, size_t src, struct sgeo_pool_window window)
{
    return pool(graph, SGEO_OP_MAXPOOL, src, window);
}

size_t sgeo_graph_global_mean(struct sgeo_graph *graph, size_t src)
{
    struct sgeo_node *node = sgeo_graph_push_node(graph, SGEO_OP_GLOBAL_MEAN, &src, 1);
    if (node != NULL) {
        graph->features = src;
        node->height = 1;
        node->width = 1;
        node->is_matrix = true;
    }
    return sgeo_graph_handle(graph, node);
}

size_t sgeo_graph_mean_function(struct sgeo_graph *graph, size_t src)
{
    size_t mean = sgeo_graph_global_mean(graph, src);
    if (graph->status == SGEO_OK) {
        graph->nodes[mean].is_function = true;
    }
    return mean;
}

size_t sgeo_graph_linear(struct sgeo_graph *graph, size_t src, const char *name, size_t out)
{
    struct sgeo_node *node = sgeo_graph_push_node(graph, SGEO_OP_LINEAR, &src, 1);
    if (node == NULL) {
        return 0;
    }
    if (!graph->nodes[src].is_matrix && graph->nodes[src].op != SGEO_OP_INPUT) {
        sgeo_graph_stick(
            graph,
            sgeo_fail(
                SGEO_USAGE, NULL,
                "linear layer %s reads node %zu, which is no image, global mean or linear layer",
                name, src));
        return 0;
    }
    size_t in = sgeo_node_elems(node);
    node->channels = out;
    node->height = 1;
    node->width = 1;
    node->is_matrix = true;
    sgeo_graph_push_linear_segments(graph, node, name, in, (struct sgeo_linear_shape){out, true});
    return sgeo_graph_handle(graph, node);
}

void sgeo_graph_add_hooks(struct sgeo_graph *graph, size_t node, size_t count)
{
    if (graph->status == SGEO_OK) {
        graph->nodes[node].hooks += count;
    }
}

void sgeo_graph_add_codes(struct sgeo_graph *graph, size_t node, size_t count)
{
    if (graph->status == SGEO_OK) {
        graph->nodes[node].codes += count;
    }
}

void sgeo_graph_label(struct sgeo_graph *graph, size_t node, const char *name)
{
    if (graph->status != SGEO_OK) {
        return;
    }
    struct sgeo_label *labels = grow_by_one(graph->labels, graph->n_labels, sizeof *labels);
    if (labels == NULL) {
        sgeo_graph_stick(graph, sgeo_fail_memory("graph labels"));
        return;
    }
    graph->labels = labels;
    labels[graph->n_labels].node = node;
    snprintf(labels[graph->n_labels].name, sizeof labels->name, "%s", name);
    graph->n_labels++;
}

void sgeo_graph_offset_loss(struct sgeo_graph *graph, double offset)
{
    graph->log_offset = offset;
}

/* A linear layer, or the ReLU of one, or a padded sum. */
static bool is_logits(const struct sgeo_graph *graph, size_t n)
{
    if (n < graph->n_nodes && graph->nodes[n].op == SGEO_OP_PADDED_SUM) {
        return true;
    }
    size_t source = n;
    if (n < graph->n_nodes && graph->nodes[n].op == SGEO_OP_RELU) {
        source = sgeo_graph_source(graph, &graph->nodes[n], 0);
    }
    return source < graph->n_nodes && graph->nodes[source].op == SGEO_OP_LINEAR;
}

enum sgeo_status sgeo_graph_finish(struct sgeo_graph *graph, size_t output)
{
    if (graph->status == SGEO_OK && !is_logits(graph, output)) {
        sgeo_graph_stick(graph,
                         sgeo_fail(SGEO_USAGE, NULL,
                                   "a network ends with a linear layer; node %zu is none", output));
    }
    graph->output = output;
    return graph->status;
}

bool sgeo_segment_in_l(const struct sgeo_segment *segment)
{
    return segment->kind == SGEO_SEGMENT_CONV || segment->kind == SGEO_SEGMENT_LINEAR;
}

size_t sgeo_graph_source(const struct sgeo_graph *graph, const struct sgeo_node *node, size_t i)
{
    return graph->inputs[node->first_input + i];
}
