/*
 * Layers between the rows of a sparse tensor (B,n,D), in double: row linear layers, dot products,
 * factorisation machines, embedding look-ups. Shapes and contracts: backend/interaction.h.
 */
#include <string.h>

#include "backend/reference_parts.h"

#define ELEM double
#include "backend/interaction_loops.inc"

/* y (n) += factor * x (n) */
static void add_row(double *y, double factor, const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        y[i] += factor * x[i];
    }
}

static double inner_product(const double *x, const double *y, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += x[i] * y[i];
    }
    return sum;
}

/* --- linear along the rows: dst (B,m,D) = wei (m,n) src (B,n,D) + bias (m) --- */

static void row_linear(struct sgeo_backend *backend, void *dst, const void *src, const void *wei,
                       const void *bias, const struct sgeo_row_linear *shape)
{
    (void)backend;
    const double *w = wei, *shift = bias;
    for (size_t b = 0; b < shape->batch; b++) {
        double *y = (double *)dst + b * shape->dst_pitch;
        const double *x = (const double *)src + b * shape->src_pitch;
        for (size_t i = 0; i < shape->dst_rows; i++, y += shape->dim) {
            for (size_t d = 0; d < shape->dim; d++) {
                y[d] = shift == NULL ? 0.0 : shift[i];
            }
            for (size_t j = 0; j < shape->src_rows; j++) {
                add_row(y, w[i * shape->src_rows + j], x + j * shape->dim, shape->dim);
            }
        }
    }
}

static void row_linear_grad_src(struct sgeo_backend *backend, void *dsrc, const void *ddst,
                                const void *wei, const struct sgeo_row_linear *shape)
{
    (void)backend;
    const double *w = wei;
    for (size_t b = 0; b < shape->batch; b++) {
        double *dx = (double *)dsrc + b * shape->src_pitch;
        const double *dy = (const double *)ddst + b * shape->dst_pitch;
        memset(dx, 0, shape->src_rows * shape->dim * sizeof *dx);
        for (size_t i = 0; i < shape->dst_rows; i++) {
            for (size_t j = 0; j < shape->src_rows; j++) {
                add_row(dx + j * shape->dim, w[i * shape->src_rows + j], dy + i * shape->dim,
                        shape->dim);
            }
        }
    }
}

static void row_linear_grad_wei(struct sgeo_backend *backend, void *dwei, void *dbias,
                                const void *ddst, const void *src,
                                const struct sgeo_row_linear *shape)
{
    (void)backend;
    double *dw = dwei, *dshift = dbias;
    for (size_t i = 0; i < shape->dst_rows; i++) {
        double total = 0.0;
        memset(dw + i * shape->src_rows, 0, shape->src_rows * sizeof *dw);
        for (size_t b = 0; b < shape->batch; b++) {
            const double *dy = (const double *)ddst + b * shape->dst_pitch + i * shape->dim;
            const double *x = (const double *)src + b * shape->src_pitch;
            for (size_t j = 0; j < shape->src_rows; j++) {
                dw[i * shape->src_rows + j] += inner_product(dy, x + j * shape->dim, shape->dim);
            }
            for (size_t d = 0; d < shape->dim; d++) {
                total += dy[d];
            }
        }
        if (dshift != NULL) {
            dshift[i] = total;
        }
    }
}

/* --- pairs of rows --- */

static void dot(struct sgeo_backend *backend, void *dst, const void *src,
                const struct sgeo_interaction *shape)
{
    (void)backend;
    for (size_t b = 0; b < shape->batch; b++) {
        double *y = (double *)dst + b * shape->dst_pitch;
        const double *x = (const double *)src + b * shape->src_pitch;
        for (size_t i = 0; i < shape->rows; i++) {
            for (size_t j = 0; j < i; j++) {
                *y++ = inner_product(x + i * shape->dim, x + j * shape->dim, shape->dim);
            }
        }
    }
}

static void dot_grad(struct sgeo_backend *backend, void *dsrc, const void *ddst, const void *src,
                     const struct sgeo_interaction *shape)
{
    (void)backend;
    for (size_t b = 0; b < shape->batch; b++) {
        double *dx = (double *)dsrc + b * shape->src_pitch;
        const double *dy = (const double *)ddst + b * shape->dst_pitch;
        const double *x = (const double *)src + b * shape->src_pitch;
        memset(dx, 0, shape->rows * shape->dim * sizeof *dx);
        for (size_t i = 0; i < shape->rows; i++) {
            for (size_t j = 0; j < i; j++, dy++) {
                add_row(dx + i * shape->dim, *dy, x + j * shape->dim, shape->dim);
                add_row(dx + j * shape->dim, *dy, x + i * shape->dim, shape->dim);
            }
        }
    }
}

/* dst (B,D) = factor * sum over i > j of src_i src_j: half its tangent along src itself. */
static void fm(struct sgeo_backend *backend, void *dst, const void *src, double factor,
               const struct sgeo_interaction *shape)
{
    fm_tangent(backend, dst, src, src, 0.5 * factor, shape);
}

static void fm_grad(struct sgeo_backend *backend, void *dsrc, const void *ddst, const void *src,
                    double factor, const struct sgeo_interaction *shape)
{
    (void)backend;
    for (size_t b = 0; b < shape->batch; b++) {
        double *dx = (double *)dsrc + b * shape->src_pitch;
        const double *dy = (const double *)ddst + b * shape->dst_pitch;
        const double *x = (const double *)src + b * shape->src_pitch;
        for (size_t i = 0; i < shape->rows; i++) {
            memset(dx + i * shape->dim, 0, shape->dim * sizeof *dx);
            for (size_t j = 0; j < shape->rows; j++) {
                add_row(dx + i * shape->dim, j == i ? 0.0 : factor, x + j * shape->dim, shape->dim);
            }
            for (size_t d = 0; d < shape->dim; d++) {
                dx[i * shape->dim + d] *= dy[d];
            }
        }
    }
}

/* --- embedding tables --- */

/* y = the sum of the rows of bag b; that of one is the row itself. */
static void sum_bag(double *y, const double *rows, size_t dim, const struct sgeo_bags *bags,
                    size_t b)
{
    size_t first = sgeo_bags_first(bags, b), end = sgeo_bags_first(bags, b + 1);
    if (first == end) {
        memset(y, 0, dim * sizeof *y);
        return;
    }
    memcpy(y, rows + sgeo_bags_index(bags, first) * dim, dim * sizeof *y);
    for (size_t i = first + 1; i < end; i++) {
        add_row(y, 1.0, rows + sgeo_bags_index(bags, i) * dim, dim);
    }
}

static void lookup(struct sgeo_backend *backend, void *dst, size_t pitch,
                   const struct sgeo_table_lookup *tables, size_t n_tables, size_t batch)
{
    (void)backend;
    for (size_t t = 0; t < n_tables; t++) {
        const struct sgeo_table_lookup *table = &tables[t];
        const struct sgeo_bags bags = {.indices = table->indices, .offsets = table->offsets};
        for (size_t b = 0; b < batch; b++) {
            sum_bag((double *)dst + b * pitch + table->column, table->table, table->dim, &bags, b);
        }
    }
}

static void lookup_grad(struct sgeo_backend *backend, void *dtable, const void *ddst, size_t pitch,
                        size_t dim, const struct sgeo_row_groups *groups)
{
    (void)backend;
    double *to = dtable;
    for (size_t u = 0; u < groups->n_rows; u++, to += dim) {
        memset(to, 0, dim * sizeof *to);
        for (size_t i = groups->starts[u]; i < groups->starts[u + 1]; i++) {
            add_row(to, 1.0, (const double *)ddst + groups->occurrences[i].bag * pitch, dim);
        }
    }
}

void sgeo_reference_fill_interaction(struct sgeo_interaction_table *table)
{
    fill_loops(table);
    table->row_linear = row_linear;
    table->row_linear_grad_src = row_linear_grad_src;
    table->row_linear_grad_wei = row_linear_grad_wei;
    table->dot = dot;
    table->dot_grad = dot_grad;
    table->fm = fm;
    table->fm_grad = fm_grad;
    table->lookup = lookup;
    table->lookup_grad = lookup_grad;
}
