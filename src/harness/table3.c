/*
 * Table 3: click-through models, hand-crafted and found by searches, on their test rows. Searches
 * and trainings run by themselves in folders of their own (table3_cells.h); here are what a run
 * covers, its plan and its files.
 */
#include <stdio.h>

#include "base/file.h"
#include "harness/ctr_finals_outputs.h"
#include "harness/paper.h"
#include "harness/provenance.h"
#include "harness/ranks.h"
#include "harness/table.h"
#include "harness/table3_plan.h"
#include "harness/table3_print.h"
#include "harness/table3_report.h"

/* --- what it covers --- */

/* A smoke run takes the first task alone, and small mini-batches of proxies. */
static void fill(struct sgeo_options *options)
{
    const struct sgeo_ctr_task *const *tasks = sgeo_ctr_task_all();
    bool given = options->n_ctr_tasks > 0, smoke = options->preset == SGEO_PRESET_SMOKE;
    for (size_t t = 0; !given && tasks[t] != NULL && (t == 0 || !smoke); t++) {
        options->ctr_tasks[options->n_ctr_tasks++] = tasks[t];
    }
    if (smoke) {
        options->own_batch_sizes = false;
    }
}

static enum sgeo_status check(const struct sgeo_options *options)
{
    const struct {
        const char *name;
        bool given;
    } foreign[] = {{"--lambda", options->has_lambda},
                   {"--shard", options->shards > 0},
                   {"--archs", options->n_archs > 0 || options->archs_file != NULL},
                   {"--dedupe", options->dedupe},
                   {"--export", options->export_zc},
                   {"--data formula", options->data_formula}};
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        if (foreign[i].given) {
            return sgeo_fail(SGEO_USAGE, "leave it out", "table 3 takes no %s", foreign[i].name);
        }
    }
    return sgeo_table3_check(options);
}

/* --- its files --- */

static enum sgeo_status publish_csv(const struct sgeo_table3 *table)
{
    struct sgeo_csv paper = {0};
    struct sgeo_text csv = {0};
    char path[1024];
    snprintf(path, sizeof path, "%s/table3.csv", table->options->out);
    enum sgeo_status status = sgeo_paper_read(&paper, "3");
    sgeo_text_append(&csv, "%s", sgeo_table3_header);
    if (status == SGEO_OK) {
        status = sgeo_table3_rows_write(&csv, table, &paper);
    }
    if (status == SGEO_OK) {
        status = sgeo_file_publish(path, csv.bytes, csv.length);
    }
    sgeo_csv_clear(&paper);
    sgeo_text_clear(&csv);
    return status;
}

static enum sgeo_status publish(const struct sgeo_table3 *table)
{
    enum sgeo_status status = sgeo_ctr_finals_publish(table->options->out, table->finals);
    if (status == SGEO_OK) {
        status = publish_csv(table);
    }
    return status == SGEO_OK
               ? sgeo_provenance_publish_clicks(table->options, table->sets, table->n_sets,
                                                table->argc, table->argv)
               : status;
}

/* --- the run --- */

static enum sgeo_status work(const struct sgeo_options *options, const struct sgeo_table_call *call)
{
    struct sgeo_table3 table = {.argc = call->argc,
                                .argv = call->argv,
                                .progress = call->progress,
                                .progress_context = call->progress_context};
    enum sgeo_status status = sgeo_table3_open(&table, options);
    if (status == SGEO_OK) {
        status = sgeo_table3_work(&table);
    }
    if (status == SGEO_OK) {
        status = publish(&table);
    }
    sgeo_table3_close(&table);
    return status;
}

static enum sgeo_status run(const struct sgeo_table_call *call)
{
    struct sgeo_options filled = *call->options;
    fill(&filled);
    enum sgeo_status status = check(&filled);
    if (status != SGEO_OK || sgeo_ranks_rank() != 0) {
        return status;
    }
    if (filled.dry_run || filled.preset == SGEO_PRESET_PAPER) {
        status = sgeo_table3_print_plan(&filled, call->sink, NULL);
    }
    return status == SGEO_OK && !filled.dry_run ? work(&filled, call) : status;
}

const struct sgeo_table sgeo_table3 = {
    .number = "3",
    .title = "Table 3: click-through models, test log loss and AUC",
    .summary = "click-through models, hand-crafted and searched (NASRec, SiGeo, ZiCo), on criteo, "
               "avazu and kdd12",
    .run = run,
    .print = sgeo_table3_print};
