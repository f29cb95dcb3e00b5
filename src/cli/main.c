#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "base/clock.h"
#include "base/fpenv.h"
#include "cli/arguments.h"
#include "cli/bench.h"
#include "cli/lists.h"
#include "cli/terminal.h"
#include "harness/check.h"
#include "harness/ctr_search.h"
#include "harness/ctr_task.h"
#include "harness/ctr_truth.h"
#include "harness/doctor.h"
#include "harness/figure.h"
#include "harness/gate/compare.h"
#include "harness/ranks.h"
#include "harness/score.h"
#include "harness/table.h"
#include "harness/task.h"
#include "harness/truth_training.h"
#include "harness/verify.h"
#include "kernels/dispatch/dispatch.h"

static enum sgeo_status run_verify(const struct sgeo_arguments *arguments)
{
    struct sgeo_verify_result result;
    enum sgeo_status status = sgeo_verify(&result, arguments->subject, arguments->options.executor,
                                          sgeo_terminal_out, NULL);
    if (result.passed + result.failed + result.skipped > 0) {
        fprintf(stderr, "%zu fields agree, %zu differ, %zu skipped (null, or not known here)\n",
                result.passed, result.failed, result.skipped);
    }
    return status;
}

/* With an instruction set by name its kernels only. */
static enum sgeo_status run_check(const struct sgeo_arguments *arguments)
{
    struct sgeo_check_result result;
    bool by_name = arguments->isa != NULL && strcmp(arguments->isa, "auto") != 0;
    const struct sgeo_check_seeds seeds = {arguments->options.seed, arguments->options.seeds};
    enum sgeo_status status =
        sgeo_check(&result, arguments->subject, by_name, seeds, sgeo_terminal_out, NULL);
    fprintf(stderr, "%zu kernels proven, %zu not\n", result.proven, result.failed);
    return status;
}

static enum sgeo_status train_clicks(const struct sgeo_arguments *arguments,
                                     const struct sgeo_ctr_task *task,
                                     struct sgeo_terminal_progress *progress)
{
    const struct sgeo_ctr_truth truth = {.task = task,
                                         .options = &arguments->options,
                                         .argc = arguments->argc,
                                         .argv = arguments->argv,
                                         .sink = sgeo_terminal_out,
                                         .progress = sgeo_terminal_progress,
                                         .progress_context = progress};
    return sgeo_ctr_truth_run(&truth);
}

static enum sgeo_status run_train_truth(const struct sgeo_arguments *arguments,
                                        struct sgeo_terminal_progress *progress)
{
    const struct sgeo_task *task = sgeo_task_find(arguments->subject);
    const struct sgeo_ctr_task *clicks = sgeo_ctr_task_find(arguments->subject);
    if (clicks != NULL) {
        return train_clicks(arguments, clicks, progress);
    }
    if (task == NULL || !task->embedded) {
        return sgeo_fail(SGEO_USAGE,
                         "nb201-fmnist, criteo, avazu and kdd12 are; others have published ground "
                         "truth",
                         "%s is no task whose ground truth is measured here", arguments->subject);
    }
    return sgeo_train_truth(&arguments->options, task, sgeo_terminal_out, NULL,
                            sgeo_terminal_progress, progress);
}

static enum sgeo_status run_search(const struct sgeo_arguments *arguments,
                                   struct sgeo_terminal_progress *progress)
{
    const struct sgeo_ctr_search search = {.space = arguments->subject,
                                           .method = arguments->by,
                                           .options = &arguments->options,
                                           .argv = arguments->argv,
                                           .argc = arguments->argc,
                                           .sink = sgeo_terminal_out,
                                           .warmup_progress = sgeo_terminal_progress,
                                           .progress = sgeo_terminal_progress,
                                           .progress_context = progress};
    return sgeo_ctr_search_run(&search);
}

static struct sgeo_gate_request gate_request(const struct sgeo_arguments *arguments,
                                             struct sgeo_terminal_progress *progress)
{
    return (struct sgeo_gate_request){.base = arguments->subject,
                                      .candidate = arguments->operands[0],
                                      .rounds = arguments->options.repeat,
                                      .count_instructions = arguments->count_instructions,
                                      .calibration = arguments->from,
                                      .out = arguments->options.out,
                                      .progress = sgeo_terminal_progress,
                                      .progress_context = progress};
}

static enum sgeo_status run_compare(const struct sgeo_arguments *arguments,
                                    struct sgeo_terminal_progress *progress)
{
    struct sgeo_gate_request request = gate_request(arguments, progress);
    return sgeo_gate_compare(&request, sgeo_terminal_out, NULL);
}

static enum sgeo_status run_calibrate(const struct sgeo_arguments *arguments,
                                      struct sgeo_terminal_progress *progress)
{
    struct sgeo_gate_request request = gate_request(arguments, progress);
    request.base = request.base == NULL ? sgeo_bench_path() : request.base;
    request.out = request.out == NULL ? "results/runs/calibration" : request.out;
    return sgeo_gate_calibration(&request, sgeo_terminal_out, NULL);
}

static enum sgeo_status run_compare_hardware(const struct sgeo_arguments *arguments)
{
    const char *folders[1 + SGEO_OPERANDS_MAX] = {arguments->subject};
    memcpy(folders + 1, arguments->operands, arguments->n_operands * sizeof *folders);
    return sgeo_compare_hardware(folders, 1 + arguments->n_operands, arguments->options.out,
                                 sgeo_terminal_out, NULL);
}

static enum sgeo_status run(const struct sgeo_arguments *arguments,
                            struct sgeo_terminal_progress *progress)
{
    switch (arguments->mode) {
    case SGEO_MODE_TABLE:
        return sgeo_table_run(arguments->subject, &arguments->options, arguments->from,
                              arguments->argc, arguments->argv, sgeo_terminal_out,
                              sgeo_terminal_progress, progress);
    case SGEO_MODE_FIGURE:
        return sgeo_figure_run(arguments->subject, &arguments->options, arguments->from,
                               arguments->argc, arguments->argv, sgeo_terminal_out,
                               sgeo_terminal_progress, progress);
    case SGEO_MODE_SCORE:
        return sgeo_score(&arguments->options, arguments->subject, stdin, sgeo_terminal_out, NULL);
    case SGEO_MODE_TRAIN_TRUTH:
        return run_train_truth(arguments, progress);
    case SGEO_MODE_SEARCH:
        return run_search(arguments, progress);
    case SGEO_MODE_VERIFY:
        return run_verify(arguments);
    case SGEO_MODE_CHECK:
        return run_check(arguments);
    case SGEO_MODE_COMPARE_HARDWARE:
        return run_compare_hardware(arguments);
    case SGEO_MODE_DOCTOR:
        return sgeo_doctor(&arguments->options, sgeo_terminal_out, NULL);
    case SGEO_MODE_LIST:
        return sgeo_list(arguments->subject);
    case SGEO_MODE_COMPARE:
        return run_compare(arguments, progress);
    case SGEO_MODE_CALIBRATE:
        return run_calibrate(arguments, progress);
    case SGEO_MODE_HELP:
        sgeo_arguments_help(stdout);
        return SGEO_OK;
    case SGEO_MODE_BENCH: /* is another program by now */
    case SGEO_MODE_VERSION:
    case SGEO_MODE_NONE:
        break;
    }
    printf("bench_sigeo %s\n", SGEO_VERSION);
    return SGEO_OK;
}

/* For --verbose: what was chosen, and why not better. */
static void log_isa(void)
{
    struct sgeo_cpu cpu;
    enum sgeo_isa better[SGEO_ISA_COUNT];
    size_t n_better = sgeo_isa_better(better, sgeo_kernels_isa());
    sgeo_cpu_detect(&cpu);
    for (size_t i = 0; i < n_better; i++) {
        const char *why = sgeo_isa_refusal(&cpu, better[i]);
        sgeo_log(SGEO_LOG_DEBUG, "kernels %s refused: %s", sgeo_isa_name(better[i]),
                 why == NULL ? "another was asked for" : why);
    }
    const char *onednn, *onednn_isa;
    sgeo_onednn_describe(&onednn, &onednn_isa);
    sgeo_log(SGEO_LOG_DEBUG, "kernels %s, oneDNN %s with %s", sgeo_isa_name(sgeo_kernels_isa()),
             onednn, onednn_isa);
}

/* Kernels and oneDNN agree on the instruction set before anything runs. */
static enum sgeo_status select_isa(const struct sgeo_arguments *arguments)
{
    enum sgeo_status status = sgeo_kernels_select(arguments->isa);
    if (status == SGEO_OK) {
        status = sgeo_onednn_cap_isa(sgeo_isa_name(sgeo_kernels_isa()));
    }
    if (status == SGEO_OK) {
        log_isa();
    }
    return status;
}

/* bench_kernels, which several modes run, reads there what --isa says. */
static enum sgeo_status hand_on_isa(const struct sgeo_arguments *arguments)
{
    return arguments->isa == NULL || setenv("SIGEO_ISA", arguments->isa, 1) == 0
               ? SGEO_OK
               : sgeo_fail_memory("the environment");
}

int main(int argc, char **argv)
{
    static struct sgeo_arguments arguments;
    sgeo_terminal_catch_interrupts();
    sgeo_fpenv_flush_denormals();
    sgeo_log_set_sink(sgeo_terminal_log, SGEO_LOG_INFO, NULL);
    enum sgeo_status status = sgeo_arguments_parse(&arguments, argc, argv);
    if (arguments.options.verbose) {
        sgeo_log_set_sink(sgeo_terminal_log, SGEO_LOG_DEBUG, NULL);
    }
    if (status == SGEO_OK) {
        status = hand_on_isa(&arguments);
    }
    if (status == SGEO_OK && arguments.mode == SGEO_MODE_BENCH) {
        status = sgeo_bench_become(arguments.subject, arguments.options.out);
    }
    if (status == SGEO_OK) {
        status = select_isa(&arguments);
    }
    if (status == SGEO_OK) {
        status = sgeo_ranks_start(arguments.under_mpirun);
    }
    if (status == SGEO_OK) {
        struct sgeo_terminal_progress progress = {.quiet = arguments.options.quiet,
                                                  .last = sgeo_wall_seconds()};
        status = run(&arguments, &progress);
        sgeo_terminal_progress_end(&progress);
    }
    if (status == SGEO_OK && (fflush(stdout) != 0 || ferror(stdout) != 0)) {
        status = sgeo_fail(SGEO_IO, "is the disk full?", "cannot write to standard output");
    }
    if (status != SGEO_OK) {
        fflush(stdout);
        sgeo_terminal_error();
    }
    sgeo_ranks_finish(status);
    return (int)status;
}
