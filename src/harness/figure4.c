/*
 * Figure 4: what the terms of SiGeo contribute. After 1 % warm-up NASRec is searched by the
 * Fisher-Rao term alone, by ZiCo alone and by SiGeo; the best of each, trained from scratch, are a
 * box. Its searches and trainings are of Table 3's kind and names: in that table's folder, with
 * --resume, only those that it lacks run.
 */
#include <stdio.h>

#include "base/file.h"
#include "harness/ctr_finals_outputs.h"
#include "harness/figure.h"
#include "harness/figure4_points.h"
#include "harness/figure4_print.h"
#include "harness/outputs.h"
#include "harness/paper.h"
#include "harness/table3_run.h"

/* The paper's data set; a model is trained once. */
static void fill(struct sgeo_options *options)
{
    if (options->n_ctr_tasks == 0) {
        options->ctr_tasks[options->n_ctr_tasks++] = sgeo_ctr_task_find("criteo");
    }
    options->seeds = 1;
    sgeo_table3_fill(options);
}

/* The models' own file too: the points can be made again of it. */
static enum sgeo_status publish(const struct sgeo_table3 *table)
{
    struct sgeo_csv paper = {0};
    struct sgeo_text csv = {0};
    enum sgeo_status status = sgeo_ctr_finals_publish(table->options->out, table->finals);
    if (status == SGEO_OK) {
        status = sgeo_paper_read(&paper, "3");
    }
    if (status == SGEO_OK) {
        sgeo_text_append(&csv, "%s", sgeo_figure4_header);
        sgeo_figure4_put_all(&csv, table, &paper);
        status = sgeo_outputs_publish(table->options->out, "figure4.csv", &csv);
    }
    sgeo_csv_clear(&paper);
    sgeo_text_clear(&csv);
    return status;
}

static enum sgeo_status run(const struct sgeo_table_call *call)
{
    struct sgeo_figure4_rows rows;
    const struct sgeo_table3_list list = sgeo_figure4_list(&rows);
    struct sgeo_options filled = *call->options;
    if (filled.seeds > 0) {
        return sgeo_fail(SGEO_USAGE, "leave it out", "figure 4 takes no --seeds");
    }
    fill(&filled);
    return sgeo_table3_run(call, &filled, &list, publish);
}

/* --- from a folder --- */

static enum sgeo_status print(const struct sgeo_table_call *call, const char *directory)
{
    struct sgeo_csv csv = {0};
    struct sgeo_text text = {0};
    char path[1024];
    snprintf(path, sizeof path, "%s/figure4.csv", directory);
    enum sgeo_status status = sgeo_csv_read(&csv, path);
    if (status == SGEO_OK) {
        status = sgeo_figure4_print(&text, &csv);
    }
    if (status == SGEO_OK) {
        call->sink(text.bytes, NULL);
    }
    sgeo_csv_clear(&csv);
    sgeo_text_clear(&text);
    return status;
}

static enum sgeo_status show(const struct sgeo_table_call *call, const char *directory)
{
    char path[1024], table[1024];
    snprintf(path, sizeof path, "%s/figure4.csv", directory);
    snprintf(table, sizeof table, "%s/table3.csv", directory);
    return sgeo_file_exists(path) || !sgeo_file_exists(table)
               ? print(call, directory)
               : sgeo_fail(SGEO_USAGE,
                           "--out DIR makes it there from the table 3 of this folder; --figure 4 "
                           "--resume --out with this folder searches what is missing",
                           "%s has no figure4.csv", directory);
}

/* From the files of a table 3. */
static enum sgeo_status derive(const struct sgeo_table_call *call, const char *directory)
{
    struct sgeo_options filled = *call->options;
    struct sgeo_csv paper = {0};
    struct sgeo_text csv = {0};
    fill(&filled);
    enum sgeo_status status = sgeo_paper_read(&paper, "3");
    if (status == SGEO_OK) {
        sgeo_text_append(&csv, "%s", sgeo_figure4_header);
        status = sgeo_figure4_derive(&csv, directory, &filled, &paper);
    }
    if (status == SGEO_OK) {
        status = sgeo_directory_create(filled.out);
    }
    if (status == SGEO_OK) {
        status = sgeo_outputs_publish(filled.out, "figure4.csv", &csv);
    }
    sgeo_csv_clear(&paper);
    sgeo_text_clear(&csv);
    return status == SGEO_OK ? print(call, filled.out) : status;
}

static const char *const sources[] = {"table3.csv", "models.csv", NULL};

const struct sgeo_figure sgeo_figure4 = {
    .number = "4",
    .summary = "test log loss of what searches by FR only, ZiCo only and SiGeo find, on criteo",
    .run = run,
    .show = show,
    .derive = derive,
    .sources = sources,
    .selects = true};
