/* Keys and journal lines of trainings from scratch. */
#include <stdio.h>
#include <string.h>

#include "harness/ctr_final.h"
#include "harness/json_number.h"

enum { QUALITIES = 4 };

/* --- keys --- */

void sgeo_ctr_final_identity(char hex[SGEO_SHA256_HEX], const struct sgeo_ctr_final *record)
{
    char key[SGEO_NASREC_TEXT_MAX + 96];
    snprintf(key, sizeof key, "%s %s seed %llu %s", record->task->name, record->model,
             (unsigned long long)record->seed, record->settings);
    sgeo_sha256(hex, key, strlen(key));
}

enum sgeo_status sgeo_ctr_final_settings(char settings[SGEO_DATA_ID],
                                         const struct sgeo_ctr_set *clicks,
                                         const struct sgeo_ctr_final_recipe *recipe)
{
    struct sgeo_text text = {0};
    char hex[SGEO_SHA256_HEX];
    sgeo_text_append(&text, "steps %zu batch %zu peak %g ", recipe->steps, recipe->batch,
                     recipe->peak);
    sgeo_ctr_set_identity(&text, clicks);
    if (text.failed) {
        sgeo_text_clear(&text);
        return sgeo_fail_memory("settings of a training");
    }
    sgeo_sha256(hex, text.bytes, text.length);
    sgeo_text_clear(&text);
    memcpy(settings, hex, SGEO_DATA_ID - 1);
    settings[SGEO_DATA_ID - 1] = '\0';
    return SGEO_OK;
}

/* --- journal lines --- */

static void list_quality(double *numbers[QUALITIES], struct sgeo_ctr_quality *quality)
{
    numbers[0] = &quality->log_loss;
    numbers[1] = &quality->auc;
    numbers[2] = &quality->calibration;
    numbers[3] = &quality->calibration_error;
}

static void write_quality(struct sgeo_text *line, const char *name, struct sgeo_ctr_quality quality)
{
    double *numbers[QUALITIES];
    list_quality(numbers, &quality);
    sgeo_text_append(line, "\"%s\":", name);
    for (size_t i = 0; i < QUALITIES; i++) {
        sgeo_text_append(line, i == 0 ? "[" : ",");
        sgeo_json_number_write(line, *numbers[i]);
    }
    sgeo_text_append(line, "],");
}

static void write_point(struct sgeo_text *line, const struct sgeo_ctr_curve_point *point)
{
    sgeo_text_append(line, "[%zu,", point->steps);
    sgeo_json_number_write(line, point->train_loss);
    sgeo_text_append(line, ",");
    sgeo_json_number_write(line, point->valid_loss);
    sgeo_text_append(line, "]");
}

void sgeo_ctr_final_write(struct sgeo_text *line, const struct sgeo_ctr_final *record)
{
    sgeo_text_append(line,
                     "{\"job\":\"final\",\"task\":\"%s\",\"model\":\"%s\",\"seed\":%llu,"
                     "\"settings\":\"%s\",\"steps\":%zu,\"params\":%zu,\"diverged\":%s,",
                     record->task->name, record->model, (unsigned long long)record->seed,
                     record->settings, record->steps, record->params,
                     record->diverged ? "true" : "false");
    write_quality(line, "valid", record->valid);
    write_quality(line, "test", record->test);
    sgeo_text_append(line, "\"seconds\":");
    sgeo_json_number_write(line, record->seconds);
    sgeo_text_append(line, ",\"curve\":[");
    for (size_t i = 0; i < record->n_points; i++) {
        sgeo_text_append(line, i == 0 ? "" : ",");
        write_point(line, &record->curve[i]);
    }
    sgeo_text_append(line, "]}");
}

static bool read_size(size_t *size, const json_t *item)
{
    if (!json_is_integer(item) || json_integer_value(item) < 0) {
        return false;
    }
    *size = (size_t)json_integer_value(item);
    return true;
}

static bool read_text(char *text, size_t capacity, const json_t *item)
{
    const char *value = json_string_value(item);
    return value != NULL && strlen(value) < capacity && snprintf(text, capacity, "%s", value) >= 0;
}

static bool read_quality(struct sgeo_ctr_quality *quality, const json_t *array)
{
    double *numbers[QUALITIES];
    bool good = json_array_size(array) == QUALITIES;
    list_quality(numbers, quality);
    for (size_t i = 0; good && i < QUALITIES; i++) {
        good = sgeo_json_number_read(numbers[i], json_array_get(array, i));
    }
    return good;
}

static bool read_curve(struct sgeo_ctr_final *record, const json_t *array)
{
    bool good = json_is_array(array) && json_array_size(array) <= SGEO_CTR_CURVE_POINTS;
    record->n_points = good ? json_array_size(array) : 0;
    for (size_t i = 0; good && i < record->n_points; i++) {
        const json_t *item = json_array_get(array, i);
        struct sgeo_ctr_curve_point *point = &record->curve[i];
        good = json_array_size(item) == 3 && read_size(&point->steps, json_array_get(item, 0)) &&
               sgeo_json_number_read(&point->train_loss, json_array_get(item, 1)) &&
               sgeo_json_number_read(&point->valid_loss, json_array_get(item, 2));
    }
    return good;
}

static bool read_record(struct sgeo_ctr_final *record, const json_t *object)
{
    const char *job = json_string_value(json_object_get(object, "job"));
    const char *task = json_string_value(json_object_get(object, "task"));
    const json_t *diverged = json_object_get(object, "diverged");
    size_t seed = 0;
    if (job == NULL || strcmp(job, "final") != 0 || task == NULL || !json_is_boolean(diverged)) {
        return false;
    }
    record->task = sgeo_ctr_task_find(task);
    record->diverged = json_is_true(diverged);
    bool good =
        record->task != NULL &&
        read_text(record->model, sizeof record->model, json_object_get(object, "model")) &&
        read_size(&seed, json_object_get(object, "seed")) &&
        read_text(record->settings, sizeof record->settings, json_object_get(object, "settings")) &&
        read_size(&record->steps, json_object_get(object, "steps")) &&
        read_size(&record->params, json_object_get(object, "params")) &&
        read_quality(&record->valid, json_object_get(object, "valid")) &&
        read_quality(&record->test, json_object_get(object, "test")) &&
        sgeo_json_number_read(&record->seconds, json_object_get(object, "seconds")) &&
        read_curve(record, json_object_get(object, "curve"));
    record->seed = seed;
    return good;
}

enum sgeo_status sgeo_ctr_final_parse(struct sgeo_ctr_final *record, const char *line)
{
    struct sgeo_ctr_final parsed = {0};
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    bool good = read_record(&parsed, object);
    json_decref(object);
    if (!good) {
        return sgeo_fail(
            SGEO_IO, "the journal is damaged or of another version: give --out another directory",
            "not a training's journal line: %.60s", line);
    }
    *record = parsed;
    return SGEO_OK;
}
