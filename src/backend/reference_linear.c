/*
 * Matrix products in double, and the linear layer: dst (N,O) = src (N,I) wei^T (O,I) + bias (O).
 */
#include <limits.h>
#include <string.h>

#include "backend/reference_parts.h"
#include "base/memory.h"

struct sgeo_linear {
    size_t n, in, out;
    bool rectified;
    struct sgeo_linear *next;
};

/* blasint is int in the usual builds of OpenBLAS. */
bool sgeo_reference_fits_blas(size_t size)
{
    return size <= INT_MAX;
}

void sgeo_reference_multiply(double *dst, const double *left, const double *right,
                             const struct sgeo_product *product)
{
    blasint rows = (blasint)product->rows, cols = (blasint)product->cols,
            depth = (blasint)product->depth;
    cblas_dgemm(CblasRowMajor, product->left, product->right, rows, cols, depth, 1.0, left,
                product->left == CblasNoTrans ? depth : rows, right,
                product->right == CblasNoTrans ? cols : depth, product->keep, dst, cols);
}

static enum sgeo_status add_to_cache(struct sgeo_reference *self, size_t n, size_t in, size_t out,
                                     bool rectified)
{
    if (in == 0 || out == 0) {
        return sgeo_fail(SGEO_USAGE, NULL, "reference-f64: no linear layer %zu->%zu", in, out);
    }
    if (!sgeo_reference_fits_blas(n) || !sgeo_reference_fits_blas(in) ||
        !sgeo_reference_fits_blas(out)) {
        return sgeo_fail(SGEO_UNSUPPORTED, "a dimension exceeds the integers of this BLAS",
                         "reference-f64: no linear layer %zu->%zu for %zu rows", in, out, n);
    }
    struct sgeo_linear *linear = sgeo_calloc(1, sizeof *linear);
    if (linear == NULL) {
        return sgeo_fail_memory("linear layer");
    }
    *linear = (struct sgeo_linear){n, in, out, rectified, self->linears};
    self->linears = linear;
    return SGEO_OK;
}

static enum sgeo_status linear_create(struct sgeo_backend *backend, struct sgeo_linear **linear,
                                      size_t n, size_t in, size_t out, bool rectified)
{
    struct sgeo_reference *self = (struct sgeo_reference *)backend;
    struct sgeo_linear *cached = self->linears;
    while (cached != NULL && (cached->n != n || cached->in != in || cached->out != out ||
                              cached->rectified != rectified)) {
        cached = cached->next;
    }
    if (cached == NULL) {
        enum sgeo_status status = add_to_cache(self, n, in, out, rectified);
        if (status != SGEO_OK) {
            return status;
        }
        cached = self->linears;
    }
    *linear = cached;
    return SGEO_OK;
}

void sgeo_reference_free_linears(struct sgeo_linear *linears)
{
    while (linears != NULL) {
        struct sgeo_linear *next = linears->next;
        sgeo_free(linears);
        linears = next;
    }
}

static void linear_forward(struct sgeo_backend *backend, struct sgeo_linear *linear, void *dst,
                           const void *src, const void *wei, const void *bias)
{
    (void)backend;
    double *y = dst;
    bool rectified = linear->rectified && bias != NULL;
    struct sgeo_product product = {.left = CblasNoTrans,
                                   .right = CblasTrans,
                                   .rows = linear->n,
                                   .cols = linear->out,
                                   .depth = linear->in,
                                   .keep = bias != NULL ? 1.0 : 0.0};
    for (size_t i = 0; bias != NULL && i < linear->n; i++) {
        memcpy(y + i * linear->out, bias, linear->out * sizeof *y);
    }
    sgeo_reference_multiply(y, src, wei, &product);
    for (size_t i = 0; rectified && i < linear->n * linear->out; i++) {
        y[i] = y[i] > 0.0 ? y[i] : 0.0;
    }
}

static void linear_backward_data(struct sgeo_backend *backend, struct sgeo_linear *linear,
                                 void *dsrc, const void *ddst, const void *wei)
{
    (void)backend;
    struct sgeo_product product = {.left = CblasNoTrans,
                                   .right = CblasNoTrans,
                                   .rows = linear->n,
                                   .cols = linear->in,
                                   .depth = linear->out};
    sgeo_reference_multiply(dsrc, ddst, wei, &product);
}

/* dbias (O) = sum over rows of ddst (N,O) */
static void bias_gradient(double *dbias, const double *ddst, const struct sgeo_linear *linear)
{
    memset(dbias, 0, linear->out * sizeof *dbias);
    for (size_t i = 0; i < linear->n; i++) {
        for (size_t o = 0; o < linear->out; o++) {
            dbias[o] += ddst[i * linear->out + o];
        }
    }
}

static void linear_backward_weights(struct sgeo_backend *backend, struct sgeo_linear *linear,
                                    void *dwei, void *dbias, const void *src, const void *ddst)
{
    (void)backend;
    struct sgeo_product product = {.left = CblasTrans,
                                   .right = CblasNoTrans,
                                   .rows = linear->out,
                                   .cols = linear->in,
                                   .depth = linear->n};
    sgeo_reference_multiply(dwei, ddst, src, &product);
    if (dbias != NULL) {
        bias_gradient(dbias, ddst, linear);
    }
}

void sgeo_reference_fill_linear(struct sgeo_backend_table *table)
{
    table->linear_create = linear_create;
    table->linear_forward = linear_forward;
    table->linear_backward_data = linear_backward_data;
    table->linear_backward_weights = linear_backward_weights;
}
