#include "harness/worker.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/rng.h"
#include "data/split.h"
#include "harness/preset.h"
#include "space/supernet.h"

/* Supernet warm-up: uniform single-path SGD (spec cv_spaces, section 6). */
static const struct sgeo_training supernet_recipe = {.batch = 64,
                                                     .lr = 0.025,
                                                     .lr_min = 0.001,
                                                     .momentum = 0.9,
                                                     .weight_decay = 5e-4,
                                                     .nesterov = true};

/* Candidate warm-up: the authors' plain SGD with lr 1 (spec of the proxies, section 3.2). */
static const struct sgeo_training candidate_recipe = {.batch = 128, .lr = 1.0, .lr_min = 1.0};

/* Ground truth of the embedded task: a short run of the benchmark's own recipe. */
static const struct sgeo_training truth_recipe = {.batch = 64,
                                                  .lr = 0.05,
                                                  .lr_min = 0.0,
                                                  .momentum = 0.9,
                                                  .weight_decay = 5e-4,
                                                  .nesterov = true};

/* The authors count percent of the 60,000 images of both splits. */
#define CANDIDATE_TOTAL 60000.0

struct sgeo_worker {
    const struct sgeo_run_context *context;
    const atomic_bool *stop; /* NULL: nobody stops it */
    struct sgeo_session *session;
    struct sgeo_supernet *supernet; /* of supernet_key */
    struct sgeo_job_key supernet_key;
    float *images; /* of images_key: the proxy's mini-batches are the last k*batch of n_images */
    uint16_t *labels;
    size_t n_images;
    struct sgeo_job_key images_key;
};

enum sgeo_status sgeo_worker_create(struct sgeo_worker **out,
                                    const struct sgeo_run_context *context)
{
    struct sgeo_worker *worker = sgeo_calloc(1, sizeof *worker);
    if (worker == NULL) {
        return sgeo_fail_memory("worker");
    }
    worker->context = context;
    enum sgeo_status status = sgeo_session_create(&worker->session, context->options->executor);
    if (status != SGEO_OK) {
        sgeo_free(worker);
        return status;
    }
    *out = worker;
    return SGEO_OK;
}

void sgeo_worker_destroy(struct sgeo_worker *worker)
{
    if (worker == NULL) {
        return;
    }
    sgeo_supernet_destroy(worker->supernet);
    sgeo_session_destroy(worker->session);
    sgeo_free(worker->images);
    sgeo_free(worker->labels);
    sgeo_free(worker);
}

void sgeo_worker_watch(struct sgeo_worker *worker, const atomic_bool *stop)
{
    worker->stop = stop;
}

/* SGEO_INTERRUPTED when the run is over: asked before every step of a training, which may be hours
 * from its end. */
static enum sgeo_status check_stop(const struct sgeo_worker *worker)
{
    return worker->stop != NULL && atomic_load(worker->stop)
               ? sgeo_fail(SGEO_INTERRUPTED, NULL, "a training was stopped because the run ended")
               : SGEO_OK;
}

struct sgeo_feed *sgeo_run_feed(const struct sgeo_run_context *context,
                                const struct sgeo_task *task)
{
    for (size_t t = 0; t < context->options->n_tasks; t++) {
        if (context->options->tasks[t] == task) {
            return context->feeds[t];
        }
    }
    return NULL;
}

static bool is_candidate_warmup(const struct sgeo_job_key *key)
{
    return key->level > 0.0 && key->mode == SGEO_WARMUP_CANDIDATE;
}

static size_t run_epochs(const struct sgeo_run_context *context, const struct sgeo_job_key *key)
{
    return sgeo_run_size(context->options, key->task).epochs;
}

/* Images and mini-batch of a supernet's warm-up, where the task has its own. */
static size_t supernet_images(const struct sgeo_run_context *context, const struct sgeo_task *task)
{
    size_t available = sgeo_feed_train_count(sgeo_run_feed(context, task));
    return task->supernet_images > 0 && task->supernet_images < available ? task->supernet_images
                                                                          : available;
}

static size_t supernet_batch(const struct sgeo_task *task)
{
    return task->batch_size > 0 ? task->batch_size : supernet_recipe.batch;
}

struct sgeo_warmup_size sgeo_warmup_size(const struct sgeo_run_context *context,
                                         const struct sgeo_job_key *key)
{
    struct sgeo_warmup_size size = {0, 0};
    if (key->level == 0.0) { /* exactly: nothing is warmed */
        return size;
    }
    size_t batch = supernet_batch(key->task);
    if (is_candidate_warmup(key)) {
        batch = candidate_recipe.batch;
        size.images = (size_t)(key->level / 100.0 * CANDIDATE_TOTAL + 0.5);
    } else {
        size.images = sgeo_split_prefix(supernet_images(context, key->task), key->level);
    }
    size.steps = run_epochs(context, key) * ((size.images + batch - 1) / batch);
    return size;
}

/* --- warm-up of a supernet --- */

static void checkpoint_path(char *path, size_t capacity, const struct sgeo_run_context *context,
                            const struct sgeo_job_key *key)
{
    snprintf(path, capacity, "%s/checkpoints/%s-w%g-s%llu.ckpt", context->options->out,
             key->task->name, key->level, (unsigned long long)key->seed);
}

/* All architectures of a task, whatever of them the run scores. */
static const struct sgeo_truth *run_truth_list(const struct sgeo_run_context *context,
                                               const struct sgeo_task *task)
{
    for (size_t t = 0; t < context->options->n_tasks; t++) {
        if (context->options->tasks[t] == task) {
            return context->truths[t];
        }
    }
    return NULL;
}

/* A path of a task whose supernet is trained on its list: a uniform draw from all of it. */
struct listed_paths {
    const struct sgeo_space *space;
    const struct sgeo_truth *truth;
};

static enum sgeo_status draw_listed(struct sgeo_arch *arch, struct sgeo_rng *rng, void *context)
{
    const struct listed_paths *paths = context;
    size_t i = (size_t)sgeo_rng_below(rng, paths->truth->n);
    return paths->space->decode(arch, paths->truth->entries[i].arch);
}

/* Everything that decides the weights of a supernet's checkpoint. */
static void checkpoint_identity(char *text, size_t capacity, const struct sgeo_run_context *context,
                                const struct sgeo_job_key *key)
{
    const struct sgeo_training *recipe = &supernet_recipe;
    snprintf(
        text, capacity,
        "%s level %g seed %llu epochs %zu data %s batch %zu lr %g..%g momentum %g decay %g%s%s",
        key->task->name, key->level, (unsigned long long)key->seed, run_epochs(context, key),
        sgeo_feed_data_id(sgeo_run_feed(context, key->task)), supernet_batch(key->task), recipe->lr,
        recipe->lr_min, recipe->momentum, recipe->weight_decay,
        context->options->executor.winograd ? " winograd" : "",
        context->options->executor.precision == SGEO_BF16 ? " bf16" : "");
    if (key->task->paths_from_list) {
        size_t length = strlen(text);
        snprintf(text + length, capacity - length, " paths of %zu listed",
                 run_truth_list(context, key->task)->n);
    }
}

/* Context of the training callbacks: data in, a checkpoint out after every epoch. */
struct warmup {
    const struct sgeo_worker *worker;
    struct sgeo_supernet *supernet;
    struct sgeo_epochs *epochs;
    const char *path, *identity;
};

static enum sgeo_status warmup_batch(void *images, uint16_t *labels, size_t epoch, size_t first,
                                     size_t n, void *context)
{
    const struct warmup *warmup = context;
    enum sgeo_status status = check_stop(warmup->worker);
    return status == SGEO_OK ? sgeo_epochs_batch(warmup->epochs, images, labels, epoch, first, n)
                             : status;
}

static enum sgeo_status warmup_epoch(size_t epoch, double loss, void *context)
{
    const struct warmup *warmup = context;
    (void)loss;
    return sgeo_supernet_save(warmup->supernet, warmup->path, warmup->identity, epoch + 1);
}

static enum sgeo_status create_supernet(struct sgeo_worker *worker, const struct sgeo_job_key *key,
                                        struct sgeo_supernet **supernet)
{
    return sgeo_supernet_create(supernet, sgeo_space_find(key->task->space), &key->task->net,
                                sgeo_session_backend(worker->session), key->seed);
}

/* Train on from the last whole epoch of an interrupted warm-up; a damaged checkpoint is an error,
 * not a fresh start. */
static enum sgeo_status train_supernet(struct sgeo_worker *worker, const struct sgeo_job_key *key,
                                       struct warmup *warmup, struct sgeo_record *record)
{
    struct sgeo_training training = supernet_recipe;
    struct sgeo_feed *feed = sgeo_run_feed(worker->context, key->task);
    struct sgeo_training_result result;
    struct listed_paths paths = {sgeo_space_find(key->task->space),
                                 run_truth_list(worker->context, key->task)};
    size_t done = 0;
    if (key->task->paths_from_list) {
        sgeo_supernet_draw(warmup->supernet, draw_listed, &paths);
    }
    training.images = sgeo_warmup_size(worker->context, key).images;
    training.batch = supernet_batch(key->task);
    training.rows = sgeo_feed_soft_rows(feed);
    training.epochs = run_epochs(worker->context, key);
    training.image_elems = sgeo_feed_image_elems(feed);
    training.next_batch = warmup_batch;
    training.on_epoch = warmup_epoch;
    training.context = warmup;
    enum sgeo_status status = sgeo_epochs_create(&warmup->epochs, feed, key->seed, training.images);
    if (status == SGEO_OK && sgeo_file_exists(warmup->path)) {
        status = sgeo_supernet_load(warmup->supernet, warmup->path, warmup->identity, &done);
    }
    if (status == SGEO_OK) {
        status = sgeo_supernet_train(warmup->supernet, &result, sgeo_session_pool(worker->session),
                                     &training, done);
    }
    if (status == SGEO_OK && result.diverged) {
        status = sgeo_fail(SGEO_CHECK_FAILED, "try another --seed",
                           "the supernet of %s at %g %% diverged", key->task->name, key->level);
    }
    if (status == SGEO_OK) {
        record->loss = result.steps == 0 ? (double)NAN : result.last_loss; /* NaN: was complete */
        record->steps = sgeo_warmup_size(worker->context, key).steps;
    }
    sgeo_epochs_destroy(warmup->epochs);
    return status;
}

static enum sgeo_status run_warmup(struct sgeo_worker *worker, const struct sgeo_job *job,
                                   struct sgeo_record *record)
{
    char path[1024], identity[512], directory[1024];
    struct warmup warmup = {.worker = worker, .path = path, .identity = identity};
    checkpoint_path(path, sizeof path, worker->context, &job->key);
    checkpoint_identity(identity, sizeof identity, worker->context, &job->key);
    snprintf(directory, sizeof directory, "%s/checkpoints", worker->context->options->out);
    enum sgeo_status status = sgeo_directory_create(directory);
    if (status == SGEO_OK) {
        status = create_supernet(worker, &job->key, &warmup.supernet);
    }
    if (status == SGEO_OK) {
        status = train_supernet(worker, &job->key, &warmup, record);
    }
    sgeo_supernet_destroy(warmup.supernet);
    return status;
}

/* --- what a score starts from --- */

/* The trained supernet of a key, loaded once and kept until another is asked for. */
static enum sgeo_status load_supernet(struct sgeo_worker *worker, const struct sgeo_job_key *key)
{
    char path[1024], identity[512];
    struct sgeo_job_key wanted = *key;
    size_t epochs = 0;
    wanted.arch_index = 0;
    if (worker->supernet != NULL && sgeo_job_key_equal(&wanted, &worker->supernet_key)) {
        return SGEO_OK;
    }
    sgeo_supernet_destroy(worker->supernet);
    worker->supernet = NULL;
    checkpoint_path(path, sizeof path, worker->context, key);
    checkpoint_identity(identity, sizeof identity, worker->context, key);
    struct sgeo_supernet *supernet = NULL;
    enum sgeo_status status = create_supernet(worker, key, &supernet);
    if (status == SGEO_OK) {
        status = sgeo_supernet_load(supernet, path, identity, &epochs);
    }
    if (status == SGEO_OK && epochs != run_epochs(worker->context, key)) {
        status =
            sgeo_fail(SGEO_IO, "run again with --resume", "checkpoint %s has %zu of %zu epochs",
                      path, epochs, run_epochs(worker->context, key));
    }
    if (status != SGEO_OK) {
        sgeo_supernet_destroy(supernet);
        return status;
    }
    worker->supernet = supernet;
    worker->supernet_key = wanted;
    return SGEO_OK;
}

/* Draw the images of a key unless they are at hand: the proxy's own, or a candidate's mega-batch.
 */
static enum sgeo_status draw_images(struct sgeo_worker *worker, const struct sgeo_job_key *key)
{
    const struct sgeo_options *options = worker->context->options;
    const struct sgeo_feed *feed = sgeo_run_feed(worker->context, key->task);
    struct sgeo_job_key wanted = *key;
    size_t batch = sgeo_batch_size(options, key->task), proxy = options->batches * batch;
    size_t n = is_candidate_warmup(key) ? sgeo_warmup_size(worker->context, key).images : proxy;
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
        is_candidate_warmup(key)
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
    (void)epoch; /* the same images in the same order, every epoch */
    memcpy(images, worker->images + first * elems, n * elems * sizeof *worker->images);
    memcpy(labels, worker->labels + first, n * sizeof *labels);
    return check_stop(worker);
}

/* Random weights, then the authors' warm-up of this candidate alone. A diverged one keeps its NaN:
 * the score shows it. */
static enum sgeo_status candidate_fill(const struct sgeo_store *store, void *theta, void *context)
{
    const struct candidate *candidate = context;
    struct sgeo_worker *worker = candidate->worker;
    struct sgeo_training training = candidate_recipe;
    struct sgeo_training_result result;
    training.images = worker->n_images;
    training.epochs = run_epochs(worker->context, candidate->key);
    training.image_elems =
        sgeo_feed_image_elems(sgeo_run_feed(worker->context, candidate->key->task));
    training.rows = sgeo_feed_soft_rows(sgeo_run_feed(worker->context, candidate->key->task));
    training.next_batch = mega_batch;
    training.context = context;
    const struct sgeo_trainee trainee = {.graph = candidate->graph,
                                         .store = store,
                                         .backend = sgeo_session_backend(worker->session),
                                         .pool = sgeo_session_pool(worker->session),
                                         .theta = theta};
    enum sgeo_status status = cold_fill(store, theta, context);
    return status == SGEO_OK ? sgeo_train(&result, &trainee, &training, 0) : status;
}

/* --- scores --- */

static unsigned needed_passes(const struct sgeo_options *options)
{
    unsigned passes = 0;
    for (size_t p = 0; p < options->n_proxies; p++) {
        passes |= options->proxies[p]->passes;
    }
    return passes;
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
    struct candidate candidate = {worker, &job->key, graph};
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
                                   .passes = needed_passes(options),
                                   .path_lr = 1.0,
                                   .convention = options->convention};
    if (warm && job->key.mode == SGEO_WARMUP_SUPERNET) {
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

static enum sgeo_status build(const struct sgeo_run_context *context, const struct sgeo_job *job,
                              struct sgeo_graph **graph)
{
    const struct sgeo_space *space = sgeo_space_find(job->key.task->space);
    struct sgeo_net_config config = job->key.task->net;
    struct sgeo_arch arch;
    config.supernet_names = job->key.level > 0.0 && job->key.mode == SGEO_WARMUP_SUPERNET;
    config.wrapper_relus = context->options->convention == SGEO_CONVENTION_SUITE;
    enum sgeo_status status = space->decode(&arch, job->arch);
    return status == SGEO_OK ? space->build(graph, &arch, &config) : status;
}

static enum sgeo_status run_score(struct sgeo_worker *worker, const struct sgeo_job *job,
                                  struct sgeo_record *record)
{
    struct sgeo_graph *graph = NULL;
    enum sgeo_status status = build(worker->context, job, &graph);
    if (status == SGEO_OK) {
        status = draw_images(worker, &job->key);
    }
    if (status == SGEO_OK && job->key.level > 0.0 && job->key.mode == SGEO_WARMUP_SUPERNET) {
        status = load_supernet(worker, &job->key);
    }
    if (status == SGEO_OK) {
        status = measure(worker, job, graph, record);
    }
    sgeo_graph_destroy(graph);
    snprintf(record->arch, sizeof record->arch, "%s", job->arch);
    record->steps = sgeo_warmup_size(worker->context, &job->key).steps;
    return status;
}

/* --- ground truth --- */

/* A network trained from scratch, with what its evaluation needs. */
struct truth {
    const struct sgeo_worker *worker;
    struct sgeo_graph *graph;
    struct sgeo_store *store;
    struct sgeo_trainee trainee;
    struct sgeo_epochs *epochs;
};

static enum sgeo_status truth_batch(void *images, uint16_t *labels, size_t epoch, size_t first,
                                    size_t n, void *context)
{
    const struct truth *truth = context;
    enum sgeo_status status = check_stop(truth->worker);
    return status == SGEO_OK ? sgeo_epochs_batch(truth->epochs, images, labels, epoch, first, n)
                             : status;
}

static enum sgeo_status open_truth(struct sgeo_worker *worker, const struct sgeo_job *job,
                                   struct truth *truth)
{
    struct sgeo_backend *backend = sgeo_session_backend(worker->session);
    const struct sgeo_feed *feed = sgeo_run_feed(worker->context, job->key.task);
    enum sgeo_status status = build(worker->context, job, &truth->graph);
    if (status == SGEO_OK) {
        status = sgeo_store_create(&truth->store, truth->graph, backend, truth_recipe.batch);
    }
    if (status == SGEO_OK) {
        status = sgeo_epochs_create(&truth->epochs, feed, job->key.seed, SGEO_TRUTH_IMAGES);
    }
    if (status != SGEO_OK) {
        return status;
    }
    truth->trainee = (struct sgeo_trainee){
        .graph = truth->graph,
        .store = truth->store,
        .backend = backend,
        .pool = sgeo_session_pool(worker->session),
        .theta = sgeo_store_vector(truth->store),
        .velocity = sgeo_store_vector(truth->store),
        .running = sgeo_calloc(2 * truth->graph->norm_channels, sizeof(double))};
    if (truth->trainee.theta == NULL || truth->trainee.velocity == NULL ||
        truth->trainee.running == NULL) {
        return sgeo_fail_memory("network to train");
    }
    for (size_t c = 0; c < truth->graph->norm_channels; c++) { /* running means 0, variances 1 */
        truth->trainee.running[truth->graph->norm_channels + c] = 1.0;
    }
    return sgeo_store_init_random(truth->store, truth->trainee.theta, job->key.seed,
                                  job->key.arch_index);
}

static void close_truth(struct truth *truth)
{
    sgeo_epochs_destroy(truth->epochs);
    sgeo_free(truth->trainee.theta);
    sgeo_free(truth->trainee.velocity);
    sgeo_free(truth->trainee.running);
    sgeo_store_destroy(truth->store);
    sgeo_graph_destroy(truth->graph);
}

/* Accuracy in percent on one split, batch norms in evaluation mode. */
static enum sgeo_status accuracy(struct sgeo_worker *worker, const struct truth *truth,
                                 const struct sgeo_feed *feed, bool test, double *percent)
{
    enum { BATCH = 200 };
    size_t n = test ? sgeo_feed_test_count(feed) : sgeo_feed_val_count(feed), correct = 0;
    const struct sgeo_network_options options = {.batch = BATCH};
    struct sgeo_network *network = NULL;
    float *images = sgeo_calloc(BATCH * sgeo_feed_image_elems(feed), sizeof *images);
    uint16_t labels[BATCH];
    enum sgeo_status status = images == NULL ? sgeo_fail_memory("evaluation batch") : SGEO_OK;
    if (status == SGEO_OK) {
        status = sgeo_network_create(&network, truth->graph, truth->store, truth->trainee.backend,
                                     sgeo_session_pool(worker->session), &options);
    }
    for (size_t first = 0; status == SGEO_OK && first + BATCH <= n; first += BATCH) {
        sgeo_feed_evaluation(feed, test, first, BATCH, images, labels);
        sgeo_network_bind(network, truth->trainee.theta, NULL, truth->trainee.running);
        sgeo_network_evaluate(network, true);
        status = sgeo_network_forward(network, images);
        correct += sgeo_count_correct(sgeo_network_logits(network), labels, BATCH,
                                      sgeo_network_classes(network));
    }
    *percent = 100.0 * (double)correct / (double)(n / BATCH * BATCH);
    sgeo_network_destroy(network);
    sgeo_free(images);
    return status;
}

static enum sgeo_status run_truth(struct sgeo_worker *worker, const struct sgeo_job *job,
                                  struct sgeo_record *record)
{
    const struct sgeo_feed *feed = sgeo_run_feed(worker->context, job->key.task);
    struct sgeo_training training = truth_recipe;
    struct sgeo_training_result result = {0};
    struct truth truth = {.worker = worker};
    double start = sgeo_thread_cpu_seconds();
    training.images = SGEO_TRUTH_IMAGES;
    training.epochs = worker->context->options->epochs;
    training.image_elems = sgeo_feed_image_elems(feed);
    training.rows = sgeo_feed_soft_rows(feed);
    training.next_batch = truth_batch;
    training.context = &truth;
    enum sgeo_status status = open_truth(worker, job, &truth);
    if (status == SGEO_OK) {
        status = sgeo_train(&result, &truth.trainee, &training, 0);
    }
    if (status == SGEO_OK) {
        status = accuracy(worker, &truth, feed, false, &record->val);
    }
    if (status == SGEO_OK) {
        status = accuracy(worker, &truth, feed, true, &record->test);
    }
    close_truth(&truth);
    snprintf(record->arch, sizeof record->arch, "%s", job->arch);
    record->steps = result.steps;
    record->loss = result.last_loss;
    record->seconds = sgeo_thread_cpu_seconds() - start;
    return status;
}

enum sgeo_status sgeo_worker_run(struct sgeo_worker *worker, const struct sgeo_job *job,
                                 struct sgeo_record *record)
{
    *record = (struct sgeo_record){.key = job->key};
    if (job->key.kind == SGEO_JOB_SCORE) { /* no other job has proxies */
        record->convention = worker->context->options->convention;
    }
    snprintf(record->data, sizeof record->data, "%s",
             sgeo_feed_data_id(sgeo_run_feed(worker->context, job->key.task)));
    if (job->key.kind == SGEO_JOB_SCORE) {
        return run_score(worker, job, record);
    }
    enum sgeo_status status = job->key.kind == SGEO_JOB_WARMUP ? run_warmup(worker, job, record)
                                                               : run_truth(worker, job, record);
    sgeo_pool_trim(sgeo_session_pool(worker->session)); /* scores use other batch sizes */
    return status;
}

/* --- estimates --- */

/* Forward and backward of one image cost about three forwards. */
#define FORWARDS_A_STEP 3.0

static double score_forwards(const struct sgeo_options *options, const struct sgeo_task *task)
{
    unsigned passes = needed_passes(options);
    double k = (double)options->batches, forwards = 0.0;
    bool fixed = (passes & SGEO_PASS_FIXED) != 0;
    forwards += fixed ? FORWARDS_A_STEP * k : 0.0;
    forwards += (passes & SGEO_PASS_BATCH) != 0 && !fixed ? FORWARDS_A_STEP : 0.0;
    forwards += (passes & SGEO_PASS_JACOBIAN) != 0 ? FORWARDS_A_STEP : 0.0;
    forwards += (passes & SGEO_PASS_HESSIAN) != 0 ? 2.0 * FORWARDS_A_STEP : 0.0;
    forwards += (passes & SGEO_PASS_ZEN) != 0 ? 2.0 : 0.0;
    forwards += (passes & SGEO_PASS_TANGENT) != 0 ? k : 0.0;
    forwards += (passes & SGEO_PASS_PATH) != 0 ? FORWARDS_A_STEP * (fixed ? k - 1.0 : k) : 0.0;
    return forwards * (double)sgeo_batch_size(options, task);
}

double sgeo_job_cost(const struct sgeo_run_context *context, const struct sgeo_job *job)
{
    struct sgeo_warmup_size warmup = sgeo_warmup_size(context, &job->key);
    double training = FORWARDS_A_STEP * (double)(warmup.images * run_epochs(context, &job->key));
    if (job->key.kind == SGEO_JOB_WARMUP) {
        const struct sgeo_space *space = sgeo_space_find(job->key.task->space);
        const struct sgeo_net_config *net = &job->key.task->net;
        double size = (double)net->image_size / (double)space->standard.image_size;
        return space->mean_path_macs * size * size * (double)net->cells /
               (double)space->standard.cells * training;
    }
    struct sgeo_graph *graph = NULL;
    struct sgeo_counts counts = {0};
    if (build(context, job, &graph) == SGEO_OK) {
        sgeo_graph_count(&counts, graph);
    }
    sgeo_graph_destroy(graph);
    double forwards = score_forwards(context->options, job->key.task) +
                      (is_candidate_warmup(&job->key) ? training : 0.0);
    if (job->key.kind == SGEO_JOB_TRUTH) {
        forwards = FORWARDS_A_STEP * (double)(SGEO_TRUTH_IMAGES * context->options->epochs);
    }
    return (double)counts.tensorwatch_flops * forwards;
}
