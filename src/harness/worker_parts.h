/* What the files of the worker share: its state, and a job of each kind. */
#ifndef SGEO_HARNESS_WORKER_PARTS_H
#define SGEO_HARNESS_WORKER_PARTS_H

#include "harness/worker.h"
#include "proxy/session.h"
#include "space/supernet.h"
#include "space/train.h"

struct sgeo_worker {
    const struct sgeo_run_context *context;
    const struct sgeo_watch *watch; /* or NULL */
    struct sgeo_session *session;
    struct sgeo_supernet *supernet; /* of supernet_key */
    struct sgeo_job_key supernet_key;
    float *images; /* of images_key: the proxy's mini-batches are the last k*batch of n_images */
    uint16_t *labels;
    size_t n_images;
    struct sgeo_job_key images_key;
};

/* Before the step of a training that begins at image `first` of an epoch: tell the watch, and
 * SGEO_INTERRUPTED when the run is over. */
enum sgeo_status sgeo_worker_step(const struct sgeo_worker *worker,
                                  const struct sgeo_training *training, size_t epoch, size_t first);

/* Train a supernet and leave its checkpoint. */
enum sgeo_status sgeo_worker_warm(struct sgeo_worker *worker, const struct sgeo_job *job,
                                  struct sgeo_record *record);

/* The trained supernet of a key: worker->supernet, loaded once and kept until another is asked for.
 */
enum sgeo_status sgeo_worker_load_supernet(struct sgeo_worker *worker,
                                           const struct sgeo_job_key *key);

/* Measure an architecture's proxies. */
enum sgeo_status sgeo_worker_score(struct sgeo_worker *worker, const struct sgeo_job *job,
                                   struct sgeo_record *record);

/* Train an architecture from scratch: validation and test accuracy. */
enum sgeo_status sgeo_worker_train_truth(struct sgeo_worker *worker, const struct sgeo_job *job,
                                         struct sgeo_record *record);

#endif
