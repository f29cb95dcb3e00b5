#include "stats/ranks.h"

#include <stdlib.h>

#include "base/memory.h"

struct entry {
    double value;
    uint32_t index;
};

static int compare_entries(const void *a, const void *b)
{
    double x = ((const struct entry *)a)->value;
    double y = ((const struct entry *)b)->value;
    return (x > y) - (x < y);
}

/* The column's values with their positions, ascending; free with sgeo_free. */
static enum sgeo_status sort_column(struct entry **sorted, struct sgeo_column column)
{
    enum sgeo_status status = sgeo_column_check(column, column.n, "ranks");
    if (status != SGEO_OK) {
        return status;
    }
    struct entry *entries = sgeo_calloc(column.n, sizeof *entries);
    if (entries == NULL) {
        return sgeo_fail_memory("ranks");
    }
    for (size_t i = 0; i < column.n; i++) {
        entries[i] = (struct entry){.value = column.values[i], .index = (uint32_t)i};
    }
    qsort(entries, column.n, sizeof *entries, compare_entries);
    *sorted = entries;
    return SGEO_OK;
}

/* End of the run of ties that starts at `first`. */
static size_t run_end(const struct entry *sorted, size_t first, size_t n)
{
    size_t end = first + 1;
    while (end < n && compare_entries(&sorted[first], &sorted[end]) == 0) {
        end++;
    }
    return end;
}

enum sgeo_status sgeo_ranks_mid(double *ranks, struct sgeo_column column)
{
    struct entry *sorted = NULL;
    enum sgeo_status status = sort_column(&sorted, column);
    if (status != SGEO_OK) {
        return status;
    }
    for (size_t first = 0, end; first < column.n; first = end) {
        end = run_end(sorted, first, column.n);
        double rank = 0.5 * (double)(first + 1 + end); /* mean of first + 1 .. end */
        for (size_t i = first; i < end; i++) {
            ranks[sorted[i].index] = rank;
        }
    }
    sgeo_free(sorted);
    return SGEO_OK;
}

enum sgeo_status sgeo_ranks_group(uint32_t *group, size_t *n_groups, struct sgeo_column column)
{
    struct entry *sorted = NULL;
    enum sgeo_status status = sort_column(&sorted, column);
    if (status != SGEO_OK) {
        return status;
    }
    uint32_t number = 0;
    for (size_t first = 0, end; first < column.n; first = end, number++) {
        end = run_end(sorted, first, column.n);
        for (size_t i = first; i < end; i++) {
            group[sorted[i].index] = number;
        }
    }
    *n_groups = number;
    sgeo_free(sorted);
    return SGEO_OK;
}

enum sgeo_status sgeo_ranks_tied(size_t *n_tied, struct sgeo_column column)
{
    struct entry *sorted = NULL;
    enum sgeo_status status = sort_column(&sorted, column);
    if (status != SGEO_OK) {
        return status;
    }
    size_t tied = 0;
    for (size_t first = 0, end; first < column.n; first = end) {
        end = run_end(sorted, first, column.n);
        tied += end - first > 1 ? end - first : 0;
    }
    *n_tied = tied;
    sgeo_free(sorted);
    return SGEO_OK;
}
