#include "harness/ctr_finals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/journal.h"
#include "base/memory.h"
#include "harness/ctr_cost.h"
#include "harness/ctr_predictions.h"
#include "harness/job_pool.h"
#include "harness/run_folder.h"
#include "kernels/dispatch/dispatch.h"

#define SAVE_SECONDS 120.0 /* between two checkpoints of a training */

/* A job beside its record. */
struct training {
    const struct sgeo_ctr_set *clicks;
    struct sgeo_ctr_named model;
    struct sgeo_ctr_final_recipe recipe;
};

struct sgeo_ctr_finals {
    const struct sgeo_options *options;
    struct sgeo_journal *journal;
    struct sgeo_ctr_final *known; /* (n_known) of the journal */
    size_t n_known;
    struct training *trainings;     /* (n) */
    struct sgeo_ctr_final *records; /* (n) */
    bool *done;                     /* (n) */
    double *costs;                  /* (n) */
    size_t n, capacity;             /* of all four */
};

/* --- journal --- */

static enum sgeo_status replay(const char *line, void *context)
{
    struct sgeo_ctr_finals *finals = context;
    struct sgeo_ctr_final record;
    enum sgeo_status status = sgeo_ctr_final_parse(&record, line);
    if (status != SGEO_OK) {
        return status;
    }
    struct sgeo_ctr_final *grown =
        sgeo_grow(finals->known, finals->n_known, finals->n_known + 1, sizeof *grown);
    if (grown == NULL) {
        return sgeo_fail_memory("trainings of the journal");
    }
    finals->known = grown;
    finals->known[finals->n_known++] = record;
    return SGEO_OK;
}

static enum sgeo_status open_journal(struct sgeo_ctr_finals *finals)
{
    const struct sgeo_options *options = finals->options;
    char path[1024], identity[128];
    sgeo_run_journal_path(path, sizeof path, options);
    snprintf(identity, sizeof identity, "{\"journal\":1,\"finals\":1,\"isa\":\"%s\"}",
             sgeo_isa_name(sgeo_kernels_isa()));
    enum sgeo_status status = sgeo_run_folder_check(options);
    if (status == SGEO_OK) {
        status = sgeo_directory_create(options->out);
    }
    return status == SGEO_OK ? sgeo_journal_open(&finals->journal, path, identity, replay, finals)
                             : status;
}

enum sgeo_status sgeo_ctr_finals_open(struct sgeo_ctr_finals **out,
                                      const struct sgeo_options *options)
{
    struct sgeo_ctr_finals *finals = sgeo_calloc(1, sizeof *finals);
    if (finals == NULL) {
        return sgeo_fail_memory("trainings");
    }
    finals->options = options;
    enum sgeo_status status = open_journal(finals);
    if (status != SGEO_OK) {
        sgeo_ctr_finals_close(finals);
        return status;
    }
    *out = finals;
    return SGEO_OK;
}

void sgeo_ctr_finals_close(struct sgeo_ctr_finals *finals)
{
    if (finals != NULL) {
        sgeo_journal_close(finals->journal);
        sgeo_free(finals->known);
        sgeo_free(finals->trainings);
        sgeo_free(finals->records);
        sgeo_free(finals->done);
        sgeo_free(finals->costs);
        sgeo_free(finals);
    }
}

/* --- the list --- */

static bool same_key(const struct sgeo_ctr_final *a, const struct sgeo_ctr_final *b)
{
    return a->task == b->task && a->seed == b->seed && strcmp(a->model, b->model) == 0;
}

/* SGEO_NONE when the list has none. */
static size_t find(const struct sgeo_ctr_finals *finals, const struct sgeo_ctr_final *key)
{
    for (size_t i = 0; i < finals->n; i++) {
        if (same_key(&finals->records[i], key)) {
            return i;
        }
    }
    return SGEO_NONE;
}

static enum sgeo_status reserve(struct sgeo_ctr_finals *finals)
{
    size_t old = finals->capacity, wanted = old == 0 ? 64 : 2 * old;
    if (finals->n < old) {
        return SGEO_OK;
    }
    struct training *trainings = sgeo_grow(finals->trainings, old, wanted, sizeof *trainings);
    finals->trainings = trainings == NULL ? finals->trainings : trainings;
    struct sgeo_ctr_final *records = sgeo_grow(finals->records, old, wanted, sizeof *records);
    finals->records = records == NULL ? finals->records : records;
    bool *done = sgeo_grow(finals->done, old, wanted, sizeof *done);
    finals->done = done == NULL ? finals->done : done;
    double *costs = sgeo_grow(finals->costs, old, wanted, sizeof *costs);
    finals->costs = costs == NULL ? finals->costs : costs;
    if (trainings == NULL || records == NULL || done == NULL || costs == NULL) {
        return sgeo_fail_memory("trainings");
    }
    finals->capacity = wanted;
    return SGEO_OK;
}

/* Take a training from the journal, if it has its predictions too. */
static enum sgeo_status recall(struct sgeo_ctr_finals *finals, size_t job)
{
    struct sgeo_ctr_final *record = &finals->records[job];
    for (size_t i = 0; i < finals->n_known; i++) {
        const struct sgeo_ctr_final *known = &finals->known[i];
        if (!same_key(known, record)) {
            continue;
        }
        if (strcmp(known->settings, record->settings) != 0) {
            return sgeo_fail(SGEO_USAGE,
                             "give --out another directory, or repeat the original arguments",
                             "%s trained %s on other rows of %s, or otherwise",
                             finals->options->out, record->model, record->task->name);
        }
        if (sgeo_ctr_predictions_exist(finals->options->out, known)) {
            *record = *known;
            finals->done[job] = true;
        }
    }
    return SGEO_OK;
}

enum sgeo_status sgeo_ctr_finals_add(struct sgeo_ctr_finals *finals,
                                     const struct sgeo_ctr_set *clicks,
                                     const struct sgeo_ctr_named *model, size_t epochs,
                                     uint64_t seed)
{
    struct training training = {.clicks = clicks, .model = *model};
    struct sgeo_ctr_final record = {.task = clicks->task, .seed = seed};
    double cost = 0.0;
    sgeo_ctr_named_text(record.model, model);
    if (find(finals, &record) != SGEO_NONE) {
        return SGEO_OK;
    }
    enum sgeo_status status =
        sgeo_ctr_final_recipe(&training.recipe, clicks->task, sgeo_ctr_named_space(model), epochs,
                              clicks->split.rows[SGEO_CTR_TRAIN]);
    if (status == SGEO_OK) {
        status = sgeo_ctr_final_settings(record.settings, clicks, &training.recipe);
    }
    if (status == SGEO_OK) {
        status = sgeo_ctr_final_cost(&cost, clicks->data.schema, model, &training.recipe);
    }
    if (status == SGEO_OK) {
        status = reserve(finals);
    }
    if (status != SGEO_OK) {
        return status;
    }
    size_t job = finals->n++;
    finals->trainings[job] = training;
    finals->records[job] = record;
    finals->costs[job] = cost;
    return recall(finals, job);
}

/* --- training --- */

static enum sgeo_status open_trainer(void **out, const atomic_bool *stop, void *context)
{
    const struct sgeo_ctr_finals *finals = context;
    struct sgeo_ctr_trainer *trainer = NULL;
    enum sgeo_status status = sgeo_ctr_trainer_create(&trainer, finals->options->executor, stop);
    if (status == SGEO_OK) {
        sgeo_ctr_trainer_keep(trainer, finals->options->out, SAVE_SECONDS);
    }
    *out = trainer;
    return status;
}

static void close_trainer(void *trainer)
{
    sgeo_ctr_trainer_destroy(trainer);
}

/* Predictions are there before the journal says so. */
static enum sgeo_status train(void *trainer, size_t job, void *context)
{
    struct sgeo_ctr_finals *finals = context;
    const struct training *training = &finals->trainings[job];
    struct sgeo_ctr_final *record = &finals->records[job];
    size_t n = training->clicks->split.rows[SGEO_CTR_TEST];
    double *logits = sgeo_calloc(n + 1, sizeof *logits);
    if (logits == NULL) {
        return sgeo_fail_memory("predictions");
    }
    enum sgeo_status status =
        sgeo_ctr_final_train(trainer, record, logits, training->clicks, &training->model,
                             &training->recipe, record->seed);
    if (status == SGEO_OK) {
        status = sgeo_ctr_predictions_write(finals->options->out, record, logits, n);
    }
    sgeo_free(logits);
    return status;
}

static enum sgeo_status keep(size_t job, void *context)
{
    struct sgeo_ctr_finals *finals = context;
    struct sgeo_text line = {0};
    sgeo_ctr_final_write(&line, &finals->records[job]);
    enum sgeo_status status = line.failed ? sgeo_fail_memory("journal line")
                                          : sgeo_journal_append(finals->journal, line.bytes);
    sgeo_text_clear(&line);
    return status;
}

enum sgeo_status sgeo_ctr_finals_train(struct sgeo_ctr_finals *finals, sgeo_progress_fn progress,
                                       void *progress_context)
{
    const struct sgeo_job_pool pool = {.n = finals->n,
                                       .done = finals->done,
                                       .cost = finals->costs,
                                       .open = open_trainer,
                                       .run = train,
                                       .close = close_trainer,
                                       .keep = keep,
                                       .context = finals,
                                       .progress = progress,
                                       .progress_context = progress_context};
    enum sgeo_status status = sgeo_job_pool_run(&pool, finals->options->workers);
    for (size_t i = 0; status == SGEO_OK && i < finals->n; i++) {
        finals->done[i] = true;
    }
    return status;
}

/* --- results --- */

const struct sgeo_ctr_final *sgeo_ctr_finals_find(const struct sgeo_ctr_finals *finals,
                                                  const struct sgeo_ctr_task *task,
                                                  const struct sgeo_ctr_named *model, uint64_t seed)
{
    struct sgeo_ctr_final key = {.task = task, .seed = seed};
    sgeo_ctr_named_text(key.model, model);
    size_t job = find(finals, &key);
    return job != SGEO_NONE && finals->done[job] ? &finals->records[job] : NULL;
}

size_t sgeo_ctr_finals_count(const struct sgeo_ctr_finals *finals)
{
    return finals->n;
}

const struct sgeo_ctr_final *sgeo_ctr_finals_at(const struct sgeo_ctr_finals *finals, size_t index)
{
    return &finals->records[index];
}

/* Whether the journal has the training again behind this place: then that line counts. */
static bool has_later(const struct sgeo_ctr_finals *finals, size_t place)
{
    for (size_t i = place + 1; i < finals->n_known; i++) {
        if (same_key(&finals->known[i], &finals->known[place])) {
            return true;
        }
    }
    return false;
}

static int compare_keys(const void *a, const void *b)
{
    const struct sgeo_ctr_final *x = *(const struct sgeo_ctr_final *const *)a;
    const struct sgeo_ctr_final *y = *(const struct sgeo_ctr_final *const *)b;
    int order = strcmp(x->task->name, y->task->name);
    order = order != 0 ? order : strcmp(x->model, y->model);
    return order != 0 ? order : (x->seed > y->seed) - (x->seed < y->seed);
}

enum sgeo_status sgeo_ctr_finals_others(const struct sgeo_ctr_final ***others, size_t *n,
                                        const struct sgeo_ctr_finals *finals)
{
    const struct sgeo_ctr_final **found =
        sgeo_calloc(finals->n_known + 1, sizeof(const struct sgeo_ctr_final *));
    size_t n_found = 0;
    if (found == NULL) {
        return sgeo_fail_memory("trainings of the journal");
    }
    for (size_t i = 0; i < finals->n_known; i++) {
        const struct sgeo_ctr_final *known = &finals->known[i];
        if (find(finals, known) == SGEO_NONE && !has_later(finals, i) &&
            sgeo_ctr_predictions_exist(finals->options->out, known)) {
            found[n_found++] = known;
        }
    }
    qsort(found, n_found, sizeof(const struct sgeo_ctr_final *), compare_keys);
    *others = found;
    *n = n_found;
    return SGEO_OK;
}
