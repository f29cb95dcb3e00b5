#include "harness/table.h"

#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/csv.h"
#include "base/file.h"
#include "base/log.h"
#include "base/share.h"
#include "harness/campaign.h"
#include "harness/outputs.h"
#include "harness/paper.h"
#include "harness/preset.h"
#include "harness/provenance.h"
#include "harness/ranks.h"
#include "harness/summary.h"
#include "harness/table_print.h"
#include "harness/zc_export.h"

static const struct sgeo_table *const tables[] = {&sgeo_table1,  &sgeo_table2, &sgeo_table3,
                                                  &sgeo_table3b, &sgeo_table4, NULL};

const struct sgeo_table *const *sgeo_table_all(void)
{
    return tables;
}

void sgeo_table_fill_proxies(struct sgeo_options *options, const char *const *names, size_t n)
{
    bool given = options->n_proxies > 0;
    for (size_t i = 0; !given && i < n; i++) {
        options->proxies[options->n_proxies++] = sgeo_proxy_find(names[i]);
    }
}

void sgeo_table_fill_levels(struct sgeo_options *options, const double *levels, size_t n)
{
    bool given = options->n_levels > 0;
    for (size_t i = 0; !given && i < n; i++) {
        options->levels[options->n_levels++] = levels[i];
    }
}

const char *sgeo_scores_origin(const struct sgeo_options *options)
{
    return options->convention == SGEO_CONVENTION_SUITE ? "computed" : "ours";
}

/* --- tableN.csv --- */

static void put_row(struct sgeo_text *csv, const struct sgeo_table *table,
                    const struct sgeo_row *row)
{
    sgeo_csv_put(csv, table->number);
    sgeo_csv_put(csv, row->task->name);
    sgeo_csv_put(csv, row->proxy == NULL ? "" : row->proxy->name);
    sgeo_csv_put_double(csv, row->level);
    sgeo_csv_put(csv, sgeo_warmup_mode_name(row->mode, row->level));
    sgeo_csv_put_size(csv, row->steps);
    sgeo_csv_put(csv, row->truth);
    sgeo_csv_put(csv, row->statistic);
    sgeo_csv_put_optional(csv, row->value);
    sgeo_csv_put_optional(csv, row->ci_low);
    sgeo_csv_put_optional(csv, row->ci_high);
    sgeo_csv_put_size(csv, row->n_archs);
    sgeo_csv_put_size(csv, row->n_valid);
    sgeo_csv_put_size(csv, row->n_nan);
    sgeo_csv_put_size(csv, row->n_inf);
    sgeo_csv_put_size(csv, row->n_tied);
    sgeo_csv_put_size(csv, row->n_seeds);
    sgeo_csv_put_optional(csv, row->paper_value);
    sgeo_csv_put_optional(csv, row->delta);
    sgeo_csv_put(csv, row->arch_list_sha256);
    sgeo_csv_put(csv, row->data);
    sgeo_csv_put(csv, row->scores);
    sgeo_csv_put_optional(csv, row->lambda.zico);
    sgeo_csv_put_optional(csv, row->lambda.fr);
    sgeo_csv_put_optional(csv, row->lambda.loss);
    sgeo_csv_put_size(csv, row->n_degenerate);
    if (table->has_spaces) {
        sgeo_csv_put(csv, row->task->space);
    }
    sgeo_csv_put(csv, row->arithmetic);
    sgeo_csv_end_row(csv);
}

enum sgeo_status sgeo_table_publish(const struct sgeo_table *table,
                                    const struct sgeo_summary *summary, const char *directory)
{
    struct sgeo_text csv = {0};
    char name[32];
    snprintf(name, sizeof name, "table%s.csv", table->number);
    sgeo_text_append(&csv,
                     "table,task,proxy,warmup_percent,warmup_mode,warmup_steps,truth,"
                     "statistic,value,ci_low,ci_high,n_archs,n_valid,n_nan,n_inf,n_tied,"
                     "seeds,paper_value,delta,arch_list_sha256,data,scores,lambda1,lambda2,"
                     "lambda3,n_degenerate%s,arithmetic\n",
                     table->has_spaces ? ",search_space" : "");
    for (size_t r = 0; r < summary->n_rows; r++) {
        put_row(&csv, table, &summary->rows[r]);
    }
    enum sgeo_status status = sgeo_outputs_publish(directory, name, &csv);
    sgeo_text_clear(&csv);
    return status;
}

/* --- printing --- */

/* CPU, date and command of a result folder, one line; nothing when it has no meta.json. */
static void print_origin(struct sgeo_text *text, const char *directory)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/meta.json", directory);
    json_t *meta = json_load_file(path, 0, NULL);
    const char *cpu = json_string_value(json_object_get(json_object_get(meta, "machine"), "cpu"));
    const char *date = json_string_value(json_object_get(meta, "date"));
    if (cpu != NULL && date != NULL) {
        const json_t *word;
        size_t i;
        sgeo_text_append(text, "Measured on %s, %.10s:", cpu, date);
        json_array_foreach(json_object_get(meta, "argv"), i, word)
        {
            sgeo_text_append(text, " %s", i == 0 ? "bench_sigeo" : json_string_value(word));
        }
        sgeo_text_append(text, "\n");
    }
    json_decref(meta);
}

static enum sgeo_status print_directory(const struct sgeo_table *table, const char *directory,
                                        sgeo_text_sink sink)
{
    struct sgeo_text text = {0};
    struct sgeo_csv csv = {0};
    char path[1024];
    snprintf(path, sizeof path, "%s/table%s.csv", directory, table->number);
    enum sgeo_status status = sgeo_csv_read(&csv, path);
    if (status == SGEO_OK) {
        sgeo_text_append(&text, "%s\n", table->title);
        print_origin(&text, directory);
        status = (table->print == NULL ? sgeo_table_print : table->print)(&text, &csv);
    }
    if (status == SGEO_OK) {
        sink(text.bytes, NULL);
    }
    sgeo_csv_clear(&csv);
    sgeo_text_clear(&text);
    return status;
}

/* The reference results that come with the program, one folder a CPU. None is fine. */
static void print_references(const struct sgeo_table *table, sgeo_text_sink sink)
{
    char root[1024], path[1400], folder_path[1300];
    if (sgeo_share_path(root, sizeof root, "results/reference") != SGEO_OK) {
        return;
    }
    DIR *folder = opendir(root);
    for (struct dirent *entry = folder == NULL ? NULL : readdir(folder); entry != NULL;
         entry = readdir(folder)) {
        snprintf(folder_path, sizeof folder_path, "%.1000s/%.255s", root, entry->d_name);
        snprintf(path, sizeof path, "%s/table%s.csv", folder_path, table->number);
        if (entry->d_name[0] != '.' && sgeo_file_exists(path)) {
            sink("Reference results, as committed:\n", NULL);
            if (print_directory(table, folder_path, sink) != SGEO_OK) {
                sgeo_log(SGEO_LOG_WARNING, "%s", sgeo_error_text());
            }
            sink("\n", NULL);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
}

/* --- the run --- */

/* Whether the run reads nothing from a data folder. */
static bool only_embedded(const struct sgeo_table *table, const struct sgeo_options *options)
{
    if (table->run != NULL) {
        return options->data == NULL;
    }
    for (size_t t = 0; t < options->n_tasks; t++) {
        if (!options->tasks[t]->embedded) {
            return false;
        }
    }
    return true;
}

static enum sgeo_status publish(const struct sgeo_table *table,
                                const struct sgeo_campaign *campaign, int argc, char **argv)
{
    struct sgeo_summary summary = {0};
    struct sgeo_csv paper = {0};
    enum sgeo_status status = sgeo_paper_read(&paper, table->number);
    if (status == SGEO_OK) {
        status = table->rows(&summary, campaign, &paper);
    }
    if (status == SGEO_OK) {
        status = sgeo_scores_publish(campaign);
    }
    if (status == SGEO_OK && campaign->options->export_zc) {
        status = sgeo_zc_export(&campaign->context, campaign->records, campaign->n_records);
    }
    if (status == SGEO_OK && table->publish != NULL) {
        status = table->publish(campaign);
    }
    if (status == SGEO_OK) {
        status = sgeo_table_publish(table, &summary, campaign->options->out);
    }
    if (status == SGEO_OK) {
        status = sgeo_provenance_publish(campaign, argc, argv);
    }
    sgeo_csv_clear(&paper);
    sgeo_summary_clear(&summary);
    return status;
}

static size_t jobs_left(const struct sgeo_campaign *campaign)
{
    size_t left = 0;
    for (size_t i = 0; i < campaign->n_jobs; i++) {
        left += !campaign->done[i];
    }
    return left;
}

/* The jobs of one task: how many warm-ups and scores, of what. */
static void print_task_jobs(struct sgeo_text *text, const struct sgeo_campaign *campaign, size_t t)
{
    const struct sgeo_task *task = campaign->options->tasks[t];
    const struct sgeo_run_size size = sgeo_run_size(campaign->options, task);
    size_t warmups = 0, scores = 0;
    for (size_t i = 0; i < campaign->n_jobs; i++) {
        const struct sgeo_job_key *key = &campaign->jobs[i].key;
        warmups += key->task == task && key->kind == SGEO_JOB_WARMUP;
        scores += key->task == task && key->kind == SGEO_JOB_SCORE;
    }
    sgeo_text_append(
        text,
        "%s: %zu warm-ups, %zu scores; %zu architectures (list sha256 %.16s), %zu seed%s, warm-up",
        task->name, warmups, scores, campaign->lists[t].n, campaign->lists[t].sha256, size.seeds,
        size.seeds == 1 ? "" : "s");
    for (size_t l = 0; l < size.n_levels; l++) {
        sgeo_text_append(text, "%s %g", l == 0 ? "" : ",", size.levels[l]);
    }
    sgeo_text_append(text, " %%, %zu epoch%s\n", size.epochs, size.epochs == 1 ? "" : "s");
}

static void print_jobs(const struct sgeo_campaign *campaign, sgeo_text_sink sink)
{
    struct sgeo_text text = {0};
    double hours = sgeo_campaign_cost(campaign) * SGEO_SECONDS_A_MAC / SGEO_SECONDS_AN_HOUR;
    for (size_t t = 0; t < campaign->options->n_tasks; t++) {
        print_task_jobs(&text, campaign, t);
    }
    sgeo_text_append(&text, "%zu jobs to do, about %.2g core-hours, results in %s\n",
                     jobs_left(campaign), hours, campaign->options->out);
    sink(text.bytes, NULL);
    sgeo_text_clear(&text);
}

static enum sgeo_status run_campaign(const struct sgeo_table *table,
                                     const struct sgeo_table_call *call)
{
    struct sgeo_campaign *campaign = NULL;
    struct sgeo_options filled = *call->options;
    const struct sgeo_options *options = &filled;
    table->fill(&filled);
    enum sgeo_status status = sgeo_campaign_create(&campaign, options);
    bool first_rank = sgeo_ranks_rank() == 0;
    if (status == SGEO_OK && first_rank &&
        (options->dry_run || options->preset == SGEO_PRESET_PAPER)) {
        print_jobs(campaign, call->sink);
    }
    if (status == SGEO_OK && !options->dry_run) {
        status = sgeo_campaign_run(campaign, call->progress, call->progress_context);
    }
    if (status == SGEO_OK && !options->dry_run && first_rank) {
        status = publish(table, campaign, call->argc, call->argv);
    }
    sgeo_campaign_destroy(campaign);
    return status;
}

static const struct sgeo_table *find_table(const char *number)
{
    for (const struct sgeo_table *const *table = tables; *table != NULL; table++) {
        if (strcmp((*table)->number, number) == 0) {
            return *table;
        }
    }
    return NULL;
}

enum sgeo_status sgeo_table_run(const char *number, const struct sgeo_options *options,
                                const char *from, int argc, char **argv, sgeo_text_sink sink,
                                sgeo_progress_fn progress, void *progress_context)
{
    const struct sgeo_table *table = find_table(number);
    const struct sgeo_table_call call = {.options = options,
                                         .argc = argc,
                                         .argv = argv,
                                         .sink = sink,
                                         .progress = progress,
                                         .progress_context = progress_context};
    if (table == NULL) {
        return sgeo_fail(SGEO_USAGE, "--list tables shows what there is", "unknown table: %s",
                         number);
    }
    if (from != NULL) {
        return print_directory(table, from, sink);
    }
    bool prints = sgeo_ranks_rank() == 0 && !options->dry_run;
    if (prints && only_embedded(table, options)) {
        print_references(table, sink);
    }
    enum sgeo_status status = table->run != NULL ? table->run(&call) : run_campaign(table, &call);
    return status == SGEO_OK && prints ? print_directory(table, options->out, sink) : status;
}
