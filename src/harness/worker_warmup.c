#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/rng.h"
#include "harness/worker_parts.h"

/* Supernet warm-up: uniform single-path SGD (spec cv_spaces, section 6). */
static const struct sgeo_training supernet_recipe = {
    .lr = 0.025, .lr_min = 0.001, .momentum = 0.9, .weight_decay = 5e-4, .nesterov = true};

void sgeo_worker_checkpoint(char *path, size_t capacity, const struct sgeo_run_context *context,
                            const struct sgeo_job_key *key)
{
    snprintf(path, capacity, "%s/checkpoints/%s-w%g-s%llu.ckpt", context->options->out,
             key->task->name, key->level, (unsigned long long)key->seed);
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
        key->task->name, key->level, (unsigned long long)key->seed, sgeo_job_epochs(context, key),
        sgeo_feed_data_id(sgeo_run_feed(context, key->task)), sgeo_supernet_batch(key->task),
        recipe->lr, recipe->lr_min, recipe->momentum, recipe->weight_decay,
        context->options->executor.winograd ? " winograd" : "",
        context->options->executor.precision == SGEO_BF16 ? " bf16" : "");
    if (key->task->paths_from_list) {
        size_t length = strlen(text);
        snprintf(text + length, capacity - length, " paths of %zu listed",
                 sgeo_run_truth(context, key->task)->n);
    }
}

/* Training takes so many times as long as the checkpoints, some of which are a gigabyte, but no
 * more seconds than that are lost: a disk may be slow for once. */
#define TRAINING_PER_SAVING 100.0
#define LONGEST_UNSAVED     600.0

/* Context of the training callbacks: data in, checkpoints out. */
struct warmup {
    const struct sgeo_worker *worker;
    struct sgeo_supernet *supernet;
    struct sgeo_epochs *epochs;
    const char *path, *identity;
    const struct sgeo_training *training;
    double saved, saving; /* the last checkpoint: when, by the wall clock, and its seconds */
};

static enum sgeo_status warmup_batch(void *images, uint16_t *labels, size_t epoch, size_t first,
                                     size_t n, void *context)
{
    const struct warmup *warmup = context;
    enum sgeo_status status = sgeo_worker_step(warmup->worker, warmup->training, epoch, first);
    return status == SGEO_OK ? sgeo_epochs_batch(warmup->epochs, images, labels, epoch, first, n)
                             : status;
}

static enum sgeo_status warmup_step(const struct sgeo_training_result *result, void *context)
{
    struct warmup *warmup = context;
    double start = sgeo_wall_seconds();
    bool last = result->point.steps ==
                warmup->training->epochs * sgeo_training_steps_per_epoch(warmup->training);
    if (!last &&
        start - warmup->saved < fmin(TRAINING_PER_SAVING * warmup->saving, LONGEST_UNSAVED)) {
        return SGEO_OK;
    }
    enum sgeo_status status =
        sgeo_supernet_save(warmup->supernet, warmup->path, warmup->identity, &result->point);
    warmup->saved = sgeo_wall_seconds();
    warmup->saving = warmup->saved - start;
    return status;
}

static enum sgeo_status create_supernet(struct sgeo_worker *worker, const struct sgeo_job_key *key,
                                        struct sgeo_supernet **supernet)
{
    return sgeo_supernet_create(supernet, sgeo_space_find(key->task->space), &key->task->net,
                                sgeo_session_backend(worker->session), key->seed);
}

/* Train on from where an interrupted warm-up was saved; a damaged checkpoint is an error, not a
 * fresh start. */
static enum sgeo_status train_supernet(struct sgeo_worker *worker, const struct sgeo_job_key *key,
                                       struct warmup *warmup, struct sgeo_record *record)
{
    struct sgeo_training training = supernet_recipe;
    struct sgeo_feed *feed = sgeo_run_feed(worker->context, key->task);
    struct sgeo_training_result result;
    struct listed_paths paths = {sgeo_space_find(key->task->space),
                                 sgeo_run_truth(worker->context, key->task)};
    struct sgeo_training_point from = {0};
    if (key->task->paths_from_list) {
        sgeo_supernet_draw(warmup->supernet, draw_listed, &paths);
    }
    training.images = sgeo_warmup_size(worker->context, key).images;
    training.batch = sgeo_supernet_batch(key->task);
    training.rows = sgeo_feed_soft_rows(feed);
    training.epochs = sgeo_job_epochs(worker->context, key);
    training.image_elems = sgeo_feed_image_elems(feed);
    training.next_batch = warmup_batch;
    training.on_step = warmup_step;
    training.context = warmup;
    warmup->training = &training;
    enum sgeo_status status = sgeo_epochs_create(&warmup->epochs, feed, key->seed, training.images);
    if (status == SGEO_OK && sgeo_file_exists(warmup->path)) {
        status = sgeo_supernet_load(warmup->supernet, warmup->path, warmup->identity, &from);
    }
    if (status == SGEO_OK) {
        status = sgeo_supernet_train(warmup->supernet, &result, sgeo_session_pool(worker->session),
                                     &training, &from);
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

enum sgeo_status sgeo_worker_warm(struct sgeo_worker *worker, const struct sgeo_job *job,
                                  struct sgeo_record *record)
{
    char path[1024], identity[512], directory[1024];
    struct warmup warmup = {.worker = worker, .path = path, .identity = identity};
    sgeo_worker_checkpoint(path, sizeof path, worker->context, &job->key);
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

enum sgeo_status sgeo_worker_load_supernet(struct sgeo_worker *worker,
                                           const struct sgeo_job_key *key)
{
    char path[1024], identity[512];
    struct sgeo_job_key wanted = *key;
    struct sgeo_training_point point = {0};
    size_t steps = sgeo_warmup_size(worker->context, key).steps;
    wanted.arch_index = 0;
    if (worker->supernet != NULL && sgeo_job_key_equal(&wanted, &worker->supernet_key)) {
        return SGEO_OK;
    }
    sgeo_supernet_destroy(worker->supernet);
    worker->supernet = NULL;
    sgeo_worker_checkpoint(path, sizeof path, worker->context, key);
    checkpoint_identity(identity, sizeof identity, worker->context, key);
    struct sgeo_supernet *supernet = NULL;
    enum sgeo_status status = create_supernet(worker, key, &supernet);
    if (status == SGEO_OK) {
        status = sgeo_supernet_load(supernet, path, identity, &point);
    }
    if (status == SGEO_OK && point.steps != steps) {
        status = sgeo_fail(SGEO_IO, "run again with --resume", "checkpoint %s has %zu of %zu steps",
                           path, point.steps, steps);
    }
    if (status != SGEO_OK) {
        sgeo_supernet_destroy(supernet);
        return status;
    }
    worker->supernet = supernet;
    worker->supernet_key = wanted;
    return SGEO_OK;
}
