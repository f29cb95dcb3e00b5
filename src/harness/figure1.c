/*
 * Figure 1: test log loss against the cost of the search, of the methods of Table 3 that search.
 * Its run is that of Table 3, whose file has every number.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/memory.h"
#include "harness/figure.h"
#include "harness/outputs.h"

/* What it takes from table3.csv. */
static const char *const columns[] = {"setting",
                                      "warmup_percent",
                                      "method",
                                      "search_space",
                                      "dataset",
                                      "metric",
                                      "value",
                                      "ci_low",
                                      "ci_high",
                                      "search_cost_cpu_hours",
                                      "supernet_cpu_hours",
                                      "search_cpu_hours",
                                      "retraining_cpu_hours",
                                      "paper_value",
                                      "data",
                                      "by",
                                      NULL};

static const char header[] =
    "figure,dataset,setting,warmup_percent,method,search_space,by,log_loss,ci_low,ci_high,"
    "search_cost_cpu_hours,supernet_cpu_hours,search_cpu_hours,retraining_cpu_hours,"
    "paper_log_loss,paper_search_cost_gpu_days,in_paper_figure,data\n";

struct points {
    struct sgeo_csv table;
    size_t *rows; /* (n) log losses, in the table's order */
    size_t n;
};

/* --- table3.csv --- */

static const char *field(const struct points *points, size_t row, const char *column)
{
    return sgeo_csv_field(&points->table, row, column);
}

static bool is(const struct points *points, size_t row, const char *column, const char *text)
{
    return sgeo_csv_is(&points->table, row, column, text);
}

static double number(const struct points *points, size_t row, const char *column)
{
    return sgeo_csv_number(&points->table, row, column);
}

/* The row of a method's cost, the same for all data sets; SGEO_CSV_NONE when there is none. */
static size_t cost_row(const struct points *points, size_t row)
{
    static const char *const keys[] = {"setting", "warmup_percent", "method", "search_space", "by"};
    for (size_t r = 0; r < points->table.n_rows; r++) {
        size_t k = 0;
        while (k < sizeof keys / sizeof *keys &&
               is(points, r, keys[k], field(points, row, keys[k]))) {
            k++;
        }
        if (k == sizeof keys / sizeof *keys && is(points, r, "metric", "search_cost_gpu_days")) {
            return r;
        }
    }
    return SGEO_CSV_NONE;
}

static double paper_cost(const struct points *points, size_t row)
{
    size_t cost = cost_row(points, row);
    return cost == SGEO_CSV_NONE ? (double)NAN : number(points, cost, "paper_value");
}

/* A log loss, ours or the paper's, of a method that searches. */
static bool is_point(const struct points *points, size_t row)
{
    bool searches = is(points, row, "setting", "zero-shot") ||
                    is(points, row, "setting", "sub-one-shot") ||
                    is(points, row, "setting", "one-shot");
    return searches && is(points, row, "metric", "log_loss") &&
           (*field(points, row, "value") != '\0' || *field(points, row, "paper_value") != '\0');
}

/* Whether the paper draws the row's point: ZiCo without warm-up, SiGeo in NASRec-Small at 1 %. */
static bool is_in_paper(const struct points *points, size_t row)
{
    static const char *const drawn[] = {"DNAS", "PROFIT", "AutoCTR", "Random Search", "NASRecNet"};
    bool found =
        (is(points, row, "method", "ZiCo") && is(points, row, "setting", "zero-shot")) ||
        (is(points, row, "method", "SiGeo") && is(points, row, "setting", "sub-one-shot") &&
         is(points, row, "search_space", "NASRec-Small"));
    for (size_t i = 0; i < sizeof drawn / sizeof *drawn; i++) {
        found = found || is(points, row, "method", drawn[i]);
    }
    return found;
}

static enum sgeo_status list_points(struct points *points)
{
    enum sgeo_status status = sgeo_csv_require(&points->table, columns);
    points->rows = sgeo_calloc(points->table.n_rows + 1, sizeof *points->rows);
    if (status == SGEO_OK && points->rows == NULL) {
        status = sgeo_fail_memory("figure 1");
    }
    for (size_t r = 0; status == SGEO_OK && r < points->table.n_rows; r++) {
        if (is_point(points, r)) {
            points->rows[points->n++] = r;
        }
    }
    return status;
}

static enum sgeo_status read_points(struct points *points, const char *directory)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/table3.csv", directory);
    enum sgeo_status status = sgeo_csv_read(&points->table, path);
    return status == SGEO_OK ? list_points(points) : status;
}

/* --- figure1.csv --- */

static void put_point(struct sgeo_text *csv, const struct points *points, size_t row)
{
    static const char *const as_they_are[] = {"dataset",
                                              "setting",
                                              "warmup_percent",
                                              "method",
                                              "search_space",
                                              "by",
                                              "value",
                                              "ci_low",
                                              "ci_high",
                                              "search_cost_cpu_hours",
                                              "supernet_cpu_hours",
                                              "search_cpu_hours",
                                              "retraining_cpu_hours",
                                              "paper_value"};
    sgeo_csv_put(csv, "1");
    for (size_t i = 0; i < sizeof as_they_are / sizeof *as_they_are; i++) {
        sgeo_csv_put(csv, field(points, row, as_they_are[i]));
    }
    sgeo_csv_put_optional(csv, paper_cost(points, row));
    sgeo_csv_put(csv, is_in_paper(points, row) ? "yes" : "no");
    sgeo_csv_put(csv, field(points, row, "data"));
    sgeo_csv_end_row(csv);
}

static enum sgeo_status publish(const struct points *points, const char *out)
{
    struct sgeo_text csv = {0};
    sgeo_text_append(&csv, "%s", header);
    for (size_t i = 0; i < points->n; i++) {
        put_point(&csv, points, points->rows[i]);
    }
    enum sgeo_status status = sgeo_directory_create(out);
    if (status == SGEO_OK) {
        status = sgeo_outputs_publish(out, "figure1.csv", &csv);
    }
    sgeo_text_clear(&csv);
    return status;
}

/* --- the print --- */

static void print_number(struct sgeo_text *text, int width, int digits, double value)
{
    if (isnan(value)) {
        sgeo_text_append(text, "  %*s", width, "-");
    } else {
        sgeo_text_append(text, "  %*.*f", width, digits, value);
    }
}

static void print_point(struct sgeo_text *text, const struct points *points, size_t row)
{
    char level[32];
    snprintf(level, sizeof level, "%s %%", field(points, row, "warmup_percent"));
    sgeo_text_append(text, "  %-12s %6s  %-21s %-12s %-12s", field(points, row, "setting"), level,
                     field(points, row, "method"), field(points, row, "search_space"),
                     field(points, row, "by"));
    print_number(text, 8, 4, number(points, row, "value"));
    print_number(text, 9, 3, number(points, row, "search_cost_cpu_hours"));
    print_number(text, 8, 4, number(points, row, "paper_value"));
    print_number(text, 8, 2, paper_cost(points, row));
    sgeo_text_append(text, "\n");
}

/* Points of a data set follow each other. */
static enum sgeo_status print_points(struct sgeo_text *text, const struct points *points)
{
    sgeo_text_append(text, "Figure 1: test log loss against the cost of the search; ours in CPU "
                           "hours of supernet, search\nand training the best of it, the paper's in "
                           "GPU days without the supernet\n");
    for (size_t i = 0; i < points->n; i++) {
        size_t row = points->rows[i];
        const char *dataset = field(points, row, "dataset");
        if (i == 0 || !is(points, points->rows[i - 1], "dataset", dataset)) {
            sgeo_text_append(text, "\n%s\n  %-12s %6s  %-21s %-12s %-12s  %8s  %9s  %8s  %8s\n",
                             dataset, "setting", "warm", "method", "space", "by", "log loss",
                             "CPU hours", "paper", "GPU days");
        }
        print_point(text, points, row);
    }
    return text->failed ? sgeo_fail_memory("figure 1") : SGEO_OK;
}

/* From the table 3 in a folder; out, sink: NULL where there is no file, or no print, to make. */
static enum sgeo_status plot(const char *directory, const char *out, sgeo_text_sink sink)
{
    struct points points = {.n = 0};
    struct sgeo_text text = {0};
    enum sgeo_status status = read_points(&points, directory);
    if (status == SGEO_OK && out != NULL) {
        status = publish(&points, out);
    }
    if (status == SGEO_OK && sink != NULL) {
        status = print_points(&text, &points);
        if (status == SGEO_OK) {
            sink(text.bytes, NULL);
        }
    }
    sgeo_csv_clear(&points.table);
    sgeo_free(points.rows);
    sgeo_text_clear(&text);
    return status;
}

static enum sgeo_status show(const struct sgeo_table_call *call, const char *directory)
{
    return plot(directory, NULL, call->sink);
}

static enum sgeo_status derive(const struct sgeo_table_call *call, const char *directory)
{
    return plot(directory, call->options->out, call->sink);
}

static enum sgeo_status run(const struct sgeo_table_call *call)
{
    const char *out = call->options->out;
    enum sgeo_status status = sgeo_table3.run(call);
    return status == SGEO_OK && !call->options->dry_run ? plot(out, out, NULL) : status;
}

static const char *const sources[] = {"table3.csv", NULL};

const struct sgeo_figure sgeo_figure1 = {
    .number = "1",
    .summary = "test log loss of the searched click-through models of table 3 against the cost of "
               "their search",
    .run = run,
    .show = show,
    .derive = derive,
    .sources = sources};
