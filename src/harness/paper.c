#include "harness/paper.h"

#include <math.h>
#include <string.h>

#include "base/share.h"

enum sgeo_status sgeo_paper_table2(struct sgeo_csv *csv)
{
    char path[1024];
    enum sgeo_status status = sgeo_share_path(path, sizeof path, "results/paper/table2.csv");
    return status == SGEO_OK ? sgeo_csv_read(csv, path) : status;
}

/* The paper's name of what a proxy measures. */
static const char *method_of(const struct sgeo_proxy *proxy)
{
    if (strcmp(proxy->name, "zico") == 0) {
        return "ZiCo";
    }
    return strncmp(proxy->name, "sigeo", 5) == 0 ? "SiGeo" : NULL;
}

static bool cell_is(const struct sgeo_csv *csv, size_t row, const char *column, const char *value)
{
    size_t index = sgeo_csv_column(csv, column);
    return index != SGEO_CSV_NONE && strcmp(sgeo_csv_cell(csv, row, index), value) == 0;
}

double sgeo_paper_table2_value(const struct sgeo_csv *csv, const struct sgeo_task *task,
                               const struct sgeo_proxy *proxy, double level, const char *statistic)
{
    const char *method = proxy == NULL ? NULL : method_of(proxy);
    size_t level_column = sgeo_csv_column(csv, "warmup_percent"),
           value_column = sgeo_csv_column(csv, "value");
    if (method == NULL || task->paper_name == NULL || level_column == SGEO_CSV_NONE ||
        value_column == SGEO_CSV_NONE) {
        return (double)NAN;
    }
    for (size_t row = 0; row < csv->n_rows; row++) {
        double row_level, value;
        if (cell_is(csv, row, "method", method) &&
            cell_is(csv, row, "benchmark", task->paper_name) &&
            cell_is(csv, row, "statistic", statistic) &&
            sgeo_parse_double(sgeo_csv_cell(csv, row, level_column), &row_level) &&
            row_level == level &&
            sgeo_parse_double(sgeo_csv_cell(csv, row, value_column), &value)) {
            return value;
        }
    }
    return (double)NAN;
}
