#include "harness/record.h"

#include <stdio.h>
#include <string.h>

#include "harness/ctr_list.h"
#include "harness/json_number.h"
#include "proxy/ctr_measure.h"

int sgeo_job_key_compare(const struct sgeo_job_key *a, const struct sgeo_job_key *b)
{
    if (a->task != b->task) { /* of one data set by their spaces */
        int order = strcmp(a->task->name, b->task->name);
        return order != 0 ? order : strcmp(a->task->space, b->task->space);
    }
    if (a->level != b->level) {
        return a->level < b->level ? -1 : 1;
    }
    if (a->mode != b->mode) {
        return a->mode < b->mode ? -1 : 1;
    }
    if (a->seed != b->seed) {
        return a->seed < b->seed ? -1 : 1;
    }
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    return a->arch_index < b->arch_index ? -1 : a->arch_index > b->arch_index;
}

bool sgeo_job_key_equal(const struct sgeo_job_key *a, const struct sgeo_job_key *b)
{
    return sgeo_job_key_compare(a, b) == 0;
}

const char *sgeo_warmup_mode_name(enum sgeo_warmup_mode mode, double level)
{
    if (level == 0.0) { /* exactly: nothing is warmed */
        return "none";
    }
    return mode == SGEO_WARMUP_SUPERNET ? "supernet" : "candidate";
}

static void write_number(struct sgeo_text *line, const char *name, double value)
{
    sgeo_text_append(line, ",\"%s\":", name);
    sgeo_json_number_write(line, value);
}

static void write_scores(struct sgeo_text *line, const struct sgeo_record *record)
{
    if (record->convention != SGEO_CONVENTION_SUITE) {
        sgeo_text_append(line, ",\"convention\":\"%s\"", sgeo_convention_name(record->convention));
    }
    sgeo_text_append(line, ",\"proxies\":[");
    for (size_t i = 0; i < record->n_scores; i++) {
        const struct sgeo_score *score = &record->scores[i].score;
        sgeo_text_append(line, "%s{\"proxy\":\"%s\"", i == 0 ? "" : ",",
                         record->scores[i].proxy->name);
        write_number(line, "score", score->value);
        write_number(line, "zico", score->term_zico);
        write_number(line, "fr", score->term_fr);
        write_number(line, "loss", score->term_loss);
        write_number(line, "seconds", score->seconds_cpu);
        sgeo_text_append(line, "%s}", score->degenerate ? ",\"degenerate\":true" : "");
    }
    sgeo_text_append(line, "]");
}

static const char *const job_names[] = {
    [SGEO_JOB_WARMUP] = "warmup", [SGEO_JOB_SCORE] = "score", [SGEO_JOB_TRUTH] = "truth"};

void sgeo_record_write(struct sgeo_text *line, const struct sgeo_record *record)
{
    const struct sgeo_job_key *key = &record->key;
    sgeo_text_append(line, "{\"job\":\"%s\",\"task\":\"%s\"", job_names[key->kind],
                     key->task->name);
    write_number(line, "warmup", key->level);
    sgeo_text_append(line, ",\"mode\":\"%s\",\"seed\":%llu,\"steps\":%zu,\"data\":\"%s\"",
                     sgeo_warmup_mode_name(key->mode, key->level), (unsigned long long)key->seed,
                     record->steps, record->data);
    if (key->kind != SGEO_JOB_WARMUP) {
        sgeo_text_append(line, ",\"index\":%zu,\"arch\":\"%s\"", key->arch_index, record->arch);
    }
    if (key->kind == SGEO_JOB_SCORE) {
        write_scores(line, record);
    } else {
        write_number(line, "loss", record->loss);
    }
    if (key->kind == SGEO_JOB_TRUTH) {
        write_number(line, "val", record->val);
        write_number(line, "test", record->test);
        write_number(line, "seconds", record->seconds);
    }
    sgeo_text_append(line, "}");
}

/* --- parsing --- */

static bool read_number(const json_t *object, const char *name, double *value)
{
    return sgeo_json_number_read(value, json_object_get(object, name));
}

static bool read_count(const json_t *object, const char *name, size_t *value)
{
    const json_t *item = json_object_get(object, name);
    if (!json_is_integer(item) || json_integer_value(item) < 0) {
        return false;
    }
    *value = (size_t)json_integer_value(item);
    return true;
}

/* sgeo_record_write escapes nothing: a string that would need it is none of its own. */
static bool is_plain(const char *text)
{
    const char *at = text;
    while ((unsigned char)*at >= ' ' && *at != '"' && *at != '\\') {
        at++;
    }
    return *at == '\0';
}

static bool read_text(const json_t *object, const char *name, char *text, size_t capacity)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value != NULL && is_plain(value) &&
           snprintf(text, capacity, "%s", value) < (int)capacity;
}

/* A member that is only written where it is true. */
static bool read_flag(const json_t *object, const char *name, bool *value)
{
    const json_t *item = json_object_get(object, name);
    *value = json_is_true(item);
    return item == NULL || json_is_true(item);
}

static bool read_kind(enum sgeo_job_kind *kind, const json_t *object)
{
    const char *job = json_string_value(json_object_get(object, "job"));
    for (size_t i = 0; job != NULL && i < sizeof job_names / sizeof *job_names; i++) {
        if (strcmp(job, job_names[i]) == 0) {
            *kind = (enum sgeo_job_kind)i;
            return true;
        }
    }
    return false;
}

/* The name of the mode must fit the level, as sgeo_warmup_mode_name gives it. */
static bool read_mode(enum sgeo_warmup_mode *mode, const json_t *object, double level)
{
    const char *name = json_string_value(json_object_get(object, "mode"));
    *mode = name != NULL && strcmp(name, "candidate") == 0 ? SGEO_WARMUP_CANDIDATE
                                                           : SGEO_WARMUP_SUPERNET;
    return name != NULL && strcmp(name, sgeo_warmup_mode_name(*mode, level)) == 0;
}

/* A click-through task's space is that of the architecture; a warm-up's record has none. */
static const struct sgeo_task *find_task(const char *name, enum sgeo_job_kind kind,
                                         const json_t *object)
{
    const struct sgeo_task *images = sgeo_task_find(name);
    const char *arch =
        kind == SGEO_JOB_WARMUP ? NULL : json_string_value(json_object_get(object, "arch"));
    return images != NULL || arch == NULL ? images : sgeo_ctr_list_task_of(name, arch);
}

static const struct sgeo_proxy *find_proxy(const char *name)
{
    const struct sgeo_proxy *images = sgeo_proxy_find(name);
    return images != NULL ? images : sgeo_ctr_proxy_find(name);
}

static bool read_key(struct sgeo_job_key *key, const json_t *object)
{
    const char *task = json_string_value(json_object_get(object, "task"));
    size_t seed = 0;
    if (task == NULL || !read_kind(&key->kind, object)) {
        return false;
    }
    key->task = find_task(task, key->kind, object);
    if (key->task == NULL || !read_count(object, "seed", &seed) ||
        !read_number(object, "warmup", &key->level) ||
        !(key->level >= 0.0 && key->level <= 100.0)) {
        return false;
    }
    key->seed = seed;
    return read_mode(&key->mode, object, key->level);
}

/* Only written where it is not the suite's. */
static bool read_convention(enum sgeo_convention *convention, const json_t *object)
{
    const json_t *item = json_object_get(object, "convention");
    const char *name = json_string_value(item);
    *convention = item == NULL ? SGEO_CONVENTION_SUITE : SGEO_CONVENTION_OURS;
    return item == NULL ||
           (name != NULL && strcmp(name, sgeo_convention_name(SGEO_CONVENTION_OURS)) == 0);
}

static bool read_scores(struct sgeo_record *record, const json_t *object)
{
    const json_t *proxies = json_object_get(object, "proxies"), *item;
    size_t i;
    if (!read_convention(&record->convention, object) || !json_is_array(proxies) ||
        json_array_size(proxies) > SGEO_PROXIES_MAX) {
        return false;
    }
    json_array_foreach(proxies, i, item)
    {
        const char *name = json_string_value(json_object_get(item, "proxy"));
        struct sgeo_score *score = &record->scores[i].score;
        record->scores[i].proxy = name == NULL ? NULL : find_proxy(name);
        if (record->scores[i].proxy == NULL || !read_number(item, "score", &score->value) ||
            !read_number(item, "zico", &score->term_zico) ||
            !read_number(item, "fr", &score->term_fr) ||
            !read_number(item, "loss", &score->term_loss) ||
            !read_number(item, "seconds", &score->seconds_cpu) ||
            !read_flag(item, "degenerate", &score->degenerate)) {
            return false;
        }
        record->n_scores = i + 1;
    }
    return true;
}

static bool read_record(struct sgeo_record *record, const json_t *object)
{
    bool ok = read_key(&record->key, object) && read_count(object, "steps", &record->steps) &&
              read_text(object, "data", record->data, sizeof record->data);
    if (ok && record->key.kind != SGEO_JOB_WARMUP) {
        ok = read_count(object, "index", &record->key.arch_index) &&
             read_text(object, "arch", record->arch, sizeof record->arch);
    }
    if (ok) {
        ok = record->key.kind == SGEO_JOB_SCORE ? read_scores(record, object)
                                                : read_number(object, "loss", &record->loss);
    }
    if (ok && record->key.kind == SGEO_JOB_TRUTH) {
        ok = read_number(object, "val", &record->val) &&
             read_number(object, "test", &record->test) &&
             read_number(object, "seconds", &record->seconds);
    }
    return ok;
}

enum sgeo_status sgeo_record_parse(struct sgeo_record *record, const char *line)
{
    json_error_t error;
    json_t *object = json_loads(line, 0, &error);
    struct sgeo_record parsed = {0};
    bool ok = object != NULL && read_record(&parsed, object);
    json_decref(object);
    if (!ok) {
        return sgeo_fail(
            SGEO_IO, "the journal is damaged or of another version: give --out another directory",
            "not a journal record: %.60s", line);
    }
    *record = parsed;
    return SGEO_OK;
}

bool sgeo_record_keep_proxies(struct sgeo_record *record, const struct sgeo_options *options)
{
    struct sgeo_record asked = *record;
    for (size_t p = 0; record->key.kind == SGEO_JOB_SCORE && p < options->n_proxies; p++) {
        size_t i = 0;
        while (i < record->n_scores && record->scores[i].proxy != options->proxies[p]) {
            i++;
        }
        if (i == record->n_scores) {
            return false;
        }
        asked.scores[p] = record->scores[i];
        asked.n_scores = options->n_proxies;
    }
    *record = asked;
    return true;
}
