#include "harness/compare_hardware.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"

#define PATH_BYTES ((size_t)1024)
#define KEYS_MAX   ((size_t)3)

/* A file of a result folder and the quantity in it. Rows with equal keys are one quantity. */
struct source {
    const char *title;
    const char *file;
    const char *keys[KEYS_MAX];
    size_t n_grouped; /* keys that a line of the terminal table stands for */
    const char *value;
    const char *status; /* rows of this status only; NULL: all */
    const char *unit;
    bool is_rate; /* more is better */
    bool is_best; /* the least value of the rows counts (kernels: of the instruction sets), not
                     their mean */
};

static const struct source sources[] = {
    {"roofs", "kernels.csv", {"kernel"}, 1, "roof_value", "roof", "G/s", true, false},
    {"kernels",
     "kernels.csv",
     {"kernel", "cache", "shape"},
     2,
     "seconds_median",
     "ok",
     "s",
     false,
     true},
    {"scores", "scores.csv", {"task", "proxy"}, 2, "seconds_cpu", "ok", "s", false, false},
    {"searches",
     "table3.csv",
     {"method", "search_space", "dataset"},
     3,
     "search_cost_cpu_hours",
     NULL,
     "h",
     false,
     false},
};

#define N_SOURCES (sizeof sources / sizeof *sources)

/* One quantity in all folders. */
struct quantity {
    const struct source *source;
    char *what;         /* its keys, separated by blanks */
    size_t group_bytes; /* of what: the grouped keys */
    struct {
        double value; /* sum, or the least */
        size_t n;     /* 0: this folder lacks it */
    } of[SGEO_FOLDERS_MAX];
};

struct comparison {
    const char *const *folders;
    size_t n_folders;
    struct quantity *quantities;
    size_t n, capacity;
};

/* --- reading --- */

static struct quantity *find(const struct comparison *own, const struct source *source,
                             const char *what)
{
    for (size_t i = 0; i < own->n; i++) {
        if (own->quantities[i].source == source && strcmp(own->quantities[i].what, what) == 0) {
            return &own->quantities[i];
        }
    }
    return NULL;
}

static struct quantity *append(struct comparison *own, const struct source *source,
                               const char *what, size_t group_bytes)
{
    if (own->n == own->capacity) {
        size_t capacity = own->capacity == 0 ? 64 : 2 * own->capacity;
        struct quantity *grown = sgeo_grow(own->quantities, own->capacity, capacity, sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        own->quantities = grown;
        own->capacity = capacity;
    }
    struct quantity *quantity = &own->quantities[own->n];
    *quantity =
        (struct quantity){.source = source, .what = sgeo_strdup(what), .group_bytes = group_bytes};
    if (quantity->what == NULL) {
        return NULL;
    }
    own->n++;
    return quantity;
}

/* Columns of a source in one file. */
struct columns {
    size_t keys[KEYS_MAX], n_keys, value, status;
};

/* SGEO_IO when the file lacks one. */
static enum sgeo_status find_columns(struct columns *columns, const struct sgeo_csv *csv,
                                     const struct source *source)
{
    const char *missing = NULL;
    *columns = (struct columns){.value = sgeo_csv_column(csv, source->value)};
    if (columns->value == SGEO_CSV_NONE) {
        missing = source->value;
    }
    for (size_t k = 0; k < KEYS_MAX && source->keys[k] != NULL; k++) {
        columns->keys[columns->n_keys] = sgeo_csv_column(csv, source->keys[k]);
        if (columns->keys[columns->n_keys++] == SGEO_CSV_NONE) {
            missing = source->keys[k];
        }
    }
    columns->status = source->status == NULL ? SGEO_CSV_NONE : sgeo_csv_column(csv, "status");
    if (source->status != NULL && columns->status == SGEO_CSV_NONE) {
        missing = "status";
    }
    return missing == NULL ? SGEO_OK
                           : sgeo_fail(SGEO_IO, "results/schema.md describes the files",
                                       "%s has no column '%s'", csv->path, missing);
}

/* The keys of a row, separated by blanks; *group_bytes: how long the grouped ones are. */
static void join_keys(struct sgeo_text *what, size_t *group_bytes, const struct sgeo_csv *csv,
                      size_t row, const struct columns *columns, const struct source *source)
{
    for (size_t k = 0; k < columns->n_keys; k++) {
        sgeo_text_append(what, "%s%s", k == 0 ? "" : " ",
                         sgeo_csv_cell(csv, row, columns->keys[k]));
        if (k + 1 == source->n_grouped) {
            *group_bytes = what->length;
        }
    }
}

static enum sgeo_status add_value(struct comparison *own, const struct source *source,
                                  const struct sgeo_text *what, size_t group_bytes, size_t folder,
                                  double value)
{
    struct quantity *quantity = what->failed ? NULL : find(own, source, what->bytes);
    if (quantity == NULL && !what->failed) {
        quantity = append(own, source, what->bytes, group_bytes);
    }
    if (quantity == NULL) {
        return sgeo_fail_memory("a comparison");
    }
    if (!source->is_best) {
        quantity->of[folder].value += value;
    } else if (quantity->of[folder].n == 0 || value < quantity->of[folder].value) {
        quantity->of[folder].value = value;
    }
    quantity->of[folder].n++;
    return SGEO_OK;
}

/* Rows without a positive value have nothing to compare. */
static enum sgeo_status add_row(struct comparison *own, const struct source *source,
                                const struct sgeo_csv *csv, size_t row,
                                const struct columns *columns, size_t folder)
{
    double value;
    size_t group_bytes = 0;
    if ((source->status != NULL &&
         strcmp(sgeo_csv_cell(csv, row, columns->status), source->status) != 0) ||
        !sgeo_parse_double(sgeo_csv_cell(csv, row, columns->value), &value) || !(value > 0.0)) {
        return SGEO_OK;
    }
    struct sgeo_text what = {0};
    join_keys(&what, &group_bytes, csv, row, columns, source);
    enum sgeo_status status = add_value(own, source, &what, group_bytes, folder, value);
    sgeo_text_clear(&what);
    return status;
}

static enum sgeo_status read_source(struct comparison *own, const struct source *source,
                                    const char *path, size_t folder)
{
    struct sgeo_csv csv;
    struct columns columns;
    enum sgeo_status status = sgeo_csv_read(&csv, path);
    if (status != SGEO_OK) {
        return status;
    }
    status = find_columns(&columns, &csv, source);
    for (size_t row = 0; status == SGEO_OK && row < csv.n_rows; row++) {
        status = add_row(own, source, &csv, row, &columns, folder);
    }
    sgeo_csv_clear(&csv);
    return status;
}

/* The file of a source in a folder, plain or packed; false when there is none that can be read. */
static bool find_file(char path[PATH_BYTES], const char *folder, const char *file)
{
    static const char *const endings[] = {"", ".gz"};
    for (size_t e = 0; e < sizeof endings / sizeof *endings; e++) {
        int length = snprintf(path, PATH_BYTES, "%s/%s%s", folder, file, endings[e]);
        if (length > 0 && (size_t)length < PATH_BYTES && sgeo_file_exists(path)) {
            return true;
        }
    }
    snprintf(path, PATH_BYTES, "%s/%s.xz", folder, file);
    if (sgeo_file_exists(path)) {
        sgeo_log(SGEO_LOG_WARNING, "%s is left out: unpack it with xz -dk", path);
    }
    return false;
}

static enum sgeo_status read_folder(struct comparison *own, size_t folder)
{
    char path[PATH_BYTES];
    size_t found = 0;
    for (size_t s = 0; s < N_SOURCES; s++) {
        if (find_file(path, own->folders[folder], sources[s].file)) {
            enum sgeo_status status = read_source(own, &sources[s], path, folder);
            if (status != SGEO_OK) {
                return status;
            }
            found++;
        }
    }
    return found > 0 ? SGEO_OK
                     : sgeo_fail(SGEO_IO, "bench_kernels --csv DIR/kernels.csv makes one",
                                 "%s has neither kernels.csv, scores.csv nor table3.csv",
                                 own->folders[folder]);
}

/* --- speeds --- */

static double value_of(const struct quantity *quantity, size_t folder)
{
    size_t n = quantity->source->is_best ? 1 : quantity->of[folder].n;
    return quantity->of[folder].value / (double)n;
}

/* How many times as fast as the first folder; NaN where one of both lacks the quantity. */
static double speed_of(const struct quantity *quantity, size_t folder)
{
    if (quantity->of[0].n == 0 || quantity->of[folder].n == 0) {
        return (double)NAN;
    }
    double ratio = value_of(quantity, folder) / value_of(quantity, 0);
    return quantity->source->is_rate ? ratio : 1.0 / ratio;
}

static const char *label_of(const struct comparison *own, size_t folder)
{
    const char *path = own->folders[folder], *slash = strrchr(path, '/');
    return slash == NULL || slash[1] == '\0' ? path : slash + 1;
}

/* --- the terminal table --- */

static bool same_group(const struct quantity *a, const struct quantity *b)
{
    return a->source == b->source && a->group_bytes == b->group_bytes &&
           strncmp(a->what, b->what, a->group_bytes) == 0;
}

/* Geometric mean of a folder's speeds in a group (group NULL: in the whole source). */
static void put_mean(struct sgeo_text *text, const struct comparison *own,
                     const struct source *source, const struct quantity *group, size_t folder)
{
    double sum = 0.0;
    size_t n = 0;
    for (size_t i = 0; i < own->n; i++) {
        const struct quantity *quantity = &own->quantities[i];
        double speed = speed_of(quantity, folder);
        if (quantity->source == source && (group == NULL || same_group(group, quantity)) &&
            !isnan(speed)) {
            sum += log(speed);
            n++;
        }
    }
    char count[24];
    snprintf(count, sizeof count, "(%zu)", n);
    if (n > 0) {
        sgeo_text_append(text, " %11.2fx %6s", exp(sum / (double)n), count);
    } else {
        sgeo_text_append(text, " %19s", "-");
    }
}

static void put_line(struct sgeo_text *text, const struct comparison *own,
                     const struct source *source, const struct quantity *group)
{
    sgeo_text_append(text, "  %-38.*s", group == NULL ? 14 : (int)group->group_bytes,
                     group == NULL ? "geometric mean" : group->what);
    for (size_t folder = 0; folder < own->n_folders; folder++) {
        put_mean(text, own, source, group, folder);
    }
    sgeo_text_append(text, "\n");
}

static bool is_first_of_group(const struct comparison *own, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (same_group(&own->quantities[i], &own->quantities[index])) {
            return false;
        }
    }
    return true;
}

static void put_block(struct sgeo_text *text, const struct comparison *own,
                      const struct source *source)
{
    size_t lines = 0;
    for (size_t i = 0; i < own->n; i++) {
        if (own->quantities[i].source == source && is_first_of_group(own, i)) {
            if (lines++ == 0) {
                sgeo_text_append(text, "%s (%s)\n", source->title, source->file);
            }
            put_line(text, own, source, &own->quantities[i]);
        }
    }
    if (lines > 0) {
        put_line(text, own, source, NULL);
        sgeo_text_append(text, "\n");
    }
}

static void put_table(struct sgeo_text *text, const struct comparison *own)
{
    sgeo_text_append(text, "Speed relative to %s, geometric means (number of quantities)\n",
                     label_of(own, 0));
    for (size_t folder = 0; folder < own->n_folders; folder++) {
        sgeo_text_append(text, "  column %zu: %s\n", folder + 1, label_of(own, folder));
    }
    sgeo_text_append(text, "\n");
    for (size_t s = 0; s < N_SOURCES; s++) {
        put_block(text, own, &sources[s]);
    }
}

/* --- hardware.csv --- */

static void put_csv_rows(struct sgeo_text *csv, const struct comparison *own,
                         const struct quantity *quantity)
{
    for (size_t folder = 0; folder < own->n_folders; folder++) {
        if (quantity->of[folder].n == 0) {
            continue;
        }
        double speed = speed_of(quantity, folder);
        sgeo_csv_put(csv, quantity->source->title);
        sgeo_csv_put(csv, quantity->what);
        sgeo_csv_put(csv, label_of(own, folder));
        sgeo_csv_put_size(csv, folder);
        sgeo_csv_put_double(csv, value_of(quantity, folder));
        sgeo_csv_put(csv, quantity->source->unit);
        if (isnan(speed)) {
            sgeo_csv_put(csv, "");
        } else {
            sgeo_csv_put_double(csv, speed);
        }
        sgeo_csv_end_row(csv);
    }
}

static enum sgeo_status publish_csv(const struct comparison *own, const char *out)
{
    static const char header[] = "source,quantity,hardware,column,value,unit,speed\n";
    char path[PATH_BYTES];
    struct sgeo_text csv = {0};
    enum sgeo_status status = sgeo_directory_create(out);
    if (status != SGEO_OK) {
        return status;
    }
    snprintf(path, sizeof path, "%s/hardware.csv", out);
    sgeo_text_append(&csv, "%s", header);
    for (size_t i = 0; i < own->n; i++) {
        put_csv_rows(&csv, own, &own->quantities[i]);
    }
    status = csv.failed ? sgeo_fail_memory("a comparison")
                        : sgeo_file_publish(path, csv.bytes, csv.length);
    sgeo_text_clear(&csv);
    return status;
}

/* --- all of it --- */

static enum sgeo_status read_folders(struct comparison *own)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t folder = 0; folder < own->n_folders && status == SGEO_OK; folder++) {
        status = read_folder(own, folder);
    }
    return status;
}

static enum sgeo_status show(const struct comparison *own, sgeo_text_sink sink, void *sink_context)
{
    struct sgeo_text text = {0};
    put_table(&text, own);
    if (text.failed) {
        sgeo_text_clear(&text);
        return sgeo_fail_memory("a comparison");
    }
    sink(text.bytes, sink_context);
    sgeo_text_clear(&text);
    return SGEO_OK;
}

enum sgeo_status sgeo_compare_hardware(const char *const *folders, size_t n, const char *out,
                                       sgeo_text_sink sink, void *sink_context)
{
    struct comparison own = {.folders = folders, .n_folders = n};
    if (n < 2 || n > SGEO_FOLDERS_MAX) {
        return sgeo_fail(SGEO_USAGE, "--compare-hardware results/reference/A results/reference/B",
                         "hardware is compared among 2 to %zu folders", SGEO_FOLDERS_MAX);
    }
    enum sgeo_status status = read_folders(&own);
    if (status == SGEO_OK) {
        status = show(&own, sink, sink_context);
    }
    if (status == SGEO_OK && out != NULL) {
        status = publish_csv(&own, out);
    }
    for (size_t i = 0; i < own.n; i++) {
        sgeo_free(own.quantities[i].what);
    }
    sgeo_free(own.quantities);
    return status;
}
