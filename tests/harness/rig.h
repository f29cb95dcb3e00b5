/* What the tests of this room share: a folder of tiny images with ground truth, options of a small
 * run, a text sink. */
#ifndef SGEO_TESTS_HARNESS_RIG_H
#define SGEO_TESTS_HARNESS_RIG_H

#include "base/memory.h"
#include "base/suite.h"
#include "harness/campaign.h"

enum { TINY_TRAIN = 70, TINY_VAL = 30, TINY_TEST = 20, TINY_RECORDS = 20, TINY_ARCHS = 7 };

/* Cheap and all different; the last two compute the same function. */
static const char *const tiny_archs[TINY_ARCHS] = {
    "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|nor_conv_1x1~1|skip_connect~2|",
    "|skip_connect~0|+|nor_conv_1x1~0|none~1|+|none~0|none~1|nor_conv_1x1~2|",
    "|avg_pool_3x3~0|+|none~0|none~1|+|nor_conv_1x1~0|skip_connect~1|none~2|",
    "|nor_conv_1x1~0|+|none~0|skip_connect~1|+|skip_connect~0|none~1|none~2|",
    "|skip_connect~0|+|none~0|nor_conv_3x3~1|+|none~0|none~1|skip_connect~2|",
    "|none~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|",
    "|none~0|+|none~0|none~1|+|nor_conv_1x1~0|skip_connect~1|none~2|",
};

static char tiny_data[SCRATCH_PATH_BYTES];

/* A CIFAR-10 batch: labels in turn, pixels from a counter, so that all images differ. */
static inline void tiny_batch(const char *name, unsigned first)
{
    static unsigned char bytes[TINY_RECORDS * 3073];
    char path[SCRATCH_PATH_BYTES];
    for (unsigned r = 0; r < TINY_RECORDS; r++) {
        unsigned state = (first + r) * 2654435761U + 1U;
        bytes[r * 3073] = (unsigned char)((first + r) % 10);
        for (unsigned i = 1; i < 3073; i++) {
            state = state * 1664525U + 1013904223U;
            bytes[r * 3073 + i] = (unsigned char)(state >> 24);
        }
    }
    scratch_write(path, name, bytes, sizeof bytes);
}

static inline void tiny_truth(void)
{
    struct sgeo_text text = {0};
    char path[SCRATCH_PATH_BYTES];
    sgeo_text_append(&text, "naslib_idx,index,arch,cifar10_val,cifar10_test\n");
    for (int i = 0; i < TINY_ARCHS; i++) {
        sgeo_text_append(&text, "%d,%d,%s,%d,%d.5\n", 10 * i, 100 + i, tiny_archs[i],
                         60 + 3 * (i * 5 % 7), 60 + i);
    }
    scratch_write(path, "groundtruth/nb201.csv", text.bytes, text.length);
    sgeo_text_clear(&text);
}

static inline void tiny_folder(const char *name)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_path(path, name);
    ck_assert_int_eq(mkdir(path, 0777), 0);
}

/* Setup: a scratch directory that is a data folder for nb201-cf10 too. */
static inline void tiny_create(void)
{
    char name[64];
    scratch_create();
    tiny_folder("cifar-10-batches-bin");
    tiny_folder("groundtruth");
    for (unsigned b = 1; b <= 5; b++) {
        snprintf(name, sizeof name, "cifar-10-batches-bin/data_batch_%u.bin", b);
        tiny_batch(name, b * TINY_RECORDS);
    }
    tiny_batch("cifar-10-batches-bin/test_batch.bin", 1000);
    tiny_truth();
    snprintf(tiny_data, sizeof tiny_data, "%s", scratch_directory);
}

/* Options as the command line leaves them: the tiny folder, zico, cold, one worker. out must
 * outlive them. */
static inline struct sgeo_options tiny_options(const char *out)
{
    struct sgeo_options options = {.n_tasks = 1,
                                   .n_proxies = 1,
                                   .n_levels = 1,
                                   .batches = 2,
                                   .batch_size = 2,
                                   .workers = 1,
                                   .epochs = 1,
                                   .seeds = 1,
                                   .data = tiny_data,
                                   .out = out};
    options.tasks[0] = sgeo_task_find("nb201-cf10");
    options.proxies[0] = sgeo_proxy_find("zico");
    return options;
}

/* sgeo_text_sink into a struct sgeo_text. */
static inline void collect(const char *text, void *context)
{
    sgeo_text_append(context, "%s", text);
}

static inline size_t count_of(const char *text, const char *word)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, word)) != NULL; at += strlen(word)) {
        count++;
    }
    return count;
}

static inline void assert_error_has(const char *word)
{
    ck_assert_msg(strstr(sgeo_error_text(), word) != NULL, "'%s' does not say '%s'",
                  sgeo_error_text(), word);
}

#endif
