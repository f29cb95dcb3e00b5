#include "proxy/suite.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"
#include "proxy/fisher.h"
#include "proxy/meco.h"
#include "proxy/naswot.h"
#include "proxy/pearson.h"

#define ZEN_STEP 0.01 /* length of dx */

static bool is_ours(const struct sgeo_suite_run *run)
{
    return run->convention == SGEO_CONVENTION_OURS;
}

static enum sgeo_status open_network(struct sgeo_network **network,
                                     const struct sgeo_suite_run *run,
                                     struct sgeo_network_options options)
{
    options.batch = run->batch;
    return sgeo_network_create(network, run->graph, run->store, run->backend, run->pool, &options);
}

/* --- one mini-batch --- */

/* Sums over L of ||g||, sum |W g|, sum W g and ||W||. */
static void layer_sums(const struct sgeo_suite_run *run)
{
    const struct sgeo_backend_table *ops = run->backend->ops;
    struct sgeo_suite_evidence *evidence = run->evidence;
    for (size_t s = 0; s < sgeo_store_count(run->store); s++) {
        struct sgeo_place place = sgeo_store_place(run->store, s);
        const void *weight = (const unsigned char *)run->theta + place.offset * ops->elem_bytes;
        const void *grad = (const unsigned char *)run->grad + place.offset * ops->elem_bytes;
        if (!sgeo_segment_in_l(sgeo_store_segment(run->store, s))) {
            continue;
        }
        evidence->grad_norm += sqrt(ops->dot(run->backend, grad, grad, place.elems));
        evidence->l2_norm += sqrt(ops->dot(run->backend, weight, weight, place.elems));
        evidence->plain += ops->dot(run->backend, weight, grad, place.elems);
        evidence->snip += ops->absolute_dot(run->backend, weight, grad, place.elems);
    }
}

/* What the probe of the batch pass adds to. */
struct batch_probe {
    const struct sgeo_suite_run *run;
    struct sgeo_codes *codes;
    enum sgeo_status status; /* of the first failure */
};

static void see_relu(void *context, const void *output, const struct sgeo_layout *layout,
                     size_t count)
{
    struct batch_probe *probe = context;
    if (probe->status == SGEO_OK) {
        probe->status = sgeo_codes_add(probe->codes, output, layout, count);
    }
}

static void see_output(void *context, size_t weight, const void *output, const void *gradient,
                       const struct sgeo_layout *layout)
{
    struct batch_probe *probe = context;
    const struct sgeo_segment *segment = &probe->run->graph->segments[weight];
    size_t channels = probe->run->graph->nodes[segment->node].channels;
    size_t filter_size = is_ours(probe->run) ? 1 : segment->count / channels;
    probe->run->evidence->fisher +=
        sgeo_fisher_layer(&(struct sgeo_fisher_output){.backend = probe->run->backend,
                                                       .output = output,
                                                       .gradient = gradient,
                                                       .layout = layout,
                                                       .batch = probe->run->batch,
                                                       .channels = channels,
                                                       .filter_size = filter_size});
}

static enum sgeo_status run_batch(const struct sgeo_suite_run *run, struct sgeo_network *network)
{
    const struct sgeo_targets targets = {.labels = run->labels, .rows = run->rows};
    struct batch_probe context = {.run = run};
    const struct sgeo_probe probe = {.relu = see_relu, .output = see_output, .context = &context};
    enum sgeo_status status =
        sgeo_codes_create(&context.codes, run->evidence->agreement, run->batch, run->backend);
    if (status == SGEO_OK) {
        sgeo_network_bind(network, run->theta, run->grad, NULL);
        sgeo_network_probe(network, &probe);
        status =
            sgeo_network_loss_gradient(network, run->images, &targets, NULL, &run->evidence->loss);
    }
    status = status == SGEO_OK ? context.status : status;
    if (status == SGEO_OK) {
        run->evidence->relu_units = sgeo_relu_units(run->graph, network);
        sgeo_codes_finish(context.codes, run->evidence->relu_units);
        layer_sums(run);
    }
    sgeo_codes_destroy(context.codes);
    return status;
}

enum sgeo_status sgeo_suite_batch(const struct sgeo_suite_run *run)
{
    struct sgeo_network *network = NULL;
    double start = sgeo_thread_cpu_seconds();
    enum sgeo_status status =
        open_network(&network, run,
                     (struct sgeo_network_options){
                         .backward = true, .keep_dead = !is_ours(run), .keep_outputs = true});
    if (status == SGEO_OK) {
        status = run_batch(run, network);
    }
    sgeo_network_destroy(network);
    run->evidence->seconds_batch = sgeo_thread_cpu_seconds() - start;
    return status;
}

/* --- the Hessian --- */

static enum sgeo_status run_hessian(const struct sgeo_suite_run *run, struct sgeo_network *network)
{
    const struct sgeo_targets targets = {.labels = run->labels, .rows = run->rows};
    size_t bytes = run->backend->ops->elem_bytes;
    sgeo_network_bind(network, run->theta, run->curvature, NULL);
    enum sgeo_status status = sgeo_network_forward(network, run->images);
    if (status == SGEO_OK) {
        status = sgeo_network_curvature(network, &targets);
    }
    for (size_t s = 0; status == SGEO_OK && s < sgeo_store_count(run->store); s++) {
        struct sgeo_place place = sgeo_store_place(run->store, s);
        if (sgeo_segment_in_l(sgeo_store_segment(run->store, s))) {
            run->evidence->grasp -= run->backend->ops->dot(
                run->backend, (const unsigned char *)run->grad + place.offset * bytes,
                (const unsigned char *)run->curvature + place.offset * bytes, place.elems);
        }
    }
    return status;
}

enum sgeo_status sgeo_suite_hessian(const struct sgeo_suite_run *run)
{
    struct sgeo_network *network = NULL;
    double start = sgeo_thread_cpu_seconds();
    enum sgeo_status status =
        open_network(&network, run,
                     (struct sgeo_network_options){
                         .backward = true, .tangent = true, .keep_dead = true, .curvature = true});
    if (status == SGEO_OK) {
        status = run_hessian(run, network);
    }
    sgeo_network_destroy(network);
    run->evidence->seconds_hessian =
        run->evidence->seconds_batch + sgeo_thread_cpu_seconds() - start;
    return status;
}

/* --- the images' gradients --- */

double sgeo_jacobian_noise(enum sgeo_precision precision)
{
    return precision == SGEO_F64 ? 1e-9 : 1e-4;
}

static enum sgeo_status correlate(const struct sgeo_suite_run *run,
                                  const struct sgeo_network *network)
{
    size_t count = run->batch * run->evidence->image_elems;
    double *jacobian = sgeo_calloc(count, sizeof *jacobian), squares = 0.0;
    if (jacobian == NULL) {
        return sgeo_fail_memory("Jacobian");
    }
    sgeo_network_input_gradient(network, jacobian);
    for (size_t i = 0; i < count; i++) {
        squares += jacobian[i] * jacobian[i];
    }
    run->evidence->jacobian_l2 = sqrt(squares);
    run->evidence->jacobian_is_noise =
        run->evidence->jacobian_l2 <= sgeo_jacobian_noise(run->backend->ops->precision);
    sgeo_pearson(run->evidence->correlation, jacobian, run->batch, run->evidence->image_elems);
    sgeo_free(jacobian);
    return SGEO_OK;
}

static enum sgeo_status run_jacobian(const struct sgeo_suite_run *run, struct sgeo_network *network)
{
    size_t count = run->batch * sgeo_network_classes(network);
    double *ones = sgeo_calloc(count, sizeof *ones);
    if (ones == NULL) {
        return sgeo_fail_memory("cotangent");
    }
    for (size_t i = 0; i < count; i++) {
        ones[i] = 1.0;
    }
    sgeo_network_bind(network, run->theta, NULL, NULL);
    enum sgeo_status status = sgeo_network_forward(network, run->images);
    if (status == SGEO_OK) {
        status = sgeo_network_backward(network, ones);
    }
    if (status == SGEO_OK) {
        status = correlate(run, network);
    }
    sgeo_free(ones);
    return status;
}

enum sgeo_status sgeo_suite_jacobian(const struct sgeo_suite_run *run)
{
    struct sgeo_network *network = NULL;
    double start = sgeo_thread_cpu_seconds();
    enum sgeo_status status = open_network(
        &network, run,
        (struct sgeo_network_options){.backward = true, .keep_dead = true, .input_gradient = true});
    if (status == SGEO_OK) {
        status = run_jacobian(run, network);
    }
    sgeo_network_destroy(network);
    run->evidence->seconds_jacobian = sgeo_thread_cpu_seconds() - start;
    return status;
}

/* --- meco --- */

/* The smallest eigenvalues of every tensor, by node. */
struct meco_probe {
    struct sgeo_backend *backend;
    const struct sgeo_graph *graph;
    struct sgeo_meco_values *values; /* (n_nodes) */
    enum sgeo_status status;
};

static bool has_map(const struct sgeo_node *node)
{
    return node->height * node->width >= 2;
}

static void see_value(void *context, size_t n, const void *data, const struct sgeo_layout *layout)
{
    struct meco_probe *probe = context;
    const struct sgeo_node *node = &probe->graph->nodes[n];
    size_t pixels = node->height * node->width;
    if (probe->status != SGEO_OK || !has_map(node)) {
        return;
    }
    double *planar = sgeo_calloc(node->channels * pixels, sizeof *planar);
    if (planar == NULL) {
        probe->status = sgeo_fail_memory("feature map");
        return;
    }
    probe->backend->ops->activation_export(probe->backend, planar, data, node->channels, layout);
    probe->status = sgeo_meco_map(&probe->values[n], planar, node->channels, pixels);
    sgeo_free(planar);
}

static void add_meco(const struct sgeo_suite_run *run, const struct sgeo_network *network,
                     const struct sgeo_meco_values *values)
{
    struct sgeo_suite_evidence *evidence = run->evidence;
    for (size_t n = 0; n < run->graph->n_nodes; n++) {
        const struct sgeo_node *node = &run->graph->nodes[n];
        size_t t = sgeo_network_tensor_of(network, n);
        if (!has_map(node)) {
            continue;
        }
        evidence->meco_leaf_hooks += sgeo_op_is_module(node->op);
        if (t != SGEO_NONE) {
            double leaf = sgeo_op_is_module(node->op) ? 1.0 : 0.0;
            evidence->meco += (double)node->hooks * values[t].smallest;
            evidence->meco_opt += (double)node->hooks * values[t].smallest_of_eight;
            evidence->meco_leaf += leaf * values[t].smallest;
            evidence->meco_leaf_opt += leaf * values[t].smallest_of_eight;
        }
    }
}

static enum sgeo_status run_meco(const struct sgeo_suite_run *run, struct sgeo_network *network)
{
    struct meco_probe context = {.backend = run->backend, .graph = run->graph};
    const struct sgeo_probe probe = {.value = see_value, .context = &context};
    context.values = sgeo_calloc(run->graph->n_nodes, sizeof *context.values);
    if (context.values == NULL) {
        return sgeo_fail_memory("meco");
    }
    sgeo_network_bind(network, run->theta, NULL, NULL);
    sgeo_network_probe(network, &probe);
    enum sgeo_status status = sgeo_network_forward(network, run->images);
    status = status == SGEO_OK ? context.status : status;
    if (status == SGEO_OK) {
        add_meco(run, network, context.values);
    }
    sgeo_free(context.values);
    return status;
}

enum sgeo_status sgeo_suite_meco(const struct sgeo_suite_run *run)
{
    struct sgeo_suite_run first = *run;
    struct sgeo_network *network = NULL;
    double start = sgeo_thread_cpu_seconds();
    first.batch = 1;
    enum sgeo_status status = open_network(
        &network, &first, (struct sgeo_network_options){.keep_dead = true, .store_all = true});
    if (status == SGEO_OK) {
        status = run_meco(&first, network);
    }
    sgeo_network_destroy(network);
    run->evidence->seconds_meco = sgeo_thread_cpu_seconds() - start;
    return status;
}

/* --- zen --- */

static void set_element(void *images, enum sgeo_precision precision, size_t i, double value)
{
    if (precision == SGEO_F64) {
        ((double *)images)[i] = value;
    } else {
        ((float *)images)[i] = (float)value;
    }
}

enum sgeo_status sgeo_zen_images(void *images[2], size_t count, enum sgeo_precision precision,
                                 const uint64_t keys[2])
{
    size_t bytes = precision == SGEO_F64 ? sizeof(double) : sizeof(float);
    void *x = sgeo_calloc(count, bytes), *moved = sgeo_calloc(count, bytes);
    if (x == NULL || moved == NULL) {
        sgeo_free(x);
        sgeo_free(moved);
        return sgeo_fail_memory("zen images");
    }
    for (size_t j = 0; j < count; j++) {
        double value = sgeo_hash_normal(keys[0], j);
        set_element(x, precision, j, value);
        set_element(moved, precision, j, value + ZEN_STEP * sgeo_hash_normal(keys[1], j));
    }
    images[0] = x;
    images[1] = moved;
    return SGEO_OK;
}

/* Running variances start at 1, or at 0 where those of a batch are asked for; means at 0. */
static double *fresh_statistics(const struct sgeo_suite_run *run)
{
    size_t channels = run->graph->norm_channels;
    double *running = sgeo_calloc(2 * channels + 1, sizeof *running);
    for (size_t c = 0; running != NULL && !is_ours(run) && c < channels; c++) {
        running[channels + c] = 1.0;
    }
    return running;
}

/* Sum over batch norms of ln sqrt(mean variance), of which the running statistics are `share`; one
 * of a zero tensor has none. */
static double log_norms(const struct sgeo_graph *graph, const double *running, double share)
{
    const double *variance = running + graph->norm_channels;
    double sum = 0.0;
    for (size_t n = 0; n < graph->n_nodes; n++) {
        if (graph->nodes[n].op == SGEO_OP_BATCHNORM) {
            double total = 0.0;
            for (size_t c = 0; c < graph->nodes[n].channels; c++) {
                total += *variance++;
            }
            double mean = total / share / (double)graph->nodes[n].channels;
            sum += mean == 0.0 ? 0.0 : 0.5 * log(mean); /* exactly: all outputs are shifts */
        }
    }
    return sum;
}

/* ln of the mean over images of sum |a - b|; `count` numbers each. */
static double log_difference(const double *a, const double *b, size_t batch, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < batch * count; i++) {
        sum += fabs(a[i] - b[i]);
    }
    return log(sum / (double)batch);
}

static enum sgeo_status run_zen(const struct sgeo_suite_run *run, struct sgeo_network *network,
                                const struct sgeo_zen_inputs *inputs, double *running,
                                double *features)
{
    const struct sgeo_node *map = &run->graph->nodes[run->graph->features];
    size_t count = map->channels * map->height * map->width;
    enum sgeo_status status = inputs->fill(run->store, run->grad, inputs->fill_context);
    sgeo_network_bind(network, run->grad, NULL, running);
    for (size_t i = 0; status == SGEO_OK && i < 2; i++) {
        status = sgeo_network_forward(network, inputs->images[i]);
        sgeo_network_features(network, features + i * run->batch * count);
        if (i == 0 && is_ours(run)) {
            run->evidence->zen_log_norms = log_norms(run->graph, running, SGEO_BN_MOMENTUM);
        }
    }
    run->evidence->zen_log_difference =
        log_difference(features, features + run->batch * count, run->batch, count);
    if (!is_ours(run)) {
        run->evidence->zen_log_norms = log_norms(run->graph, running, 1.0);
    }
    return status;
}

enum sgeo_status sgeo_suite_zen(const struct sgeo_suite_run *run,
                                const struct sgeo_zen_inputs *inputs)
{
    const struct sgeo_node *map = &run->graph->nodes[run->graph->features];
    struct sgeo_network *network = NULL;
    double start = sgeo_thread_cpu_seconds(), *running = fresh_statistics(run);
    double *features =
        sgeo_calloc(2 * run->batch * map->channels * map->height * map->width, sizeof *features);
    enum sgeo_status status =
        running == NULL || features == NULL
            ? sgeo_fail_memory("zen")
            : open_network(&network, run,
                           (struct sgeo_network_options){.keep_dead = true, .keep_features = true});
    if (status == SGEO_OK) {
        status = run_zen(run, network, inputs, running, features);
    }
    sgeo_network_destroy(network);
    sgeo_free(features);
    sgeo_free(running);
    run->evidence->seconds_zen = sgeo_thread_cpu_seconds() - start;
    return status;
}

/* --- synflow --- */

/* One image of ones through absolute weights (doubles). */
struct synflow {
    const struct sgeo_graph *graph;
    struct sgeo_backend *backend;
    struct sgeo_store *store;
    struct sgeo_network *network;
    double *theta, *grad, *ones;
};

static enum sgeo_status open_synflow(struct synflow *synflow, struct sgeo_pool *pool)
{
    const struct sgeo_node *image = &synflow->graph->nodes[0];
    size_t pixels = image->channels * image->height * image->width;
    size_t classes = synflow->graph->nodes[synflow->graph->output].channels;
    size_t ones = pixels > classes ? pixels : classes;
    const struct sgeo_network_options options = {
        .batch = 1, .backward = true, .bypass_norms = true};
    enum sgeo_status status =
        sgeo_store_create(&synflow->store, synflow->graph, synflow->backend, 1);
    if (status == SGEO_OK) {
        status = sgeo_network_create(&synflow->network, synflow->graph, synflow->store,
                                     synflow->backend, pool, &options);
    }
    if (status != SGEO_OK) {
        return status;
    }
    synflow->theta = sgeo_store_vector(synflow->store);
    synflow->grad = sgeo_store_vector(synflow->store);
    synflow->ones = sgeo_calloc(ones, sizeof *synflow->ones);
    if (synflow->theta == NULL || synflow->grad == NULL || synflow->ones == NULL) {
        return sgeo_fail_memory("synflow");
    }
    for (size_t i = 0; i < ones; i++) {
        synflow->ones[i] = 1.0;
    }
    return SGEO_OK;
}

static void close_synflow(struct synflow *synflow)
{
    sgeo_network_destroy(synflow->network);
    sgeo_store_destroy(synflow->store);
    sgeo_free(synflow->theta);
    sgeo_free(synflow->grad);
    sgeo_free(synflow->ones);
}

static enum sgeo_status run_synflow(double *sum, struct synflow *synflow, sgeo_theta_fill fill,
                                    void *fill_context)
{
    enum sgeo_status status = fill(synflow->store, synflow->theta, fill_context);
    for (size_t i = 0; i < sgeo_store_total(synflow->store); i++) {
        synflow->theta[i] = fabs(synflow->theta[i]);
    }
    sgeo_network_bind(synflow->network, synflow->theta, synflow->grad, NULL);
    if (status == SGEO_OK) {
        status = sgeo_network_forward(synflow->network, synflow->ones);
    }
    if (status == SGEO_OK) {
        status = sgeo_network_backward(synflow->network, synflow->ones);
    }
    *sum = 0.0;
    for (size_t s = 0; status == SGEO_OK && s < sgeo_store_count(synflow->store); s++) {
        struct sgeo_place place = sgeo_store_place(synflow->store, s);
        if (sgeo_segment_in_l(sgeo_store_segment(synflow->store, s))) {
            *sum +=
                synflow->backend->ops->absolute_dot(synflow->backend, synflow->theta + place.offset,
                                                    synflow->grad + place.offset, place.elems);
        }
    }
    return status;
}

enum sgeo_status sgeo_suite_synflow(double *sum, const struct sgeo_graph *graph,
                                    struct sgeo_backend *backend, struct sgeo_pool *pool,
                                    sgeo_theta_fill fill, void *fill_context)
{
    struct synflow synflow = {.graph = graph, .backend = backend};
    enum sgeo_status status = open_synflow(&synflow, pool);
    if (status == SGEO_OK) {
        status = run_synflow(sum, &synflow, fill, fill_context);
    }
    close_synflow(&synflow);
    return status;
}
