/* Ground truth lists, and their CSV form. */
#include "data/truth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const char hint_once[] = "a truth file names each architecture once; remove one of the rows";
static const char hint_columns[] = "the first line must name every column that the task needs";

enum sgeo_status sgeo_truth_create(struct sgeo_truth *truth, size_t capacity, const char *path)
{
    struct sgeo_truth made = {.capacity = capacity};
    /* One more than asked for: an empty list is not a failed allocation. */
    made.entries = sgeo_calloc(capacity + 1, sizeof(*made.entries));
    made.by_name = sgeo_calloc(capacity + 1, sizeof(*made.by_name));
    made.path = sgeo_strdup(path);
    if (made.entries == NULL || made.by_name == NULL || made.path == NULL) {
        sgeo_truth_clear(&made);
        return sgeo_fail_memory("ground truth");
    }
    *truth = made;
    return SGEO_OK;
}

void sgeo_truth_clear(struct sgeo_truth *truth)
{
    if (truth == NULL) {
        return;
    }
    for (size_t i = 0; i < truth->n; i++) {
        sgeo_free(truth->entries[i].arch);
    }
    sgeo_free(truth->entries);
    sgeo_free((void *)truth->by_name);
    sgeo_free(truth->path);
    *truth = (struct sgeo_truth){0};
}

enum sgeo_status sgeo_truth_append_take(struct sgeo_truth *truth,
                                        const struct sgeo_truth_entry *entry)
{
    if (entry->arch == NULL) {
        return sgeo_fail_memory("architecture");
    }
    truth->entries[truth->n++] = *entry;
    return SGEO_OK;
}

/* By index (SGEO_TRUTH_NO_INDEX is the largest), then by line: qsort is not stable. */
static int compare_position(const void *a, const void *b)
{
    const struct sgeo_truth_entry *x = a;
    const struct sgeo_truth_entry *y = b;
    if (x->naslib_idx != y->naslib_idx) {
        return x->naslib_idx < y->naslib_idx ? -1 : 1;
    }
    return (x->line > y->line) - (x->line < y->line);
}

static int compare_name(const void *a, const void *b)
{
    const struct sgeo_truth_entry *const *x = a;
    const struct sgeo_truth_entry *const *y = b;
    int order = strcmp((*x)->arch, (*y)->arch);
    if (order != 0) {
        return order;
    }
    return ((*x)->line > (*y)->line) - ((*x)->line < (*y)->line);
}

static enum sgeo_status check_positions(const struct sgeo_truth *truth)
{
    for (size_t i = 1; i < truth->n; i++) {
        const struct sgeo_truth_entry *entry = &truth->entries[i];
        if (entry->naslib_idx == SGEO_TRUTH_NO_INDEX) {
            break;
        }
        if (entry->naslib_idx == entry[-1].naslib_idx) {
            return sgeo_fail(SGEO_IO, hint_once, "%s:%zu: index %zu was used in line %zu",
                             truth->path, entry->line, entry->naslib_idx, entry[-1].line);
        }
    }
    return SGEO_OK;
}

static enum sgeo_status check_names(const struct sgeo_truth *truth)
{
    for (size_t i = 1; i < truth->n; i++) {
        const struct sgeo_truth_entry *entry = truth->by_name[i];
        const struct sgeo_truth_entry *before = truth->by_name[i - 1];
        if (strcmp(entry->arch, before->arch) == 0) {
            return sgeo_fail(SGEO_IO, hint_once, "%s:%zu: architecture %s was named in line %zu",
                             truth->path, entry->line, entry->arch, before->line);
        }
    }
    return SGEO_OK;
}

enum sgeo_status sgeo_truth_finish(struct sgeo_truth *truth)
{
    /* Formats with an order of their own have no lines and no indices: they stay as appended. */
    if (truth->n > 0 && truth->entries[0].line > 0) {
        qsort(truth->entries, truth->n, sizeof(*truth->entries), compare_position);
    }
    for (size_t i = 0; i < truth->n; i++) {
        truth->by_name[i] = &truth->entries[i];
    }
    qsort((void *)truth->by_name, truth->n, sizeof(*truth->by_name), compare_name);
    enum sgeo_status status = check_names(truth);
    return status != SGEO_OK ? status : check_positions(truth);
}

const struct sgeo_truth_entry *sgeo_truth_find(const struct sgeo_truth *truth, const char *arch)
{
    size_t low = 0;
    size_t high = truth->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(truth->by_name[middle]->arch, arch);
        if (order == 0) {
            return truth->by_name[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

size_t sgeo_truth_number(const struct sgeo_truth *truth, const struct sgeo_truth_entry *entry)
{
    size_t low = 0, high = truth->n; /* entries with a position come first, in its order */
    if (entry->naslib_idx != SGEO_TRUTH_NO_INDEX) {
        return entry->naslib_idx;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (truth->entries[middle].naslib_idx == SGEO_TRUTH_NO_INDEX) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    size_t first_free = low == 0 ? 0 : truth->entries[low - 1].naslib_idx + 1;
    return first_free + (size_t)(entry - truth->entries) - low;
}

enum sgeo_status sgeo_truth_accuracy(double *percent, const struct sgeo_truth *truth,
                                     const char *arch, enum sgeo_truth_kind kind)
{
    const struct sgeo_truth_entry *entry = sgeo_truth_find(truth, arch);
    if (entry == NULL || isnan(entry->accuracy[kind])) {
        return sgeo_fail(SGEO_IO, "choose other architectures with --archs, or complete the file",
                         "%s: no %s accuracy of architecture %s", truth->path,
                         kind == SGEO_TRUTH_VAL ? "validation" : "test", arch);
    }
    *percent = entry->accuracy[kind];
    return SGEO_OK;
}

/* --- CSV --- */

/* Positions of the columns; SGEO_CSV_NONE for those not asked for. */
struct layout {
    size_t arch[2];
    size_t order;
    size_t accuracy[2];
};

static enum sgeo_status find_column(size_t *column, const struct sgeo_csv *csv, const char *name)
{
    *column = SGEO_CSV_NONE;
    if (name == NULL) {
        return SGEO_OK;
    }
    *column = sgeo_csv_column(csv, name);
    if (*column == SGEO_CSV_NONE) {
        return sgeo_fail(SGEO_IO, hint_columns, "%s:1: no column '%s'", csv->path, name);
    }
    return SGEO_OK;
}

static enum sgeo_status find_columns(struct layout *layout, const struct sgeo_csv *csv,
                                     const struct sgeo_truth_columns *columns)
{
    const char *const names[] = {columns->arch[0], columns->arch[1], columns->order, columns->val,
                                 columns->test};
    size_t *const places[] = {&layout->arch[0], &layout->arch[1], &layout->order,
                              &layout->accuracy[SGEO_TRUTH_VAL],
                              &layout->accuracy[SGEO_TRUTH_TEST]};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        enum sgeo_status status = find_column(places[i], csv, names[i]);
        if (status != SGEO_OK) {
            return status;
        }
    }
    return SGEO_OK;
}

/* Tables have one line a row, the header is line 1. */
static size_t line_of_row(size_t row)
{
    return row + 2;
}

static enum sgeo_status parse_accuracy(double *percent, const struct sgeo_csv *csv, size_t row,
                                       size_t column)
{
    const char *cell = column == SGEO_CSV_NONE ? "" : sgeo_csv_cell(csv, row, column);
    *percent = (double)NAN;
    if (cell[0] == '\0') {
        return SGEO_OK;
    }
    if (sgeo_parse_double(cell, percent) && *percent >= 0.0 && *percent <= 100.0) {
        return SGEO_OK;
    }
    return sgeo_fail(SGEO_IO, "accuracies are percent; leave the field empty where there is none",
                     "%s:%zu: %s '%s' is not a number in 0..100", csv->path, line_of_row(row),
                     csv->header[column], cell);
}

static enum sgeo_status parse_index(size_t *index, const struct sgeo_csv *csv, size_t row,
                                    size_t column)
{
    const char *cell = column == SGEO_CSV_NONE ? "" : sgeo_csv_cell(csv, row, column);
    uint64_t value = SGEO_TRUTH_NO_INDEX;
    if (cell[0] != '\0' && (!sgeo_parse_u64(cell, &value) || value >= SGEO_TRUTH_NO_INDEX)) {
        return sgeo_fail(SGEO_IO,
                         "positions count from 0; leave the field empty where there is none",
                         "%s:%zu: %s '%s' is not a position", csv->path, line_of_row(row),
                         csv->header[column], cell);
    }
    *index = (size_t)value;
    return SGEO_OK;
}

static char *join_arch(const char *first, const char *separator, const char *second)
{
    struct sgeo_text text = {0};
    sgeo_text_append(&text, "%s%s%s", first, separator, second);
    char *joined = text.failed ? NULL : sgeo_strdup(text.bytes);
    sgeo_text_clear(&text);
    return joined;
}

static enum sgeo_status parse_arch(char **arch, const struct sgeo_csv *csv, size_t row,
                                   const struct layout *layout, const char *separator)
{
    bool two = layout->arch[1] != SGEO_CSV_NONE;
    const char *first = sgeo_csv_cell(csv, row, layout->arch[0]);
    const char *second = two ? sgeo_csv_cell(csv, row, layout->arch[1]) : "";
    if (first[0] == '\0' || (two && second[0] == '\0')) {
        return sgeo_fail(SGEO_IO, "every row needs its architecture", "%s:%zu: %s is empty",
                         csv->path, line_of_row(row),
                         csv->header[layout->arch[first[0] == '\0' ? 0 : 1]]);
    }
    *arch = join_arch(first, two ? separator : "", second);
    return SGEO_OK;
}

static enum sgeo_status append_row(struct sgeo_truth *truth, const struct sgeo_csv *csv, size_t row,
                                   const struct layout *layout, const char *separator)
{
    struct sgeo_truth_entry entry = {.line = line_of_row(row)};
    enum sgeo_status status = parse_index(&entry.naslib_idx, csv, row, layout->order);
    for (int k = SGEO_TRUTH_VAL; k <= SGEO_TRUTH_TEST && status == SGEO_OK; k++) {
        status = parse_accuracy(&entry.accuracy[k], csv, row, layout->accuracy[k]);
    }
    if (status == SGEO_OK) {
        status = parse_arch(&entry.arch, csv, row, layout, separator);
    }
    return status != SGEO_OK ? status : sgeo_truth_append_take(truth, &entry);
}

enum sgeo_status sgeo_truth_from_csv(struct sgeo_truth *truth, const struct sgeo_csv *csv,
                                     const struct sgeo_truth_columns *columns)
{
    struct sgeo_truth made = {0};
    struct layout layout;
    enum sgeo_status status = find_columns(&layout, csv, columns);
    if (status == SGEO_OK) {
        status = sgeo_truth_create(&made, csv->n_rows, csv->path);
    }
    for (size_t row = 0; row < csv->n_rows && status == SGEO_OK; row++) {
        status = append_row(&made, csv, row, &layout, columns->separator);
    }
    if (status == SGEO_OK) {
        status = sgeo_truth_finish(&made);
    }
    if (status != SGEO_OK) {
        sgeo_truth_clear(&made);
        return status;
    }
    *truth = made;
    return SGEO_OK;
}

enum sgeo_status sgeo_truth_read_csv(struct sgeo_truth *truth, const char *path,
                                     const struct sgeo_truth_columns *columns)
{
    struct sgeo_csv csv = {0};
    enum sgeo_status status = sgeo_csv_read(&csv, path);
    if (status != SGEO_OK) {
        return status;
    }
    status = sgeo_truth_from_csv(truth, &csv, columns);
    sgeo_csv_clear(&csv);
    return status;
}
