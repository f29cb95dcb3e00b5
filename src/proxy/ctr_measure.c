#include "proxy/ctr_measure.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "graph/table_learn.h"
#include "proxy/ctr_nasrec.h"

/* --- evidence --- */

void sgeo_ctr_measurement_destroy(struct sgeo_ctr_measurement *measurement)
{
    sgeo_free(measurement->numbers);
    sgeo_free(measurement->evidence.layer_names);
    *measurement = (struct sgeo_ctr_measurement){0};
}

static size_t learning_segments(const struct sgeo_ctr_use *use)
{
    size_t n = 0;
    for (size_t s = 0; s < use->graph->n_segments; s++) {
        n += !use->head_only || use->graph->segments[s].node == use->graph->output;
    }
    return n;
}

static size_t learning_tables(const struct sgeo_ctr_use *use)
{
    return sgeo_ctr_tables_learn(use) ? sgeo_embedding_tables(use->embedding) : 0;
}

static void name_layers(struct sgeo_evidence *evidence, const struct sgeo_ctr_use *use)
{
    size_t layer = 0;
    for (size_t s = 0; s < use->graph->n_segments; s++) {
        if (!use->head_only || use->graph->segments[s].node == use->graph->output) {
            evidence->layer_names[layer++] = use->graph->segments[s].name;
        }
    }
    for (size_t t = 0; t < learning_tables(use); t++) {
        evidence->layer_names[layer++] = sgeo_embedding_table(use->embedding, t)->name;
    }
}

static enum sgeo_status open_evidence(struct sgeo_ctr_measurement *measurement,
                                      const struct sgeo_ctr_measure_request *request)
{
    struct sgeo_evidence *evidence = &measurement->evidence;
    size_t k = request->k, batch = request->batches[0].features.n;
    size_t layers = learning_segments(request->use) + learning_tables(request->use);
    *evidence = (struct sgeo_evidence){.k = k, .batch = batch, .n_layers = layers};
    sgeo_graph_count(&evidence->counts, request->use->graph);
    measurement->numbers = sgeo_calloc(3 * k + 4 * layers + k * batch, sizeof(double));
    evidence->layer_names = sgeo_calloc(layers + 1, sizeof *evidence->layer_names);
    if (measurement->numbers == NULL || evidence->layer_names == NULL) {
        return sgeo_fail_memory("evidence");
    }
    name_layers(evidence, request->use);
    double *next = measurement->numbers;
    double **arrays[] = {&evidence->losses,   &evidence->theta_dot,   &evidence->path_losses,
                         &evidence->inner,    &evidence->path_inner,  &evidence->path_dot,
                         &evidence->path_all, &evidence->dloss_dalpha};
    const size_t lengths[] = {k, k, k, layers, layers, layers, layers, k * batch};
    for (size_t a = 0; a < sizeof arrays / sizeof *arrays; a++) {
        *arrays[a] = next;
        next += lengths[a];
    }
    return SGEO_OK;
}

/* --- the fixed pass: all gradients are kept --- */

struct fixed {
    const struct sgeo_ctr_measure_request *request;
    struct sgeo_evidence *evidence;
    struct sgeo_ctr_pass *pass;
    struct sgeo_ctr_gradient gradients[SGEO_MOMENTS_MAX_BATCHES]; /* head_only: one for all */
    struct sgeo_buffer *heads; /* head_only: (k, numbers that learn), segments in turn */
};

/* Numbers that learn, padding among them, of the segments before `end`. */
static size_t numbers_before(const struct fixed *fixed, size_t end)
{
    size_t n = 0;
    for (size_t s = 0; s < end; s++) {
        n += sgeo_ctr_pass_place(fixed->pass, s).elems;
    }
    return n;
}

static enum sgeo_status open_fixed(struct fixed *fixed)
{
    const struct sgeo_ctr_measure_request *request = fixed->request;
    bool tangent = (request->passes & SGEO_PASS_TANGENT) != 0;
    size_t batch = fixed->evidence->batch;
    enum sgeo_status status = sgeo_ctr_pass_create(
        &fixed->pass, request->use, batch, tangent ? SGEO_CTR_TANGENTS : SGEO_CTR_GRADIENTS);
    size_t n_gradients = request->use->head_only ? 1 : request->k;
    for (size_t b = 0; status == SGEO_OK && b < n_gradients; b++) {
        status = sgeo_ctr_gradient_create(&fixed->gradients[b], request->use, batch);
    }
    if (status == SGEO_OK && request->use->head_only) {
        size_t n = request->k * numbers_before(fixed, sgeo_ctr_pass_segments(fixed->pass));
        fixed->heads =
            sgeo_pool_take(request->use->pool, n * request->use->backend->ops->elem_bytes);
        status = fixed->heads == NULL ? sgeo_fail_memory("gradients of the last layer") : SGEO_OK;
    }
    return status;
}

static void close_fixed(struct fixed *fixed)
{
    for (size_t b = 0; b < SGEO_MOMENTS_MAX_BATCHES; b++) {
        sgeo_ctr_gradient_destroy(&fixed->gradients[b]);
    }
    sgeo_buffer_drop(fixed->heads);
    sgeo_ctr_pass_destroy(fixed->pass);
}

/* Gradient of segment s by mini-batch b, where it is kept. */
static unsigned char *kept_at(const struct fixed *fixed, size_t b, size_t s)
{
    size_t bytes = fixed->request->use->backend->ops->elem_bytes;
    if (fixed->heads == NULL) {
        return (unsigned char *)fixed->gradients[b].dense +
               sgeo_ctr_pass_place(fixed->pass, s).offset * bytes;
    }
    size_t all = numbers_before(fixed, sgeo_ctr_pass_segments(fixed->pass));
    return (unsigned char *)fixed->heads->data + (b * all + numbers_before(fixed, s)) * bytes;
}

/* Out of the one gradient of all mini-batches. */
static void keep_head(const struct fixed *fixed, size_t b)
{
    size_t bytes = fixed->request->use->backend->ops->elem_bytes;
    for (size_t s = 0; s < sgeo_ctr_pass_segments(fixed->pass); s++) {
        const struct sgeo_place place = sgeo_ctr_pass_place(fixed->pass, s);
        memcpy(kept_at(fixed, b, s),
               (const unsigned char *)fixed->gradients[0].dense + place.offset * bytes,
               place.elems * bytes);
    }
}

static void dense_moments(const struct fixed *fixed)
{
    struct sgeo_backend *backend = fixed->request->use->backend;
    for (size_t s = 0; s < sgeo_ctr_pass_segments(fixed->pass); s++) {
        const struct sgeo_place place = sgeo_ctr_pass_place(fixed->pass, s);
        const void *g[SGEO_MOMENTS_MAX_BATCHES];
        struct sgeo_moments moments;
        for (size_t b = 0; b < fixed->request->k; b++) {
            g[b] = kept_at(fixed, b, s);
        }
        backend->ops->grad_moments(backend, &moments, g, fixed->request->k, NULL, place.elems);
        fixed->evidence->inner[s] = moments.ratio_sum;
        fixed->evidence->zero_std += moments.zero_std;
    }
}

static enum sgeo_status table_moments(const struct fixed *fixed)
{
    const struct sgeo_ctr_use *use = fixed->request->use;
    double *inner = fixed->evidence->inner + sgeo_ctr_pass_segments(fixed->pass);
    const struct sgeo_table_gradient *rows[SGEO_MOMENTS_MAX_BATCHES];
    for (size_t b = 0; b < fixed->request->k; b++) {
        rows[b] = fixed->gradients[b].rows;
    }
    for (size_t t = 0; t < learning_tables(use); t++) {
        struct sgeo_moments moments;
        enum sgeo_status status =
            sgeo_table_moments(&moments, use->embedding, t, rows, fixed->request->k, NULL);
        if (status != SGEO_OK) {
            return status;
        }
        inner[t] = moments.ratio_sum;
        fixed->evidence->zero_std += moments.zero_std;
    }
    return SGEO_OK;
}

/* Of the gradient that was just computed. */
static void add_tangent(struct fixed *fixed, size_t b)
{
    struct sgeo_evidence *evidence = fixed->evidence;
    double *dloss = evidence->dloss_dalpha + b * evidence->batch;
    double start = sgeo_thread_cpu_seconds();
    sgeo_ctr_pass_loss_tangent(fixed->pass, dloss, &fixed->request->batches[b]);
    for (size_t n = 0; n < evidence->batch; n++) { /* <theta, g_b> of the mean loss */
        evidence->theta_dot[b] += dloss[n] / (double)evidence->batch;
    }
    evidence->seconds_tangent += sgeo_thread_cpu_seconds() - start;
}

static enum sgeo_status run_fixed(struct fixed *fixed)
{
    struct sgeo_evidence *evidence = fixed->evidence;
    for (size_t b = 0; b < evidence->k; b++) {
        const struct sgeo_ctr_batch *rows = &fixed->request->batches[b];
        struct sgeo_ctr_gradient *gradient = &fixed->gradients[fixed->heads == NULL ? b : 0];
        enum sgeo_status status =
            sgeo_ctr_pass_gradient(fixed->pass, gradient, rows, &evidence->losses[b]);
        if (status != SGEO_OK) {
            return status;
        }
        if (fixed->heads != NULL) {
            keep_head(fixed, b);
        }
        if ((fixed->request->passes & SGEO_PASS_TANGENT) != 0) {
            add_tangent(fixed, b);
        }
    }
    dense_moments(fixed);
    return table_moments(fixed);
}

static enum sgeo_status fixed_pass(struct sgeo_evidence *evidence,
                                   const struct sgeo_ctr_measure_request *request)
{
    struct fixed fixed = {.request = request, .evidence = evidence};
    double start = sgeo_thread_cpu_seconds();
    enum sgeo_status status = open_fixed(&fixed);
    if (status == SGEO_OK) {
        status = run_fixed(&fixed);
    }
    if (status == SGEO_OK) { /* with the products that a backward pass takes for tangents */
        evidence->seconds_fixed = sgeo_thread_cpu_seconds() - start - evidence->seconds_tangent;
    }
    close_fixed(&fixed);
    return status;
}

/* --- all --- */

enum sgeo_status sgeo_ctr_measure(struct sgeo_ctr_measurement *out,
                                  const struct sgeo_ctr_measure_request *request)
{
    bool nasrec = (request->passes & SGEO_PASS_NASREC) != 0;
    if (request->k > SGEO_MOMENTS_MAX_BATCHES || request->k < (nasrec ? 2 : 1)) {
        return sgeo_fail(SGEO_USAGE, "use 2 to 16", "%zu mini-batches asked for", request->k);
    }
    struct sgeo_ctr_measurement made = {0};
    enum sgeo_status status = open_evidence(&made, request);
    if (status == SGEO_OK && (request->passes & SGEO_PASS_FIXED) != 0) {
        status = fixed_pass(&made.evidence, request);
    }
    if (status == SGEO_OK && nasrec) {
        status = sgeo_ctr_nasrec_pass(&made.evidence, request);
    }
    if (status != SGEO_OK) {
        sgeo_ctr_measurement_destroy(&made);
        return status;
    }
    *out = made;
    return SGEO_OK;
}

/* --- the proxies --- */

static const struct sgeo_proxy *const proxies[] = {&sgeo_proxy_zico,
                                                   &sgeo_proxy_sigeo_eq6,
                                                   &sgeo_proxy_zico_nasrec,
                                                   &sgeo_proxy_sigeo_nasrec,
                                                   &sgeo_proxy_sigeo_eq6_head,
                                                   &sgeo_proxy_oneshot,
                                                   NULL};

const struct sgeo_proxy *const *sgeo_ctr_proxy_all(void)
{
    return proxies;
}

const struct sgeo_proxy *sgeo_ctr_proxy_find(const char *name)
{
    if (strcmp(name, "sigeo") == 0) {
        return &sgeo_proxy_sigeo_nasrec;
    }
    for (size_t i = 0; proxies[i] != NULL; i++) {
        if (strcmp(proxies[i]->name, name) == 0) {
            return proxies[i];
        }
    }
    return NULL;
}

struct sgeo_lambda sgeo_ctr_default_lambda(bool warm)
{
    return (struct sgeo_lambda){1.0, 1.0, warm ? 1.0 : 0.0};
}
