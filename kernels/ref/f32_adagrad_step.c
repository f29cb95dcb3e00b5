/* One step of Adagrad on theta, accumulator, grad (n), in double. */
#include <math.h>

#include "kernels/symbols.h"

void sgeo_f32_adagrad_step__ref(float *theta, float *accumulator, const float *grad, float lr,
                                float epsilon, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double g = (double)grad[i];
        double squares = (double)accumulator[i] + g * g;
        accumulator[i] = (float)squares;
        theta[i] = (float)((double)theta[i] - (double)lr * g / (sqrt(squares) + (double)epsilon));
    }
}
