#include "graph/table_learn.h"

#include <stdint.h>

#include "base/memory.h"
#include "kernels/dispatch/dispatch.h"

/* Element `at` of backend elements. */
static const void *elem(const struct sgeo_backend *backend, const void *vector, size_t at)
{
    return (const unsigned char *)vector + at * backend->ops->elem_bytes;
}

static void *elem_mut(const struct sgeo_backend *backend, void *vector, size_t at)
{
    return (unsigned char *)vector + at * backend->ops->elem_bytes;
}

/* --- the step --- */

static void step_rows(struct sgeo_backend *backend, void *table, void *squares, const void *grad,
                      const struct sgeo_touched *touched, const double step[2])
{
    if (backend->ops->precision != SGEO_F64) {
        sgeo_kernels_get()->f32_row_adagrad(table, squares, grad, touched, (float)step[0],
                                            (float)step[1]);
        return;
    }
    for (size_t u = 0; u < touched->count; u++) {
        size_t at = touched->rows[u] * touched->dim;
        backend->ops->adagrad_step(
            backend, elem_mut(backend, table, at), elem_mut(backend, squares, at),
            elem(backend, grad, u * touched->dim), step[0], step[1], touched->dim);
    }
}

void sgeo_table_adagrad(void *tables, void *squares, const struct sgeo_embedding *embedding,
                        const struct sgeo_table_gradient *gradient, double lr, double epsilon)
{
    struct sgeo_backend *backend = sgeo_embedding_backend(embedding);
    const double step[2] = {lr, epsilon};
    for (size_t t = 0; t < sgeo_embedding_tables(embedding); t++) {
        const struct sgeo_touched touched = sgeo_table_gradient_touched(gradient, t);
        size_t at = sgeo_embedding_table(embedding, t)->offset;
        step_rows(backend, elem_mut(backend, tables, at), elem_mut(backend, squares, at),
                  sgeo_table_gradient_values(gradient, t), &touched, step);
    }
}

/* --- moments --- */

/* The k gradients of one table. */
struct row_lists {
    struct sgeo_touched touched[SGEO_MOMENTS_MAX_BATCHES];
    const void *values[SGEO_MOMENTS_MAX_BATCHES];
    size_t k;
};

static enum sgeo_status kernel_moments(struct sgeo_moments *moments, const struct row_lists *lists,
                                       const void *theta, size_t table_rows, size_t dim)
{
    struct sgeo_row_gradient batches[SGEO_MOMENTS_MAX_BATCHES];
    size_t total = 0, next = 0;
    for (size_t b = 0; b < lists->k; b++) {
        total += lists->touched[b].count;
    }
    int64_t *rows = sgeo_calloc(total + 1, sizeof *rows);
    if (rows == NULL) {
        return sgeo_fail_memory("moments of embedding tables");
    }
    for (size_t b = 0; b < lists->k; b++) {
        const struct sgeo_touched *touched = &lists->touched[b];
        batches[b] = (struct sgeo_row_gradient){
            .rows = rows + next, .grad = lists->values[b], .n_rows = touched->count};
        for (size_t u = 0; u < touched->count; u++) {
            rows[next++] = (int64_t)touched->rows[u];
        }
    }
    sgeo_kernels_get()->f32_row_moments(moments, batches, lists->k, theta, table_rows, dim);
    sgeo_free(rows);
    return SGEO_OK;
}

/* The lowest row that a list still has, from `next` on; UINT32_MAX: none. */
static uint32_t lowest_row(const struct row_lists *lists, const size_t *next)
{
    uint32_t lowest = UINT32_MAX;
    for (size_t b = 0; b < lists->k; b++) {
        const struct sgeo_touched *touched = &lists->touched[b];
        if (next[b] < touched->count && touched->rows[next[b]] < lowest) {
            lowest = touched->rows[next[b]];
        }
    }
    return lowest;
}

/* Row by row, a batch that did not touch it being zero there. */
static enum sgeo_status merged_moments(struct sgeo_moments *moments, struct sgeo_backend *backend,
                                       const struct row_lists *lists, const void *theta,
                                       size_t table_rows, size_t dim)
{
    size_t next[SGEO_MOMENTS_MAX_BATCHES] = {0};
    struct sgeo_moments sum = {0};
    void *zeros = sgeo_calloc(dim, backend->ops->elem_bytes);
    if (zeros == NULL) {
        return sgeo_fail_memory("moments of embedding tables");
    }
    for (uint32_t row; (row = lowest_row(lists, next)) != UINT32_MAX; table_rows--) {
        const void *g[SGEO_MOMENTS_MAX_BATCHES];
        struct sgeo_moments own;
        for (size_t b = 0; b < lists->k; b++) {
            bool has = next[b] < lists->touched[b].count && lists->touched[b].rows[next[b]] == row;
            g[b] = has ? elem(backend, lists->values[b], next[b] * dim) : zeros;
            next[b] += has;
        }
        backend->ops->grad_moments(backend, &own, g, lists->k,
                                   theta == NULL ? NULL : elem(backend, theta, row * dim), dim);
        sum.ratio_sum += own.ratio_sum;
        sum.theta_dot += own.theta_dot;
        sum.zero_std += own.zero_std;
    }
    sum.zero_std += table_rows * dim; /* those that no batch touched */
    *moments = sum;
    sgeo_free(zeros);
    return SGEO_OK;
}

enum sgeo_status sgeo_table_moments(struct sgeo_moments *moments,
                                    const struct sgeo_embedding *embedding, size_t table,
                                    const struct sgeo_table_gradient *const *gradients, size_t k,
                                    const void *tables)
{
    struct sgeo_backend *backend = sgeo_embedding_backend(embedding);
    const struct sgeo_embedding_table *of = sgeo_embedding_table(embedding, table);
    const void *theta = tables == NULL ? NULL : elem(backend, tables, of->offset);
    struct row_lists lists = {.k = k};
    for (size_t b = 0; b < k; b++) {
        lists.touched[b] = sgeo_table_gradient_touched(gradients[b], table);
        lists.values[b] = sgeo_table_gradient_values(gradients[b], table);
    }
    return backend->ops->precision == SGEO_F64
               ? merged_moments(moments, backend, &lists, theta, of->rows, of->dim)
               : kernel_moments(moments, &lists, theta, of->rows, of->dim);
}
