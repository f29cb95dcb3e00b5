#include "harness/ctr_truth.h"

#include <stdio.h>

#include "base/memory.h"
#include "harness/ctr_finals_outputs.h"
#include "harness/ctr_list.h"
#include "harness/list_file.h"
#include "harness/preset.h"
#include "harness/provenance.h"
#include "harness/ranks.h"
#include "harness/run_folder.h"

struct run {
    const struct sgeo_ctr_truth *truth;
    const struct sgeo_options *options;
    struct sgeo_search_size size;
    struct sgeo_ctr_named *models;
    size_t n;
    struct sgeo_ctr_set clicks;
    struct sgeo_ctr_finals *finals;
};

/* --- which models --- */

static enum sgeo_status append(struct run *run, const struct sgeo_ctr_named *model)
{
    struct sgeo_ctr_named *grown = sgeo_grow(run->models, run->n, run->n + 1, sizeof *grown);
    if (grown == NULL) {
        return sgeo_fail_memory("models");
    }
    run->models = grown;
    run->models[run->n++] = *model;
    return SGEO_OK;
}

static enum sgeo_status add_model(const char *what, void *context)
{
    struct sgeo_ctr_named model;
    enum sgeo_status status = sgeo_ctr_named_parse(&model, what);
    return status == SGEO_OK ? append(context, &model) : status;
}

/* The first n of each space's list. */
static enum sgeo_status add_drawn(struct run *run, size_t n)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < 2 * n; i++) {
        struct sgeo_ctr_named model = {.crafted = SGEO_CTR_MODELS};
        sgeo_ctr_list_arch(&model.arch, (enum sgeo_nasrec_space)(i / n), i % n);
        status = append(run, &model);
    }
    return status;
}

static enum sgeo_status add_standard(struct run *run)
{
    enum sgeo_status status = SGEO_OK;
    for (int m = 0; status == SGEO_OK && m < SGEO_CTR_MODELS; m++) {
        status = add_model(sgeo_ctr_name((enum sgeo_ctr_model)m), run);
    }
    for (size_t space = 0; status == SGEO_OK && space < 2; space++) {
        char name[32];
        snprintf(name, sizeof name, "%s-%s", run->truth->task->published,
                 sgeo_nasrec_space_names[space]);
        status = add_model(name, run);
    }
    return status;
}

static enum sgeo_status list_models(struct run *run)
{
    const struct sgeo_options *options = run->options;
    if (options->out == NULL) {
        return sgeo_fail(SGEO_USAGE, "give --out DIR", "--train-truth needs a result folder");
    }
    if (options->shards > 0 || options->data_formula) {
        return sgeo_fail(SGEO_USAGE, "leave it out",
                         "--train-truth of click-through models takes no %s",
                         options->shards > 0 ? "--shard" : "--data formula");
    }
    enum sgeo_status status = options->n_archs > 0 ? add_drawn(run, options->n_archs)
                              : options->archs_file == NULL
                                  ? add_standard(run)
                                  : sgeo_list_file_read(options->archs_file, add_model, run);
    return status == SGEO_OK && run->n == 0
               ? sgeo_fail(SGEO_USAGE, NULL, "%s names no model", options->archs_file)
               : status;
}

/* --- the run --- */

static size_t seeds_of(const struct run *run)
{
    return run->options->seeds > 0 ? run->options->seeds : 1;
}

static size_t epochs_of(const struct run *run)
{
    return run->options->epochs > 0 ? run->options->epochs : run->size.final_epochs;
}

static void print_plan(const struct run *run)
{
    struct sgeo_text text = {0};
    sgeo_text_append(&text, "%s: %zu models, %zu seed%s; %zu epoch%s on a sample; results in %s\n",
                     run->truth->task->name, run->n, seeds_of(run), seeds_of(run) == 1 ? "" : "s",
                     epochs_of(run), epochs_of(run) == 1 ? "" : "s", run->options->out);
    run->truth->sink(text.bytes, run->truth->sink_context);
    sgeo_text_clear(&text);
}

static enum sgeo_status open_run(struct run *run)
{
    enum sgeo_status status = sgeo_run_folder_check(run->options); /* before rows are read */
    if (status == SGEO_OK) {
        status = sgeo_ctr_set_open(&run->clicks, run->truth->task, run->options, &run->size);
    }
    if (status == SGEO_OK) {
        status = sgeo_ctr_finals_open(&run->finals, run->options);
    }
    for (size_t m = 0; status == SGEO_OK && m < run->n; m++) {
        for (size_t s = 0; status == SGEO_OK && s < seeds_of(run); s++) {
            status = sgeo_ctr_finals_add(run->finals, &run->clicks, &run->models[m], epochs_of(run),
                                         run->options->seed + s);
        }
    }
    return status;
}

static enum sgeo_status publish(const struct run *run)
{
    const struct sgeo_ctr_truth *truth = run->truth;
    struct sgeo_text csv = {0};
    enum sgeo_status status = sgeo_ctr_finals_publish(run->options->out, run->finals);
    if (status == SGEO_OK) {
        status =
            sgeo_provenance_publish_clicks(run->options, &run->clicks, 1, truth->argc, truth->argv);
    }
    if (status == SGEO_OK) {
        sgeo_ctr_models_write(&csv, run->finals);
        status = csv.failed ? sgeo_fail_memory("models.csv") : SGEO_OK;
    }
    if (status == SGEO_OK) {
        truth->sink(csv.bytes, truth->sink_context);
    }
    sgeo_text_clear(&csv);
    return status;
}

static enum sgeo_status train(struct run *run)
{
    enum sgeo_status status = open_run(run);
    if (status == SGEO_OK) {
        status =
            sgeo_ctr_finals_train(run->finals, run->truth->progress, run->truth->progress_context);
    }
    return status == SGEO_OK ? publish(run) : status;
}

enum sgeo_status sgeo_ctr_truth_run(const struct sgeo_ctr_truth *truth)
{
    struct run run = {.truth = truth,
                      .options = truth->options,
                      .size = sgeo_search_size(truth->options->preset)};
    if (sgeo_ranks_rank() != 0) {
        return SGEO_OK;
    }
    enum sgeo_status status = list_models(&run);
    if (status == SGEO_OK && run.options->dry_run) {
        print_plan(&run);
    } else if (status == SGEO_OK) {
        status = train(&run);
    }
    sgeo_ctr_finals_close(run.finals);
    sgeo_ctr_set_close(&run.clicks);
    sgeo_free(run.models);
    return status;
}
