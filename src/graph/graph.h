/*
 * A network as a static graph: what the architecture says, before anything is planned. Nodes are
 * added in topological order; a node's index is the handle of its output tensor. Shapes are per
 * image (C,H,W); the batch size enters when the graph is planned.
 *
 * Builders never fail one by one: the first error sticks and sgeo_graph_finish reports it, so a
 * space's builder reads like the paper's figure.
 */
#ifndef SGEO_GRAPH_GRAPH_H
#define SGEO_GRAPH_GRAPH_H

#include <stdbool.h>
#include <stddef.h>

#include "backend/backend.h"
#include "base/status.h"

enum sgeo_op {
    SGEO_OP_INPUT,     /* the image batch */
    SGEO_OP_ZERO,      /* a tensor of zeros: `none` edges, nodes without input */
    SGEO_OP_CONV,      /* convolution without bias */
    SGEO_OP_BATCHNORM, /* with or without scale and shift */
    SGEO_OP_RELU,
    SGEO_OP_SUM,       /* elementwise sum of one or more inputs */
    SGEO_OP_CONCAT,    /* along channels */
    SGEO_OP_SLICE,     /* a range of channels */
    SGEO_OP_SUBSAMPLE, /* every stride-th pixel */
    SGEO_OP_AVGPOOL,   /* padding is not counted */
    SGEO_OP_MAXPOOL,
    SGEO_OP_GLOBAL_MEAN, /* mean over pixels: (C,H,W) -> (C,1,1) */
    SGEO_OP_LINEAR,      /* on (C,1,1), on all numbers of the image, or on each row of a matrix */
    /* of matrices alone, which `dim` cuts into rows */
    SGEO_OP_ROW_LINEAR,   /* along the rows, column by column */
    SGEO_OP_LAYER_NORM,   /* of each row, or of each column over the rows */
    SGEO_OP_PADDED_SUM,   /* sum of matrices padded with zeros */
    SGEO_OP_GATE,         /* sigmoid of the first input times the padded second */
    SGEO_OP_DOT,          /* dot products of all pairs of rows */
    SGEO_OP_FM,           /* sum over the products of all pairs of rows */
    SGEO_OP_ATTENTION,    /* multi-head self-attention of queries, keys and values */
    SGEO_OP_ROW_PRODUCTS, /* products of all rows of two matrices */
    SGEO_OP_ROW_SUMS,     /* the sum of each row */
    SGEO_OP_ROW_SLICE,    /* some columns of each row */
    SGEO_OP_SCALE         /* times a constant */
};

/* What a parameter is; the set L of the proxies is the first two. */
enum sgeo_segment_kind {
    SGEO_SEGMENT_CONV,
    SGEO_SEGMENT_LINEAR,
    SGEO_SEGMENT_BIAS,
    SGEO_SEGMENT_SCALE,
    SGEO_SEGMENT_SHIFT,
    SGEO_SEGMENT_GAMMA, /* of a layer norm */
    SGEO_SEGMENT_BETA
};

/* How a benchmark's network starts (sgeo_store_init_random). */
enum sgeo_init {
    SGEO_INIT_FAN_IN,  /* weights and biases uniform in +-1/sqrt(fan_in), PyTorch's default */
    SGEO_INIT_FAN_OUT, /* convolutions N(0, 2/(k*k*out)), linear weights N(0, 0.01^2), biases 0 */
    SGEO_INIT_KAIMING, /* convolutions N(0, 2/(k*k*out)), the rest by fan-in */
    SGEO_INIT_XAVIER   /* weights uniform in +-sqrt(6/(in+out)), biases 0 */
};

#define SGEO_NAME_MAX ((size_t)64)
#define SGEO_NONE     ((size_t)-1)
#define SGEO_SUM_MAX  ((size_t)16)

/* One parameter tensor, row-major (out, in/groups, k, k), (out, in), (out) or (C). */
struct sgeo_segment {
    char name[SGEO_NAME_MAX]; /* canonical module name and ".weight", ".bias", ".scale", ".shift",
                                 ".gamma" or ".beta" */
    enum sgeo_segment_kind kind;
    size_t count;  /* logical elements */
    size_t fan_in; /* of the module's weight */
    size_t taps;   /* k*k of a convolution, else 1 */
    size_t node;   /* owner */
    double start;  /* GAMMA: where it starts from */
};

/* A tensor with a name of its own, for those who look into a network. */
struct sgeo_label {
    char name[SGEO_NAME_MAX];
    size_t node;
};

struct sgeo_node {
    enum sgeo_op op;
    size_t first_input, n_inputs; /* into sgeo_graph.inputs */
    size_t channels, height, width;
    bool is_matrix; /* a plain (N,C) matrix in every layout: GLOBAL_MEAN, LINEAR, a ReLU of one,
                       everything behind a matrix input */
    struct sgeo_conv_geometry conv; /* CONV; n = 0 */
    struct sgeo_pool_window window; /* AVGPOOL, MAXPOOL; SUBSAMPLE: its stride */
    size_t first_channel;           /* SLICE */
    bool is_function;   /* GLOBAL_MEAN: no module in the reference implementation, nothing counts it
                         */
    size_t first_pixel; /* SUBSAMPLE, in both directions */
    size_t dim;         /* ops of rows: numbers a row has; ROW_SLICE: in its source */
    bool over_rows;     /* LAYER_NORM: of each column, over the rows */
    size_t heads;       /* ATTENTION: their columns are dim / heads each */
    double factor;      /* SCALE, FM */
    size_t weight, bias; /* segments: CONV and (ROW_)LINEAR weight, bias; BATCHNORM scale, shift;
                            LAYER_NORM gamma, beta; or SGEO_NONE */
    size_t hooks; /* modules of the reference implementation that hand this tensor on: 1 for CONV,
                     BATCHNORM, RELU and the pools, more where a space says so */
    size_t norm_index; /* BATCHNORM: its rank among the batch norms */
    size_t codes;      /* RELU: how often naswot counts it; 1, more where a space says so */
};

struct sgeo_graph {
    struct sgeo_node *nodes;
    size_t n_nodes;
    size_t *inputs;
    size_t n_inputs;
    struct sgeo_segment *segments;
    size_t n_segments;
    struct sgeo_label *labels;
    size_t n_labels;
    size_t n_norms; /* batch norms */
    size_t
        norm_channels;   /* their channels, summed: running statistics hold twice as many doubles */
    size_t output;       /* the logits: a linear layer, its ReLU, or a padded sum */
    size_t features;     /* the map that enters the global mean, or SGEO_NONE */
    enum sgeo_init init; /* the space's; SGEO_INIT_FAN_IN unless it says otherwise */
    double log_offset;   /* of its loss (sgeo_targets); 0 unless the space says so */
    enum sgeo_status status; /* of the builders so far */
};

/* An empty graph; NULL without memory. The caller owns it. */
struct sgeo_graph *sgeo_graph_create(void);
void sgeo_graph_destroy(struct sgeo_graph *graph);

/* Builders: each adds one node and returns its handle (0 once an error stuck). */
size_t sgeo_graph_input(struct sgeo_graph *graph, size_t channels, size_t height, size_t width);
size_t sgeo_graph_zero(struct sgeo_graph *graph, size_t channels, size_t height, size_t width);

/* Shape of a convolution besides its channels; pad follows as dilation*(kernel-1)/2. */
struct sgeo_conv_shape {
    size_t kernel, stride, dilation, groups;
};
size_t sgeo_graph_conv(struct sgeo_graph *graph, size_t src, const char *name, size_t out_channels,
                       struct sgeo_conv_shape shape);
size_t sgeo_graph_batchnorm(struct sgeo_graph *graph, size_t src, const char *name, bool affine);
size_t sgeo_graph_relu(struct sgeo_graph *graph, size_t src);
size_t sgeo_graph_sum(struct sgeo_graph *graph, const size_t *srcs, size_t n);
/* n up to SGEO_CONCAT_MAX_PARTS. */
size_t sgeo_graph_concat(struct sgeo_graph *graph, const size_t *srcs, size_t n);
size_t sgeo_graph_slice(struct sgeo_graph *graph, size_t src, size_t first_channel, size_t count);
/* Pixels first, first + stride, ... of both directions. */
size_t sgeo_graph_subsample(struct sgeo_graph *graph, size_t src, size_t stride, size_t first);
size_t sgeo_graph_avgpool(struct sgeo_graph *graph, size_t src, struct sgeo_pool_window window);
size_t sgeo_graph_maxpool(struct sgeo_graph *graph, size_t src, struct sgeo_pool_window window);
size_t sgeo_graph_global_mean(struct sgeo_graph *graph, size_t src);
/* The same where the reference implementation calls a function instead of a pooling module. */
size_t sgeo_graph_mean_function(struct sgeo_graph *graph, size_t src);
/* Of a global mean, another linear layer or its ReLU, of the image, whose C*H*W numbers are one
 * vector, or of a matrix. */
size_t sgeo_graph_linear(struct sgeo_graph *graph, size_t src, const char *name, size_t out);

/*
 * Networks on a matrix (N,C) instead of an image: recommender models. All their tensors are
 * matrices, and these are their layers, with linear, relu, concat and slice above. A sparse tensor
 * (N,n,dim), a row of dim numbers for each of n features, is the matrix (N,n*dim): concat joins
 * rows too.
 */
size_t sgeo_graph_matrix_input(struct sgeo_graph *graph, size_t width);

/* What a linear layer gives, besides its source. */
struct sgeo_linear_shape {
    size_t out;
    bool bias;
};
/* The same linear layer on each row: (n,dim) -> (n,out), weight (out,dim). */
size_t sgeo_graph_project(struct sgeo_graph *graph, size_t src, const char *name, size_t dim,
                          struct sgeo_linear_shape shape);
/* Along the rows, column by column: (n,dim) -> (out,dim), weight (out,n). */
size_t sgeo_graph_row_linear(struct sgeo_graph *graph, size_t src, const char *name, size_t dim,
                             struct sgeo_linear_shape shape);
/* Layer norm (eps 1e-5) of each row of dim numbers, its scale starting from gamma; and of each
 * column over the rows, starting from 1. */
size_t sgeo_graph_layer_norm(struct sgeo_graph *graph, size_t src, const char *name, size_t dim,
                             double gamma);
size_t sgeo_graph_row_norm(struct sgeo_graph *graph, size_t src, const char *name, size_t dim);
/* The sum of matrices, each padded with zeros to `width` columns; of one: padding. */
size_t sgeo_graph_padded_sum(struct sgeo_graph *graph, const size_t *srcs, size_t n, size_t width);
/* sigmoid(logits) times src, padded with zeros to the logits' columns. */
size_t sgeo_graph_gate(struct sgeo_graph *graph, size_t logits, size_t src);
/* Dot products of the pairs of rows, (1,0), (2,0), (2,1), ...: (n,dim) -> n(n-1)/2. */
size_t sgeo_graph_dot(struct sgeo_graph *graph, size_t src, size_t dim);
/* factor times the sum over all pairs of rows of their products: (n,dim) -> dim. */
size_t sgeo_graph_fm(struct sgeo_graph *graph, size_t src, size_t dim, double factor);
/* Self-attention, softmax(query key^T / sqrt(head_dim)) value in each head: three
 * (n,heads*head_dim)
 * -> the same; head h has the columns from h*head_dim on. */
size_t sgeo_graph_attention(struct sgeo_graph *graph, const size_t sources[3], size_t heads,
                            size_t head_dim);
/* Products of the rows of two matrices, (l,dim) and (r,dim) -> (l*r,dim), row i*r + j of i and j.
 */
size_t sgeo_graph_row_products(struct sgeo_graph *graph, size_t left, size_t right, size_t dim);
/* The sum of each row, (n,dim) -> n. */
size_t sgeo_graph_row_sums(struct sgeo_graph *graph, size_t src, size_t dim);
/* Columns first, first+1, ... of each row, (n,dim) -> (n,count). */
size_t sgeo_graph_row_slice(struct sgeo_graph *graph, size_t src, size_t dim, size_t first,
                            size_t count);
size_t sgeo_graph_scale(struct sgeo_graph *graph, size_t src, double factor);

/* Give a tensor a name. */
void sgeo_graph_label(struct sgeo_graph *graph, size_t node, const char *name);

/* The space's reference implementation hands this tensor on `count` times more. */
void sgeo_graph_add_hooks(struct sgeo_graph *graph, size_t node, size_t count);

/* Its naswot counts this ReLU `count` times more. */
void sgeo_graph_add_codes(struct sgeo_graph *graph, size_t node, size_t count);

/* The network is trained on the cross-entropy with this offset inside the logarithm. */
void sgeo_graph_offset_loss(struct sgeo_graph *graph, double offset);

/* Declare the output, a linear layer, its ReLU or a padded sum, and end building; the first
 * builder's error, if any. */
enum sgeo_status sgeo_graph_finish(struct sgeo_graph *graph, size_t output);

/* Ops that every reference implementation has as modules with an output map: CONV, BATCHNORM, RELU
 * and the pools. */
bool sgeo_op_is_module(enum sgeo_op op);

/* Numbers of a node's tensor, for one image. */
static inline size_t sgeo_node_elems(const struct sgeo_node *node)
{
    return node->channels * node->height * node->width;
}

/* Whether a segment belongs to L: the weights of convolutions and linear layers. */
bool sgeo_segment_in_l(const struct sgeo_segment *segment);

/* i-th input of a node. */
size_t sgeo_graph_source(const struct sgeo_graph *graph, const struct sgeo_node *node, size_t i);

/* Sizes of a network, modules off every path included (spec: golden record fields, proxies
 * section 1.1). */
struct sgeo_counts {
    size_t params; /* trainable numbers */
    size_t macs;   /* multiply-accumulates of convolutions and linear layers, of dot products and of
                      attention's, one image, no bias */
    size_t tensorwatch_flops; /* what NAS-Bench-Suite-Zero calls FLOPs */
    size_t flops; /* the same with C*H*W for every global mean: there it is C*(H+1)*(W+1) as a
                     module and nothing as a function */
};
void sgeo_graph_count(struct sgeo_counts *counts, const struct sgeo_graph *graph);

#endif
