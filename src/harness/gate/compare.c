#include "harness/gate/compare.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/memory.h"
#include "harness/gate/counts.h"
#include "harness/gate/filter.h"
#include "harness/gate/verdict.h"

#define DEFAULT_ROUNDS ((size_t)12)
#define PATH_BYTES     ((size_t)1024)
#define ROUNDS_CSV     "rounds.csv"

/* Of the splits behind the floors: the same rounds give the same floors. */
#define CALIBRATION_SEED UINT64_C(1)

/* --- the two sides --- */

struct comparison {
    const struct sgeo_gate_request *request;
    struct sgeo_gate_samples sides[2], floors;
    struct sgeo_gate_rule rule;
    bool is_saved;             /* rounds that were measured before */
    char paths[2][PATH_BYTES]; /* of their files, or of the programs */
};

static void clear_comparison(struct comparison *comparison)
{
    sgeo_gate_samples_clear(&comparison->sides[0]);
    sgeo_gate_samples_clear(&comparison->sides[1]);
    sgeo_gate_samples_clear(&comparison->floors);
}

/* Whether `subject` is saved rounds; their file in `path` then, or else the program. A name without
 * a folder is that of a file here, as stat has it, not of a program on the PATH. */
static enum sgeo_status find_side(bool *is_saved, char path[PATH_BYTES], const char *subject)
{
    struct stat about;
    if (stat(subject, &about) != 0) {
        return sgeo_fail(SGEO_IO, "a bench_kernels, a rounds.csv or a folder with one",
                         "there is no %s", subject);
    }
    const char *format = S_ISDIR(about.st_mode)         ? "%s/" ROUNDS_CSV
                         : strchr(subject, '/') == NULL ? "./%s"
                                                        : "%s";
    *is_saved = S_ISDIR(about.st_mode) || access(subject, X_OK) != 0;
    return snprintf(path, PATH_BYTES, format, subject) < (int)PATH_BYTES
               ? SGEO_OK
               : sgeo_fail(SGEO_USAGE, NULL, "the path is too long: %s", subject);
}

static enum sgeo_status measure(struct sgeo_gate_samples sides[2], const char *base,
                                const char *candidate, const struct sgeo_gate_request *request,
                                const char *filter)
{
    struct sgeo_gate_plan plan = {.programs = {base, candidate},
                                  .filter = filter,
                                  .rounds = request->rounds == 0 ? DEFAULT_ROUNDS : request->rounds,
                                  .progress = request->progress,
                                  .progress_context = request->progress_context};
    return request->count_instructions ? sgeo_gate_count_all(sides, &plan)
                                       : sgeo_gate_measure(sides, &plan);
}

/* Whether the sides are programs or saved rounds, and so the rule. */
static enum sgeo_status find_sides(struct comparison *comparison)
{
    const struct sgeo_gate_request *request = comparison->request;
    bool is_saved[2] = {false, false};
    enum sgeo_status status = find_side(&is_saved[0], comparison->paths[0], request->base);
    if (status == SGEO_OK) {
        status = find_side(&is_saved[1], comparison->paths[1], request->candidate);
    }
    if (status == SGEO_OK && is_saved[0] != is_saved[1]) {
        status = sgeo_fail(SGEO_USAGE, "compare two programs, or two sets of saved rounds",
                           "%s and %s are of different kinds", request->base, request->candidate);
    }
    comparison->is_saved = is_saved[0];
    comparison->rule = sgeo_gate_rule_defaults();
    comparison->rule.side_by_side = !is_saved[0];
    return status;
}

static enum sgeo_status measure_paths(struct sgeo_gate_samples sides[2],
                                      const struct comparison *comparison, const char *filter)
{
    return measure(sides, comparison->paths[0], comparison->paths[1], comparison->request, filter);
}

static enum sgeo_status open_sides(struct comparison *comparison)
{
    struct sgeo_gate_samples *sides = comparison->sides;
    if (!comparison->is_saved) {
        return measure_paths(sides, comparison, SGEO_GATE_ALL);
    }
    enum sgeo_status status = SGEO_OK;
    for (size_t side = 0; status == SGEO_OK && side < 2; side++) {
        status = sgeo_gate_samples_read(&sides[side], comparison->paths[side]);
    }
    return status == SGEO_OK ? sgeo_gate_same_setting(&sides[0].setting, &sides[1].setting)
                             : status;
}

static enum sgeo_status open_floors(struct comparison *comparison)
{
    struct sgeo_gate_samples rounds = {.n = 0};
    char path[PATH_BYTES];
    if (comparison->request->calibration == NULL) {
        return SGEO_OK;
    }
    snprintf(path, sizeof path, "%s/" ROUNDS_CSV, comparison->request->calibration);
    enum sgeo_status status = sgeo_gate_samples_read(&rounds, path);
    if (status == SGEO_OK) {
        status = sgeo_gate_calibrate(&comparison->floors, &rounds, comparison->rule.side_by_side,
                                     CALIBRATION_SEED);
    }
    sgeo_gate_samples_clear(&rounds);
    comparison->rule.floors = &comparison->floors;
    return status;
}

/* Noise that was measured on another machine, or otherwise, says nothing about these rounds. Counts
 * have none. */
static enum sgeo_status check_floors(const struct comparison *comparison)
{
    const struct sgeo_gate_setting *setting = &comparison->sides[0].setting;
    const char *calibration = comparison->request->calibration;
    if (calibration == NULL || strcmp(setting->metric, SGEO_GATE_INSTRUCTIONS) == 0) {
        return SGEO_OK;
    }
    enum sgeo_status status = sgeo_gate_same_setting(&comparison->floors.setting, setting);
    return status == SGEO_OK
               ? SGEO_OK
               : sgeo_fail(status, "calibrate anew: --calibrate=PROGRAM --out DIR",
                           "calibration %s and rounds: %s", calibration, sgeo_error_text());
}

/* --- the confirming pass --- */

static bool is_change(enum sgeo_gate_verdict verdict)
{
    return verdict == SGEO_GATE_REGRESSED || verdict == SGEO_GATE_IMPROVED;
}

/* What the second judgement does not repeat was no change. */
static void keep_confirmed(struct sgeo_gate_report *report, const struct sgeo_gate_report *again)
{
    for (size_t i = 0; i < report->n; i++) {
        struct sgeo_gate_row *row = &report->rows[i];
        bool confirmed = !is_change(row->verdict);
        for (size_t j = 0; !confirmed && j < again->n; j++) {
            confirmed = strcmp(again->rows[j].bench, row->bench) == 0 &&
                        again->rows[j].verdict == row->verdict;
        }
        row->verdict = confirmed ? row->verdict : SGEO_GATE_INCONCLUSIVE;
    }
}

/* Measure the benches that seem to have changed once more, in fresh rounds; saved ones and counts
 * would only repeat themselves. */
static enum sgeo_status confirm(struct sgeo_gate_report *report,
                                const struct comparison *comparison)
{
    struct sgeo_gate_samples fresh[2] = {{.n = 0}, {.n = 0}};
    struct sgeo_gate_report again = {0};
    struct sgeo_text suspects = {0};
    for (size_t i = 0; i < report->n; i++) {
        if (is_change(report->rows[i].verdict)) {
            sgeo_gate_filter_add(&suspects, report->rows[i].bench);
        }
    }
    bool repeats = comparison->is_saved || comparison->request->count_instructions;
    if (suspects.length == 0 || repeats) {
        sgeo_text_clear(&suspects);
        return SGEO_OK;
    }
    sgeo_gate_filter_close(&suspects);
    enum sgeo_status status = suspects.failed ? sgeo_fail_memory("confirming pass")
                                              : measure_paths(fresh, comparison, suspects.bytes);
    status = status == SGEO_OK ? sgeo_gate_judge(&again, &fresh[0], &fresh[1], &comparison->rule)
                               : status;
    if (status == SGEO_OK) {
        keep_confirmed(report, &again);
    }
    sgeo_gate_report_clear(&again);
    sgeo_gate_samples_clear(&fresh[0]);
    sgeo_gate_samples_clear(&fresh[1]);
    sgeo_text_clear(&suspects);
    return status;
}

/* --- the report --- */

static void append_rows(struct sgeo_text *csv, const struct sgeo_gate_report *report)
{
    sgeo_text_append(csv, "bench,verdict,ratio,ci_low,ci_high,p_holm,threshold,base,"
                          "candidate,base_rounds,candidate_rounds\n");
    for (size_t i = 0; i < report->n; i++) {
        const struct sgeo_gate_row *row = &report->rows[i];
        const double numbers[] = {row->ratio,     row->low,  row->high,     row->p,
                                  row->threshold, row->base, row->candidate};
        sgeo_csv_put(csv, row->bench);
        sgeo_csv_put(csv, sgeo_gate_verdict_name(row->verdict));
        for (size_t j = 0; j < sizeof numbers / sizeof *numbers; j++) {
            sgeo_csv_put_double(csv, numbers[j]);
        }
        sgeo_csv_put_size(csv, row->n_base);
        sgeo_csv_put_size(csv, row->n_candidate);
        sgeo_csv_end_row(csv);
    }
}

static enum sgeo_status publish_in(const char *folder, const char *name,
                                   const struct sgeo_text *text)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return sgeo_file_publish(path, text->bytes, text->length);
}

static enum sgeo_status publish_samples_in(const char *folder, const char *name,
                                           const struct sgeo_gate_samples *samples)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return sgeo_gate_samples_publish(samples, path);
}

static enum sgeo_status publish(const struct comparison *comparison, const struct sgeo_text *csv)
{
    const char *out = comparison->request->out;
    enum sgeo_status status = sgeo_directory_create(out);
    status =
        status == SGEO_OK ? publish_samples_in(out, "base.csv", &comparison->sides[0]) : status;
    status = status == SGEO_OK ? publish_samples_in(out, "candidate.csv", &comparison->sides[1])
                               : status;
    return status == SGEO_OK ? publish_in(out, "verdicts.csv", csv) : status;
}

/* The exit code of a report, with the worst bench in the error's text. */
static enum sgeo_status conclude(const struct sgeo_gate_report *report)
{
    static const struct {
        enum sgeo_gate_verdict verdict;
        enum sgeo_status status;
        const char *hint;
    } worst_first[] = {
        {SGEO_GATE_REGRESSED, SGEO_CHECK_FAILED, "the rows say by how much"},
        {SGEO_GATE_MISSING, SGEO_UNSUPPORTED, "the candidate lost a bench, or it was renamed"},
        {SGEO_GATE_INCONCLUSIVE, SGEO_UNSUPPORTED,
         "more rounds (--repeat), a calmer machine, or instruction counts"},
    };
    for (size_t w = 0; w < sizeof worst_first / sizeof *worst_first; w++) {
        size_t n = sgeo_gate_count(report, worst_first[w].verdict);
        if (n > 0) {
            return sgeo_fail(worst_first[w].status, worst_first[w].hint, "%zu of %zu benches %s", n,
                             report->n, sgeo_gate_verdict_name(worst_first[w].verdict));
        }
    }
    return SGEO_OK;
}

static enum sgeo_status report_all(const struct comparison *comparison,
                                   const struct sgeo_gate_report *report, sgeo_text_sink sink,
                                   void *sink_context)
{
    struct sgeo_text csv = {0};
    append_rows(&csv, report);
    enum sgeo_status status = csv.failed ? sgeo_fail_memory("gate report") : SGEO_OK;
    if (status == SGEO_OK) {
        sink(csv.bytes, sink_context);
    }
    if (status == SGEO_OK && comparison->request->out != NULL) {
        status = publish(comparison, &csv);
    }
    sgeo_text_clear(&csv);
    return status == SGEO_OK ? conclude(report) : status;
}

enum sgeo_status sgeo_gate_compare(const struct sgeo_gate_request *request, sgeo_text_sink sink,
                                   void *sink_context)
{
    struct comparison comparison = {.request = request};
    struct sgeo_gate_report report = {0};
    enum sgeo_status status = find_sides(&comparison);
    status = status == SGEO_OK ? open_floors(&comparison) : status;
    status = status == SGEO_OK ? open_sides(&comparison) : status;
    status = status == SGEO_OK ? check_floors(&comparison) : status;
    status = status == SGEO_OK ? sgeo_gate_judge(&report, &comparison.sides[0],
                                                 &comparison.sides[1], &comparison.rule)
                               : status;
    status = status == SGEO_OK ? confirm(&report, &comparison) : status;
    status = status == SGEO_OK ? report_all(&comparison, &report, sink, sink_context) : status;
    sgeo_gate_report_clear(&report);
    clear_comparison(&comparison);
    return status;
}

/* --- calibration --- */

static void append_floors(struct sgeo_text *csv, const struct sgeo_gate_samples *floors)
{
    sgeo_text_append(csv, "bench,floor\n");
    for (size_t b = 0; b < floors->n; b++) {
        sgeo_csv_put(csv, floors->benches[b].name);
        sgeo_csv_put_double(csv, floors->benches[b].values[0]);
        sgeo_csv_end_row(csv);
    }
}

/* All rounds of a program against itself in one set, those that were measured together in pairs. */
static enum sgeo_status pool_sides(struct sgeo_gate_samples *rounds,
                                   const struct sgeo_gate_samples sides[2])
{
    enum sgeo_status status = SGEO_OK;
    rounds->setting = sides[0].setting;
    for (size_t b = 0; b < sides[0].n; b++) {
        const struct sgeo_gate_bench *bench = &sides[0].benches[b];
        const struct sgeo_gate_bench *again = sgeo_gate_find(&sides[1], bench->name);
        if (again == NULL) {
            return sgeo_fail(SGEO_UNSUPPORTED, "measure fewer benches, or mend the program",
                             "the program does not measure %s every time", bench->name);
        }
        for (size_t r = 0; status == SGEO_OK && r < 2 * bench->n; r++) {
            status =
                sgeo_gate_add(rounds, bench->name, (r % 2 == 0 ? bench : again)->values[r / 2]);
        }
    }
    return status;
}

enum sgeo_status sgeo_gate_calibration(const struct sgeo_gate_request *request, sgeo_text_sink sink,
                                       void *sink_context)
{
    struct sgeo_gate_samples sides[2] = {{.n = 0}, {.n = 0}}, rounds = {.n = 0}, floors = {.n = 0};
    struct sgeo_text csv = {0};
    enum sgeo_status status = measure(sides, request->base, request->base, request, SGEO_GATE_ALL);
    status = status == SGEO_OK ? pool_sides(&rounds, sides) : status;
    status =
        status == SGEO_OK ? sgeo_gate_calibrate(&floors, &rounds, true, CALIBRATION_SEED) : status;
    status = status == SGEO_OK ? sgeo_directory_create(request->out) : status;
    status = status == SGEO_OK ? publish_samples_in(request->out, ROUNDS_CSV, &rounds) : status;
    if (status == SGEO_OK) {
        append_floors(&csv, &floors);
        status = csv.failed ? sgeo_fail_memory("calibration") : SGEO_OK;
    }
    if (status == SGEO_OK) {
        sink(csv.bytes, sink_context);
    }
    sgeo_text_clear(&csv);
    sgeo_gate_samples_clear(&floors);
    sgeo_gate_samples_clear(&rounds);
    sgeo_gate_samples_clear(&sides[0]);
    sgeo_gate_samples_clear(&sides[1]);
    return status;
}
