#include "cli/argument_values.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "harness/ctr_task.h"
#include "harness/task.h"
#include "proxy/ctr_measure.h"

enum sgeo_status sgeo_unknown_name(const char *what, const char *shown_by, const char *word,
                                   const char *(*name)(size_t))
{
    const char *nearest = NULL;
    size_t best = (size_t)-1;
    for (size_t i = 0; name(i) != NULL; i++) {
        size_t distance = sgeo_edit_distance(word, name(i));
        if (distance < best) {
            best = distance;
            nearest = name(i);
        }
    }
    char hint[128];
    snprintf(hint, sizeof hint, "did you mean %s? %s shows all", nearest, shown_by);
    return sgeo_fail(SGEO_USAGE, hint, "unknown %s: %s", what, word);
}

/* Those of images, then those of click-through rows. */
static const char *task_name(size_t i)
{
    const struct sgeo_task *const *images = sgeo_task_all();
    const struct sgeo_ctr_task *const *clicks = sgeo_ctr_task_all();
    size_t n = 0;
    while (images[n] != NULL) {
        n++;
    }
    return i < n ? images[i]->name : clicks[i - n] == NULL ? NULL : clicks[i - n]->name;
}

static const char *proxy_name(size_t i)
{
    const struct sgeo_proxy *const *images = sgeo_proxy_all();
    const struct sgeo_proxy *const *clicks = sgeo_ctr_proxy_all();
    size_t n = 0;
    while (images[n] != NULL) {
        n++;
    }
    return i < n ? images[i]->name : clicks[i - n] == NULL ? NULL : clicks[i - n]->name;
}

/* Call add(word) for every comma-separated word. */
static enum sgeo_status for_words(const char *list,
                                  enum sgeo_status (*add)(struct sgeo_options *, const char *),
                                  struct sgeo_options *options)
{
    char word[64];
    const char *at = list;
    while (true) {
        size_t length = strcspn(at, ",");
        if (length == 0 || length >= sizeof word) {
            return sgeo_fail(SGEO_USAGE, "words separated by commas, no blanks",
                             "malformed list: %s", list);
        }
        memcpy(word, at, length);
        word[length] = '\0';
        enum sgeo_status status = add(options, word);
        if (status != SGEO_OK || at[length] == '\0') {
            return status;
        }
        at += length + 1;
    }
}

static enum sgeo_status fail_twice(const char *what, const char *word)
{
    return sgeo_fail(SGEO_USAGE, "name it once", "%s %s is given twice", what, word);
}

static enum sgeo_status add_ctr_task(struct sgeo_options *options, const char *word)
{
    const struct sgeo_ctr_task *task = sgeo_ctr_task_find(word);
    if (task == NULL) {
        return sgeo_unknown_name("task", "--list tasks", word, task_name);
    }
    for (size_t i = 0; i < options->n_ctr_tasks; i++) {
        if (options->ctr_tasks[i] == task) {
            return fail_twice("task", word);
        }
    }
    options->ctr_tasks[options->n_ctr_tasks++] = task;
    return SGEO_OK;
}

static enum sgeo_status add_task(struct sgeo_options *options, const char *word)
{
    const struct sgeo_task *task = sgeo_task_find(word);
    if (task == NULL) {
        return add_ctr_task(options, word);
    }
    for (size_t i = 0; i < options->n_tasks; i++) {
        if (options->tasks[i] == task) {
            return fail_twice("task", word);
        }
    }
    options->tasks[options->n_tasks++] = task;
    return SGEO_OK;
}

/* Which reading it names depends on the tasks, which may follow. */
static const char bare[] = "sigeo";

/* Readings of images come first. */
static enum sgeo_status add_proxy(struct sgeo_options *options, const char *word)
{
    const struct sgeo_proxy *proxy = sgeo_proxy_find(word);
    proxy = proxy == NULL ? sgeo_ctr_proxy_find(word) : proxy;
    if (proxy == NULL) {
        return sgeo_unknown_name("proxy", "--list proxies", word, proxy_name);
    }
    for (size_t i = 0; i < options->n_proxies; i++) {
        if (options->proxies[i] == proxy) {
            return fail_twice("proxy", word);
        }
    }
    options->proxies[options->n_proxies++] = proxy;
    if (strcmp(word, bare) == 0) {
        options->bare_sigeo = options->n_proxies;
    }
    return SGEO_OK;
}

enum sgeo_status sgeo_settle_ctr_proxies(struct sgeo_options *options)
{
    const struct sgeo_proxy *proxy = sgeo_ctr_proxy_find(bare);
    if (options->bare_sigeo == 0) {
        return SGEO_OK;
    }
    for (size_t i = 0; i < options->n_proxies; i++) {
        if (options->proxies[i] == proxy) {
            return fail_twice("proxy", proxy->name);
        }
    }
    options->proxies[options->bare_sigeo - 1] = proxy;
    return SGEO_OK;
}

static enum sgeo_status add_level(struct sgeo_options *options, const char *word)
{
    double level;
    if (!sgeo_parse_double(word, &level) || !(level >= 0.0 && level <= 100.0)) {
        return sgeo_fail(SGEO_USAGE, "percent from 0 to 100, e.g. --warmup 0,10,100",
                         "malformed warm-up level: %s", word);
    }
    level = level == 0.0 ? 0.0 : level; /* exactly: "-0" is 0, and is printed as that */
    size_t at = 0;
    while (at < options->n_levels && options->levels[at] < level) {
        at++;
    }
    if (at < options->n_levels && options->levels[at] == level) {
        return sgeo_fail(SGEO_USAGE, "name it once", "warm-up level %s is given twice", word);
    }
    if (options->n_levels == SGEO_LEVELS_MAX) {
        return sgeo_fail(SGEO_USAGE, NULL, "more than %zu warm-up levels", SGEO_LEVELS_MAX);
    }
    memmove(options->levels + at + 1, options->levels + at,
            (options->n_levels - at) * sizeof *options->levels);
    options->levels[at] = level;
    options->n_levels++;
    return SGEO_OK;
}

enum sgeo_status sgeo_read_count(size_t *value, const char *what, const char *word, uint64_t least)
{
    uint64_t number;
    if (!sgeo_parse_u64(word, &number) || number < least || number > 1000000000U) {
        char hint[64];
        snprintf(hint, sizeof hint, "a whole number from %llu on", (unsigned long long)least);
        return sgeo_fail(SGEO_USAGE, hint, "malformed %s: %s", what, word);
    }
    *value = (size_t)number;
    return SGEO_OK;
}

enum sgeo_status sgeo_read_word(size_t *index, const char *what, const char *word,
                                const char *const *words)
{
    char hint[128] = "one of";
    for (size_t i = 0; words[i] != NULL; i++) {
        if (strcmp(word, words[i]) == 0) {
            *index = i;
            return SGEO_OK;
        }
        snprintf(hint + strlen(hint), sizeof hint - strlen(hint), " %s", words[i]);
    }
    return sgeo_fail(SGEO_USAGE, hint, "unknown %s: %s", what, word);
}

enum sgeo_status sgeo_read_lambda(struct sgeo_options *options, const char *text)
{
    char words[3][64];
    int end = 0;
    double *values[3] = {&options->lambda.zico, &options->lambda.fr, &options->lambda.loss};
    bool ok = sscanf(text, "%63[^,],%63[^,],%63[^,]%n", words[0], words[1], words[2], &end) == 3 &&
              text[end] == '\0';
    for (size_t i = 0; ok && i < 3; i++) {
        ok = sgeo_parse_double(words[i], values[i]);
    }
    options->has_lambda = ok;
    return ok ? SGEO_OK
              : sgeo_fail(SGEO_USAGE, "three numbers, e.g. --lambda 1,50,1",
                          "malformed --lambda: %s", text);
}

enum sgeo_status sgeo_read_shard(struct sgeo_options *options, const char *text)
{
    char words[2][32];
    int end = 0;
    if (sscanf(text, "%31[^/]/%31[^/]%n", words[0], words[1], &end) != 2 || text[end] != '\0' ||
        sgeo_read_count(&options->shard, "shard", words[0], 0) != SGEO_OK ||
        sgeo_read_count(&options->shards, "number of shards", words[1], 1) != SGEO_OK ||
        options->shard >= options->shards) {
        return sgeo_fail(SGEO_USAGE, "I/N with I from 0 to N-1, e.g. --shard 0/4",
                         "malformed --shard: %s", text);
    }
    return SGEO_OK;
}

enum sgeo_status sgeo_read_archs(struct sgeo_options *options, const char *text)
{
    if (text[strspn(text, "0123456789")] == '\0') {
        return sgeo_read_count(&options->n_archs, "number of architectures", text, 1);
    }
    options->archs_file = text;
    return SGEO_OK;
}

enum sgeo_status sgeo_read_seed(struct sgeo_options *options, const char *text)
{
    return sgeo_parse_u64(text, &options->seed) && options->seed < ((uint64_t)1 << 62)
               ? SGEO_OK
               : sgeo_fail(SGEO_USAGE, "a whole number from 0 on", "malformed seed: %s", text);
}

void sgeo_read_data(struct sgeo_options *options, const char *text)
{
    options->data_formula = strcmp(text, "formula") == 0;
    options->data = options->data_formula ? NULL : text;
}

enum sgeo_status sgeo_read_precision(struct sgeo_options *options, const char *text)
{
    static const char *const precisions[] = {"f32", "bf16", NULL};
    size_t index = 0;
    enum sgeo_status status = sgeo_read_word(&index, "precision", text, precisions);
    options->executor.precision = index == 1 ? SGEO_BF16 : SGEO_F32;
    return status;
}

enum sgeo_status sgeo_read_batches(struct sgeo_options *options, const char *text)
{
    enum sgeo_status status = sgeo_read_count(&options->batches, "number of mini-batches", text, 2);
    return status == SGEO_OK && options->batches > SGEO_MOMENTS_MAX_BATCHES
               ? sgeo_fail(SGEO_USAGE, "from 2 to 16", "too many mini-batches: %s", text)
               : status;
}

enum sgeo_status sgeo_read_tasks(struct sgeo_options *options, const char *list)
{
    return for_words(list, add_task, options);
}

enum sgeo_status sgeo_read_proxies(struct sgeo_options *options, const char *list)
{
    return for_words(list, add_proxy, options);
}

enum sgeo_status sgeo_read_levels(struct sgeo_options *options, const char *list)
{
    return for_words(list, add_level, options);
}
