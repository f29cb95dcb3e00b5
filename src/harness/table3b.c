/* Table 3b: its run, its rows, its files. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "harness/ctr_bayes.h"
#include "harness/ctr_finals_outputs.h"
#include "harness/ctr_scores.h"
#include "harness/outputs.h"
#include "harness/provenance.h"
#include "harness/ranks.h"
#include "harness/table.h"
#include "harness/table3_run.h"
#include "harness/table3b.h"
#include "harness/table3b_plan.h"

/* --- rows --- */

/* What is summarised, with memory of its own. */
struct subject {
    struct sgeo_summary_subject as;
    struct sgeo_options options; /* a space on a data set is a task */
    struct sgeo_arch_list lists[SGEO_TASKS_MAX];
};

static const struct sgeo_ctr_final *training_of(const struct sgeo_table3b *table,
                                                const struct sgeo_table3b_part *part, size_t arch,
                                                uint64_t seed)
{
    const struct sgeo_ctr_named model = {.crafted = SGEO_CTR_MODELS, .arch = part->archs[arch]};
    return sgeo_ctr_finals_find(table->finals, part->clicks->task, &model, seed);
}

/* Without the embedding tables, which all have in common. */
static enum sgeo_status count_params(double *params, const struct sgeo_task *task, const char *text)
{
    const struct sgeo_ctr_schema *schema = sgeo_ctr_schema_find(task->name);
    struct sgeo_feature_layout features;
    struct sgeo_ctr_named model;
    struct sgeo_graph *graph = NULL;
    struct sgeo_counts counts;
    enum sgeo_status status = sgeo_ctr_named_parse(&model, text);
    if (status == SGEO_OK) {
        status = sgeo_ctr_named_build(&graph, &features, &model, schema->n_dense, schema->n_fields);
    }
    if (status == SGEO_OK) {
        sgeo_graph_count(&counts, graph);
        *params = (double)counts.params;
    }
    sgeo_graph_destroy(graph);
    return status;
}

/* Ground truth of the first n architectures, by enum sgeo_truth_kind: the validation and test
 * losses of the first seed; or, between the seeds, the test losses of two. */
static enum sgeo_status fill_list(struct sgeo_arch_list *list, const struct sgeo_table3b *table,
                                  const struct sgeo_table3b_part *part, size_t n,
                                  bool between_seeds)
{
    uint64_t seed = table->options->seed;
    enum sgeo_status status = sgeo_truth_create(&list->truth, n, part->task->space);
    for (size_t i = 0; status == SGEO_OK && i < n; i++) {
        char text[SGEO_NASREC_TEXT_MAX];
        const struct sgeo_ctr_final *first = training_of(table, part, i, seed);
        const struct sgeo_ctr_final *second =
            between_seeds ? training_of(table, part, i, seed + 1) : first;
        sgeo_nasrec_encode(text, &part->archs[i]);
        const struct sgeo_truth_entry entry = {
            .arch = sgeo_strdup(text),
            .naslib_idx = i,
            .accuracy = {-(between_seeds ? first->test.log_loss : first->valid.log_loss),
                         -second->test.log_loss}};
        status = sgeo_truth_append_take(&list->truth, &entry);
    }
    list->has_truth[SGEO_TRUTH_VAL] = list->has_truth[SGEO_TRUTH_TEST] = true;
    return status == SGEO_OK ? sgeo_truth_finish(&list->truth) : status;
}

static enum sgeo_status set_bounds(struct subject *subject, size_t t,
                                   const struct sgeo_ctr_set *clicks)
{
    static const enum sgeo_ctr_part parts[2] = {
        [SGEO_TRUTH_VAL] = SGEO_CTR_VAL, [SGEO_TRUTH_TEST] = SGEO_CTR_TEST};
    enum sgeo_status status = SGEO_OK;
    subject->as.has_bounds[t] = clicks->data.synth != NULL;
    for (size_t kind = 0; status == SGEO_OK && subject->as.has_bounds[t] && kind < 2; kind++) {
        double loss = 0.0;
        status = sgeo_ctr_bayes_loss(&loss, clicks, parts[kind]);
        subject->as.bounds[t][kind] = -loss;
    }
    return status;
}

static void start_subject(struct subject *subject, const struct sgeo_table3b *table)
{
    *subject = (struct subject){.options = *table->options};
    subject->as = (struct sgeo_summary_subject){
        .options = &subject->options, .lists = subject->lists, .params = count_params};
    subject->options.n_tasks = table->n_parts;
    for (size_t p = 0; p < table->n_parts; p++) {
        subject->options.tasks[p] = table->parts[p].task;
        subject->as.data[p] = sgeo_ctr_set_kind(table->parts[p].clicks);
    }
}

static void clear_subject(struct subject *subject)
{
    for (size_t p = 0; p < subject->options.n_tasks; p++) {
        sgeo_arch_list_clear(&subject->lists[p]);
    }
}

static enum sgeo_status score_rows(struct sgeo_summary *summary, const struct sgeo_table3b *table)
{
    const struct sgeo_score_source source = {.records = table->records,
                                             .n_records = table->n_records,
                                             .scores = "computed",
                                             .has_ceiling = true};
    struct subject subject;
    enum sgeo_status status = SGEO_OK;
    start_subject(&subject, table);
    for (size_t p = 0; status == SGEO_OK && p < table->n_parts; p++) {
        status = fill_list(&subject.lists[p], table, &table->parts[p], table->parts[p].n, false);
        if (status == SGEO_OK) {
            status = set_bounds(&subject, p, table->parts[p].clicks);
        }
    }
    if (status == SGEO_OK) {
        status = sgeo_summarise_subject(summary, &subject.as, &source);
    }
    clear_subject(&subject);
    return status;
}

/* The records of architectures that are trained twice, at the first level and seed: without proxies
 * nothing is left but the ceiling. Returns how many. */
static size_t choose_twice(struct sgeo_record *chosen, const struct sgeo_table3b *table)
{
    size_t n = 0;
    for (size_t p = 0; p < table->n_parts; p++) {
        for (size_t r = 0; r < table->n_records; r++) {
            const struct sgeo_job_key *key = &table->records[r].key;
            if (key->task == table->parts[p].task && key->seed == table->options->seed &&
                key->level == table->options->levels[0] &&
                key->arch_index < table->parts[p].twice) {
                chosen[n++] = table->records[r];
            }
        }
    }
    return n;
}

static enum sgeo_status ceiling_rows(struct sgeo_summary *summary, const struct sgeo_table3b *table)
{
    struct subject subject;
    struct sgeo_record *chosen = sgeo_calloc(table->n_records + 1, sizeof *chosen);
    struct sgeo_score_source source = {
        .records = chosen, .scores = "computed", .has_ceiling = true};
    size_t first = summary->n_rows;
    enum sgeo_status status = chosen == NULL ? sgeo_fail_memory("records") : SGEO_OK;
    start_subject(&subject, table);
    subject.options.n_proxies = 0;
    for (size_t p = 0; status == SGEO_OK && p < table->n_parts; p++) {
        status = fill_list(&subject.lists[p], table, &table->parts[p], table->parts[p].twice, true);
    }
    if (status == SGEO_OK) {
        source.n_records = choose_twice(chosen, table);
        status = sgeo_summarise_subject(summary, &subject.as, &source);
    }
    for (size_t r = first; r < summary->n_rows; r++) {
        summary->rows[r].statistic = "ceiling_seeds_spearman";
    }
    clear_subject(&subject);
    sgeo_free(chosen);
    return status;
}

enum sgeo_status sgeo_table3b_rows(struct sgeo_summary *summary, const struct sgeo_table3b *table)
{
    enum sgeo_status status = score_rows(summary, table);
    return status == SGEO_OK ? ceiling_rows(summary, table) : status;
}

/* --- files --- */

static enum sgeo_status publish_scores(const struct sgeo_table3b *table)
{
    struct sgeo_text csv = {0};
    sgeo_text_append(&csv, "%s", sgeo_scores_header);
    for (size_t r = 0; r < table->n_records; r++) {
        sgeo_scores_rows(&csv, &table->records[r], table->options->executor);
    }
    enum sgeo_status status = sgeo_outputs_publish(table->options->out, "scores.csv", &csv);
    sgeo_text_clear(&csv);
    return status;
}

static enum sgeo_status publish(const struct sgeo_table3b *table,
                                const struct sgeo_table_call *call)
{
    const struct sgeo_options *options = table->options;
    struct sgeo_summary summary = {0};
    enum sgeo_status status = sgeo_ctr_finals_publish(options->out, table->finals);
    if (status == SGEO_OK) {
        status = publish_scores(table);
    }
    if (status == SGEO_OK) {
        status = sgeo_table3b_rows(&summary, table);
    }
    if (status == SGEO_OK) {
        status = sgeo_table_publish(&sgeo_table3b, &summary, options->out);
    }
    if (status == SGEO_OK) {
        status = sgeo_provenance_publish_clicks(options, table->sets, table->n_sets, call->argc,
                                                call->argv);
    }
    sgeo_summary_clear(&summary);
    return status;
}

/* --- the run --- */

static void fill(struct sgeo_options *options)
{
    static const char *const proxies[] = {"sigeo-nasrec", "sigeo-eq6",   "sigeo-eq6-head",
                                          "zico",         "zico-nasrec", "oneshot"};
    static const double levels[] = {0.0, 1.0, 10.0, 100.0}, smoke[] = {0.0, 10.0};
    if (options->n_ctr_tasks == 0) {
        options->ctr_tasks[options->n_ctr_tasks++] = sgeo_ctr_task_find("criteo");
    }
    if (options->n_proxies == 0) {
        for (size_t p = 0; p < sizeof proxies / sizeof *proxies; p++) {
            options->proxies[options->n_proxies++] = sgeo_ctr_proxy_find(proxies[p]);
        }
        options->proxies[options->n_proxies++] = &sgeo_proxy_params;
        options->proxies[options->n_proxies++] = &sgeo_proxy_flops;
    }
    if (options->preset == SGEO_PRESET_SMOKE) {
        sgeo_table_fill_levels(options, smoke, sizeof smoke / sizeof *smoke);
    }
    sgeo_table_fill_levels(options, levels, sizeof levels / sizeof *levels);
    sgeo_table3_fill(options);
}

static enum sgeo_status check(const struct sgeo_options *options)
{
    const struct {
        const char *name;
        bool given;
    } foreign[] = {{"--lambda", options->has_lambda},
                   {"--shard", options->shards > 0},
                   {"--dedupe", options->dedupe},
                   {"--export", options->export_zc},
                   {"--data formula", options->data_formula},
                   {"--warmup-mode candidate", options->warmup_mode == SGEO_WARMUP_CANDIDATE}};
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        if (foreign[i].given) {
            return sgeo_fail(SGEO_USAGE, "leave it out", "table 3b takes no %s", foreign[i].name);
        }
    }
    for (size_t p = 0; p < options->n_proxies; p++) {
        if (!sgeo_ctr_scores_has(options->proxies[p])) {
            return sgeo_fail(SGEO_USAGE,
                             "--proxy sigeo-nasrec,sigeo-eq6,sigeo-eq6-head,zico,zico-nasrec,"
                             "oneshot,params,flops",
                             "table 3b has no scores by %s", options->proxies[p]->name);
        }
    }
    return SGEO_OK;
}

static enum sgeo_status work(const struct sgeo_options *options, const struct sgeo_table_call *call)
{
    struct sgeo_table3b table = {.progress = call->progress,
                                 .progress_context = call->progress_context};
    enum sgeo_status status = sgeo_table3b_open(&table, options);
    if (status == SGEO_OK) {
        status = sgeo_table3b_train(&table);
    }
    if (status == SGEO_OK) {
        status = sgeo_table3b_score(&table);
    }
    if (status == SGEO_OK) {
        status = publish(&table, call);
    }
    sgeo_table3b_close(&table);
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
        status = sgeo_table3b_print_plan(&filled, call->sink, NULL);
    }
    return status == SGEO_OK && !filled.dry_run ? work(&filled, call) : status;
}

const struct sgeo_table sgeo_table3b = {
    .number = "3b",
    .title =
        "Table 3b: correlation of scores of NASRec's architectures with the log loss that they "
        "reach from scratch",
    .summary = "scores of random NASRec architectures against their own ground truth over warm-up "
               "levels, which the paper never measured",
    .has_spaces = true,
    .run = run,
};
