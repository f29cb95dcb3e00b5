/*
 * Layers of recommender models in f32: the project's kernels behind the interaction table's types.
 * Contracts and shapes: backend/interaction.h, kernels/contract.
 */
#include <assert.h>
#include <string.h>

#include "backend/onednn_parts.h"
#include "kernels/dispatch/dispatch.h"

#define ELEM float
#include "backend/interaction_loops.inc"

/* --- any matrix --- */

#define SUM_CHUNK ((size_t)16) /* sources whose pointers are retyped at once */

static void padded_sum(struct sgeo_backend *backend, void *dst, const void *const *src,
                       const size_t *widths, size_t n_src, size_t batch, size_t width)
{
    (void)backend;
    const float *sources[SUM_CHUNK];
    assert(n_src <= SUM_CHUNK);
    for (size_t i = 0; i < n_src; i++) {
        sources[i] = src[i];
    }
    sgeo_kernels_get()->f32_padded_sum(dst, sources, widths, n_src, batch, width);
}

static void padded_sum_grad(struct sgeo_backend *backend, void *const *dsrc, const size_t *widths,
                            size_t n_src, const void *ddst, size_t batch, size_t width)
{
    (void)backend;
    float *gradients[SUM_CHUNK];
    assert(n_src <= SUM_CHUNK);
    for (size_t i = 0; i < n_src; i++) {
        gradients[i] = dsrc[i];
    }
    sgeo_kernels_get()->f32_padded_sum_grad(gradients, widths, n_src, ddst, batch, width);
}

static void sigmoid(struct sgeo_backend *backend, void *dst, const void *src, size_t n)
{
    (void)backend;
    sgeo_kernels_get()->f32_sigmoid(dst, src, n);
}

static void gate(struct sgeo_backend *backend, void *dst, const void *src, const void *gating,
                 const struct sgeo_gating *shape)
{
    (void)backend;
    sgeo_kernels_get()->f32_gate(dst, src, gating, shape);
}

static void gate_grad(struct sgeo_backend *backend, void *dsrc, void *dlogit, const void *ddst,
                      const void *src, const void *gating, const struct sgeo_gating *shape)
{
    (void)backend;
    sgeo_kernels_get()->f32_gate_grad(dsrc, dlogit, ddst, src, gating, shape);
}

static void layer_norm(struct sgeo_backend *backend, void *dst, double *stats, const void *src,
                       const void *gamma, const void *beta, const struct sgeo_row_norm *shape)
{
    (void)backend;
    const struct sgeo_layer_norm norm = {gamma, beta, shape->epsilon};
    sgeo_kernels_get()->f32_layer_norm(dst, stats, src, shape->batch, shape->dim, &norm);
}

static void layer_norm_grad(struct sgeo_backend *backend, const struct sgeo_row_norm_grads *grads,
                            const void *ddst, const void *src, const double *stats,
                            const void *gamma, const struct sgeo_row_norm *shape)
{
    (void)backend;
    const struct sgeo_layer_norm_grads to = {grads->src, grads->gamma, grads->beta};
    sgeo_kernels_get()->f32_layer_norm_grad(&to, ddst, src, stats, gamma, shape->batch, shape->dim);
}

/* The derivative of (src - mean) / deviation is symmetric: its backward is its tangent. */
static void layer_norm_tangent(struct sgeo_backend *backend, void *dst, const void *tsrc,
                               const void *src, const double *stats, const void *gamma,
                               const struct sgeo_row_norm *shape)
{
    const struct sgeo_row_norm_grads grads = {.src = dst};
    float *y = dst;
    const float *scaling = gamma;
    layer_norm_grad(backend, &grads, tsrc, src, stats, NULL, shape);
    for (size_t i = 0; scaling != NULL && i < shape->batch * shape->dim; i += shape->dim) {
        for (size_t d = 0; d < shape->dim; d++) {
            y[i + d] *= scaling[d];
        }
    }
}

/* --- sparse tensors --- */

static void row_linear(struct sgeo_backend *backend, void *dst, const void *src, const void *wei,
                       const void *bias, const struct sgeo_row_linear *shape)
{
    (void)backend;
    sgeo_kernels_get()->f32_row_linear(dst, src, wei, bias, shape);
}

static void row_linear_grad_src(struct sgeo_backend *backend, void *dsrc, const void *ddst,
                                const void *wei, const struct sgeo_row_linear *shape)
{
    (void)backend;
    sgeo_kernels_get()->f32_row_linear_grad_src(dsrc, ddst, wei, shape);
}

static void row_linear_grad_wei(struct sgeo_backend *backend, void *dwei, void *dbias,
                                const void *ddst, const void *src,
                                const struct sgeo_row_linear *shape)
{
    (void)backend;
    sgeo_kernels_get()->f32_row_linear_grad_wei(dwei, dbias, ddst, src, shape);
}

static void dot(struct sgeo_backend *backend, void *dst, const void *src,
                const struct sgeo_interaction *shape)
{
    (void)backend;
    sgeo_kernels_get()->f32_dot_interaction(dst, src, shape);
}

static void dot_grad(struct sgeo_backend *backend, void *dsrc, const void *ddst, const void *src,
                     const struct sgeo_interaction *shape)
{
    (void)backend;
    sgeo_kernels_get()->f32_dot_interaction_grad(dsrc, ddst, src, shape);
}

static void fm(struct sgeo_backend *backend, void *dst, const void *src, double factor,
               const struct sgeo_interaction *shape)
{
    (void)backend;
    sgeo_kernels_get()->f32_fm(dst, src, (float)factor, shape);
}

static void fm_grad(struct sgeo_backend *backend, void *dsrc, const void *ddst, const void *src,
                    double factor, const struct sgeo_interaction *shape)
{
    (void)backend;
    sgeo_kernels_get()->f32_fm_grad(dsrc, ddst, src, (float)factor, shape);
}

static void attention(struct sgeo_backend *backend, void *dst, void *stats,
                      const struct sgeo_attention_sources *sources,
                      const struct sgeo_attention *shape)
{
    (void)backend;
    const struct sgeo_attention_inputs inputs = {sources->query, sources->key, sources->value};
    sgeo_kernels_get()->f32_attention(dst, stats, &inputs, shape);
}

static void attention_grad(struct sgeo_backend *backend,
                           const struct sgeo_attention_gradients *gradients, const void *ddst,
                           const struct sgeo_attention_outcome *outcome,
                           const struct sgeo_attention_sources *sources,
                           const struct sgeo_attention *shape)
{
    (void)backend;
    const struct sgeo_attention_inputs inputs = {sources->query, sources->key, sources->value};
    const struct sgeo_attention_grads grads = {gradients->query, gradients->key, gradients->value};
    sgeo_kernels_get()->f32_attention_grad(&grads, ddst, outcome->dst, outcome->stats, &inputs,
                                           shape);
}

static void attention_tangent(struct sgeo_backend *backend, void *dst,
                              const struct sgeo_attention_sources *tangents,
                              const struct sgeo_attention_outcome *outcome,
                              const struct sgeo_attention_sources *sources,
                              const struct sgeo_attention *shape)
{
    (void)backend;
    const struct sgeo_attention_inputs inputs = {sources->query, sources->key, sources->value};
    const struct sgeo_attention_inputs along = {tangents->query, tangents->key, tangents->value};
    sgeo_kernels_get()->f32_attention_tangent(dst, &along, outcome->dst, outcome->stats, &inputs,
                                              shape);
}

/* --- embedding tables --- */

#define LOOKUP_CHUNK ((size_t)32) /* tables handed to the kernel at once */

static void lookup(struct sgeo_backend *backend, void *dst, size_t pitch,
                   const struct sgeo_table_lookup *tables, size_t n_tables, size_t batch)
{
    (void)backend;
    struct sgeo_lookup lookups[LOOKUP_CHUNK];
    for (size_t first = 0, count; first < n_tables; first += count) {
        count = n_tables - first < LOOKUP_CHUNK ? n_tables - first : LOOKUP_CHUNK;
        for (size_t t = 0; t < count; t++) {
            const struct sgeo_table_lookup *table = &tables[first + t];
            lookups[t] = (struct sgeo_lookup){
                .table = table->table,
                .dim = table->dim,
                .column = table->column,
                .bags = {.indices = table->indices, .offsets = table->offsets, .count = batch}};
        }
        sgeo_kernels_get()->f32_embbag_tables(dst, pitch, lookups, count);
    }
}

/* Plain sums: what the bags are besides, the groups tell. */
static void lookup_grad(struct sgeo_backend *backend, void *dtable, const void *ddst, size_t pitch,
                        size_t dim, const struct sgeo_row_groups *groups)
{
    (void)backend;
    const struct sgeo_bags bags = {.count = groups->starts[groups->n_rows]};
    sgeo_kernels_get()->f32_embbag_grad(dtable, ddst, pitch, dim, groups, &bags);
}

static void fill_kernels(struct sgeo_interaction_table *table)
{
    table->padded_sum = padded_sum;
    table->padded_sum_grad = padded_sum_grad;
    table->sigmoid = sigmoid;
    table->gate = gate;
    table->gate_grad = gate_grad;
    table->layer_norm = layer_norm;
    table->layer_norm_grad = layer_norm_grad;
    table->layer_norm_tangent = layer_norm_tangent;
    table->row_linear = row_linear;
    table->row_linear_grad_src = row_linear_grad_src;
    table->row_linear_grad_wei = row_linear_grad_wei;
    table->dot = dot;
    table->dot_grad = dot_grad;
    table->fm = fm;
    table->fm_grad = fm_grad;
    table->attention = attention;
    table->attention_grad = attention_grad;
    table->attention_tangent = attention_tangent;
    table->lookup = lookup;
    table->lookup_grad = lookup_grad;
}

void sgeo_onednn_fill_interaction(struct sgeo_interaction_table *table)
{
    fill_loops(table);
    fill_kernels(table);
}
