/* One step of Adagrad on the touched rows of table and accumulator (.,dim): each a dense step. */
#include "kernels/symbols.h"

void sgeo_f32_row_adagrad__ref(float *table, float *accumulator, const float *grad,
                               const struct sgeo_touched *touched, float lr, float epsilon)
{
    for (size_t u = 0; u < touched->count; u++) {
        size_t at = touched->rows[u] * touched->dim;
        sgeo_f32_adagrad_step__ref(table + at, accumulator + at, grad + u * touched->dim, lr,
                                   epsilon, touched->dim);
    }
}
