#include "space/factorized_reduce.h"

#include <assert.h>

enum { STRIDE = 2 };

size_t sgeo_factorized_reduce(struct sgeo_graph *graph, size_t x, const char *conv1,
                              const char *conv2, const char *norm, size_t channels, bool affine)
{
    static const struct sgeo_conv_shape conv1x1 = {
        .kernel = 1, .stride = 1, .dilation = 1, .groups = 1};
    const char *const names[STRIDE] = {conv1, conv2};
    size_t halves[STRIDE];
    assert(channels % STRIDE == 0);
    x = sgeo_graph_relu(graph, x);
    for (size_t i = 0; i < STRIDE; i++) {
        halves[i] = sgeo_graph_subsample(graph, x, STRIDE, i);
        halves[i] = sgeo_graph_conv(graph, halves[i], names[i], channels / STRIDE, conv1x1);
    }
    return sgeo_graph_batchnorm(graph, sgeo_graph_concat(graph, halves, STRIDE), norm, affine);
}
