/*
 * Table 3: click-through models, hand-crafted and found by searches, on their test rows. Searches
 * and trainings run by themselves in folders of their own (table3_cells.h); here are what a run
 * covers and its files.
 */

#include "harness/ctr_finals_outputs.h"
#include "harness/outputs.h"
#include "harness/paper.h"
#include "harness/table.h"
#include "harness/table3_print.h"
#include "harness/table3_report.h"
#include "harness/table3_run.h"

/* A smoke run takes the first task alone. */
static void fill(struct sgeo_options *options)
{
    const struct sgeo_ctr_task *const *tasks = sgeo_ctr_task_all();
    bool given = options->n_ctr_tasks > 0, smoke = options->preset == SGEO_PRESET_SMOKE;
    for (size_t t = 0; !given && tasks[t] != NULL && (t == 0 || !smoke); t++) {
        options->ctr_tasks[options->n_ctr_tasks++] = tasks[t];
    }
    sgeo_table3_fill(options);
}

static enum sgeo_status publish_csv(const struct sgeo_table3 *table)
{
    struct sgeo_csv paper = {0};
    struct sgeo_text csv = {0};
    enum sgeo_status status = sgeo_paper_read(&paper, "3");
    sgeo_text_append(&csv, "%s", sgeo_table3_header);
    if (status == SGEO_OK) {
        status = sgeo_table3_rows_write(&csv, table, &paper);
    }
    if (status == SGEO_OK) {
        status = sgeo_outputs_publish(table->options->out, "table3.csv", &csv);
    }
    sgeo_csv_clear(&paper);
    sgeo_text_clear(&csv);
    return status;
}

static enum sgeo_status publish(const struct sgeo_table3 *table)
{
    enum sgeo_status status = sgeo_ctr_finals_publish(table->options->out, table->finals);
    return status == SGEO_OK ? publish_csv(table) : status;
}

static enum sgeo_status run(const struct sgeo_table_call *call)
{
    const struct sgeo_table3_list list = sgeo_table3_list();
    struct sgeo_options filled = *call->options;
    fill(&filled);
    return sgeo_table3_run(call, &filled, &list, publish);
}

const struct sgeo_table sgeo_table3 = {
    .number = "3",
    .title = "Table 3: click-through models, test log loss and AUC",
    .summary = "click-through models, hand-crafted and searched (NASRec, SiGeo, ZiCo), on criteo, "
               "avazu and kdd12",
    .run = run,
    .print = sgeo_table3_print};
