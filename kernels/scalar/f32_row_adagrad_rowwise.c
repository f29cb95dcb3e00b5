/* One step of Adagrad on the touched rows of table (.,dim), accumulator (.), in f32. */
#include "kernels/row_list.h"
#include "kernels/scalar/lane_sum.h"
#include "kernels/scalar/row_descent.h"

SGEO_INLINE void add_squares(float *sum, const float *grad, size_t width)
{
    for (size_t j = 0; j < width; j++)
        sum[j] = sgeo_multiply_add_f32(grad[j], grad[j], sum[j]);
}

static float mean_square(const float *grad, size_t dim)
{
    float sum[SGEO_LANES];
    size_t at = 0;
    sgeo_zero(sum, SGEO_LANES);
    for (; at + SGEO_LANES <= dim; at += SGEO_LANES)
        add_squares(sum, grad + at, SGEO_LANES);
    if (at < dim)
        add_squares(sum, grad + at, dim - at);
    return sgeo_lane_sum(sum) / (float)(int)dim;
}

void SGEO_SYMBOL(f32_row_adagrad_rowwise)(float *table, float *accumulator, const float *grad,
                                          const struct sgeo_touched *touched, float lr,
                                          float epsilon)
{
    size_t dim = touched->dim, ahead = sgeo_rows_ahead(dim);
    for (size_t u = 0; u < touched->count; u++) {
        size_t row = touched->rows[u];
        sgeo_touched_request(table, touched, u, ahead);
        SGEO_PREFETCH_READ(accumulator + touched->rows[sgeo_place_ahead(u, ahead, touched->count)]);
        accumulator[row] += mean_square(grad + u * dim, dim);
        float rate = lr / (sqrtf(accumulator[row]) + epsilon);
        sgeo_row_descend(table + row * dim, grad + u * dim, rate, dim);
    }
}
