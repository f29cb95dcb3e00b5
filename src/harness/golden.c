#include "harness/golden.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "space/darts.h"
#include "space/nb101.h"
#include "space/space.h"

static enum sgeo_status allocate(struct sgeo_golden *golden)
{
    const struct sgeo_node *image = &golden->graph->nodes[0];
    golden->images =
        sgeo_calloc(golden->batch * image->channels * image->height * image->width, sizeof(double));
    golden->labels = sgeo_calloc(golden->batch, sizeof *golden->labels);
    return golden->images == NULL || golden->labels == NULL ? sgeo_fail_memory("golden record")
                                                            : SGEO_OK;
}

/* --- networks of a search space --- */

/* x = sqrt(3)(2 u("input",j) - 1), label = floor(min(K,10) u("label",n)). */
static void formula_data(struct sgeo_golden *golden, size_t image_elems, size_t classes)
{
    uint64_t input = sgeo_fnv1a("input"), label = sgeo_fnv1a("label");
    size_t distinct = classes < 10 ? classes : 10;
    for (size_t j = 0; j < golden->batch * image_elems; j++) {
        golden->images[j] = sqrt(3.0) * (2.0 * sgeo_hash_uniform(input, j) - 1.0);
    }
    for (size_t n = 0; n < golden->batch; n++) {
        golden->labels[n] = (uint16_t)floor((double)distinct * sgeo_hash_uniform(label, n));
    }
}

/* Pixels of all images of a record, at most: far beyond any real one, and 128 MiB. */
#define MAX_INPUT_ELEMS ((size_t)1 << 24)

static size_t read_size(const json_t *object, const char *name)
{
    json_int_t value = json_integer_value(json_object_get(object, name));
    return value > 0 && value < 100000 ? (size_t)value : 0;
}

/* NAS-Bench-201 and TransNAS-Bench-101 records hold the architecture as its text. */
static enum sgeo_status read_text(struct sgeo_arch *arch, const struct sgeo_space *space,
                                  const json_t *object)
{
    const char *text = json_string_value(json_object_get(object, "arch"));
    return text == NULL ? sgeo_fail(SGEO_IO, NULL, "a golden record is incomplete: no arch")
                        : space->decode(arch, text);
}

/* Operations of NAS-Bench-101 records, by their numbers in NASLib's tuple. */
static const char *const nb101_ops[] = {"in", "out", "mp", "c1", "c3"};
enum { NB101_OPS = sizeof nb101_ops / sizeof *nb101_ops };

static unsigned char nb101_op(const json_t *name)
{
    const char *text = json_string_value(name);
    unsigned char op = 0;
    while (op < NB101_OPS && (text == NULL || strcmp(text, nb101_ops[op]) != 0)) {
        op++;
    }
    return op;
}

/* NAS-Bench-101 records: `matrix` (V rows of V) and `ops` (V names). */
static enum sgeo_status read_matrix(struct sgeo_arch *arch, const struct sgeo_space *space,
                                    const json_t *object)
{
    const json_t *matrix = json_object_get(object, "matrix"), *ops = json_object_get(object, "ops");
    unsigned char numbers[SGEO_NB101_NUMBERS_MAX];
    size_t n = json_array_size(ops);
    bool complete = n <= SGEO_NB101_VERTICES_MAX && json_array_size(matrix) == n;
    (void)space;
    for (size_t v = 0; complete && v < n; v++) {
        const json_t *row = json_array_get(matrix, v);
        complete = json_array_size(row) == n;
        for (size_t to = 0; complete && to < n; to++) {
            json_int_t edge = json_integer_value(json_array_get(row, to));
            numbers[v * n + to] = (unsigned char)(edge < 0 || edge > 1 ? 2 : edge);
        }
        numbers[n * n + v] = nb101_op(json_array_get(ops, v));
    }
    return complete ? sgeo_nb101_from_naslib(arch, numbers, n * n + n)
                    : sgeo_fail(SGEO_IO, NULL, "a golden record is incomplete: no matrix, no ops");
}

static json_t *nb101_matrix(const struct sgeo_nb101_cell *cell)
{
    json_t *matrix = json_array();
    for (size_t v = 0; v < cell->n_vertices; v++) {
        json_t *row = json_array();
        for (size_t to = 0; to < cell->n_vertices; to++) {
            json_array_append_new(row, json_integer(cell->edges[v][to]));
        }
        json_array_append_new(matrix, row);
    }
    return matrix;
}

static json_t *nb101_op_names(const struct sgeo_nb101_cell *cell)
{
    static const char *const names[SGEO_NB101_OPS] = {"c1", "c3", "mp"};
    json_t *ops = json_array();
    for (size_t v = 0; v < cell->n_vertices; v++) {
        json_array_append_new(ops, json_string(v == 0                      ? "in"
                                               : v + 1 == cell->n_vertices ? "out"
                                                                           : names[cell->ops[v]]));
    }
    return ops;
}

static json_t *nb101_channels(const struct sgeo_nb101_cell *cell,
                              const struct sgeo_net_config *config)
{
    json_t *modules = json_array();
    size_t in = config->channels;
    for (size_t m = 0; m < 3 * config->cells; m++) {
        size_t channels[7], out = config->channels << m / config->cells;
        json_t *module = json_array();
        sgeo_nb101_channels(channels, cell, in, out);
        for (size_t v = 0; v < cell->n_vertices; v++) {
            json_array_append_new(module, json_integer((json_int_t)channels[v]));
        }
        json_array_append_new(modules, module);
        in = out;
    }
    return modules;
}

static json_t *nb101_facts(const struct sgeo_arch *arch, const struct sgeo_net_config *config)
{
    struct sgeo_nb101_cell cell, pruned;
    json_t *facts = json_object();
    sgeo_nb101_cell(&cell, arch);
    if (sgeo_nb101_prune(&pruned, &cell)) {
        json_object_set_new(facts, "pruned_matrix", nb101_matrix(&pruned));
        json_object_set_new(facts, "pruned_ops", nb101_op_names(&pruned));
        json_object_set_new(facts, "vertex_channels_per_module", nb101_channels(&pruned, config));
    }
    return facts;
}

/* Append the text of an NB301 cell, 8 entries [source, operation's name]. */
static enum sgeo_status append_cell(char text[SGEO_ARCH_TEXT_MAX], const json_t *cell)
{
    for (size_t e = 0; e < SGEO_DARTS_EDGES; e++) {
        const json_t *entry = json_array_get(cell, e), *source = json_array_get(entry, 0);
        const char *name = json_string_value(json_array_get(entry, 1));
        size_t op = 0, length = strlen(text);
        while (name != NULL && op < SGEO_DARTS_OPS && strcmp(sgeo_darts_op_names[op], name) != 0) {
            op++;
        }
        if (name == NULL || op == SGEO_DARTS_OPS || !json_is_integer(source)) {
            return sgeo_fail(SGEO_IO, "an entry is [source, operation]",
                             "a golden record of nb301 has a cell whose entry %zu is malformed", e);
        }
        snprintf(text + length, SGEO_ARCH_TEXT_MAX - length, "%s%" JSON_INTEGER_FORMAT ":%zu",
                 e == 0 ? "" : " ", json_integer_value(source), op);
    }
    return json_array_size(cell) == SGEO_DARTS_EDGES
               ? SGEO_OK
               : sgeo_fail(SGEO_IO, NULL, "a golden record of nb301 has a cell of %zu entries",
                           json_array_size(cell));
}

/* NB301 records hold the two cells as arrays. */
static enum sgeo_status read_cells(struct sgeo_arch *arch, const struct sgeo_space *space,
                                   const json_t *object)
{
    char text[SGEO_ARCH_TEXT_MAX] = "";
    enum sgeo_status status = append_cell(text, json_object_get(object, "normal"));
    if (status == SGEO_OK) {
        size_t length = strlen(text);
        snprintf(text + length, sizeof text - length, ",");
        status = append_cell(text, json_object_get(object, "reduce"));
    }
    return status == SGEO_OK ? space->decode(arch, text) : status;
}

/* Spaces with golden vectors, how a record of each names its architecture, and the fields of its
 * own that follow from that (NULL: none). */
static const struct {
    const char *space;
    enum sgeo_status (*read)(struct sgeo_arch *arch, const struct sgeo_space *space,
                             const json_t *object);
    json_t *(*facts)(const struct sgeo_arch *arch, const struct sgeo_net_config *config);
} formats[] = {{"nb101", read_matrix, nb101_facts},
               {"nb201", read_text, NULL},
               {"nb301", read_cells, NULL},
               {"tnb101_micro", read_text, NULL}};

/* The space that the files call by this name. */
static const struct sgeo_space *find_space(const char *name)
{
    return sgeo_space_find(strcmp(name, "tnb101_micro") == 0 ? "tnb101" : name);
}

bool sgeo_golden_knows(const char *space)
{
    for (size_t f = 0; space != NULL && f < sizeof formats / sizeof formats[0]; f++) {
        if (strcmp(formats[f].space, space) == 0) {
            return true;
        }
    }
    return false;
}

static size_t format_of(const char *space)
{
    size_t f = 0;
    while (strcmp(formats[f].space, space) != 0) {
        f++;
    }
    return f;
}

enum sgeo_status sgeo_golden_network(struct sgeo_golden *golden, const char *space_name,
                                     const json_t *object)
{
    const struct sgeo_space *space = find_space(space_name);
    const char *name = json_string_value(json_object_get(object, "name"));
    const json_t *input = json_object_get(object, "input");
    struct sgeo_net_config config = space->standard;
    struct sgeo_arch arch;
    *golden = (struct sgeo_golden){.expected = object};
    config.classes = read_size(object, "classes");
    config.image_channels = (size_t)json_integer_value(json_array_get(input, 0));
    config.image_size = (size_t)json_integer_value(json_array_get(input, 1));
    bool square = json_array_size(input) == 2 ||
                  json_equal(json_array_get(input, 1), json_array_get(input, 2)) == 1;
    golden->batch = read_size(object, "batch");
    golden->k = read_size(object, "k");
    if (name == NULL || config.classes < 2 || config.image_channels != 3 || !square ||
        config.image_size < 8 || config.image_size > 512 || golden->k == 0 || golden->batch == 0 ||
        golden->batch % golden->k != 0 ||
        golden->batch > MAX_INPUT_ELEMS / (3 * config.image_size * config.image_size)) {
        return sgeo_fail(SGEO_IO,
                         "it needs name, input [3,n,n] with n from 8 to 512, two classes or more, "
                         "and a batch of k equal parts",
                         "golden record %s is incomplete or of no network here",
                         name == NULL ? "(without a name)" : name);
    }
    snprintf(golden->name, sizeof golden->name, "%s", name);
    size_t format = format_of(space_name);
    enum sgeo_status status = formats[format].read(&arch, space, object);
    if (status == SGEO_OK && formats[format].facts != NULL) {
        golden->facts = formats[format].facts(&arch, &config);
    }
    if (status == SGEO_OK) {
        golden->space = space;
        golden->arch = arch;
        golden->config = config;
        status = space->build(&golden->graph, &arch, &config);
    }
    if (status == SGEO_OK) {
        status = allocate(golden);
    }
    if (status == SGEO_OK) {
        formula_data(golden, config.image_channels * config.image_size * config.image_size,
                     config.classes);
    }
    return status;
}

/* --- the toy --- */

void sgeo_golden_sine(double *values, size_t n, double a, double b, double m)
{
    for (size_t i = 0; i < n; i++) {
        values[i] = m * sin(a * (double)i + b);
    }
}

/* Conv3x3(3,4) BN ReLU Conv3x3 stride 2 (4,5) BN ReLU mean Linear(5,3), modules numbered as in a
 * sequential container. */
static enum sgeo_status toy_graph(struct sgeo_graph **out)
{
    struct sgeo_graph *graph = sgeo_graph_create();
    if (graph == NULL) {
        return sgeo_fail_memory("toy network");
    }
    size_t x = sgeo_graph_input(graph, 3, 8, 8);
    x = sgeo_graph_conv(graph, x, "0", 4, (struct sgeo_conv_shape){3, 1, 1, 1});
    x = sgeo_graph_relu(graph, sgeo_graph_batchnorm(graph, x, "1", true));
    x = sgeo_graph_conv(graph, x, "3", 5, (struct sgeo_conv_shape){3, 2, 1, 1});
    x = sgeo_graph_relu(graph, sgeo_graph_batchnorm(graph, x, "4", true));
    x = sgeo_graph_linear(graph, sgeo_graph_global_mean(graph, x), "8", 3);
    *out = graph;
    return sgeo_graph_finish(graph, x);
}

enum sgeo_status sgeo_golden_toy(struct sgeo_golden *golden, const json_t *object, const char *name)
{
    *golden = (struct sgeo_golden){.expected = object, .batch = 16, .k = 4, .is_toy = true};
    snprintf(golden->name, sizeof golden->name, "%s", name);
    enum sgeo_status status = toy_graph(&golden->graph);
    if (status == SGEO_OK) {
        status = allocate(golden);
    }
    if (status != SGEO_OK) {
        return status;
    }
    const size_t elems = 16 * 3 * 8 * 8;
    sgeo_golden_sine(golden->images, elems, 0.37, 0.1, 1.0);
    for (size_t i = 0; i < elems; i++) {
        golden->images[i] += 0.5 * sin(0.011 * (double)i + 0.3);
    }
    for (size_t n = 0; n < golden->batch; n++) {
        golden->labels[n] = (uint16_t)(n % 3);
    }
    return SGEO_OK;
}

static enum sgeo_status toy_fill(const struct sgeo_store *store, void *theta)
{
    static const struct {
        const char *name;
        double a, b, m;
    } weights[] = {
        {"0.weight", 1.3, 0.2, 0.5}, {"3.weight", 0.9, 0.4, 0.4}, {"8.weight", 1.7, 0.6, 0.6}};
    static const double bias[3] = {0.1, -0.2, 0.05};
    double values[4 * 5 * 9];
    enum sgeo_status status = sgeo_store_init_formula(store, theta); /* scale 1, shift 0 */
    for (size_t w = 0; status == SGEO_OK && w < 3; w++) {
        size_t index = sgeo_store_find(store, weights[w].name);
        sgeo_golden_sine(values, sgeo_store_segment(store, index)->count, weights[w].a,
                         weights[w].b, weights[w].m);
        sgeo_store_import(store, theta, index, values);
    }
    sgeo_store_import(store, theta, sgeo_store_find(store, "8.bias"), bias);
    return status;
}

enum sgeo_status sgeo_golden_fill(const struct sgeo_store *store, void *theta, void *context)
{
    const struct sgeo_golden *golden = context;
    return golden->is_toy ? toy_fill(store, theta) : sgeo_store_init_formula(store, theta);
}

void sgeo_golden_clear(struct sgeo_golden *golden)
{
    sgeo_graph_destroy(golden->graph);
    sgeo_free(golden->images);
    sgeo_free(golden->labels);
    if (golden->features != NULL) {
        sgeo_free(golden->features->dense);
        sgeo_free(golden->features->indices);
        sgeo_free(golden->features);
    }
    json_decref(golden->facts);
    *golden = (struct sgeo_golden){0};
}
