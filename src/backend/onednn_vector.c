/* Flat f32 vectors: moments, optimiser steps, dot products. */
#include <assert.h>
#include <math.h>

#include "backend/onednn_parts.h"
#include "kernels/dispatch/dispatch.h"

#define DOT_LANES ((size_t)8) /* partial sums: enough to hide the latency of an addition */

static void grad_moments(struct sgeo_backend *backend, struct sgeo_moments *moments,
                         const void *const *g, size_t k, const void *theta, size_t n)
{
    (void)backend;
    assert(k <= SGEO_MOMENTS_MAX_BATCHES);
    const float *batches[SGEO_MOMENTS_MAX_BATCHES];
    for (size_t b = 0; b < k; b++) {
        batches[b] = g[b];
    }
    sgeo_kernels_get()->f32_grad_moments(moments, batches, k, theta, n);
}

static void sgd_step(struct sgeo_backend *backend, void *theta, void *velocity, const void *grad,
                     const struct sgeo_sgd *sgd, size_t n)
{
    (void)backend;
    sgeo_kernels_get()->f32_sgd_step(theta, velocity, grad, sgd, n);
}

static void adagrad_step(struct sgeo_backend *backend, void *theta, void *accumulator,
                         const void *grad, double lr, double epsilon, size_t n)
{
    (void)backend;
    sgeo_kernels_get()->f32_adagrad_step(theta, accumulator, grad, (float)lr, (float)epsilon, n);
}

SGEO_INLINE double product(float x, float y, bool absolute)
{
    double xy = (double)x * (double)y; /* exact */
    return absolute ? fabs(xy) : xy;
}

/* Lane l sums elements l, l+8, ..., then the lanes pairwise. */
SGEO_INLINE double sum_products(const float *x, const float *y, size_t n, bool absolute)
{
    double sum[DOT_LANES] = {0};
    size_t whole = n - n % DOT_LANES;
    for (size_t i = 0; i < whole; i += DOT_LANES) {
        for (size_t l = 0; l < DOT_LANES; l++) {
            sum[l] += product(x[i + l], y[i + l], absolute);
        }
    }
    for (size_t i = whole; i < n; i++) {
        sum[i - whole] += product(x[i], y[i], absolute);
    }
    return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

static double dot(struct sgeo_backend *backend, const void *a, const void *b, size_t n)
{
    (void)backend;
    return sum_products(a, b, n, false);
}

static double absolute_dot(struct sgeo_backend *backend, const void *a, const void *b, size_t n)
{
    (void)backend;
    return sum_products(a, b, n, true);
}

void sgeo_onednn_fill_vector(struct sgeo_backend_table *table)
{
    table->grad_moments = grad_moments;
    table->sgd_step = sgd_step;
    table->adagrad_step = adagrad_step;
    table->dot = dot;
    table->absolute_dot = absolute_dot;
}
