#include "harness/score.h"

#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "data/truth.h"
#include "harness/campaign.h"
#include "harness/outputs.h"
#include "harness/worker.h"
#include "harness/zc_export.h"
#include "stats/robust.h"

/* What the architectures of one call share. */
struct scorer {
    const struct sgeo_options *options;
    struct sgeo_run_context context;
    struct sgeo_worker *worker;
    struct sgeo_truth truth; /* empty when there is none: then every index is 0 */
    struct sgeo_record record;
    double *seconds; /* (repeat) x (proxies) */
    sgeo_text_sink sink;
    void *sink_context;
    struct sgeo_record *kept; /* (n_kept) for --export */
    size_t n_kept;
};

/* The architecture's number in the task's list, so that its random weights are those of the tables.
 */
static size_t list_index(const struct scorer *scorer, const char *arch)
{
    const struct sgeo_truth *truth = &scorer->truth;
    const struct sgeo_truth_entry *entry = truth->n == 0 ? NULL : sgeo_truth_find(truth, arch);
    return entry == NULL ? 0 : sgeo_truth_number(truth, entry);
}

/* Single scores are cold ones of one task. */
static enum sgeo_status check_request(const struct sgeo_options *options)
{
    if (options->n_tasks > 1) {
        return sgeo_fail(SGEO_USAGE, "give one --task", "--score takes one task");
    }
    if (options->n_levels > 1 || (options->n_levels == 1 && options->levels[0] > 0.0)) {
        return sgeo_fail(SGEO_USAGE, "use --table 2 --archs FILE --warmup LIST",
                         "--score is at random initialisation: no warm-up");
    }
    return SGEO_OK;
}

static enum sgeo_status keep_record(struct scorer *scorer)
{
    size_t n = scorer->n_kept;
    if ((n & (n - 1)) == 0) {
        struct sgeo_record *kept =
            sgeo_grow(scorer->kept, n, n == 0 ? 1 : 2 * n, sizeof *scorer->kept);
        if (kept == NULL) {
            return sgeo_fail_memory("records to export");
        }
        scorer->kept = kept;
    }
    scorer->kept[scorer->n_kept++] = scorer->record;
    return SGEO_OK;
}

static enum sgeo_status run_repeatedly(struct scorer *scorer, const struct sgeo_job *job)
{
    size_t repeat = scorer->options->repeat, n = scorer->options->n_proxies;
    enum sgeo_status status = sgeo_worker_run(scorer->worker, job, &scorer->record);
    for (size_t r = 0; status == SGEO_OK && r < repeat; r++) {
        status = sgeo_worker_run(scorer->worker, job, &scorer->record);
        for (size_t p = 0; p < n; p++) {
            scorer->seconds[p * repeat + r] = scorer->record.scores[p].score.seconds_cpu;
        }
    }
    for (size_t p = 0; status == SGEO_OK && repeat > 0 && p < n; p++) {
        const struct sgeo_column seconds = {scorer->seconds + p * repeat, repeat};
        status = sgeo_median(&scorer->record.scores[p].score.seconds_cpu, seconds);
    }
    return status;
}

static enum sgeo_status score_one(struct scorer *scorer, const char *text)
{
    const struct sgeo_task *task = scorer->options->tasks[0];
    const struct sgeo_space *space = sgeo_space_find(task->space);
    char canonical[SGEO_ARCH_TEXT_MAX];
    struct sgeo_arch arch;
    enum sgeo_status status = space->decode(&arch, text);
    if (status != SGEO_OK) {
        return status;
    }
    space->encode(canonical, &arch);
    const struct sgeo_job job = {.key = {.kind = SGEO_JOB_SCORE,
                                         .task = task,
                                         .seed = scorer->options->seed,
                                         .arch_index = list_index(scorer, canonical)},
                                 .arch = canonical};
    status = run_repeatedly(scorer, &job);
    if (status == SGEO_OK) {
        struct sgeo_text rows = {0};
        sgeo_scores_rows(&rows, &scorer->record, scorer->options->executor);
        scorer->sink(rows.bytes, scorer->sink_context);
        sgeo_text_clear(&rows);
    }
    return status == SGEO_OK && scorer->options->export_zc ? keep_record(scorer) : status;
}

static enum sgeo_status score_lines(struct scorer *scorer, FILE *input)
{
    char line[2 * SGEO_ARCH_TEXT_MAX];
    enum sgeo_status status = SGEO_OK;
    while (status == SGEO_OK && fgets(line, sizeof line, input) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        if (*line != '\0') {
            status = score_one(scorer, line);
        }
    }
    return status;
}

/* Read the task's list of architectures where there is one; only a damaged one is an error. */
static enum sgeo_status open_list(struct scorer *scorer)
{
    const struct sgeo_options *options = scorer->options;
    char path[1024];
    bool kinds[2];
    bool known = sgeo_truth_path(path, sizeof path, options->tasks[0], options->data) == SGEO_OK;
    return known && sgeo_file_exists(path)
               ? sgeo_task_truth(&scorer->truth, kinds, options->tasks[0], options->data)
               : SGEO_OK;
}

static enum sgeo_status open_scorer(struct scorer *scorer)
{
    const struct sgeo_options *options = scorer->options;
    enum sgeo_status status = sgeo_feed_open(&scorer->context.feeds[0], options->tasks[0],
                                             options->data, options->data_formula);
    if (status == SGEO_OK && !options->data_formula) {
        status = open_list(scorer);
    }
    if (status == SGEO_OK) {
        status = sgeo_worker_create(&scorer->worker, &scorer->context);
    }
    scorer->seconds =
        sgeo_calloc((options->repeat + 1) * options->n_proxies, sizeof *scorer->seconds);
    return status == SGEO_OK && scorer->seconds == NULL ? sgeo_fail_memory("timings") : status;
}

enum sgeo_status sgeo_score(const struct sgeo_options *options, const char *arch, FILE *input,
                            sgeo_text_sink sink, void *sink_context)
{
    enum sgeo_status status = check_request(options);
    if (status != SGEO_OK) {
        return status;
    }
    struct scorer *scorer = sgeo_calloc(1, sizeof *scorer);
    if (scorer == NULL) {
        return sgeo_fail_memory("scorer");
    }
    *scorer = (struct scorer){.options = options,
                              .context = {.options = options},
                              .sink = sink,
                              .sink_context = sink_context};
    scorer->context.truths[0] = &scorer->truth;
    status = open_scorer(scorer);
    if (status == SGEO_OK) {
        sink(sgeo_scores_header, sink_context);
        status = strcmp(arch, "-") == 0 ? score_lines(scorer, input) : score_one(scorer, arch);
    }
    if (status == SGEO_OK && options->export_zc) {
        status = sgeo_zc_export(&scorer->context, scorer->kept, scorer->n_kept);
    }
    sgeo_worker_destroy(scorer->worker);
    sgeo_feed_close(scorer->context.feeds[0]);
    sgeo_truth_clear(&scorer->truth);
    sgeo_free(scorer->seconds);
    sgeo_free(scorer->kept);
    sgeo_free(scorer);
    return status;
}
