#include "harness/stored.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"

/* The suite's number for NaN and infinity. */
#define SUITE_NONFINITE (-1e8)

static const struct {
    const char *column, *proxy;
} columns[] = {
    {"flops", "flops"},    {"params", "params"}, {"synflow", "synflow"},     {"zen", "zen"},
    {"nwot", "naswot"},    {"snip", "snip"},     {"grad_norm", "grad-norm"}, {"grasp", "grasp"},
    {"fisher", "fisher"},  {"jacov", "jacov"},   {"l2_norm", "l2-norm"},     {"plain", "plain"},
    {"epe_nas", "epe-nas"}};
#define N_COLUMNS (sizeof columns / sizeof *columns)

/* What one table says under which key. */
struct entry {
    char key[SGEO_ARCH_TEXT_MAX];
    size_t row;
};

struct index {
    struct entry *entries; /* (n) sorted by key, then row */
    size_t n;
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    return order != 0 ? order : x->row < y->row ? -1 : x->row > y->row;
}

static int compare_key(const void *key, const void *entry)
{
    return strcmp(key, ((const struct entry *)entry)->key);
}

/* The first row under a key; SGEO_CSV_NONE. */
static size_t find_row(const struct index *index, const char *key)
{
    const struct entry *found =
        bsearch(key, index->entries, index->n, sizeof *index->entries, compare_key);
    if (found == NULL) {
        return SGEO_CSV_NONE;
    }
    while (found > index->entries && strcmp(found[-1].key, key) == 0) {
        found--;
    }
    return found->row;
}

static enum sgeo_status column_of(size_t *column, const struct sgeo_csv *csv, const char *name)
{
    *column = sgeo_csv_column(csv, name);
    return *column != SGEO_CSV_NONE
               ? SGEO_OK
               : sgeo_fail(SGEO_IO, NULL, "%s has no column %s", csv->path, name);
}

/* Index a table by one or two columns joined with a separator, its rows with `filter` alone. */
static enum sgeo_status index_table(struct index *index, const struct sgeo_csv *csv,
                                    const char *const keys[2], const char *separator,
                                    const char *filter_column, const char *filter)
{
    size_t first = 0, second = 0, filtered = SGEO_CSV_NONE;
    enum sgeo_status status = column_of(&first, csv, keys[0]);
    if (status == SGEO_OK && keys[1] != NULL) {
        status = column_of(&second, csv, keys[1]);
    }
    if (status == SGEO_OK && filter_column != NULL) {
        status = column_of(&filtered, csv, filter_column);
    }
    if (status != SGEO_OK) {
        return status;
    }
    index->entries = sgeo_calloc(csv->n_rows + 1, sizeof *index->entries);
    if (index->entries == NULL) {
        return sgeo_fail_memory("stored scores");
    }
    for (size_t row = 0; row < csv->n_rows; row++) {
        if (filtered != SGEO_CSV_NONE && strcmp(sgeo_csv_cell(csv, row, filtered), filter) != 0) {
            continue;
        }
        struct entry *entry = &index->entries[index->n++];
        entry->row = row;
        snprintf(entry->key, sizeof entry->key, "%s%s%s", sgeo_csv_cell(csv, row, first),
                 keys[1] == NULL ? "" : separator,
                 keys[1] == NULL ? "" : sgeo_csv_cell(csv, row, second));
    }
    qsort(index->entries, index->n, sizeof *index->entries, compare_entries);
    return SGEO_OK;
}

static size_t count_repeated(const struct index *index)
{
    size_t repeated = 0;
    for (size_t i = 1; i < index->n; i++) {
        repeated += strcmp(index->entries[i].key, index->entries[i - 1].key) == 0;
    }
    return repeated;
}

/* One task's table of scores, and the truth table that translates architectures to its keys. */
struct table {
    const struct sgeo_task *task;
    struct sgeo_csv scores, truth;
    struct index by_key, by_arch;
    size_t join; /* column of truth with the keys; SGEO_CSV_NONE: the architecture is the key */
};

static void close_table(struct table *table)
{
    sgeo_free(table->by_key.entries);
    sgeo_free(table->by_arch.entries);
    sgeo_csv_clear(&table->scores);
    sgeo_csv_clear(&table->truth);
}

static enum sgeo_status open_join(struct table *table, const struct sgeo_campaign *campaign)
{
    static const char *const arch[2] = {"arch", NULL};
    char path[1024];
    enum sgeo_status status =
        sgeo_truth_path(path, sizeof path, table->task, campaign->options->data);
    if (status == SGEO_OK) {
        status = sgeo_csv_read(&table->truth, path);
    }
    if (status == SGEO_OK) {
        status = column_of(&table->join, &table->truth, table->task->stored.join);
    }
    return status == SGEO_OK ? index_table(&table->by_arch, &table->truth, arch, NULL, NULL, NULL)
                             : status;
}

static enum sgeo_status open_table(struct table *table, const struct sgeo_campaign *campaign,
                                   const char *path)
{
    const struct sgeo_stored_format *format = &table->task->stored;
    enum sgeo_status status = sgeo_csv_read(&table->scores, path);
    if (status == SGEO_OK) {
        status = index_table(&table->by_key, &table->scores, format->arch, format->separator,
                             format->filter == NULL ? NULL : "dataset", format->filter);
    }
    return status == SGEO_OK && format->join != NULL ? open_join(table, campaign) : status;
}

/* The row of an architecture; SGEO_CSV_NONE when the suite has none. */
static size_t row_of(const struct table *table, const char *arch)
{
    if (table->join == SGEO_CSV_NONE) {
        return find_row(&table->by_key, arch);
    }
    size_t row = find_row(&table->by_arch, arch);
    return row == SGEO_CSV_NONE
               ? row
               : find_row(&table->by_key, sgeo_csv_cell(&table->truth, row, table->join));
}

/* A score: what is not finite, in words or as the suite's number for it, is minus infinity. */
static bool parse_score(const char *cell, double *value)
{
    static const char *const words[] = {"nan", "inf", "-inf"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(cell, words[i]) == 0) {
            *value = (double)-INFINITY;
            return true;
        }
    }
    if (!sgeo_parse_double(cell, value)) {
        return false;
    }
    *value = *value == SUITE_NONFINITE ? (double)-INFINITY : *value;
    return true;
}

/* Take over the scores of a row; an empty cell is no score. */
static enum sgeo_status read_scores(struct sgeo_record *record, const struct sgeo_csv *csv,
                                    size_t row)
{
    record->n_scores = 0;
    for (size_t c = 0; c < N_COLUMNS; c++) {
        size_t column = sgeo_csv_column(csv, columns[c].column);
        const char *cell = column == SGEO_CSV_NONE ? "" : sgeo_csv_cell(csv, row, column);
        double value;
        if (*cell == '\0') {
            continue;
        }
        if (!parse_score(cell, &value)) {
            return sgeo_fail(SGEO_IO, NULL, "%s, line %zu: %s is no number", csv->path, row + 2,
                             cell);
        }
        record->scores[record->n_scores].proxy = sgeo_proxy_find(columns[c].proxy);
        record->scores[record->n_scores++].score = sgeo_plain_score(value, (double)NAN);
    }
    return SGEO_OK;
}

/* Note where a row's scores come from. */
static enum sgeo_status read_source(struct sgeo_stored *stored, const struct sgeo_csv *csv,
                                    size_t row)
{
    size_t column = sgeo_csv_column(csv, "source"), source = 0;
    const char *name = column == SGEO_CSV_NONE ? "" : sgeo_csv_cell(csv, row, column);
    while (source < stored->n_sources && strcmp(stored->sources[source], name) != 0) {
        source++;
    }
    if (source == SGEO_STORED_SOURCES || strlen(name) >= sizeof stored->sources[0]) {
        return sgeo_fail(SGEO_IO, NULL, "%s, line %zu: cannot tell source %s from the others",
                         csv->path, row + 2, name);
    }
    if (source == stored->n_sources) {
        strcpy(stored->sources[stored->n_sources++], name);
    }
    stored->source_of[stored->n] = (unsigned char)source;
    return SGEO_OK;
}

static bool is_wanted(const struct sgeo_record *record, const struct sgeo_campaign *campaign,
                      const struct sgeo_task *task)
{
    return record->key.task == task && record->key.kind == SGEO_JOB_SCORE &&
           record->key.level == 0.0 && record->key.seed == campaign->options->seed;
}

static enum sgeo_status look_up(struct sgeo_stored *stored, const struct table *table,
                                const struct sgeo_campaign *campaign)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t r = 0; status == SGEO_OK && r < campaign->n_records; r++) {
        const struct sgeo_record *record = &campaign->records[r];
        size_t row =
            is_wanted(record, campaign, table->task) ? row_of(table, record->arch) : SGEO_CSV_NONE;
        if (row != SGEO_CSV_NONE) {
            stored->records[stored->n] = *record;
            status = read_source(stored, &table->scores, row);
            if (status == SGEO_OK) {
                status = read_scores(&stored->records[stored->n++], &table->scores, row);
            }
        }
    }
    stored->n_repeated += count_repeated(&table->by_key);
    return status;
}

static enum sgeo_status read_task(struct sgeo_stored *stored, const struct sgeo_campaign *campaign,
                                  const struct sgeo_task *task)
{
    struct table table = {.task = task, .join = SGEO_CSV_NONE};
    char path[1024];
    if (task->stored.file == NULL || campaign->options->data == NULL) {
        return SGEO_OK;
    }
    snprintf(path, sizeof path, "%s/%s", campaign->options->data, task->stored.file);
    if (!sgeo_file_exists(path)) {
        sgeo_log(SGEO_LOG_WARNING, "no stored scores of %s: %s is not there", task->name, path);
        return SGEO_OK;
    }
    enum sgeo_status status = open_table(&table, campaign, path);
    if (status == SGEO_OK) {
        status = look_up(stored, &table, campaign);
    }
    close_table(&table);
    return status;
}

enum sgeo_status sgeo_stored_open(struct sgeo_stored *stored, const struct sgeo_campaign *campaign)
{
    *stored = (struct sgeo_stored){0};
    stored->records = sgeo_calloc(campaign->n_records + 1, sizeof *stored->records);
    stored->source_of = sgeo_calloc(campaign->n_records + 1, sizeof *stored->source_of);
    enum sgeo_status status = stored->records == NULL || stored->source_of == NULL
                                  ? sgeo_fail_memory("stored scores")
                                  : SGEO_OK;
    for (size_t t = 0; status == SGEO_OK && t < campaign->options->n_tasks; t++) {
        status = read_task(stored, campaign, campaign->options->tasks[t]);
    }
    return status;
}

void sgeo_stored_clear(struct sgeo_stored *stored)
{
    sgeo_free(stored->records);
    sgeo_free(stored->source_of);
    *stored = (struct sgeo_stored){0};
}

size_t sgeo_stored_of(struct sgeo_record *chosen, const struct sgeo_stored *stored,
                      const struct sgeo_proxy *proxy, size_t source)
{
    size_t n = 0;
    for (size_t r = 0; r < stored->n; r++) {
        const struct sgeo_record *record = &stored->records[r];
        bool wanted = source == SGEO_STORED_ANY || source == stored->source_of[r];
        for (size_t p = 0; wanted && p < record->n_scores; p++) {
            if (record->scores[p].proxy == proxy) {
                chosen[n] = *record;
                chosen[n].scores[0] = record->scores[p];
                chosen[n++].n_scores = 1;
            }
        }
    }
    return n;
}
