/*
 * Figure 3: statistics of two-layer perceptrons early in their training against the loss that they
 * reach. Its trials (protocol, width, repeat), their journal, and the run on worker threads. A
 * trial is one job on one thread with streams of its own, so results do not depend on the workers.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/journal.h"
#include "base/memory.h"
#include "harness/figure.h"
#include "harness/figure3_report.h"
#include "harness/job_pool.h"
#include "harness/provenance.h"
#include "harness/run_folder.h"
#include "kernels/dispatch/dispatch.h"
#include "space/mlp.h"

static const struct sgeo_figure3_protocol *const protocols[] = {&sgeo_figure3_paper,
                                                                &sgeo_figure3_code};

enum { PROTOCOLS = sizeof protocols / sizeof *protocols };

/* CPU seconds of a trial on one core, for estimates before anything was measured. */
#define SECONDS_A_TRIAL      0.5
#define SECONDS_A_TRIAL_UNIT 0.005 /* and of each hidden unit */

struct run {
    const struct sgeo_options *options;
    struct sgeo_figure3_data data;
    size_t steps;                        /* of an epoch */
    struct sgeo_figure3_record *records; /* (n) the trials, by protocol, width, repeat */
    bool *done;                          /* (n) */
    size_t n;
    double *costs; /* (n) CPU seconds, roughly */
    size_t n_left;
    double cost_left;
    struct sgeo_journal *journal;
    sgeo_progress_fn progress;
    void *progress_context;
};

/* --- which trials --- */

/* Every how many widths, and how often each. */
static size_t stride_of(const struct sgeo_options *options)
{
    return options->preset == SGEO_PRESET_SMOKE ? 8 : 1;
}

static size_t repeats_of(const struct sgeo_options *options)
{
    static const size_t repeats[] = {
        [SGEO_PRESET_DEFAULT] = 5, [SGEO_PRESET_SMOKE] = 2, [SGEO_PRESET_PAPER] = 25};
    return options->seeds > 0 ? options->seeds : repeats[options->preset];
}

static double cost_of(const struct sgeo_figure3_record *record)
{
    return SECONDS_A_TRIAL + SECONDS_A_TRIAL_UNIT * (double)record->width;
}

/* Whether this shard has trial `index` of the whole list. */
static bool is_ours(const struct sgeo_options *options, size_t index)
{
    return options->shards == 0 || index % options->shards == options->shard;
}

static void list_protocol(struct run *run, const struct sgeo_figure3_protocol *protocol,
                          size_t *index)
{
    size_t repeats = repeats_of(run->options);
    for (size_t w = 0; w < protocol->widths; w += stride_of(run->options)) {
        for (size_t r = 0; r < repeats; r++) {
            if (is_ours(run->options, (*index)++)) {
                run->records[run->n++] = (struct sgeo_figure3_record){
                    .protocol = protocol, .width = 2 * (w + 1), .repeat = r};
            }
        }
    }
}

static enum sgeo_status list_trials(struct run *run)
{
    size_t index = 0, repeats = repeats_of(run->options);
    if (repeats > 4096) { /* the streams of a width */
        return sgeo_fail(SGEO_USAGE, "at most 4096", "too many repeats: %zu", repeats);
    }
    size_t most = repeats * (sgeo_figure3_paper.widths + sgeo_figure3_code.widths);
    run->records = sgeo_calloc(most, sizeof *run->records);
    run->done = sgeo_calloc(most, sizeof *run->done);
    run->costs = sgeo_calloc(most, sizeof *run->costs);
    if (run->records == NULL || run->done == NULL || run->costs == NULL) {
        return sgeo_fail_memory("trials");
    }
    for (size_t p = 0; p < PROTOCOLS; p++) {
        list_protocol(run, protocols[p], &index);
    }
    return SGEO_OK;
}

static enum sgeo_status read_data(struct run *run)
{
    struct sgeo_figure3_data *data = &run->data;
    if (run->options->data == NULL) {
        return sgeo_fail(SGEO_IO,
                         "give --data DIR or set SIGEO_DATA; datasets/mnist says what belongs "
                         "there",
                         "figure 3 needs the images of mnist");
    }
    enum sgeo_status status =
        sgeo_images_load(&data->train, &data->test, "mnist", run->options->data);
    if (status == SGEO_OK &&
        (data->train.height != SGEO_MLP_PIXELS || data->train.width != SGEO_MLP_PIXELS)) {
        return sgeo_fail(SGEO_IO, "see datasets/mnist", "images of mnist in %s are not 28x28",
                         run->options->data);
    }
    run->steps = (data->train.n + SGEO_FIGURE3_BATCH - 1) / SGEO_FIGURE3_BATCH;
    size_t last = sgeo_figure3_start(SGEO_FIGURE3_LEVELS - 1, run->steps) + SGEO_FIGURE3_MEASURED;
    return status != SGEO_OK || last <= SGEO_FIGURE3_EPOCHS * run->steps
               ? status
               : sgeo_fail(SGEO_IO, "see datasets/mnist", "mnist in %s has %zu images only",
                           run->options->data, data->train.n);
}

/* --- journal --- */

static int compare_trials(const void *a, const void *b)
{
    const struct sgeo_figure3_record *x = a, *y = b;
    if (x->protocol != y->protocol) {
        return x->protocol == &sgeo_figure3_paper ? -1 : 1;
    }
    if (x->width != y->width) {
        return x->width < y->width ? -1 : 1;
    }
    return x->repeat < y->repeat ? -1 : x->repeat > y->repeat;
}

/* A trial that this run does not have stays in the journal only. */
static enum sgeo_status replay(const char *line, void *context)
{
    struct run *run = context;
    struct sgeo_figure3_record record, *found;
    enum sgeo_status status = sgeo_figure3_record_parse(&record, line);
    if (status != SGEO_OK) {
        return status;
    }
    found = bsearch(&record, run->records, run->n, sizeof record, compare_trials);
    if (found != NULL) {
        *found = record;
        run->done[found - run->records] = true;
    }
    return SGEO_OK;
}

/* Widths and repeats may grow between runs; what follows must agree. */
static enum sgeo_status open_journal(struct run *run)
{
    const struct sgeo_options *options = run->options;
    char path[1024], identity[512];
    sgeo_run_journal_path(path, sizeof path, options);
    snprintf(identity, sizeof identity,
             "{\"journal\":1,\"figure\":3,\"isa\":\"%s\",\"seed\":%llu,\"data\":\"%.16s\"}",
             sgeo_isa_name(sgeo_kernels_isa()), (unsigned long long)options->seed,
             run->data.train.sha256);
    enum sgeo_status status = sgeo_run_folder_check(options);
    if (status == SGEO_OK) {
        status = sgeo_directory_create(options->out);
    }
    return status == SGEO_OK ? sgeo_journal_open(&run->journal, path, identity, replay, run)
                             : status;
}

/* --- workers --- */

static enum sgeo_status open_bench(void **out, const atomic_bool *stop, void *context)
{
    const struct run *run = context;
    struct sgeo_figure3_bench *bench = NULL;
    enum sgeo_status status =
        sgeo_figure3_bench_create(&bench, run->options->executor, &run->data, stop);
    *out = bench;
    return status;
}

static void close_bench(void *bench)
{
    sgeo_figure3_bench_destroy(bench);
}

static enum sgeo_status run_trial(void *bench, size_t index, void *context)
{
    struct run *run = context;
    return sgeo_figure3_trial(bench, run->options->seed, &run->records[index]);
}

/* Journal a finished trial. */
static enum sgeo_status keep(size_t index, void *context)
{
    const struct run *run = context;
    struct sgeo_text line = {0};
    sgeo_figure3_record_write(&line, &run->records[index]);
    enum sgeo_status status = line.failed ? sgeo_fail_memory("journal line")
                                          : sgeo_journal_append(run->journal, line.bytes);
    sgeo_text_clear(&line);
    return status;
}

static void count_left(struct run *run)
{
    for (size_t i = 0; i < run->n; i++) {
        run->costs[i] = cost_of(&run->records[i]);
        if (!run->done[i]) {
            run->n_left++;
            run->cost_left += run->costs[i];
        }
    }
}

static enum sgeo_status run_trials(struct run *run)
{
    const struct sgeo_job_pool pool = {.n = run->n,
                                       .done = run->done,
                                       .cost = run->costs,
                                       .open = open_bench,
                                       .run = run_trial,
                                       .close = close_bench,
                                       .keep = keep,
                                       .context = run,
                                       .progress = run->progress,
                                       .progress_context = run->progress_context};
    return sgeo_job_pool_run(&pool, run->options->workers);
}

/* --- the figure --- */

static void print_plan(const struct run *run, sgeo_text_sink sink)
{
    struct sgeo_text text = {0};
    for (size_t p = 0; p < PROTOCOLS; p++) {
        size_t trials = 0;
        for (size_t i = 0; i < run->n; i++) {
            trials += run->records[i].protocol == protocols[p];
        }
        sgeo_text_append(&text, "protocol %s: %zu trials, %zu of each width (%s)\n",
                         protocols[p]->name, trials, repeats_of(run->options),
                         protocols[p]->summary);
    }
    sgeo_text_append(&text, "%zu trials to do, about %.2g core-hours, results in %s\n", run->n_left,
                     run->cost_left / SGEO_SECONDS_AN_HOUR, run->options->out);
    sink(text.bytes, NULL);
    sgeo_text_clear(&text);
}

static enum sgeo_status publish(const struct run *run, int argc, char **argv)
{
    const struct sgeo_options *options = run->options;
    enum sgeo_status status =
        sgeo_figure3_publish_points(options->out, run->records, run->n, run->steps);
    if (status == SGEO_OK) {
        status =
            sgeo_figure3_publish_correlations(options->out, run->records, run->n, options->seed);
    }
    return status == SGEO_OK ? sgeo_provenance_publish_figure(options, &run->data.train, argc, argv)
                             : status;
}

static enum sgeo_status run_figure(struct run *run, int argc, char **argv, sgeo_text_sink sink)
{
    const struct sgeo_options *options = run->options;
    enum sgeo_status status = list_trials(run);
    if (status == SGEO_OK) {
        status = read_data(run);
    }
    if (status == SGEO_OK && !options->dry_run) {
        status = open_journal(run);
    }
    if (status != SGEO_OK) {
        return status;
    }
    count_left(run);
    if (options->dry_run || options->preset == SGEO_PRESET_PAPER) {
        print_plan(run, sink);
    }
    if (options->dry_run) {
        return SGEO_OK;
    }
    status = run_trials(run);
    return status == SGEO_OK ? publish(run, argc, argv) : status;
}

static enum sgeo_status run_all(const struct sgeo_table_call *call)
{
    struct run run = {.options = call->options,
                      .progress = call->progress,
                      .progress_context = call->progress_context};
    enum sgeo_status status = run_figure(&run, call->argc, call->argv, call->sink);
    sgeo_journal_close(run.journal);
    sgeo_images_destroy(&run.data.train);
    sgeo_images_destroy(&run.data.test);
    sgeo_free(run.records);
    sgeo_free(run.done);
    sgeo_free(run.costs);
    return status;
}

static enum sgeo_status show(const struct sgeo_table_call *call, const char *directory)
{
    struct sgeo_text text = {0};
    enum sgeo_status status = sgeo_figure3_print(&text, directory);
    if (status == SGEO_OK) {
        call->sink(text.bytes, NULL);
    }
    sgeo_text_clear(&text);
    return status;
}

const struct sgeo_figure sgeo_figure3 = {
    .number = "3",
    .summary = "statistics of two-layer perceptrons on MNIST early in training against their loss",
    .run = run_all,
    .show = show};
