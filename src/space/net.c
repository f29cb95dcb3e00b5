#include "space/net.h"

enum sgeo_status sgeo_net_begin(struct sgeo_graph **graph, const struct sgeo_net_limits *limits,
                                const struct sgeo_net_config *config)
{
    if (config->channels < limits->channels || config->channels % limits->divisor != 0 ||
        config->cells == 0 || config->classes == 0 || config->image_channels == 0) {
        return sgeo_fail(SGEO_USAGE, NULL,
                         "%s network: %zu channels, %zu cells, %zu classes, %zu image channels; it "
                         "wants at least %zu channels, a multiple of %zu, and nothing else 0",
                         limits->space, config->channels, config->cells, config->classes,
                         config->image_channels, limits->channels, limits->divisor);
    }
    if (config->image_size == 0 || config->image_size % limits->shrinks != 0) {
        return sgeo_fail(SGEO_USAGE, "pad or resize the images",
                         "%s network: image size %zu is not a positive multiple of %zu",
                         limits->space, config->image_size, limits->shrinks);
    }
    *graph = sgeo_graph_create();
    return *graph == NULL ? sgeo_fail_memory("network") : SGEO_OK;
}

enum sgeo_status sgeo_net_finish(struct sgeo_graph **out, struct sgeo_graph *graph, size_t output)
{
    enum sgeo_status status = sgeo_graph_finish(graph, output);
    if (status != SGEO_OK) {
        sgeo_graph_destroy(graph);
        return status;
    }
    *out = graph;
    return SGEO_OK;
}
