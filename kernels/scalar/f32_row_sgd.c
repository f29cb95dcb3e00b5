/* One step of SGD on the touched rows of table (.,dim), in f32. */
#include "kernels/row_list.h"
#include "kernels/scalar/row_descent.h"

void SGEO_SYMBOL(f32_row_sgd)(float *table, const float *grad, const struct sgeo_touched *touched,
                              float lr)
{
    size_t dim = touched->dim, ahead = sgeo_rows_ahead(dim);
    for (size_t u = 0; u < touched->count; u++) {
        sgeo_touched_request(table, touched, u, ahead);
        sgeo_row_descend(table + touched->rows[u] * dim, grad + u * dim, lr, dim);
    }
}
