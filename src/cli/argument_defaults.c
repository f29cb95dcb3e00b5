#include "cli/argument_defaults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/text.h"
#include "cli/argument_values.h"
#include "harness/ctr_task.h"
#include "harness/task.h"

enum sgeo_status sgeo_arguments_environment(struct sgeo_arguments *arguments)
{
    const char *data = getenv("SIGEO_DATA"), *workers = getenv("SIGEO_WORKERS");
    arguments->isa = getenv("SIGEO_ISA");
    arguments->under_mpirun = getenv("OMPI_COMM_WORLD_SIZE") != NULL || getenv("PMIX_RANK") != NULL;
    if (data != NULL && *data != '\0') {
        sgeo_read_data(&arguments->options, data);
    }
    return workers == NULL
               ? SGEO_OK
               : sgeo_read_count(&arguments->options.workers, "SIGEO_WORKERS", workers, 1);
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

/* results/runs/tableN-HASH, figureN-HASH or search-SPACE-HASH, HASH of the words that decide the
 * results. */
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
             arguments->mode == SGEO_MODE_FIGURE   ? "figure"
             : arguments->mode == SGEO_MODE_SEARCH ? "search-"
                                                   : "table",
             arguments->subject, hex);
    arguments->options.out = arguments->out;
    sgeo_text_clear(&text);
}

static bool is_cold(const struct sgeo_options *options)
{
    return options->n_levels == 1 && options->levels[0] == 0.0;
}

/* What takes click-through tasks, as the command line has it; NULL: this mode takes image tasks. */
static const char *click_mode(const struct sgeo_arguments *arguments)
{
    switch (arguments->mode) {
    case SGEO_MODE_SEARCH:
        return "--search";
    case SGEO_MODE_TABLE:
        return strcmp(arguments->subject, "3") == 0    ? "--table 3"
               : strcmp(arguments->subject, "3b") == 0 ? "--table 3b"
                                                       : NULL;
    case SGEO_MODE_FIGURE:
        return strcmp(arguments->subject, "1") == 0   ? "--figure 1"
               : strcmp(arguments->subject, "4") == 0 ? "--figure 4"
                                                      : NULL;
    case SGEO_MODE_TRAIN_TRUTH:
        return sgeo_ctr_task_find(arguments->subject) != NULL ? "--train-truth" : NULL;
    default:
        return NULL;
    }
}

/* The formulas define mini-batches, no training set. */
static enum sgeo_status check_formula(const struct sgeo_arguments *arguments)
{
    const struct sgeo_options *options = &arguments->options;
    bool correlates = arguments->mode == SGEO_MODE_TABLE && click_mode(arguments) == NULL;
    return !correlates || !options->data_formula || is_cold(options)
               ? SGEO_OK
               : sgeo_fail(SGEO_USAGE, "add --warmup 0",
                           "--data formula has no images to warm up on");
}

/* Click-through tasks and their proxies have modes of their own. */
static enum sgeo_status check_kind(const struct sgeo_arguments *arguments)
{
    const struct sgeo_options *options = &arguments->options;
    const char *clicks = click_mode(arguments);
    if (clicks != NULL && options->n_tasks > 0) {
        return sgeo_fail(SGEO_USAGE, "--task criteo, avazu or kdd12",
                         "%s takes click-through tasks, not %s", clicks, options->tasks[0]->name);
    }
    if (clicks == NULL && options->n_ctr_tasks > 0) {
        return sgeo_fail(SGEO_USAGE, "--search nasrec-small or --table 3 goes with it",
                         "%s is a click-through task", options->ctr_tasks[0]->name);
    }
    for (size_t i = 0; clicks == NULL && i < options->n_proxies; i++) {
        unsigned passes = options->proxies[i]->passes;
        if ((passes & SGEO_PASSES_CTR) != 0) {
            return sgeo_fail(SGEO_USAGE,
                             (passes & SGEO_PASS_NASREC) != 0
                                 ? "--search nasrec-small or --table 3 goes with it"
                                 : "--table 3b goes with it",
                             "%s scores click-through models", options->proxies[i]->name);
        }
    }
    return arguments->mode == SGEO_MODE_SEARCH || arguments->by == NULL
               ? SGEO_OK
               : sgeo_fail(SGEO_USAGE, "--search nasrec-small goes with it",
                           "--by says how to search");
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

static enum sgeo_status check_dry_run(const struct sgeo_arguments *arguments)
{
    enum sgeo_mode mode = arguments->mode;
    bool runs = mode == SGEO_MODE_TABLE || mode == SGEO_MODE_FIGURE || mode == SGEO_MODE_SEARCH ||
                mode == SGEO_MODE_TRAIN_TRUTH;
    return !arguments->options.dry_run || (runs && arguments->from == NULL)
               ? SGEO_OK
               : sgeo_fail(SGEO_USAGE, "leave it out",
                           "--dry-run goes with a --table, --figure, --search or --train-truth "
                           "that runs");
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

enum sgeo_status sgeo_arguments_defaults(struct sgeo_arguments *arguments)
{
    struct sgeo_options *options = &arguments->options;
    static const char *const standard[] = {"zico", "sigeo-naslib", "sigeo-eq6", "params"};
    enum sgeo_status status =
        click_mode(arguments) == NULL ? SGEO_OK : sgeo_settle_ctr_proxies(options);
    status = status == SGEO_OK ? check_kind(arguments) : status;
    if (status != SGEO_OK) {
        return status;
    }
    if (options->n_proxies == 0 && arguments->mode != SGEO_MODE_TABLE &&
        arguments->mode != SGEO_MODE_FIGURE &&
        arguments->mode != SGEO_MODE_SEARCH) { /* these have their own */
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
    if (options->out == NULL && arguments->from == NULL &&
        (arguments->mode == SGEO_MODE_TABLE || arguments->mode == SGEO_MODE_FIGURE ||
         arguments->mode == SGEO_MODE_SEARCH)) {
        default_out(arguments);
    }
    status = check_formula(arguments);
    status = status == SGEO_OK ? check_operands(arguments) : status;
    status = status == SGEO_OK ? check_executor(options) : status;
    status = status == SGEO_OK ? check_export(arguments) : status;
    status = status == SGEO_OK ? check_dry_run(arguments) : status;
    status = status == SGEO_OK ? check_out(options) : status;
    return status == SGEO_OK ? check_dedupe(options) : status;
}
