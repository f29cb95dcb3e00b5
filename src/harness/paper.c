#include "harness/paper.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/share.h"

static enum sgeo_status read_numbers(struct sgeo_csv *csv, const char *kind, const char *number)
{
    char name[64], path[1024];
    snprintf(name, sizeof name, "results/paper/%s%.16s.csv", kind, number);
    enum sgeo_status status = sgeo_share_path(path, sizeof path, name);
    return status == SGEO_OK ? sgeo_csv_read(csv, path) : status;
}

enum sgeo_status sgeo_paper_read(struct sgeo_csv *csv, const char *table)
{
    return read_numbers(csv, "table", table);
}

enum sgeo_status sgeo_paper_read_figure(struct sgeo_csv *csv, const char *figure)
{
    return read_numbers(csv, "figure", figure);
}

/* The paper's name of what a proxy measures, where it is another than ours. */
static const char *method_of(const struct sgeo_proxy *proxy)
{
    static const struct {
        const char *ours, *paper;
    } names[] = {{"zico", "ZiCo"},         {"params", "#params"}, {"flops", "FLOPs"},
                 {"meco-opt", "MeCo_opt"}, {"naswot", "NASWOT"},  {"zen", "Zen"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i].ours, proxy->name) == 0) {
            return names[i].paper;
        }
    }
    return strncmp(proxy->name, "sigeo", 5) == 0 ? "SiGeo" : proxy->name;
}

/* What a cell is looked up by: a text, or with text NULL a number. */
struct condition {
    const char *column, *text;
    double number;
};

static bool holds(const struct sgeo_csv *csv, size_t row, const struct condition *condition)
{
    size_t column = sgeo_csv_column(csv, condition->column);
    double number;
    if (column == SGEO_CSV_NONE) {
        return false;
    }
    const char *cell = sgeo_csv_cell(csv, row, column);
    return condition->text != NULL
               ? strcmp(cell, condition->text) == 0
               : sgeo_parse_double(cell, &number) && number == condition->number;
}

/* The value of the first row for which all conditions hold; *row_found is that row. */
static double find_row(const struct sgeo_csv *csv, const struct condition *conditions, size_t n,
                       size_t *row_found)
{
    size_t column = sgeo_csv_column(csv, "value");
    for (size_t row = 0; column != SGEO_CSV_NONE && row < csv->n_rows; row++) {
        size_t met = 0;
        double value;
        while (met < n && holds(csv, row, &conditions[met])) {
            met++;
        }
        if (met == n && sgeo_parse_double(sgeo_csv_cell(csv, row, column), &value)) {
            *row_found = row;
            return value;
        }
    }
    return (double)NAN;
}

static double find(const struct sgeo_csv *csv, const struct condition *conditions, size_t n)
{
    size_t row;
    return find_row(csv, conditions, n, &row);
}

double sgeo_paper_table1_value(const struct sgeo_csv *csv, const struct sgeo_task *task,
                               const struct sgeo_proxy *proxy, const char *statistic)
{
    if (proxy == NULL || task->paper_name == NULL) {
        return (double)NAN;
    }
    const struct condition conditions[] = {{"proxy", method_of(proxy), 0.0},
                                           {"benchmark", task->paper_name, 0.0},
                                           {"statistic", statistic, 0.0}};
    return find(csv, conditions, sizeof conditions / sizeof *conditions);
}

double sgeo_paper_table2_value(const struct sgeo_csv *csv, const struct sgeo_task *task,
                               const struct sgeo_proxy *proxy, double level, const char *statistic)
{
    if (proxy == NULL || task->paper_name == NULL) {
        return (double)NAN;
    }
    const struct condition conditions[] = {{"method", method_of(proxy), 0.0},
                                           {"benchmark", task->paper_name, 0.0},
                                           {"statistic", statistic, 0.0},
                                           {"warmup_percent", NULL, level}};
    return find(csv, conditions, sizeof conditions / sizeof *conditions);
}

double sgeo_paper_table4_value(const struct sgeo_csv *csv, const struct sgeo_task *task,
                               const struct sgeo_proxy *proxy, double level,
                               const struct sgeo_lambda *lambda, const char *statistic)
{
    if (proxy == NULL || task->paper_name == NULL || !proxy->has_terms) {
        return (double)NAN;
    }
    const struct condition conditions[] = {
        {"benchmark", task->paper_name, 0.0}, {"statistic", statistic, 0.0},
        {"warmup_percent", NULL, level},      {"lambda1", NULL, lambda->zico},
        {"lambda2", NULL, lambda->fr},        {"lambda3", NULL, lambda->loss}};
    return find(csv, conditions, sizeof conditions / sizeof *conditions);
}

double sgeo_paper_table3_value(const struct sgeo_csv *csv, const char *setting, const char *method,
                               const char *search_space, const char *dataset, const char *metric)
{
    const struct condition conditions[] = {{"setting", setting, 0.0},
                                           {"method", method, 0.0},
                                           {"search_space", search_space, 0.0},
                                           {"dataset", dataset, 0.0},
                                           {"metric", metric, 0.0}};
    return find(csv, conditions, sizeof conditions / sizeof *conditions);
}

double sgeo_paper_figure3_value(const struct sgeo_csv *csv, const char *statistic, double level,
                                const char *target, const char *correlation, const char **source)
{
    const struct condition conditions[] = {{"statistic", statistic, 0.0},
                                           {"warmup_percent", NULL, level},
                                           {"target", target, 0.0},
                                           {"correlation", correlation, 0.0}};
    size_t row = SGEO_CSV_NONE, column = sgeo_csv_column(csv, "source");
    double value = find_row(csv, conditions, sizeof conditions / sizeof *conditions, &row);
    *source =
        row == SGEO_CSV_NONE || column == SGEO_CSV_NONE ? "" : sgeo_csv_cell(csv, row, column);
    return value;
}
