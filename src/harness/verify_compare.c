/* A record's fields against what is expected of them. */
#include "harness/verify_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"

/* What a field is compared with: its own number among the scales, one for the whole field, or 0. */
static double scale_of(const json_t *scales)
{
    return json_is_number(scales) ? json_number_value(scales) : 0.0;
}

static bool begins_with(const char *field, const char *prefix)
{
    return strncmp(field, prefix, strlen(prefix)) == 0;
}

static double tolerance_of(const struct sgeo_attempt *attempt, const char *field)
{
    if (attempt->precision == SGEO_F64) {
        bool loose = begins_with(field, "sigeo") || begins_with(field, "zico") ||
                     begins_with(field, "jacov");
        return loose ? TOLERANCE_F64_LOOSE : TOLERANCE_F64;
    }
    bool fisher = begins_with(field, "fr_") || begins_with(field, "dloss_dalpha");
    bool layer = strstr(field, "_per_layer/") != NULL || strstr(field, "_per_tensor/") != NULL;
    bool kink = strcmp(field, "grasp") == 0 || strcmp(field, "fisher") == 0 ||
                begins_with(field, "jacov_eigenvalues/");
    if (kink) {
        return TOLERANCE_F32_KINK;
    }
    return fisher ? TOLERANCE_F32_FISHER : layer ? TOLERANCE_F32_LAYER : TOLERANCE_F32;
}

/* One row of the report; expected and got as they are to be shown. */
static void report(struct sgeo_verifier *verifier, const struct sgeo_attempt *attempt,
                   const char *field, const char *expected, const char *got, double error, bool ok)
{
    struct sgeo_text row = {0}, record = {0};
    sgeo_text_append(&record, "%s%s", attempt->golden->name,
                     attempt->precision == SGEO_F64            ? ""
                     : verifier->single.precision == SGEO_BF16 ? "@bf16"
                                                               : "@f32");
    sgeo_csv_put(&row, record.bytes);
    sgeo_csv_put(&row, field);
    sgeo_csv_put(&row, expected);
    sgeo_csv_put(&row, got);
    sgeo_csv_put_double(&row, error);
    sgeo_csv_put(&row, ok ? "ok" : "FAIL");
    sgeo_csv_end_row(&row);
    verifier->sink(row.bytes, verifier->sink_context);
    sgeo_text_clear(&row);
    sgeo_text_clear(&record);
    if (ok) {
        verifier->result->passed++;
    } else {
        verifier->result->failed++;
    }
}

static void compare_numbers(struct sgeo_verifier *verifier, const struct sgeo_attempt *attempt,
                            const char *field, const json_t *expected, const json_t *got,
                            double scale)
{
    double want = json_number_value(expected), have = json_number_value(got);
    double size = fmax(fabs(want), scale), error = fabs(have - want);
    double relative = error == 0.0 ? 0.0 : error / size;
    bool count = json_is_integer(got); /* exact, however the file writes it */
    char texts[2][32];
    snprintf(texts[0], sizeof texts[0], "%.17g", want);
    snprintf(texts[1], sizeof texts[1], "%.17g", have);
    report(verifier, attempt, field, texts[0], texts[1], relative,
           count ? want == have : relative <= tolerance_of(attempt, field));
}

/* Any value as JSON, a string without its quotes; the caller frees it. NULL: no memory. */
static char *text_of(const json_t *value)
{
    return json_is_string(value) ? strdup(json_string_value(value))
                                 : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
}

/* The expected value has another shape than what was computed, or one of them is no number. */
static void report_shape(struct sgeo_verifier *verifier, const struct sgeo_attempt *attempt,
                         const char *field, const json_t *expected, const json_t *got)
{
    char *texts[2] = {text_of(expected), text_of(got)};
    report(verifier, attempt, field, texts[0] == NULL ? "" : texts[0],
           texts[1] == NULL ? "" : texts[1], (double)INFINITY, false);
    free(texts[0]);
    free(texts[1]);
}

/* Numbers of an expected value that nothing was computed for; counted once, not again in f32. */
static void skip(struct sgeo_verifier *verifier, const struct sgeo_attempt *attempt,
                 json_t *expected)
{
    const char *key;
    json_t *item;
    size_t i;
    if (attempt->precision != SGEO_F64) {
        return;
    }
    verifier->result->skipped += json_is_object(expected) || json_is_array(expected) ? 0 : 1;
    json_object_foreach(expected, key, item)
    {
        skip(verifier, attempt, item);
    }
    json_array_foreach(expected, i, item)
    {
        skip(verifier, attempt, item);
    }
}

static void compare(struct sgeo_verifier *verifier, const struct sgeo_attempt *attempt,
                    const char *field, json_t *expected, json_t *got, const json_t *scales);

static void compare_objects(struct sgeo_verifier *verifier, const struct sgeo_attempt *attempt,
                            const char *field, json_t *expected, json_t *got, const json_t *scales)
{
    const char *key;
    json_t *item;
    char path[256];
    bool one_scale = !json_is_object(scales);
    json_object_foreach(expected, key, item)
    {
        snprintf(path, sizeof path, "%s/%s", field, key);
        compare(verifier, attempt, path, item, json_object_get(got, key),
                one_scale ? scales : json_object_get(scales, key));
    }
}

/* Expected against computed, of one shape or it fails. */
static void compare(struct sgeo_verifier *verifier, const struct sgeo_attempt *attempt,
                    const char *field, json_t *expected, json_t *got, const json_t *scales)
{
    if (json_is_object(expected) && json_is_object(got)) {
        compare_objects(verifier, attempt, field, expected, got, scales);
    } else if (json_is_array(expected) && json_array_size(expected) == json_array_size(got)) {
        json_t *item;
        size_t i;
        json_array_foreach(expected, i, item)
        {
            char path[256];
            snprintf(path, sizeof path, "%s/%zu", field, i);
            compare(verifier, attempt, path, item, json_array_get(got, i), scales);
        }
    } else if (json_is_string(expected) && json_is_string(got)) {
        const char *want = json_string_value(expected), *have = json_string_value(got);
        bool same = strcmp(want, have) == 0;
        report(verifier, attempt, field, want, have, same ? 0.0 : (double)INFINITY, same);
    } else if (json_is_number(expected) && json_is_number(got)) {
        compare_numbers(verifier, attempt, field, expected, got, scale_of(scales));
    } else {
        report_shape(verifier, attempt, field, expected, got);
    }
}

/* Fields that describe the record instead of checking it. */
static bool is_description(const char *field)
{
    static const char *const names[] = {
        "name",   "arch",           "matrix",       "ops",           "normal",
        "reduce", "input",          "classes",      "batch",         "k",
        "model",  "dataset_layout", "dense_inputs", "sparse_fields", "rows_per_field",
        "space",  "use_layernorm",  "blocks"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(field, names[i]) == 0) {
            return true;
        }
    }
    return strstr(field, "_rounding_noise") != NULL;
}

void sgeo_verify_compare(struct sgeo_verifier *verifier, const struct sgeo_attempt *attempt)
{
    const char *field;
    json_t *expected;
    json_object_foreach((json_t *)(uintptr_t)attempt->golden->expected, field, expected)
    {
        json_t *got = json_object_get(attempt->got, field);
        if (is_description(field)) {
            continue;
        }
        if (got == NULL || json_is_null(expected)) {
            skip(verifier, attempt, expected);
        } else {
            compare(verifier, attempt, field, expected, got,
                    json_object_get(attempt->scales, field));
        }
    }
}
