/* The skip that halves a map: shared by the spaces whose cells have strided edges. */
#ifndef SGEO_SPACE_FACTORIZED_REDUCE_H
#define SGEO_SPACE_FACTORIZED_REDUCE_H

#include <stdbool.h>
#include <stddef.h>

#include "graph/graph.h"

/*
 * Factorised reduce of x (C,H,W), H and W even, to (channels,H/2,W/2), channels even: ReLU; 1x1
 * convolution `conv1` of the pixels (0,2,..) to the first channels/2 channels, `conv2` of the
 * pixels (1,3,..) to the others; batch norm `norm` of both, with scale and shift when affine.
 * The new node's handle; errors stick to the graph, as everywhere.
 * Source: DARTS (operations.py); spec cv_spaces, sections 3 and 4.
 */
size_t sgeo_factorized_reduce(struct sgeo_graph *graph, size_t x, const char *conv1,
                              const char *conv2, const char *norm, size_t channels, bool affine);

#endif
