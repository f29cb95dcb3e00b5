/*
 * What of a graph has to run, and how: the analysis behind sgeo_network.
 *
 *   needed   reaches the output (everything else is skipped: its gradients are exactly zero)
 *   zero     a tensor of zeros, whatever the image; nothing that only carries zeros runs
 *   rep      the node whose tensor this node shares: sums of one tensor are that tensor, all ReLUs
 * of one tensor are one ReLU fused    a batch norm that feeds exactly one sum: normalised inside
 * the sum's pass, never stored combine  a node that one affine-sum pass produces: a sum, or a batch
 * norm that is not fused relu_of  the ReLU that the same pass writes beside (or instead of) the
 * plain value learns   its gradient is wanted
 *
 * Options: dead nodes count as needed; the image's gradient is wanted; batch norms are passed by,
 * so that one is its source's tensor; the outputs of convolutions, or of everything with
 * parameters, live until their own backward; every tensor is stored, nothing fused; tensors are
 * restored, which an affine-sum pass makes of others that the backward pass keeps or restores.
 *
 * A tensor is named by its node. last_forward and last_backward say at which node it is read for
 * the last time in either direction, so that its buffer can go back to the arena.
 */
#ifndef SGEO_GRAPH_PLAN_H
#define SGEO_GRAPH_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "graph/graph.h"

struct sgeo_plan_options {
    bool keep_dead, input_gradient, bypass_norms, keep_outputs, keep_all_outputs, store_all;
    bool restore;
    size_t input_gradient_from; /* slices of earlier channels of the image alone have none */
};

struct sgeo_plan_node {
    bool needed, zero, fused, learns;
    bool rectified; /* linear layer: its tensor is what its ReLU makes of it, and the ReLU's too */
    bool raw;       /* combine: the plain value is read by something other than ReLUs */
    bool read_back; /* some backward reads it, and not only where it is positive */
    bool restored;  /* combine, or its ReLU: computed again where a backward reads it */
    size_t rep;
    size_t relu_of;
    size_t last_forward;  /* SGEO_NONE: nothing reads it */
    size_t last_backward; /* SGEO_NONE: nothing reads it */
};

struct sgeo_plan {
    const struct sgeo_graph *graph;
    struct sgeo_plan_options options;
    struct sgeo_plan_node *nodes; /* one per graph node */
};

/* Analyse a finished graph. */
enum sgeo_status sgeo_plan_create(struct sgeo_plan **plan, const struct sgeo_graph *graph,
                                  const struct sgeo_plan_options *options);
void sgeo_plan_destroy(struct sgeo_plan *plan);

/* Whether node n does anything: needed, its own representative, not zero. */
bool sgeo_plan_runs(const struct sgeo_plan *plan, size_t n);

/* Whether one affine-sum pass produces node n. */
bool sgeo_plan_is_combine(const struct sgeo_plan *plan, size_t n);

/* Whether node n is a ReLU that its source's pass writes. */
bool sgeo_plan_is_fused_relu(const struct sgeo_plan *plan, size_t n);

/* Tensor of the i-th input of node n, or SGEO_NONE when it is zero. */
size_t sgeo_plan_source(const struct sgeo_plan *plan, size_t n, size_t i);

/* The combine whose pass writes tensor t, or SGEO_NONE; and the tensor that its i-th term is made
 * of: a fused batch norm's is its source. */
size_t sgeo_plan_combine_of(const struct sgeo_plan *plan, size_t t);
size_t sgeo_plan_term(const struct sgeo_plan *plan, size_t combine, size_t i);

/* The tensors that the backward of node n reads; returns how many. */
#define SGEO_PLAN_READS_MAX ((size_t)8)
size_t sgeo_plan_backward_reads(size_t tensors[SGEO_PLAN_READS_MAX], const struct sgeo_plan *plan,
                                size_t n);

#endif
