/* The fields of a golden record, computed. */
#include "harness/verify_parts.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "graph/network.h"
#include "proxy/proxy.h"
#include "space/nb201.h"

json_t *sgeo_verify_number(double value)
{
    return isfinite(value) ? json_real(value)
                           : json_string(isnan(value)  ? "nan"
                                         : value > 0.0 ? "inf"
                                                       : "-inf");
}

json_t *sgeo_verify_numbers(const double *values, size_t n)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(array, sgeo_verify_number(values[i]));
    }
    return array;
}

double sgeo_verify_norm(const double *values, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += values[i] * values[i];
    }
    return sqrt(sum);
}

double sgeo_verify_derivative_floor(const struct sgeo_attempt *attempt)
{
    return attempt->precision == SGEO_F64 ? 1e-9 : 5e-3;
}

double sgeo_verify_fisher_floor(const struct sgeo_attempt *attempt)
{
    return attempt->precision == SGEO_F64 ? 1e-12 : 1e-6;
}

bool sgeo_verify_is_null(const struct sgeo_attempt *attempt, const char *field)
{
    return json_is_null(json_object_get(attempt->golden->expected, field));
}

/*
 * Where the last feature map is a sum of outputs of training-mode batch norms, the logits summed
 * over a batch are constant and their Jacobian is rounding alone. Records without jacov are of such
 * networks: |J| passes up to 1e-9 in double (naming rules, section 9). Rounding in float is 2^29
 * times as coarse; of the .5 that this would allow 1e-4 is enough (1.5e-5 is what was seen).
 */
static double jacobian_floor(const struct sgeo_attempt *attempt)
{
    double tolerance = attempt->precision == SGEO_F64 ? TOLERANCE_F64 : TOLERANCE_F32;
    return sgeo_jacobian_noise(attempt->precision) / tolerance;
}

/* A score as the golden files keep it: -1e8 for what is not finite. */
static json_t *stored(double value)
{
    return json_real(isfinite(value) ? value : -1e8);
}

static json_t *stored_score(const struct sgeo_proxy *proxy, const struct sgeo_evidence *evidence)
{
    struct sgeo_score score;
    proxy->score(&score, evidence, false, NULL);
    return stored(score.value);
}

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

/* Sums of smallest eigenvalues, each rounded as numbers near 1 are: of channels that outnumber the
 * pixels all are 0, and their sum is rounding alone. */
static json_t *meco_scale(const struct sgeo_suite_evidence *suite)
{
    return json_real((double)suite->meco_leaf_hooks);
}

static void suite_fields(struct sgeo_attempt *attempt, const struct sgeo_evidence *evidence,
                         double snip)
{
    /* the suite's proxies over all images */
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
    json_object_set_new(attempt->got, "synflow_raw", sgeo_verify_number(suite->synflow));
    json_object_set_new(attempt->got, "jacobian_l2", sgeo_verify_number(suite->jacobian_l2));
    if (sgeo_verify_is_null(attempt, "jacov")) {
        json_object_set_new(attempt->scales, "jacobian_l2", json_real(jacobian_floor(attempt)));
    }
    json_object_set_new(attempt->got, "relu_units_per_image",
                        json_integer((json_int_t)suite->relu_units));
    if (!attempt->golden->is_toy) {
        json_object_set_new(attempt->got, "meco", stored_score(&sgeo_proxy_meco, evidence));
        json_object_set_new(attempt->got, "meco_opt", stored_score(&sgeo_proxy_meco_opt, evidence));
        json_object_set_new(attempt->got, "meco_leaf", sgeo_verify_number(suite->meco_leaf));
        json_object_set_new(attempt->scales, "meco", meco_scale(suite));
        json_object_set_new(attempt->scales, "meco_leaf", meco_scale(suite));
        json_object_set_new(attempt->got, "meco_leaf_opt",
                            sgeo_verify_number(suite->meco_leaf_opt));
        json_object_set_new(attempt->got, "meco_leaf_hooks",
                            json_integer((json_int_t)suite->meco_leaf_hooks));
        json_object_set_new(attempt->got, "zen", stored_score(&sgeo_proxy_zen, evidence));
        json_object_set_new(attempt->got, "zen_log_diff",
                            sgeo_verify_number(suite->zen_log_difference));
        json_object_set_new(attempt->got, "zen_log_bn", sgeo_verify_number(suite->zen_log_norms));
    }
}

static enum sgeo_status eigenvalue_field(struct sgeo_attempt *attempt,
                                         const struct sgeo_suite_evidence *suite)
{
    double *values = sgeo_calloc(suite->batch, sizeof *values);
    enum sgeo_status status =
        values == NULL ? sgeo_fail_memory("eigenvalues") : sgeo_jacov_spectrum(values, suite);
    if (status == SGEO_OK) {
        json_object_set_new(attempt->got, "jacov_eigenvalues",
                            sgeo_verify_numbers(values, suite->batch));
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
static enum sgeo_status per_image_fields(struct sgeo_attempt *attempt, double snip)
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
        double squares = sgeo_verify_norm(evidence->dloss_dalpha, golden->batch);
        json_object_set_new(attempt->got, "dloss_dalpha_per_image",
                            sgeo_verify_numbers(evidence->dloss_dalpha, golden->batch));
        json_object_set_new(attempt->got, "fr_per_sample_exact",
                            sgeo_verify_number(squares * squares / (double)golden->batch));
        json_object_set_new(attempt->scales, "dloss_dalpha_per_image",
                            json_real(sgeo_verify_derivative_floor(attempt) * snip));
        json_object_set_new(attempt->scales, "fr_per_sample_exact",
                            json_real(sgeo_verify_fisher_floor(attempt) * snip * snip));
    }
    return status;
}

/* --- sub-batches --- */

static json_t *per_layer(const struct sgeo_evidence *evidence, const double *values)
{
    json_t *object = json_object();
    for (size_t l = 0; l < evidence->n_layers; l++) {
        json_object_set_new(object, evidence->layer_names[l], sgeo_verify_number(values[l]));
    }
    return object;
}

/* |<sum g, W>| of the layers that the Fisher-Rao term sums: 0 for those without an inner sum. */
static json_t *fisher_terms(const struct sgeo_evidence *evidence)
{
    json_t *object = json_object();
    for (size_t l = 0; l < evidence->n_layers; l++) {
        double term = evidence->path_inner[l] == 0.0 ? 0.0 : fabs(evidence->path_dot[l]);
        json_object_set_new(object, evidence->layer_names[l], sgeo_verify_number(term));
    }
    return object;
}

static enum sgeo_status measure(struct sgeo_attempt *attempt, size_t k, unsigned passes, double lr,
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

static enum sgeo_status fixed_fields(struct sgeo_attempt *attempt, double snip)
{
    const struct sgeo_evidence *evidence;
    bool toy = attempt->golden->is_toy;
    enum sgeo_status status = measure(attempt, attempt->golden->k, SGEO_PASS_FIXED, 1.0, &evidence);
    if (status != SGEO_OK) {
        return status;
    }
    double squares = sgeo_verify_norm(evidence->theta_dot, evidence->k);
    const char *fisher = toy ? "fr_perbatch_mean_sq_fixed_theta" : "fr_batch_fixed_theta";
    json_object_set_new(attempt->got, "params", json_integer((json_int_t)evidence->counts.params));
    json_object_set_new(attempt->got, "macs", json_integer((json_int_t)evidence->counts.macs));
    json_object_set_new(attempt->got, "tensorwatch_mflops",
                        sgeo_verify_number((double)evidence->counts.tensorwatch_flops / 1e6));
    json_object_set_new(attempt->got, "batch_losses_fixed_theta",
                        sgeo_verify_numbers(evidence->losses, evidence->k));
    json_object_set_new(attempt->got, toy ? "zico_k4_fixed_theta" : "zico",
                        sgeo_verify_number(sgeo_zico_term(evidence->inner, evidence->n_layers)));
    json_object_set_new(attempt->got, "zico_inner_sum_per_layer",
                        per_layer(evidence, evidence->inner));
    json_object_set_new(attempt->got, "zico_zero_std_coordinates",
                        json_integer((json_int_t)evidence->zero_std));
    json_object_set_new(attempt->got, "theta_dot_g_per_batch_fixed_theta",
                        sgeo_verify_numbers(evidence->theta_dot, evidence->k));
    json_object_set_new(attempt->scales, "theta_dot_g_per_batch_fixed_theta", json_real(snip));
    json_object_set_new(attempt->got, fisher,
                        sgeo_verify_number(squares * squares / (double)evidence->k));
    json_object_set_new(attempt->scales, fisher,
                        json_real(sgeo_verify_fisher_floor(attempt) * snip * snip));
    return SGEO_OK;
}

/* The fields of a record's sigeo_cv object, under the field names of its generator. */
static enum sgeo_status path_fields(struct sgeo_attempt *attempt, const char *field, double lr)
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
        json_object_set_new(object, names[toy ? 1 : 0][i], sgeo_verify_number(score.value));
    }
    json_object_set_new(object, "zico_term", sgeo_verify_number(score.term_zico));
    json_object_set_new(object, "fr_term_2log", sgeo_verify_number(score.term_fr));
    json_object_set_new(object, toy ? "losses" : "losses_before_step",
                        sgeo_verify_numbers(evidence->path_losses, evidence->k));
    json_object_set_new(object, toy ? "abs_inner_per_module" : "abs_inner_per_layer",
                        fisher_terms(evidence));
    json_object_set_new(attempt->got, field, object);
    if (toy) {
        json_t *prediction = NULL;
        status = sgeo_verify_invariance(&prediction, attempt, lr);
        json_object_set_new(object, "scale_invariance_prediction", prediction);
    }
    return status;
}

/* The toy's own fields: two sub-batches of 8, and <W,g> by module on the first of four (a path of
 * step size 0). */
static enum sgeo_status toy_fields(struct sgeo_attempt *attempt, double snip)
{
    const struct sgeo_golden *golden = attempt->golden;
    const struct sgeo_evidence *evidence;
    enum sgeo_status status = measure(attempt, 2, SGEO_PASS_FIXED, 1.0, &evidence);
    if (status != SGEO_OK) {
        return status;
    }
    json_object_set_new(attempt->got, "zico_k2_fixed_theta",
                        sgeo_verify_number(sgeo_zico_term(evidence->inner, evidence->n_layers)));
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
                            per_layer(evidence, evidence->path_dot));
        json_object_set_new(attempt->scales, "theta_dot_g_fixed_theta_batch0", json_real(snip));
    }
    return status == SGEO_OK ? sgeo_verify_lastlayer_fields(attempt) : status;
}

/* Sizes of the same architecture at the benchmark's own 256 x 256 pixels. */
static enum sgeo_status full_size_fields(struct sgeo_attempt *attempt)
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
                            sgeo_verify_number((double)counts.tensorwatch_flops / 1e6));
    }
    sgeo_graph_destroy(graph);
    return status;
}

/* naswot where the reference counts the ReLUs of the cells' convolutions twice. */
static enum sgeo_status wrapper_field(struct sgeo_attempt *attempt)
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

/* FLOPs as NAS-Bench-201 itself counts them. */
static void benchmark_flops_field(struct sgeo_attempt *attempt)
{
    struct sgeo_counts counts;
    sgeo_graph_count(&counts, attempt->golden->graph);
    size_t flops = sgeo_nb201_benchmark_flops(&counts, &attempt->golden->config);
    json_object_set_new(attempt->got, "nb201_flops", json_integer((json_int_t)flops));
}

/* Fields of variants of the network, and of one space alone, where the record has them. */
static enum sgeo_status variant_fields(struct sgeo_attempt *attempt)
{
    const json_t *expected = attempt->golden->expected;
    enum sgeo_status status = SGEO_OK;
    if (json_object_get(expected, "nb201_flops") != NULL) {
        benchmark_flops_field(attempt);
    }
    if (json_object_get(expected, "macs_256") != NULL) {
        status = full_size_fields(attempt);
    }
    if (status == SGEO_OK && json_object_get(expected, "nwot_wrapper_double_count") != NULL) {
        status = wrapper_field(attempt);
    }
    return status;
}

enum sgeo_status sgeo_verify_compute(struct sgeo_attempt *attempt)
{
    double snip = 0.0;
    bool exact = attempt->precision == SGEO_F64; /* lr-1 trajectories drift in f32 */
    if (attempt->golden->facts != NULL) {
        json_object_update(attempt->got, attempt->golden->facts);
    }
    enum sgeo_status status = sgeo_verify_batch_fields(attempt, &snip);
    if (status == SGEO_OK) {
        status = per_image_fields(attempt, snip);
    }
    if (status == SGEO_OK) {
        status = fixed_fields(attempt, snip);
    }
    if (status == SGEO_OK && attempt->golden->is_toy) {
        status = toy_fields(attempt, snip);
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
    return status;
}
