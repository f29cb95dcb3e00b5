/*
 * Inside of sgeo_network, shared by network*.c and the op files. Each op_*.c has one op's forward,
 * tangent and backward beside each other.
 */
#ifndef SGEO_GRAPH_NETWORK_OPS_H
#define SGEO_GRAPH_NETWORK_OPS_H

#include "graph/network.h"
#include "graph/plan.h"

#define SGEO_BN_EPSILON 1e-5

/* Summands of a gradient: one buffer per reader of the tensor. */
struct sgeo_gradient {
    struct sgeo_buffer **terms;
    size_t n_terms;
};

/* A tensor's tangent: nothing (zero), one buffer, or a buffer and the tensor itself (a
 * convolution's own weights scaled). */
struct sgeo_tangent {
    struct sgeo_buffer *buffer; /* NULL: none */
    bool plus_value;            /* add the tensor's own value */
};

/* Per channel, for one batch norm: y = (x - mean) * scale + shift. */
struct sgeo_norm {
    double *mean, *var, *inv_std, *scale, *shift;
    double *tangent_own,
        *tangent_shift; /* tangent = scale * t + (x - mean) * tangent_own + tangent_shift */
};

struct sgeo_value {
    struct sgeo_buffer *buffer; /* NULL: not alive */
    struct sgeo_buffer *where; /* what else the forward pass leaves: MAXPOOL winners, LAYER_NORM and
                                  ATTENTION statistics, GATE the sigmoid */
    struct sgeo_tangent tangent;
    struct sgeo_gradient gradient[2]; /* and its own tangent */
};

/* Which of the two the gradient functions below work on. */
enum sgeo_side { SGEO_GRADIENT, SGEO_GRADIENT_TANGENT };

struct sgeo_network {
    const struct sgeo_graph *graph;
    struct sgeo_plan *plan;
    struct sgeo_backend *backend;
    struct sgeo_pool *pool;
    struct sgeo_network_options options;
    struct sgeo_place *places;          /* per segment */
    struct sgeo_layout *layouts;        /* per node */
    struct sgeo_conv **convs;           /* per node; CONV that run */
    struct sgeo_linear **linears;       /* per node; LINEAR that run */
    struct sgeo_norm *norms;            /* per batch norm, in order */
    size_t *running_offset;             /* per batch norm */
    double *norm_memory;                /* behind norms */
    double *scratch;                    /* 3 * max_channels */
    size_t max_channels;                /* largest groups*lanes */
    struct sgeo_value *values;          /* per node */
    struct sgeo_buffer **term_memory;   /* behind the gradients' terms */
    const struct sgeo_probe *probe;     /* NULL: none */
    struct sgeo_buffer *input_gradient; /* of the last backward, or NULL */
    const void *images;
    const void *input_tangent; /* of a matrix input; NULL: zero */
    const void *theta;
    void *grad;
    double *running;
    bool evaluate;
    double tangent_seconds;
    enum sgeo_side side;
    double *logits, *logit_tangent, *d_logits, *parameter_dots;
};

/* --- small helpers (network_values.c) --- */
/* A plain (rows,columns) matrix as a layout. */
struct sgeo_layout sgeo_network_matrix_layout(size_t rows, size_t columns);
/* What works on node n's tensors: maps, or matrices and images. */
const struct sgeo_tensor_table *sgeo_network_tensors(const struct sgeo_network *net, size_t n);
/* Buffers that go back to the pool: a value's own, its tangent's, all of all values, the last
 * gradient by the input. */
void sgeo_value_drop_forward(struct sgeo_value *value);
void sgeo_value_drop_tangent(struct sgeo_value *value);
void sgeo_network_drop_all(struct sgeo_network *net);
void sgeo_network_drop_input_gradient(struct sgeo_network *net);
struct sgeo_buffer *
sgeo_network_take(struct sgeo_network *net,
                  size_t node); /* a buffer of node's activation; sets the error text */
void sgeo_network_add_gradient(struct sgeo_network *net, size_t node,
                               struct sgeo_buffer *owned); /* consumes the reference */
/* The merged gradient of `node` and its tangent, a missing one as zeros; both NULL with status OK
 * when there is neither. Consumes the terms; both belong to the caller. */
enum sgeo_status sgeo_network_merge_both(struct sgeo_network *net, size_t node,
                                         struct sgeo_buffer *sums[2]);
/* Make *buffer (of node's shape) one that nobody else holds, so that it may be overwritten. */
enum sgeo_status sgeo_network_own(struct sgeo_network *net, size_t node,
                                  struct sgeo_buffer **buffer);
/* Hand a term to one side of a source's gradient; consumes the reference. */
void sgeo_network_add_to(struct sgeo_network *net, enum sgeo_side side, size_t node,
                         struct sgeo_buffer *owned);
/* Sum of all gradient terms of `node` (gated ones are those of its ReLU); NULL with status OK when
 * there are none. Consumes them. */
enum sgeo_status sgeo_network_merge_gradient(struct sgeo_network *net, size_t node,
                                             struct sgeo_buffer **sum);
/* A buffer of node's (N,C) matrix with these numbers; NULL without memory. */
struct sgeo_buffer *sgeo_network_matrix(struct sgeo_network *net, size_t node,
                                        const double *numbers);
/* Whether the probe wants outputs; and one convolution's or linear layer's, with its gradient. */
bool sgeo_network_shows_outputs(const struct sgeo_network *net);
void sgeo_network_show_output(const struct sgeo_network *net, size_t node,
                              const struct sgeo_buffer *output, const struct sgeo_buffer *gradient);
/* The input of a forward pass, and its tangent if one is bound: node 0's tensor where it is a
 * matrix (network_input.c). */
enum sgeo_status sgeo_network_take_input(struct sgeo_network *net, const void *input);
/* Gradients of node n's parameters, where no gradient reaches it. */
void sgeo_network_zero_parameters(struct sgeo_network *net, size_t n);
/* A layer's share of the parameter dots, from the gradient of its output, if they are asked for. */
void sgeo_network_dot_parameters(struct sgeo_network *net, size_t n, const struct sgeo_buffer *d);
double sgeo_network_param(const struct sgeo_network *net, size_t segment, size_t i);
void sgeo_network_set_grad(struct sgeo_network *net, size_t segment, size_t i, double value);
const void *sgeo_network_weight(const struct sgeo_network *net, size_t segment);
void *sgeo_network_weight_grad(const struct sgeo_network *net,
                               size_t segment); /* NULL when no gradient is bound */
bool sgeo_network_learns(const struct sgeo_network *net, size_t node); /* SGEO_NONE: false */
/* The tensor's tangent as one buffer, a new reference; NULL with status OK when it is zero. */
enum sgeo_status sgeo_network_tangent_buffer(struct sgeo_network *net, size_t node,
                                             struct sgeo_buffer **buffer);

/*
 * Tangents of all sources of node n, new references that the caller drops, or NULL for all where
 * all are zero; `tangents` has room for n_inputs.
 */
enum sgeo_status sgeo_network_source_tangents(struct sgeo_network *net, size_t n,
                                              struct sgeo_buffer **tangents);
/* A buffer of `bytes` besides the tensors; sets the error text. */
struct sgeo_buffer *sgeo_network_room(struct sgeo_network *net, size_t bytes);
/* Consume a gradient of tensor t: a term where t learns, else dropped. */
void sgeo_network_give_gradient(struct sgeo_network *net, size_t t, struct sgeo_buffer *owned);

/* The curvature of ops that have none here: SGEO_UNSUPPORTED. */
enum sgeo_status sgeo_network_no_curvature(struct sgeo_network *net, size_t n);

/*
 * Ops of one source whose derivative is one linear map of it (op_map.c): the tangent applies it,
 * backward its transpose, forward the op itself. All overwrite their destination whole, and may
 * look at the source's value.
 */
typedef void (*sgeo_map_fn)(struct sgeo_network *net, size_t n, void *dst, const void *src);
enum sgeo_status sgeo_map_forward(struct sgeo_network *net, size_t n, sgeo_map_fn apply);
enum sgeo_status sgeo_map_tangent(struct sgeo_network *net, size_t n, sgeo_map_fn apply);
enum sgeo_status sgeo_map_backward(struct sgeo_network *net, size_t n, sgeo_map_fn transpose);

/* --- restored tensors (network_restore.c) --- */
/* Before the backward of node n: what it reads and the forward pass did not keep, with tangents. */
enum sgeo_status sgeo_network_restore(struct sgeo_network *net, size_t n);
/* Behind it: what lived to be a term of those. */
void sgeo_network_retire_terms(struct sgeo_network *net, size_t n);

/* --- ops: forward (with tangent) and backward of one node that runs --- */
typedef enum sgeo_status (*sgeo_op_fn)(struct sgeo_network *net, size_t n);

struct sgeo_op_functions {
    sgeo_op_fn forward;   /* fills values[n].buffer (and where) */
    sgeo_op_fn tangent;   /* fills values[n].tangent */
    sgeo_op_fn backward;  /* turns the gradient of n into gradients of its sources and parameters */
    sgeo_op_fn curvature; /* the same for the gradient and its tangent at once; NULL: backward is
                             linear in the gradient and serves both */
};

extern const struct sgeo_op_functions sgeo_op_conv, sgeo_op_batchnorm, sgeo_op_relu, sgeo_op_sum,
    sgeo_op_concat, sgeo_op_slice, sgeo_op_subsample, sgeo_op_avgpool, sgeo_op_maxpool,
    sgeo_op_global_mean, sgeo_op_linear, sgeo_op_row_linear, sgeo_op_layer_norm, sgeo_op_padded_sum,
    sgeo_op_gate, sgeo_op_dot, sgeo_op_fm, sgeo_op_attention, sgeo_op_row_products,
    sgeo_op_row_sums, sgeo_op_row_slice, sgeo_op_scale;

/* The affine-sum pass of a combine node, shared by sums and stored batch norms (op_combine.c). */
enum sgeo_status sgeo_combine_forward(struct sgeo_network *net, size_t n);
enum sgeo_status sgeo_combine_tangent(struct sgeo_network *net, size_t n);

/* A batch norm's part in a combine: its term and shift (op_batchnorm.c). */
struct sgeo_affine_parts {
    struct sgeo_term terms[2 * SGEO_SUM_MAX];
    size_t n_terms;
    double *shift; /* accumulates; max_channels entries */
    bool shifted;
};
void sgeo_batchnorm_add_value(struct sgeo_network *net, size_t n, struct sgeo_affine_parts *parts);
void sgeo_batchnorm_add_tangent(struct sgeo_network *net, size_t n,
                                struct sgeo_affine_parts *parts);

#endif
