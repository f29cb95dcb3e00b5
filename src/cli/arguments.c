#include "cli/arguments.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/text.h"
#include "harness/task.h"

/* Long options only: numbers above the characters. */
enum {
    KEY_TABLE = 256,
    KEY_FIGURE,
    KEY_FROM,
    KEY_SCORE,
    KEY_TRAIN_TRUTH,
    KEY_VERIFY,
    KEY_CHECK,
    KEY_BENCH,
    KEY_COMPARE_HARDWARE,
    KEY_DOCTOR,
    KEY_LIST,
    KEY_COMPARE,
    KEY_CALIBRATE,
    KEY_VERSION,
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
    KEY_DEDUPE,
    KEY_NONFINITE,
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
    {"table", KEY_TABLE, "N", 0, "Reproduce a table of the paper: 1, 2 or 4", 1},
    {"figure", KEY_FIGURE, "N", 0, "Reproduce a figure of the paper: 3", 1},
    {"score", KEY_SCORE, "ARCH", 0,
     "Score one architecture (- reads one a line from standard input); CSV on stdout", 1},
    {"train-truth", KEY_TRAIN_TRUTH, "TASK", 0, "Measure ground truth by training", 1},
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
    {NULL, 0, NULL, 0, "What it covers:", 2},
    {"from", KEY_FROM, "DIR", 0,
     "With --table, --figure: print it from saved results; with --compare: a calibration", 2},
    {"task", KEY_TASK, "LIST", 0, "Tasks, comma-separated (nb201-fmnist)", 2},
    {"proxy", KEY_PROXY, "LIST", 0, "Proxies, comma-separated", 2},
    {"warmup", KEY_WARMUP, "LIST", 0, "Warm-up levels in percent, comma-separated", 2},
    {"warmup-mode", KEY_WARMUP_MODE, "MODE", 0,
     "supernet (the paper's text) or candidate (the authors' code)", 2},
    {"archs", KEY_ARCHS, "N|FILE", 0,
     "The first N architectures of the list, or one a line in FILE", 2},
    {"truth", KEY_TRUTH, "WHICH", 0, "val, test or both (default)", 2},
    {"preset", KEY_PRESET, "NAME", 0, "smoke, default or paper: sizes of what is not given", 2},
    {NULL, 0, NULL, 0, "How it is computed:", 3},
    {"lambda", KEY_LAMBDA, "A,B,C", 0, "Weights of SiGeo's three terms", 3},
    {"batches", KEY_BATCHES, "K", 0, "Mini-batches a proxy sees (4)", 3},
    {"batch-size", KEY_BATCH_SIZE, "B", 0, "Images in each (64; tnb101-object 32)", 3},
    {"epochs", KEY_EPOCHS, "E", 0, "Epochs of a warm-up or a training", 3},
    {"metric", KEY_METRIC, "NAME", 0, "What --compare compares: time (default) or instructions", 3},
    {"seeds", KEY_SEEDS, "N", 0, "Number of seeds: seed, seed+1, ...", 3},
    {"seed", KEY_SEED, "S", 0, "First seed (0)", 3},
    {"repeat", KEY_REPEAT, "N", 0,
     "With --score: CPU seconds as the median of N after one discarded run", 3},
    {"dedupe", KEY_DEDUPE, NULL, 0,
     "Score functionally equal NAS-Bench-201 cells once (zico at level 0 only)", 3},
    {"nonfinite", KEY_NONFINITE, "POLICY", 0,
     "NaN and infinite scores: floor (-1e8, default) or drop", 3},
    {"precision", KEY_PRECISION, "TYPE", 0,
     "Operands of dense convolutions: f32 (default) or bf16, faster and less exact", 3},
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

/* --- values --- */

/* SGEO_USAGE that names the nearest of the known words. name(i) is NULL behind the last. */
static enum sgeo_status unknown_name(const char *what, const char *list, const char *word,
                                     const char *(*name)(size_t))
{
    const char *nearest = NULL;
    size_t best = (size_t)-1;
    for (size_t i = 0; name(i) != NULL; i++) {
        size_t distance = sgeo_edit_distance(word, name(i));
        if (distance < best) {
            best = distance;
            nearest = name(i);
        }
    }
    char hint[128];
    snprintf(hint, sizeof hint, "did you mean %s? --list %s shows all", nearest, list);
    return sgeo_fail(SGEO_USAGE, hint, "unknown %s: %s", what, word);
}

static const char *task_name(size_t i)
{
    return sgeo_task_all()[i] == NULL ? NULL : sgeo_task_all()[i]->name;
}

static const char *proxy_name(size_t i)
{
    return sgeo_proxy_all()[i] == NULL ? NULL : sgeo_proxy_all()[i]->name;
}

/* Call add(word) for every comma-separated word. */
static enum sgeo_status for_words(const char *list,
                                  enum sgeo_status (*add)(struct sgeo_options *, const char *),
                                  struct sgeo_options *options)
{
    char word[64];
    const char *at = list;
    while (true) {
        size_t length = strcspn(at, ",");
        if (length == 0 || length >= sizeof word) {
            return sgeo_fail(SGEO_USAGE, "words separated by commas, no blanks",
                             "malformed list: %s", list);
        }
        memcpy(word, at, length);
        word[length] = '\0';
        enum sgeo_status status = add(options, word);
        if (status != SGEO_OK || at[length] == '\0') {
            return status;
        }
        at += length + 1;
    }
}

static enum sgeo_status add_task(struct sgeo_options *options, const char *word)
{
    const struct sgeo_task *task = sgeo_task_find(word);
    if (task == NULL) {
        return unknown_name("task", "tasks", word, task_name);
    }
    for (size_t i = 0; i < options->n_tasks; i++) {
        if (options->tasks[i] == task) {
            return sgeo_fail(SGEO_USAGE, NULL, "task %s is given twice", word);
        }
    }
    options->tasks[options->n_tasks++] = task;
    return SGEO_OK;
}

static enum sgeo_status add_proxy(struct sgeo_options *options, const char *word)
{
    const struct sgeo_proxy *proxy = sgeo_proxy_find(word);
    if (proxy == NULL) {
        return unknown_name("proxy", "proxies", word, proxy_name);
    }
    for (size_t i = 0; i < options->n_proxies; i++) {
        if (options->proxies[i] == proxy) {
            return sgeo_fail(SGEO_USAGE, NULL, "proxy %s is given twice", word);
        }
    }
    options->proxies[options->n_proxies++] = proxy;
    return SGEO_OK;
}

static enum sgeo_status add_level(struct sgeo_options *options, const char *word)
{
    double level;
    if (!sgeo_parse_double(word, &level) || !(level >= 0.0 && level <= 100.0)) {
        return sgeo_fail(SGEO_USAGE, "percent from 0 to 100, e.g. --warmup 0,10,100",
                         "malformed warm-up level: %s", word);
    }
    level = level == 0.0 ? 0.0 : level; /* exactly: "-0" is 0, and is printed as that */
    size_t at = 0;
    while (at < options->n_levels && options->levels[at] < level) {
        at++;
    }
    if (at < options->n_levels && options->levels[at] == level) {
        return sgeo_fail(SGEO_USAGE, NULL, "warm-up level %s is given twice", word);
    }
    if (options->n_levels == SGEO_LEVELS_MAX) {
        return sgeo_fail(SGEO_USAGE, NULL, "more than %zu warm-up levels", SGEO_LEVELS_MAX);
    }
    memmove(options->levels + at + 1, options->levels + at,
            (options->n_levels - at) * sizeof *options->levels);
    options->levels[at] = level;
    options->n_levels++;
    return SGEO_OK;
}

/* A whole number from `least` on. */
static enum sgeo_status read_count(size_t *value, const char *what, const char *word,
                                   uint64_t least)
{
    uint64_t number;
    if (!sgeo_parse_u64(word, &number) || number < least || number > 1000000000U) {
        char hint[64];
        snprintf(hint, sizeof hint, "a whole number from %llu on", (unsigned long long)least);
        return sgeo_fail(SGEO_USAGE, hint, "malformed %s: %s", what, word);
    }
    *value = (size_t)number;
    return SGEO_OK;
}

/* One of a few words; its position in *index. */
static enum sgeo_status read_word(size_t *index, const char *what, const char *word,
                                  const char *const *words)
{
    char hint[128] = "one of";
    for (size_t i = 0; words[i] != NULL; i++) {
        if (strcmp(word, words[i]) == 0) {
            *index = i;
            return SGEO_OK;
        }
        snprintf(hint + strlen(hint), sizeof hint - strlen(hint), " %s", words[i]);
    }
    return sgeo_fail(SGEO_USAGE, hint, "unknown %s: %s", what, word);
}

static enum sgeo_status read_lambda(struct sgeo_options *options, const char *text)
{
    char words[3][64];
    int end = 0;
    double *values[3] = {&options->lambda.zico, &options->lambda.fr, &options->lambda.loss};
    bool ok = sscanf(text, "%63[^,],%63[^,],%63[^,]%n", words[0], words[1], words[2], &end) == 3 &&
              text[end] == '\0';
    for (size_t i = 0; ok && i < 3; i++) {
        ok = sgeo_parse_double(words[i], values[i]);
    }
    options->has_lambda = ok;
    return ok ? SGEO_OK
              : sgeo_fail(SGEO_USAGE, "three numbers, e.g. --lambda 1,50,1",
                          "malformed --lambda: %s", text);
}

static enum sgeo_status read_shard(struct sgeo_options *options, const char *text)
{
    char words[2][32];
    int end = 0;
    if (sscanf(text, "%31[^/]/%31[^/]%n", words[0], words[1], &end) != 2 || text[end] != '\0' ||
        read_count(&options->shard, "shard", words[0], 0) != SGEO_OK ||
        read_count(&options->shards, "number of shards", words[1], 1) != SGEO_OK ||
        options->shard >= options->shards) {
        return sgeo_fail(SGEO_USAGE, "I/N with I from 0 to N-1, e.g. --shard 0/4",
                         "malformed --shard: %s", text);
    }
    return SGEO_OK;
}

static enum sgeo_status read_archs(struct sgeo_options *options, const char *text)
{
    if (text[strspn(text, "0123456789")] == '\0') {
        return read_count(&options->n_archs, "number of architectures", text, 1);
    }
    options->archs_file = text;
    return SGEO_OK;
}

static enum sgeo_status read_seed(struct sgeo_options *options, const char *text)
{
    return sgeo_parse_u64(text, &options->seed) && options->seed < ((uint64_t)1 << 62)
               ? SGEO_OK
               : sgeo_fail(SGEO_USAGE, "a whole number from 0 on", "malformed seed: %s", text);
}

static void read_data(struct sgeo_options *options, const char *text)
{
    options->data_formula = strcmp(text, "formula") == 0;
    options->data = options->data_formula ? NULL : text;
}

/* --- options --- */

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
    default:
        return set_mode(arguments, SGEO_MODE_VERSION, NULL);
    }
}

static enum sgeo_status read_precision(struct sgeo_options *options, const char *text)
{
    static const char *const precisions[] = {"f32", "bf16", NULL};
    size_t index = 0;
    enum sgeo_status status = read_word(&index, "precision", text, precisions);
    options->executor.precision = index == 1 ? SGEO_BF16 : SGEO_F32;
    return status;
}

static enum sgeo_status take_choice(struct sgeo_options *options, int key, const char *value)
{
    static const char *const modes[] = {"supernet", "candidate", NULL};
    static const char *const truths[] = {"both", "val", "test", NULL};
    static const char *const policies[] = {"floor", "drop", NULL};
    static const char *const preset_names[] = {"default", "smoke", "paper", NULL};
    static const char *const layouts[] = {"auto", "blocked", "nhwc", NULL};
    static const char *const exports[] = {"zc-json", NULL};
    size_t index = 0;
    enum sgeo_status status;
    switch (key) {
    case KEY_WARMUP_MODE:
        status = read_word(&index, "warm-up mode", value, modes);
        options->warmup_mode = (enum sgeo_warmup_mode)index;
        return status;
    case KEY_TRUTH:
        status = read_word(&index, "truth", value, truths);
        options->truth = (enum sgeo_report_truth)index;
        return status;
    case KEY_NONFINITE:
        status = read_word(&index, "policy for non-finite scores", value, policies);
        options->drop_nonfinite = index == 1;
        return status;
    case KEY_EXPORT:
        options->export_zc = true;
        return read_word(&index, "format to export", value, exports);
    case KEY_LAYOUT:
        status = read_word(&index, "layout", value, layouts);
        options->executor.layout = (enum sgeo_layout_choice)index;
        return status;
    default:
        status = read_word(&index, "preset", value, preset_names);
        options->preset = (enum sgeo_preset)index;
        return status;
    }
}

static enum sgeo_status read_batches(struct sgeo_options *options, const char *text)
{
    enum sgeo_status status = read_count(&options->batches, "number of mini-batches", text, 2);
    return status == SGEO_OK && options->batches > SGEO_MOMENTS_MAX_BATCHES
               ? sgeo_fail(SGEO_USAGE, "from 2 to 16", "too many mini-batches: %s", text)
               : status;
}

static enum sgeo_status read_metric(struct sgeo_arguments *arguments, const char *text)
{
    static const char *const metrics[] = {"time", "instructions", NULL};
    size_t index = 0;
    enum sgeo_status status = read_word(&index, "metric", text, metrics);
    arguments->count_instructions = index == 1;
    return status;
}

static enum sgeo_status take_value(struct sgeo_arguments *arguments, int key, const char *value)
{
    struct sgeo_options *options = &arguments->options;
    switch (key) {
    case KEY_TASK:
        return for_words(value, add_task, options);
    case KEY_PROXY:
        return for_words(value, add_proxy, options);
    case KEY_WARMUP:
        return for_words(value, add_level, options);
    case KEY_ARCHS:
        return read_archs(options, value);
    case KEY_LAMBDA:
        return read_lambda(options, value);
    case KEY_BATCHES:
        return read_batches(options, value);
    case KEY_BATCH_SIZE:
        return read_count(&options->batch_size, "batch size", value, 1);
    case KEY_EPOCHS:
        return read_count(&options->epochs, "number of epochs", value, 1);
    case KEY_SEEDS:
        return read_count(&options->seeds, "number of seeds", value, 1);
    case KEY_SEED:
        return read_seed(options, value);
    case KEY_REPEAT:
        return read_count(&options->repeat, "number of repeats", value, 1);
    case KEY_WORKERS:
        return read_count(&options->workers, "number of workers", value, 1);
    case KEY_SHARD:
        return read_shard(options, value);
    case KEY_METRIC:
        return read_metric(arguments, value);
    case KEY_PRECISION:
        return read_precision(options, value);
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
    case KEY_ISA:
        arguments->isa = value;
        break;
    case KEY_DATA:
        read_data(options, value);
        break;
    case KEY_OUT:
        options->out = value;
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

static error_t take_option(int key, char *value, struct argp_state *state)
{
    struct parse *parse = state->input;
    enum sgeo_status status = SGEO_OK;
    switch (key) {
    case KEY_TABLE:
    case KEY_FIGURE:
    case KEY_SCORE:
    case KEY_TRAIN_TRUTH:
    case KEY_VERIFY:
    case KEY_CHECK:
    case KEY_BENCH:
    case KEY_COMPARE_HARDWARE:
    case KEY_DOCTOR:
    case KEY_LIST:
    case KEY_COMPARE:
    case KEY_CALIBRATE:
    case KEY_VERSION:
        status = take_mode(parse->arguments, key, value);
        break;
    case KEY_FROM:
    case KEY_ISA:
    case KEY_DATA:
    case KEY_OUT:
    case KEY_DEDUPE:
    case KEY_WINOGRAD:
    case KEY_RESUME:
    case KEY_DRY_RUN:
    case KEY_QUIET:
    case KEY_VERBOSE:
        take_flag(parse->arguments, key, value);
        break;
    case ARGP_KEY_ARG:
        status = take_operand(parse->arguments, value);
        break;
    case ARGP_KEY_INIT:
    case ARGP_KEY_NO_ARGS:
    case ARGP_KEY_END:
    case ARGP_KEY_SUCCESS:
    case ARGP_KEY_ERROR:
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

/* --- environment and defaults --- */

static enum sgeo_status read_environment(struct sgeo_arguments *arguments)
{
    const char *data = getenv("SIGEO_DATA"), *workers = getenv("SIGEO_WORKERS");
    arguments->isa = getenv("SIGEO_ISA");
    arguments->under_mpirun = getenv("OMPI_COMM_WORLD_SIZE") != NULL || getenv("PMIX_RANK") != NULL;
    if (data != NULL && *data != '\0') {
        read_data(&arguments->options, data);
    }
    return workers == NULL ? SGEO_OK
                           : read_count(&arguments->options.workers, "SIGEO_WORKERS", workers, 1);
}

static size_t default_workers(void)
{
    const char *local = getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
    uint64_t ranks = 1;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (local != NULL && (!sgeo_parse_u64(local, &ranks) || ranks == 0)) {
        ranks = 1;
    }
    size_t workers = cores > 0 ? (size_t)cores / (size_t)ranks : 1;
    return workers == 0 ? 1 : workers;
}

/* Words of the command line from `word` on that do not decide the results: 0, 1, or 2 with a value
 * apart. */
static int count_irrelevant(const char *word)
{
    static const char *const flags[] = {"--resume", "--quiet", "--verbose", "--dry-run"};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (strcmp(word, flags[i]) == 0) {
            return 1;
        }
    }
    if (strcmp(word, "--workers") == 0 || strcmp(word, "--export") == 0) {
        return 2;
    }
    return strncmp(word, "--workers=", 10) == 0 || strncmp(word, "--export=", 9) == 0;
}

/* results/runs/tableN-HASH or figureN-HASH, HASH of the words that decide the results. */
static void default_out(struct sgeo_arguments *arguments)
{
    struct sgeo_text text = {0};
    char hex[SGEO_SHA256_HEX] = "";
    for (int i = 1; i < arguments->argc; i++) {
        int irrelevant = count_irrelevant(arguments->argv[i]);
        if (irrelevant == 0) {
            sgeo_text_append(&text, "%s\n", arguments->argv[i]);
        } else {
            i += irrelevant - 1;
        }
    }
    sgeo_sha256(hex, text.bytes == NULL ? "" : text.bytes, text.length);
    snprintf(arguments->out, sizeof arguments->out, "results/runs/%s%.16s-%.8s",
             arguments->mode == SGEO_MODE_FIGURE ? "figure" : "table", arguments->subject, hex);
    arguments->options.out = arguments->out;
    sgeo_text_clear(&text);
}

static bool is_cold(const struct sgeo_options *options)
{
    return options->n_levels == 1 && options->levels[0] == 0.0;
}

/* The formulas define mini-batches, no training set. */
static enum sgeo_status check_formula(const struct sgeo_arguments *arguments)
{
    const struct sgeo_options *options = &arguments->options;
    return arguments->mode != SGEO_MODE_TABLE || !options->data_formula || is_cold(options)
               ? SGEO_OK
               : sgeo_fail(SGEO_USAGE, "add --warmup 0",
                           "--data formula has no images to warm up on");
}

static enum sgeo_status check_operands(const struct sgeo_arguments *arguments)
{
    return arguments->mode != SGEO_MODE_COMPARE || arguments->n_operands == 1
               ? SGEO_OK
               : sgeo_fail(SGEO_USAGE, "--compare BASE CAND: two programs, or two sets of rounds",
                           "--compare needs two sides");
}

static enum sgeo_status check_export(const struct sgeo_arguments *arguments)
{
    const struct sgeo_options *options = &arguments->options;
    bool runs = arguments->mode == SGEO_MODE_SCORE ||
                (arguments->mode == SGEO_MODE_TABLE && arguments->from == NULL);
    if (options->export_zc && !runs) {
        return sgeo_fail(SGEO_USAGE, "a finished run exports with --table N --out DIR --resume",
                         "--export goes with a --table or --score that runs");
    }
    return !options->export_zc || options->out != NULL
               ? SGEO_OK
               : sgeo_fail(SGEO_USAGE, "add --out DIR", "--score --export has no result folder");
}

/* Names of files follow it in buffers of 1024. */
enum { OUT_LENGTH_MAX = 900 };

static enum sgeo_status check_out(const struct sgeo_options *options)
{
    size_t length = options->out == NULL ? 0 : strlen(options->out);
    return length <= OUT_LENGTH_MAX
               ? SGEO_OK
               : sgeo_fail(SGEO_USAGE, "change the directory and give a relative one",
                           "the name of the result folder has %zu characters, more than %d", length,
                           OUT_LENGTH_MAX);
}

static enum sgeo_status check_dedupe(const struct sgeo_options *options)
{
    bool zico = options->n_proxies == 1 && strcmp(options->proxies[0]->name, "zico") == 0;
    return !options->dedupe || (is_cold(options) && zico)
               ? SGEO_OK
               : sgeo_fail(SGEO_USAGE, "add --proxy zico --warmup 0",
                           "--dedupe holds for zico at random initialisation only: other scores "
                           "differ between equal "
                           "functions");
}

static enum sgeo_status check_executor(const struct sgeo_options *options)
{
    return !options->executor.winograd || options->executor.precision != SGEO_BF16
               ? SGEO_OK
               : sgeo_fail(SGEO_USAGE, "give one of the two",
                           "--winograd and --precision bf16 exclude each other");
}

static enum sgeo_status fill_defaults(struct sgeo_arguments *arguments)
{
    struct sgeo_options *options = &arguments->options;
    static const char *const standard[] = {"zico", "sigeo-naslib", "sigeo-eq6", "params"};
    if (options->n_proxies == 0 && arguments->mode != SGEO_MODE_TABLE) { /* tables have their own */
        options->n_proxies = sizeof standard / sizeof *standard;
        for (size_t i = 0; i < options->n_proxies; i++) {
            options->proxies[i] = sgeo_proxy_find(standard[i]);
        }
    }
    if (options->n_tasks == 0) {
        options->tasks[options->n_tasks++] = sgeo_task_embedded();
    }
    options->batches = options->batches == 0 ? 4 : options->batches;
    options->own_batch_sizes = options->batch_size == 0;
    options->batch_size = options->batch_size == 0 ? 64 : options->batch_size;
    options->workers = options->workers == 0 ? default_workers() : options->workers;
    if (options->out == NULL &&
        (arguments->mode == SGEO_MODE_TABLE || arguments->mode == SGEO_MODE_FIGURE)) {
        default_out(arguments);
    }
    enum sgeo_status status = check_formula(arguments);
    status = status == SGEO_OK ? check_operands(arguments) : status;
    status = status == SGEO_OK ? check_executor(options) : status;
    status = status == SGEO_OK ? check_export(arguments) : status;
    status = status == SGEO_OK ? check_out(options) : status;
    return status == SGEO_OK ? check_dedupe(options) : status;
}

enum sgeo_status sgeo_arguments_parse(struct sgeo_arguments *arguments, int argc, char **argv)
{
    static const struct argp argp = {
        option_table, take_option,
        NULL,         "Zero-cost NAS proxies (SiGeo, ZiCo and others), measured on CPUs",
        NULL,         NULL,
        NULL};
    struct parse parse = {arguments, SGEO_OK};
    *arguments = (struct sgeo_arguments){.argc = argc, .argv = argv};
    char program[] = "bench_sigeo", *called = argv[0];
    argp_err_exit_status = SGEO_USAGE;
    enum sgeo_status status = read_environment(arguments);
    if (status != SGEO_OK) {
        return status;
    }
    argv[0] = program; /* argp's own messages start with it; ours all start with the plain name */
    error_t error = argp_parse(&argp, argc, argv, 0, NULL, &parse);
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
    return fill_defaults(arguments);
}
