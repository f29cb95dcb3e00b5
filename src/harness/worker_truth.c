#include <stdio.h>

#include "base/clock.h"
#include "base/memory.h"
#include "harness/worker_parts.h"

/* Ground truth of the embedded task: a short run of the benchmark's own recipe. */
static const struct sgeo_training truth_recipe = {.batch = 64,
                                                  .lr = 0.05,
                                                  .lr_min = 0.0,
                                                  .momentum = 0.9,
                                                  .weight_decay = 5e-4,
                                                  .nesterov = true};

/* A network trained from scratch, with what its evaluation needs. */
struct truth {
    const struct sgeo_worker *worker;
    struct sgeo_graph *graph;
    struct sgeo_store *store;
    struct sgeo_trainee trainee;
    struct sgeo_epochs *epochs;
    const struct sgeo_training *training;
};

static enum sgeo_status truth_batch(void *images, uint16_t *labels, size_t epoch, size_t first,
                                    size_t n, void *context)
{
    const struct truth *truth = context;
    enum sgeo_status status = sgeo_worker_step(truth->worker, truth->training, epoch, first);
    return status == SGEO_OK ? sgeo_epochs_batch(truth->epochs, images, labels, epoch, first, n)
                             : status;
}

static enum sgeo_status open_truth(struct sgeo_worker *worker, const struct sgeo_job *job,
                                   struct truth *truth)
{
    struct sgeo_backend *backend = sgeo_session_backend(worker->session);
    const struct sgeo_feed *feed = sgeo_run_feed(worker->context, job->key.task);
    enum sgeo_status status = sgeo_job_build(&truth->graph, worker->context, job);
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

enum sgeo_status sgeo_worker_train_truth(struct sgeo_worker *worker, const struct sgeo_job *job,
                                         struct sgeo_record *record)
{
    const struct sgeo_feed *feed = sgeo_run_feed(worker->context, job->key.task);
    struct sgeo_training training = truth_recipe;
    struct sgeo_training_result result = {0};
    struct truth truth = {.worker = worker, .training = &training};
    double start = sgeo_thread_cpu_seconds();
    training.images = SGEO_TRUTH_IMAGES;
    training.epochs = worker->context->options->epochs;
    training.image_elems = sgeo_feed_image_elems(feed);
    training.rows = sgeo_feed_soft_rows(feed);
    training.next_batch = truth_batch;
    training.context = &truth;
    enum sgeo_status status = open_truth(worker, job, &truth);
    if (status == SGEO_OK) {
        status = sgeo_train(&result, &truth.trainee, &training, NULL);
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
