/*
 * Moments of an embedding table (table_rows,dim) over k row-sparse gradients: each coordinate's k
 * values are looked up one by one, absent ones are 0, and handed to the dense reference.
 */
#include <stdbool.h>

#include "kernels/symbols.h"

/* A batch's gradient of a row; NULL when it did not touch it. */
static const float *gradient_of(const struct sgeo_row_gradient *batch, size_t row, size_t dim)
{
    for (size_t i = 0; i < batch->n_rows; i++)
        if ((size_t)batch->rows[i] == row)
            return batch->grad + i * dim;
    return NULL;
}

static void add_row(struct sgeo_moments *moments, const struct sgeo_row_gradient *batches, size_t k,
                    const float *theta, size_t row, size_t dim)
{
    static const float absent = 0.0f;
    const float *rows[SGEO_MOMENTS_MAX_BATCHES], *g[SGEO_MOMENTS_MAX_BATCHES];
    bool touched = false;
    for (size_t b = 0; b < k; b++) {
        rows[b] = gradient_of(&batches[b], row, dim);
        touched = touched || rows[b];
    }
    for (size_t column = 0; column < dim; column++) {
        struct sgeo_moments one;
        for (size_t b = 0; b < k; b++)
            g[b] = rows[b] ? rows[b] + column : &absent;
        const float *weight = theta && touched ? theta + row * dim + column : NULL;
        sgeo_f32_grad_moments__ref(&one, g, k, weight, 1);
        moments->ratio_sum += one.ratio_sum;
        moments->theta_dot += one.theta_dot;
        moments->zero_std += one.zero_std;
    }
}

void sgeo_f32_row_moments__ref(struct sgeo_moments *moments,
                               const struct sgeo_row_gradient *batches, size_t k,
                               const float *theta, size_t table_rows, size_t dim)
{
    *moments = (struct sgeo_moments){0};
    for (size_t row = 0; row < table_rows; row++)
        add_row(moments, batches, k, theta, row, dim);
}
