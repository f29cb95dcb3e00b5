/* One step of SGD as PyTorch defines it on theta, velocity, grad (n), in double. */
#include "kernels/symbols.h"

void sgeo_f32_sgd_step__ref(float *theta, float *velocity, const float *grad,
                            const struct sgeo_sgd *sgd, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double step = (double)grad[i] + (double)sgd->weight_decay * (double)theta[i];
        if (velocity) {
            double speed = (double)sgd->momentum * (double)velocity[i] + step;
            velocity[i] = (float)speed;
            step = sgd->nesterov ? step + (double)sgd->momentum * speed : speed;
        }
        theta[i] = (float)((double)theta[i] - (double)sgd->lr * step);
    }
}
