/* Contracts of the optimiser steps over dense parameters. */
#ifndef SGEO_KERNELS_CONTRACT_STEP_H
#define SGEO_KERNELS_CONTRACT_STEP_H

#include <stddef.h>

/*
 * theta -= lr * step with PyTorch's momentum: d = grad + weight_decay*theta; velocity =
 * momentum*velocity + d; step = nesterov ? d + momentum*velocity : velocity. velocity NULL: step =
 * d.
 */
struct sgeo_sgd {
    float lr, momentum, weight_decay;
    int nesterov;
};
typedef void sgeo_f32_sgd_step_sig(float *theta, float *velocity, const float *grad,
                                   const struct sgeo_sgd *sgd, size_t n);

/* accumulator += grad^2; theta -= lr * grad / (sqrt(accumulator) + epsilon). */
typedef void sgeo_f32_adagrad_step_sig(float *theta, float *accumulator, const float *grad,
                                       float lr, float epsilon, size_t n);

#endif
