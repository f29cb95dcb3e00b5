#include "harness/verify.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "graph/network.h"
#include "harness/golden.h"
#include "proxy/proxy.h"
#include "proxy/session.h"

/*
 * Relative tolerances (naming rules, section 9). Fields of one layer's gradient are compared to
 * 1e-2 in f32: among millions of pre-activations a few lie within rounding of zero, and a ReLU that
 * opens or closes there moves single layers by up to 5e-3 while loss, scores and Fisher-Rao fields
 * stay within 4e-5.
 */
#define TOLERANCE_F64        1e-6
#define TOLERANCE_F32        1e-3
#define TOLERANCE_F32_FISHER 1e-2
#define TOLERANCE_F32_LAYER  1e-2
#define TOLERANCE_F32_KINK   2e-2 /* one ReLU within rounding of zero moves these */

/* One record in one precision: what was computed, as JSON of the expected shape, and the scales of
 * its comparisons. */
struct attempt {
    const struct sgeo_golden *golden;
    struct sgeo_session *session;
    enum sgeo_precision precision;
    void *images;   /* in backend elements */
    json_t *got;    /* field -> value */
    json_t *scales; /* field -> number or object/array of numbers: scale of the comparison */
};

struct verifier {
    struct sgeo_executor single; /* the f32 executor */
    struct sgeo_verify_result *result;
    sgeo_text_sink sink;
    void *sink_context;
};

/* --- whole batch --- */

struct whole_batch {
    struct sgeo_store *store;
    struct sgeo_network *network;
    void *theta, *grad;
    double *losses, *features, *weight, *gradient; /* the last two hold one segment */
    double snip;                                   /* sum over L of |W g| */
};

static json_t *numbers(const double *values, size_t n)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(array, json_real(values[i]));
    }
    return array;
}

static json_t *integers(const uint16_t *values, size_t n)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(array, json_integer(values[i]));
    }
    return array;
}

static double norm(const double *values, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += values[i] * values[i];
    }
    return sqrt(sum);
}

static void layer_name(char name[SGEO_NAME_MAX], const struct sgeo_segment *segment)
{
    snprintf(name, SGEO_NAME_MAX, "%.*s", (int)(strlen(segment->name) - strlen(".weight")),
             segment->name);
}

/* Per layer of L: |g|, <W,g> and its scale |W||g|. */
static void layer_fields(struct attempt *attempt, struct whole_batch *batch)
{
    json_t *norms = json_object(), *dots = json_object(), *scales = json_object();
    for (size_t s = 0; s < sgeo_store_count(batch->store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(batch->store, s);
        char name[SGEO_NAME_MAX];
        double dot = 0.0;
        if (!sgeo_segment_in_l(segment)) {
            continue;
        }
        layer_name(name, segment);
        sgeo_store_export(batch->store, batch->weight, s, batch->theta);
        sgeo_store_export(batch->store, batch->gradient, s, batch->grad);
        for (size_t i = 0; i < segment->count; i++) {
            dot += batch->weight[i] * batch->gradient[i];
            batch->snip += fabs(batch->weight[i] * batch->gradient[i]);
        }
        double gradient_norm = norm(batch->gradient, segment->count);
        json_object_set_new(norms, name, json_real(gradient_norm));
        json_object_set_new(dots, name, json_real(dot));
        json_object_set_new(scales, name,
                            json_real(norm(batch->weight, segment->count) * gradient_norm));
    }
    json_object_set_new(attempt->got, "grad_l2_per_layer", norms);
    json_object_set_new(attempt->got, "theta_dot_grad_per_layer", dots);
    json_object_set_new(attempt->scales, "theta_dot_grad_per_layer", scales);
}

static void feature_fields(struct attempt *attempt, struct whole_batch *batch)
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
    json_object_set_new(attempt->got, "pregap_image0_sum", json_real(sum));
    json_object_set_new(attempt->got, "pregap_image0_l2", json_real(norm(batch->features, elems)));
}

static enum sgeo_status open_whole_batch(struct attempt *attempt, struct whole_batch *batch)
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
static enum sgeo_status run_whole_batch(struct attempt *attempt, struct whole_batch *batch)
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
                            json_real(loss));
        loss = sgeo_cross_entropy(NULL, NULL, sgeo_network_logits(batch->network), &plain,
                                  golden->batch, classes);
        json_object_set_new(attempt->got, "loss_plain_cross_entropy", json_real(loss));
        json_object_set_new(attempt->got, "labels", integers(golden->labels, golden->batch));
        json_object_set_new(attempt->got, "losses_per_image",
                            numbers(batch->losses, golden->batch));
        json_object_set_new(attempt->got, "logits_image0",
                            numbers(sgeo_network_logits(batch->network), shown));
        json_object_set_new(attempt->scales, "logits_image0",
                            json_real(norm(sgeo_network_logits(batch->network), shown)));
        feature_fields(attempt, batch);
        status = sgeo_network_backward(batch->network, d_logits);
    }
    if (status == SGEO_OK) {
        layer_fields(attempt, batch);
    }
    sgeo_free(d_logits);
    return status;
}

/*
 * What rounding leaves of the sums sum |W g| behind the Fisher-Rao fields: the rule's own scale,
 * the square of that sum, would let any value pass.
 */
static double derivative_floor(const struct attempt *attempt)
{
    return attempt->precision == SGEO_F64 ? 1e-9 : 5e-3;
}

static double fisher_floor(const struct attempt *attempt)
{
    return attempt->precision == SGEO_F64 ? 1e-12 : 1e-6;
}

/* The record says that this field means nothing. */
static bool is_null(const struct attempt *attempt, const char *field)
{
    return json_is_null(json_object_get(attempt->golden->expected, field));
}

/*
 * Where the last feature map is a sum of outputs of training-mode batch norms, the logits summed
 * over a batch are constant and their Jacobian is rounding alone. Records without jacov are of such
 * networks: |J| passes up to 1e-9 in double (naming rules, section 9). Rounding in float is 2^29
 * times as coarse; of the .5 that this would allow 1e-4 is enough (1.5e-5 is what was seen).
 */
static double jacobian_floor(const struct attempt *attempt)
{
    return attempt->precision == SGEO_F64 ? 1e-9 / TOLERANCE_F64 : 1e-4 / TOLERANCE_F32;
}

/* A score as the golden files keep it: -1e8 for what is not finite. */
static json_t *stored(double value)
{
    return json_real(isfinite(value) ? value : -1e8);
}

/* Parts of scores keep what they are, by name where JSON has no number. */
static json_t *part(double value)
{
    return isfinite(value) ? json_real(value)
                           : json_string(isnan(value)  ? "nan"
                                         : value > 0.0 ? "inf"
                                                       : "-inf");
}

static json_t *stored_score(const struct sgeo_proxy *proxy, const struct sgeo_evidence *evidence)
{
    struct sgeo_score score;
    proxy->score(&score, evidence, false, NULL);
    return stored(score.value);
}

/* The suite's proxies over all images. */
/*
 * By how much epe-nas moves when every correlation of two images of a class moves by one: the sum
 * of 1 / (|corr| + 1e-5). Two almost uncorrelated images make it large, and with it what float may
 * deviate: a correlation is right to 1e-3, its logarithm is not.
 */
static double epe_nas_condition(const struct sgeo_suite_evidence *suite)
{
    double sum = 0.0;
    for (size_t i = 0; i < suite->batch; i++) {
        for (size_t j = 0; j < suite->batch; j++) {
            double correlation = suite->correlation[i * suite->batch + j];
            if (i != j && suite->labels[i] == suite->labels[j] && isfinite(correlation)) {
                sum += 1.0 / (fabs(correlation) + 1e-5);
            }
        }
    }
    return sum;
}

static void suite_fields(struct attempt *attempt, const struct sgeo_evidence *evidence, double snip)
{
    static const struct {
        const char *field;
        const struct sgeo_proxy *proxy;
    } proxies[] = {{"grad_norm", &sgeo_proxy_grad_norm}, {"snip", &sgeo_proxy_snip},
                   {"plain", &sgeo_proxy_plain},         {"l2_norm", &sgeo_proxy_l2_norm},
                   {"fisher", &sgeo_proxy_fisher},       {"nwot", &sgeo_proxy_naswot},
                   {"jacov", &sgeo_proxy_jacov},         {"epe_nas", &sgeo_proxy_epe_nas},
                   {"synflow", &sgeo_proxy_synflow},     {"grasp", &sgeo_proxy_grasp}};
    const struct sgeo_suite_evidence *suite = &evidence->suite;
    for (size_t p = 0; p < sizeof proxies / sizeof *proxies; p++) {
        json_object_set_new(attempt->got, proxies[p].field,
                            stored_score(proxies[p].proxy, evidence));
    }
    json_object_set_new(attempt->scales, "plain", json_real(snip));
    if (attempt->precision == SGEO_F32) {
        json_object_set_new(attempt->scales, "epe_nas", json_real(epe_nas_condition(suite)));
    }
    json_object_set_new(attempt->got, "synflow_raw", json_real(suite->synflow));
    json_object_set_new(attempt->got, "jacobian_l2", json_real(suite->jacobian_l2));
    if (is_null(attempt, "jacov")) {
        json_object_set_new(attempt->scales, "jacobian_l2", json_real(jacobian_floor(attempt)));
    }
    json_object_set_new(attempt->got, "relu_units_per_image",
                        json_integer((json_int_t)suite->relu_units));
    if (!attempt->golden->is_toy) {
        json_object_set_new(attempt->got, "meco", stored_score(&sgeo_proxy_meco, evidence));
        json_object_set_new(attempt->got, "meco_opt", stored_score(&sgeo_proxy_meco_opt, evidence));
        json_object_set_new(attempt->got, "meco_leaf", json_real(suite->meco_leaf));
        json_object_set_new(attempt->got, "meco_leaf_opt", json_real(suite->meco_leaf_opt));
        json_object_set_new(attempt->got, "meco_leaf_hooks",
                            json_integer((json_int_t)suite->meco_leaf_hooks));
        json_object_set_new(attempt->got, "zen", stored_score(&sgeo_proxy_zen, evidence));
        json_object_set_new(attempt->got, "zen_log_diff", part(suite->zen_log_difference));
        json_object_set_new(attempt->got, "zen_log_bn", part(suite->zen_log_norms));
    }
}

static enum sgeo_status eigenvalue_field(struct attempt *attempt,
                                         const struct sgeo_suite_evidence *suite)
{
    double *values = sgeo_calloc(suite->batch, sizeof *values);
    enum sgeo_status status =
        values == NULL ? sgeo_fail_memory("eigenvalues") : sgeo_jacov_spectrum(values, suite);
    if (status == SGEO_OK) {
        json_object_set_new(attempt->got, "jacov_eigenvalues", numbers(values, suite->batch));
    }
    sgeo_free(values);
    return status == SGEO_CHECK_FAILED ? SGEO_OK : status; /* no gradient, no spectrum */
}

static enum sgeo_status zen_fill(const struct sgeo_store *store, void *theta, void *context)
{
    (void)context;
    return sgeo_store_zen_formula(store, theta);
}

/* fr_per_sample_exact and the derivatives behind it: one "mini-batch" of all images. */
static enum sgeo_status per_image_fields(struct attempt *attempt, double snip)
{
    const struct sgeo_golden *golden = attempt->golden;
    const struct sgeo_node *image = &golden->graph->nodes[0];
    const struct sgeo_batches batches = {
        .k = 1, .batch = golden->batch, .images = attempt->images, .labels = golden->labels};
    const uint64_t keys[2] = {sgeo_fnv1a("zen.x"), sgeo_fnv1a("zen.dx")};
    struct sgeo_zen_inputs zen = {.fill = zen_fill};
    const struct sgeo_request request = {
        .graph = golden->graph,
        .batches = &batches,
        .fill = sgeo_golden_fill,
        .fill_context = (void *)(uintptr_t)golden,
        .passes = SGEO_PASS_FIXED | SGEO_PASS_TANGENT | SGEO_PASS_BATCH | SGEO_PASS_JACOBIAN |
                  SGEO_PASS_ZEN | SGEO_PASS_SYNFLOW | SGEO_PASS_HESSIAN | SGEO_PASS_MECO,
        .zen = &zen};
    const struct sgeo_evidence *evidence;
    enum sgeo_status status =
        sgeo_zen_images(zen.images, golden->batch * image->channels * image->height * image->width,
                        attempt->precision, keys);
    if (status == SGEO_OK) {
        status = sgeo_session_measure(attempt->session, &request, &evidence);
    }
    sgeo_free(zen.images[0]);
    sgeo_free(zen.images[1]);
    if (status == SGEO_OK) {
        suite_fields(attempt, evidence, snip);
        status = eigenvalue_field(attempt, &evidence->suite);
    }
    if (status == SGEO_OK) {
        double squares = norm(evidence->dloss_dalpha, golden->batch);
        json_object_set_new(attempt->got, "dloss_dalpha_per_image",
                            numbers(evidence->dloss_dalpha, golden->batch));
        json_object_set_new(attempt->got, "fr_per_sample_exact",
                            json_real(squares * squares / (double)golden->batch));
        json_object_set_new(attempt->scales, "dloss_dalpha_per_image",
                            json_real(derivative_floor(attempt) * snip));
        json_object_set_new(attempt->scales, "fr_per_sample_exact",
                            json_real(fisher_floor(attempt) * snip * snip));
    }
    return status;
}

/* --- sub-batches --- */

static json_t *per_layer(const struct sgeo_evidence *evidence, const double *values, bool absolute)
{
    json_t *object = json_object();
    for (size_t l = 0; l < evidence->n_layers; l++) {
        json_object_set_new(object, evidence->layer_names[l],
                            json_real(absolute ? fabs(values[l]) : values[l]));
    }
    return object;
}

static enum sgeo_status measure(struct attempt *attempt, size_t k, unsigned passes, double lr,
                                const struct sgeo_evidence **evidence)
{
    const struct sgeo_golden *golden = attempt->golden;
    const struct sgeo_batches batches = {
        .k = k, .batch = golden->batch / k, .images = attempt->images, .labels = golden->labels};
    const struct sgeo_request request = {.graph = golden->graph,
                                         .batches = &batches,
                                         .fill = sgeo_golden_fill,
                                         .fill_context = (void *)(uintptr_t)golden,
                                         .passes = passes,
                                         .path_lr = lr};
    return sgeo_session_measure(attempt->session, &request, evidence);
}

static enum sgeo_status fixed_fields(struct attempt *attempt, double snip)
{
    const struct sgeo_evidence *evidence;
    bool toy = attempt->golden->is_toy;
    enum sgeo_status status = measure(attempt, attempt->golden->k, SGEO_PASS_FIXED, 1.0, &evidence);
    if (status != SGEO_OK) {
        return status;
    }
    double squares = norm(evidence->theta_dot, evidence->k);
    const char *fisher = toy ? "fr_perbatch_mean_sq_fixed_theta" : "fr_batch_fixed_theta";
    json_object_set_new(attempt->got, "params", json_integer((json_int_t)evidence->counts.params));
    json_object_set_new(attempt->got, "macs", json_integer((json_int_t)evidence->counts.macs));
    json_object_set_new(attempt->got, "tensorwatch_mflops",
                        json_real((double)evidence->counts.tensorwatch_flops / 1e6));
    json_object_set_new(attempt->got, "batch_losses_fixed_theta",
                        numbers(evidence->losses, evidence->k));
    json_object_set_new(attempt->got, toy ? "zico_k4_fixed_theta" : "zico",
                        json_real(sgeo_zico_term(evidence->inner, evidence->n_layers)));
    json_object_set_new(attempt->got, "zico_inner_sum_per_layer",
                        per_layer(evidence, evidence->inner, false));
    json_object_set_new(attempt->got, "zico_zero_std_coordinates",
                        json_integer((json_int_t)evidence->zero_std));
    json_object_set_new(attempt->got, "theta_dot_g_per_batch_fixed_theta",
                        numbers(evidence->theta_dot, evidence->k));
    json_object_set_new(attempt->scales, "theta_dot_g_per_batch_fixed_theta", json_real(snip));
    json_object_set_new(attempt->got, fisher, json_real(squares * squares / (double)evidence->k));
    json_object_set_new(attempt->scales, fisher, json_real(fisher_floor(attempt) * snip * snip));
    return SGEO_OK;
}

/* The fields of a record's sigeo_cv object, under the field names of its generator. */
static enum sgeo_status path_fields(struct attempt *attempt, const char *field, double lr)
{
    static const struct sgeo_lambda lambdas[2] = {{1.0, 1.0, 0.0}, {1.0, 50.0, 1.0}};
    const struct sgeo_evidence *evidence;
    bool toy = attempt->golden->is_toy;
    struct sgeo_score score;
    enum sgeo_status status = measure(attempt, attempt->golden->k, SGEO_PASS_PATH, lr, &evidence);
    if (status != SGEO_OK) {
        return status;
    }
    json_t *object = json_object();
    for (size_t i = 0; i < 2; i++) {
        static const char *const names[2][2] = {{"score_lambda_1_1_0", "score_lambda_1_50_1"},
                                                {"score_l1_1_0", "score_l1_50_1"}};
        sgeo_proxy_sigeo_naslib.score(&score, evidence, i == 1, &lambdas[i]);
        json_object_set_new(object, names[toy ? 1 : 0][i], json_real(score.value));
    }
    json_object_set_new(object, "zico_term", json_real(score.term_zico));
    json_object_set_new(object, "fr_term_2log", json_real(score.term_fr));
    json_object_set_new(object, toy ? "losses" : "losses_before_step",
                        numbers(evidence->path_losses, evidence->k));
    json_object_set_new(object, toy ? "abs_inner_per_module" : "abs_inner_per_layer",
                        per_layer(evidence, evidence->path_dot, true));
    json_object_set_new(attempt->got, field, object);
    return SGEO_OK;
}

/* The toy's own fields: two sub-batches of 8, and <W,g> by module on the first of four (a path of
 * step size 0). */
static enum sgeo_status toy_fields(struct attempt *attempt, double snip)
{
    const struct sgeo_golden *golden = attempt->golden;
    const struct sgeo_evidence *evidence;
    enum sgeo_status status = measure(attempt, 2, SGEO_PASS_FIXED, 1.0, &evidence);
    if (status != SGEO_OK) {
        return status;
    }
    json_object_set_new(attempt->got, "zico_k2_fixed_theta",
                        json_real(sgeo_zico_term(evidence->inner, evidence->n_layers)));
    const struct sgeo_batches first = {.k = 1,
                                       .batch = golden->batch / golden->k,
                                       .images = attempt->images,
                                       .labels = golden->labels};
    const struct sgeo_request request = {.graph = golden->graph,
                                         .batches = &first,
                                         .fill = sgeo_golden_fill,
                                         .fill_context = (void *)(uintptr_t)golden,
                                         .passes = SGEO_PASS_PATH};
    status = sgeo_session_measure(attempt->session, &request, &evidence);
    if (status == SGEO_OK) {
        json_object_set_new(attempt->got, "theta_dot_g_fixed_theta_batch0",
                            per_layer(evidence, evidence->path_dot, false));
        json_object_set_new(attempt->scales, "theta_dot_g_fixed_theta_batch0", json_real(snip));
    }
    return status;
}

/* Sizes of the same architecture at the benchmark's own 256 x 256 pixels. */
static enum sgeo_status full_size_fields(struct attempt *attempt)
{
    const struct sgeo_golden *golden = attempt->golden;
    struct sgeo_net_config config = golden->config;
    struct sgeo_graph *graph = NULL;
    struct sgeo_counts counts;
    config.image_size = 256;
    enum sgeo_status status = golden->space->build(&graph, &golden->arch, &config);
    if (status == SGEO_OK) {
        sgeo_graph_count(&counts, graph);
        json_object_set_new(attempt->got, "macs_256", json_integer((json_int_t)counts.macs));
        json_object_set_new(attempt->got, "tensorwatch_mflops_256",
                            json_real((double)counts.tensorwatch_flops / 1e6));
    }
    sgeo_graph_destroy(graph);
    return status;
}

/* naswot where the reference counts the ReLUs of the cells' convolutions twice. */
static enum sgeo_status wrapper_field(struct attempt *attempt)
{
    const struct sgeo_golden *golden = attempt->golden;
    const struct sgeo_batches batches = {
        .k = 1, .batch = golden->batch, .images = attempt->images, .labels = golden->labels};
    struct sgeo_net_config config = golden->config;
    struct sgeo_graph *graph = NULL;
    const struct sgeo_evidence *evidence;
    config.wrapper_relus = true;
    enum sgeo_status status = golden->space->build(&graph, &golden->arch, &config);
    if (status == SGEO_OK) {
        const struct sgeo_request request = {.graph = graph,
                                             .batches = &batches,
                                             .fill = sgeo_golden_fill,
                                             .fill_context = (void *)(uintptr_t)golden,
                                             .passes = SGEO_PASS_BATCH};
        status = sgeo_session_measure(attempt->session, &request, &evidence);
    }
    if (status == SGEO_OK) {
        json_object_set_new(attempt->got, "nwot_wrapper_double_count",
                            stored_score(&sgeo_proxy_naswot, evidence));
    }
    sgeo_graph_destroy(graph);
    return status;
}

/* Fields of variants of the network, where the record has them. */
static enum sgeo_status variant_fields(struct attempt *attempt)
{
    const json_t *expected = attempt->golden->expected;
    enum sgeo_status status = SGEO_OK;
    if (json_object_get(expected, "macs_256") != NULL) {
        status = full_size_fields(attempt);
    }
    if (status == SGEO_OK && json_object_get(expected, "nwot_wrapper_double_count") != NULL) {
        status = wrapper_field(attempt);
    }
    return status;
}

static enum sgeo_status compute(struct attempt *attempt)
{
    struct whole_batch batch = {0};
    bool exact = attempt->precision == SGEO_F64; /* lr-1 trajectories drift in f32 */
    enum sgeo_status status = open_whole_batch(attempt, &batch);
    if (attempt->golden->facts != NULL) {
        json_object_update(attempt->got, attempt->golden->facts);
    }
    if (status == SGEO_OK) {
        status = run_whole_batch(attempt, &batch);
    }
    if (status == SGEO_OK) {
        status = per_image_fields(attempt, batch.snip);
    }
    if (status == SGEO_OK) {
        status = fixed_fields(attempt, batch.snip);
    }
    if (status == SGEO_OK && attempt->golden->is_toy) {
        status = toy_fields(attempt, batch.snip);
    }
    if (status == SGEO_OK && !attempt->golden->is_toy) {
        status = variant_fields(attempt);
    }
    if (status == SGEO_OK && exact) {
        status = path_fields(attempt, attempt->golden->is_toy ? "sigeo_cv_lr1.0" : "sigeo_cv", 1.0);
    }
    if (status == SGEO_OK && exact && attempt->golden->is_toy) {
        status = path_fields(attempt, "sigeo_cv_lr0.01", 0.01);
    }
    close_whole_batch(&batch);
    return status;
}

/* --- comparison --- */

/* What a field is compared with: its own number among the scales, one for the whole field, or 0. */
static double scale_of(const json_t *scales)
{
    return json_is_number(scales) ? json_number_value(scales) : 0.0;
}

static double tolerance_of(const struct attempt *attempt, const char *field)
{
    if (attempt->precision == SGEO_F64) {
        return TOLERANCE_F64;
    }
    bool fisher = strncmp(field, "fr_", 3) == 0 || strncmp(field, "dloss_dalpha", 12) == 0;
    bool layer = strstr(field, "_per_layer/") != NULL;
    bool kink = strcmp(field, "grasp") == 0 || strcmp(field, "fisher") == 0 ||
                strncmp(field, "jacov_eigenvalues/", 18) == 0;
    if (kink) {
        return TOLERANCE_F32_KINK;
    }
    return fisher ? TOLERANCE_F32_FISHER : layer ? TOLERANCE_F32_LAYER : TOLERANCE_F32;
}

/* One row of the report; expected and got as they are to be shown. */
static void report(struct verifier *verifier, const struct attempt *attempt, const char *field,
                   const char *expected, const char *got, double error, bool ok)
{
    struct sgeo_text row = {0}, record = {0};
    sgeo_text_append(&record, "%s%s", attempt->golden->name,
                     attempt->precision == SGEO_F64 ? "" : "@f32");
    sgeo_csv_put(&row, record.bytes);
    sgeo_csv_put(&row, field);
    sgeo_csv_put(&row, expected);
    sgeo_csv_put(&row, got);
    sgeo_csv_put_double(&row, error);
    sgeo_csv_put(&row, ok ? "ok" : "FAIL");
    sgeo_csv_end_row(&row);
    verifier->sink(row.bytes, verifier->sink_context);
    sgeo_text_clear(&row);
    sgeo_text_clear(&record);
    if (ok) {
        verifier->result->passed++;
    } else {
        verifier->result->failed++;
    }
}

static void compare_numbers(struct verifier *verifier, const struct attempt *attempt,
                            const char *field, const json_t *expected, const json_t *got,
                            double scale)
{
    double want = json_number_value(expected), have = json_number_value(got);
    double size = fmax(fabs(want), scale), error = fabs(have - want);
    double relative = error == 0.0 ? 0.0 : error / size;
    bool count = json_is_integer(expected) && json_is_integer(got);
    char texts[2][32];
    snprintf(texts[0], sizeof texts[0], "%.17g", want);
    snprintf(texts[1], sizeof texts[1], "%.17g", have);
    report(verifier, attempt, field, texts[0], texts[1], relative,
           count ? want == have : relative <= tolerance_of(attempt, field));
}

/* The expected value has another shape than what was computed. */
static void report_shape(struct verifier *verifier, const struct attempt *attempt,
                         const char *field, const json_t *expected, const json_t *got)
{
    char *texts[2] = {json_dumps(expected, JSON_ENCODE_ANY | JSON_COMPACT),
                      json_dumps(got, JSON_ENCODE_ANY | JSON_COMPACT)};
    report(verifier, attempt, field, texts[0] == NULL ? "" : texts[0],
           texts[1] == NULL ? "" : texts[1], (double)INFINITY, false);
    free(texts[0]);
    free(texts[1]);
}

/* Fields inside a computed object that this program has no definition for. */
static bool is_undefined(const char *key)
{
    return strcmp(key, "scale_invariance_prediction") == 0;
}

/* Numbers of an expected value that nothing was computed for; counted once, not again in f32. */
static void skip(struct verifier *verifier, const struct attempt *attempt, json_t *expected)
{
    const char *key;
    json_t *item;
    size_t i;
    if (attempt->precision != SGEO_F64) {
        return;
    }
    verifier->result->skipped += json_is_object(expected) || json_is_array(expected) ? 0 : 1;
    json_object_foreach(expected, key, item)
    {
        skip(verifier, attempt, item);
    }
    json_array_foreach(expected, i, item)
    {
        skip(verifier, attempt, item);
    }
}

static void compare(struct verifier *verifier, const struct attempt *attempt, const char *field,
                    json_t *expected, json_t *got, const json_t *scales);

static void compare_objects(struct verifier *verifier, const struct attempt *attempt,
                            const char *field, json_t *expected, json_t *got, const json_t *scales)
{
    const char *key;
    json_t *item;
    char path[256];
    bool one_scale = !json_is_object(scales);
    json_object_foreach(expected, key, item)
    {
        snprintf(path, sizeof path, "%s/%s", field, key);
        if (is_undefined(key)) {
            skip(verifier, attempt, item);
        } else {
            compare(verifier, attempt, path, item, json_object_get(got, key),
                    one_scale ? scales : json_object_get(scales, key));
        }
    }
}

/* Expected against computed, of one shape or it fails. */
static void compare(struct verifier *verifier, const struct attempt *attempt, const char *field,
                    json_t *expected, json_t *got, const json_t *scales)
{
    if (json_is_object(expected) && json_is_object(got)) {
        compare_objects(verifier, attempt, field, expected, got, scales);
    } else if (json_is_array(expected) && json_array_size(expected) == json_array_size(got)) {
        json_t *item;
        size_t i;
        json_array_foreach(expected, i, item)
        {
            char path[256];
            snprintf(path, sizeof path, "%s/%zu", field, i);
            compare(verifier, attempt, path, item, json_array_get(got, i), scales);
        }
    } else if (json_is_string(expected) && json_is_string(got)) {
        const char *want = json_string_value(expected), *have = json_string_value(got);
        bool same = strcmp(want, have) == 0;
        report(verifier, attempt, field, want, have, same ? 0.0 : (double)INFINITY, same);
    } else if (json_is_number(expected) && json_is_number(got)) {
        compare_numbers(verifier, attempt, field, expected, got, scale_of(scales));
    } else {
        report_shape(verifier, attempt, field, expected, got);
    }
}

/* Fields that describe the record instead of checking it. */
static bool is_description(const char *field)
{
    static const char *const names[] = {"name",   "arch",  "matrix",  "ops",   "normal",
                                        "reduce", "input", "classes", "batch", "k"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(field, names[i]) == 0) {
            return true;
        }
    }
    return strstr(field, "_rounding_noise") != NULL;
}

static void compare_record(struct verifier *verifier, const struct attempt *attempt)
{
    const char *field;
    json_t *expected;
    json_object_foreach((json_t *)(uintptr_t)attempt->golden->expected, field, expected)
    {
        json_t *got = json_object_get(attempt->got, field);
        if (is_description(field)) {
            continue;
        }
        if (got == NULL || json_is_null(expected)) {
            skip(verifier, attempt, expected);
        } else {
            compare(verifier, attempt, field, expected, got,
                    json_object_get(attempt->scales, field));
        }
    }
}

/* --- files --- */

static enum sgeo_status convert_images(struct attempt *attempt)
{
    const struct sgeo_golden *golden = attempt->golden;
    const struct sgeo_node *image = &golden->graph->nodes[0];
    size_t elems = golden->batch * image->channels * image->height * image->width;
    if (attempt->precision == SGEO_F64) {
        attempt->images = golden->images;
        return SGEO_OK;
    }
    float *images = sgeo_calloc(elems, sizeof *images);
    if (images == NULL) {
        return sgeo_fail_memory("golden images");
    }
    for (size_t i = 0; i < elems; i++) {
        images[i] = (float)golden->images[i];
    }
    attempt->images = images;
    return SGEO_OK;
}

static enum sgeo_status verify_record(struct verifier *verifier, const struct sgeo_golden *golden)
{
    static const enum sgeo_precision precisions[2] = {SGEO_F64, SGEO_F32};
    enum sgeo_status status = SGEO_OK;
    for (size_t p = 0; status == SGEO_OK && p < 2; p++) {
        struct attempt attempt = {.golden = golden,
                                  .precision = precisions[p],
                                  .got = json_object(),
                                  .scales = json_object()};
        status = sgeo_session_create(&attempt.session,
                                     attempt.precision == SGEO_F64
                                         ? (struct sgeo_executor){.precision = SGEO_F64}
                                         : verifier->single);
        if (status == SGEO_OK) {
            status = convert_images(&attempt);
        }
        if (status == SGEO_OK) {
            status = compute(&attempt);
        }
        if (status == SGEO_OK) {
            compare_record(verifier, &attempt);
        }
        if (attempt.images != golden->images) {
            sgeo_free(attempt.images);
        }
        sgeo_session_destroy(attempt.session);
        json_decref(attempt.got);
        json_decref(attempt.scales);
    }
    return status;
}

static enum sgeo_status verify_networks(struct verifier *verifier, const char *space,
                                        const json_t *archs)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < json_array_size(archs); i++) {
        struct sgeo_golden golden;
        status = sgeo_golden_network(&golden, space, json_array_get(archs, i));
        if (status == SGEO_OK) {
            status = verify_record(verifier, &golden);
        }
        sgeo_golden_clear(&golden);
    }
    return status;
}

static enum sgeo_status verify_toy(struct verifier *verifier, const json_t *root, const char *path)
{
    const char *slash = strrchr(path, '/');
    char stem[64];
    struct sgeo_golden golden;
    snprintf(stem, sizeof stem, "%s", slash == NULL ? path : slash + 1);
    stem[strcspn(stem, ".")] = '\0';
    enum sgeo_status status = sgeo_golden_toy(&golden, root, stem);
    if (status == SGEO_OK) {
        status = verify_record(verifier, &golden);
    }
    sgeo_golden_clear(&golden);
    return status;
}

static enum sgeo_status verify_root(struct verifier *verifier, const json_t *root, const char *path)
{
    const char *space = json_string_value(json_object_get(root, "space"));
    if (sgeo_golden_knows(space)) {
        return verify_networks(verifier, space, json_object_get(root, "archs"));
    }
    if (json_object_get(root, "zico_k4_fixed_theta") != NULL) {
        return verify_toy(verifier, root, path);
    }
    return sgeo_fail(SGEO_UNSUPPORTED, "known: the toy problem and the spaces of --list spaces",
                     "%s holds nothing that can be verified", path);
}

enum sgeo_status sgeo_verify(struct sgeo_verify_result *result, const char *path,
                             struct sgeo_executor executor, sgeo_text_sink sink, void *sink_context)
{
    struct verifier verifier = {executor, result, sink, sink_context};
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    json_error_t error;
    *result = (struct sgeo_verify_result){0};
    enum sgeo_status status = sgeo_file_read(path, (size_t)256 << 20, &bytes, &n_bytes);
    if (status != SGEO_OK) {
        return status;
    }
    json_t *root = json_loadb((const char *)bytes, n_bytes, 0, &error);
    sgeo_free(bytes);
    if (root == NULL) {
        return sgeo_fail(SGEO_IO, NULL, "%s is not JSON: line %d, %s", path, error.line,
                         error.text);
    }
    sink("record,field,expected,got,rel_error,verdict\n", sink_context);
    status = verify_root(&verifier, root, path);
    json_decref(root);
    if (status == SGEO_OK && result->passed + result->failed == 0) {
        return sgeo_fail(SGEO_UNSUPPORTED, NULL, "%s holds nothing that can be verified", path);
    }
    if (status == SGEO_OK && result->failed > 0) {
        return sgeo_fail(SGEO_CHECK_FAILED, "see the rows marked FAIL",
                         "%zu of %zu fields of %s differ", result->failed,
                         result->passed + result->failed, path);
    }
    return status;
}
