/* One step of Adagrad on theta, accumulator, grad (n), in f32. */
#include "kernels/scalar/tier.h"

static void step(float *restrict theta, float *restrict accumulator, const float *restrict grad,
                 float lr, float epsilon, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        accumulator[i] += grad[i] * grad[i];
        theta[i] -= lr * grad[i] / (sqrtf(accumulator[i]) + epsilon);
    }
}

void SGEO_SYMBOL(f32_adagrad_step)(float *theta, float *accumulator, const float *grad, float lr,
                                   float epsilon, size_t n)
{
    step(theta, accumulator, grad, lr, epsilon, n);
}
