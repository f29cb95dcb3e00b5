#include "harness/gate/samples.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/memory.h"
#include "stats/robust.h"

void sgeo_gate_samples_clear(struct sgeo_gate_samples *samples)
{
    for (size_t b = 0; b < samples->n; b++) {
        sgeo_free(samples->benches[b].name);
        sgeo_free(samples->benches[b].values);
    }
    sgeo_free(samples->benches);
    *samples = (struct sgeo_gate_samples){0};
}

static struct sgeo_gate_bench *find(const struct sgeo_gate_samples *samples, const char *name)
{
    for (size_t b = 0; b < samples->n; b++) {
        if (strcmp(samples->benches[b].name, name) == 0) {
            return &samples->benches[b];
        }
    }
    return NULL;
}

const struct sgeo_gate_bench *sgeo_gate_find(const struct sgeo_gate_samples *samples,
                                             const char *name)
{
    return find(samples, name);
}

/* Room for one more element of a growing array; the old block stays on failure. */
static bool make_room(void **block, size_t n, size_t *capacity, size_t size)
{
    if (n < *capacity) {
        return true;
    }
    size_t more = n == 0 ? 16 : 2 * n;
    void *grown = sgeo_grow(*block, n, more, size);
    if (grown == NULL) {
        return false;
    }
    *block = grown;
    *capacity = more;
    return true;
}

static struct sgeo_gate_bench *add_bench(struct sgeo_gate_samples *samples, const char *name)
{
    void *benches = samples->benches;
    bool room = make_room(&benches, samples->n, &samples->capacity, sizeof *samples->benches);
    samples->benches = benches;
    char *copy = room ? sgeo_strdup(name) : NULL;
    if (copy == NULL) {
        return NULL;
    }
    samples->benches[samples->n] = (struct sgeo_gate_bench){.name = copy};
    return &samples->benches[samples->n++];
}

enum sgeo_status sgeo_gate_add(struct sgeo_gate_samples *samples, const char *name, double value)
{
    struct sgeo_gate_bench *bench = find(samples, name);
    bench = bench != NULL ? bench : add_bench(samples, name);
    if (bench == NULL) {
        return sgeo_fail_memory("benches");
    }
    void *values = bench->values;
    bool room = make_room(&values, bench->n, &bench->capacity, sizeof *bench->values);
    bench->values = values;
    if (!room) {
        return sgeo_fail_memory("rounds of a bench");
    }
    bench->values[bench->n++] = value;
    return SGEO_OK;
}

/* --- settings --- */

/* The facts of a setting by name, in the order in which they are compared and written. */
enum { FACTS = 5, METRIC = 0 };
static const char *const fact_names[FACTS] = {
    [METRIC] = "metric", "cpu", "isa", "compiler", "schema"};

static const char *fact(const struct sgeo_gate_setting *setting, size_t i)
{
    const char *const facts[FACTS] = {setting->metric, setting->cpu, setting->isa,
                                      setting->compiler, setting->schema};
    return facts[i];
}

static bool set_fact(struct sgeo_gate_setting *setting, size_t i, const char *value)
{
    char *const facts[FACTS] = {setting->metric, setting->cpu, setting->isa, setting->compiler,
                                setting->schema};
    const size_t capacities[FACTS] = {sizeof setting->metric, sizeof setting->cpu,
                                      sizeof setting->isa, sizeof setting->compiler,
                                      sizeof setting->schema};
    return value != NULL && snprintf(facts[i], capacities[i], "%s", value) < (int)capacities[i];
}

enum sgeo_status sgeo_gate_same_setting(const struct sgeo_gate_setting *base,
                                        const struct sgeo_gate_setting *candidate)
{
    for (size_t i = 0; i < FACTS; i++) {
        if (strcmp(fact(base, i), fact(candidate, i)) != 0) {
            return sgeo_fail(SGEO_UNSUPPORTED, "measure both sides in one setting",
                             "the two sides differ in %s: %s and %s", fact_names[i], fact(base, i),
                             fact(candidate, i));
        }
    }
    return SGEO_OK;
}

/* Take the setting of a round; later rounds of the same samples must agree. */
static enum sgeo_status agree(struct sgeo_gate_samples *samples,
                              const struct sgeo_gate_setting *setting)
{
    if (samples->n > 0) {
        return sgeo_gate_same_setting(&samples->setting, setting);
    }
    samples->setting = *setting;
    return SGEO_OK;
}

/* --- one process --- */

static double seconds_of(const char *unit)
{
    return unit == NULL              ? (double)NAN
           : strcmp(unit, "ns") == 0 ? 1e-9
           : strcmp(unit, "us") == 0 ? 1e-6
           : strcmp(unit, "ms") == 0 ? 1e-3
           : strcmp(unit, "s") == 0  ? 1.0
                                     : (double)NAN;
}

/* Every repetition as a round of `repetitions`. */
static enum sgeo_status add_repetition(struct sgeo_gate_samples *repetitions, const json_t *entry)
{
    const char *kind = json_string_value(json_object_get(entry, "run_type"));
    const char *name = json_string_value(json_object_get(entry, "run_name"));
    if (kind == NULL || name == NULL) {
        return sgeo_fail(SGEO_IO, NULL, "a bench without run_type or run_name");
    }
    if (strcmp(kind, "iteration") != 0) {
        return SGEO_OK; /* an aggregate of the repetitions */
    }
    if (json_is_true(json_object_get(entry, "error_occurred"))) {
        const char *why = json_string_value(json_object_get(entry, "error_message"));
        return sgeo_fail(SGEO_IO, "run bench_kernels by hand", "bench %s failed: %s", name,
                         why == NULL ? "no reason given" : why);
    }
    double value = json_number_value(json_object_get(entry, "cpu_time")) *
                   seconds_of(json_string_value(json_object_get(entry, "time_unit")));
    if (!(value > 0.0) || !isfinite(value)) {
        return sgeo_fail(SGEO_IO, NULL, "bench %s took no time that can be compared", name);
    }
    return sgeo_gate_add(repetitions, name, value);
}

static enum sgeo_status read_setting(struct sgeo_gate_setting *setting, const json_t *root)
{
    const json_t *context = json_object_get(root, "context");
    set_fact(setting, METRIC, SGEO_GATE_SECONDS);
    for (size_t i = METRIC + 1; i < FACTS; i++) {
        const json_t *value = json_object_get(context, fact_names[i]);
        if (!set_fact(setting, i, json_string_value(value))) {
            return sgeo_fail(SGEO_IO, "is it a bench_kernels of this project?",
                             "the benches do not say their %s", fact_names[i]);
        }
    }
    return SGEO_OK;
}

static enum sgeo_status add_medians(struct sgeo_gate_samples *samples,
                                    const struct sgeo_gate_samples *repetitions)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t b = 0; status == SGEO_OK && b < repetitions->n; b++) {
        const struct sgeo_gate_bench *bench = &repetitions->benches[b];
        double median = 0.0;
        status = sgeo_median(&median, (struct sgeo_column){bench->values, bench->n});
        if (status == SGEO_OK) {
            status = sgeo_gate_add(samples, bench->name, median);
        }
    }
    return status;
}

static enum sgeo_status add_root(struct sgeo_gate_samples *samples, const json_t *root)
{
    struct sgeo_gate_samples repetitions = {0};
    const json_t *benches = json_object_get(root, "benchmarks");
    enum sgeo_status status = read_setting(&repetitions.setting, root);
    for (size_t i = 0; status == SGEO_OK && i < json_array_size(benches); i++) {
        status = add_repetition(&repetitions, json_array_get(benches, i));
    }
    if (status == SGEO_OK && repetitions.n == 0) {
        status = sgeo_fail(SGEO_IO, "does the filter match a bench?", "nothing was measured");
    }
    if (status == SGEO_OK) {
        status = agree(samples, &repetitions.setting);
    }
    if (status == SGEO_OK) {
        status = add_medians(samples, &repetitions);
    }
    sgeo_gate_samples_clear(&repetitions);
    return status;
}

static enum sgeo_status parse(json_t **root, const char *json)
{
    json_error_t error;
    *root = json_loads(json, 0, &error);
    return *root != NULL ? SGEO_OK
                         : sgeo_fail(SGEO_IO, "is it a bench_kernels?",
                                     "benches in no JSON: line %d, %s", error.line, error.text);
}

enum sgeo_status sgeo_gate_add_process(struct sgeo_gate_samples *samples, const char *json)
{
    json_t *root;
    enum sgeo_status status = parse(&root, json);
    status = status == SGEO_OK ? add_root(samples, root) : status;
    json_decref(root);
    return status;
}

enum sgeo_status sgeo_gate_read_setting(struct sgeo_gate_setting *setting, const char *json)
{
    json_t *root;
    enum sgeo_status status = parse(&root, json);
    status = status == SGEO_OK ? read_setting(setting, root) : status;
    json_decref(root);
    return status;
}

/* --- files --- */

enum sgeo_status sgeo_gate_samples_publish(const struct sgeo_gate_samples *samples,
                                           const char *path)
{
    struct sgeo_text csv = {0};
    sgeo_text_append(&csv, "bench,round,value,metric,cpu,isa,compiler,schema\n");
    for (size_t b = 0; b < samples->n; b++) {
        for (size_t r = 0; r < samples->benches[b].n; r++) {
            sgeo_csv_put(&csv, samples->benches[b].name);
            sgeo_csv_put_size(&csv, r);
            sgeo_csv_put_double(&csv, samples->benches[b].values[r]);
            for (size_t i = 0; i < FACTS; i++) {
                sgeo_csv_put(&csv, fact(&samples->setting, i));
            }
            sgeo_csv_end_row(&csv);
        }
    }
    enum sgeo_status status =
        csv.failed ? sgeo_fail_memory(path) : sgeo_file_publish(path, csv.bytes, csv.length);
    sgeo_text_clear(&csv);
    return status;
}

/* Columns of a rounds file. */
struct columns {
    size_t bench, value, facts[FACTS];
};

static enum sgeo_status find_columns(struct columns *columns, const struct sgeo_csv *csv)
{
    size_t *const found[] = {&columns->bench, &columns->value};
    const char *const names[] = {"bench", "value"};
    for (size_t i = 0; i < FACTS + 2; i++) {
        size_t *column = i < 2 ? found[i] : &columns->facts[i - 2];
        const char *name = i < 2 ? names[i] : fact_names[i - 2];
        *column = sgeo_csv_column(csv, name);
        if (*column == SGEO_CSV_NONE) {
            return sgeo_fail(SGEO_IO, "results/schema.md describes rounds.csv",
                             "%s has no column %s", csv->path, name);
        }
    }
    return SGEO_OK;
}

static enum sgeo_status read_row(struct sgeo_gate_samples *samples, const struct sgeo_csv *csv,
                                 const struct columns *columns, size_t row)
{
    struct sgeo_gate_setting setting;
    double value;
    for (size_t i = 0; i < FACTS; i++) {
        if (!set_fact(&setting, i, sgeo_csv_cell(csv, row, columns->facts[i]))) {
            return sgeo_fail(SGEO_IO, NULL, "%s, line %zu: %s is too long", csv->path, row + 2,
                             fact_names[i]);
        }
    }
    const char *text = sgeo_csv_cell(csv, row, columns->value);
    if (!sgeo_parse_double(text, &value) || !(value > 0.0)) {
        return sgeo_fail(SGEO_IO, NULL, "%s, line %zu: no positive number: %s", csv->path, row + 2,
                         text);
    }
    enum sgeo_status status = agree(samples, &setting);
    return status != SGEO_OK
               ? status
               : sgeo_gate_add(samples, sgeo_csv_cell(csv, row, columns->bench), value);
}

enum sgeo_status sgeo_gate_samples_read(struct sgeo_gate_samples *samples, const char *path)
{
    struct sgeo_csv csv;
    struct columns columns = {0};
    enum sgeo_status status = sgeo_csv_read(&csv, path);
    if (status != SGEO_OK) {
        return status;
    }
    status = find_columns(&columns, &csv);
    for (size_t row = 0; status == SGEO_OK && row < csv.n_rows; row++) {
        status = read_row(samples, &csv, &columns, row);
    }
    if (status == SGEO_OK && samples->n == 0) {
        status = sgeo_fail(SGEO_IO, NULL, "%s holds no round", path);
    }
    sgeo_csv_clear(&csv);
    return status;
}
