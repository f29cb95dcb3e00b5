/* One step of SGD as PyTorch defines it on theta, velocity, grad (n), in f32. */
#include "kernels/scalar/tier.h"

static void step_plain(float *restrict theta, const float *restrict grad, float lr,
                       float weight_decay, size_t n)
{
    for (size_t i = 0; i < n; i++)
        theta[i] -= lr * (grad[i] + weight_decay * theta[i]);
}

static void step_momentum(float *restrict theta, float *restrict velocity,
                          const float *restrict grad, struct sgeo_sgd sgd, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float d = grad[i] + sgd.weight_decay * theta[i];
        velocity[i] = sgd.momentum * velocity[i] + d;
        theta[i] -= sgd.lr * velocity[i];
    }
}

static void step_nesterov(float *restrict theta, float *restrict velocity,
                          const float *restrict grad, struct sgeo_sgd sgd, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float d = grad[i] + sgd.weight_decay * theta[i];
        velocity[i] = sgd.momentum * velocity[i] + d;
        theta[i] -= sgd.lr * (d + sgd.momentum * velocity[i]);
    }
}

void SGEO_SYMBOL(f32_sgd_step)(float *theta, float *velocity, const float *grad,
                               const struct sgeo_sgd *sgd, size_t n)
{
    if (!velocity)
        step_plain(theta, grad, sgd->lr, sgd->weight_decay, n);
    else if (sgd->nesterov)
        step_nesterov(theta, velocity, grad, *sgd, n);
    else
        step_momentum(theta, velocity, grad, *sgd, n);
}
