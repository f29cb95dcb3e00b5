/* The fields of a golden record that one pass over all of its images gives. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "graph/network.h"
#include "harness/verify_parts.h"

struct whole_batch {
    struct sgeo_store *store;
    struct sgeo_network *network;
    void *theta, *grad;
    double *losses, *features, *weight, *gradient; /* the last two hold one segment */
    double snip;                                   /* sum over L of |W g| */
};

static json_t *integers(const uint16_t *values, size_t n)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(array, json_integer(values[i]));
    }
    return array;
}

void sgeo_verify_layer_name(char name[SGEO_NAME_MAX], const struct sgeo_segment *segment)
{
    snprintf(name, SGEO_NAME_MAX, "%.*s", (int)(strlen(segment->name) - strlen(".weight")),
             segment->name);
}

/* Per layer of L: |g|, <W,g> and its scale |W||g|. */
static void layer_fields(struct sgeo_attempt *attempt, struct whole_batch *batch)
{
    json_t *norms = json_object(), *dots = json_object(), *scales = json_object();
    for (size_t s = 0; s < sgeo_store_count(batch->store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(batch->store, s);
        char name[SGEO_NAME_MAX];
        double dot = 0.0;
        if (!sgeo_segment_in_l(segment)) {
            continue;
        }
        sgeo_verify_layer_name(name, segment);
        sgeo_store_export(batch->store, batch->weight, s, batch->theta);
        sgeo_store_export(batch->store, batch->gradient, s, batch->grad);
        for (size_t i = 0; i < segment->count; i++) {
            dot += batch->weight[i] * batch->gradient[i];
            batch->snip += fabs(batch->weight[i] * batch->gradient[i]);
        }
        double gradient_norm = sgeo_verify_norm(batch->gradient, segment->count);
        json_object_set_new(norms, name, sgeo_verify_number(gradient_norm));
        json_object_set_new(dots, name, sgeo_verify_number(dot));
        json_object_set_new(
            scales, name,
            json_real(sgeo_verify_norm(batch->weight, segment->count) * gradient_norm));
    }
    json_object_set_new(attempt->got, "grad_l2_per_layer", norms);
    json_object_set_new(attempt->got, "theta_dot_grad_per_layer", dots);
    json_object_set_new(attempt->scales, "theta_dot_grad_per_layer", scales);
}

static void feature_fields(struct sgeo_attempt *attempt, struct whole_batch *batch)
{
    const struct sgeo_node *node = &attempt->golden->graph->nodes[attempt->golden->graph->features];
    size_t elems = node->channels * node->height * node->width;
    double sum = 0.0;
    sgeo_network_features(batch->network, batch->features);
    for (size_t i = 0; i < elems; i++) {
        sum += batch->features[i];
    }
    json_object_set_new(
        attempt->got, "pregap_shape",
        json_pack("[i,i,i]", (int)node->channels, (int)node->height, (int)node->width));
    json_object_set_new(attempt->got, "pregap_image0_sum", sgeo_verify_number(sum));
    json_object_set_new(attempt->got, "pregap_image0_l2",
                        sgeo_verify_number(sgeo_verify_norm(batch->features, elems)));
}

static enum sgeo_status open_whole_batch(struct sgeo_attempt *attempt, struct whole_batch *batch)
{
    const struct sgeo_golden *golden = attempt->golden;
    struct sgeo_backend *backend = sgeo_session_backend(attempt->session);
    const struct sgeo_network_options options = {
        .batch = golden->batch, .backward = true, .keep_features = true};
    const struct sgeo_node *features = &golden->graph->nodes[golden->graph->features];
    size_t largest = 1;
    enum sgeo_status status =
        sgeo_store_create(&batch->store, golden->graph, backend, golden->batch);
    if (status == SGEO_OK) {
        status = sgeo_network_create(&batch->network, golden->graph, batch->store, backend,
                                     sgeo_session_pool(attempt->session), &options);
    }
    if (status != SGEO_OK) {
        return status;
    }
    for (size_t s = 0; s < sgeo_store_count(batch->store); s++) {
        size_t count = sgeo_store_segment(batch->store, s)->count;
        largest = count > largest ? count : largest;
    }
    batch->theta = sgeo_store_vector(batch->store);
    batch->grad = sgeo_store_vector(batch->store);
    batch->losses = sgeo_calloc(golden->batch, sizeof(double));
    batch->weight = sgeo_calloc(largest, sizeof(double));
    batch->gradient = sgeo_calloc(largest, sizeof(double));
    batch->features = sgeo_calloc(
        golden->batch * features->channels * features->height * features->width, sizeof(double));
    return batch->theta == NULL || batch->grad == NULL || batch->losses == NULL ||
                   batch->weight == NULL || batch->gradient == NULL || batch->features == NULL
               ? sgeo_fail_memory("golden record")
               : SGEO_OK;
}

static void close_whole_batch(struct whole_batch *batch)
{
    sgeo_network_destroy(batch->network);
    sgeo_store_destroy(batch->store);
    sgeo_free(batch->theta);
    sgeo_free(batch->grad);
    sgeo_free(batch->losses);
    sgeo_free(batch->weight);
    sgeo_free(batch->gradient);
    sgeo_free(batch->features);
}

/* Forward, loss, backward on all images at once, and the fields that follow. */
static enum sgeo_status run_whole_batch(struct sgeo_attempt *attempt, struct whole_batch *batch)
{
    const struct sgeo_golden *golden = attempt->golden;
    const struct sgeo_targets plain = {.labels = golden->labels};
    const struct sgeo_targets targets = {.labels = golden->labels,
                                         .log_offset = golden->graph->log_offset};
    size_t classes = sgeo_network_classes(batch->network), shown = classes < 10 ? classes : 10;
    double *d_logits = sgeo_calloc(golden->batch * classes, sizeof *d_logits);
    enum sgeo_status status =
        d_logits == NULL ? sgeo_fail_memory("logits")
                         : sgeo_golden_fill(batch->store, batch->theta, (void *)(uintptr_t)golden);
    sgeo_network_bind(batch->network, batch->theta, batch->grad, NULL);
    if (status == SGEO_OK) {
        status = sgeo_network_forward(batch->network, attempt->images);
    }
    if (status == SGEO_OK) {
        double loss =
            sgeo_cross_entropy(batch->losses, d_logits, sgeo_network_logits(batch->network),
                               &targets, golden->batch, classes);
        json_object_set_new(attempt->got, golden->is_toy ? "loss_full_batch" : "loss",
                            sgeo_verify_number(loss));
        loss = sgeo_cross_entropy(NULL, NULL, sgeo_network_logits(batch->network), &plain,
                                  golden->batch, classes);
        json_object_set_new(attempt->got, "loss_plain_cross_entropy", sgeo_verify_number(loss));
        json_object_set_new(attempt->got, "labels", integers(golden->labels, golden->batch));
        json_object_set_new(attempt->got, "losses_per_image",
                            sgeo_verify_numbers(batch->losses, golden->batch));
        json_object_set_new(attempt->got, "logits_image0",
                            sgeo_verify_numbers(sgeo_network_logits(batch->network), shown));
        json_object_set_new(
            attempt->scales, "logits_image0",
            json_real(sgeo_verify_norm(sgeo_network_logits(batch->network), shown)));
        feature_fields(attempt, batch);
        status = sgeo_network_backward(batch->network, d_logits);
    }
    if (status == SGEO_OK) {
        layer_fields(attempt, batch);
    }
    sgeo_free(d_logits);
    return status;
}

enum sgeo_status sgeo_verify_batch_fields(struct sgeo_attempt *attempt, double *snip)
{
    struct whole_batch batch = {0};
    enum sgeo_status status = open_whole_batch(attempt, &batch);
    if (status == SGEO_OK) {
        status = run_whole_batch(attempt, &batch);
    }
    *snip = batch.snip;
    close_whole_batch(&batch);
    return status;
}
