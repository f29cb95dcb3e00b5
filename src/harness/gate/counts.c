#include "harness/gate/counts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/process.h"
#include "harness/gate/filter.h"

/* bench_kernels --gate --calls=N makes its calls inside this function, measures nothing and prints
 * its setting only. */
#define CALLS         3
#define COUNTED       "--toggle-collect=sgeo_bench_case_run"
#define PROFILE_LIMIT ((size_t)64 << 20)

/* One program under the counter: a scratch file for its profiles. */
struct counter {
    const char *program;
    char profile[64];
};

static enum sgeo_status open_counter(struct counter *counter, const char *program)
{
    const char *const argv[] = {"valgrind", "--version", NULL};
    struct sgeo_text version = {0};
    enum sgeo_status status = sgeo_process_capture(&version, argv);
    sgeo_text_clear(&version);
    if (status != SGEO_OK) {
        return sgeo_fail(SGEO_UNSUPPORTED, "apt-get install valgrind",
                         "instructions are counted by valgrind, which is not there");
    }
    *counter = (struct counter){.program = program, .profile = "/tmp/sgeo-callgrind-XXXXXX"};
    int file = mkstemp(counter->profile);
    return file >= 0 && close(file) == 0
               ? SGEO_OK
               : sgeo_fail(SGEO_IO, NULL, "cannot create %s", counter->profile);
}

/* The instructions of a profile: the number behind `summary:` or `totals:`. */
static enum sgeo_status read_profile(double *instructions, const struct counter *counter)
{
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    enum sgeo_status status = sgeo_file_read(counter->profile, PROFILE_LIMIT, &bytes, &n_bytes);
    if (status != SGEO_OK) {
        return status;
    }
    const char *text = (const char *)bytes, *line = strstr(text, "\nsummary: ");
    line = line == NULL ? strstr(text, "\ntotals: ") : line;
    const char *number = line == NULL ? NULL : strchr(line, ' ');
    *instructions = number == NULL ? 0.0 : strtod(number, NULL);
    sgeo_free(bytes);
    return *instructions > 0.0
               ? SGEO_OK
               : sgeo_fail(SGEO_IO, NULL, "no instruction of %s was counted", counter->program);
}

/* The setting that the program printed, but for the metric. */
static enum sgeo_status take_setting(struct sgeo_gate_samples *samples,
                                     const struct sgeo_text *output)
{
    enum sgeo_status status =
        sgeo_gate_read_setting(&samples->setting, output->bytes == NULL ? "" : output->bytes);
    snprintf(samples->setting.metric, sizeof samples->setting.metric, SGEO_GATE_INSTRUCTIONS);
    return status;
}

/* --benchmark_filter=REGEX that the whole name of one bench matches. */
static enum sgeo_status make_filter(struct sgeo_text *argument, const char *bench)
{
    struct sgeo_text pattern = {0};
    sgeo_gate_filter_add(&pattern, bench);
    sgeo_gate_filter_close(&pattern);
    if (!pattern.failed) {
        sgeo_text_append(argument, "--benchmark_filter=%s", pattern.bytes);
    }
    enum sgeo_status status =
        pattern.failed || argument->failed ? sgeo_fail_memory("bench filter") : SGEO_OK;
    sgeo_text_clear(&pattern);
    return status;
}

static enum sgeo_status count_bench(struct sgeo_gate_samples *samples,
                                    const struct counter *counter, const char *bench)
{
    struct sgeo_text out = {0}, filter = {0}, calls = {0}, output = {0};
    double instructions = 0.0;
    sgeo_text_append(&out, "--callgrind-out-file=%s", counter->profile);
    enum sgeo_status status = make_filter(&filter, bench);
    sgeo_text_append(&calls, "--calls=%d", CALLS);
    const char *const argv[] = {
        "valgrind",       "--tool=callgrind", "--quiet",    COUNTED,     out.bytes,
        counter->program, "--gate",           filter.bytes, calls.bytes, NULL};
    if (status == SGEO_OK) {
        status = out.failed || calls.failed ? sgeo_fail_memory("instruction count")
                                            : sgeo_process_capture(&output, argv);
    }
    status = status == SGEO_OK ? take_setting(samples, &output) : status;
    status = status == SGEO_OK ? read_profile(&instructions, counter) : status;
    status = status == SGEO_OK ? sgeo_gate_add(samples, bench, instructions / CALLS) : status;
    sgeo_text_clear(&out);
    sgeo_text_clear(&filter);
    sgeo_text_clear(&calls);
    sgeo_text_clear(&output);
    return status;
}

static enum sgeo_status list_benches(struct sgeo_text *names, const char *program,
                                     const char *filter)
{
    struct sgeo_text argument = {0};
    sgeo_text_append(&argument, "--benchmark_filter=%s", filter);
    const char *const argv[] = {program, "--gate", argument.bytes, "--benchmark_list_tests=true",
                                NULL};
    enum sgeo_status status =
        argument.failed ? sgeo_fail_memory("bench filter") : sgeo_process_capture(names, argv);
    sgeo_text_clear(&argument);
    return status;
}

static enum sgeo_status count_program(struct sgeo_gate_samples *samples,
                                      const struct sgeo_gate_plan *plan, const char *program)
{
    struct counter counter;
    struct sgeo_text names = {0};
    char *rest = NULL;
    enum sgeo_status status = list_benches(&names, program, plan->filter);
    status = status == SGEO_OK ? open_counter(&counter, program) : status;
    if (status != SGEO_OK) {
        sgeo_text_clear(&names);
        return status;
    }
    for (char *name = strtok_r(names.bytes, "\n", &rest); status == SGEO_OK && name != NULL;
         name = strtok_r(NULL, "\n", &rest)) {
        status = count_bench(samples, &counter, name);
    }
    if (status == SGEO_OK && samples->n == 0) {
        status = sgeo_fail(SGEO_IO, "does the filter match a bench?", "nothing was counted");
    }
    unlink(counter.profile);
    sgeo_text_clear(&names);
    return status;
}

enum sgeo_status sgeo_gate_count_all(struct sgeo_gate_samples sides[2],
                                     const struct sgeo_gate_plan *plan)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t side = 0; status == SGEO_OK && side < 2; side++) {
        status = count_program(&sides[side], plan, plan->programs[side]);
    }
    return status == SGEO_OK ? sgeo_gate_same_setting(&sides[0].setting, &sides[1].setting)
                             : status;
}
