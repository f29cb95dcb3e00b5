#include "proxy/session.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "graph/network.h"
#include "graph/pool.h"

struct sgeo_session {
    struct sgeo_backend *backend;
    struct sgeo_backend *wide; /* double, for synflow; created at its first use */
    struct sgeo_pool *pool;
    struct sgeo_evidence evidence;
    char (*names)[SGEO_NAME_MAX];
    double *numbers; /* behind the evidence's arrays */
    size_t number_capacity, layer_capacity;
    void *theta, *path_theta,
        *grads[SGEO_MOMENTS_MAX_BATCHES]; /* vectors of vector_bytes, kept between architectures */
    size_t vector_bytes;
};

/* One measurement in flight. */
struct run {
    struct sgeo_session *session;
    const struct sgeo_request *request;
    struct sgeo_store *store;
    struct sgeo_network *network;
    size_t image_elems; /* of one mini-batch */
};

enum sgeo_status sgeo_session_create(struct sgeo_session **out, struct sgeo_executor executor)
{
    struct sgeo_session *session = sgeo_calloc(1, sizeof *session);
    if (session == NULL) {
        return sgeo_fail_memory("scoring session");
    }
    enum sgeo_status status = sgeo_backend_create(&session->backend, executor);
    if (status == SGEO_OK) {
        session->pool = sgeo_pool_create();
        status = session->pool == NULL ? sgeo_fail_memory("activation pool") : SGEO_OK;
    }
    if (status != SGEO_OK) {
        sgeo_session_destroy(session);
        return status;
    }
    *out = session;
    return SGEO_OK;
}

static void free_vectors(struct sgeo_session *session)
{
    sgeo_free(session->theta);
    sgeo_free(session->path_theta);
    session->theta = session->path_theta = NULL;
    for (size_t b = 0; b < SGEO_MOMENTS_MAX_BATCHES; b++) {
        sgeo_free(session->grads[b]);
        session->grads[b] = NULL;
    }
    session->vector_bytes = 0;
}

void sgeo_session_destroy(struct sgeo_session *session)
{
    if (session == NULL) {
        return;
    }
    free_vectors(session);
    sgeo_pool_destroy(session->pool);
    sgeo_backend_destroy(session->wide);
    sgeo_backend_destroy(session->backend);
    sgeo_free(session->names);
    sgeo_free(session->evidence.layer_names);
    sgeo_free(session->numbers);
    sgeo_free(session);
}

struct sgeo_backend *sgeo_session_backend(struct sgeo_session *session)
{
    return session->backend;
}

struct sgeo_pool *sgeo_session_pool(struct sgeo_session *session)
{
    return session->pool;
}

/* --- evidence storage --- */

static enum sgeo_status reserve_layers(struct sgeo_session *session, size_t layers)
{
    if (layers <= session->layer_capacity) {
        return SGEO_OK;
    }
    sgeo_free(session->names);
    sgeo_free(session->evidence.layer_names);
    session->names = sgeo_calloc(layers, sizeof *session->names);
    session->evidence.layer_names = sgeo_calloc(layers, sizeof *session->evidence.layer_names);
    bool complete = session->names != NULL && session->evidence.layer_names != NULL;
    session->layer_capacity = complete ? layers : 0;
    return complete ? SGEO_OK : sgeo_fail_memory("layer names");
}

static enum sgeo_status reserve_numbers(struct sgeo_session *session, size_t count)
{
    if (count <= session->number_capacity) {
        memset(session->numbers, 0, count * sizeof(double));
        return SGEO_OK;
    }
    sgeo_free(session->numbers);
    session->numbers = sgeo_calloc(count, sizeof(double));
    session->number_capacity = session->numbers == NULL ? 0 : count;
    return session->numbers == NULL ? sgeo_fail_memory("evidence") : SGEO_OK;
}

static void name_layers(struct sgeo_session *session, const struct sgeo_graph *graph)
{
    size_t layer = 0;
    for (size_t s = 0; s < graph->n_segments; s++) {
        if (sgeo_segment_in_l(&graph->segments[s])) {
            size_t length = strlen(graph->segments[s].name) - strlen(".weight");
            memcpy(session->names[layer], graph->segments[s].name, length);
            session->names[layer][length] = '\0';
            session->evidence.layer_names[layer] = session->names[layer];
            layer++;
        }
    }
}

static enum sgeo_status reset_evidence(struct run *run)
{
    struct sgeo_session *session = run->session;
    struct sgeo_evidence *evidence = &session->evidence;
    const struct sgeo_batches *batches = run->request->batches;
    size_t layers = 0, k = batches->k, pairs = batches->batch * batches->batch;
    for (size_t s = 0; s < run->request->graph->n_segments; s++) {
        layers += sgeo_segment_in_l(&run->request->graph->segments[s]);
    }
    enum sgeo_status status = reserve_layers(session, layers);
    if (status == SGEO_OK) {
        status = reserve_numbers(session, 3 * k + 3 * layers + k * batches->batch + 2 * pairs);
    }
    if (status != SGEO_OK) {
        return status;
    }
    name_layers(session, run->request->graph);
    double *next = session->numbers;
    *evidence = (struct sgeo_evidence){.convention = run->request->convention,
                                       .k = k,
                                       .batch = batches->batch,
                                       .n_layers = layers,
                                       .layer_names = evidence->layer_names};
    double **arrays[] = {
        &evidence->losses,       &evidence->theta_dot,       &evidence->path_losses,
        &evidence->inner,        &evidence->path_inner,      &evidence->path_dot,
        &evidence->dloss_dalpha, &evidence->suite.agreement, &evidence->suite.correlation};
    const size_t lengths[] = {k, k, k, layers, layers, layers, k * batches->batch, pairs, pairs};
    for (size_t a = 0; a < sizeof arrays / sizeof *arrays; a++) {
        *arrays[a] = next;
        next += lengths[a];
    }
    const struct sgeo_graph *graph = run->request->graph;
    const struct sgeo_node *image = &graph->nodes[0];
    evidence->suite.batch = batches->batch;
    evidence->suite.labels = batches->labels;
    evidence->suite.image_elems = image->channels * image->height * image->width;
    evidence->suite.classes = graph->nodes[graph->output].channels;
    sgeo_graph_count(&evidence->counts, graph);
    return SGEO_OK;
}

/* --- passes --- */

static const void *batch_images(const struct run *run, size_t b)
{
    return (const unsigned char *)run->request->batches->images +
           b * run->image_elems * run->session->backend->ops->elem_bytes;
}

static struct sgeo_targets batch_targets(const struct run *run, size_t b)
{
    const struct sgeo_batches *batches = run->request->batches;
    return (struct sgeo_targets){.labels = batches->labels + b * batches->batch,
                                 .rows = batches->rows,
                                 .log_offset = run->request->graph->log_offset};
}

static enum sgeo_status gradient(struct run *run, size_t b, const void *theta, void *grad,
                                 double *loss)
{
    struct sgeo_targets targets = batch_targets(run, b);
    sgeo_network_bind(run->network, theta, grad, NULL);
    return sgeo_network_loss_gradient(run->network, batch_images(run, b), &targets, NULL, loss);
}

/* Per layer of L: call on its place in the vectors. */
typedef void (*layer_fn)(struct run *run, size_t layer, size_t offset_bytes, size_t elems,
                         size_t padding);

static void for_layers(struct run *run, layer_fn fn)
{
    size_t layer = 0;
    for (size_t s = 0; s < sgeo_store_count(run->store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(run->store, s);
        struct sgeo_place place = sgeo_store_place(run->store, s);
        if (sgeo_segment_in_l(segment)) {
            fn(run, layer++, place.offset * run->session->backend->ops->elem_bytes, place.elems,
               place.elems - segment->count);
        }
    }
}

static void moments_at(const struct run *run, struct sgeo_moments *moments, const void *theta,
                       size_t offset, size_t elems)
{
    const struct sgeo_session *session = run->session;
    const void *g[SGEO_MOMENTS_MAX_BATCHES];
    size_t k = run->request->batches->k;
    for (size_t b = 0; b < k; b++) {
        g[b] = (const unsigned char *)session->grads[b] + offset;
    }
    const void *weights = theta == NULL ? NULL : (const unsigned char *)theta + offset;
    session->backend->ops->grad_moments(session->backend, moments, g, k, weights, elems);
}

static void fixed_layer(struct run *run, size_t layer, size_t offset, size_t elems, size_t padding)
{
    struct sgeo_session *session = run->session;
    struct sgeo_moments moments;
    moments_at(run, &moments, NULL, offset, elems);
    session->evidence.inner[layer] = moments.ratio_sum;
    session->evidence.zero_std += moments.zero_std - padding;
    for (size_t b = 0; b < run->request->batches->k; b++) {
        session->evidence.theta_dot[b] += session->backend->ops->dot(
            session->backend, (const unsigned char *)session->theta + offset,
            (const unsigned char *)session->grads[b] + offset, elems);
    }
}

static void path_layer(struct run *run, size_t layer, size_t offset, size_t elems, size_t padding)
{
    struct sgeo_moments moments;
    (void)padding;
    moments_at(run, &moments, run->session->path_theta, offset, elems);
    run->session->evidence.path_inner[layer] = moments.ratio_sum;
    run->session->evidence.path_dot[layer] = moments.theta_dot;
}

/* d l_n / d alpha of batch b, from the logits and tangent of its forward pass. */
static void per_image_derivatives(struct run *run, size_t b)
{
    struct sgeo_targets targets = batch_targets(run, b);
    size_t batch = run->request->batches->batch;
    sgeo_cross_entropy_tangent(run->session->evidence.dloss_dalpha + b * batch,
                               sgeo_network_logits(run->network),
                               sgeo_network_logit_tangent(run->network), &targets, batch,
                               sgeo_network_classes(run->network));
}

/* The first batch's loss and gradient are there already, from the batch pass. */
static bool first_is_known(const struct run *run)
{
    return (run->request->passes & SGEO_PASS_BATCH) != 0 &&
           (run->request->passes & SGEO_PASS_TANGENT) == 0;
}

static enum sgeo_status fixed_pass(struct run *run)
{
    struct sgeo_session *session = run->session;
    struct sgeo_evidence *evidence = &session->evidence;
    double start = sgeo_thread_cpu_seconds(), first = 0.0;
    if (first_is_known(run)) {
        evidence->losses[0] = evidence->suite.loss;
        first = evidence->suite.seconds_batch;
        start -= first;
    }
    for (size_t b = first_is_known(run) ? 1 : 0; b < run->request->batches->k; b++) {
        enum sgeo_status status =
            gradient(run, b, session->theta, session->grads[b], &evidence->losses[b]);
        if (status != SGEO_OK) {
            return status;
        }
        if ((run->request->passes & SGEO_PASS_TANGENT) != 0) {
            per_image_derivatives(run, b);
        }
        if (b == 0) {
            first = sgeo_thread_cpu_seconds() - start - sgeo_network_tangent_seconds(run->network);
        }
    }
    for_layers(run, fixed_layer);
    evidence->seconds_tangent = sgeo_network_tangent_seconds(run->network);
    evidence->seconds_fixed = sgeo_thread_cpu_seconds() - start - evidence->seconds_tangent;
    evidence->seconds_path = first; /* shared with the path, which adds the rest */
    return SGEO_OK;
}

static enum sgeo_status path_pass(struct run *run)
{
    struct sgeo_session *session = run->session;
    struct sgeo_evidence *evidence = &session->evidence;
    const struct sgeo_sgd sgd = {.lr = (float)run->request->path_lr};
    unsigned passes = run->request->passes;
    bool fixed = (passes & SGEO_PASS_FIXED) != 0, known = fixed || (passes & SGEO_PASS_BATCH) != 0;
    double start = sgeo_thread_cpu_seconds();
    if (!fixed && known) {
        evidence->seconds_path = evidence->suite.seconds_batch;
    }
    memcpy(session->path_theta, session->theta,
           sgeo_store_total(run->store) * session->backend->ops->elem_bytes);
    for (size_t b = 0; b < run->request->batches->k; b++) {
        enum sgeo_status status = SGEO_OK;
        if (b == 0 && known) {
            evidence->path_losses[0] = fixed ? evidence->losses[0] : evidence->suite.loss;
            sgeo_network_bind(run->network, session->path_theta, session->grads[0], NULL);
        } else {
            status =
                gradient(run, b, session->path_theta, session->grads[b], &evidence->path_losses[b]);
        }
        if (status != SGEO_OK) {
            return status;
        }
        sgeo_network_sgd_step(run->network, session->path_theta, NULL, &sgd);
    }
    for_layers(run, path_layer);
    evidence->seconds_path += sgeo_thread_cpu_seconds() - start;
    return SGEO_OK;
}

/* --- one measurement --- */

/*
 * Parameter-sized vectors for this store: grown to the largest architecture and kept, zeroed so
 * that gaps between segments are.
 */
static enum sgeo_status reserve_vectors(struct run *run)
{
    struct sgeo_session *session = run->session;
    size_t bytes = sgeo_store_total(run->store) * session->backend->ops->elem_bytes;
    void **vectors[2 + SGEO_MOMENTS_MAX_BATCHES] = {&session->theta, &session->path_theta};
    for (size_t b = 0; b < SGEO_MOMENTS_MAX_BATCHES; b++) {
        vectors[2 + b] = &session->grads[b];
    }
    if (bytes > session->vector_bytes) {
        free_vectors(session);
        session->vector_bytes = bytes;
    }
    for (size_t v = 0; v < 2 + run->request->batches->k; v++) {
        if (*vectors[v] == NULL) {
            *vectors[v] = sgeo_calloc(session->vector_bytes, 1);
        } else {
            memset(*vectors[v], 0, bytes);
        }
        if (*vectors[v] == NULL) {
            return sgeo_fail_memory("gradient vectors");
        }
    }
    return SGEO_OK;
}

static enum sgeo_status plan_network(struct run *run, bool tangent)
{
    const struct sgeo_network_options options = {
        .batch = run->request->batches->batch, .backward = true, .tangent = tangent};
    sgeo_network_destroy(run->network);
    run->network = NULL;
    return sgeo_network_create(&run->network, run->request->graph, run->store,
                               run->session->backend, run->session->pool, &options);
}

static enum sgeo_status synflow_pass(struct run *run)
{
    struct sgeo_session *session = run->session;
    const struct sgeo_request *request = run->request;
    double start = sgeo_thread_cpu_seconds();
    enum sgeo_status status = SGEO_OK;
    if (session->wide == NULL) {
        status = sgeo_backend_create(&session->wide, (struct sgeo_executor){.precision = SGEO_F64});
    }
    if (status == SGEO_OK) {
        status = sgeo_suite_synflow(&session->evidence.suite.synflow, request->graph, session->wide,
                                    session->pool, request->fill, request->fill_context);
    }
    session->evidence.suite.seconds_synflow = sgeo_thread_cpu_seconds() - start;
    return status;
}

/* The suite's passes. The batch pass comes after those that use grads[0] as scratch: its gradient
 * stays there. */
static enum sgeo_status suite_passes(struct run *run)
{
    struct sgeo_session *session = run->session;
    unsigned passes = run->request->passes;
    const struct sgeo_suite_run suite = {.backend = session->backend,
                                         .pool = session->pool,
                                         .graph = run->request->graph,
                                         .store = run->store,
                                         .batch = run->request->batches->batch,
                                         .images = run->request->batches->images,
                                         .labels = run->request->batches->labels,
                                         .rows = run->request->batches->rows,
                                         .theta = session->theta,
                                         .grad = session->grads[0],
                                         .curvature = session->path_theta,
                                         .convention = run->request->convention,
                                         .evidence = &session->evidence.suite};
    enum sgeo_status status = SGEO_OK;
    if ((passes & SGEO_PASS_SYNFLOW) != 0) {
        status = synflow_pass(run);
    }
    if (status == SGEO_OK && (passes & SGEO_PASS_ZEN) != 0) {
        status = sgeo_suite_zen(&suite, run->request->zen);
    }
    if (status == SGEO_OK && (passes & SGEO_PASS_MECO) != 0) {
        status = sgeo_suite_meco(&suite);
    }
    if (status == SGEO_OK && (passes & SGEO_PASS_JACOBIAN) != 0) {
        status = sgeo_suite_jacobian(&suite);
    }
    if (status == SGEO_OK && (passes & SGEO_PASS_BATCH) != 0) {
        status = sgeo_suite_batch(&suite);
    }
    if (status == SGEO_OK && (passes & SGEO_PASS_HESSIAN) != 0) {
        status = sgeo_suite_hessian(&suite);
    }
    return status;
}

static enum sgeo_status run_passes(struct run *run)
{
    unsigned passes = run->request->passes;
    bool tangent = (passes & SGEO_PASS_TANGENT) != 0;
    enum sgeo_status status = suite_passes(run);
    if (status != SGEO_OK || (passes & (SGEO_PASS_FIXED | SGEO_PASS_PATH)) == 0) {
        return status;
    }
    status = plan_network(run, tangent);
    if (status == SGEO_OK && (passes & SGEO_PASS_FIXED) != 0) {
        status = fixed_pass(run);
    }
    if (status == SGEO_OK && (passes & SGEO_PASS_PATH) != 0 && tangent) {
        status = plan_network(run, false); /* the path needs no tangent */
    }
    if (status == SGEO_OK && (passes & SGEO_PASS_PATH) != 0) {
        status = path_pass(run);
    }
    return status;
}

enum sgeo_status sgeo_session_measure(struct sgeo_session *session,
                                      const struct sgeo_request *request,
                                      const struct sgeo_evidence **evidence)
{
    struct run run = {.session = session, .request = request};
    if (request->batches->k > SGEO_MOMENTS_MAX_BATCHES) {
        return sgeo_fail(SGEO_USAGE, "use at most 16", "%zu mini-batches asked for",
                         request->batches->k);
    }
    enum sgeo_status status = reset_evidence(&run);
    if (status == SGEO_OK && request->passes != 0) {
        const struct sgeo_node *image = &request->graph->nodes[0];
        run.image_elems = request->batches->batch * image->channels * image->height * image->width;
        status = sgeo_store_create(&run.store, request->graph, session->backend,
                                   request->batches->batch);
        if (status == SGEO_OK) {
            status = reserve_vectors(&run);
        }
        if (status == SGEO_OK) {
            status = request->fill(run.store, session->theta, request->fill_context);
        }
        if (status == SGEO_OK) {
            status = run_passes(&run);
        }
    }
    sgeo_network_destroy(run.network);
    sgeo_store_destroy(run.store);
    if (status == SGEO_OK) {
        *evidence = &session->evidence;
    }
    return status;
}
