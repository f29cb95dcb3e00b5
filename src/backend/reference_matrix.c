/*
 * Layers of recommender models on any matrix (B,C), in double: padded sums, sigmoid gates, layer
 * normalisation. Shapes and contracts: backend/interaction.h.
 */
#include <math.h>
#include <string.h>

#include "backend/reference_parts.h"

static void padded_sum(struct sgeo_backend *backend, void *dst, const void *const *src,
                       const size_t *widths, size_t n_src, size_t batch, size_t width)
{
    (void)backend;
    double *y = dst;
    for (size_t b = 0; b < batch; b++, y += width) {
        for (size_t c = 0; c < width; c++) { /* every element is read before it is written */
            double sum = 0.0;
            for (size_t t = 0; t < n_src; t++) {
                sum += c < widths[t] ? ((const double *)src[t])[b * widths[t] + c] : 0.0;
            }
            y[c] = sum;
        }
    }
}

static void padded_sum_grad(struct sgeo_backend *backend, void *const *dsrc, const size_t *widths,
                            size_t n_src, const void *ddst, size_t batch, size_t width)
{
    (void)backend;
    for (size_t t = 0; t < n_src; t++) {
        double *dx = dsrc[t];
        for (size_t b = 0; dx != NULL && b < batch; b++) {
            memcpy(dx + b * widths[t], (const double *)ddst + b * width, widths[t] * sizeof *dx);
        }
    }
}

/* --- gates --- */

static void sigmoid(struct sgeo_backend *backend, void *dst, const void *src, size_t n)
{
    (void)backend;
    double *y = dst;
    const double *x = src;
    for (size_t i = 0; i < n; i++) {
        y[i] = 1.0 / (1.0 + exp(-x[i]));
    }
}

static void gate(struct sgeo_backend *backend, void *dst, const void *src, const void *gating,
                 const struct sgeo_gating *shape)
{
    (void)backend;
    double *y = dst;
    const double *x = src, *s = gating;
    for (size_t b = 0; b < shape->batch; b++, y += shape->width, s += shape->width) {
        for (size_t c = 0; c < shape->width; c++) {
            y[c] = c < shape->src_width ? x[b * shape->src_width + c] * s[c] : 0.0;
        }
    }
}

static void gate_grad(struct sgeo_backend *backend, void *dsrc, void *dlogit, const void *ddst,
                      const void *src, const void *gating, const struct sgeo_gating *shape)
{
    (void)backend;
    for (size_t b = 0; b < shape->batch; b++) {
        double *dx = (double *)dsrc + b * shape->src_width;
        double *dz = (double *)dlogit + b * shape->width;
        const double *x = (const double *)src + b * shape->src_width;
        const double *dy = (const double *)ddst + b * shape->width;
        const double *s = (const double *)gating + b * shape->width;
        for (size_t c = 0; c < shape->width; c++) {
            if (c < shape->src_width) {
                double slope = x[c] * s[c] * (1.0 - s[c]);
                dx[c] = dy[c] * s[c];
                dz[c] = dy[c] * slope;
            } else {
                dz[c] = 0.0;
            }
        }
    }
}

/* --- layer normalisation: dst = gamma (src - mean) * rstd + beta, row by row --- */

static double mean_of(const double *values, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += values[i];
    }
    return sum / (double)n;
}

static void layer_norm(struct sgeo_backend *backend, void *dst, double *stats, const void *src,
                       const void *gamma, const void *beta, const struct sgeo_row_norm *shape)
{
    (void)backend;
    const double *scaling = gamma, *shift = beta;
    for (size_t b = 0; b < shape->batch; b++) {
        const double *x = (const double *)src + b * shape->dim;
        double *y = (double *)dst + b * shape->dim, mean = mean_of(x, shape->dim), squares = 0.0;
        for (size_t d = 0; d < shape->dim; d++) {
            squares += (x[d] - mean) * (x[d] - mean);
        }
        double rstd = 1.0 / sqrt(squares / (double)shape->dim + shape->epsilon);
        stats[2 * b] = mean;
        stats[2 * b + 1] = rstd;
        for (size_t d = 0; d < shape->dim; d++) {
            y[d] = (x[d] - mean) * rstd * (scaling == NULL ? 1.0 : scaling[d]) +
                   (shift == NULL ? 0.0 : shift[d]);
        }
    }
}

/* to = before * rstd (g - mean g - xhat mean(g xhat)) * behind, g = before * from: the derivative
 * of xhat is symmetric, so this is its backward and its tangent. */
static void through_norm(double *to, const double *from, const double *x, const double stats[2],
                         const double *before, const double *behind, size_t dim)
{
    double sum = 0.0, dot = 0.0;
    for (size_t d = 0; d < dim; d++) {
        double g = from[d] * (before == NULL ? 1.0 : before[d]);
        sum += g;
        dot += g * (x[d] - stats[0]) * stats[1];
    }
    for (size_t d = 0; d < dim; d++) {
        double g = from[d] * (before == NULL ? 1.0 : before[d]),
               xhat = (x[d] - stats[0]) * stats[1];
        double moved = stats[1] * (g - sum / (double)dim - xhat * dot / (double)dim);
        to[d] = moved * (behind == NULL ? 1.0 : behind[d]);
    }
}

/* dgamma (D) and dbeta (D), either of which may be NULL. */
static void norm_parameter_grads(double *dgamma, double *dbeta, const double *ddst,
                                 const double *src, const double *stats,
                                 const struct sgeo_row_norm *shape)
{
    for (size_t d = 0; d < shape->dim; d++) {
        double scaling = 0.0, shift = 0.0;
        for (size_t b = 0; b < shape->batch; b++) {
            size_t at = b * shape->dim + d;
            scaling += ddst[at] * (src[at] - stats[2 * b]) * stats[2 * b + 1];
            shift += ddst[at];
        }
        if (dgamma != NULL) {
            dgamma[d] = scaling;
        }
        if (dbeta != NULL) {
            dbeta[d] = shift;
        }
    }
}

static void layer_norm_grad(struct sgeo_backend *backend, const struct sgeo_row_norm_grads *grads,
                            const void *ddst, const void *src, const double *stats,
                            const void *gamma, const struct sgeo_row_norm *shape)
{
    (void)backend;
    norm_parameter_grads(grads->gamma, grads->beta, ddst, src, stats, shape);
    for (size_t b = 0; b < shape->batch; b++) {
        size_t at = b * shape->dim;
        through_norm((double *)grads->src + at, (const double *)ddst + at, (const double *)src + at,
                     stats + 2 * b, gamma, NULL, shape->dim);
    }
}

static void layer_norm_tangent(struct sgeo_backend *backend, void *dst, const void *tsrc,
                               const void *src, const double *stats, const void *gamma,
                               const struct sgeo_row_norm *shape)
{
    (void)backend;
    for (size_t b = 0; b < shape->batch; b++) {
        size_t at = b * shape->dim;
        through_norm((double *)dst + at, (const double *)tsrc + at, (const double *)src + at,
                     stats + 2 * b, NULL, gamma, shape->dim);
    }
}

void sgeo_reference_fill_matrix(struct sgeo_interaction_table *table)
{
    table->padded_sum = padded_sum;
    table->padded_sum_grad = padded_sum_grad;
    table->sigmoid = sigmoid;
    table->gate = gate;
    table->gate_grad = gate_grad;
    table->layer_norm = layer_norm;
    table->layer_norm_grad = layer_norm_grad;
    table->layer_norm_tangent = layer_norm_tangent;
}
