/*
 * A planned network at one batch size: forward, its tangent along theta, backward.
 *
 *   image (N,C,H,W) --forward--> logits (N,K) --loss--> d_logits (N,K) --backward--> gradient
 * vector
 *
 * The tangent is the derivative of everything with respect to alpha at alpha = 1 when all weights
 * of L (convolutions, linear), or all parameters, are alpha*theta; it runs beside the forward pass
 * and costs one more forward. Parameters, gradients and running statistics belong to the caller and
 * are bound by pointer; activations live in the caller's pool and go back to it at their last use.
 */
#ifndef SGEO_GRAPH_NETWORK_H
#define SGEO_GRAPH_NETWORK_H

#include <stdbool.h>
#include <stddef.h>

#include "backend/backend.h"
#include "graph/graph.h"
#include "graph/loss.h"
#include "graph/pool.h"
#include "graph/store.h"

struct sgeo_network;

/* What one training-mode forward is of a batch norm's running statistics. */
#define SGEO_BN_MOMENTUM 0.1

struct sgeo_network_options {
    size_t batch;
    bool backward;       /* keep what the backward pass reads */
    bool tangent;        /* run the tangent beside every forward pass */
    bool tangent_all;    /* along all parameters, not those of L alone; not with batch norms */
    bool keep_dead;      /* run nodes that do not reach the output too */
    bool keep_features;  /* sgeo_network_features will be asked for */
    bool input_gradient; /* sgeo_network_input_gradient will be asked for */
    bool bypass_norms;   /* batch norms hand their input on */
    bool curvature;      /* with tangent and backward: sgeo_network_curvature will be asked for */
    bool store_all;      /* the probe sees every tensor */
    bool keep_outputs;   /* the probe sees the outputs of convolutions in the backward pass */
    bool parameter_dots; /* with backward: sgeo_network_parameter_dots will be asked for */
    bool output_only;    /* the backward pass ends at the linear layer that gives the logits: other
                            gradients are not written */
    size_t input_gradient_from; /* first channel whose input gradient is needed whole */
};

/*
 * What a pass shows to a proxy on the way; any function may be NULL. Tensors are the backend's, in
 * `layout` (padding zero), or plain (N,C) matrices where layout is NULL; they are the network's.
 */
struct sgeo_probe {
    /* After the forward of a ReLU that runs: the ReLUs of the graph that share this tensor have
     * `count` codes. */
    void (*relu)(void *context, const void *output, const struct sgeo_layout *layout, size_t count);
    /* Before the backward of a convolution (needs keep_outputs) or linear layer with this weight
     * segment: its output, bias included, and the loss's gradient by it. */
    void (*output)(void *context, size_t weight, const void *output, const void *gradient,
                   const struct sgeo_layout *layout);
    /* After the forward of a node that runs (needs store_all): its tensor. */
    void (*value)(void *context, size_t node, const void *data, const struct sgeo_layout *layout);
    void *context;
};

/* The node whose tensor node n shares, or SGEO_NONE when it is zero. */
size_t sgeo_network_tensor_of(const struct sgeo_network *network, size_t node);

/* Whether a node belongs to what runs: it reaches the output, or dead ones are kept. */
bool sgeo_network_has_node(const struct sgeo_network *network, size_t node);

/*
 * Plan `graph` for `options`. Every segment of the graph is looked up in `store` by name (so a
 * path of a supernet runs on the supernet's own vector). graph, store, backend and pool must
 * outlive the network. The caller owns *network. SGEO_USAGE when the store lacks a segment or
 * has it in another size, SGEO_UNSUPPORTED for a tangent along all parameters of batch norms, and
 * for parameter_dots with convolutions or batch norms.
 */
enum sgeo_status sgeo_network_create(struct sgeo_network **network, const struct sgeo_graph *graph,
                                     const struct sgeo_store *store, struct sgeo_backend *backend,
                                     struct sgeo_pool *pool,
                                     const struct sgeo_network_options *options);
void sgeo_network_destroy(struct sgeo_network *network);

/*
 * Bind the vectors that the next passes use: theta (read), grad (written by backward; NULL: none),
 * running statistics (2 * graph->norm_channels doubles: means, then variances, in order of the
 * batch norms; updated by training-mode forwards with SGEO_BN_MOMENTUM; NULL: not kept).
 */
void sgeo_network_bind(struct sgeo_network *network, const void *theta, void *grad,
                       double *running);

/* Evaluation mode: batch norms use the bound running statistics. Training mode (the default): those
 * of the batch. */
void sgeo_network_evaluate(struct sgeo_network *network, bool evaluate);

/* Show the next passes to a probe, which stays the caller's; NULL: to none. */
void sgeo_network_probe(struct sgeo_network *network, const struct sgeo_probe *probe);

/*
 * Tangent (N,C) of the input of a network on a matrix, in backend elements, where the following
 * passes' tangents start; it stays the caller's. NULL (the default): zero.
 */
void sgeo_network_input_tangent(struct sgeo_network *network, const void *tangent);

/* Run on images (N,C,H,W), planar, or on a matrix (N,C), in backend elements. */
enum sgeo_status sgeo_network_forward(struct sgeo_network *network, const void *images);

/* Of the last forward: logits (N,K), and their tangent (N,K; zeros without options.tangent). Owned
 * by the network. */
const double *sgeo_network_logits(const struct sgeo_network *network);
const double *sgeo_network_logit_tangent(const struct sgeo_network *network);

/* Gradient of a function of the logits, d_logits (N,K), into the bound grad vector: every segment
 * of the graph is written, but for output_only. */
enum sgeo_status sgeo_network_backward(struct sgeo_network *network, const double *d_logits);

/* Forward, mean cross-entropy with the graph's log_offset, backward. losses (N) and loss may be
 * NULL. */
enum sgeo_status sgeo_network_loss_gradient(struct sgeo_network *network, const void *images,
                                            const struct sgeo_targets *targets, double *losses,
                                            double *loss);

/*
 * After a forward with tangent (options.curvature): the derivative of the loss's gradient along
 * theta, H theta restricted to L in both, into the bound grad vector (weights of L; other segments
 * zero). Batch statistics are differentiated too.
 */
enum sgeo_status sgeo_network_curvature(struct sgeo_network *network,
                                        const struct sgeo_targets *targets);

/*
 * Plain or momentum SGD on the graph's own segments: theta (the bound one, passed writable) by the
 * bound gradient, which must be whole: not with output_only. velocity (a vector of the same store)
 * may be NULL.
 */
void sgeo_network_sgd_step(struct sgeo_network *network, void *theta, void *velocity,
                           const struct sgeo_sgd *sgd);

/*
 * Of the last backward (options.parameter_dots): <theta, g_n> (N) over all parameters, g_n the part
 * of sample n in the gradient; the derivative of what was differentiated, of each sample, as all
 * parameters are multiplied by a number. A layer is linear in its own parameters: its output times
 * the output's gradient is its share. Owned by the network.
 */
const double *sgeo_network_parameter_dots(const struct sgeo_network *network);

/* CPU seconds that tangents have cost this network so far. */
double sgeo_network_tangent_seconds(const struct sgeo_network *network);

/* The map before the global mean of the last forward, planar (N,C,H,W). */
void sgeo_network_features(struct sgeo_network *network, double *planar);

/* Gradient by the images of the last backward, planar (N,C,H,W); zeros where none reaches them. */
void sgeo_network_input_gradient(const struct sgeo_network *network, double *planar);

/* The same as it is, (N,C) in backend elements, of a network on a matrix; NULL: zeros. Owned by the
 * network. */
const void *sgeo_network_input_gradient_elems(const struct sgeo_network *network);

size_t sgeo_network_classes(const struct sgeo_network *network);

#endif
