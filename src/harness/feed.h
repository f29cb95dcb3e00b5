/*
 * Feeds: the images of one task, and the mini-batches that proxies and warm-ups draw from them.
 * Read-only once open, so workers share one. Every draw names its stream:
 *   proxy batch b            (seed, "batch", b)
 *   a candidate's mega-batch (seed, "mega", 0)
 *   order of an epoch        (seed, "order", epoch);  its augmentation (seed, "augment", epoch)
 */
#ifndef SGEO_HARNESS_FEED_H
#define SGEO_HARNESS_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "harness/record.h"
#include "harness/task.h"

struct sgeo_feed;

/*
 * Open the images of a task. data_dir may be NULL for embedded tasks. formula: images and labels by
 * the golden rules instead (no files are read). The caller owns *feed.
 */
enum sgeo_status sgeo_feed_open(struct sgeo_feed **feed, const struct sgeo_task *task,
                                const char *data_dir, bool formula);
void sgeo_feed_close(struct sgeo_feed *feed);

const char *sgeo_feed_data_id(
    const struct sgeo_feed *feed); /* first digits of the images' SHA-256, or "formula" */
bool sgeo_feed_is_stand_in(const struct sgeo_feed *feed);
const char *
sgeo_feed_kind(const struct sgeo_feed *feed); /* of images: "real", "stand-in" or "formula" */

/* (classes, classes) soft targets by label, the feed's own; NULL: labels are exact, as by formula.
 */
const double *sgeo_feed_soft_rows(const struct sgeo_feed *feed);

size_t sgeo_feed_image_elems(const struct sgeo_feed *feed); /* C*H*W of a prepared image */
size_t sgeo_feed_train_count(const struct sgeo_feed *feed); /* images of the training portion */
size_t sgeo_feed_val_count(const struct sgeo_feed *feed);
size_t sgeo_feed_test_count(const struct sgeo_feed *feed);

/* k mini-batches for proxies: images (k*batch,C,H,W), labels (k*batch), augmented training images.
 */
enum sgeo_status sgeo_feed_proxy_batches(const struct sgeo_feed *feed, uint64_t seed, size_t k,
                                         size_t batch, float *images, uint16_t *labels);

/* n distinct augmented training images in a fixed order: a candidate's warm-up set, drawn once.
 * SGEO_USAGE when there are fewer. */
enum sgeo_status sgeo_feed_mega_batch(const struct sgeo_feed *feed, uint64_t seed, size_t n,
                                      float *images, uint16_t *labels);

/* Images first..first+n-1 of the validation or test split as they are (no augmentation). */
void sgeo_feed_evaluation(const struct sgeo_feed *feed, bool test, size_t first, size_t n,
                          float *images, uint16_t *labels);

/* Epochs over the first `count` training images, reshuffled and augmented anew in each; context of
 * sgeo_epochs_batch. */
struct sgeo_epochs;
enum sgeo_status sgeo_epochs_create(struct sgeo_epochs **epochs, const struct sgeo_feed *feed,
                                    uint64_t seed, size_t count);
void sgeo_epochs_destroy(struct sgeo_epochs *epochs);

/* Positions first..first+n-1 of an epoch; epochs and positions must come in order (a restart begins
 * at an epoch's start). */
enum sgeo_status sgeo_epochs_batch(struct sgeo_epochs *epochs, float *images, uint16_t *labels,
                                   size_t epoch, size_t first, size_t n);

#endif
