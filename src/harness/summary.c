#include "harness/summary.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "stats/bootstrap.h"
#include "stats/nonfinite.h"
#include "stats/panel.h"
#include "stats/ranks.h"

/* Where the paper's sample is the first thousand of a list; elsewhere no difference is shown. */
enum { PAPER_ARCHS = 1000 };

/* One cell in work: one level and mode, the architectures that each of its seeds has. */
struct cell {
    const struct sgeo_campaign *campaign;
    const struct sgeo_score_source *source;
    struct sgeo_summary *summary;
    size_t task;                        /* index into options->tasks */
    const struct sgeo_record **records; /* (n_seeds, n_archs) */
    size_t n_seeds, n_archs;
    bool is_paper_sample;
    char sha256[SGEO_SHA256_HEX];
    double *params;   /* (n_archs) */
    double *truth[2]; /* (n_archs) by enum sgeo_truth_kind; NULL where the task has none */
};

static enum sgeo_status push_row(struct sgeo_summary *summary, const struct sgeo_row *row)
{
    if (summary->n_rows == summary->capacity) {
        size_t capacity = summary->capacity == 0 ? 64 : 2 * summary->capacity;
        struct sgeo_row *rows = sgeo_grow(summary->rows, summary->capacity, capacity, sizeof *rows);
        if (rows == NULL) {
            return sgeo_fail_memory("table rows");
        }
        summary->rows = rows;
        summary->capacity = capacity;
    }
    summary->rows[summary->n_rows++] = *row;
    return SGEO_OK;
}

void sgeo_summary_clear(struct sgeo_summary *summary)
{
    sgeo_free(summary->rows);
    *summary = (struct sgeo_summary){0};
}

/* --- the architectures of one cell --- */

/* Records of one level and mode: the architectures that each of the first n_seeds seeds has. */
static size_t gather(struct cell *cell, const struct sgeo_record *first,
                     const struct sgeo_record *end)
{
    size_t stride = cell->n_archs, count = 0;
    for (const struct sgeo_record *a = first; a < end && a->key.seed == first->key.seed; a++) {
        size_t found = 0;
        uint64_t last_seed = 0;
        if (a->key.kind != SGEO_JOB_SCORE) {
            continue;
        }
        for (const struct sgeo_record *b = a; b < end && found < cell->n_seeds; b++) {
            bool fresh = found == 0 || b->key.seed != last_seed;
            if (fresh && b->key.kind == SGEO_JOB_SCORE && b->key.arch_index == a->key.arch_index) {
                cell->records[found * stride + count] = b;
                last_seed = b->key.seed;
                found++;
            }
        }
        count += found == cell->n_seeds;
    }
    for (size_t s = 1; s < cell->n_seeds; s++) { /* close the gaps between the seeds' rows */
        memmove(cell->records + s * count, cell->records + s * stride,
                count * sizeof *cell->records);
    }
    cell->n_archs = count;
    return count;
}

/* Trainable parameters of every architecture, for the partial correlation. */
static enum sgeo_status fill_params(struct cell *cell)
{
    const struct sgeo_task *task = cell->campaign->options->tasks[cell->task];
    const struct sgeo_space *space = sgeo_space_find(task->space);
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < cell->n_archs; i++) {
        struct sgeo_graph *graph = NULL;
        struct sgeo_counts counts;
        struct sgeo_arch arch;
        status = space->decode(&arch, cell->records[i]->arch);
        if (status == SGEO_OK) {
            status = space->build(&graph, &arch, &task->net);
        }
        if (status == SGEO_OK) {
            sgeo_graph_count(&counts, graph);
            cell->params[i] = (double)counts.params;
        }
        sgeo_graph_destroy(graph);
    }
    return status;
}

static enum sgeo_status fill_truths(struct cell *cell)
{
    const struct sgeo_arch_list *list = &cell->campaign->lists[cell->task];
    enum sgeo_status status = SGEO_OK;
    for (size_t kind = 0; kind < 2; kind++) {
        if (!list->has_truth[kind]) {
            continue;
        }
        cell->truth[kind] = sgeo_calloc(cell->n_archs, sizeof(double));
        if (cell->truth[kind] == NULL) {
            return sgeo_fail_memory("ground truth column");
        }
        for (size_t i = 0; status == SGEO_OK && i < cell->n_archs; i++) {
            status = sgeo_truth_accuracy(&cell->truth[kind][i], &list->truth,
                                         cell->records[i]->arch, (enum sgeo_truth_kind)kind);
        }
    }
    return status;
}

/* Checksum of the architectures, and whether they are the paper's sample: the list's first
 * thousand. */
static enum sgeo_status identify(struct cell *cell)
{
    const struct sgeo_truth *truth = &cell->campaign->lists[cell->task].truth;
    struct sgeo_text text = {0};
    cell->is_paper_sample = cell->n_archs == PAPER_ARCHS && truth->n >= PAPER_ARCHS;
    for (size_t i = 0; i < cell->n_archs; i++) {
        sgeo_text_append(&text, "%s\n", cell->records[i]->arch);
        cell->is_paper_sample = cell->is_paper_sample && truth->entries[i].naslib_idx == i &&
                                strcmp(truth->entries[i].arch, cell->records[i]->arch) == 0;
    }
    sgeo_sha256(cell->sha256, text.bytes == NULL ? "" : text.bytes, text.length);
    enum sgeo_status status = text.failed ? sgeo_fail_memory("architecture list") : SGEO_OK;
    sgeo_text_clear(&text);
    return status;
}

/* --- columns: a proxy's scores with a policy for those that are not finite
 * ------------------------ */

struct column {
    const struct sgeo_proxy *proxy;
    double *scores;         /* (n_seeds, n) */
    double *truth, *params; /* (n) */
    size_t n;
    size_t n_tied; /* of the first seed */
    size_t n_degenerate;
    struct sgeo_nonfinite nonfinite;
    struct sgeo_panel *panel;
};

static void clear_column(struct column *column)
{
    sgeo_panel_destroy(column->panel);
    sgeo_free(column->scores);
    sgeo_free(column->truth);
    sgeo_free(column->params);
    *column = (struct column){0};
}

static void fill_scores(const struct cell *cell, const struct sgeo_proxy *proxy, double *scores)
{
    for (size_t i = 0; i < cell->n_seeds * cell->n_archs; i++) {
        const struct sgeo_record *record = cell->records[i];
        scores[i] = (double)NAN;
        for (size_t p = 0; p < record->n_scores; p++) {
            if (record->scores[p].proxy == proxy) {
                scores[i] = record->scores[p].score.value;
            }
        }
    }
}

/* Finite scores that are made of rounding noise. */
static size_t count_degenerate(const struct cell *cell, const struct sgeo_proxy *proxy)
{
    size_t n = 0;
    for (size_t i = 0; i < cell->n_seeds * cell->n_archs; i++) {
        const struct sgeo_record *record = cell->records[i];
        for (size_t p = 0; p < record->n_scores; p++) {
            const struct sgeo_score *score = &record->scores[p].score;
            n += record->scores[p].proxy == proxy && score->degenerate && isfinite(score->value);
        }
    }
    return n;
}

/* Which architectures have finite scores of both proxies (b may be NULL) for every seed. */
static enum sgeo_status keep_finite(const struct cell *cell, const struct sgeo_proxy *a,
                                    const struct sgeo_proxy *b, bool *keep)
{
    const struct sgeo_proxy *const proxies[2] = {a, b};
    double *scores = sgeo_calloc(cell->n_seeds * cell->n_archs, sizeof *scores);
    if (scores == NULL) {
        return sgeo_fail_memory("scores");
    }
    memset(keep, 1, cell->n_archs * sizeof *keep);
    for (size_t p = 0; p < 2 && proxies[p] != NULL; p++) {
        fill_scores(cell, proxies[p], scores);
        sgeo_nonfinite_mark(keep, scores, cell->n_seeds, cell->n_archs);
    }
    sgeo_free(scores);
    return SGEO_OK;
}

/* keep NULL: floor. A column that is left with fewer than two architectures has no panel. */
static enum sgeo_status open_column(const struct cell *cell, const struct sgeo_proxy *proxy,
                                    const double *truth, const bool *keep, struct column *column)
{
    size_t n = cell->n_archs, seeds = cell->n_seeds;
    *column = (struct column){.proxy = proxy, .n = n};
    column->scores = sgeo_calloc(seeds * n, sizeof(double));
    column->truth = sgeo_calloc(n, sizeof(double));
    column->params = sgeo_calloc(n, sizeof(double));
    if (column->scores == NULL || column->truth == NULL || column->params == NULL) {
        return sgeo_fail_memory("score column");
    }
    fill_scores(cell, proxy, column->scores);
    memcpy(column->truth, truth, n * sizeof *truth);
    memcpy(column->params, cell->params, n * sizeof *truth);
    column->nonfinite = sgeo_nonfinite_count(column->scores, seeds * n);
    column->n_degenerate = count_degenerate(cell, proxy);
    if (keep == NULL) {
        sgeo_nonfinite_floor(column->scores, seeds * n);
    } else {
        column->n = sgeo_nonfinite_drop(column->scores, seeds, n, keep);
        sgeo_nonfinite_drop(column->truth, 1, n, keep);
        sgeo_nonfinite_drop(column->params, 1, n, keep);
    }
    if (column->n < 2) {
        return SGEO_OK;
    }
    const struct sgeo_column params = {column->params, column->n};
    enum sgeo_status status =
        sgeo_panel_create(&column->panel, (struct sgeo_column){column->scores, seeds * column->n},
                          seeds, (struct sgeo_column){column->truth, column->n}, &params);
    return status == SGEO_OK
               ? sgeo_ranks_tied(&column->n_tied, (struct sgeo_column){column->scores, column->n})
               : status;
}

/* --- rows
 * ----------------------------------------------------------------------------------------- */

static struct sgeo_row new_row(const struct cell *cell, const struct sgeo_proxy *proxy,
                               enum sgeo_truth_kind kind, const char *statistic)
{
    const struct sgeo_record *first = cell->records[0];
    return (struct sgeo_row){.task = first->key.task,
                             .proxy = proxy,
                             .level = first->key.level,
                             .mode = first->key.mode,
                             .steps = first->steps,
                             .truth = kind == SGEO_TRUTH_VAL ? "val" : "test",
                             .statistic = statistic,
                             .value = (double)NAN,
                             .ci_low = (double)NAN,
                             .ci_high = (double)NAN,
                             .n_archs = cell->n_archs,
                             .n_valid = cell->n_archs,
                             .n_seeds = cell->n_seeds,
                             .paper_value = (double)NAN,
                             .delta = (double)NAN,
                             .scores = cell->source->scores,
                             .lambda = cell->source->lambda,
                             .stand_in =
                                 sgeo_feed_is_stand_in(cell->campaign->context.feeds[cell->task])};
}

static struct sgeo_row column_row(const struct cell *cell, const struct column *column,
                                  enum sgeo_truth_kind kind, const char *statistic)
{
    struct sgeo_row row = new_row(cell, column->proxy, kind, statistic);
    row.n_valid = column->n;
    row.n_nan = column->nonfinite.n_nan;
    row.n_inf = column->nonfinite.n_inf;
    row.n_tied = column->n_tied;
    row.n_degenerate = column->n_degenerate;
    return row;
}

/* The authors' mini-batches, weights and length of warm-up. */
static bool is_paper_setting(const struct sgeo_options *options)
{
    return options->batches == 4 && options->batch_size == 64 && !options->has_lambda &&
           (options->epochs == 0 || options->epochs == 10);
}

static enum sgeo_status push(const struct cell *cell, struct sgeo_row *row)
{
    memcpy(row->arch_list_sha256, cell->sha256, sizeof row->arch_list_sha256);
    row->paper_value = cell->source->paper_value(cell->source->paper, row);
    if (cell->is_paper_sample && !row->stand_in && is_paper_setting(cell->campaign->options)) {
        row->delta = row->value - row->paper_value;
    }
    return push_row(cell->summary, row);
}

static struct sgeo_bootstrap_plan plan_of(const struct cell *cell)
{
    return sgeo_bootstrap_defaults(cell->campaign->options->seed);
}

static enum sgeo_status measure_row(const struct cell *cell, const struct column *column,
                                    enum sgeo_truth_kind kind, enum sgeo_measure measure,
                                    const char *name)
{
    struct sgeo_row row = column_row(cell, column, kind, name);
    struct sgeo_statistic statistic;
    struct sgeo_interval interval;
    if (column->panel != NULL) {
        enum sgeo_status status = sgeo_panel_statistic(&statistic, column->panel, measure);
        if (status == SGEO_OK) {
            status = sgeo_bootstrap_interval(&interval, statistic, plan_of(cell));
        }
        if (status != SGEO_OK) {
            return status;
        }
        row.value = interval.value;
        row.ci_low = interval.low;
        row.ci_high = interval.high;
    }
    return push(cell, &row);
}

/* Spearman and Kendall under the policy that the run did not choose, where it makes a difference.
 */
static enum sgeo_status other_policy_rows(const struct cell *cell, const struct sgeo_proxy *proxy,
                                          enum sgeo_truth_kind kind)
{
    bool *keep = sgeo_calloc(cell->n_archs, sizeof *keep);
    struct column column = {0};
    enum sgeo_status status =
        keep == NULL ? sgeo_fail_memory("scores") : keep_finite(cell, proxy, NULL, keep);
    if (status == SGEO_OK) {
        status = open_column(cell, proxy, cell->truth[kind],
                             cell->campaign->options->drop_nonfinite ? NULL : keep, &column);
    }
    if (status == SGEO_OK && column.nonfinite.n_nan + column.nonfinite.n_inf > 0) {
        status =
            measure_row(cell, &column, kind, SGEO_MEASURE_SPEARMAN, "spearman_other_nonfinite");
        if (status == SGEO_OK) {
            status =
                measure_row(cell, &column, kind, SGEO_MEASURE_KENDALL, "kendall_other_nonfinite");
        }
    }
    clear_column(&column);
    sgeo_free(keep);
    return status;
}

static enum sgeo_status proxy_rows(const struct cell *cell, const struct sgeo_proxy *proxy,
                                   enum sgeo_truth_kind kind)
{
    static const struct {
        enum sgeo_measure measure;
        const char *name;
    } measures[] = {{SGEO_MEASURE_SPEARMAN, "spearman"},
                    {SGEO_MEASURE_KENDALL, "kendall"},
                    {SGEO_MEASURE_SPEARMAN_TOP10, "spearman_top10"},
                    {SGEO_MEASURE_SPEARMAN_PARTIAL, "partial_spearman_params"},
                    {SGEO_MEASURE_REGRET, "regret"}};
    bool *keep = sgeo_calloc(cell->n_archs, sizeof *keep);
    struct column column = {0};
    enum sgeo_status status =
        keep == NULL ? sgeo_fail_memory("scores") : keep_finite(cell, proxy, NULL, keep);
    if (status == SGEO_OK) {
        status = open_column(cell, proxy, cell->truth[kind],
                             cell->campaign->options->drop_nonfinite ? keep : NULL, &column);
    }
    for (size_t m = 0; status == SGEO_OK && m < sizeof measures / sizeof *measures; m++) {
        status = measure_row(cell, &column, kind, measures[m].measure, measures[m].name);
    }
    clear_column(&column);
    sgeo_free(keep);
    return status == SGEO_OK ? other_policy_rows(cell, proxy, kind) : status;
}

/* Spearman of a reading of SiGeo minus ZiCo's, on the same architectures and seeds. */
static enum sgeo_status gain_row(const struct cell *cell, const struct sgeo_proxy *proxy,
                                 enum sgeo_truth_kind kind)
{
    bool drop = cell->campaign->options->drop_nonfinite;
    bool *keep = sgeo_calloc(cell->n_archs, sizeof *keep);
    struct column ours = {0}, zico = {0};
    struct sgeo_statistic a, b;
    struct sgeo_difference difference;
    enum sgeo_status status = keep == NULL ? sgeo_fail_memory("scores")
                                           : keep_finite(cell, proxy, &sgeo_proxy_zico, keep);
    if (status == SGEO_OK) {
        status = open_column(cell, proxy, cell->truth[kind], drop ? keep : NULL, &ours);
    }
    if (status == SGEO_OK) {
        status = open_column(cell, &sgeo_proxy_zico, cell->truth[kind], drop ? keep : NULL, &zico);
    }
    struct sgeo_row row = status == SGEO_OK
                              ? column_row(cell, &ours, kind, "spearman_gain_over_zico")
                              : (struct sgeo_row){0};
    if (status == SGEO_OK && ours.panel != NULL && zico.panel != NULL) {
        status = sgeo_panel_statistic(&a, ours.panel, SGEO_MEASURE_SPEARMAN);
        if (status == SGEO_OK) {
            status = sgeo_panel_statistic(&b, zico.panel, SGEO_MEASURE_SPEARMAN);
        }
        if (status == SGEO_OK) {
            status = sgeo_bootstrap_difference(&difference, a, b, plan_of(cell));
        }
        if (status == SGEO_OK) {
            row.value = difference.interval.value;
            row.ci_low = difference.interval.low;
            row.ci_high = difference.interval.high;
        }
    }
    if (status == SGEO_OK) {
        status = push(cell, &row);
    }
    clear_column(&ours);
    clear_column(&zico);
    sgeo_free(keep);
    return status;
}

static bool has_proxy(const struct sgeo_options *options, const struct sgeo_proxy *proxy)
{
    for (size_t p = 0; p < options->n_proxies; p++) {
        if (options->proxies[p] == proxy) {
            return true;
        }
    }
    return false;
}

static double mean_of_seeds(const struct sgeo_statistic *statistic)
{
    double sum = 0.0;
    for (size_t s = 0; s < statistic->n_seeds; s++) {
        sum += statistic->value(statistic->context, s, NULL);
    }
    return sum / (double)statistic->n_seeds;
}

/* The Spearman coefficient of one proxy and nothing else. */
static enum sgeo_status brief_row(const struct cell *cell, const struct sgeo_proxy *proxy,
                                  enum sgeo_truth_kind kind)
{
    struct column column = {0};
    struct sgeo_statistic statistic;
    enum sgeo_status status = open_column(cell, proxy, cell->truth[kind], NULL, &column);
    struct sgeo_row row = column_row(cell, &column, kind, "spearman_grid");
    if (status == SGEO_OK && column.panel != NULL) {
        status = sgeo_panel_statistic(&statistic, column.panel, SGEO_MEASURE_SPEARMAN);
        if (status == SGEO_OK) {
            row.value = mean_of_seeds(&statistic);
        }
    }
    clear_column(&column);
    return status == SGEO_OK ? push(cell, &row) : status;
}

/* Whether any record of the cell has a score of the proxy: stored ones lack some. */
static bool has_scores(const struct cell *cell, const struct sgeo_proxy *proxy)
{
    for (size_t i = 0; i < cell->n_archs; i++) {
        for (size_t p = 0; p < cell->records[i]->n_scores; p++) {
            if (cell->records[i]->scores[p].proxy == proxy) {
                return true;
            }
        }
    }
    return false;
}

static enum sgeo_status truth_rows(const struct cell *cell, enum sgeo_truth_kind kind)
{
    const struct sgeo_options *options = cell->campaign->options;
    enum sgeo_status status = SGEO_OK;
    for (size_t p = 0; status == SGEO_OK && p < options->n_proxies; p++) {
        const struct sgeo_proxy *proxy = options->proxies[p];
        if (!has_scores(cell, proxy)) {
            continue;
        }
        if (cell->source->brief) {
            status = proxy->has_terms ? brief_row(cell, proxy, kind) : SGEO_OK;
            continue;
        }
        status = proxy_rows(cell, proxy, kind);
        if (status == SGEO_OK && strncmp(proxy->name, "sigeo", 5) == 0 &&
            has_proxy(options, &sgeo_proxy_zico) && has_scores(cell, &sgeo_proxy_zico)) {
            status = gain_row(cell, proxy, kind);
        }
    }
    return status;
}

/* How well the one truth orders by the other: no proxy can be asked for more. */
static enum sgeo_status ceiling_row(const struct cell *cell)
{
    struct sgeo_row row = new_row(cell, NULL, SGEO_TRUTH_TEST, "ceiling_spearman");
    struct sgeo_panel *panel = NULL;
    struct sgeo_statistic statistic;
    struct sgeo_interval interval;
    enum sgeo_status status = sgeo_panel_create(
        &panel, (struct sgeo_column){cell->truth[SGEO_TRUTH_VAL], cell->n_archs}, 1,
        (struct sgeo_column){cell->truth[SGEO_TRUTH_TEST], cell->n_archs}, NULL);
    if (status == SGEO_OK) {
        status = sgeo_panel_statistic(&statistic, panel, SGEO_MEASURE_SPEARMAN);
    }
    if (status == SGEO_OK) {
        status = sgeo_bootstrap_interval(&interval, statistic, plan_of(cell));
    }
    sgeo_panel_destroy(panel);
    if (status != SGEO_OK) {
        return status;
    }
    row.value = interval.value;
    row.ci_low = interval.low;
    row.ci_high = interval.high;
    return push(cell, &row);
}

/* --- cells
 * ---------------------------------------------------------------------------------------- */

static enum sgeo_status summarise_cell(struct cell *cell)
{
    const struct sgeo_options *options = cell->campaign->options;
    enum sgeo_status status = identify(cell);
    cell->params = sgeo_calloc(cell->n_archs, sizeof *cell->params);
    if (status == SGEO_OK && cell->params == NULL) {
        status = sgeo_fail_memory("parameter counts");
    }
    if (status == SGEO_OK && !cell->source->brief) {
        status = fill_params(cell);
    }
    if (status == SGEO_OK) {
        status = fill_truths(cell);
    }
    if (status == SGEO_OK && cell->truth[SGEO_TRUTH_VAL] != NULL &&
        options->truth != SGEO_REPORT_TEST) {
        status = truth_rows(cell, SGEO_TRUTH_VAL);
    }
    if (status == SGEO_OK && cell->truth[SGEO_TRUTH_TEST] != NULL &&
        options->truth != SGEO_REPORT_VAL) {
        status = truth_rows(cell, SGEO_TRUTH_TEST);
    }
    if (status == SGEO_OK && cell->source->has_ceiling && cell->truth[SGEO_TRUTH_VAL] != NULL &&
        cell->truth[SGEO_TRUTH_TEST] != NULL) {
        status = ceiling_row(cell);
    }
    sgeo_free(cell->params);
    sgeo_free(cell->truth[0]);
    sgeo_free(cell->truth[1]);
    return status;
}

/* The cell of the first n_seeds seeds among the records [first, end) of one level and mode; too few
 * architectures: none. */
static enum sgeo_status cell_of_seeds(const struct cell *frame, const struct sgeo_record *first,
                                      const struct sgeo_record *end, size_t n_seeds)
{
    struct cell cell = *frame;
    cell.n_seeds = n_seeds;
    cell.n_archs = (size_t)(end - first);
    cell.records = sgeo_calloc(n_seeds * cell.n_archs, sizeof *cell.records);
    if (cell.records == NULL) {
        return sgeo_fail_memory("table cell");
    }
    enum sgeo_status status = gather(&cell, first, end) < 2 ? SGEO_OK : summarise_cell(&cell);
    sgeo_free(cell.records);
    return status;
}

static bool same_cell(const struct sgeo_record *a, const struct sgeo_record *b)
{
    return a->key.task == b->key.task && a->key.level == b->key.level && a->key.mode == b->key.mode;
}

/* One row set for the first seed with all its architectures; with more seeds another for what all
 * of them have. */
static enum sgeo_status group_rows(struct cell *frame, const struct sgeo_record *first,
                                   const struct sgeo_record *end)
{
    size_t seeds = 1;
    for (const struct sgeo_record *r = first + 1; r < end; r++) {
        seeds += r->key.seed != r[-1].key.seed;
    }
    while (frame->campaign->options->tasks[frame->task] != first->key.task) {
        frame->task++;
    }
    enum sgeo_status status = cell_of_seeds(frame, first, end, 1);
    return status == SGEO_OK && seeds > 1 ? cell_of_seeds(frame, first, end, seeds) : status;
}

enum sgeo_status sgeo_summarise(struct sgeo_summary *summary, const struct sgeo_campaign *campaign,
                                const struct sgeo_score_source *source)
{
    static const struct sgeo_lambda none = {(double)NAN, (double)NAN, (double)NAN};
    struct sgeo_score_source own = *source;
    const struct sgeo_record *end = source->records + source->n_records;
    enum sgeo_status status = SGEO_OK;
    own.lambda = source->has_lambda ? source->lambda : none;
    for (const struct sgeo_record *first = source->records; status == SGEO_OK && first < end;) {
        const struct sgeo_record *next = first;
        struct cell frame = {.campaign = campaign, .source = &own, .summary = summary};
        while (next < end && same_cell(next, first)) {
            next++;
        }
        status = group_rows(&frame, first, next);
        first = next;
    }
    return status;
}
