/* One step of Adagrad on the touched rows of table (.,dim), accumulator (.), in double. */
#include <math.h>

#include "kernels/symbols.h"

static double mean_square(const float *grad, size_t dim)
{
    double sum = 0.0;
    for (size_t d = 0; d < dim; d++)
        sum += (double)grad[d] * (double)grad[d];
    return sum / (double)dim;
}

void sgeo_f32_row_adagrad_rowwise__ref(float *table, float *accumulator, const float *grad,
                                       const struct sgeo_touched *touched, float lr, float epsilon)
{
    size_t dim = touched->dim;
    for (size_t u = 0; u < touched->count; u++, grad += dim) {
        float *theta = table + touched->rows[u] * dim, *squares = accumulator + touched->rows[u];
        double total = (double)*squares + mean_square(grad, dim);
        *squares = (float)total;
        for (size_t d = 0; d < dim; d++)
            theta[d] = (float)((double)theta[d] -
                               (double)lr * (double)grad[d] / (sqrt(total) + (double)epsilon));
    }
}
