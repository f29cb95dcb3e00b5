#include "harness/campaign.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/journal.h"
#include "base/memory.h"
#include "harness/preset.h"
#include "harness/ranks.h"
#include "harness/run_folder.h"
#include "harness/worker.h"
#include "kernels/dispatch/dispatch.h"

static enum sgeo_status open_task(struct sgeo_campaign *campaign, size_t t)
{
    const struct sgeo_options *options = campaign->options;
    const struct sgeo_task *task = options->tasks[t];
    enum sgeo_status status =
        sgeo_feed_open(&campaign->context.feeds[t], task, options->data, options->data_formula);
    size_t batch_size = sgeo_batch_size(options, task);
    if (status == SGEO_OK && !options->data_formula &&
        batch_size > sgeo_feed_train_count(campaign->context.feeds[t])) {
        status = sgeo_fail(SGEO_USAGE, "give a smaller --batch-size",
                           "a mini-batch of %zu images, %s has %zu for training", batch_size,
                           task->dataset, sgeo_feed_train_count(campaign->context.feeds[t]));
    }
    campaign->context.truths[t] = &campaign->lists[t].truth;
    return status == SGEO_OK ? sgeo_arch_list_open(&campaign->lists[t], task, options) : status;
}

/* --- jobs --- */

static enum sgeo_status push_job(struct sgeo_campaign *campaign, const struct sgeo_job_key *key,
                                 const char *arch)
{
    size_t n = campaign->n_jobs;
    if ((n & (n - 1)) == 0) {
        struct sgeo_job *jobs = sgeo_grow(campaign->jobs, n, n == 0 ? 1 : 2 * n, sizeof *jobs);
        if (jobs == NULL) {
            return sgeo_fail_memory("job list");
        }
        campaign->jobs = jobs;
    }
    struct sgeo_job *job = &campaign->jobs[campaign->n_jobs++];
    *job = (struct sgeo_job){.key = *key, .arch = arch};
    job->cost = sgeo_job_cost(&campaign->context, job);
    return SGEO_OK;
}

static bool in_shard(const struct sgeo_options *options, size_t i)
{
    return options->shards == 0 || i % options->shards == options->shard;
}

static enum sgeo_status push_scores(struct sgeo_campaign *campaign, size_t t,
                                    struct sgeo_job_key key)
{
    const struct sgeo_arch_list *list = &campaign->lists[t];
    enum sgeo_status status = SGEO_OK;
    key.kind = SGEO_JOB_SCORE;
    for (size_t i = 0; status == SGEO_OK && i < list->n; i++) {
        key.arch_index = sgeo_arch_list_index(list, i);
        if (in_shard(campaign->options, i) && (list->same_as == NULL || list->same_as[i] == i)) {
            status = push_job(campaign, &key, list->entries[i]->arch);
        }
    }
    return status;
}

/* A warm-up needs at least one image and at most what there is, whatever else the run does before
 * it gets there. */
static enum sgeo_status check_level(const struct sgeo_campaign *campaign,
                                    const struct sgeo_job_key *key)
{
    size_t images = sgeo_warmup_size(&campaign->context, key).images;
    size_t available = sgeo_feed_train_count(sgeo_run_feed(&campaign->context, key->task));
    if (key->level == 0.0 || (images > 0 && images <= available)) {
        return SGEO_OK;
    }
    return sgeo_fail(SGEO_USAGE,
                     key->mode == SGEO_WARMUP_CANDIDATE
                         ? "candidate warm-up counts percent of 60,000 images, as the authors do"
                         : "percent of the training images: ask for at least one",
                     "a warm-up of %g %% takes %zu images, %s has %zu for training", key->level,
                     images, key->task->name, available);
}

static enum sgeo_status push_level(struct sgeo_campaign *campaign, size_t t, double level,
                                   uint64_t seed)
{
    struct sgeo_job_key key = {.kind = SGEO_JOB_WARMUP,
                               .task = campaign->options->tasks[t],
                               .level = level,
                               .mode = campaign->options->warmup_mode,
                               .seed = seed};
    enum sgeo_status status = check_level(campaign, &key);
    if (status == SGEO_OK && level > 0.0 && key.mode == SGEO_WARMUP_SUPERNET) {
        status = push_job(campaign, &key, NULL);
    }
    if (level == 0.0) { /* exactly: a cold score is the same in both modes */
        key.mode = SGEO_WARMUP_SUPERNET;
    }
    return status == SGEO_OK ? push_scores(campaign, t, key) : status;
}

/* Warm-ups first, the longest ahead, since scores wait for them; then scores from the lowest level
 * up. */
static int compare_jobs(const void *a, const void *b)
{
    const struct sgeo_job *x = a, *y = b;
    if (x->key.kind != y->key.kind) {
        return x->key.kind == SGEO_JOB_WARMUP ? -1 : 1;
    }
    if (x->key.kind == SGEO_JOB_WARMUP && x->cost != y->cost) {
        return x->cost > y->cost ? -1 : 1;
    }
    if (x->key.level != y->key.level) {
        return x->key.level < y->key.level ? -1 : 1;
    }
    if (x->key.seed != y->key.seed) {
        return x->key.seed < y->key.seed ? -1 : 1;
    }
    if (x->key.task != y->key.task) {
        return strcmp(x->key.task->name, y->key.task->name);
    }
    return x->key.arch_index < y->key.arch_index ? -1 : x->key.arch_index > y->key.arch_index;
}

static int compare_keys(const void *a, const void *b)
{
    const struct sgeo_job *const *x = a, *const *y = b;
    return sgeo_job_key_compare(&(*x)->key, &(*y)->key);
}

/* The order of work, and an index by key for the journal's records. */
static enum sgeo_status sort_jobs(struct sgeo_campaign *campaign)
{
    size_t n = campaign->n_jobs;
    campaign->done = sgeo_calloc(n + 1, sizeof *campaign->done);
    campaign->by_key = sgeo_calloc(n + 1, sizeof *campaign->by_key);
    if (campaign->done == NULL || campaign->by_key == NULL) {
        return sgeo_fail_memory("job list");
    }
    if (n > 0) {
        qsort(campaign->jobs, n, sizeof *campaign->jobs, compare_jobs);
    }
    for (size_t i = 0; i < n; i++) {
        campaign->by_key[i] = &campaign->jobs[i];
    }
    qsort(campaign->by_key, n, sizeof *campaign->by_key, compare_keys);
    return SGEO_OK;
}

static enum sgeo_status list_jobs(struct sgeo_campaign *campaign)
{
    const struct sgeo_options *options = campaign->options;
    enum sgeo_status status = SGEO_OK;
    for (size_t t = 0; t < options->n_tasks; t++) {
        struct sgeo_run_size size = sgeo_run_size(options, options->tasks[t]);
        for (size_t s = 0; s < size.seeds; s++) {
            for (size_t l = 0; status == SGEO_OK && l < size.n_levels; l++) {
                status = push_level(campaign, t, size.levels[l], options->seed + s);
            }
        }
    }
    return status == SGEO_OK ? sort_jobs(campaign) : status;
}

/* --- journal --- */

/* Whether a task of its own batch size is given the common one: its scores are others then. */
static bool overrides_batch_size(const struct sgeo_options *options)
{
    bool overrides = false;
    for (size_t t = 0; t < options->n_tasks; t++) {
        overrides |= !options->own_batch_sizes && options->tasks[t]->batch_size > 0;
    }
    return overrides;
}

/* What must agree for records to be comparable. Sizes (tasks, architectures, levels, seeds) may
 * grow between runs. */
static void journal_identity(const struct sgeo_campaign *campaign, char *text, size_t capacity)
{
    const struct sgeo_options *o = campaign->options;
    int n = snprintf(
        text, capacity,
        "{\"journal\":1,\"isa\":\"%s\",\"batches\":%zu,\"batch_size\":%zu,\"dedupe\":%s",
        sgeo_isa_name(sgeo_kernels_isa()), o->batches, o->batch_size, o->dedupe ? "true" : "false");
    if (o->has_lambda) {
        n += snprintf(text + n, capacity - (size_t)n, ",\"lambda\":[%.17g,%.17g,%.17g]",
                      o->lambda.zico, o->lambda.fr, o->lambda.loss);
    }
    if (overrides_batch_size(o)) {
        n += snprintf(text + n, capacity - (size_t)n, ",\"batch_size_of\":\"every task\"");
    }
    if (strcmp(sgeo_layout_name(o->executor.layout), "blocked") !=
        0) { /* scores differ by rounding */
        n += snprintf(text + n, capacity - (size_t)n, ",\"layout\":\"%s\"",
                      sgeo_layout_name(o->executor.layout));
    }
    if (o->convention != SGEO_CONVENTION_SUITE) {
        n += snprintf(text + n, capacity - (size_t)n, ",\"convention\":\"%s\"",
                      sgeo_convention_name(o->convention));
    }
    if (o->executor.winograd) {
        n += snprintf(text + n, capacity - (size_t)n, ",\"winograd\":true");
    }
    if (o->executor.precision == SGEO_BF16) {
        n += snprintf(text + n, capacity - (size_t)n, ",\"precision\":\"bf16\"");
    }
    snprintf(text + n, capacity - (size_t)n, "}");
}

static enum sgeo_status push_record(struct sgeo_campaign *campaign,
                                    const struct sgeo_record *record)
{
    size_t n = campaign->n_records;
    if ((n & (n - 1)) == 0) {
        struct sgeo_record *records =
            sgeo_grow(campaign->records, n, n == 0 ? 1 : 2 * n, sizeof *records);
        if (records == NULL) {
            return sgeo_fail_memory("records");
        }
        campaign->records = records;
    }
    campaign->records[campaign->n_records++] = *record;
    return SGEO_OK;
}

/* Mark a record's job as done, if this run has it. Jobs know their architecture by its number in
 * the list: another list may have given that to another one. */
static enum sgeo_status mark_done(struct sgeo_campaign *campaign, const struct sgeo_record *record)
{
    const struct sgeo_job wanted = {.key = record->key};
    const struct sgeo_job *pointer = &wanted;
    const struct sgeo_job **found = bsearch(&pointer, campaign->by_key, campaign->n_jobs,
                                            sizeof *campaign->by_key, compare_keys);
    if (found == NULL) {
        return SGEO_OK;
    }
    if ((*found)->arch != NULL && strcmp((*found)->arch, record->arch) != 0) {
        return sgeo_fail(SGEO_USAGE, "give the same ground truth, or --out another directory",
                         "the journal in %s was made with another list of %s: number %zu was %s",
                         campaign->options->out, record->key.task->name, record->key.arch_index,
                         record->arch);
    }
    campaign->done[*found - campaign->jobs] = true;
    return SGEO_OK;
}

static enum sgeo_status replay(const char *line, void *context)
{
    struct sgeo_campaign *campaign = context;
    struct sgeo_record record;
    enum sgeo_status status = sgeo_record_parse(&record, line);
    if (status != SGEO_OK) {
        return status;
    }
    const struct sgeo_feed *feed = sgeo_run_feed(&campaign->context, record.key.task);
    if (feed == NULL || !sgeo_record_keep_proxies(&record, campaign->options)) {
        return SGEO_OK;
    }
    if (strcmp(record.data, sgeo_feed_data_id(feed)) != 0) {
        return sgeo_fail(SGEO_USAGE, "give the same --data, or --out another directory",
                         "the journal in %s was made with other images of %s",
                         campaign->options->out, record.key.task->name);
    }
    if (record.key.kind == SGEO_JOB_SCORE &&
        record.convention != campaign->options->convention) { /* journals put together by hand */
        return sgeo_fail(SGEO_USAGE, "give each --convention an --out of its own",
                         "the journal in %s has scores by --convention %s, not %s",
                         campaign->options->out, sgeo_convention_name(record.convention),
                         sgeo_convention_name(campaign->options->convention));
    }
    if (record.steps != sgeo_warmup_size(&campaign->context, &record.key).steps) {
        return sgeo_fail(SGEO_USAGE, "give the same --epochs, or --out another directory",
                         "the journal in %s was made with %zu warm-up steps at %g %%, not %zu",
                         campaign->options->out, record.steps, record.key.level,
                         sgeo_warmup_size(&campaign->context, &record.key).steps);
    }
    status = mark_done(campaign, &record);
    return status == SGEO_OK ? push_record(campaign, &record) : status;
}

static enum sgeo_status open_journal(struct sgeo_campaign *campaign)
{
    char path[1024], identity[2048];
    const struct sgeo_options *options = campaign->options;
    sgeo_run_journal_path(path, sizeof path, options);
    enum sgeo_status status = sgeo_run_folder_check(options);
    if (status == SGEO_OK) {
        status = sgeo_directory_create(options->out);
    }
    journal_identity(campaign, identity, sizeof identity);
    return status == SGEO_OK
               ? sgeo_journal_open(&campaign->journal, path, identity, replay, campaign)
               : status;
}

static bool has_scores_to_do(const struct sgeo_campaign *campaign, const struct sgeo_job_key *warm)
{
    for (size_t i = 0; i < campaign->n_jobs; i++) {
        struct sgeo_job_key key = campaign->jobs[i].key;
        bool is_score = key.kind == SGEO_JOB_SCORE;
        key.kind = SGEO_JOB_WARMUP;
        key.arch_index = warm->arch_index;
        if (is_score && !campaign->done[i] && sgeo_job_key_equal(&key, warm)) {
            return true;
        }
    }
    return false;
}

/* Supernets that scores still need but that are not there, as where the journal alone was kept, are
 * trained again. */
static void reopen_lost_warmups(struct sgeo_campaign *campaign)
{
    for (size_t i = 0; i < campaign->n_jobs; i++) {
        const struct sgeo_job_key *key = &campaign->jobs[i].key;
        char path[1024];
        sgeo_worker_checkpoint(path, sizeof path, &campaign->context, key);
        if (key->kind == SGEO_JOB_WARMUP && campaign->done[i] && !sgeo_file_exists(path)) {
            campaign->done[i] = !has_scores_to_do(campaign, key);
        }
    }
}

/* A dry run makes none, but counts what one holds. */
static bool wants_journal(const struct sgeo_options *options)
{
    char path[1024];
    if (!options->dry_run || !options->resume) {
        return !options->dry_run;
    }
    sgeo_run_journal_path(path, sizeof path, options);
    return sgeo_file_exists(path);
}

/* --- the campaign --- */

enum sgeo_status sgeo_campaign_create(struct sgeo_campaign **out,
                                      const struct sgeo_options *options)
{
    struct sgeo_campaign *campaign = sgeo_calloc(1, sizeof *campaign);
    if (campaign == NULL) {
        return sgeo_fail_memory("campaign");
    }
    campaign->options = options;
    campaign->context.options = options;
    enum sgeo_status status = SGEO_OK;
    for (size_t t = 0; status == SGEO_OK && t < options->n_tasks; t++) {
        status = open_task(campaign, t);
    }
    if (status == SGEO_OK) {
        status = list_jobs(campaign);
    }
    if (status == SGEO_OK && sgeo_ranks_rank() == 0 && wants_journal(options)) {
        status = open_journal(campaign);
        reopen_lost_warmups(campaign);
    }
    if (status != SGEO_OK) {
        sgeo_campaign_destroy(campaign);
        return status;
    }
    *out = campaign;
    return SGEO_OK;
}

void sgeo_campaign_destroy(struct sgeo_campaign *campaign)
{
    if (campaign == NULL) {
        return;
    }
    for (size_t t = 0; t < campaign->options->n_tasks; t++) {
        sgeo_feed_close(campaign->context.feeds[t]);
        sgeo_arch_list_clear(&campaign->lists[t]);
    }
    sgeo_journal_close(campaign->journal);
    sgeo_free(campaign->jobs);
    sgeo_free(campaign->done);
    sgeo_free(campaign->by_key);
    sgeo_free(campaign->records);
    sgeo_free(campaign);
}

static enum sgeo_status keep_record(const struct sgeo_record *record, void *context)
{
    struct sgeo_campaign *campaign = context;
    struct sgeo_text line = {0};
    sgeo_record_write(&line, record);
    enum sgeo_status status = line.failed ? sgeo_fail_memory("journal line")
                                          : sgeo_journal_append(campaign->journal, line.bytes);
    sgeo_text_clear(&line);
    return status == SGEO_OK ? push_record(campaign, record) : status;
}

static int compare_records(const void *a, const void *b)
{
    const struct sgeo_record *x = a, *y = b;
    return sgeo_job_key_compare(&x->key, &y->key);
}

/* In key order, one record a job: a job that ran again for more proxies has two of the same scores.
 */
static void sort_records(struct sgeo_campaign *campaign)
{
    size_t kept = 0;
    if (campaign->n_records > 0) {
        qsort(campaign->records, campaign->n_records, sizeof *campaign->records, compare_records);
    }
    for (size_t r = 0; r < campaign->n_records; r++) {
        if (kept == 0 ||
            !sgeo_job_key_equal(&campaign->records[kept - 1].key, &campaign->records[r].key)) {
            campaign->records[kept++] = campaign->records[r];
        }
    }
    campaign->n_records = kept;
}

/* Give architecture i of a list the score of its function's first one; that may lie in another
 * shard. */
static enum sgeo_status copy_score(struct sgeo_campaign *campaign, size_t t, size_t i,
                                   uint64_t seed, size_t measured)
{
    const struct sgeo_arch_list *list = &campaign->lists[t];
    struct sgeo_record wanted = {
        .key = {.kind = SGEO_JOB_SCORE, .task = campaign->options->tasks[t], .seed = seed}};
    wanted.key.arch_index = sgeo_arch_list_index(list, list->same_as[i]);
    const struct sgeo_record *first = measured == 0 ? NULL
                                                    : bsearch(&wanted, campaign->records, measured,
                                                              sizeof wanted, compare_records);
    if (first == NULL) {
        return SGEO_OK;
    }
    struct sgeo_record copy = *first;
    copy.key.arch_index = sgeo_arch_list_index(list, i);
    snprintf(copy.arch, sizeof copy.arch, "%s", list->entries[i]->arch);
    return push_record(campaign, &copy);
}

/* --dedupe: the record of a function's first architecture stands for the others too. `measured`
 * records are sorted. */
static enum sgeo_status copy_equal(struct sgeo_campaign *campaign, size_t t, size_t measured)
{
    const struct sgeo_options *options = campaign->options;
    const struct sgeo_arch_list *list = &campaign->lists[t];
    size_t seeds = sgeo_run_size(options, options->tasks[t]).seeds;
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; list->same_as != NULL && i < list->n; i++) {
        for (size_t s = 0; status == SGEO_OK && list->same_as[i] != i && s < seeds; s++) {
            status = copy_score(campaign, t, i, options->seed + s, measured);
        }
    }
    return status;
}

enum sgeo_status sgeo_campaign_run(struct sgeo_campaign *campaign, sgeo_progress_fn progress,
                                   void *progress_context)
{
    if (sgeo_ranks_rank() != 0) {
        return sgeo_ranks_work(&campaign->context, campaign->jobs);
    }
    const struct sgeo_schedule_callbacks callbacks = {keep_record, campaign, progress,
                                                      progress_context};
    enum sgeo_status status = sgeo_schedule_run(&campaign->context, campaign->jobs,
                                                campaign->n_jobs, campaign->done, &callbacks);
    sort_records(campaign);
    size_t measured = campaign->n_records;
    for (size_t t = 0; status == SGEO_OK && t < campaign->options->n_tasks; t++) {
        status = copy_equal(campaign, t, measured);
    }
    sort_records(campaign);
    return status;
}

double sgeo_campaign_cost(const struct sgeo_campaign *campaign)
{
    double cost = 0.0;
    for (size_t i = 0; i < campaign->n_jobs; i++) {
        cost += campaign->done[i] ? 0.0 : campaign->jobs[i].cost;
    }
    return cost;
}
