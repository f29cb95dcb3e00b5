/*
 * Golden records of recommender models: the architecture's blocks or a hand-crafted model's name,
 * and features by formula (the golden vectors' naming rules, section 8).
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "harness/golden.h"
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

static enum sgeo_status malformed(const char *record, const char *what)
{
    return sgeo_fail(SGEO_IO, NULL, "golden record %s is incomplete: no %s", record, what);
}

/* The features of the data sets, where a record does not count them itself. */
static const struct {
    const char *name;
    size_t dense, fields;
} data_sets[] = {{"criteo", 13, 26}, {"avazu", 1, 23}, {"kdd", 3, 10}};

/* A record's dense features and fields; 0: unknown. */
static void read_features(size_t *dense, size_t *fields, const json_t *object)
{
    const char *name = json_string_value(json_object_get(object, "dataset_layout"));
    *dense = read_size(object, "dense_inputs");
    *fields = read_size(object, "sparse_fields");
    for (size_t i = 0; name != NULL && i < sizeof data_sets / sizeof *data_sets; i++) {
        if (strcmp(data_sets[i].name, name) == 0) {
            *dense = *dense == 0 ? data_sets[i].dense : *dense;
            *fields = *fields == 0 ? data_sets[i].fields : *fields;
        }
    }
}

/* --- NASRec architectures --- */

/* Operators by the golden files' names. */
static const char *const op_names[] = {
    [SGEO_NASREC_FC] = "fc",   [SGEO_NASREC_DOT] = "dot",        [SGEO_NASREC_GATE] = "gate",
    [SGEO_NASREC_SUM] = "sum", [SGEO_NASREC_ATTENTION] = "attn", [SGEO_NASREC_EFC] = "efc"};
enum { OPS = sizeof op_names / sizeof *op_names };

/* OPS for a name that is none. */
static unsigned char read_op(const json_t *name)
{
    const char *text = json_string_value(name);
    unsigned char op = 0;
    while (op < OPS && (text == NULL || strcmp(text, op_names[op]) != 0)) {
        op++;
    }
    return op;
}

/* A merger, 0 or 1. */
static bool read_switch(bool *value, const json_t *item)
{
    json_int_t number = json_integer_value(item);
    *value = number != 0;
    return json_is_integer(item) && (number == 0 || number == 1);
}

/* An input's index, 0..6. */
static bool read_input(unsigned char *input, const json_t *item)
{
    json_int_t number = json_integer_value(item);
    *input = (unsigned char)number;
    return json_is_integer(item) && number >= 0 && number < (json_int_t)SGEO_NASREC_BLOCKS;
}

/* A list of inputs as bits. */
static bool read_inputs(unsigned char *inputs, const json_t *list)
{
    bool complete = json_is_array(list);
    *inputs = 0;
    for (size_t i = 0; complete && i < json_array_size(list); i++) {
        unsigned char input;
        complete = read_input(&input, json_array_get(list, i));
        *inputs = (unsigned char)(complete ? *inputs | 1U << input : *inputs);
    }
    return complete;
}

static bool read_block(struct sgeo_nasrec_block *block, const json_t *object)
{
    const json_t *ops = json_object_get(object, "ops");
    size_t dense = read_size(object, "dense_dim"), sparse = read_size(object, "sparse_dim");
    block->dense_op = read_op(json_array_get(ops, 0));
    block->sparse_op = read_op(json_array_get(ops, 1));
    block->dense_dim = (uint16_t)dense;
    block->sparse_dim = (uint16_t)sparse;
    return json_array_size(ops) == 2 && dense > 0 && dense <= UINT16_MAX && sparse > 0 &&
           sparse <= UINT16_MAX &&
           read_switch(&block->dense_to_sparse, json_object_get(object, "dense_to_sparse")) &&
           read_switch(&block->fm, json_object_get(object, "fm")) &&
           read_inputs(&block->dense_inputs, json_object_get(object, "dense_idx")) &&
           read_inputs(&block->sparse_inputs, json_object_get(object, "sparse_idx")) &&
           read_input(&block->left, json_object_get(object, "left")) &&
           read_input(&block->right, json_object_get(object, "right"));
}

static enum sgeo_status build_nasrec(struct sgeo_golden *golden, const json_t *object,
                                     const struct sgeo_feature_layout *features)
{
    const json_t *blocks = json_object_get(object, "blocks");
    const json_t *layer_norm = json_object_get(object, "use_layernorm");
    const char *space = json_string_value(json_object_get(object, "space"));
    struct sgeo_nasrec_arch arch = {.space = SGEO_NASREC_FULL};
    if (space != NULL && strcmp(space, "small") == 0) {
        arch.space = SGEO_NASREC_SMALL;
    }
    if (json_array_size(blocks) != SGEO_NASREC_BLOCKS || !json_is_boolean(layer_norm)) {
        return malformed(golden->name, "seven blocks with use_layernorm");
    }
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        if (!read_block(&arch.blocks[b], json_array_get(blocks, b))) {
            return sgeo_fail(SGEO_IO,
                             "a block has ops, dense_dim, sparse_dim, dense_to_sparse, fm, "
                             "dense_idx, sparse_idx, left, right",
                             "golden record %s: block %zu is malformed", golden->name, b + 1);
        }
    }
    return sgeo_nasrec_build(&golden->graph, &arch, features, json_is_true(layer_norm));
}

/* --- hand-crafted models --- */

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

/* dense = 4 u("dense", n*D+j), index = floor(rows u("sparse", n*F+f)), label = floor(2 u("label",
 * n)). */
static void formula_data(struct sgeo_golden *golden)
{
    const struct sgeo_golden_features *features = golden->features;
    size_t dense = features->layout.dense, fields = features->layout.fields;
    uint64_t dense_key = sgeo_fnv1a("dense"), sparse_key = sgeo_fnv1a("sparse");
    uint64_t label_key = sgeo_fnv1a("label");
    for (size_t n = 0; n < golden->batch; n++) {
        for (size_t j = 0; j < dense; j++) {
            features->dense[n * dense + j] = 4.0 * sgeo_hash_uniform(dense_key, n * dense + j);
        }
        for (size_t f = 0; f < fields; f++) {
            features->indices[f * golden->batch + n] = (int32_t)floor(
                (double)features->rows * sgeo_hash_uniform(sparse_key, n * fields + f));
        }
        golden->labels[n] = (uint16_t)floor(2.0 * sgeo_hash_uniform(label_key, n));
    }
}

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
    formula_data(golden);
    return SGEO_OK;
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
        return sgeo_fail(SGEO_IO, "nasrec, dlrm, deepfm, xdeepfm, autoint_plus",
                         "golden record %s: unknown model %s", name, kind);
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
    if (status == SGEO_USAGE) { /* here it is the file that is damaged */
        return sgeo_fail(SGEO_IO, sgeo_error_hint(), "golden record %s: %s", name,
                         sgeo_error_text());
    }
    return status == SGEO_OK ? make_data(golden, &layout, rows) : status;
}
