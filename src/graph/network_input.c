/* What enters a network: images, which stay the caller's, or a matrix, which is a tensor like any
 * other; and the gradient that comes back. */
#include <string.h>

#include "graph/network_ops.h"

void sgeo_network_input_tangent(struct sgeo_network *net, const void *tangent)
{
    net->input_tangent = tangent;
}

/* A copy of a matrix (N,C) of node 0. */
static enum sgeo_status copy_input(struct sgeo_network *net, struct sgeo_buffer **copy,
                                   const void *matrix)
{
    *copy = sgeo_network_take(net, 0);
    if (*copy == NULL) {
        return SGEO_IO;
    }
    memcpy((*copy)->data, matrix, (*copy)->bytes);
    return SGEO_OK;
}

enum sgeo_status sgeo_network_take_input(struct sgeo_network *net, const void *input)
{
    enum sgeo_status status = SGEO_OK;
    net->images = input;
    if (net->graph->nodes[0].is_matrix) {
        status = copy_input(net, &net->values[0].buffer, input);
    }
    if (status == SGEO_OK && net->options.tangent && net->input_tangent != NULL) {
        status = copy_input(net, &net->values[0].tangent.buffer, net->input_tangent);
    }
    return status;
}

void sgeo_network_input_gradient(const struct sgeo_network *net, double *planar)
{
    const struct sgeo_node *image = &net->graph->nodes[0];
    size_t count = net->options.batch * image->channels * image->height * image->width;
    const void *data = net->input_gradient == NULL ? NULL : net->input_gradient->data;
    for (size_t i = 0; i < count; i++) {
        planar[i] = data == NULL                               ? 0.0
                    : net->backend->ops->precision == SGEO_F64 ? ((const double *)data)[i]
                                                               : (double)((const float *)data)[i];
    }
}

const void *sgeo_network_input_gradient_elems(const struct sgeo_network *net)
{
    return net->input_gradient == NULL ? NULL : net->input_gradient->data;
}
