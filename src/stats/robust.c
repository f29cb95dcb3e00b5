#include "stats/robust.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

void sgeo_sort_ascending(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare_doubles);
}

static double sort_and_halve(double *values, size_t n)
{
    sgeo_sort_ascending(values, n);
    return sgeo_quantile_sorted(values, n, 0.5);
}

static enum sgeo_status copy_column(double **copy, struct sgeo_column column)
{
    if (column.n == 0) {
        return sgeo_fail(SGEO_USAGE, "repeat the measurement at least once", "median of no values");
    }
    for (size_t i = 0; i < column.n; i++) {
        if (!isfinite(column.values[i])) {
            return sgeo_fail(SGEO_USAGE, "measure it again", "median: value %zu is %g", i,
                             column.values[i]);
        }
    }
    *copy = sgeo_calloc(column.n, sizeof **copy);
    if (*copy == NULL) {
        return sgeo_fail_memory("median");
    }
    memcpy(*copy, column.values, column.n * sizeof **copy);
    return SGEO_OK;
}

double sgeo_quantile_sorted(const double *sorted, size_t n, double p)
{
    double place = p * (double)(n - 1);
    size_t below = (size_t)place;
    double part = place - (double)below;
    if (part == 0.0 || below + 1 == n) { /* exactly an order statistic: no neighbour needed */
        return sorted[below];
    }
    return (1.0 - part) * sorted[below] + part * sorted[below + 1];
}

enum sgeo_status sgeo_median(double *median, struct sgeo_column column)
{
    double *values;
    enum sgeo_status status = copy_column(&values, column);
    if (status != SGEO_OK) {
        return status;
    }
    *median = sort_and_halve(values, column.n);
    sgeo_free(values);
    return SGEO_OK;
}

enum sgeo_status sgeo_mad(double *mad, struct sgeo_column column)
{
    double *values;
    enum sgeo_status status = copy_column(&values, column);
    if (status != SGEO_OK) {
        return status;
    }
    double median = sort_and_halve(values, column.n);
    for (size_t i = 0; i < column.n; i++) {
        values[i] = fabs(values[i] - median);
    }
    *mad = sort_and_halve(values, column.n);
    sgeo_free(values);
    return SGEO_OK;
}
