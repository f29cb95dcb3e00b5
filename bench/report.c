#include "bench/report.h"

#include "base/csv.h"
#include "base/memory.h"
#include "stats/robust.h"

#define GIGA 1e9

static const char *const columns[] = {"name",
                                      "kernel",
                                      "isa",
                                      "cache",
                                      "shape",
                                      "status",
                                      "repetitions",
                                      "calls",
                                      "sets",
                                      "seconds_min",
                                      "seconds_median",
                                      "seconds_mad",
                                      "flops",
                                      "bytes",
                                      "line_bytes",
                                      "gflops",
                                      "gbytes",
                                      "gbytes_lines",
                                      "roof",
                                      "roof_value",
                                      "percent_of_roof",
                                      "x_scalar",
                                      "cpu",
                                      "revision",
                                      "failure",
                                      "value",
                                      "terms"};

enum sgeo_status sgeo_bench_row_add(struct sgeo_bench_row *row, double seconds, size_t calls)
{
    if (row->n == row->capacity) {
        size_t capacity = row->capacity == 0 ? 4 : 2 * row->capacity;
        double *grown = sgeo_grow(row->seconds, row->capacity, capacity, sizeof *grown);
        if (!grown)
            return sgeo_fail_memory("the samples of a bench case");
        row->seconds = grown;
        row->capacity = capacity;
    }
    row->seconds[row->n++] = seconds;
    row->calls = calls;
    return SGEO_OK;
}

void sgeo_bench_row_clear(struct sgeo_bench_row *row)
{
    sgeo_free(row->seconds);
    row->seconds = NULL;
    row->n = row->capacity = 0;
}

double sgeo_bench_row_seconds(const struct sgeo_bench_row *row)
{
    double median = 0.0;
    const struct sgeo_column column = {row->seconds, row->n};
    return row->n > 0 && sgeo_median(&median, column) == SGEO_OK ? median : 0.0;
}

void sgeo_bench_report_begin(struct sgeo_text *csv, const struct sgeo_bench_report *report)
{
    struct sgeo_limit limit;
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
        sgeo_csv_put(csv, columns[c]);
    sgeo_csv_end_row(csv);
    for (size_t i = 0; report->roofs && sgeo_roofs_at(&limit, report->roofs, i); i++) {
        struct sgeo_bench_row row = {
            .name = limit.name, .kernel = limit.name, .isa = "", .cache = "", .shape = ""};
        row.limit = limit;
        sgeo_bench_report_row(csv, report, &row);
    }
}

static void put_empty(struct sgeo_text *csv, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sgeo_csv_put(csv, "");
}

/* Empty where the quantity does not exist. */
static void put_positive(struct sgeo_text *csv, double value)
{
    if (value > 0.0)
        sgeo_csv_put_double(csv, value);
    else
        sgeo_csv_put(csv, "");
}

static const char *status_of(const struct sgeo_bench_row *row)
{
    if (*row->failure != '\0')
        return "failed";
    return row->n > 0 ? "ok" : "roof";
}

static void put_identity(struct sgeo_text *csv, const struct sgeo_bench_row *row)
{
    sgeo_csv_put(csv, row->name);
    sgeo_csv_put(csv, row->kernel);
    sgeo_csv_put(csv, row->isa);
    sgeo_csv_put(csv, row->cache);
    sgeo_csv_put(csv, row->shape);
    sgeo_csv_put(csv, status_of(row));
}

static void put_samples(struct sgeo_text *csv, const struct sgeo_bench_row *row)
{
    const struct sgeo_column column = {row->seconds, row->n};
    double mad = 0.0, least = row->seconds[0];
    for (size_t i = 1; i < row->n; i++)
        least = row->seconds[i] < least ? row->seconds[i] : least;
    sgeo_csv_put_size(csv, row->n);
    sgeo_csv_put_size(csv, row->calls);
    sgeo_csv_put_size(csv, row->sets);
    sgeo_csv_put_double(csv, least);
    sgeo_csv_put_double(csv, sgeo_bench_row_seconds(row));
    if (row->n > 1 && sgeo_mad(&mad, column) == SGEO_OK)
        sgeo_csv_put_double(csv, mad);
    else
        sgeo_csv_put(csv, "");
}

static void put_rates(struct sgeo_text *csv, const struct sgeo_bench_row *row)
{
    const struct sgeo_work *work = &row->work;
    double seconds = sgeo_bench_row_seconds(row);
    double moved = row->limit.is_flops ? work->flops : work->line_bytes;
    double share = row->limit.value > 0.0 ? 100.0 * moved / seconds / GIGA / row->limit.value : 0.0;
    double baseline = row->baseline ? sgeo_bench_row_seconds(row->baseline) : 0.0;
    put_positive(csv, work->flops);
    put_positive(csv, work->bytes);
    put_positive(csv, work->line_bytes);
    put_positive(csv, work->flops / seconds / GIGA);
    put_positive(csv, work->bytes / seconds / GIGA);
    put_positive(csv, work->line_bytes / seconds / GIGA);
    sgeo_csv_put(csv, row->limit.name);
    put_positive(csv, row->limit.value);
    put_positive(csv, share);
    put_positive(csv, baseline / seconds);
}

/* A limit is a row of its own: its rate, nothing else. */
static void put_roof(struct sgeo_text *csv, const struct sgeo_limit *limit)
{
    put_empty(csv, 9);
    put_positive(csv, limit->is_flops ? limit->value : 0.0);
    put_positive(csv, limit->is_flops ? 0.0 : limit->value);
    put_positive(csv, limit->is_flops ? 0.0 : limit->value);
    sgeo_csv_put(csv, limit->name);
    sgeo_csv_put_double(csv, limit->value);
    put_empty(csv, 2);
}

void sgeo_bench_report_row(struct sgeo_text *csv, const struct sgeo_bench_report *report,
                           const struct sgeo_bench_row *row)
{
    put_identity(csv, row);
    if (*row->failure != '\0') {
        put_empty(csv, 16);
    } else if (row->n > 0) {
        put_samples(csv, row);
        put_rates(csv, row);
    } else {
        put_roof(csv, &row->limit);
    }
    sgeo_csv_put(csv, report->machine->cpu);
    sgeo_csv_put(csv, report->machine->revision);
    sgeo_csv_put(csv, row->failure);
    if (row->has_value)
        sgeo_csv_put_double(csv, row->value);
    else
        sgeo_csv_put(csv, "");
    sgeo_csv_put(csv, row->terms);
    sgeo_csv_end_row(csv);
}
