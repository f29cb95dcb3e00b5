/*
 * Any values of options: of every line the first character chooses the option, the rest is its
 * value. Accepted options keep the promises of their struct; refusals say why in one line.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "cli/arguments.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORDS_MAX = 16 };

static const char *const names[] = {"task",   "proxy",       "warmup",  "warmup-mode", "archs",
                                    "truth",  "preset",      "lambda",  "batches",     "batch-size",
                                    "epochs", "seeds",       "seed",    "repeat",      "nonfinite",
                                    "layout", "precision",   "workers", "shard",       "isa",
                                    "data",   "train-truth", "out",     "from"};

static void require(bool promise)
{
    if (!promise) {
        abort();
    }
}

static char *make_word(const char *line)
{
    const char *name = names[(unsigned char)line[0] % (sizeof names / sizeof *names)];
    size_t capacity = strlen(line) + 32;
    char *word = malloc(capacity);
    require(word != NULL);
    (void)snprintf(word, capacity, "--%s=%s", name, line + 1);
    return word;
}

/* Cuts `text` into lines; the words are the caller's. */
static int make_words(char *words[WORDS_MAX], char *text)
{
    int n = 0;
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL && n < WORDS_MAX;
         line = strtok_r(NULL, "\n", &rest)) {
        words[n++] = make_word(line);
    }
    return n;
}

static void check_accepted(const struct sgeo_options *options)
{
    for (size_t i = 0; i < options->n_levels; i++) {
        require(options->levels[i] >= 0.0 && options->levels[i] <= 100.0);
        require(i == 0 || options->levels[i - 1] < options->levels[i]);
    }
    require(options->n_tasks >= 1 && options->n_tasks <= SGEO_TASKS_MAX);
    require(options->n_proxies >= 1 && options->n_proxies <= SGEO_PROXIES_MAX);
    require(options->batches >= 2 && options->batch_size >= 1 && options->workers >= 1);
    require(options->shards == 0 || options->shard < options->shards);
    require(options->seed < (uint64_t)1 << 62);
    require(options->out != NULL);
}

static void check_refused(enum sgeo_status status)
{
    require(status == SGEO_USAGE || status == SGEO_UNSUPPORTED);
    require(sgeo_error_text()[0] != '\0');
    require(strchr(sgeo_error_text(), '\n') == NULL);
}

static void parse(char *words[WORDS_MAX], int n)
{
    char program[] = "bench_sigeo", mode[] = "--table=2";
    char *argv[2 + WORDS_MAX + 1] = {program, mode};
    struct sgeo_arguments arguments;
    memcpy(argv + 2, words, (size_t)n * sizeof *words);
    enum sgeo_status status = sgeo_arguments_parse(&arguments, 2 + n, argv);
    if (status == SGEO_OK) {
        check_accepted(&arguments.options);
    } else {
        check_refused(status);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *words[WORDS_MAX];
    char *text = malloc(size + 1);
    require(text != NULL);
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    int n = make_words(words, text);
    parse(words, n);
    for (int i = 0; i < n; i++) {
        free(words[i]);
    }
    free(text);
    return 0;
}
