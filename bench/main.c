/* bench_kernels: the kernels and a few whole steps, timed beside the roofs of this machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/fpenv.h"
#include "base/share.h"
#include "bench/gbench_shim.h"
#include "bench/options.h"
#include "bench/steps.h"
#include "bench/suite.h"

#define SGEO_BENCH_SCHEMA "1" /* of names and units: results of another one do not compare */

#define ROOF_SECONDS 0.02 /* of a timing */
#define ROOF_TIMINGS ((size_t)5)

/* What the bodies and the observer share. */
struct program {
    struct sgeo_bench_options options;
    struct sgeo_machine machine;
    struct sgeo_bench_pool pool;
    struct sgeo_roof_meter *meter; /* NULL: no roofs */
    struct sgeo_stopwatch stopwatch;
    struct sgeo_roofs roofs;
    bool has_roofs; /* they are measured */
    char shapes[4096];
    struct sgeo_bench_suite *suite;
    struct sgeo_bench_steps *steps;
    bool csv_failed; /* the first failure was reported */
};

/* --- results --- */

/* Row i of all, steps behind kernels; NULL behind the last. */
static struct sgeo_bench_row *row_at(const struct program *program, size_t i)
{
    size_t n = sgeo_bench_suite_count(program->suite);
    if (i < n)
        return &sgeo_bench_suite_at(program->suite, i)->row;
    return program->steps && i - n < sgeo_bench_steps_count(program->steps)
               ? &sgeo_bench_steps_at(program->steps, i - n)->row
               : NULL;
}

static enum sgeo_status publish_csv(const struct program *program)
{
    const struct sgeo_bench_report report = {&program->machine,
                                             program->has_roofs ? &program->roofs : NULL};
    struct sgeo_text csv = {0};
    const struct sgeo_bench_row *row;
    sgeo_bench_report_begin(&csv, &report);
    for (size_t i = 0; (row = row_at(program, i)) != NULL; i++)
        if (row->n > 0 || *row->failure != '\0')
            sgeo_bench_report_row(&csv, &report, row);
    enum sgeo_status status = csv.failed
                                  ? sgeo_fail_memory("the results")
                                  : sgeo_file_publish(program->options.csv, csv.bytes, csv.length);
    sgeo_text_clear(&csv);
    return status;
}

static void print_error(void)
{
    fprintf(stderr, "bench_kernels: %s\n", sgeo_error_text());
    if (*sgeo_error_hint() != '\0')
        fprintf(stderr, "hint: %s\n", sgeo_error_hint());
}

/* The file is whole after every case, so an interrupted run keeps what it measured. */
static void update_csv(struct program *program)
{
    if (!program->options.csv || program->csv_failed || publish_csv(program) == SGEO_OK)
        return;
    program->csv_failed = true;
    print_error();
}

static void observe(const struct sgeo_gbench_result *result, void *context)
{
    struct program *program = context;
    struct sgeo_bench_row *row = NULL;
    for (size_t i = 0; (row = row_at(program, i)) != NULL; i++)
        if (strcmp(row->name, result->name) == 0)
            break;
    if (row && *row->failure == '\0' &&
        sgeo_bench_row_add(row, result->seconds, result->calls) != SGEO_OK)
        print_error();
    update_csv(program);
}

/* --- bodies --- */

/* seconds: of a call, by the clock that the library reads too. */
static void put_counters(struct sgeo_gbench_state *state, const struct sgeo_bench_row *row,
                         double seconds)
{
    const struct sgeo_work *work = &row->work;
    double moved = row->limit.is_flops ? work->flops : work->line_bytes;
    double baseline = row->baseline ? sgeo_bench_row_seconds(row->baseline) : 0.0;
    if (work->flops > 0.0)
        sgeo_gbench_counter(state, "GFLOP/s", work->flops / seconds / 1e9);
    if (work->bytes > 0.0) {
        sgeo_gbench_counter(state, "GB/s", work->bytes / seconds / 1e9);
        sgeo_gbench_counter(state, "GB/s_lines", work->line_bytes / seconds / 1e9);
    }
    if (row->limit.value > 0.0)
        sgeo_gbench_counter(state, "%roof", 100.0 * moved / seconds / 1e9 / row->limit.value);
    if (baseline > 0.0 && row != row->baseline)
        sgeo_gbench_counter(state, "x_scalar", baseline / seconds);
}

static void run_kernel(struct sgeo_gbench_state *state, void *context)
{
    struct sgeo_bench_case *own = context;
    if (*own->row.failure != '\0' || sgeo_bench_case_prepare(own) != SGEO_OK) {
        sgeo_gbench_skip(state, own->row.failure);
        return;
    }
    size_t calls = sgeo_gbench_begin(state);
    double start = sgeo_thread_cpu_seconds();
    sgeo_bench_case_run(own, calls);
    double seconds = sgeo_thread_cpu_seconds() - start;
    sgeo_gbench_end(state);
    put_counters(state, &own->row, seconds / (double)calls);
}

static void run_step(struct sgeo_gbench_state *state, void *context)
{
    struct sgeo_bench_step *own = context;
    if (*own->row.failure != '\0' || sgeo_bench_step_prepare(own) != SGEO_OK) {
        sgeo_gbench_skip(state, own->row.failure);
        return;
    }
    size_t calls = sgeo_gbench_begin(state);
    double start = sgeo_thread_cpu_seconds();
    sgeo_bench_step_run(own, calls);
    double seconds = (sgeo_thread_cpu_seconds() - start) / (double)calls;
    sgeo_gbench_end(state);
    put_counters(state, &own->row, seconds);
    sgeo_gbench_counter(state, own->work.rate, own->work.amount / seconds);
    if (*own->row.failure != '\0')
        sgeo_gbench_skip(state, own->row.failure);
}

/* --- the run --- */

static bool is_timed(const struct program *program)
{
    return !program->options.list && program->options.n_calls == 0;
}

static bool needs_roofs(const struct program *program)
{
    return is_timed(program) && !program->options.no_roofs;
}

static enum sgeo_status open_meter(struct program *program)
{
    program->stopwatch = sgeo_stopwatch_of(sgeo_thread_cpu_seconds, ROOF_SECONDS, ROOF_TIMINGS);
    return sgeo_roof_meter_create(&program->meter, &program->machine, program->pool.touched_bytes,
                                  &program->stopwatch);
}

static enum sgeo_status measure_roofs(struct program *program)
{
    struct sgeo_text text = {0};
    enum sgeo_status status = sgeo_roof_meter_all(&program->roofs, program->meter);
    if (status != SGEO_OK)
        return status;
    program->has_roofs = true;
    sgeo_text_append(&text, "clock tick %.0f ns\n", 1e9 * program->stopwatch.tick);
    sgeo_roofs_print(&text, &program->roofs);
    fputs(text.failed ? "" : text.bytes, stderr);
    sgeo_text_clear(&text);
    update_csv(program);
    return SGEO_OK;
}

static enum sgeo_status put_number(const char *key, const char *format, double value)
{
    char text[64];
    snprintf(text, sizeof text, format, value);
    return sgeo_gbench_context(key, text);
}

/* What makes the JSON's numbers comparable with those of another run. */
static enum sgeo_status put_context(const struct program *program)
{
    const struct sgeo_machine *machine = &program->machine;
    struct sgeo_limit limit;
    enum sgeo_status status = sgeo_gbench_context("cpu", machine->cpu);
    if (status == SGEO_OK)
        status = sgeo_gbench_context("isa", sgeo_isa_name(sgeo_kernels_isa()));
    if (status == SGEO_OK)
        status = sgeo_gbench_context("schema", SGEO_BENCH_SCHEMA);
    if (status == SGEO_OK)
        status = sgeo_gbench_context("revision", machine->revision);
    if (status == SGEO_OK)
        status = sgeo_gbench_context("compiler", machine->compiler);
    if (status == SGEO_OK)
        status = sgeo_gbench_context("flags", machine->flags);
    if (status == SGEO_OK)
        status = put_number("cold_pool_bytes", "%.0f", (double)program->pool.touched_bytes);
    for (size_t i = 0;
         status == SGEO_OK && program->has_roofs && sgeo_roofs_at(&limit, &program->roofs, i);
         i++) {
        char key[48];
        snprintf(key, sizeof key, "roof_%s", limit.name);
        status = put_number(key, "%.4g", limit.value);
    }
    return status;
}

static enum sgeo_status find_shapes(struct program *program)
{
    if (!program->options.shapes)
        return sgeo_share_path(program->shapes, sizeof program->shapes,
                               program->options.gate ? "bench/gate" : "bench/shapes");
    snprintf(program->shapes, sizeof program->shapes, "%s", program->options.shapes);
    return SGEO_OK;
}

/* The roofs are measured when it is known that there is something to compare with them. */
static enum sgeo_status list_cases(struct program *program)
{
    const struct sgeo_roofs *roofs = program->meter ? &program->roofs : NULL;
    bool gate = program->options.gate;
    const struct sgeo_bench_suite_options options = {.shapes = program->shapes,
                                                     .pool = program->pool,
                                                     .roofs = roofs,
                                                     .meter = program->meter,
                                                     .with_ref = program->options.with_ref,
                                                     .is_gate = gate,
                                                     .slowdown = gate ? SGEO_SLOWDOWN : 0.0,
                                                     .unproven = program->options.n_calls > 0};
    enum sgeo_status status = sgeo_bench_suite_create(&program->suite, &options);
    if (status == SGEO_OK && !gate)
        status = sgeo_bench_steps_create(&program->steps, roofs, program->options.step);
    for (size_t i = 0; status == SGEO_OK && i < sgeo_bench_suite_count(program->suite); i++) {
        struct sgeo_bench_case *own = sgeo_bench_suite_at(program->suite, i);
        status = sgeo_gbench_add(own->name, run_kernel, own);
    }
    for (size_t i = 0; status == SGEO_OK && !gate && i < sgeo_bench_steps_count(program->steps);
         i++) {
        struct sgeo_bench_step *own = sgeo_bench_steps_at(program->steps, i);
        status = sgeo_gbench_add(own->name, run_step, own);
    }
    return status;
}

/* SGEO_USAGE when no case would run. */
static enum sgeo_status check_filter(const struct program *program)
{
    const struct sgeo_bench_row *row;
    enum sgeo_status status = SGEO_OK;
    bool selects = false;
    char filter[128];
    for (size_t i = 0; status == SGEO_OK && !selects && (row = row_at(program, i)) != NULL; i++)
        status = sgeo_gbench_selects(&selects, row->name);
    if (status != SGEO_OK || selects)
        return status;
    sgeo_gbench_filter(filter, sizeof filter);
    return sgeo_fail(SGEO_USAGE, "bench_kernels --benchmark_list_tests shows all names",
                     "no benchmark matches '%s'", filter);
}

/* The JSON's context without anything timed: what the counts were made with. */
static void print_setting(const struct program *program)
{
    printf("{\"context\":{\"cpu\":\"%s\",\"isa\":\"%s\",\"compiler\":\"%s\",\"schema\":\"%s\"},"
           "\"benchmarks\":[]}\n",
           program->machine.cpu, sgeo_isa_name(sgeo_kernels_isa()), program->machine.compiler,
           SGEO_BENCH_SCHEMA);
}

/* --calls: every case whose name is in the filter, a whole name or nothing. */
static enum sgeo_status call_cases(struct program *program)
{
    enum sgeo_status status = SGEO_OK;
    for (size_t i = 0; status == SGEO_OK && i < sgeo_bench_suite_count(program->suite); i++) {
        struct sgeo_bench_case *own = sgeo_bench_suite_at(program->suite, i);
        bool selects = false;
        status = sgeo_gbench_selects(&selects, own->name);
        if (status != SGEO_OK || !selects)
            continue;
        status = sgeo_bench_case_prepare(own);
        if (status == SGEO_OK)
            sgeo_bench_case_run(own, (size_t)program->options.n_calls);
    }
    print_setting(program);
    return status;
}

static enum sgeo_status judge(const struct program *program, size_t n_run)
{
    const struct sgeo_bench_row *row;
    size_t failures = 0;
    for (size_t i = 0; (row = row_at(program, i)) != NULL; i++)
        failures += *row->failure != '\0';
    if (n_run == 0)
        return sgeo_fail(SGEO_USAGE, "--benchmark_list_tests shows all", "no benchmark matches");
    if (failures > 0)
        return sgeo_fail(SGEO_CHECK_FAILED, NULL, "%zu of %zu benchmarks could not be timed",
                         failures, n_run);
    return program->csv_failed ? SGEO_IO : SGEO_OK;
}

static enum sgeo_status run(struct program *program)
{
    size_t n_run = 0;
    sgeo_machine_describe(&program->machine);
    program->pool = sgeo_bench_pool_of(program->machine.l3_bytes);
    enum sgeo_status status = sgeo_kernels_select(getenv("SIGEO_ISA"));
    if (status == SGEO_OK)
        status = find_shapes(program);
    if (status == SGEO_OK)
        status = sgeo_onednn_cap_isa(sgeo_isa_name(sgeo_kernels_isa()));
    if (status == SGEO_OK)
        status = needs_roofs(program) ? open_meter(program) : SGEO_OK;
    if (status == SGEO_OK)
        status = list_cases(program);
    if (status == SGEO_OK)
        status = check_filter(program);
    if (status == SGEO_OK && program->options.n_calls > 0)
        return call_cases(program);
    if (status == SGEO_OK && is_timed(program) && program->options.csv)
        status = publish_csv(program); /* an unwritable file shows before anything is measured */
    if (status == SGEO_OK && needs_roofs(program))
        status = measure_roofs(program);
    if (status == SGEO_OK)
        status = put_context(program);
    if (status == SGEO_OK)
        status = sgeo_gbench_run(&n_run, observe, program);
    return status == SGEO_OK ? judge(program, n_run) : status;
}

static enum sgeo_status start(struct program *program, int argc, char **argv)
{
    enum sgeo_status status =
        sgeo_bench_options_parse(&program->options, &argc, argv, SGEO_GBENCH_UNITS);
    if (status != SGEO_OK)
        return status;
    if (program->options.help) {
        fputs(sgeo_bench_usage, stdout);
        sgeo_gbench_print_help();
        return SGEO_OK;
    }
    if (program->options.version) {
        printf("bench_kernels %s\n", SGEO_VERSION);
        return SGEO_OK;
    }
    status = sgeo_gbench_start(&argc, argv);
    if (status == SGEO_OK && argc > 1)
        return sgeo_fail(SGEO_USAGE, "see --help", "unknown option '%s'", argv[1]);
    return status == SGEO_OK ? run(program) : status;
}

int main(int argc, char **argv)
{
    static struct program program;
    sgeo_fpenv_flush_denormals();
    enum sgeo_status status = start(&program, argc, argv);
    if (status != SGEO_OK)
        print_error();
    sgeo_bench_steps_destroy(program.steps);
    sgeo_bench_suite_destroy(program.suite);
    sgeo_roof_meter_destroy(program.meter);
    return (int)status;
}
