/* Activation Fisher of one layer: see fisher.c. */
#ifndef SGEO_PROXY_FISHER_H
#define SGEO_PROXY_FISHER_H

#include "backend/backend.h"

/* Output a of a convolution or linear layer and the loss's gradient d by it. */
struct sgeo_fisher_output {
    struct sgeo_backend *backend;
    const void *output, *gradient;
    const struct sgeo_layout *layout; /* NULL: (batch,channels) matrices */
    size_t batch, channels;
    size_t filter_size; /* weights of one output channel */
};

/* filter_size * sum_k 1/2 mean_n (sum_pixels a_nk d_nk)^2. */
double sgeo_fisher_layer(const struct sgeo_fisher_output *output);

#endif
