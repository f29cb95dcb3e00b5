#include "harness/zc_export.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

/* One file on its way out. */
struct export
{
    const struct sgeo_run_context *context;
    const struct sgeo_space *space;
    const struct sgeo_record **records; /* (n) by task, architecture, then the rest of the key */
    size_t n, at;
    enum sgeo_status status; /* of the first failure */
};

/* Records of one architecture lie together, also where none has a number of its own. */
static int compare_records(const void *a, const void *b)
{
    const struct sgeo_record *x = *(const struct sgeo_record *const *)a;
    const struct sgeo_record *y = *(const struct sgeo_record *const *)b;
    if (x->key.task != y->key.task) {
        return strcmp(x->key.task->name, y->key.task->name);
    }
    if (x->key.arch_index != y->key.arch_index) {
        return x->key.arch_index < y->key.arch_index ? -1 : 1;
    }
    int order = strcmp(x->arch, y->arch);
    order = order != 0 ? order : sgeo_job_key_compare(&x->key, &y->key);
    return order != 0 ? order : x < y ? -1 : x > y;
}

static bool same_arch(const struct sgeo_record *a, const struct sgeo_record *b)
{
    return a->key.task == b->key.task && strcmp(a->arch, b->arch) == 0;
}

/* --- one architecture --- */

/* As Python writes a float. */
static void put_number(struct sgeo_text *text, double value)
{
    if (isfinite(value)) {
        sgeo_text_append(text, "%.17g", value);
    } else {
        sgeo_text_append(text, "%s", isnan(value) ? "NaN" : value > 0.0 ? "Infinity" : "-Infinity");
    }
}

static void put_member(struct sgeo_text *text, const char *name, double value)
{
    sgeo_text_append(text, ", \"%s\": ", name);
    put_number(text, value);
}

static const char *suite_name(const struct sgeo_proxy *proxy)
{
    static const char *const names[][2] = {{"naswot", "nwot"},
                                           {"grad-norm", "grad_norm"},
                                           {"l2-norm", "l2_norm"},
                                           {"epe-nas", "epe_nas"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i][0], proxy->name) == 0) {
            return names[i][1];
        }
    }
    return proxy->name;
}

/* PROXY and what sets the record apart from a cold one of the first seed by the suite's convention
 * in f32. */
static void put_name(struct sgeo_text *text, const struct sgeo_proxy *proxy,
                     const struct sgeo_record *record, const struct sgeo_options *options)
{
    const struct sgeo_job_key *key = &record->key;
    const char *arithmetic = sgeo_arithmetic_name(options->executor);
    sgeo_text_append(text, "\"%s", suite_name(proxy));
    if (record->convention != SGEO_CONVENTION_SUITE) {
        sgeo_text_append(text, "/convention=%s", sgeo_convention_name(record->convention));
    }
    if (strcmp(arithmetic, "f32") != 0) {
        sgeo_text_append(text, "/arithmetic=%s", arithmetic);
    }
    if (key->level > 0.0) {
        sgeo_text_append(text, "/warmup=%g", key->level);
    }
    if (key->level > 0.0 && key->mode == SGEO_WARMUP_CANDIDATE) {
        sgeo_text_append(text, "/mode=candidate");
    }
    if (key->seed != options->seed) {
        sgeo_text_append(text, "/seed=%llu", (unsigned long long)key->seed);
    }
    sgeo_text_append(text, "\"");
}

/* Every score behind a comma, but for the first of the architecture. */
static void put_scores(struct sgeo_text *text, const struct export *export,
                       const struct sgeo_record *record, bool first)
{
    for (size_t p = 0; p < record->n_scores; p++) {
        const struct sgeo_proxy *proxy = record->scores[p].proxy;
        const struct sgeo_score *score = &record->scores[p].score;
        sgeo_text_append(text, "%s", first && p == 0 ? "" : ", ");
        put_name(text, proxy, record, export->context->options);
        sgeo_text_append(text, ": {\"score\": ");
        put_number(text, score->value);
        put_member(text, "time", score->seconds_cpu);
        if (proxy->has_terms) {
            put_member(text, "term_zico", score->term_zico);
            put_member(text, "term_fr", score->term_fr);
            put_member(text, "term_loss", score->term_loss);
        }
        sgeo_text_append(text, "}");
    }
}

static const struct sgeo_truth_entry *truth_of(const struct sgeo_run_context *context,
                                               const struct sgeo_record *record)
{
    for (size_t t = 0; t < context->options->n_tasks; t++) {
        const struct sgeo_truth *truth = context->truths[t];
        if (context->options->tasks[t] == record->key.task) {
            return truth == NULL || truth->n == 0 ? NULL : sgeo_truth_find(truth, record->arch);
        }
    }
    return NULL;
}

static void put_accuracies(struct sgeo_text *text, const struct sgeo_truth_entry *truth)
{
    static const char *const names[] = {
        [SGEO_TRUTH_VAL] = "val_accuracy", [SGEO_TRUTH_TEST] = "test_accuracy"};
    for (size_t kind = 0; truth != NULL && kind < 2; kind++) {
        if (!isnan(truth->accuracy[kind])) {
            put_member(text, names[kind], truth->accuracy[kind]);
        }
    }
}

/* --- the file, an architecture a piece --- */

static void open_arch(struct sgeo_text *text, const struct export *export,
                      const struct sgeo_record *record, const char *key)
{
    const struct sgeo_task *task = record->key.task;
    const struct sgeo_task *last =
        export->at == 0 ? NULL : export->records[export->at - 1]->key.task;
    if (task != last) {
        sgeo_text_append(text, "%s\"%s\": {\n", last == NULL ? "{" : "\n},\n",
                         task->suite_dataset == NULL ? task->dataset : task->suite_dataset);
    }
    sgeo_text_append(text, "%s\"%s\": {", task == last ? ",\n" : "", key);
}

/* sgeo_file_piece: the next architecture. */
static bool put_arch(struct sgeo_text *text, void *context)
{
    struct export *export = context;
    const struct sgeo_record *first = export->records[export->at];
    struct sgeo_arch arch;
    char key[SGEO_ARCH_TEXT_MAX];
    export->status = export->space->decode(&arch, first->arch);
    if (export->status != SGEO_OK) {
        return false;
    }
    export->space->encode_naslib(key, &arch);
    open_arch(text, export, first, key);
    for (size_t i = export->at; i < export->n && same_arch(first, export->records[i]); i++) {
        bool again = i > export->at &&
                     sgeo_job_key_equal(&export->records[i - 1]->key, &export->records[i]->key);
        if (!again) {
            put_scores(text, export, export->records[i], i == export->at);
        }
    }
    put_accuracies(text, truth_of(export->context, first));
    while (export->at < export->n && same_arch(first, export->records[export->at])) {
        export->at++;
    }
    bool more = export->at < export->n;
    sgeo_text_append(text, "%s", more ? "}" : "}\n}}\n");
    return more;
}

static enum sgeo_status export_space(struct export *export, const struct sgeo_record *records,
                                     size_t n_records)
{
    char path[1024];
    export->n = export->at = 0;
    for (size_t r = 0; r < n_records; r++) {
        if (records[r].key.kind == SGEO_JOB_SCORE &&
            strcmp(records[r].key.task->space, export->space->name) == 0) {
            export->records[export->n++] = &records[r];
        }
    }
    if (export->n == 0) {
        return SGEO_OK;
    }
    qsort(export->records, export->n, sizeof *export->records, compare_records);
    snprintf(path, sizeof path, "%s/zc_%s.json", export->context->options->out,
             export->space->name);
    return sgeo_file_publish_pieces(path, put_arch, export, &export->status);
}

enum sgeo_status sgeo_zc_export(const struct sgeo_run_context *context,
                                const struct sgeo_record *records, size_t n_records)
{
    struct export export = {.context = context};
    export.records = sgeo_calloc(n_records + 1, sizeof *export.records);
    if (export.records == NULL) {
        return sgeo_fail_memory("records to export");
    }
    enum sgeo_status status = sgeo_directory_create(context->options->out);
    for (size_t s = 0; status == SGEO_OK && sgeo_space_all()[s] != NULL; s++) {
        export.space = sgeo_space_all()[s];
        status = export_space(&export, records, n_records);
    }
    sgeo_free(export.records);
    return status;
}
