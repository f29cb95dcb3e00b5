/* One step of SGD on the touched rows of table (.,dim), in double. */
#include "kernels/symbols.h"

void sgeo_f32_row_sgd__ref(float *table, const float *grad, const struct sgeo_touched *touched,
                           float lr)
{
    for (size_t u = 0; u < touched->count; u++) {
        float *theta = table + touched->rows[u] * touched->dim;
        for (size_t d = 0; d < touched->dim; d++)
            theta[d] = (float)((double)theta[d] - (double)lr * (double)grad[u * touched->dim + d]);
    }
}
