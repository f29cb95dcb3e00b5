#include "harness/table3_report.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "harness/paper.h"
#include "harness/table3_panel.h"
#include "stats/click_panel.h"

/* Draws of an interval: the usual number as long as resampled rows stay below this many. */
#define MOST_RESAMPLED_ROWS 4e8
#define LEAST_DRAWS         ((size_t)200)

const char sgeo_table3_header[] =
    "table,setting,warmup_percent,paper_equivalent_percent,method,search_space,dataset,metric,"
    "value,ci_low,ci_high,rows,search_cost_cpu_hours,paper_value,data,by,seeds,against,gain,"
    "gain_low,gain_high,verdict,supernet_cpu_hours,search_cpu_hours,retraining_cpu_hours,"
    "validation_log_loss,model\n";

/* What a row says. */
struct values {
    const char *dataset, *metric, *data;
    struct sgeo_interval interval; /* NaN: empty */
    size_t rows, seeds;            /* 0: empty */
    double paper;
    const char *against; /* NULL: none */
    struct sgeo_difference gain;
    double supernet, search, retraining, total; /* CPU seconds; NaN: empty */
    double validation;
    const char *model;
};

struct report {
    struct sgeo_text *csv;
    const struct sgeo_table3 *table;
    const struct sgeo_csv *paper;
    struct sgeo_click_panel **panels; /* (n_cells) NULL: not re-run, or diverged */
};

/* --- values --- */

static struct sgeo_bootstrap_plan plan_of(const struct sgeo_table3 *table,
                                          const struct sgeo_statistic *statistic)
{
    struct sgeo_bootstrap_plan plan = sgeo_bootstrap_defaults(table->options->seed);
    double rows = (double)(statistic->n_archs * statistic->n_seeds);
    if ((double)plan.n_draws * rows > MOST_RESAMPLED_ROWS) {
        size_t fewer = (size_t)(MOST_RESAMPLED_ROWS / rows);
        plan.n_draws = fewer > LEAST_DRAWS ? fewer : LEAST_DRAWS;
    }
    return plan;
}

/* The mean over the seeds of what trainings measured. */
static double mean_of(const struct report *report, const struct sgeo_table3_cell *cell,
                      double (*value)(const struct sgeo_ctr_final *final))
{
    double sum = 0.0;
    for (size_t s = 0; s < report->table->seeds; s++) {
        sum += value(sgeo_table3_final(report->table, cell, s));
    }
    return sum / (double)report->table->seeds;
}

static double test_log_loss(const struct sgeo_ctr_final *final)
{
    return final->test.log_loss;
}

static double test_auc(const struct sgeo_ctr_final *final)
{
    return final->test.auc;
}

static double test_calibration(const struct sgeo_ctr_final *final)
{
    return final->test.calibration;
}

static double test_calibration_error(const struct sgeo_ctr_final *final)
{
    return final->test.calibration_error;
}

static double valid_log_loss(const struct sgeo_ctr_final *final)
{
    return final->valid.log_loss;
}

static struct sgeo_interval no_interval(double value)
{
    return (struct sgeo_interval){.value = value, .low = (double)NAN, .high = (double)NAN};
}

/* The panel that a cell is tested against; SGEO_NONE when this run has none. */
static size_t reference_of(const struct report *report, size_t index)
{
    const struct sgeo_table3 *table = report->table;
    const struct sgeo_table3_cell *cell = &table->cells[index];
    for (size_t i = 0; i < table->n_cells; i++) {
        if (table->cells[i].clicks == cell->clicks && report->panels[i] != NULL &&
            sgeo_table3_is_against(cell->row, table->cells[i].row)) {
            return i;
        }
    }
    return SGEO_NONE;
}

/* Gains are positive where the cell is better: of losses, those that it spares. */
static enum sgeo_status compare(struct values *values, const struct report *report, size_t index,
                                enum sgeo_click_measure measure)
{
    size_t other = reference_of(report, index);
    if (other == SGEO_NONE) {
        return SGEO_OK;
    }
    struct sgeo_statistic own = sgeo_click_panel_statistic(report->panels[index], measure);
    struct sgeo_statistic its = sgeo_click_panel_statistic(report->panels[other], measure);
    bool less_is_better = measure == SGEO_CLICKS_LOG_LOSS;
    values->against = report->table->cells[other].row->method;
    return sgeo_bootstrap_difference(&values->gain, less_is_better ? its : own,
                                     less_is_better ? own : its, plan_of(report->table, &own));
}

static enum sgeo_status measure_cell(struct values *values, const struct report *report,
                                     size_t index, enum sgeo_click_measure measure)
{
    const struct sgeo_table3_cell *cell = &report->table->cells[index];
    bool is_loss = measure == SGEO_CLICKS_LOG_LOSS;
    if (report->panels[index] == NULL) {
        values->interval = no_interval(mean_of(report, cell, is_loss ? test_log_loss : test_auc));
        return SGEO_OK;
    }
    const struct sgeo_statistic statistic =
        sgeo_click_panel_statistic(report->panels[index], measure);
    enum sgeo_status status =
        sgeo_bootstrap_interval(&values->interval, statistic, plan_of(report->table, &statistic));
    return status == SGEO_OK ? compare(values, report, index, measure) : status;
}

static double sum_known(double a, double b)
{
    return isnan(a) ? b : isnan(b) ? a : a + b;
}

/* What all rows of a cell say. */
static struct values values_of(const struct report *report, const struct sgeo_table3_cell *cell)
{
    struct values values = {.dataset = cell->clicks->task->paper,
                            .data = "not re-run",
                            .interval = no_interval((double)NAN),
                            .paper = (double)NAN,
                            .gain = {.interval = no_interval((double)NAN)},
                            .supernet = cell->supernet,
                            .search = cell->search,
                            .retraining = cell->retraining,
                            .total = (double)NAN,
                            .validation = (double)NAN,
                            .model = ""};
    if (cell->n_found > 0) {
        values.data = sgeo_ctr_set_kind(cell->clicks);
        values.rows = cell->clicks->split.rows[SGEO_CTR_TEST];
        values.seeds = report->table->seeds;
        values.validation = mean_of(report, cell, valid_log_loss);
        values.model = sgeo_table3_final(report->table, cell, 0)->model;
    }
    if (cell->row->kind == SGEO_TABLE3_BOUND) {
        values.data = sgeo_ctr_set_kind(cell->clicks);
        values.rows = cell->clicks->split.rows[SGEO_CTR_TEST];
    }
    if (cell->row->kind == SGEO_TABLE3_SEARCHED) {
        values.total = sum_known(sum_known(cell->supernet, cell->search), cell->retraining);
    }
    return values;
}

/* --- rows --- */

static void put_count(struct sgeo_text *csv, size_t count)
{
    if (count == 0) {
        sgeo_csv_put(csv, "");
    } else {
        sgeo_csv_put_size(csv, count);
    }
}

static const char *judge_of(const struct sgeo_table3_row *row)
{
    return row->kind != SGEO_TABLE3_SEARCHED ? "" : row->proxy == NULL ? "loss" : row->proxy;
}

static void put_row(const struct report *report, const struct sgeo_table3_cell *cell,
                    const struct values *values)
{
    const struct sgeo_table3_row *row = cell->row;
    struct sgeo_text *csv = report->csv;
    sgeo_csv_put(csv, "3");
    sgeo_csv_put(csv, row->setting);
    sgeo_csv_put_optional(csv, row->level);
    sgeo_csv_put_optional(csv, cell->paper_equivalent_percent);
    sgeo_csv_put(csv, row->method);
    sgeo_csv_put(csv, row->search_space);
    sgeo_csv_put(csv, values->dataset);
    sgeo_csv_put(csv, values->metric);
    sgeo_csv_put_optional(csv, values->interval.value);
    sgeo_csv_put_optional(csv, values->interval.low);
    sgeo_csv_put_optional(csv, values->interval.high);
    put_count(csv, values->rows);
    sgeo_csv_put_optional(csv, values->total / SGEO_SECONDS_AN_HOUR);
    sgeo_csv_put_optional(csv, values->paper);
    sgeo_csv_put(csv, values->data);
    sgeo_csv_put(csv, judge_of(row));
    put_count(csv, values->seeds);
    sgeo_csv_put(csv, values->against == NULL ? "" : values->against);
    sgeo_csv_put_optional(csv, values->gain.interval.value);
    sgeo_csv_put_optional(csv, values->gain.interval.low);
    sgeo_csv_put_optional(csv, values->gain.interval.high);
    sgeo_csv_put(csv, values->against == NULL ? "" : sgeo_verdict_name(values->gain.verdict));
    sgeo_csv_put_optional(csv, values->supernet / SGEO_SECONDS_AN_HOUR);
    sgeo_csv_put_optional(csv, values->search / SGEO_SECONDS_AN_HOUR);
    sgeo_csv_put_optional(csv, values->retraining / SGEO_SECONDS_AN_HOUR);
    sgeo_csv_put_optional(csv, values->validation);
    sgeo_csv_put(csv, values->model);
    sgeo_csv_end_row(csv);
}

static double paper_value(const struct report *report, const struct sgeo_table3_row *row,
                          const char *dataset, const char *metric)
{
    return row->paper_method == NULL
               ? (double)NAN
               : sgeo_paper_table3_value(report->paper, row->setting, row->paper_method,
                                         row->search_space, dataset, metric);
}

static enum sgeo_status put_measures(const struct report *report, size_t index)
{
    static const char *const metrics[SGEO_CLICK_MEASURES] = {"log_loss", "auc"};
    const struct sgeo_table3_cell *cell = &report->table->cells[index];
    enum sgeo_status status = SGEO_OK;
    for (int m = 0; status == SGEO_OK && m < SGEO_CLICK_MEASURES; m++) {
        struct values values = values_of(report, cell);
        values.metric = metrics[m];
        values.paper = paper_value(report, cell->row, values.dataset, values.metric);
        if (cell->row->kind != SGEO_TABLE3_NOT_RERUN) {
            status = measure_cell(&values, report, index, (enum sgeo_click_measure)m);
        }
        put_row(report, cell, &values);
    }
    return status;
}

static void put_calibration(const struct report *report, const struct sgeo_table3_cell *cell)
{
    struct values values = values_of(report, cell);
    if (cell->n_found > 0) {
        values.metric = "calibration";
        values.interval = no_interval(mean_of(report, cell, test_calibration));
        put_row(report, cell, &values);
        values.metric = "calibration_error";
        values.interval = no_interval(mean_of(report, cell, test_calibration_error));
        put_row(report, cell, &values);
    }
}

/* A method's mean cost over the data sets; those of the first set lead. */
static void put_cost(const struct report *report, const struct sgeo_table3_cell *first)
{
    const struct sgeo_table3 *table = report->table;
    struct values mean = values_of(report, first);
    double n = (double)table->n_sets;
    mean.dataset = "all";
    mean.metric = "search_cost_gpu_days";
    mean.paper = paper_value(report, first->row, "all", mean.metric);
    mean.rows = 0;
    mean.validation = (double)NAN;
    mean.model = "";
    mean.supernet = mean.search = mean.retraining = mean.total = 0.0;
    for (size_t i = 0; i < table->n_cells; i++) {
        if (table->cells[i].row == first->row) {
            const struct values values = values_of(report, &table->cells[i]);
            mean.supernet += values.supernet / n; /* NaN stays: there is no such step */
            mean.search += values.search / n;
            mean.retraining += values.retraining / n;
            mean.total += values.total / n;
            mean.data = strcmp(mean.data, values.data) == 0 ? mean.data : "mixed";
        }
    }
    put_row(report, first, &mean);
}

static enum sgeo_status put_all(const struct report *report)
{
    const struct sgeo_table3 *table = report->table;
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < table->n_cells; i++) {
        status = put_measures(report, i);
        put_calibration(report, &table->cells[i]);
    }
    for (size_t i = 0; status == SGEO_OK && i < table->n_cells; i++) {
        const struct sgeo_table3_cell *cell = &table->cells[i];
        if (cell->clicks == &table->sets[0] && cell->row->kind != SGEO_TABLE3_BOUND) {
            put_cost(report, cell);
        }
    }
    return status;
}

enum sgeo_status sgeo_table3_rows_write(struct sgeo_text *csv, const struct sgeo_table3 *table,
                                        const struct sgeo_csv *paper)
{
    struct report report = {.csv = csv, .table = table, .paper = paper};
    enum sgeo_status status = SGEO_OK;
    report.panels = sgeo_calloc(table->n_cells, sizeof(struct sgeo_click_panel *));
    if (report.panels == NULL) {
        return sgeo_fail_memory("table 3");
    }
    for (size_t i = 0; status == SGEO_OK && i < table->n_cells; i++) {
        status = sgeo_table3_panel(&report.panels[i], table, &table->cells[i]);
    }
    if (status == SGEO_OK) {
        status = put_all(&report);
    }
    for (size_t i = 0; i < table->n_cells; i++) {
        sgeo_click_panel_destroy(report.panels[i]);
    }
    sgeo_free(report.panels);
    return status == SGEO_OK && csv->failed ? sgeo_fail_memory("table 3") : status;
}
