/* NAS-Bench-Suite-Zero JSON. */
#include "data/zcjson.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

/* The largest of the files, NAS-Bench-201 on three data sets, is about 60 MB. */
static const size_t file_limit = (size_t)512 << 20;

/* Length of a number at `at` that Python writes and JSON does not know; 0 when there is none. */
static size_t python_number(const char *at, size_t n_left)
{
    static const char *const numbers[] = {"NaN", "Infinity", "-Infinity"};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        size_t length = strlen(numbers[i]);
        if (length <= n_left && memcmp(at, numbers[i], length) == 0) {
            return length;
        }
    }
    return 0;
}

/*
 * Overwrite Python's numbers outside strings by [] and blanks: valid JSON of the same length, and
 * no number.
 */
static void mask_python_numbers(char *bytes, size_t n_bytes)
{
    bool in_string = false;
    for (size_t i = 0; i < n_bytes; i++) {
        if (in_string && bytes[i] == '\\') {
            i++;
        } else if (bytes[i] == '"') {
            in_string = !in_string;
        } else if (!in_string) {
            size_t length = python_number(bytes + i, n_bytes - i);
            if (length > 0) {
                memset(bytes + i, ' ', length);
                memcpy(bytes + i, "[]", 2);
            }
        }
    }
}

/*
 * The object of a data set, at the root or inside the only member of the root; NULL when there is
 * none.
 */
static json_t *find_dataset(json_t *root, const char *dataset)
{
    json_t *found = json_object_get(root, dataset);
    if (found == NULL && json_object_size(root) == 1) {
        found = json_object_get(json_object_iter_value(json_object_iter(root)), dataset);
    }
    return json_is_object(found) ? found : NULL;
}

static enum sgeo_status read_accuracy(double *percent, const json_t *record, const char *arch,
                                      const char *origin)
{
    if (!json_is_object(record)) {
        return sgeo_fail(SGEO_IO, "this is no zc_*.json of NAS-Bench-Suite-Zero",
                         "%s: architecture %s has no record", origin, arch);
    }
    const json_t *value = json_object_get(record, "val_accuracy");
    *percent = (double)NAN;
    if (value == NULL || json_is_null(value)) {
        return SGEO_OK;
    }
    double number = json_number_value(value);
    if (!json_is_number(value) || number < 0.0 || number > 100.0) {
        return sgeo_fail(SGEO_IO, "accuracies are percent; get the file again",
                         "%s: val_accuracy of architecture %s is not a number in 0..100", origin,
                         arch);
    }
    *percent = number;
    return SGEO_OK;
}

static enum sgeo_status append_record(struct sgeo_truth *truth, const char *arch,
                                      const json_t *record)
{
    struct sgeo_truth_entry entry = {.naslib_idx = SGEO_TRUTH_NO_INDEX};
    entry.accuracy[SGEO_TRUTH_TEST] = (double)NAN;
    enum sgeo_status status =
        read_accuracy(&entry.accuracy[SGEO_TRUTH_VAL], record, arch, truth->path);
    if (status != SGEO_OK) {
        return status;
    }
    entry.arch = sgeo_strdup(arch);
    return sgeo_truth_append_take(truth, &entry);
}

static enum sgeo_status collect(struct sgeo_truth *truth, json_t *records, const char *origin)
{
    struct sgeo_truth made = {0};
    enum sgeo_status status = sgeo_truth_create(&made, json_object_size(records), origin);
    const char *arch;
    json_t *record;
    json_object_foreach(records, arch, record)
    {
        if (status == SGEO_OK) {
            status = append_record(&made, arch, record);
        }
    }
    if (status == SGEO_OK) {
        status = sgeo_truth_finish(&made);
    }
    if (status != SGEO_OK) {
        sgeo_truth_clear(&made);
        return status;
    }
    *truth = made;
    return SGEO_OK;
}

enum sgeo_status sgeo_zcjson_parse(struct sgeo_truth *truth, char *bytes, size_t n_bytes,
                                   const char *origin, const char *dataset)
{
    mask_python_numbers(bytes, n_bytes);
    json_error_t error;
    json_t *root = json_loadb(bytes, n_bytes, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        return sgeo_fail(SGEO_IO, "get the file again; it may have been cut", "%s:%d: %s", origin,
                         error.line, error.text);
    }
    json_t *records = find_dataset(root, dataset);
    enum sgeo_status status =
        records != NULL ? collect(truth, records, origin)
                        : sgeo_fail(SGEO_IO, "each search space has a zc_*.json of its own",
                                    "%s: no data set '%s'", origin, dataset);
    json_decref(root);
    return status;
}

enum sgeo_status sgeo_zcjson_read(struct sgeo_truth *truth, const char *path, const char *dataset)
{
    unsigned char *bytes = NULL;
    size_t n_bytes = 0;
    enum sgeo_status status = sgeo_file_read(path, file_limit, &bytes, &n_bytes);
    if (status != SGEO_OK) {
        return status;
    }
    status = sgeo_zcjson_parse(truth, (char *)bytes, n_bytes, path, dataset);
    sgeo_free(bytes);
    return status;
}
