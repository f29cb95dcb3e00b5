#include "harness/feed.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/rng.h"
#include "data/augment.h"
#include "data/images.h"
#include "data/split.h"

/* The split is part of the protocol, not of a run: every seed trains on the same 70 %. */
enum { SPLIT_SEED = 0 };

struct sgeo_feed {
    const struct sgeo_task *task;
    const struct sgeo_recipe *recipe;
    struct sgeo_images train, test;
    struct sgeo_split split;
    bool formula;
    char data_id[SGEO_DATA_ID];
};

enum sgeo_status sgeo_feed_open(struct sgeo_feed **out, const struct sgeo_task *task,
                                const char *data_dir, bool formula)
{
    if (!formula && data_dir == NULL && !task->embedded) {
        return sgeo_fail(SGEO_IO,
                         "give --data DIR or set SIGEO_DATA; datasets/ says what belongs there",
                         "task %s needs real data", task->name);
    }
    struct sgeo_feed *feed = sgeo_calloc(1, sizeof *feed);
    if (feed == NULL) {
        return sgeo_fail_memory("data feed");
    }
    feed->task = task;
    feed->formula = formula;
    feed->recipe = sgeo_recipe_find(task->dataset);
    snprintf(feed->data_id, sizeof feed->data_id, "formula");
    enum sgeo_status status = SGEO_OK;
    if (!formula) {
        status = sgeo_images_load(&feed->train, &feed->test, task->dataset, data_dir);
        if (status == SGEO_OK) {
            status = sgeo_split_create(&feed->split, task->dataset, feed->train.n, SPLIT_SEED);
        }
        snprintf(feed->data_id, sizeof feed->data_id, "%.16s", feed->train.sha256);
    }
    if (status != SGEO_OK) {
        sgeo_feed_close(feed);
        return status;
    }
    *out = feed;
    return SGEO_OK;
}

void sgeo_feed_close(struct sgeo_feed *feed)
{
    if (feed == NULL) {
        return;
    }
    sgeo_split_destroy(&feed->split);
    sgeo_images_destroy(&feed->train);
    sgeo_images_destroy(&feed->test);
    sgeo_free(feed);
}

const char *sgeo_feed_data_id(const struct sgeo_feed *feed)
{
    return feed->data_id;
}

bool sgeo_feed_is_stand_in(const struct sgeo_feed *feed)
{
    return feed->train.stand_in;
}

const char *sgeo_feed_kind(const struct sgeo_feed *feed)
{
    if (feed->formula) {
        return "formula";
    }
    return feed->train.stand_in ? "stand-in" : "real";
}

const double *sgeo_feed_soft_rows(const struct sgeo_feed *feed)
{
    return feed->train.soft_rows;
}

size_t sgeo_feed_image_elems(const struct sgeo_feed *feed)
{
    const struct sgeo_net_config *net = &feed->task->net;
    return net->image_channels * net->image_size * net->image_size;
}

size_t sgeo_feed_train_count(const struct sgeo_feed *feed)
{
    return feed->split.n_train;
}

size_t sgeo_feed_val_count(const struct sgeo_feed *feed)
{
    return feed->split.n_val;
}

size_t sgeo_feed_test_count(const struct sgeo_feed *feed)
{
    return feed->test.n;
}

/* Golden rules, section 1: x = sqrt(3)(2u-1), label = floor(min(K,10) u). */
static void formula_batches(const struct sgeo_feed *feed, size_t n, float *images, uint16_t *labels)
{
    uint64_t input = sgeo_fnv1a("input"), label = sgeo_fnv1a("label");
    size_t classes = feed->task->net.classes < 10 ? feed->task->net.classes : 10;
    for (size_t i = 0; i < n * sgeo_feed_image_elems(feed); i++) {
        images[i] = (float)(sqrt(3.0) * (2.0 * sgeo_hash_uniform(input, i) - 1.0));
    }
    for (size_t i = 0; i < n; i++) {
        labels[i] = (uint16_t)((double)classes * sgeo_hash_uniform(label, i));
    }
}

/* n distinct training images; a repeated one would make two rows of every N x N matrix equal. */
static void draw_distinct(const struct sgeo_feed *feed, struct sgeo_rng *rng, uint32_t *index,
                          size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool repeated = true;
        while (repeated) {
            index[i] = feed->split.train[sgeo_rng_below(rng, feed->split.n_train)];
            repeated = false;
            for (size_t j = 0; j < i; j++) {
                repeated |= index[j] == index[i];
            }
        }
    }
}

enum sgeo_status sgeo_feed_proxy_batches(const struct sgeo_feed *feed, uint64_t seed, size_t k,
                                         size_t batch, float *images, uint16_t *labels)
{
    if (feed->formula) {
        formula_batches(feed, k * batch, images, labels);
        return SGEO_OK;
    }
    if (batch > feed->split.n_train) {
        return sgeo_fail(SGEO_USAGE, NULL, "a mini-batch of %zu images, %s has %zu for training",
                         batch, feed->task->dataset, feed->split.n_train);
    }
    uint32_t *index = sgeo_calloc(batch, sizeof *index);
    if (index == NULL) {
        return sgeo_fail_memory("mini-batch");
    }
    for (size_t b = 0; b < k; b++) {
        struct sgeo_rng rng = sgeo_rng_stream(seed, "batch", b);
        draw_distinct(feed, &rng, index, batch);
        sgeo_prepare_images(images + b * batch * sgeo_feed_image_elems(feed), labels + b * batch,
                            &feed->train, feed->recipe, index, batch, &rng);
    }
    sgeo_free(index);
    return SGEO_OK;
}

enum sgeo_status sgeo_feed_mega_batch(const struct sgeo_feed *feed, uint64_t seed, size_t n,
                                      float *images, uint16_t *labels)
{
    if (feed->formula) {
        formula_batches(feed, n, images, labels);
        return SGEO_OK;
    }
    if (n > feed->split.n_train) {
        return sgeo_fail(SGEO_USAGE,
                         "candidate warm-up counts percent of 60,000 images, as the authors do",
                         "the warm-up asks for %zu images, %s has %zu for training", n,
                         feed->task->dataset, feed->split.n_train);
    }
    uint32_t *order = sgeo_calloc(feed->split.n_train, sizeof *order);
    if (order == NULL) {
        return sgeo_fail_memory("mega-batch");
    }
    struct sgeo_rng rng = sgeo_rng_stream(seed, "mega", 0);
    memcpy(order, feed->split.train, feed->split.n_train * sizeof *order);
    sgeo_rng_shuffle(&rng, order, feed->split.n_train);
    sgeo_prepare_images(images, labels, &feed->train, feed->recipe, order, n, &rng);
    sgeo_free(order);
    return SGEO_OK;
}

void sgeo_feed_evaluation(const struct sgeo_feed *feed, bool test, size_t first, size_t n,
                          float *images, uint16_t *labels)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t index = test ? (uint32_t)(first + i) : feed->split.val[first + i];
        sgeo_prepare_images(images + i * sgeo_feed_image_elems(feed), labels + i,
                            test ? &feed->test : &feed->train, feed->recipe, &index, 1, NULL);
    }
}

struct sgeo_epochs {
    const struct sgeo_feed *feed;
    uint64_t seed;
    uint32_t *order;
    size_t count;
    struct sgeo_rng augment;
};

enum sgeo_status sgeo_epochs_create(struct sgeo_epochs **out, const struct sgeo_feed *feed,
                                    uint64_t seed, size_t count)
{
    if (count == 0 || count > feed->split.n_train) {
        return sgeo_fail(SGEO_USAGE, NULL, "an epoch of %zu images, %s has %zu for training", count,
                         feed->task->dataset, feed->split.n_train);
    }
    struct sgeo_epochs *epochs = sgeo_calloc(1, sizeof *epochs);
    uint32_t *order = sgeo_calloc(count, sizeof *order);
    if (epochs == NULL || order == NULL) {
        sgeo_free(epochs);
        sgeo_free(order);
        return sgeo_fail_memory("epoch order");
    }
    *epochs = (struct sgeo_epochs){.feed = feed, .seed = seed, .order = order, .count = count};
    *out = epochs;
    return SGEO_OK;
}

void sgeo_epochs_destroy(struct sgeo_epochs *epochs)
{
    if (epochs == NULL) {
        return;
    }
    sgeo_free(epochs->order);
    sgeo_free(epochs);
}

enum sgeo_status sgeo_epochs_batch(struct sgeo_epochs *epochs, float *images, uint16_t *labels,
                                   size_t epoch, size_t first, size_t n)
{
    if (first == 0) {
        struct sgeo_rng rng = sgeo_rng_stream(epochs->seed, "order", epoch);
        memcpy(epochs->order, epochs->feed->split.train, epochs->count * sizeof *epochs->order);
        sgeo_rng_shuffle(&rng, epochs->order, epochs->count);
        epochs->augment = sgeo_rng_stream(epochs->seed, "augment", epoch);
    }
    sgeo_prepare_images(images, labels, &epochs->feed->train, epochs->feed->recipe,
                        epochs->order + first, n, &epochs->augment);
    return SGEO_OK;
}
