#include "cli/arguments.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/argument_defaults.h"
#include "cli/argument_values.h"

/* Long options only: numbers above the characters. */
enum {
    KEY_TABLE = 256,
    KEY_FIGURE,
    KEY_FROM,
    KEY_BY,
    KEY_SCORE,
    KEY_TRAIN_TRUTH,
    KEY_SEARCH,
    KEY_VERIFY,
    KEY_CHECK,
    KEY_BENCH,
    KEY_COMPARE_HARDWARE,
    KEY_DOCTOR,
    KEY_LIST,
    KEY_COMPARE,
    KEY_CALIBRATE,
    KEY_VERSION,
    KEY_HELP,
    KEY_DRY_RUN,
    KEY_TASK,
    KEY_PROXY,
    KEY_WARMUP,
    KEY_WARMUP_MODE,
    KEY_ARCHS,
    KEY_TRUTH,
    KEY_LAMBDA,
    KEY_BATCHES,
    KEY_BATCH_SIZE,
    KEY_SEEDS,
    KEY_SEED,
    KEY_SPLIT,
    KEY_SKIP_BAD,
    KEY_DEDUPE,
    KEY_NONFINITE,
    KEY_CONVENTION,
    KEY_EPOCHS,
    KEY_REPEAT,
    KEY_METRIC,
    KEY_PRESET,
    KEY_WORKERS,
    KEY_PRECISION,
    KEY_ISA,
    KEY_LAYOUT,
    KEY_WINOGRAD,
    KEY_DATA,
    KEY_OUT,
    KEY_RESUME,
    KEY_SHARD,
    KEY_EXPORT,
    KEY_QUIET,
    KEY_VERBOSE
};

static const struct argp_option option_table[] = {
    {NULL, 0, NULL, 0, "What to do (one of):", 1},
    {"table", KEY_TABLE, "N", 0, "Reproduce a table of the paper: 1, 2, 3 or 4; 3b is ours", 1},
    {"figure", KEY_FIGURE, "N", 0, "Reproduce a figure of the paper: 1, 3 or 4", 1},
    {"score", KEY_SCORE, "ARCH", 0,
     "Score one architecture (- reads one a line from standard input); CSV on stdout", 1},
    {"train-truth", KEY_TRAIN_TRUTH, "TASK", 0, "Measure ground truth by training", 1},
    {"search", KEY_SEARCH, "SPACE", 0,
     "Search nasrec-small or nasrec-full on a click-through task; the best as CSV on stdout", 1},
    {"verify", KEY_VERIFY, "FILE", 0, "Compare with golden vectors; CSV on stdout", 1},
    {"check", KEY_CHECK, "REGEX", OPTION_ARG_OPTIONAL,
     "Prove the kernels (whose names match) on this machine; CSV on stdout", 1},
    {"bench", KEY_BENCH, "REGEX", OPTION_ARG_OPTIONAL,
     "Time the kernels that match, all without it (runs bench_kernels); --out DIR keeps the "
     "results",
     1},
    {"compare-hardware", KEY_COMPARE_HARDWARE, "DIR DIR...", 0,
     "Compare the results of several processors; --out DIR keeps the table as CSV", 1},
    {"doctor", KEY_DOCTOR, NULL, 0, "Show the machine, the kernels chosen and why", 1},
    {"list", KEY_LIST, "WHAT", 0,
     "List kernels, isas, spaces, proxies, datasets, tasks, tables or figures", 1},
    {"compare", KEY_COMPARE, "BASE CAND", 0,
     "Regression gate: two bench_kernels, or two sets of saved rounds; CSV on stdout", 1},
    {"calibrate", KEY_CALIBRATE, "PROGRAM", OPTION_ARG_OPTIONAL,
     "Measure a bench_kernels against itself: the noise that --compare --from DIR allows", 1},
    {"version", KEY_VERSION, NULL, 0, "Print the version", 1},
    {"help", KEY_HELP, NULL, 0, "Print this list", 1},
    {NULL, 0, NULL, 0, "What it covers:", 2},
    {"from", KEY_FROM, "DIR", 0,
     "With --table, --figure: print it from saved results; with --compare: a calibration", 2},
    {"task", KEY_TASK, "LIST", 0,
     "Tasks, comma-separated (nb201-fmnist); with --search one of criteo (default), avazu, kdd12, "
     "with --table 3 and --figure 1 several of them (all; smoke: criteo), with --figure 4 and "
     "--table 3b too (criteo)",
     2},
    {"by", KEY_BY, "METHOD", 0, "What --search judges by: sigeo (default), zico, oneshot or random",
     2},
    {"proxy", KEY_PROXY, "LIST", 0, "Proxies, comma-separated", 2},
    {"warmup", KEY_WARMUP, "LIST", 0, "Warm-up levels in percent, comma-separated", 2},
    {"warmup-mode", KEY_WARMUP_MODE, "MODE", 0,
     "supernet (the paper's text) or candidate (the authors' code)", 2},
    {"archs", KEY_ARCHS, "N|FILE", 0,
     "The first N architectures of the list, with --table 3b and --train-truth criteo of each "
     "space's; or one a line in FILE, with --train-truth criteo, avazu or kdd12 a model a line",
     2},
    {"truth", KEY_TRUTH, "WHICH", 0, "val, test or both (default)", 2},
    {"preset", KEY_PRESET, "NAME", 0, "smoke, default or paper: sizes of what is not given", 2},
    {NULL, 0, NULL, 0, "How it is computed:", 3},
    {"lambda", KEY_LAMBDA, "A,B,C", 0, "Weights of SiGeo's three terms", 3},
    {"batches", KEY_BATCHES, "K", 0, "Mini-batches a proxy sees (4)", 3},
    {"batch-size", KEY_BATCH_SIZE, "B", 0,
     "Images in each (64; tnb101-object 32), or click-through rows (512; kdd12 1024)", 3},
    {"epochs", KEY_EPOCHS, "E", 0, "Epochs of a warm-up or a training", 3},
    {"metric", KEY_METRIC, "NAME", 0, "What --compare compares: time (default) or instructions", 3},
    {"seeds", KEY_SEEDS, "N", 0, "Number of seeds: seed, seed+1, ...", 3},
    {"seed", KEY_SEED, "S", 0, "First seed (0)", 3},
    {"split", KEY_SPLIT, "HOW", 0,
     "Click-through rows into train, validation, test: stratified (default) or chronological", 3},
    {"skip-bad", KEY_SKIP_BAD, "N", 0, "Click-through rows that may be bad and are left out (0)",
     3},
    {"repeat", KEY_REPEAT, "N", 0,
     "With --score: CPU seconds as the median of N after one discarded run", 3},
    {"dedupe", KEY_DEDUPE, NULL, 0,
     "Score functionally equal NAS-Bench-201 cells once (zico at level 0 only)", 3},
    {"nonfinite", KEY_NONFINITE, "POLICY", 0,
     "NaN and infinite scores: floor (-1e8, default) or drop", 3},
    {"convention", KEY_CONVENTION, "WHOSE", 0,
     "Proxies as NAS-Bench-Suite-Zero's code has them, quirks included: suite (default), or ours",
     3},
    {"precision", KEY_PRECISION, "TYPE", 0,
     "Activations of image networks: f32 (default) or bf16, faster and less exact", 3},
    {"isa", KEY_ISA, "NAME", 0,
     "Force the kernels of one instruction set; see --list isas (else $SIGEO_ISA)", 3},
    {"layout", KEY_LAYOUT, "NAME", 0,
     "Activations in channel blocks or channels-last: auto (default), blocked or nhwc", 3},
    {"winograd", KEY_WINOGRAD, NULL, 0,
     "3x3 convolutions by Winograd's algorithm: faster, less exact", 3},
    {"data", KEY_DATA, "DIR|formula", 0,
     "Folder of the data sets (else $SIGEO_DATA), or formula-defined weights and images", 3},
    {NULL, 0, NULL, 0, "How it runs:", 4},
    {"workers", KEY_WORKERS, "N", 0, "Worker threads (else $SIGEO_WORKERS, else one per core)", 4},
    {"out", KEY_OUT, "DIR", 0, "Result folder (default: results/runs/TABLE-HASH)", 4},
    {"resume", KEY_RESUME, NULL, 0, "Go on with the run in the result folder", 4},
    {"shard", KEY_SHARD, "I/N", 0, "Only every N-th architecture, from the I-th (0-based)", 4},
    {"export", KEY_EXPORT, "FORMAT", 0,
     "With --table and --score: scores and accuracies as NAS-Bench-Suite-Zero has them (zc-json), "
     "OUT/zc_SPACE.json",
     4},
    {"dry-run", KEY_DRY_RUN, NULL, 0, "Show the jobs and their estimated cost, run nothing", 4},
    {"quiet", KEY_QUIET, NULL, 0, "No progress on stderr", 4},
    {"verbose", KEY_VERBOSE, NULL, 0, "Debug messages on stderr", 4},
    {0},
};

/* Parser state: the first failure stays, since argp itself would print and exit. */
struct parse {
    struct sgeo_arguments *arguments;
    enum sgeo_status status;
};

static enum sgeo_status set_mode(struct sgeo_arguments *arguments, enum sgeo_mode mode,
                                 const char *subject)
{
    if (arguments->mode != SGEO_MODE_NONE) {
        return sgeo_fail(SGEO_USAGE, "one thing at a time; see --help", "two modes at once");
    }
    arguments->mode = mode;
    arguments->subject = subject;
    return SGEO_OK;
}

static enum sgeo_status take_mode(struct sgeo_arguments *arguments, int key, char *value)
{
    switch (key) {
    case KEY_TABLE:
        return set_mode(arguments, SGEO_MODE_TABLE, value);
    case KEY_FIGURE:
        return set_mode(arguments, SGEO_MODE_FIGURE, value);
    case KEY_SCORE:
        return set_mode(arguments, SGEO_MODE_SCORE, value);
    case KEY_TRAIN_TRUTH:
        return set_mode(arguments, SGEO_MODE_TRAIN_TRUTH, value);
    case KEY_SEARCH:
        return set_mode(arguments, SGEO_MODE_SEARCH, value);
    case KEY_VERIFY:
        return set_mode(arguments, SGEO_MODE_VERIFY, value);
    case KEY_CHECK:
        return set_mode(arguments, SGEO_MODE_CHECK, value);
    case KEY_BENCH:
        return set_mode(arguments, SGEO_MODE_BENCH, value);
    case KEY_COMPARE_HARDWARE:
        return set_mode(arguments, SGEO_MODE_COMPARE_HARDWARE, value);
    case KEY_DOCTOR:
        return set_mode(arguments, SGEO_MODE_DOCTOR, NULL);
    case KEY_LIST:
        return set_mode(arguments, SGEO_MODE_LIST, value);
    case KEY_COMPARE:
        return set_mode(arguments, SGEO_MODE_COMPARE, value);
    case KEY_CALIBRATE:
        return set_mode(arguments, SGEO_MODE_CALIBRATE, value);
    case KEY_HELP:
        return set_mode(arguments, SGEO_MODE_HELP, NULL);
    default:
        return set_mode(arguments, SGEO_MODE_VERSION, NULL);
    }
}

static enum sgeo_status take_choice(struct sgeo_options *options, int key, const char *value)
{
    static const char *const modes[] = {"supernet", "candidate", NULL};
    static const char *const truths[] = {"both", "val", "test", NULL};
    static const char *const policies[] = {"floor", "drop", NULL};
    static const char *const preset_names[] = {"default", "smoke", "paper", NULL};
    static const char *const layouts[] = {"auto", "blocked", "nhwc", NULL};
    static const char *const conventions[] = {"suite", "ours", NULL};
    static const char *const exports[] = {"zc-json", NULL};
    static const char *const splits[] = {"stratified", "chronological", NULL};
    size_t index = 0;
    enum sgeo_status status;
    switch (key) {
    case KEY_WARMUP_MODE:
        status = sgeo_read_word(&index, "warm-up mode", value, modes);
        options->warmup_mode = (enum sgeo_warmup_mode)index;
        return status;
    case KEY_TRUTH:
        status = sgeo_read_word(&index, "truth", value, truths);
        options->truth = (enum sgeo_report_truth)index;
        return status;
    case KEY_NONFINITE:
        status = sgeo_read_word(&index, "policy for non-finite scores", value, policies);
        options->drop_nonfinite = index == 1;
        return status;
    case KEY_CONVENTION:
        status = sgeo_read_word(&index, "convention", value, conventions);
        options->convention = (enum sgeo_convention)index;
        return status;
    case KEY_SPLIT:
        status = sgeo_read_word(&index, "split", value, splits);
        options->chronological = index == 1;
        return status;
    case KEY_EXPORT:
        options->export_zc = true;
        return sgeo_read_word(&index, "format to export", value, exports);
    case KEY_LAYOUT:
        status = sgeo_read_word(&index, "layout", value, layouts);
        options->executor.layout = (enum sgeo_layout_choice)index;
        return status;
    default:
        status = sgeo_read_word(&index, "preset", value, preset_names);
        options->preset = (enum sgeo_preset)index;
        return status;
    }
}

static enum sgeo_status read_metric(struct sgeo_arguments *arguments, const char *text)
{
    static const char *const metrics[] = {"time", "instructions", NULL};
    size_t index = 0;
    enum sgeo_status status = sgeo_read_word(&index, "metric", text, metrics);
    arguments->count_instructions = index == 1;
    return status;
}

static enum sgeo_status take_value(struct sgeo_arguments *arguments, int key, const char *value)
{
    struct sgeo_options *options = &arguments->options;
    switch (key) {
    case KEY_TASK:
        return sgeo_read_tasks(options, value);
    case KEY_PROXY:
        return sgeo_read_proxies(options, value);
    case KEY_WARMUP:
        return sgeo_read_levels(options, value);
    case KEY_ARCHS:
        return sgeo_read_archs(options, value);
    case KEY_LAMBDA:
        return sgeo_read_lambda(options, value);
    case KEY_BATCHES:
        return sgeo_read_batches(options, value);
    case KEY_BATCH_SIZE:
        return sgeo_read_count(&options->batch_size, "batch size", value, 1);
    case KEY_EPOCHS:
        return sgeo_read_count(&options->epochs, "number of epochs", value, 1);
    case KEY_SEEDS:
        return sgeo_read_count(&options->seeds, "number of seeds", value, 1);
    case KEY_SEED:
        return sgeo_read_seed(options, value);
    case KEY_SKIP_BAD:
        return sgeo_read_count(&options->skip_bad, "number of bad rows", value, 0);
    case KEY_REPEAT:
        return sgeo_read_count(&options->repeat, "number of repeats", value, 1);
    case KEY_WORKERS:
        return sgeo_read_count(&options->workers, "number of workers", value, 1);
    case KEY_SHARD:
        return sgeo_read_shard(options, value);
    case KEY_METRIC:
        return read_metric(arguments, value);
    case KEY_PRECISION:
        return sgeo_read_precision(options, value);
    case KEY_OUT:
        options->out = value;
        return *value == '\0' ? sgeo_fail(SGEO_USAGE, NULL, "--out names no folder") : SGEO_OK;
    default:
        return take_choice(options, key, value);
    }
}

static void take_flag(struct sgeo_arguments *arguments, int key, char *value)
{
    struct sgeo_options *options = &arguments->options;
    switch (key) {
    case KEY_FROM:
        arguments->from = value;
        break;
    case KEY_BY:
        arguments->by = value;
        break;
    case KEY_ISA:
        arguments->isa = value;
        break;
    case KEY_DATA:
        sgeo_read_data(options, value);
        break;
    case KEY_DEDUPE:
        options->dedupe = true;
        break;
    case KEY_WINOGRAD:
        options->executor.winograd = true;
        break;
    case KEY_RESUME:
        options->resume = true;
        break;
    case KEY_DRY_RUN:
        options->dry_run = true;
        break;
    case KEY_QUIET:
        options->quiet = true;
        break;
    default:
        options->verbose = true;
        break;
    }
}

/* The most words that a mode takes behind its own value. */
static size_t operands_of(enum sgeo_mode mode)
{
    switch (mode) {
    case SGEO_MODE_COMPARE:
        return 1;
    case SGEO_MODE_COMPARE_HARDWARE:
        return SGEO_FOLDERS_MAX - 1;
    default:
        return 0;
    }
}

static enum sgeo_status take_operand(struct sgeo_arguments *arguments, const char *word)
{
    if (arguments->n_operands == operands_of(arguments->mode)) {
        return sgeo_fail(SGEO_USAGE, "options are long ones; see --help", "unexpected word: %s",
                         word);
    }
    arguments->operands[arguments->n_operands++] = word;
    return SGEO_OK;
}

static const char *option_name(size_t i)
{
    size_t named = 0;
    for (const struct argp_option *option = option_table; option->name || option->doc; option++) {
        if (option->name != NULL && named++ == i) {
            return option->name;
        }
    }
    return NULL;
}

/* Why the words from this one on are no option: its name, or the value that it has or lacks. */
static enum sgeo_status refused(const char *word)
{
    char name[32] = "";
    if (strncmp(word, "--", 2) != 0) {
        return sgeo_fail(SGEO_USAGE, "options are long ones; see --help", "unknown option: %s",
                         word);
    }
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
    for (size_t i = 0; option_name(i) != NULL; i++) {
        if (strcmp(option_name(i), name) == 0) {
            return sgeo_fail(SGEO_USAGE, "see --help",
                             strchr(word, '=') == NULL ? "option --%s needs a value"
                                                       : "option --%s takes no value",
                             name);
        }
    }
    return sgeo_unknown_name("option", "--help", name, option_name);
}

static error_t take_option(int key, char *value, struct argp_state *state)
{
    struct parse *parse = state->input;
    enum sgeo_status status = SGEO_OK;
    switch (key) {
    case KEY_TABLE:
    case KEY_FIGURE:
    case KEY_SCORE:
    case KEY_TRAIN_TRUTH:
    case KEY_SEARCH:
    case KEY_VERIFY:
    case KEY_CHECK:
    case KEY_BENCH:
    case KEY_COMPARE_HARDWARE:
    case KEY_DOCTOR:
    case KEY_LIST:
    case KEY_COMPARE:
    case KEY_CALIBRATE:
    case KEY_VERSION:
    case KEY_HELP:
        status = take_mode(parse->arguments, key, value);
        break;
    case KEY_FROM:
    case KEY_BY:
    case KEY_ISA:
    case KEY_DATA:
    case KEY_DEDUPE:
    case KEY_WINOGRAD:
    case KEY_RESUME:
    case KEY_DRY_RUN:
    case KEY_QUIET:
    case KEY_VERBOSE:
        take_flag(parse->arguments, key, value);
        break;
    case ARGP_KEY_ERROR:
        status = parse->status == SGEO_OK ? refused(state->argv[state->next - 1]) : SGEO_OK;
        break;
    case ARGP_KEY_ARG:
        status = take_operand(parse->arguments, value);
        break;
    case ARGP_KEY_INIT:
    case ARGP_KEY_NO_ARGS:
    case ARGP_KEY_END:
    case ARGP_KEY_SUCCESS:
    case ARGP_KEY_FINI:
    case ARGP_KEY_ARGS:
        break;
    default:
        if (key < KEY_TABLE || key > KEY_VERBOSE) {
            return ARGP_ERR_UNKNOWN;
        }
        status = take_value(parse->arguments, key, value);
        break;
    }
    if (status != SGEO_OK && parse->status == SGEO_OK) {
        parse->status = status;
        return EINVAL; /* ends the parsing; argp prints nothing of its own for it */
    }
    return 0;
}

/* Help is an option of ours: argp's own prints nothing where argp's errors are not wanted. */
static const struct argp command_line = {
    .options = option_table,
    .parser = take_option,
    .doc = "Zero-cost NAS proxies (SiGeo, ZiCo and others), measured on CPUs"};

void sgeo_arguments_help(FILE *out)
{
    char program[] = "bench_sigeo";
    argp_help(&command_line, out, ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC, program);
}

enum sgeo_status sgeo_arguments_parse(struct sgeo_arguments *arguments, int argc, char **argv)
{
    struct parse parse = {arguments, SGEO_OK};
    *arguments = (struct sgeo_arguments){.argc = argc, .argv = argv};
    char program[] = "bench_sigeo", *called = argv[0];
    argp_err_exit_status = SGEO_USAGE;
    enum sgeo_status status = sgeo_arguments_environment(arguments);
    if (status != SGEO_OK) {
        return status;
    }
    argv[0] = program; /* argp's own messages start with it; ours all start with the plain name */
    error_t error =
        argp_parse(&command_line, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP, NULL, &parse);
    argv[0] = called;
    if (parse.status != SGEO_OK) {
        return parse.status;
    }
    if (error != 0) {
        return sgeo_fail(SGEO_USAGE, "see --help", "%s", strerror(error));
    }
    if (arguments->mode == SGEO_MODE_NONE) {
        return sgeo_fail(SGEO_USAGE, "try --table 2, or --help", "nothing to do");
    }
    return sgeo_arguments_defaults(arguments);
}
