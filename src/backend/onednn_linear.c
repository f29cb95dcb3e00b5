/*
 * Linear layers in f32, as matrix products; with a bias and a ReLU behind it as one call of the
 * library, where it has more than loops for it.
 *   src (n,in), wei (out,in), bias (out), dst (n,out); all row-major
 */
#include <limits.h>
#include <string.h>

#include "backend/onednn_parts.h"
#include "base/memory.h"
#include "kernels/dispatch/dispatch.h"

struct sgeo_linear {
    size_t n, in, out;
    bool rectified;
    struct sgeo_onednn_dense *dense; /* of a rectified layer; NULL: a product, then the kernel */
    struct sgeo_linear *next;
};

static struct sgeo_onednn_engine *engine_of(struct sgeo_backend *backend)
{
    return ((struct sgeo_onednn *)backend)->engine;
}

/* BLAS counts in int. */
static bool is_valid_size(size_t size)
{
    return size > 0 && size <= (size_t)INT_MAX;
}

static enum sgeo_status linear_create(struct sgeo_backend *backend, struct sgeo_linear **linear,
                                      size_t n, size_t in, size_t out, bool rectified)
{
    struct sgeo_onednn *self = (struct sgeo_onednn *)backend;
    if (!is_valid_size(n) || !is_valid_size(in) || !is_valid_size(out)) {
        return sgeo_fail(SGEO_USAGE, "every size lies in 1..2147483647",
                         "linear layer: cannot map (%zu,%zu) to (%zu,%zu)", n, in, n, out);
    }
    for (struct sgeo_linear *entry = self->linears; entry != NULL; entry = entry->next) {
        if (entry->n == n && entry->in == in && entry->out == out &&
            entry->rectified == rectified) {
            *linear = entry;
            return SGEO_OK;
        }
    }
    struct sgeo_linear *entry = sgeo_calloc(1, sizeof *entry);
    if (entry == NULL) {
        return sgeo_fail_memory("linear layer");
    }
    *entry = (struct sgeo_linear){
        .n = n, .in = in, .out = out, .rectified = rectified, .next = self->linears};
    if (rectified) {
        enum sgeo_status status = sgeo_onednn_dense_create(&entry->dense, self->engine, n, in, out);
        if (status != SGEO_OK) {
            sgeo_free(entry);
            return status;
        }
    }
    self->linears = entry;
    *linear = entry;
    return SGEO_OK;
}

void sgeo_onednn_free_linears(struct sgeo_linear *linears)
{
    while (linears != NULL) {
        struct sgeo_linear *next = linears->next;
        sgeo_onednn_dense_destroy(linears->dense);
        sgeo_free(linears);
        linears = next;
    }
}

/* y where it is positive, else 0 */
static void rectify(float *y, size_t count)
{
    const float *gated[1] = {y};
    sgeo_kernels_get()->f32_gated_sum(y, y, gated, 1, NULL, 0, count);
}

static void linear_forward(struct sgeo_backend *backend, struct sgeo_linear *linear, void *dst,
                           const void *src, const void *wei, const void *bias)
{
    float *y = dst;
    bool rectified = linear->rectified && bias != NULL;
    if (rectified && linear->dense != NULL) {
        sgeo_onednn_dense_run(engine_of(backend), linear->dense, y, src, wei, bias);
        return;
    }
    for (size_t n = 0; bias != NULL && n < linear->n; n++) {
        memcpy(y + n * linear->out, bias, linear->out * sizeof *y);
    }
    struct sgeo_onednn_product product = {.right_transposed = true,
                                          .rows = linear->n,
                                          .cols = linear->out,
                                          .depth = linear->in,
                                          .keep = bias != NULL ? 1.0f : 0.0f};
    sgeo_onednn_multiply(engine_of(backend), dst, src, wei, &product);
    if (rectified) {
        rectify(y, linear->n * linear->out);
    }
}

static void linear_backward_data(struct sgeo_backend *backend, struct sgeo_linear *linear,
                                 void *dsrc, const void *ddst, const void *wei)
{
    struct sgeo_onednn_product product = {
        .rows = linear->n, .cols = linear->in, .depth = linear->out};
    sgeo_onednn_multiply(engine_of(backend), dsrc, ddst, wei, &product);
}

static void linear_backward_weights(struct sgeo_backend *backend, struct sgeo_linear *linear,
                                    void *dwei, void *dbias, const void *src, const void *ddst)
{
    struct sgeo_onednn_product product = {
        .left_transposed = true, .rows = linear->out, .cols = linear->in, .depth = linear->n};
    sgeo_onednn_multiply(engine_of(backend), dwei, ddst, src, &product);
    if (dbias != NULL) {
        sgeo_kernels_get()->f32_bias_grad(dbias, ddst, linear->n, linear->out, linear->out);
    }
}

void sgeo_onednn_fill_linear(struct sgeo_backend_table *table)
{
    table->linear_create = linear_create;
    table->linear_forward = linear_forward;
    table->linear_backward_data = linear_backward_data;
    table->linear_backward_weights = linear_backward_weights;
}
