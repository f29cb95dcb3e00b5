#include "harness/figure3_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "harness/outputs.h"
#include "harness/paper.h"
#include "stats/panel.h"

static const char *const gradients_names[SGEO_GRADIENTS] = {"clean", "accumulated"};

enum { FISHER_RAO, GRADIENT, LOSS, STATISTICS };
static const char *const statistic_names[STATISTICS] = {
    "fisher_rao_norm", "mean_absolute_gradients", "current_training_loss"};

enum { TEST_LOSS, TRAIN_LOSS, TARGETS };
static const char *const target_names[TARGETS] = {"test_loss", "train_loss"};

static double statistic_of(const struct sgeo_figure3_record *record, size_t level, size_t gradients,
                           size_t statistic)
{
    const struct sgeo_figure3_point *point = &record->points[level];
    return statistic == FISHER_RAO ? point->fisher_rao[gradients]
           : statistic == GRADIENT ? point->gradient[gradients]
                                   : point->loss;
}

static size_t kinds_of(const struct sgeo_figure3_protocol *protocol)
{
    return protocol->accumulates ? SGEO_GRADIENTS : 1;
}

static enum sgeo_status publish(const char *out, const char *name, struct sgeo_text *csv)
{
    enum sgeo_status status = sgeo_outputs_publish(out, name, csv);
    sgeo_text_clear(csv);
    return status;
}

/* --- figure3.csv --- */

static void put_point(struct sgeo_text *csv, const struct sgeo_figure3_record *record, size_t g,
                      size_t level, size_t steps)
{
    sgeo_csv_put(csv, record->protocol->name);
    sgeo_csv_put(csv, gradients_names[g]);
    sgeo_csv_put_size(csv, record->width);
    sgeo_csv_put_size(csv, record->repeat);
    sgeo_csv_put_double(csv, sgeo_figure3_levels[level]);
    sgeo_csv_put_size(csv, sgeo_figure3_start(level, steps));
    for (size_t s = 0; s < STATISTICS; s++) {
        sgeo_csv_put_double(csv, statistic_of(record, level, g, s));
    }
    sgeo_csv_put_double(csv, record->test_loss);
    sgeo_csv_put_double(csv, record->train_loss);
    sgeo_csv_end_row(csv);
}

enum sgeo_status sgeo_figure3_publish_points(const char *out,
                                             const struct sgeo_figure3_record *records, size_t n,
                                             size_t steps)
{
    struct sgeo_text csv = {0};
    sgeo_text_append(&csv, "protocol,gradients,width,repeat,warmup_percent,warmup_steps,"
                           "fisher_rao_norm,mean_absolute_gradients,current_training_loss,"
                           "test_loss,train_loss\n");
    for (size_t r = 0; r < n; r++) {
        for (size_t g = 0; g < kinds_of(records[r].protocol); g++) {
            for (size_t level = 0; level < SGEO_FIGURE3_LEVELS; level++) {
                put_point(&csv, &records[r], g, level, steps);
            }
        }
    }
    return publish(out, "figure3.csv", &csv);
}

/* --- figure3_correlations.csv --- */

struct cell {
    const struct sgeo_figure3_record *records; /* of one protocol */
    size_t n;
    size_t gradients, statistic, level, target;
    double *scores, *truth; /* (n) */
    uint64_t seed;
    const struct sgeo_csv *paper;
};

/* The pairs of a cell that are numbers. */
static size_t fill_columns(struct cell *cell)
{
    size_t valid = 0;
    for (size_t r = 0; r < cell->n; r++) {
        const struct sgeo_figure3_record *record = &cell->records[r];
        double score = statistic_of(record, cell->level, cell->gradients, cell->statistic);
        double truth = cell->target == TEST_LOSS ? record->test_loss : record->train_loss;
        if (!isnan(score) && !isnan(truth)) {
            cell->scores[valid] = score;
            cell->truth[valid++] = truth;
        }
    }
    return valid;
}

static enum sgeo_status correlate(struct sgeo_interval *interval, const struct cell *cell, size_t n,
                                  enum sgeo_measure measure)
{
    struct sgeo_panel *panel = NULL;
    struct sgeo_statistic statistic;
    const double none = (double)NAN;
    *interval = (struct sgeo_interval){.value = none, .low = none, .high = none};
    if (n < 2) {
        return SGEO_OK;
    }
    enum sgeo_status status = sgeo_panel_create(&panel, (struct sgeo_column){cell->scores, n}, 1,
                                                (struct sgeo_column){cell->truth, n}, NULL);
    if (status == SGEO_OK) {
        status = sgeo_panel_statistic(&statistic, panel, measure);
    }
    if (status == SGEO_OK) {
        status = sgeo_bootstrap_interval(interval, statistic, sgeo_bootstrap_defaults(cell->seed));
    }
    sgeo_panel_destroy(panel);
    return status;
}

static enum sgeo_status put_correlation(struct sgeo_text *csv, struct cell *cell,
                                        enum sgeo_measure measure)
{
    const char *name = measure == SGEO_MEASURE_SPEARMAN ? "spearman" : "kendall", *source;
    size_t valid = fill_columns(cell);
    struct sgeo_interval interval;
    enum sgeo_status status = correlate(&interval, cell, valid, measure);
    double paper = sgeo_paper_figure3_value(cell->paper, statistic_names[cell->statistic],
                                            sgeo_figure3_levels[cell->level],
                                            target_names[cell->target], name, &source);
    sgeo_csv_put(csv, cell->records[0].protocol->name);
    sgeo_csv_put(csv, gradients_names[cell->gradients]);
    sgeo_csv_put(csv, statistic_names[cell->statistic]);
    sgeo_csv_put_double(csv, sgeo_figure3_levels[cell->level]);
    sgeo_csv_put(csv, target_names[cell->target]);
    sgeo_csv_put(csv, name);
    sgeo_csv_put_optional(csv, interval.value);
    sgeo_csv_put_optional(csv, interval.low);
    sgeo_csv_put_optional(csv, interval.high);
    sgeo_csv_put_size(csv, cell->n);
    sgeo_csv_put_size(csv, valid);
    sgeo_csv_put_optional(csv, paper);
    sgeo_csv_put_optional(csv, interval.value - paper);
    sgeo_csv_put(csv, source);
    sgeo_csv_end_row(csv);
    return status;
}

/* All cells of one protocol. */
static enum sgeo_status put_protocol(struct sgeo_text *csv, struct cell *cell)
{
    enum sgeo_status status = SGEO_OK;
    size_t kinds = kinds_of(cell->records[0].protocol);
    size_t cells = kinds * TARGETS * STATISTICS * SGEO_FIGURE3_LEVELS;
    for (size_t i = 0; status == SGEO_OK && i < cells; i++) {
        size_t rest = i / SGEO_FIGURE3_LEVELS;
        cell->level = i % SGEO_FIGURE3_LEVELS;
        cell->statistic = rest % STATISTICS;
        cell->target = rest / STATISTICS % TARGETS;
        cell->gradients = rest / STATISTICS / TARGETS;
        status = put_correlation(csv, cell, SGEO_MEASURE_SPEARMAN);
        if (status == SGEO_OK) {
            status = put_correlation(csv, cell, SGEO_MEASURE_KENDALL);
        }
    }
    return status;
}

enum sgeo_status sgeo_figure3_publish_correlations(const char *out,
                                                   const struct sgeo_figure3_record *records,
                                                   size_t n, uint64_t seed)
{
    struct sgeo_text csv = {0};
    struct sgeo_csv paper = {0};
    struct cell cell = {.seed = seed, .paper = &paper};
    cell.scores = sgeo_calloc(n + 1, sizeof *cell.scores);
    cell.truth = sgeo_calloc(n + 1, sizeof *cell.truth);
    enum sgeo_status status = cell.scores == NULL || cell.truth == NULL
                                  ? sgeo_fail_memory("figure 3")
                                  : sgeo_paper_read_figure(&paper, "3");
    sgeo_text_append(&csv, "protocol,gradients,statistic,warmup_percent,target,correlation,value,"
                           "ci_low,ci_high,n_points,n_valid,paper_value,delta,paper_source\n");
    for (size_t first = 0; status == SGEO_OK && first < n; first += cell.n) {
        cell.records = records + first;
        cell.n = 0;
        while (first + cell.n < n && cell.records[cell.n].protocol == cell.records[0].protocol) {
            cell.n++;
        }
        status = put_protocol(&csv, &cell);
    }
    if (status == SGEO_OK) {
        status = publish(out, "figure3_correlations.csv", &csv);
    }
    sgeo_text_clear(&csv);
    sgeo_csv_clear(&paper);
    sgeo_free(cell.scores);
    sgeo_free(cell.truth);
    return status;
}

/* --- the print --- */

enum column {
    PROTOCOL,
    GRADIENTS,
    STATISTIC,
    LEVEL,
    TARGET,
    CORRELATION,
    VALUE,
    LOW,
    HIGH,
    POINTS,
    PAPER,
    DELTA,
    COLUMNS
};
static const char *const column_names[COLUMNS] = {
    "protocol", "gradients", "statistic", "warmup_percent", "target",      "correlation",
    "value",    "ci_low",    "ci_high",   "n_points",       "paper_value", "delta"};

struct reader {
    struct sgeo_csv csv;
    size_t columns[COLUMNS];
};

static const char *field(const struct reader *reader, size_t row, enum column column)
{
    return sgeo_csv_cell(&reader->csv, row, reader->columns[column]);
}

static double number(const struct reader *reader, size_t row, enum column column)
{
    double value;
    return sgeo_parse_double(field(reader, row, column), &value) ? value : (double)NAN;
}

static bool same(const struct reader *reader, size_t a, size_t b, enum column column)
{
    return strcmp(field(reader, a, column), field(reader, b, column)) == 0;
}

static void print_value(struct sgeo_text *text, const struct reader *reader, size_t row)
{
    bool spearman = strcmp(field(reader, row, CORRELATION), "spearman") == 0;
    sgeo_text_append(text, "%s %6.3f [%6.3f, %6.3f]", spearman ? "rho" : "  tau",
                     number(reader, row, VALUE), number(reader, row, LOW),
                     number(reader, row, HIGH));
    if (*field(reader, row, PAPER) != '\0') {
        sgeo_text_append(text, " paper %5.2f (%+.3f)", number(reader, row, PAPER),
                         number(reader, row, DELTA));
    }
}

static void print_heading(struct sgeo_text *text, const struct reader *reader, size_t row)
{
    const char *name = field(reader, row, PROTOCOL);
    const struct sgeo_figure3_protocol *protocol = sgeo_figure3_protocol_find(name);
    sgeo_text_append(
        text, "\nprotocol %s (%s), %s gradients, against %s, %s points\n", name,
        protocol == NULL ? "unknown" : protocol->summary, field(reader, row, GRADIENTS),
        strcmp(field(reader, row, TARGET), "test_loss") == 0 ? "test loss" : "training loss",
        field(reader, row, POINTS));
}

/* Rows come in the order of print: Kendall behind Spearman. */
static void print_rows(struct sgeo_text *text, const struct reader *reader)
{
    for (size_t r = 0; r < reader->csv.n_rows; r++) {
        if (r == 0 || !same(reader, r, r - 1, PROTOCOL) || !same(reader, r, r - 1, GRADIENTS) ||
            !same(reader, r, r - 1, TARGET)) {
            print_heading(text, reader, r);
        }
        if (strcmp(field(reader, r, CORRELATION), "spearman") == 0) {
            sgeo_text_append(text, "  %-23s %3s %%  ", field(reader, r, STATISTIC),
                             field(reader, r, LEVEL));
            print_value(text, reader, r);
        } else {
            print_value(text, reader, r);
            sgeo_text_append(text, "\n");
        }
    }
}

enum sgeo_status sgeo_figure3_print(struct sgeo_text *text, const char *directory)
{
    struct reader reader = {.csv = {0}};
    char path[1024];
    snprintf(path, sizeof path, "%s/figure3_correlations.csv", directory);
    enum sgeo_status status = sgeo_csv_read(&reader.csv, path);
    for (int c = 0; status == SGEO_OK && c < COLUMNS; c++) {
        reader.columns[c] = sgeo_csv_column(&reader.csv, column_names[c]);
        if (reader.columns[c] == SGEO_CSV_NONE) {
            status = sgeo_fail(SGEO_IO, "is it a file of this program?", "%s has no column %s",
                               path, column_names[c]);
        }
    }
    if (status == SGEO_OK) {
        sgeo_text_append(text, "Figure 3: statistics of two-layer perceptrons on MNIST at a "
                               "warm-up level against the loss after 3 epochs\n");
        print_rows(text, &reader);
    }
    sgeo_csv_clear(&reader.csv);
    return status == SGEO_OK && text->failed ? sgeo_fail_memory("figure 3") : status;
}
