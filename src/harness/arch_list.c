#include "harness/arch_list.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/share.h"
#include "base/text.h"
#include "data/zcjson.h"
#include "harness/list_file.h"
#include "harness/preset.h"
#include "space/nb201.h"

/* --- ground truth --- */

enum sgeo_status sgeo_truth_path(char *path, size_t capacity, const struct sgeo_task *task,
                                 const char *data_dir)
{
    if (task->embedded) {
        return sgeo_share_path(path, capacity, task->truth_file);
    }
    if (data_dir == NULL) {
        return sgeo_fail(SGEO_IO,
                         "give --data DIR or set SIGEO_DATA; datasets/ says what belongs there",
                         "the ground truth of %s is needed", task->name);
    }
    snprintf(path, capacity, "%s/%s", data_dir, task->truth_file);
    if (!sgeo_file_exists(path) && task->suite_file != NULL) {
        char other[1024];
        snprintf(other, sizeof other, "%s/%s", data_dir, task->suite_file);
        if (sgeo_file_exists(other)) {
            snprintf(path, capacity, "%s", other);
        }
    }
    return SGEO_OK;
}

/* The suite's JSON has validation accuracies only, under NASLib's keys, in the order of its list.
 */
static enum sgeo_status read_suite(struct sgeo_truth *truth, const struct sgeo_task *task,
                                   const char *path)
{
    const struct sgeo_space *space = sgeo_space_find(task->space);
    struct sgeo_truth suite = {0}, list = {0};
    enum sgeo_status status = sgeo_zcjson_read(&suite, path, task->suite_dataset);
    if (status == SGEO_OK) {
        status = sgeo_truth_create(&list, suite.n, path);
    }
    for (size_t i = 0; status == SGEO_OK && i < suite.n; i++) {
        struct sgeo_truth_entry entry = suite.entries[i];
        char text[SGEO_ARCH_TEXT_MAX];
        struct sgeo_arch arch;
        status = space->decode_naslib(&arch, entry.arch);
        status = status == SGEO_USAGE ? SGEO_IO : status; /* the file's mistake, not the user's */
        if (status == SGEO_OK) {
            space->encode(text, &arch);
            entry.arch = sgeo_strdup(text);
            status = sgeo_truth_append_take(&list, &entry);
        }
    }
    if (status == SGEO_OK) {
        status = sgeo_truth_finish(&list);
    }
    sgeo_truth_clear(&suite);
    if (status != SGEO_OK) {
        sgeo_truth_clear(&list);
        return status;
    }
    *truth = list;
    return SGEO_OK;
}

enum sgeo_status sgeo_task_truth(struct sgeo_truth *truth, bool has_truth[2],
                                 const struct sgeo_task *task, const char *data_dir)
{
    char path[1024];
    struct sgeo_truth_columns columns = {.arch = {"arch"},
                                         .order = task->order_column,
                                         .val = task->val_column,
                                         .test = task->test_column};
    if (task->arch_columns[0] != NULL) {
        columns.arch[0] = task->arch_columns[0];
        columns.arch[1] = task->arch_columns[1];
        columns.separator = task->arch_separator;
    }
    enum sgeo_status status = sgeo_truth_path(path, sizeof path, task, data_dir);
    if (status != SGEO_OK) {
        return status;
    }
    size_t length = strlen(path);
    bool is_suite = length > 5 && strcmp(path + length - 5, ".json") == 0;
    has_truth[SGEO_TRUTH_VAL] = is_suite || task->val_column != NULL;
    has_truth[SGEO_TRUTH_TEST] = !is_suite && task->test_column != NULL;
    status = is_suite ? read_suite(truth, task, path) : sgeo_truth_read_csv(truth, path, &columns);
    if (status == SGEO_OK && truth->n == 0) {
        sgeo_truth_clear(truth);
        status = sgeo_fail(SGEO_IO, "fetch the file again", "%s names no architecture", path);
    }
    return status;
}

/* --- lists --- */

/* A list in the making. */
struct listing {
    struct sgeo_arch_list *list;
    const struct sgeo_task *task;
    bool *chosen; /* (truth.n) which entries the list has already */
};

/* Append the architecture of one line. */
static enum sgeo_status append_line(const char *line, void *context)
{
    const struct listing *listing = context;
    struct sgeo_arch_list *list = listing->list;
    const struct sgeo_task *task = listing->task;
    struct sgeo_arch arch;
    char text[SGEO_ARCH_TEXT_MAX];
    enum sgeo_status status = sgeo_space_find(task->space)->decode(&arch, line);
    if (status != SGEO_OK) {
        return status;
    }
    sgeo_space_find(task->space)->encode(text, &arch);
    const struct sgeo_truth_entry *entry = sgeo_truth_find(&list->truth, text);
    if (entry == NULL) {
        return sgeo_fail(SGEO_IO, "only architectures with ground truth can be correlated",
                         "no ground truth for %s in %s", text, task->name);
    }
    if (listing->chosen[entry - list->truth.entries]) {
        return sgeo_fail(SGEO_USAGE, "name every architecture once", "%s was named before", text);
    }
    listing->chosen[entry - list->truth.entries] = true;
    list->entries[list->n++] = entry;
    return SGEO_OK;
}

static enum sgeo_status list_from_file(struct sgeo_arch_list *list, const struct sgeo_task *task,
                                       const char *path)
{
    struct listing listing = {
        .list = list, .task = task, .chosen = sgeo_calloc(list->truth.n + 1, sizeof(bool))};
    enum sgeo_status status = listing.chosen == NULL
                                  ? sgeo_fail_memory("architecture list")
                                  : sgeo_list_file_read(path, append_line, &listing);
    sgeo_free(listing.chosen);
    return status == SGEO_OK && list->n == 0
               ? sgeo_fail(SGEO_USAGE, "one architecture a line", "%s names no architecture", path)
               : status;
}

static enum sgeo_status list_from_prefix(struct sgeo_arch_list *list, const struct sgeo_task *task,
                                         size_t n)
{
    if (n > list->truth.n) {
        return sgeo_fail(SGEO_USAGE, "ask for fewer with --archs",
                         "%zu architectures asked for, %s has %zu in %s", n, task->name,
                         list->truth.n, list->truth.path);
    }
    for (size_t i = 0; i < n; i++) {
        list->entries[i] = &list->truth.entries[i];
    }
    list->n = n;
    list->is_prefix = true;
    return SGEO_OK;
}

/* An architecture of the ground truth that is none is the file's mistake, not the user's. */
static enum sgeo_status check_entry(const struct sgeo_arch_list *list, const struct sgeo_task *task,
                                    const struct sgeo_truth_entry *entry)
{
    struct sgeo_arch arch;
    enum sgeo_status status = sgeo_space_find(task->space)->decode(&arch, entry->arch);
    return status != SGEO_USAGE
               ? status
               : sgeo_fail(SGEO_IO, "correct that line, or fetch the file again", "%s:%zu: %s",
                           list->truth.path, entry->line, sgeo_error_text());
}

/* Every architecture must decode, and have the truths that its source offers. */
static enum sgeo_status check_list(struct sgeo_arch_list *list, const struct sgeo_task *task)
{
    struct sgeo_text text = {0};
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < list->n; i++) {
        double ignored;
        status = check_entry(list, task, list->entries[i]);
        for (int kind = 0; status == SGEO_OK && kind < 2; kind++) {
            if (list->has_truth[kind]) {
                status = sgeo_truth_accuracy(&ignored, &list->truth, list->entries[i]->arch,
                                             (enum sgeo_truth_kind)kind);
            }
        }
        sgeo_text_append(&text, "%s\n", list->entries[i]->arch);
    }
    if (status == SGEO_OK && text.failed) {
        status = sgeo_fail_memory("architecture list");
    }
    if (status == SGEO_OK) {
        sgeo_sha256(list->sha256, text.bytes, text.length);
    }
    sgeo_text_clear(&text);
    return status;
}

/* A cell's canonical text and its place in the list. */
struct canonical {
    char text[SGEO_ARCH_TEXT_MAX];
    size_t index;
};

static int compare_canonical(const void *a, const void *b)
{
    const struct canonical *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order != 0 ? order : x->index < y->index ? -1 : x->index > y->index;
}

/* Find the first architecture of each one's function (NAS-Bench-201 only). */
static enum sgeo_status find_equal(struct sgeo_arch_list *list, const struct sgeo_task *task)
{
    if (strcmp(task->space, sgeo_nb201.name) != 0) {
        return sgeo_fail(SGEO_USAGE, "leave out --dedupe, or choose a task of nb201",
                         "--dedupe knows equal cells of nb201 only, and %s is of %s", task->name,
                         task->space);
    }
    struct canonical *cells = sgeo_calloc(list->n + 1, sizeof *cells);
    list->same_as = sgeo_calloc(list->n + 1, sizeof *list->same_as);
    if (cells == NULL || list->same_as == NULL) {
        sgeo_free(cells);
        return sgeo_fail_memory("architecture list");
    }
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < list->n; i++) {
        struct sgeo_arch arch;
        status = sgeo_nb201.decode(&arch, list->entries[i]->arch);
        if (status == SGEO_OK) {
            sgeo_nb201_canonical(cells[i].text, &arch);
            cells[i].index = i;
        }
    }
    qsort(cells, list->n, sizeof *cells, compare_canonical);
    for (size_t i = 0; status == SGEO_OK && i < list->n; i++) {
        bool repeated = i > 0 && strcmp(cells[i].text, cells[i - 1].text) == 0;
        list->same_as[cells[i].index] =
            repeated ? list->same_as[cells[i - 1].index] : cells[i].index;
    }
    sgeo_free(cells);
    return status;
}

enum sgeo_status sgeo_arch_list_open(struct sgeo_arch_list *list, const struct sgeo_task *task,
                                     const struct sgeo_options *options)
{
    enum sgeo_status status = sgeo_task_truth(&list->truth, list->has_truth, task, options->data);
    if (status == SGEO_OK) {
        list->entries = sgeo_calloc(list->truth.n + 1, sizeof *list->entries);
        status = list->entries == NULL ? sgeo_fail_memory("architecture list") : SGEO_OK;
    }
    if (status == SGEO_OK && options->archs_file != NULL) {
        status = list_from_file(list, task, options->archs_file);
    } else if (status == SGEO_OK) {
        size_t n = sgeo_run_size(options, task).n_archs;
        bool is_preset = options->n_archs == 0; /* a preset asks for what there is */
        status = list_from_prefix(list, task, is_preset && n > list->truth.n ? list->truth.n : n);
    }
    if (status == SGEO_OK) {
        status = check_list(list, task);
    }
    return status == SGEO_OK && options->dedupe ? find_equal(list, task) : status;
}

void sgeo_arch_list_clear(struct sgeo_arch_list *list)
{
    sgeo_truth_clear(&list->truth);
    sgeo_free(list->entries);
    sgeo_free(list->same_as);
    *list = (struct sgeo_arch_list){0};
}

size_t sgeo_arch_list_index(const struct sgeo_arch_list *list, size_t i)
{
    return sgeo_truth_number(&list->truth, list->entries[i]);
}
