#include "harness/truth_training.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/csv.h"
#include "base/file.h"
#include "base/journal.h"
#include "base/memory.h"
#include "harness/outputs.h"
#include "harness/ranks.h"
#include "harness/run_folder.h"
#include "space/nb201.h"

enum { STRATA = 7, DEFAULT_EPOCHS = 3, DEFAULT_ARCHS = 200 };

struct truth_run {
    const struct sgeo_options *options;
    const struct sgeo_task *task;
    struct sgeo_run_context context;
    struct sgeo_job *jobs;
    char (*archs)[SGEO_ARCH_TEXT_MAX];
    bool *done;
    size_t *job_of;              /* (SGEO_NB201_CELLS) 1 + the job of a cell, 0: none */
    struct sgeo_record *records; /* (n), by job; valid where done or run */
    size_t n;
    struct sgeo_journal *journal;
};

/* --- which architectures --- */

static size_t convolutions(const struct sgeo_arch *arch)
{
    size_t count = 0;
    for (size_t e = 0; e < SGEO_NB201_EDGES; e++) {
        count += arch->code[e] == SGEO_NB201_CONV1 || arch->code[e] == SGEO_NB201_CONV3;
    }
    return count;
}

/*
 * The i-th architecture of the stratified list: strata are the cells with 0..6 convolutions, taken
 * in turn; within a stratum cells come in the order of the stream (0, "strata", 0). Cells without a
 * path, which cannot learn, are left out.
 */
static enum sgeo_status stratified(struct truth_run *run)
{
    uint32_t *order = sgeo_calloc(SGEO_NB201_CELLS, sizeof *order);
    size_t next[STRATA] = {0}, found = 0;
    struct sgeo_rng rng = sgeo_rng_stream(0, "strata", 0);
    if (order == NULL) {
        return sgeo_fail_memory("architecture list");
    }
    for (uint32_t i = 0; i < SGEO_NB201_CELLS; i++) {
        order[i] = i;
    }
    sgeo_rng_shuffle(&rng, order, SGEO_NB201_CELLS);
    for (size_t turn = 0; found < run->n && turn < STRATA * SGEO_NB201_CELLS; turn++) {
        size_t stratum = turn % STRATA;
        while (next[stratum] < SGEO_NB201_CELLS) {
            struct sgeo_arch arch;
            uint32_t index = order[next[stratum]++];
            sgeo_nb201_enumerate(&arch, index);
            if (convolutions(&arch) == stratum && sgeo_nb201_has_path(&arch)) {
                sgeo_nb201.encode(run->archs[found], &arch);
                run->jobs[found].key.arch_index = index;
                run->job_of[index] = ++found;
                break;
            }
        }
    }
    run->n = found;
    sgeo_free(order);
    return SGEO_OK;
}

static enum sgeo_status list_jobs(struct truth_run *run)
{
    size_t n = run->options->n_archs;
    run->n = n;
    run->jobs = sgeo_calloc(n, sizeof *run->jobs);
    run->archs = sgeo_calloc(n, sizeof *run->archs);
    run->done = sgeo_calloc(n, sizeof *run->done);
    run->records = sgeo_calloc(n, sizeof *run->records);
    run->job_of = sgeo_calloc(SGEO_NB201_CELLS, sizeof *run->job_of);
    if (run->job_of == NULL || run->jobs == NULL || run->archs == NULL || run->done == NULL ||
        run->records == NULL) {
        return sgeo_fail_memory("architecture list");
    }
    enum sgeo_status status = stratified(run);
    for (size_t i = 0; status == SGEO_OK && i < run->n; i++) {
        run->jobs[i].key.kind = SGEO_JOB_TRUTH;
        run->jobs[i].key.task = run->task;
        run->jobs[i].key.seed = run->options->seed;
        run->jobs[i].arch = run->archs[i];
        run->jobs[i].cost = sgeo_job_cost(&run->context, &run->jobs[i]);
    }
    return status;
}

/* --- journal and result --- */

static void place(struct truth_run *run, const struct sgeo_record *record)
{
    size_t cell = record->key.arch_index, slot = cell < SGEO_NB201_CELLS ? run->job_of[cell] : 0;
    if (slot > 0 && sgeo_job_key_equal(&run->jobs[slot - 1].key, &record->key)) {
        run->records[slot - 1] = *record;
        run->done[slot - 1] = true;
    }
}

static enum sgeo_status replay(const char *line, void *context)
{
    struct sgeo_record record;
    enum sgeo_status status = sgeo_record_parse(&record, line);
    if (status == SGEO_OK) {
        place(context, &record);
    }
    return status;
}

static enum sgeo_status keep(const struct sgeo_record *record, void *context)
{
    struct truth_run *run = context;
    struct sgeo_text line = {0};
    sgeo_record_write(&line, record);
    enum sgeo_status status = line.failed ? sgeo_fail_memory("journal line")
                                          : sgeo_journal_append(run->journal, line.bytes);
    sgeo_text_clear(&line);
    place(run, record);
    return status;
}

static enum sgeo_status open_journal(struct truth_run *run)
{
    char path[1024], identity[256];
    sgeo_run_journal_path(path, sizeof path, run->options);
    snprintf(identity, sizeof identity,
             "{\"journal\":1,\"truth\":\"%s\",\"epochs\":%zu,\"images\":%zu,\"data\":\"%s\"%s%s}",
             run->task->name, run->options->epochs, SGEO_TRUTH_IMAGES,
             sgeo_feed_data_id(run->context.feeds[0]),
             run->options->executor.winograd ? ",\"winograd\":true" : "",
             run->options->executor.precision == SGEO_BF16 ? ",\"precision\":\"bf16\"" : "");
    enum sgeo_status status = sgeo_run_folder_check(run->options);
    if (status == SGEO_OK) {
        status = sgeo_directory_create(run->options->out);
    }
    return status == SGEO_OK ? sgeo_journal_open(&run->journal, path, identity, replay, run)
                             : status;
}

static enum sgeo_status publish(const struct truth_run *run)
{
    struct sgeo_text csv = {0};
    sgeo_text_append(&csv, "index,arch,val,test,epochs,train_images,seed,seconds_cpu\n");
    for (size_t i = 0; i < run->n; i++) {
        const struct sgeo_record *record = &run->records[i];
        sgeo_csv_put_size(
            &csv, i); /* the place in the stratified list, so that tables take a prefix of it */
        sgeo_csv_put(&csv, record->arch);
        sgeo_csv_put_double(&csv, record->val);
        sgeo_csv_put_double(&csv, record->test);
        sgeo_csv_put_size(&csv, run->options->epochs);
        sgeo_csv_put_size(&csv, SGEO_TRUTH_IMAGES);
        sgeo_csv_put_size(&csv, (size_t)record->key.seed);
        sgeo_csv_put_double(&csv, record->seconds);
        sgeo_csv_end_row(&csv);
    }
    enum sgeo_status status = sgeo_outputs_publish(run->options->out, "accuracy.csv", &csv);
    sgeo_text_clear(&csv);
    return status;
}

static enum sgeo_status train_all(struct truth_run *run, sgeo_progress_fn progress,
                                  void *progress_context)
{
    const struct sgeo_schedule_callbacks callbacks = {keep, run, progress, progress_context};
    if (sgeo_ranks_rank() != 0) {
        return sgeo_ranks_work(&run->context, run->jobs);
    }
    enum sgeo_status status = open_journal(run);
    if (status == SGEO_OK) {
        status = sgeo_schedule_run(&run->context, run->jobs, run->n, run->done, &callbacks);
    }
    return status == SGEO_OK ? publish(run) : status;
}

static void print_plan(const struct truth_run *run, sgeo_text_sink sink, void *sink_context)
{
    struct sgeo_text text = {0};
    double macs = 0.0;
    for (size_t i = 0; i < run->n; i++) {
        macs += run->jobs[i].cost;
    }
    sgeo_text_append(&text,
                     "%s: %zu architectures, %zu epochs of %zu images; about %.2g core-hours, "
                     "results in %s\n",
                     run->task->name, run->n, run->options->epochs, SGEO_TRUTH_IMAGES,
                     macs * SGEO_SECONDS_A_MAC / SGEO_SECONDS_AN_HOUR, run->options->out);
    sink(text.bytes, sink_context);
    sgeo_text_clear(&text);
}

enum sgeo_status sgeo_train_truth(const struct sgeo_options *options, const struct sgeo_task *task,
                                  sgeo_text_sink sink, void *sink_context,
                                  sgeo_progress_fn progress, void *progress_context)
{
    struct sgeo_options sized =
        *options; /* the task is this mode's own, sizes default to its recipe */
    struct truth_run run = {.options = &sized, .task = task, .context = {.options = &sized}};
    sized.tasks[0] = task;
    sized.n_tasks = 1;
    sized.epochs = options->epochs == 0 ? DEFAULT_EPOCHS : options->epochs;
    sized.n_archs = options->n_archs == 0 ? DEFAULT_ARCHS : options->n_archs;
    if (options->out == NULL) {
        return sgeo_fail(SGEO_USAGE, "give --out DIR", "--train-truth needs a result folder");
    }
    enum sgeo_status status = sgeo_feed_open(&run.context.feeds[0], task, options->data, false);
    if (status == SGEO_OK) {
        status = list_jobs(&run);
    }
    if (status == SGEO_OK && options->dry_run) {
        print_plan(&run, sink, sink_context);
    } else if (status == SGEO_OK) {
        status = train_all(&run, progress, progress_context);
    }
    sgeo_feed_close(run.context.feeds[0]);
    sgeo_journal_close(run.journal);
    sgeo_free(run.jobs);
    sgeo_free(run.archs);
    sgeo_free(run.done);
    sgeo_free(run.job_of);
    sgeo_free(run.records);
    return status;
}
