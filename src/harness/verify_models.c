/*
 * The fields of a recommender model's golden record, computed (the golden vectors' naming rules,
 * section 8): one whole batch with gradients and derivatives along all tensors, from the passes
 * that training and proxies are made of, and four sub-batches with the tangent along the dense
 * weights.
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "graph/network.h"
#include "harness/verify_parts.h"
#include "proxy/proxy.h"
#include "space/ctr_pass.h"

/* What a whole batch needs. */
struct whole_batch {
    struct sgeo_backend *backend;
    struct sgeo_embedding *embedding;
    struct sgeo_store *store;
    struct sgeo_network *network; /* shows its tensors */
    void *tables, *dense, *theta;
    struct sgeo_ctr_gradient gradient;
    double loss, *derivatives; /* d l_n / d alpha (batch) */
};

static struct sgeo_feature_batch features_of(const struct sgeo_attempt *attempt,
                                             const struct whole_batch *batch)
{
    return (struct sgeo_feature_batch){.n = attempt->golden->batch,
                                       .dense = batch->dense,
                                       .indices = attempt->golden->features->indices};
}

/* --- tensors --- */

/* |x| and sum |x y| of backend elements. */
static double length(const struct whole_batch *batch, const void *x, size_t n)
{
    return sqrt(batch->backend->ops->dot(batch->backend, x, x, n));
}

static const void *segment_at(const struct whole_batch *batch, const void *vector, size_t s)
{
    return (const unsigned char *)vector +
           sgeo_store_place(batch->store, s).offset * batch->backend->ops->elem_bytes;
}

/* (out,in) of a weight, (n) of anything else. */
static json_t *shape_of(const struct sgeo_segment *segment)
{
    return sgeo_segment_in_l(segment)
               ? json_pack("[I,I]", (json_int_t)(segment->count / segment->fan_in),
                           (json_int_t)segment->fan_in)
               : json_pack("[I]", (json_int_t)segment->count);
}

/* Sums over tensors that several fields share. */
struct totals {
    double weight_norms;                  /* sum of |g| over the dense weights */
    double weight_products, all_products; /* sum of |theta g|, over dense weights and all tensors */
};

static void segment_fields(const struct whole_batch *batch, json_t *norms, json_t *shapes,
                           struct totals *totals)
{
    for (size_t s = 0; s < sgeo_store_count(batch->store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(batch->store, s);
        const void *gradient = segment_at(batch, batch->gradient.dense, s);
        double norm = length(batch, gradient, segment->count);
        double products = batch->backend->ops->absolute_dot(
            batch->backend, segment_at(batch, batch->theta, s), gradient, segment->count);
        json_object_set_new(norms, segment->name, sgeo_verify_number(norm));
        json_object_set_new(shapes, segment->name, shape_of(segment));
        totals->all_products += products;
        if (sgeo_segment_in_l(segment)) {
            totals->weight_norms += norm;
            totals->weight_products += products;
        }
    }
}

/* Sum |theta g| over a table's touched rows. */
static double table_products(const struct whole_batch *batch, size_t t)
{
    const struct sgeo_embedding_table *table = sgeo_embedding_table(batch->embedding, t);
    struct sgeo_touched touched = sgeo_table_gradient_touched(batch->gradient.rows, t);
    const unsigned char *values = sgeo_table_gradient_values(batch->gradient.rows, t);
    size_t bytes = batch->backend->ops->elem_bytes;
    double sum = 0.0;
    for (size_t u = 0; u < touched.count; u++) {
        const unsigned char *row = (const unsigned char *)batch->tables +
                                   (table->offset + touched.rows[u] * table->dim) * bytes;
        sum += batch->backend->ops->absolute_dot(batch->backend, row,
                                                 values + u * table->dim * bytes, table->dim);
    }
    return sum;
}

static void table_fields(const struct whole_batch *batch, json_t *norms, json_t *shapes,
                         struct totals *totals)
{
    for (size_t t = 0; t < sgeo_embedding_tables(batch->embedding); t++) {
        const struct sgeo_embedding_table *table = sgeo_embedding_table(batch->embedding, t);
        struct sgeo_touched touched = sgeo_table_gradient_touched(batch->gradient.rows, t);
        double norm = length(batch, sgeo_table_gradient_values(batch->gradient.rows, t),
                             touched.count * touched.dim);
        json_object_set_new(norms, table->name, sgeo_verify_number(norm));
        json_object_set_new(shapes, table->name,
                            json_pack("[I,I]", (json_int_t)table->rows, (json_int_t)table->dim));
        totals->all_products += table_products(batch, t);
    }
}

static void tensor_fields(struct sgeo_attempt *attempt, const struct whole_batch *batch,
                          struct totals *totals)
{
    json_t *norms = json_object(), *shapes = json_object();
    segment_fields(batch, norms, shapes, totals);
    table_fields(batch, norms, shapes, totals);
    json_object_set_new(attempt->got, "grad_l2_per_tensor", norms);
    json_object_set_new(attempt->got, "tensor_shapes", shapes);
    json_object_set_new(attempt->got, "grad_norm_dense_weights",
                        sgeo_verify_number(totals->weight_norms));
    json_object_set_new(attempt->got, "params_dense",
                        json_integer((json_int_t)sgeo_store_logical(batch->store)));
    json_object_set_new(attempt->got, "params_embedding",
                        json_integer((json_int_t)sgeo_embedding_total(batch->embedding)));
}

/* --- per sample --- */

/* <theta, grad l_n> of the samples, for the dense weights or for all tensors, and their mean
 * square; products: sum |theta g| over these tensors. */
static void derivative_fields(struct sgeo_attempt *attempt, const char *which,
                              const double *derivatives, double products)
{
    char field[64];
    double norm = sgeo_verify_norm(derivatives, attempt->golden->batch);
    snprintf(field, sizeof field, "theta_dot_grad_per_sample_%s", which);
    json_object_set_new(attempt->got, field,
                        sgeo_verify_numbers(derivatives, attempt->golden->batch));
    json_object_set_new(attempt->scales, field,
                        json_real(sgeo_verify_derivative_floor(attempt) * products));
    snprintf(field, sizeof field, "fr_per_sample_%s", which);
    json_object_set_new(attempt->got, field,
                        sgeo_verify_number(norm * norm / (double)attempt->golden->batch));
    json_object_set_new(attempt->scales, field,
                        json_real(sgeo_verify_fisher_floor(attempt) * products * products));
}

/* --- the whole batch --- */

static enum sgeo_status open_features(struct sgeo_attempt *attempt, struct whole_batch *batch)
{
    const struct sgeo_golden *golden = attempt->golden;
    const struct sgeo_golden_features *features = golden->features;
    size_t fields = features->layout.fields, bytes = batch->backend->ops->elem_bytes;
    size_t width = sgeo_feature_width(&features->layout), dense = features->layout.dense;
    size_t *rows = sgeo_calloc(fields, sizeof *rows);
    for (size_t f = 0; rows != NULL && f < fields; f++) {
        rows[f] = features->rows;
    }
    enum sgeo_status status =
        rows == NULL
            ? sgeo_fail_memory("golden record")
            : sgeo_embedding_create(&batch->embedding, batch->backend, &features->layout, rows);
    sgeo_free(rows);
    if (status != SGEO_OK) {
        return status;
    }
    batch->tables = sgeo_embedding_vector(batch->embedding);
    batch->dense = sgeo_calloc(golden->batch * dense, bytes);
    attempt->images = sgeo_calloc(golden->batch * width, bytes);
    if (batch->tables == NULL || batch->dense == NULL || attempt->images == NULL) {
        return sgeo_fail_memory("golden record");
    }
    for (size_t i = 0; i < golden->batch * dense; i++) {
        if (attempt->precision == SGEO_F64) {
            ((double *)batch->dense)[i] = features->dense[i];
        } else {
            ((float *)batch->dense)[i] = (float)features->dense[i];
        }
    }
    const struct sgeo_feature_batch looked_up = features_of(attempt, batch);
    sgeo_embedding_init_formula(batch->embedding, batch->tables);
    sgeo_embedding_lookup(batch->embedding, attempt->images, batch->tables, &looked_up);
    return SGEO_OK;
}

static enum sgeo_status open_network(struct sgeo_attempt *attempt, struct whole_batch *batch)
{
    const struct sgeo_golden *golden = attempt->golden;
    const struct sgeo_network_options options = {
        .batch = golden->batch, .keep_dead = true, .store_all = true};
    enum sgeo_status status =
        sgeo_store_create(&batch->store, golden->graph, batch->backend, golden->batch);
    if (status == SGEO_OK) {
        status = sgeo_network_create(&batch->network, golden->graph, batch->store, batch->backend,
                                     sgeo_session_pool(attempt->session), &options);
    }
    if (status != SGEO_OK) {
        return status;
    }
    batch->theta = sgeo_store_vector(batch->store);
    batch->derivatives = sgeo_calloc(golden->batch, sizeof *batch->derivatives);
    if (batch->theta == NULL || batch->derivatives == NULL) {
        return sgeo_fail_memory("golden record");
    }
    return sgeo_golden_fill(batch->store, batch->theta, (void *)(uintptr_t)golden);
}

static void close_whole_batch(struct whole_batch *batch)
{
    sgeo_ctr_gradient_destroy(&batch->gradient);
    sgeo_network_destroy(batch->network);
    sgeo_store_destroy(batch->store);
    sgeo_embedding_destroy(batch->embedding);
    sgeo_free(batch->tables);
    sgeo_free(batch->dense);
    sgeo_free(batch->theta);
    sgeo_free(batch->derivatives);
}

/* The probe's context: labelled tensors are measured as they appear. */
struct watch {
    const struct whole_batch *batch;
    const struct sgeo_graph *graph;
    json_t *norms;
};

static void measure_tensor(void *context, size_t node, const void *data,
                           const struct sgeo_layout *layout)
{
    const struct watch *watch = context;
    for (size_t l = 0; l < watch->graph->n_labels; l++) {
        const struct sgeo_label *label = &watch->graph->labels[l];
        if (sgeo_network_tensor_of(watch->batch->network, label->node) == node) {
            json_object_set_new(
                watch->norms, label->name,
                sgeo_verify_number(length(watch->batch, data, sgeo_layout_elems(layout))));
        }
    }
}

static enum sgeo_status run_forward(struct sgeo_attempt *attempt, struct whole_batch *batch)
{
    const struct sgeo_golden *golden = attempt->golden;
    struct watch watch = {batch, golden->graph, json_object()};
    const struct sgeo_probe probe = {.value = measure_tensor, .context = &watch};
    sgeo_network_bind(batch->network, batch->theta, NULL, NULL);
    sgeo_network_probe(batch->network, &probe);
    enum sgeo_status status = sgeo_network_forward(batch->network, attempt->images);
    sgeo_network_probe(batch->network, NULL);
    json_object_set_new(attempt->got, "forward_l2", watch.norms);
    if (status != SGEO_OK) {
        return status;
    }
    const double *logits = sgeo_network_logits(batch->network);
    json_object_set_new(attempt->got, "logits", sgeo_verify_numbers(logits, golden->batch));
    json_object_set_new(
        attempt->scales, "logits",
        json_real(sgeo_verify_norm(logits, golden->batch) / sqrt((double)golden->batch)));
    return SGEO_OK;
}

/* Loss, gradient and derivatives. */
static enum sgeo_status run_pass(struct sgeo_attempt *attempt, struct whole_batch *batch)
{
    const struct sgeo_golden *golden = attempt->golden;
    const struct sgeo_ctr_use use = {.graph = golden->graph,
                                     .store = batch->store,
                                     .embedding = batch->embedding,
                                     .backend = batch->backend,
                                     .pool = sgeo_session_pool(attempt->session),
                                     .theta = batch->theta,
                                     .tables = batch->tables};
    const struct sgeo_ctr_batch rows = {features_of(attempt, batch), golden->labels};
    struct sgeo_ctr_pass *pass = NULL;
    enum sgeo_status status = sgeo_ctr_pass_create(&pass, &use, golden->batch, SGEO_CTR_TANGENTS);
    if (status == SGEO_OK) {
        status = sgeo_ctr_gradient_create(&batch->gradient, &use, golden->batch);
    }
    if (status == SGEO_OK) {
        status = sgeo_ctr_pass_gradient(pass, &batch->gradient, &rows, &batch->loss);
    }
    if (status == SGEO_OK) {
        sgeo_ctr_pass_loss_tangent(pass, batch->derivatives, &rows);
    }
    sgeo_ctr_pass_destroy(pass);
    return status;
}

static enum sgeo_status run_whole_batch(struct sgeo_attempt *attempt, struct whole_batch *batch)
{
    json_t *labels = json_array();
    for (size_t n = 0; n < attempt->golden->batch; n++) {
        json_array_append_new(labels, json_integer(attempt->golden->labels[n]));
    }
    json_object_set_new(attempt->got, "labels", labels);
    enum sgeo_status status = run_forward(attempt, batch);
    if (status == SGEO_OK) {
        status = run_pass(attempt, batch);
    }
    if (status == SGEO_OK) {
        json_object_set_new(attempt->got, "bce_loss", sgeo_verify_number(batch->loss));
    }
    return status;
}

/* --- sub-batches --- */

static enum sgeo_status sub_batch_fields(struct sgeo_attempt *attempt, double products)
{
    const struct sgeo_golden *golden = attempt->golden;
    const struct sgeo_batches batches = {.k = golden->k,
                                         .batch = golden->batch / golden->k,
                                         .images = attempt->images,
                                         .labels = golden->labels};
    const struct sgeo_request request = {.graph = golden->graph,
                                         .batches = &batches,
                                         .fill = sgeo_golden_fill,
                                         .fill_context = (void *)(uintptr_t)golden,
                                         .passes = SGEO_PASS_FIXED | SGEO_PASS_TANGENT};
    const struct sgeo_evidence *evidence;
    enum sgeo_status status = sgeo_session_measure(attempt->session, &request, &evidence);
    if (status != SGEO_OK) {
        return status;
    }
    json_t *inner = json_object();
    for (size_t l = 0; l < evidence->n_layers; l++) {
        char name[SGEO_NAME_MAX + 8];
        snprintf(name, sizeof name, "%s.weight", evidence->layer_names[l]);
        json_object_set_new(inner, name, sgeo_verify_number(evidence->inner[l]));
    }
    json_object_set_new(attempt->got, "zico_inner_sum_per_tensor", inner);
    json_object_set_new(attempt->got, "zico_k4_dense_weights",
                        sgeo_verify_number(sgeo_zico_term(evidence->inner, evidence->n_layers)));
    json_object_set_new(attempt->got, "batch_losses_k4",
                        sgeo_verify_numbers(evidence->losses, evidence->k));
    derivative_fields(attempt, "dense_weights", evidence->dloss_dalpha, products);
    return SGEO_OK;
}

enum sgeo_status sgeo_verify_compute_model(struct sgeo_attempt *attempt)
{
    struct whole_batch batch = {.backend = sgeo_session_backend(attempt->session)};
    struct totals totals = {0};
    enum sgeo_status status = open_features(attempt, &batch);
    if (status == SGEO_OK) {
        status = open_network(attempt, &batch);
    }
    if (status == SGEO_OK) {
        status = run_whole_batch(attempt, &batch);
    }
    if (status == SGEO_OK) {
        tensor_fields(attempt, &batch, &totals);
        derivative_fields(attempt, "all_tensors", batch.derivatives, totals.all_products);
        status = sub_batch_fields(attempt, totals.weight_products);
    }
    close_whole_batch(&batch);
    return status;
}
