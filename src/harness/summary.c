#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "harness/table_cell.h"
#include "stats/bootstrap.h"

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

/* --- rows --- */

static bool is_stored(const struct sgeo_score_source *source)
{
    return strcmp(source->scores, "stored") == 0;
}

static struct sgeo_row new_row(const struct sgeo_table_cell *cell, const struct sgeo_proxy *proxy,
                               enum sgeo_truth_kind kind, const char *statistic)
{
    const struct sgeo_record *first = cell->records[0];
    return (struct sgeo_row){
        .task = first->key.task,
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
        .arithmetic =
            is_stored(cell->source) ? "" : sgeo_arithmetic_name(cell->subject->options->executor),
        .lambda = cell->source->lambda,
        .data = cell->subject->data[cell->task]};
}

static struct sgeo_row column_row(const struct sgeo_table_cell *cell,
                                  const struct sgeo_score_column *column, enum sgeo_truth_kind kind,
                                  const char *statistic)
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

static enum sgeo_status push(const struct sgeo_table_cell *cell, struct sgeo_row *row)
{
    memcpy(row->arch_list_sha256, cell->sha256, sizeof row->arch_list_sha256);
    if (cell->source->paper_value != NULL) {
        row->paper_value = cell->source->paper_value(cell->source->paper, row);
    }
    bool real = strcmp(row->data, "real") == 0;
    if (cell->is_paper_sample && real && is_paper_setting(cell->subject->options)) {
        row->delta = row->value - row->paper_value;
    }
    return push_row(cell->summary, row);
}

static struct sgeo_bootstrap_plan plan_of(const struct sgeo_table_cell *cell)
{
    return sgeo_bootstrap_defaults(cell->subject->options->seed);
}

static enum sgeo_status measure_row(const struct sgeo_table_cell *cell,
                                    const struct sgeo_score_column *column,
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
static enum sgeo_status other_policy_rows(const struct sgeo_table_cell *cell,
                                          const struct sgeo_proxy *proxy, enum sgeo_truth_kind kind)
{
    bool *keep = sgeo_calloc(cell->n_archs, sizeof *keep);
    struct sgeo_score_column column = {0};
    enum sgeo_status status = keep == NULL ? sgeo_fail_memory("scores")
                                           : sgeo_table_cell_keep_finite(cell, proxy, NULL, keep);
    if (status == SGEO_OK) {
        status =
            sgeo_score_column_open(cell, proxy, cell->truth[kind],
                                   cell->subject->options->drop_nonfinite ? NULL : keep, &column);
    }
    if (status == SGEO_OK && column.nonfinite.n_nan + column.nonfinite.n_inf > 0) {
        status =
            measure_row(cell, &column, kind, SGEO_MEASURE_SPEARMAN, "spearman_other_nonfinite");
        if (status == SGEO_OK) {
            status =
                measure_row(cell, &column, kind, SGEO_MEASURE_KENDALL, "kendall_other_nonfinite");
        }
    }
    sgeo_score_column_clear(&column);
    sgeo_free(keep);
    return status;
}

static enum sgeo_status proxy_rows(const struct sgeo_table_cell *cell,
                                   const struct sgeo_proxy *proxy, enum sgeo_truth_kind kind)
{
    static const struct {
        enum sgeo_measure measure;
        const char *name;
    } measures[] = {{SGEO_MEASURE_SPEARMAN, "spearman"},
                    {SGEO_MEASURE_KENDALL, "kendall"},
                    {SGEO_MEASURE_SPEARMAN_TOP10, "spearman_top10"},
                    {SGEO_MEASURE_SPEARMAN_PARTIAL, "partial_spearman_params"},
                    {SGEO_MEASURE_REGRET, "regret"},
                    {SGEO_MEASURE_REGRET_TO, "regret_to_bayes"}};
    size_t n = sizeof measures / sizeof *measures - (cell->subject->has_bounds[cell->task] ? 0 : 1);
    bool *keep = sgeo_calloc(cell->n_archs, sizeof *keep);
    struct sgeo_score_column column = {0};
    enum sgeo_status status = keep == NULL ? sgeo_fail_memory("scores")
                                           : sgeo_table_cell_keep_finite(cell, proxy, NULL, keep);
    if (status == SGEO_OK) {
        status =
            sgeo_score_column_open(cell, proxy, cell->truth[kind],
                                   cell->subject->options->drop_nonfinite ? keep : NULL, &column);
    }
    if (status == SGEO_OK && column.panel != NULL && cell->subject->has_bounds[cell->task]) {
        sgeo_panel_set_bound(column.panel, cell->subject->bounds[cell->task][kind]);
    }
    for (size_t m = 0; status == SGEO_OK && m < n; m++) {
        status = measure_row(cell, &column, kind, measures[m].measure, measures[m].name);
    }
    sgeo_score_column_clear(&column);
    sgeo_free(keep);
    return status == SGEO_OK ? other_policy_rows(cell, proxy, kind) : status;
}

/* What a reading of SiGeo adds its terms to: ZiCo of the same layers and steps. NULL: it is no such
 * reading, or ZiCo of its layers has no name. */
static const struct sgeo_proxy *zico_of(const struct sgeo_proxy *proxy)
{
    return strncmp(proxy->name, "sigeo", 5) != 0     ? NULL
           : (proxy->passes & SGEO_PASS_NASREC) != 0 ? &sgeo_proxy_zico_nasrec
           : (proxy->passes & SGEO_PASS_HEAD) != 0   ? NULL
                                                     : &sgeo_proxy_zico;
}

/* Spearman of a reading of SiGeo minus its ZiCo's, on the same architectures and seeds. */
static enum sgeo_status gain_row(const struct sgeo_table_cell *cell, const struct sgeo_proxy *proxy,
                                 enum sgeo_truth_kind kind)
{
    const struct sgeo_proxy *base = zico_of(proxy);
    bool drop = cell->subject->options->drop_nonfinite;
    bool *keep = sgeo_calloc(cell->n_archs, sizeof *keep);
    struct sgeo_score_column ours = {0}, zico = {0};
    struct sgeo_statistic a, b;
    struct sgeo_difference difference;
    enum sgeo_status status = keep == NULL ? sgeo_fail_memory("scores")
                                           : sgeo_table_cell_keep_finite(cell, proxy, base, keep);
    if (status == SGEO_OK) {
        status = sgeo_score_column_open(cell, proxy, cell->truth[kind], drop ? keep : NULL, &ours);
    }
    if (status == SGEO_OK) {
        status = sgeo_score_column_open(cell, base, cell->truth[kind], drop ? keep : NULL, &zico);
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
    sgeo_score_column_clear(&ours);
    sgeo_score_column_clear(&zico);
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
static enum sgeo_status brief_row(const struct sgeo_table_cell *cell,
                                  const struct sgeo_proxy *proxy, enum sgeo_truth_kind kind)
{
    struct sgeo_score_column column = {0};
    struct sgeo_statistic statistic;
    enum sgeo_status status = sgeo_score_column_open(cell, proxy, cell->truth[kind], NULL, &column);
    struct sgeo_row row = column_row(cell, &column, kind, "spearman_grid");
    if (status == SGEO_OK && column.panel != NULL) {
        status = sgeo_panel_statistic(&statistic, column.panel, SGEO_MEASURE_SPEARMAN);
        if (status == SGEO_OK) {
            row.value = mean_of_seeds(&statistic);
        }
    }
    sgeo_score_column_clear(&column);
    return status == SGEO_OK ? push(cell, &row) : status;
}

static enum sgeo_status truth_rows(const struct sgeo_table_cell *cell, enum sgeo_truth_kind kind)
{
    const struct sgeo_options *options = cell->subject->options;
    enum sgeo_status status = SGEO_OK;
    for (size_t p = 0; status == SGEO_OK && p < options->n_proxies; p++) {
        const struct sgeo_proxy *proxy = options->proxies[p];
        if (!sgeo_table_cell_has_scores(cell, proxy)) {
            continue;
        }
        if (cell->source->brief) {
            status = proxy->has_terms ? brief_row(cell, proxy, kind) : SGEO_OK;
            continue;
        }
        const struct sgeo_proxy *zico = zico_of(proxy);
        status = proxy_rows(cell, proxy, kind);
        if (status == SGEO_OK && zico != NULL && has_proxy(options, zico) &&
            sgeo_table_cell_has_scores(cell, zico)) {
            status = gain_row(cell, proxy, kind);
        }
    }
    return status;
}

/* How well the one truth orders by the other: no proxy can be asked for more. */
static enum sgeo_status ceiling_row(const struct sgeo_table_cell *cell)
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

/* --- cells --- */

static enum sgeo_status summarise_cell(struct sgeo_table_cell *cell)
{
    const struct sgeo_options *options = cell->subject->options;
    enum sgeo_status status = sgeo_table_cell_fill(cell);
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
    sgeo_table_cell_clear(cell);
    return status;
}

/* The cell of the first n_seeds seeds among the records [first, end) of one level and mode; too few
 * architectures: none. */
static enum sgeo_status cell_of_seeds(const struct sgeo_table_cell *frame,
                                      const struct sgeo_record *first,
                                      const struct sgeo_record *end, size_t n_seeds)
{
    struct sgeo_table_cell cell = *frame;
    cell.n_seeds = n_seeds;
    cell.n_archs = (size_t)(end - first);
    cell.records = sgeo_calloc(n_seeds * cell.n_archs, sizeof *cell.records);
    if (cell.records == NULL) {
        return sgeo_fail_memory("table cell");
    }
    enum sgeo_status status =
        sgeo_table_cell_gather(&cell, first, end) < 2 ? SGEO_OK : summarise_cell(&cell);
    sgeo_free(cell.records);
    return status;
}

static bool same_cell(const struct sgeo_record *a, const struct sgeo_record *b)
{
    return a->key.task == b->key.task && a->key.level == b->key.level && a->key.mode == b->key.mode;
}

/* One row set for the first seed with all its architectures; with more seeds another for what all
 * of them have. */
static enum sgeo_status group_rows(struct sgeo_table_cell *frame, const struct sgeo_record *first,
                                   const struct sgeo_record *end)
{
    size_t seeds = 1;
    for (const struct sgeo_record *r = first + 1; r < end; r++) {
        seeds += r->key.seed != r[-1].key.seed;
    }
    while (frame->subject->options->tasks[frame->task] != first->key.task) {
        frame->task++;
    }
    enum sgeo_status status = cell_of_seeds(frame, first, end, 1);
    return status == SGEO_OK && seeds > 1 ? cell_of_seeds(frame, first, end, seeds) : status;
}

enum sgeo_status sgeo_summarise_subject(struct sgeo_summary *summary,
                                        const struct sgeo_summary_subject *subject,
                                        const struct sgeo_score_source *source)
{
    static const struct sgeo_lambda none = {(double)NAN, (double)NAN, (double)NAN};
    struct sgeo_score_source own = *source;
    const struct sgeo_record *end = source->records + source->n_records;
    enum sgeo_status status = SGEO_OK;
    own.lambda = source->has_lambda ? source->lambda : none;
    for (const struct sgeo_record *first = source->records; status == SGEO_OK && first < end;) {
        const struct sgeo_record *next = first;
        struct sgeo_table_cell frame = {.subject = subject, .source = &own, .summary = summary};
        while (next < end && same_cell(next, first)) {
            next++;
        }
        status = group_rows(&frame, first, next);
        first = next;
    }
    return status;
}
