#include "space/mlp.h"

#include "space/net.h"

enum sgeo_status sgeo_mlp_build(struct sgeo_graph **out, size_t width, bool output_relu)
{
    if (width == 0) {
        return sgeo_fail(SGEO_USAGE, "one unit or more", "a perceptron without hidden units");
    }
    struct sgeo_graph *graph = sgeo_graph_create();
    if (graph == NULL) {
        return sgeo_fail_memory("perceptron");
    }
    size_t image = sgeo_graph_input(graph, 1, SGEO_MLP_PIXELS, SGEO_MLP_PIXELS);
    size_t hidden = sgeo_graph_relu(graph, sgeo_graph_linear(graph, image, "fc1", width));
    size_t logits = sgeo_graph_linear(graph, hidden, "fc2", SGEO_MLP_CLASSES);
    size_t output = output_relu ? sgeo_graph_relu(graph, logits) : logits;
    return sgeo_net_finish(out, graph, output);
}
