#include <stdio.h>

#include "base/memory.h"
#include "harness/worker_parts.h"

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

void sgeo_worker_watch(struct sgeo_worker *worker, const struct sgeo_watch *watch)
{
    worker->watch = watch;
}

enum sgeo_status sgeo_worker_step(const struct sgeo_worker *worker,
                                  const struct sgeo_training *training, size_t epoch, size_t first)
{
    const struct sgeo_watch *watch = worker->watch;
    if (watch == NULL) {
        return SGEO_OK;
    }
    double images = (double)training->images;
    watch->on_step(((double)epoch * images + (double)first) / ((double)training->epochs * images),
                   watch->context);
    return atomic_load(watch->stop)
               ? sgeo_fail(SGEO_INTERRUPTED, NULL, "a training was stopped because the run ended")
               : SGEO_OK;
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
        return sgeo_worker_score(worker, job, record);
    }
    enum sgeo_status status = job->key.kind == SGEO_JOB_WARMUP
                                  ? sgeo_worker_warm(worker, job, record)
                                  : sgeo_worker_train_truth(worker, job, record);
    sgeo_pool_trim(sgeo_session_pool(worker->session)); /* scores use other batch sizes */
    return status;
}
