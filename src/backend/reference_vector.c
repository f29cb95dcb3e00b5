/* Flat vectors in double: gradient moments, optimiser steps, the inner product. theta, grad (n), g
 * (k,n). */
#include <math.h>

#include "backend/reference_parts.h"

/* --- moments over k gradients, coordinate by coordinate --- */

/* The k values of coordinate i. */
static void gather(double *values, const void *const *g, size_t k, size_t i)
{
    for (size_t b = 0; b < k; b++) {
        const double *gradient = g[b];
        values[b] = gradient[i];
    }
}

/* Only finite values count as equal: NaN and infinity have to reach the sum. */
static bool have_no_deviation(const double *values, size_t k)
{
    bool equal = isfinite(values[0]);
    for (size_t b = 1; b < k; b++) {
        equal = equal && values[b] == values[0]; /* exactly: the definition of a zero deviation */
    }
    return equal;
}

static double sum_of(const double *values, size_t k)
{
    double sum = 0.0;
    for (size_t b = 0; b < k; b++) {
        sum += values[b];
    }
    return sum;
}

/* Population deviation of v, in two passes: 0 too where squares leave nothing of a small one. */
static double deviation_of(const double *values, size_t k)
{
    double mean = sum_of(values, k) / (double)k, squares = 0.0;
    for (size_t b = 0; b < k; b++) {
        squares += (values[b] - mean) * (values[b] - mean);
    }
    return have_no_deviation(values, k) ? 0.0 : sqrt(squares / (double)k);
}

static double mean_size(const double *values, size_t k)
{
    double sum = 0.0;
    for (size_t b = 0; b < k; b++) {
        sum += fabs(values[b]);
    }
    return sum / (double)k;
}

static void grad_moments(struct sgeo_backend *backend, struct sgeo_moments *moments,
                         const void *const *g, size_t k, const void *theta, size_t n)
{
    (void)backend;
    const double *weights = theta;
    double values[SGEO_MOMENTS_MAX_BATCHES];
    *moments = (struct sgeo_moments){0};
    for (size_t i = 0; i < n; i++) {
        gather(values, g, k, i);
        double deviation = deviation_of(values, k);
        if (deviation == 0.0) { /* exactly: such coordinates are left out */
            moments->zero_std++;
        } else {
            moments->ratio_sum += mean_size(values, k) / deviation;
        }
        if (weights != NULL) {
            moments->theta_dot += weights[i] * sum_of(values, k);
        }
    }
}

/* --- steps --- */

static void sgd_step(struct sgeo_backend *backend, void *theta, void *velocity, const void *grad,
                     const struct sgeo_sgd *sgd, size_t n)
{
    (void)backend;
    double *weights = theta, *speed = velocity;
    const double *g = grad;
    double lr = (double)sgd->lr, momentum = (double)sgd->momentum,
           decay = (double)sgd->weight_decay;
    for (size_t i = 0; i < n; i++) {
        double step = g[i] + decay * weights[i];
        if (speed != NULL) {
            speed[i] = momentum * speed[i] + step;
            step = sgd->nesterov ? step + momentum * speed[i] : speed[i];
        }
        weights[i] -= lr * step;
    }
}

static void adagrad_step(struct sgeo_backend *backend, void *theta, void *accumulator,
                         const void *grad, double lr, double epsilon, size_t n)
{
    (void)backend;
    double *weights = theta, *squares = accumulator;
    const double *g = grad;
    for (size_t i = 0; i < n; i++) {
        squares[i] += g[i] * g[i];
        weights[i] -= lr * g[i] / (sqrt(squares[i]) + epsilon);
    }
}

static double dot(struct sgeo_backend *backend, const void *a, const void *b, size_t n)
{
    (void)backend;
    const double *x = a, *y = b;
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += x[i] * y[i];
    }
    return sum;
}

static double absolute_dot(struct sgeo_backend *backend, const void *a, const void *b, size_t n)
{
    (void)backend;
    const double *x = a, *y = b;
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += fabs(x[i] * y[i]);
    }
    return sum;
}

void sgeo_reference_fill_vector(struct sgeo_backend_table *table)
{
    table->grad_moments = grad_moments;
    table->sgd_step = sgd_step;
    table->adagrad_step = adagrad_step;
    table->dot = dot;
    table->absolute_dot = absolute_dot;
}
