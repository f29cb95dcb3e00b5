#include "bench/args.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

#define NAME_CHARACTERS  "abcdefghijklmnopqrstuvwxyz0123456789_"
#define VALUE_CHARACTERS NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ.:+-"
#define BLANKS           " \t"

struct arg {
    char *name, *value; /* inside sgeo_bench_args.words */
};

struct sgeo_bench_args {
    char *place;
    char *text;  /* the line, single-spaced */
    char *words; /* the line, cut into names and values */
    struct arg args[SGEO_BENCH_MAX_ARGS];
    size_t n;
    bool *asked; /* apart, since looking up does not change the arguments */
};

static const struct arg *find(const struct sgeo_bench_args *args, const char *name)
{
    for (size_t i = 0; i < args->n; i++)
        if (strcmp(args->args[i].name, name) == 0)
            return &args->args[i];
    return NULL;
}

const char *sgeo_bench_word(const struct sgeo_bench_args *args, const char *name)
{
    const struct arg *arg = find(args, name);
    if (!arg)
        return NULL;
    args->asked[arg - args->args] = true;
    return arg->value;
}

enum sgeo_status sgeo_bench_size(size_t *value, const struct sgeo_bench_args *args,
                                 const char *name)
{
    const char *word = sgeo_bench_word(args, name);
    uint64_t number;
    if (!word)
        return sgeo_fail(SGEO_USAGE, NULL, "%s: no %s= in '%s'", args->place, name, args->text);
    if (!sgeo_parse_u64(word, &number) || number > SIZE_MAX)
        return sgeo_fail(SGEO_USAGE, NULL, "%s: %s=%s is no whole number", args->place, name, word);
    *value = (size_t)number;
    return SGEO_OK;
}

enum sgeo_status sgeo_bench_size_or(size_t *value, const struct sgeo_bench_args *args,
                                    const char *name, size_t otherwise)
{
    if (find(args, name))
        return sgeo_bench_size(value, args, name);
    *value = otherwise;
    return SGEO_OK;
}

/* Cut `word` at its equals sign and append it. */
static enum sgeo_status add_word(struct sgeo_bench_args *args, char *word)
{
    size_t length = strspn(word, NAME_CHARACTERS);
    char *value = word + length + 1;
    if (length == 0 || word[length] != '=' || *value == '\0' ||
        value[strspn(value, VALUE_CHARACTERS)] != '\0')
        return sgeo_fail(SGEO_USAGE, "name=value, e.g. dim=16", "%s: malformed '%s'", args->place,
                         word);
    word[length] = '\0';
    if (find(args, word))
        return sgeo_fail(SGEO_USAGE, NULL, "%s: %s is given twice", args->place, word);
    if (args->n == SGEO_BENCH_MAX_ARGS)
        return sgeo_fail(SGEO_USAGE, NULL, "%s: more than %zu arguments", args->place,
                         SGEO_BENCH_MAX_ARGS);
    args->args[args->n++] = (struct arg){word, value};
    return SGEO_OK;
}

static enum sgeo_status add_words(struct sgeo_bench_args *args)
{
    char *rest = NULL;
    enum sgeo_status status = SGEO_OK;
    for (char *word = strtok_r(args->words, BLANKS, &rest); word && status == SGEO_OK;
         word = strtok_r(NULL, BLANKS, &rest))
        status = add_word(args, word);
    return status;
}

/* Write the arguments back, single-spaced; never longer than the line was. */
static void join(struct sgeo_bench_args *args, size_t capacity)
{
    size_t length = 0;
    for (size_t i = 0; i < args->n; i++)
        length += (size_t)snprintf(args->text + length, capacity - length, "%s%s=%s",
                                   i == 0 ? "" : " ", args->args[i].name, args->args[i].value);
}

enum sgeo_status sgeo_bench_args_create(struct sgeo_bench_args **args, const char *text,
                                        const char *place)
{
    size_t capacity = strlen(text) + 1;
    struct sgeo_bench_args *own = sgeo_calloc(1, sizeof *own);
    if (!own)
        return sgeo_fail_memory("a bench case's arguments");
    own->place = sgeo_strdup(place);
    own->text = sgeo_strdup(text);
    own->words = sgeo_strdup(text);
    own->asked = sgeo_calloc(SGEO_BENCH_MAX_ARGS, sizeof *own->asked);
    enum sgeo_status status = own->place && own->text && own->words && own->asked
                                  ? add_words(own)
                                  : sgeo_fail_memory("a bench case's arguments");
    if (status != SGEO_OK) {
        sgeo_bench_args_destroy(own);
        return status;
    }
    join(own, capacity);
    *args = own;
    return SGEO_OK;
}

void sgeo_bench_args_destroy(struct sgeo_bench_args *args)
{
    if (!args)
        return;
    sgeo_free(args->place);
    sgeo_free(args->text);
    sgeo_free(args->words);
    sgeo_free(args->asked);
    sgeo_free(args);
}

const char *sgeo_bench_args_text(const struct sgeo_bench_args *args)
{
    return args->text;
}

const char *sgeo_bench_args_place(const struct sgeo_bench_args *args)
{
    return args->place;
}

void sgeo_bench_args_put_name(struct sgeo_text *name, const struct sgeo_bench_args *args)
{
    for (size_t i = 0; i < args->n; i++)
        sgeo_text_append(name, "%s%s:%s", i == 0 ? "" : "/", args->args[i].name,
                         args->args[i].value);
}

enum sgeo_status sgeo_bench_args_check_asked(const struct sgeo_bench_args *args)
{
    for (size_t i = 0; i < args->n; i++)
        if (!args->asked[i])
            return sgeo_fail(SGEO_USAGE, "is it misspelt?",
                             "%s: nothing here knows %s=", args->place, args->args[i].name);
    return SGEO_OK;
}
