/*
 * The networks of Figure 3: two-layer perceptrons on 28x28 grey images (spec protocol, section 5).
 *
 *   image (N,1,28,28) = (N,784) -> fc1 (h,784) + (h) -> ReLU -> fc2 (10,h) + (10) [-> ReLU] ->
 * logits
 */
#ifndef SGEO_SPACE_MLP_H
#define SGEO_SPACE_MLP_H

#include <stdbool.h>
#include <stddef.h>

#include "graph/graph.h"

enum { SGEO_MLP_PIXELS = 28, SGEO_MLP_INPUTS = 784, SGEO_MLP_CLASSES = 10 };

/*
 * The perceptron with `width` hidden units, 795 * width + 10 parameters; output_relu: a ReLU on the
 * logits, as the authors' notebook has it. The caller owns *graph. SGEO_USAGE for width 0.
 */
enum sgeo_status sgeo_mlp_build(struct sgeo_graph **graph, size_t width, bool output_relu);

#endif
