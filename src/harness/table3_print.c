#include "harness/table3_print.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum column {
    SETTING,
    LEVEL,
    METHOD,
    SPACE,
    DATASET,
    METRIC,
    VALUE,
    LOW,
    HIGH,
    ROWS,
    COST,
    PAPER,
    DATA,
    BY,
    SEEDS,
    AGAINST,
    GAIN,
    GAIN_LOW,
    GAIN_HIGH,
    VERDICT,
    SUPERNET,
    SEARCH,
    RETRAINING,
    COLUMNS
};

static const char *const column_names[COLUMNS] = {"setting",
                                                  "warmup_percent",
                                                  "method",
                                                  "search_space",
                                                  "dataset",
                                                  "metric",
                                                  "value",
                                                  "ci_low",
                                                  "ci_high",
                                                  "rows",
                                                  "search_cost_cpu_hours",
                                                  "paper_value",
                                                  "data",
                                                  "by",
                                                  "seeds",
                                                  "against",
                                                  "gain",
                                                  "gain_low",
                                                  "gain_high",
                                                  "verdict",
                                                  "supernet_cpu_hours",
                                                  "search_cpu_hours",
                                                  "retraining_cpu_hours"};

static const char footer[] =
    "\nValue [95 % interval over test rows and seeds]; gains in log loss, positive where the "
    "method "
    "is better;\nundecided: the interval holds zero. CPU hours: supernet + search + training the "
    "best of it.\nThe paper trains on the whole public sets, 30 to 120 million rows, and never "
    "repeats a run: on a\nsample, or on generated rows, absolute values cannot equal its own. What "
    "can be compared is the order\nof the methods and the gaps between them, as far as their "
    "intervals decide. Its cost is in GPU days\nand leaves the supernet out; rows that say not "
    "re-run have the paper's values only.\n";

struct reader {
    const struct sgeo_csv *csv;
    size_t columns[COLUMNS];
};

static const char *field(const struct reader *reader, size_t row, enum column column)
{
    return sgeo_csv_cell(reader->csv, row, reader->columns[column]);
}

static double number(const struct reader *reader, size_t row, enum column column)
{
    double value;
    return sgeo_parse_double(field(reader, row, column), &value) ? value : (double)NAN;
}

static bool is(const struct reader *reader, size_t row, enum column column, const char *text)
{
    return strcmp(field(reader, row, column), text) == 0;
}

/* The row of a metric in the cell of `row`; SGEO_CSV_NONE when there is none. */
static size_t companion(const struct reader *reader, size_t row, const char *metric)
{
    static const enum column keys[] = {SETTING, LEVEL, METHOD, SPACE, DATASET, BY};
    for (size_t r = 0; r < reader->csv->n_rows; r++) {
        size_t k = 0;
        while (k < sizeof keys / sizeof *keys &&
               is(reader, r, keys[k], field(reader, row, keys[k]))) {
            k++;
        }
        if (k == sizeof keys / sizeof *keys && is(reader, r, METRIC, metric)) {
            return r;
        }
    }
    return SGEO_CSV_NONE;
}

static void print_value(struct sgeo_text *text, const struct reader *reader, size_t row)
{
    double value = row == SGEO_CSV_NONE ? (double)NAN : number(reader, row, VALUE);
    if (isnan(value)) {
        sgeo_text_append(text, "  %-23s", "   -");
    } else if (isnan(number(reader, row, LOW))) {
        sgeo_text_append(text, "  %6.4f %16s", value, "");
    } else {
        sgeo_text_append(text, "  %6.4f [%6.4f, %6.4f]", value, number(reader, row, LOW),
                         number(reader, row, HIGH));
    }
}

static void print_paper(struct sgeo_text *text, const struct reader *reader, size_t loss,
                        size_t auc)
{
    double paper_loss = number(reader, loss, PAPER);
    double paper_auc = auc == SGEO_CSV_NONE ? (double)NAN : number(reader, auc, PAPER);
    if (isnan(paper_loss)) {
        sgeo_text_append(text, "  %-13s", "-");
    } else if (isnan(paper_auc)) {
        sgeo_text_append(text, "  %6.4f -     ", paper_loss);
    } else {
        sgeo_text_append(text, "  %6.4f %6.4f", paper_loss, paper_auc);
    }
}

static void print_cost(struct sgeo_text *text, const struct reader *reader, size_t row)
{
    char cost[64];
    if (isnan(number(reader, row, SEARCH))) {
        sgeo_text_append(text, "  %-27s", "");
        return;
    }
    snprintf(cost, sizeof cost, "%.2g + %.2g + %.2g", number(reader, row, SUPERNET),
             number(reader, row, SEARCH), number(reader, row, RETRAINING));
    sgeo_text_append(text, "  %-27s", cost);
}

static void print_gain(struct sgeo_text *text, const struct reader *reader, size_t row)
{
    if (*field(reader, row, AGAINST) != '\0') {
        sgeo_text_append(text, "  %s against %s (%+.4f [%+.4f, %+.4f])",
                         field(reader, row, VERDICT), field(reader, row, AGAINST),
                         number(reader, row, GAIN), number(reader, row, GAIN_LOW),
                         number(reader, row, GAIN_HIGH));
    }
}

/* A method's name with the reading of its score, where that is none of the authors' code. */
static void print_method(struct sgeo_text *text, const struct reader *reader, size_t row)
{
    char name[48];
    bool other = is(reader, row, BY, "sigeo-eq6") || is(reader, row, BY, "zico");
    snprintf(name, sizeof name, "%.24s%s%.12s%s", field(reader, row, METHOD), other ? " (" : "",
             other ? field(reader, row, BY) : "", other ? ")" : "");
    sgeo_text_append(text, "  %-13s %-20s %-12s", field(reader, row, SETTING), name,
                     field(reader, row, SPACE));
}

static void print_line(struct sgeo_text *text, const struct reader *reader, size_t row)
{
    size_t auc = companion(reader, row, "auc");
    print_method(text, reader, row);
    if (is(reader, row, DATA, "not re-run")) {
        sgeo_text_append(text, "  %-48s", "not re-run");
    } else {
        print_value(text, reader, row);
        print_value(text, reader, auc);
    }
    print_paper(text, reader, row, auc);
    print_cost(text, reader, row);
    print_gain(text, reader, row);
    while (text->length > 0 && text->bytes[text->length - 1] == ' ') {
        text->bytes[--text->length] = '\0';
    }
    sgeo_text_append(text, "\n");
}

/* The first row of the data set that was trained; `row` when none was. */
static size_t sample_row(const struct reader *reader, size_t row)
{
    for (size_t r = row; r < reader->csv->n_rows; r++) {
        if (is(reader, r, DATASET, field(reader, row, DATASET)) &&
            *field(reader, r, SEEDS) != '\0') {
            return r;
        }
    }
    return row;
}

static void print_block(struct sgeo_text *text, const struct reader *reader, size_t first)
{
    size_t run = sample_row(reader, first);
    sgeo_text_append(text, "\n%s, %s, %s test rows, %s seed%s\n", field(reader, first, DATASET),
                     field(reader, run, DATA), field(reader, run, ROWS), field(reader, run, SEEDS),
                     is(reader, run, SEEDS, "1") ? "" : "s");
    sgeo_text_append(text, "  %-13s %-20s %-12s  %-23s  %-23s  %-13s  %s\n", "setting", "method",
                     "space", "log loss", "AUC", "paper", "CPU hours");
    for (size_t r = first; r < reader->csv->n_rows; r++) {
        if (is(reader, r, METRIC, "log_loss") &&
            is(reader, r, DATASET, field(reader, first, DATASET))) {
            print_line(text, reader, r);
        }
    }
}

/* Whether an earlier row has the same data set. */
static bool is_printed(const struct reader *reader, size_t row)
{
    size_t r = 0;
    while (r < row && !(is(reader, r, METRIC, "log_loss") &&
                        is(reader, r, DATASET, field(reader, row, DATASET)))) {
        r++;
    }
    return r < row;
}

enum sgeo_status sgeo_table3_print(struct sgeo_text *text, const struct sgeo_csv *table)
{
    struct reader reader = {.csv = table};
    for (int c = 0; c < COLUMNS; c++) {
        reader.columns[c] = sgeo_csv_column(table, column_names[c]);
        if (reader.columns[c] == SGEO_CSV_NONE) {
            return sgeo_fail(SGEO_IO, "is it a table of this program?", "%s has no column %s",
                             table->path, column_names[c]);
        }
    }
    for (size_t r = 0; r < table->n_rows; r++) {
        if (is(&reader, r, METRIC, "log_loss") && !is_printed(&reader, r)) {
            print_block(text, &reader, r);
        }
    }
    sgeo_text_append(text, "%s", footer);
    return text->failed ? sgeo_fail_memory("table 3") : SGEO_OK;
}
