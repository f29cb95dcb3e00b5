/*
 * One step of Adagrad on the touched rows of table and accumulator (.,dim): the tier's dense step
 * of each row.
 */
#include "kernels/row_list.h"
#include "kernels/scalar/tier.h"

#define DENSE_STEP SGEO_SYMBOL(f32_adagrad_step)

void SGEO_SYMBOL(f32_row_adagrad)(float *table, float *accumulator, const float *grad,
                                  const struct sgeo_touched *touched, float lr, float epsilon)
{
    size_t dim = touched->dim, ahead = sgeo_rows_ahead(dim);
    for (size_t u = 0; u < touched->count; u++) {
        size_t at = touched->rows[u] * dim;
        sgeo_touched_request(table, touched, u, ahead);
        sgeo_touched_request(accumulator, touched, u, ahead);
        DENSE_STEP(table + at, accumulator + at, grad + u * dim, lr, epsilon, dim);
    }
}
