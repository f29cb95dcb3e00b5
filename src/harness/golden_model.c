/*
 * Golden records of recommender models: the architecture's blocks or a hand-crafted model's name,
 * and features by formula (the golden vectors' naming rules, section 8).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "harness/golden.h"
#include "space/ctr_formula.h"
#include "space/ctr_models.h"
#include "space/nasrec_build.h"

/* Bounds of what a record may ask for, far beyond any real one. */
#define MAX_SIZE     ((json_int_t)1 << 16)
#define MAX_FEATURES ((size_t)256)
#define MAX_NUMBERS  ((size_t)1 << 22) /* of all samples' features */
#define MAX_ALL_ROWS ((size_t)1 << 22) /* rows of all tables */

#define BATCHES ((size_t)4) /* sub-batches of zico_k4 and batch_losses_k4 */

/* A whole number of 1..MAX_SIZE; 0: none. */
static size_t read_size(const json_t *object, const char *name)
{
    json_int_t value = json_integer_value(json_object_get(object, name));
    return value > 0 && value <= MAX_SIZE ? (size_t)value : 0;
}

/* The features of the data sets, where a record does not count them itself. */
static const struct {
    const char *name;
    size_t dense, fields;
} data_sets[] = {{"criteo", 13, 26}, {"avazu", 1, 23}, {"kdd", 3, 10}};

/* What a record does not say itself. */
static void set_unsaid(size_t *count, const json_t *object, const char *name, size_t value)
{
    *count = json_object_get(object, name) == NULL ? value : *count;
}

/* A record's dense features and fields; 0: unknown. */
static void read_features(size_t *dense, size_t *fields, const json_t *object)
{
    const char *name = json_string_value(json_object_get(object, "dataset_layout"));
    *dense = read_size(object, "dense_inputs");
    *fields = read_size(object, "sparse_fields");
    for (size_t i = 0; name != NULL && i < sizeof data_sets / sizeof *data_sets; i++) {
        if (strcmp(data_sets[i].name, name) == 0) {
            set_unsaid(dense, object, "dense_inputs", data_sets[i].dense);
            set_unsaid(fields, object, "sparse_fields", data_sets[i].fields);
        }
    }
}

/* --- networks --- */

/* Its architecture is written as in architecture files. */
static enum sgeo_status read_arch(struct sgeo_nasrec_arch *arch, const json_t *object)
{
    json_t *file = json_object();
    json_object_set(file, "space", json_object_get(object, "space"));
    json_object_set(file, "blocks", json_object_get(object, "blocks"));
    char *text = json_dumps(file, JSON_COMPACT);
    json_decref(file);
    if (text == NULL) {
        return sgeo_fail_memory("golden record");
    }
    enum sgeo_status status = sgeo_nasrec_parse_json(arch, text, strlen(text), "the record");
    free(text);
    return status;
}

static enum sgeo_status build_nasrec(struct sgeo_golden *golden, const json_t *object,
                                     const struct sgeo_feature_layout *features)
{
    const json_t *layer_norm = json_object_get(object, "use_layernorm");
    struct sgeo_nasrec_arch arch;
    if (!json_is_boolean(layer_norm)) {
        return sgeo_fail(SGEO_IO, NULL, "golden record %s is incomplete: no use_layernorm",
                         golden->name);
    }
    enum sgeo_status status = read_arch(&arch, object);
    return status == SGEO_OK
               ? sgeo_nasrec_build(&golden->graph, &arch, features, json_is_true(layer_norm))
               : status;
}

/* Units of the layers NAME0, NAME1, ..., whose number the record's weights tell. */
static void read_layers(struct sgeo_ctr_layers *layers, const json_t *shapes, const char *name)
{
    struct sgeo_ctr_layers found = {0};
    for (size_t i = 0; i < SGEO_CTR_LAYERS_MAX; i++) {
        char key[SGEO_NAME_MAX];
        snprintf(key, sizeof key, "%s%zu.weight", name, i);
        json_int_t units = json_integer_value(json_array_get(json_object_get(shapes, key), 0));
        if (units <= 0 || units > MAX_SIZE) {
            break;
        }
        found.widths[found.n++] = (size_t)units;
    }
    *layers = found.n > 0 ? found : *layers;
}

/* The standard sizes, or the record's own (its tensor_shapes). */
static struct sgeo_ctr_sizes read_sizes(enum sgeo_ctr_model model, const json_t *object)
{
    const json_t *shapes = json_object_get(object, "tensor_shapes");
    struct sgeo_ctr_sizes sizes = sgeo_ctr_standard_sizes(model);
    read_layers(&sizes.bottom, shapes, "bottom");
    read_layers(&sizes.cin, shapes, "cin");
    if (model == SGEO_CTR_DLRM) { /* the last of its upper layers gives the logit */
        struct sgeo_ctr_layers top = sizes.mlp;
        top.widths[top.n++] = 1;
        read_layers(&top, shapes, "top");
        top.n--;
        sizes.mlp = top;
    } else {
        read_layers(&sizes.mlp, shapes, "mlp");
    }
    return sizes;
}

/* --- data --- */

static enum sgeo_status make_data(struct sgeo_golden *golden,
                                  const struct sgeo_feature_layout *layout, size_t rows)
{
    struct sgeo_golden_features *features = sgeo_calloc(1, sizeof *features);
    golden->features = features;
    golden->labels = sgeo_calloc(golden->batch, sizeof *golden->labels);
    if (features == NULL || golden->labels == NULL) {
        return sgeo_fail_memory("golden record");
    }
    features->layout = *layout;
    features->rows = rows;
    features->dense = sgeo_calloc(golden->batch * layout->dense, sizeof *features->dense);
    features->indices = sgeo_calloc(golden->batch * layout->fields, sizeof *features->indices);
    if (features->dense == NULL || features->indices == NULL) {
        return sgeo_fail_memory("golden record");
    }
    struct sgeo_ctr_formula formula = {
        .dense = layout->dense, .fields = layout->fields, .rows = rows, .precision = SGEO_F64};
    const struct sgeo_ctr_buffer buffer = {
        .dense = features->dense, .indices = features->indices, .labels = golden->labels};
    return sgeo_ctr_formula_read(&buffer, 0, golden->batch, &formula);
}

enum sgeo_status sgeo_golden_model(struct sgeo_golden *golden, const json_t *object)
{
    const char *name = json_string_value(json_object_get(object, "name"));
    const char *kind = json_string_value(json_object_get(object, "model"));
    size_t dense, fields, rows = read_size(object, "rows_per_field");
    read_features(&dense, &fields, object);
    *golden = (struct sgeo_golden){.expected = object, .k = BATCHES};
    golden->batch = read_size(object, "batch");
    if (name == NULL || kind == NULL || dense == 0 || dense > MAX_FEATURES || fields == 0 ||
        fields > MAX_FEATURES || rows == 0 || fields > MAX_ALL_ROWS / rows || golden->batch == 0 ||
        golden->batch % BATCHES != 0 || golden->batch > MAX_NUMBERS / (dense + fields)) {
        return sgeo_fail(SGEO_IO,
                         "it needs name, model, dense_inputs, sparse_fields, rows_per_field and a "
                         "batch of four equal parts",
                         "golden record %s is incomplete",
                         name == NULL ? "(without a name)" : name);
    }
    snprintf(golden->name, sizeof golden->name, "%s", name);
    bool is_nasrec = strcmp(kind, "nasrec") == 0;
    enum sgeo_ctr_model model = sgeo_ctr_find(kind);
    if (!is_nasrec && model == SGEO_CTR_MODELS) {
        return sgeo_fail(SGEO_USAGE, "nasrec, dlrm, deepfm, xdeepfm, autoint_plus, dcnv2",
                         "unknown model %s", kind);
    }
    struct sgeo_feature_layout layout =
        is_nasrec ? sgeo_nasrec_features(dense, fields) : sgeo_ctr_features(model, dense, fields);
    enum sgeo_status status;
    if (is_nasrec) {
        status = build_nasrec(golden, object, &layout);
    } else {
        struct sgeo_ctr_sizes sizes = read_sizes(model, object);
        status = sgeo_ctr_build(&golden->graph, model, &layout, &sizes);
    }
    return status == SGEO_OK ? make_data(golden, &layout, rows) : status;
}
