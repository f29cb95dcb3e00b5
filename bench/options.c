#include "bench/options.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define MIN_TIME "--benchmark_min_time="

const char sgeo_bench_usage[] =
    "usage: bench_kernels [OPTION...] [--benchmark_OPTION...]\n"
    "Time the kernels on the shapes of real models, hot and cold, in every instruction set.\n"
    "\n"
    "  --csv FILE     write results to FILE as well; results/schema.md describes the columns\n"
    "  --shapes DIR   shape files (*.txt) instead of those that come with the program\n"
    "  --step LINE    this step instead of those that come with the program, e.g.\n"
    "                 'step_train model=dlrm rows=1000 batch=512'\n"
    "  --ref          time the double-precision references too\n"
    "  --no-roofs     do not measure the machine's limits first\n"
    "  --gate         the few cases that bench_sigeo --compare looks at, in one instruction set:\n"
    "                 the best, or $SIGEO_ISA\n"
    "  --calls N      with --gate: N calls of each case and no clock, for counts of instructions\n"
    "  --version      print the version\n"
    "\n"
    "Names are KERNEL/ISA/hot|cold/NAME:VALUE/...; choose with --benchmark_filter=REGEX.\n"
    "Exit: 0 ok, 1 a kernel is not proven or could not run, 2 usage, 3 unsupported, 4 I/O.\n"
    "\n"
    "Google Benchmark's own options:\n";

/* The value of `name` at argv[*at], as `--name=value` or as the next word; NULL: another option. */
static const char *value_of(const char *name, int *at, int argc, char **argv)
{
    size_t length = strlen(name);
    if (strncmp(argv[*at], name, length) != 0)
        return NULL;
    if (argv[*at][length] == '=')
        return argv[*at] + length + 1;
    return argv[*at][length] == '\0' && *at + 1 < argc ? argv[++*at] : NULL;
}

static bool take_flag(struct sgeo_bench_options *options, const char *word)
{
    const struct {
        const char *name;
        bool *flag;
    } flags[] = {{"--ref", &options->with_ref},
                 {"--no-roofs", &options->no_roofs},
                 {"--gate", &options->gate},
                 {"--help", &options->help},
                 {"--version", &options->version}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (strcmp(word, flags[i].name) == 0) {
            *flags[i].flag = true;
            return true;
        }
    return false;
}

static bool take_value(struct sgeo_bench_options *options, int *at, int argc, char **argv)
{
    const struct {
        const char *name, **value;
    } values[] = {{"--csv", &options->csv},
                  {"--shapes", &options->shapes},
                  {"--step", &options->step},
                  {"--calls", &options->calls}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const char *value = value_of(values[i].name, at, argc, argv);
        if (value) {
            *values[i].value = value;
            return true;
        }
    }
    return false;
}

/* Seconds with or without their unit, or a number of iterations. */
static enum sgeo_status rewrite_min_time(struct sgeo_bench_options *options, char **word,
                                         bool units)
{
    const char *value = *word + strlen(MIN_TIME);
    size_t length = strlen(value);
    char last = length > 0 ? value[length - 1] : '\0', number[32];
    double seconds;
    bool has_unit = last == 's' || last == 'x';
    snprintf(number, sizeof number, "%.*s", (int)(has_unit ? length - 1 : length), value);
    if (length >= sizeof number || !sgeo_parse_double(number, &seconds) || !(seconds > 0.0))
        return sgeo_fail(SGEO_USAGE, "e.g. " MIN_TIME "0.5s", "malformed %s", *word);
    if (last == 'x' && !units)
        return sgeo_fail(SGEO_USAGE, "give seconds: " MIN_TIME "0.5s",
                         "%s needs Google Benchmark 1.8", *word);
    snprintf(options->min_time, sizeof options->min_time, MIN_TIME "%s%s", number,
             last == 'x' ? "x"
             : units     ? "s"
                         : "");
    *word = options->min_time;
    return SGEO_OK;
}

/* Whether a flag is given and not false. */
static bool is_set(const char *word, const char *flag)
{
    size_t length = strlen(flag);
    return strncmp(word, flag, length) == 0 &&
           (word[length] == '\0' ||
            (word[length] == '=' && strcmp(word + length + 1, "false") != 0));
}

static enum sgeo_status take_benchmark(struct sgeo_bench_options *options, char **word, bool units)
{
    if (strncmp(*word, MIN_TIME, strlen(MIN_TIME)) == 0)
        return rewrite_min_time(options, word, units);
    if (is_set(*word, "--benchmark_report_aggregates_only") ||
        is_set(*word, "--benchmark_display_aggregates_only"))
        return sgeo_fail(SGEO_USAGE, "leave it out",
                         "%s hides the repetitions that x_scalar and --csv need", *word);
    options->list = options->list || is_set(*word, "--benchmark_list_tests");
    return SGEO_OK;
}

/* What only goes with, or without, the gate's cases. */
static enum sgeo_status check_gate(struct sgeo_bench_options *options)
{
    if (options->step && options->gate)
        return sgeo_fail(SGEO_USAGE, "leave out --gate", "the gate has no steps for --step");
    if (!options->calls)
        return SGEO_OK;
    if (!options->gate)
        return sgeo_fail(SGEO_USAGE, "add --gate", "--calls counts the gate's cases only");
    return sgeo_parse_u64(options->calls, &options->n_calls) && options->n_calls > 0
               ? SGEO_OK
               : sgeo_fail(SGEO_USAGE, "a whole number from 1 on", "malformed --calls %s",
                           options->calls);
}

enum sgeo_status sgeo_bench_options_parse(struct sgeo_bench_options *options, int *argc,
                                          char **argv, bool units)
{
    int kept = 1;
    *options = (struct sgeo_bench_options){0};
    for (int at = 1; at < *argc; at++) {
        enum sgeo_status status = SGEO_OK;
        if (strncmp(argv[at], "--benchmark_", 12) == 0 || strncmp(argv[at], "--v=", 4) == 0) {
            status = take_benchmark(options, &argv[at], units);
            argv[kept++] = argv[at];
        } else if (!take_flag(options, argv[at]) && !take_value(options, &at, *argc, argv)) {
            status =
                sgeo_fail(SGEO_USAGE, "see --help", "unknown or incomplete option '%s'", argv[at]);
        }
        if (status != SGEO_OK)
            return status;
    }
    argv[kept] = NULL;
    *argc = kept;
    return check_gate(options);
}
