#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/rng.h"
#include "harness/preset.h"
#include "harness/worker_parts.h"

/* Candidate warm-up: the authors' plain SGD with lr 1 (spec of the proxies, section 3.2). */
static const struct sgeo_training candidate_recipe = {
    .batch = SGEO_CANDIDATE_BATCH, .lr = 1.0, .lr_min = 1.0};

/* Draw the images of a key unless they are at hand: the proxy's own, or a candidate's mega-batch.
 */
static enum sgeo_status draw_images(struct sgeo_worker *worker, const struct sgeo_job_key *key)
{
    const struct sgeo_options *options = worker->context->options;
    const struct sgeo_feed *feed = sgeo_run_feed(worker->context, key->task);
    struct sgeo_job_key wanted = *key;
    size_t batch = sgeo_batch_size(options, key->task), proxy = options->batches * batch;
    size_t n =
        sgeo_job_warms_candidate(key) ? sgeo_warmup_size(worker->context, key).images : proxy;
    wanted.arch_index = 0;
    if (worker->images != NULL && sgeo_job_key_equal(&wanted, &worker->images_key)) {
        return SGEO_OK;
    }
    if (n < proxy) {
        return sgeo_fail(SGEO_USAGE, "use a larger --warmup, or fewer --batches",
                         "a candidate warm-up of %zu images is smaller than the proxy's %zu", n,
                         proxy);
    }
    sgeo_free(worker->images);
    sgeo_free(worker->labels);
    worker->images = sgeo_calloc(n * sgeo_feed_image_elems(feed), sizeof *worker->images);
    worker->labels = sgeo_calloc(n, sizeof *worker->labels);
    if (worker->images == NULL || worker->labels == NULL) {
        return sgeo_fail_memory("mini-batches");
    }
    enum sgeo_status status =
        sgeo_job_warms_candidate(key)
            ? sgeo_feed_mega_batch(feed, key->seed, n, worker->images, worker->labels)
            : sgeo_feed_proxy_batches(feed, key->seed, options->batches, batch, worker->images,
                                      worker->labels);
    worker->n_images = n;
    worker->images_key = wanted;
    if (status != SGEO_OK) {
        sgeo_free(worker->images);
        worker->images = NULL;
    }
    return status;
}

/* Context of the fills and of a candidate's own training. */
struct candidate {
    struct sgeo_worker *worker;
    const struct sgeo_job_key *key;
    const struct sgeo_graph *graph;
    const struct sgeo_training *training; /* of candidate_fill, while it runs */
};

static enum sgeo_status cold_fill(const struct sgeo_store *store, void *theta, void *context)
{
    const struct candidate *candidate = context;
    if (candidate->worker->context->options->data_formula) {
        return sgeo_store_init_formula(store, theta);
    }
    return sgeo_store_init_random(store, theta, candidate->key->seed, candidate->key->arch_index);
}

static enum sgeo_status zen_fill(const struct sgeo_store *store, void *theta, void *context)
{
    const struct candidate *candidate = context;
    if (candidate->worker->context->options->data_formula) {
        return sgeo_store_zen_formula(store, theta);
    }
    return sgeo_store_zen_random(store, theta, candidate->key->seed, candidate->key->arch_index);
}

static enum sgeo_status mega_batch(void *images, uint16_t *labels, size_t epoch, size_t first,
                                   size_t n, void *context)
{
    const struct candidate *candidate = context;
    const struct sgeo_worker *worker = candidate->worker;
    size_t elems = sgeo_feed_image_elems(sgeo_run_feed(worker->context, candidate->key->task));
    /* the same images in the same order, every epoch */
    memcpy(images, worker->images + first * elems, n * elems * sizeof *worker->images);
    memcpy(labels, worker->labels + first, n * sizeof *labels);
    return sgeo_worker_step(worker, candidate->training, epoch, first);
}

/* Random weights, then the authors' warm-up of this candidate alone. A diverged one keeps its NaN:
 * the score shows it. */
static enum sgeo_status candidate_fill(const struct sgeo_store *store, void *theta, void *context)
{
    struct candidate *candidate = context;
    struct sgeo_worker *worker = candidate->worker;
    struct sgeo_training training = candidate_recipe;
    struct sgeo_training_result result;
    training.images = worker->n_images;
    training.epochs = sgeo_job_epochs(worker->context, candidate->key);
    training.image_elems =
        sgeo_feed_image_elems(sgeo_run_feed(worker->context, candidate->key->task));
    training.rows = sgeo_feed_soft_rows(sgeo_run_feed(worker->context, candidate->key->task));
    training.next_batch = mega_batch;
    training.context = context;
    candidate->training = &training;
    const struct sgeo_trainee trainee = {.graph = candidate->graph,
                                         .store = store,
                                         .backend = sgeo_session_backend(worker->session),
                                         .pool = sgeo_session_pool(worker->session),
                                         .theta = theta};
    enum sgeo_status status = cold_fill(store, theta, context);
    return status == SGEO_OK ? sgeo_train(&result, &trainee, &training, NULL) : status;
}

static void score_all(const struct sgeo_options *options, const struct sgeo_evidence *evidence,
                      bool warm, struct sgeo_record *record)
{
    record->n_scores = options->n_proxies;
    for (size_t p = 0; p < options->n_proxies; p++) {
        record->scores[p].proxy = options->proxies[p];
        options->proxies[p]->score(&record->scores[p].score, evidence, warm,
                                   options->has_lambda ? &options->lambda : NULL);
    }
}

/* Zen's images: the same for all architectures of a seed. */
static enum sgeo_status zen_images(struct sgeo_zen_inputs *zen, const struct sgeo_job_key *key,
                                   const struct sgeo_options *options, size_t elems)
{
    bool formula = options->data_formula;
    const uint64_t keys[2] = {
        formula ? sgeo_fnv1a("zen.x") : sgeo_stream_key(key->seed, "zen.x", 0),
        formula ? sgeo_fnv1a("zen.dx") : sgeo_stream_key(key->seed, "zen.dx", 0)};
    return sgeo_zen_images(zen->images, sgeo_batch_size(options, key->task) * elems,
                           options->executor.precision, keys);
}

static enum sgeo_status measure(struct sgeo_worker *worker, const struct sgeo_job *job,
                                const struct sgeo_graph *graph, struct sgeo_record *record)
{
    const struct sgeo_options *options = worker->context->options;
    const struct sgeo_feed *feed = sgeo_run_feed(worker->context, job->key.task);
    size_t batch = sgeo_batch_size(options, job->key.task);
    size_t skipped = worker->n_images - options->batches * batch;
    size_t elems = sgeo_feed_image_elems(feed);
    struct candidate candidate = {.worker = worker, .key = &job->key, .graph = graph};
    bool warm = job->key.level > 0.0;
    const struct sgeo_batches batches = {.k = options->batches,
                                         .batch = batch,
                                         .images = worker->images + skipped * elems,
                                         .labels = worker->labels + skipped,
                                         .rows = sgeo_feed_soft_rows(feed)};
    struct sgeo_request request = {.graph = graph,
                                   .batches = &batches,
                                   .fill = warm ? candidate_fill : cold_fill,
                                   .fill_context = &candidate,
                                   .passes = sgeo_run_passes(options),
                                   .path_lr = 1.0,
                                   .convention = options->convention};
    if (sgeo_job_inherits(&job->key)) {
        request.fill = sgeo_supernet_fill;
        request.fill_context = worker->supernet;
    }
    const struct sgeo_evidence *evidence = NULL;
    struct sgeo_zen_inputs zen = {.fill = zen_fill, .fill_context = &candidate};
    request.zen = &zen;
    enum sgeo_status status = (request.passes & SGEO_PASS_ZEN) == 0
                                  ? SGEO_OK
                                  : zen_images(&zen, &job->key, options, elems);
    if (status == SGEO_OK) {
        status = sgeo_session_measure(worker->session, &request, &evidence);
    }
    if (status == SGEO_OK) {
        score_all(options, evidence, warm, record);
    }
    sgeo_free(zen.images[0]);
    sgeo_free(zen.images[1]);
    return status;
}

enum sgeo_status sgeo_worker_score(struct sgeo_worker *worker, const struct sgeo_job *job,
                                   struct sgeo_record *record)
{
    struct sgeo_graph *graph = NULL;
    enum sgeo_status status = sgeo_job_build(&graph, worker->context, job);
    if (status == SGEO_OK) {
        status = draw_images(worker, &job->key);
    }
    if (status == SGEO_OK && sgeo_job_inherits(&job->key)) {
        status = sgeo_worker_load_supernet(worker, &job->key);
    }
    if (status == SGEO_OK) {
        status = measure(worker, job, graph, record);
    }
    sgeo_graph_destroy(graph);
    snprintf(record->arch, sizeof record->arch, "%s", job->arch);
    record->steps = sgeo_warmup_size(worker->context, &job->key).steps;
    return status;
}
