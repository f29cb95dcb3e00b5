/* The nb101 space: its text, pruning and channels, the sizes of its networks, and its supernet. */
#include "space/nb101.h"

#include "space/rig.h"
#include "space/supernet.h"

#define GOLDEN "tests/golden/nb101.json"

/* Cells with published or golden numbers. */
#define PROJECTION "1:"
#define INCEPTION  "111010000010001100011:01112"
#define CHAIN_SKIP "101101:11"                   /* two 3x3, input added to the output */
#define CHAIN_OF_5 "100000100001000100101:11111" /* five 3x3 */
#define TRUNCATED  "1100111111:102"              /* 43 + 43 + 42 channels */
#define CHAIN      "1000100101:020"

static const struct sgeo_net_config cifar10 = {.channels = 128,
                                               .cells = 3,
                                               .classes = 10,
                                               .image_channels = 3,
                                               .image_size = 32,
                                               .edge_affine = true};

/* Five branches of 13 channels: 3 + 3 + 3 + 2 + 2. */
static const struct sgeo_net_config small = {.channels = 13,
                                             .cells = 1,
                                             .classes = RIG_CLASSES,
                                             .image_channels = RIG_CHANNELS,
                                             .image_size = RIG_PIXELS,
                                             .edge_affine = true};

/* --- helpers ---------------------------------------------------------------------------------- */

static struct sgeo_arch arch_of(const char *text)
{
    return rig_arch(&sgeo_nb101, text);
}

static struct sgeo_nb101_cell pruned_of(const struct sgeo_arch *arch)
{
    struct sgeo_nb101_cell cell, pruned;
    sgeo_nb101_cell(&cell, arch);
    ck_assert(sgeo_nb101_prune(&pruned, &cell));
    return pruned;
}

static struct sgeo_graph *graph_of(const struct sgeo_arch *arch,
                                   const struct sgeo_net_config *config)
{
    return rig_graph(&sgeo_nb101, arch, config);
}

static struct sgeo_counts counts_of(const struct sgeo_arch *arch)
{
    return rig_counts(&sgeo_nb101, arch, &cifar10);
}

/* --- the text --------------------------------------------------------------------------------- */

START_TEST(test_nb101_sampled_cells_survive_text_and_naslib)
{
    struct sgeo_rng rng = sgeo_rng_stream(7, "test", 0);
    for (size_t i = 0; i < 20000; i++) {
        struct sgeo_arch arch, parsed, converted;
        char text[SGEO_ARCH_TEXT_MAX];
        unsigned char numbers[SGEO_NB101_NUMBERS_MAX];
        sgeo_nb101.sample(&arch, &rng);
        sgeo_nb101.encode(text, &arch);
        ck_assert_uint_eq(strlen(text), 21 + 1 + 5);
        ck_assert_msg(sgeo_nb101.decode(&parsed, text) == SGEO_OK, "%s", sgeo_error_text());
        ck_assert_mem_eq(&parsed, &arch, sizeof arch);
        size_t n = sgeo_nb101_to_naslib(numbers, &arch);
        ck_assert_uint_eq(n, 56);
        ck_assert_int_eq(sgeo_nb101_from_naslib(&converted, numbers, n), SGEO_OK);
        ck_assert_mem_eq(&converted, &arch, sizeof arch);
    }
}
END_TEST

static const char *const texts[] = {PROJECTION, "111:1",    "100111:12", CHAIN,
                                    CHAIN_SKIP, CHAIN_OF_5, TRUNCATED,   INCEPTION};

START_TEST(test_nb101_cells_of_every_size_survive_text_and_naslib)
{
    struct sgeo_arch arch = arch_of(texts[_i]), converted;
    char text[SGEO_ARCH_TEXT_MAX];
    unsigned char numbers[SGEO_NB101_NUMBERS_MAX];
    sgeo_nb101.encode(text, &arch);
    ck_assert_str_eq(text, texts[_i]);
    size_t n = sgeo_nb101_to_naslib(numbers, &arch);
    ck_assert_int_eq(sgeo_nb101_from_naslib(&converted, numbers, n), SGEO_OK);
    ck_assert_mem_eq(&converted, &arch, sizeof arch);
}
END_TEST

START_TEST(test_nb101_text_is_the_upper_triangle_row_by_row)
{
    static const bool edges[4][4] = {{false, true, false, true},
                                     {false, false, true, false},
                                     {false, false, false, true},
                                     {false}};
    struct sgeo_arch arch = arch_of("101101:12");
    struct sgeo_nb101_cell cell;
    sgeo_nb101_cell(&cell, &arch);
    ck_assert_uint_eq(cell.n_vertices, 4);
    for (size_t v = 0; v < 4; v++) {
        ck_assert_mem_eq(cell.edges[v], edges[v], sizeof edges[v]);
    }
    ck_assert_int_eq(cell.ops[1], SGEO_NB101_CONV3);
    ck_assert_int_eq(cell.ops[2], SGEO_NB101_MAXPOOL);
}
END_TEST

static const struct rig_malformed malformed[] = {
    {"", "character 1:", "expected 0, 1 or \":\", got the end", "upper triangle"},
    {":", "character 1:", "0 digits are no upper triangle", "upper triangle"},
    {" 1:", "character 1:", "got \" \"", "upper triangle"},
    {"1", "character 2:", "got the end", "upper triangle"},
    {"2:", "character 1:", "got \"2\"", "upper triangle"},
    {"10:", "character 3:", "2 digits are no upper triangle", "upper triangle"},
    {"11111111111111111111:11111", "character 21:", "20 digits", "upper triangle"},
    {"1000001000010001001011:11111", "character 22:", "after the digits of 7 vertices, got \"1\"",
     "upper triangle"},
    {"100000100001000100101", "character 22:", "after the digits of 7 vertices, got the end",
     "upper triangle"},
    {"1:0", "character 3:", "expected the end, got \"0\"", "maxpool3x3"},
    {"101:", "character 5:", "operation of vertex 1 (0, 1 or 2), got the end", "maxpool3x3"},
    {"101:3", "character 5:", "got \"3\"", "maxpool3x3"},
    {"101:11", "character 6:", "expected the end", "maxpool3x3"},
    {"101:1\n", "character 6:", "got \"?\"", "maxpool3x3"},
    {"\xc3\xa4", "character 1:", "got \"?\"", "upper triangle"},
    {"100001:01", "no path", "output (vertex 3)", "example: 1"},
    {"0:", "no path", "output (vertex 1)", "example: 1"},
    {"111111111111111111111:00000", "21 edges", "at most 9", "9 edges"},
    {"1111111111:000", "10 edges", "at most 9", "9 edges"},
    {"|nor_conv_3x3~0|", "character 1:", "got \"|\"", "upper triangle"},
};

START_TEST(test_nb101_malformed_text_names_its_position_or_reason)
{
    rig_refuses(&sgeo_nb101, &malformed[_i]);
}
END_TEST

START_TEST(test_nb101_hinted_example_is_the_benchmarks)
{
    struct sgeo_arch arch;
    ck_assert_int_eq(sgeo_nb101.decode(&arch, "0:"), SGEO_USAGE);
    ck_assert_str_eq(strchr(sgeo_error_hint(), ':') + 2, INCEPTION);
}
END_TEST

START_TEST(test_nb101_edges_off_every_path_do_not_count)
{
    struct sgeo_arch arch = arch_of("000001011110111101110:00000"); /* only 0-6 is left of 12 */
    struct sgeo_nb101_cell cell, pruned = pruned_of(&arch);
    sgeo_nb101_cell(&cell, &arch);
    ck_assert_uint_gt(sgeo_nb101_count_edges(&cell), SGEO_NB101_EDGES_MAX);
    ck_assert_uint_eq(pruned.n_vertices, 2);
    ck_assert_uint_eq(sgeo_nb101_count_edges(&pruned), 1);
}
END_TEST

static const struct {
    const char *key;
    const char *text; /* NULL: refused */
    const char *complaint;
} keys[] = {
    {"(0, 1, 0, 0, 0, 1)", PROJECTION, NULL},
    {"(0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 4, 1)", "101:1", NULL},
    {"(0,1,0,0,0,1,0,0,0,0,2,1)", "101:2", NULL},
    {"(0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 3, 1)", "101:0", NULL},
    {"(0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1)", NULL, "number 11: expected 2, 3 or 4, got 1"},
    {"(0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 4, 1)", NULL, "number 10: expected 0, the input"},
    {"(0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 4, 0)", NULL, "number 12: expected 1, the output"},
    {"(0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 4, 1)", NULL, "number 2: expected 0 or 1"},
    {"(0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 4, 1)", NULL, "number 7: expected 0"},
    {"(1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 4, 1)", NULL, "number 1: expected 0"},
    {"(0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 4, 1)", NULL, "no path"},
    {"(0, 1, 0, 0, 0, 1, 0)", NULL, "7 numbers are no matrix"},
    {"(0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 4, 1", NULL, "not a NASLib architecture"},
    {"(0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 4, 1) ", NULL, "not a NASLib architecture"},
    {"(0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 41)", NULL, "not a NASLib architecture"},
    {"()", NULL, "not a NASLib architecture"},
    {"", NULL, "not a NASLib architecture"},
};

START_TEST(test_nb101_naslib_keys_are_the_matrix_and_operations)
{
    struct sgeo_arch arch;
    char text[SGEO_ARCH_TEXT_MAX];
    enum sgeo_status status = sgeo_nb101.decode_naslib(&arch, keys[_i].key);
    if (keys[_i].text == NULL) {
        ck_assert_int_eq(status, SGEO_USAGE);
        ck_assert_msg(strstr(sgeo_error_text(), keys[_i].complaint) != NULL, "%s: %s", keys[_i].key,
                      sgeo_error_text());
        return;
    }
    ck_assert_msg(status == SGEO_OK, "%s", sgeo_error_text());
    sgeo_nb101.encode(text, &arch);
    ck_assert_str_eq(text, keys[_i].text);
}
END_TEST

START_TEST(test_nb101_naslib_key_of_more_than_56_numbers_is_refused)
{
    char key[3 * 58] = "(0";
    struct sgeo_arch arch;
    for (size_t i = 1; i < 57; i++) {
        strcat(key, ",0");
    }
    strcat(key, ")");
    ck_assert_int_eq(sgeo_nb101.decode_naslib(&arch, key), SGEO_USAGE);
}
END_TEST

/* --- sampling --------------------------------------------------------------------------------- */

START_TEST(test_nb101_samples_are_valid_and_depend_on_the_stream_alone)
{
    struct sgeo_rng first = sgeo_rng_stream(3, "path", 5), second = sgeo_rng_stream(3, "path", 5);
    size_t ops[3] = {0}, sizes[8] = {0};
    for (size_t i = 0; i < 3000; i++) {
        struct sgeo_arch a, b;
        memset(&a, 1, sizeof a);
        memset(&b, 2, sizeof b);
        sgeo_nb101.sample(&a, &first);
        sgeo_nb101.sample(&b, &second);
        ck_assert_mem_eq(&a, &b, sizeof a);
        struct sgeo_nb101_cell cell, pruned = pruned_of(&a);
        sgeo_nb101_cell(&cell, &a);
        ck_assert_uint_le(sgeo_nb101_count_edges(&pruned), SGEO_NB101_EDGES_MAX);
        sizes[pruned.n_vertices]++;
        for (size_t v = 1; v < 6; v++) {
            ops[cell.ops[v]]++;
        }
    }
    for (size_t op = 0; op < 3; op++) { /* 15,000 draws of 1/3: deviation 58, five of them */
        ck_assert_uint_ge(ops[op], 5000 - 289);
        ck_assert_uint_le(ops[op], 5000 + 289);
    }
    for (size_t n = 2; n <= 7; n++) {
        ck_assert_msg(sizes[n] > 0, "no cell of %zu vertices", n);
    }
}
END_TEST

/* --- pruning and channels --------------------------------------------------------------------- */

/* The text of a cell. */
static void write_cell(char text[SGEO_ARCH_TEXT_MAX], const struct sgeo_nb101_cell *cell)
{
    for (size_t v = 0; v < cell->n_vertices; v++) {
        for (size_t to = v + 1; to < cell->n_vertices; to++) {
            *text++ = cell->edges[v][to] ? '1' : '0';
        }
    }
    *text++ = ':';
    for (size_t v = 1; v + 1 < cell->n_vertices; v++) {
        *text++ = (char)('0' + cell->ops[v]);
    }
    *text = '\0';
}

static const struct {
    const char *text, *pruned;
} prunings[] = {
    {"101101:12", "101101:12"},            /* nothing to drop */
    {"111001:01", "111:1"},                /* 1 reaches nothing */
    {"0110011001:012", "101:2"},           /* nothing reaches 1, 2 reaches nothing */
    {"0010100001:012", "101:2"},           /* 1 and 2 know only each other */
    {"000001000000000000000:01201", "1:"}, /* nothing but input to output */
};

START_TEST(test_nb101_pruning_keeps_what_lies_between_input_and_output)
{
    struct sgeo_arch arch = arch_of(prunings[_i].text);
    struct sgeo_nb101_cell pruned = pruned_of(&arch);
    char text[SGEO_ARCH_TEXT_MAX];
    write_cell(text, &pruned);
    ck_assert_str_eq(text, prunings[_i].pruned);
}
END_TEST

/* The first two are the public code's own tests. */
static const struct {
    const char *text;
    size_t in, out, channels[7];
} widths[] = {
    {"1110001011:000", 8, 15, {8, 5, 5, 5, 15}},
    {"110011:00", 8, 15, {8, 8, 7, 15}},
    {"1:", 8, 15, {8, 15}},
    {"100101:00", 8, 15, {8, 15, 15, 15}},
    {CHAIN_SKIP, 8, 15, {8, 15, 15, 15}},        /* the input is no branch */
    {"1000110011:000", 8, 15, {8, 8, 8, 7, 15}}, /* 1 is as wide as the widest it feeds */
    {TRUNCATED, 128, 256, {128, 86, 85, 85, 256}},
    {INCEPTION, 256, 512, {256, 128, 128, 128, 128, 128, 512}},
};

START_TEST(test_nb101_channels_follow_the_published_rule)
{
    struct sgeo_arch arch = arch_of(widths[_i].text);
    struct sgeo_nb101_cell pruned = pruned_of(&arch);
    size_t channels[7];
    sgeo_nb101_channels(channels, &pruned, widths[_i].in, widths[_i].out);
    ck_assert_mem_eq(channels, widths[_i].channels, sizeof channels);
}
END_TEST

START_TEST(test_nb101_no_edge_between_vertices_widens)
{
    struct sgeo_rng rng = sgeo_rng_stream(11, "test", 0);
    for (size_t i = 0; i < 3000; i++) {
        struct sgeo_arch arch;
        size_t channels[7], sum = 0;
        sgeo_nb101.sample(&arch, &rng);
        struct sgeo_nb101_cell cell = pruned_of(&arch);
        size_t last = cell.n_vertices - 1;
        sgeo_nb101_channels(channels, &cell, 128, 128);
        for (size_t v = 1; v < last; v++) {
            sum += cell.edges[v][last] ? channels[v] : 0;
            for (size_t to = v + 1; to < last; to++) {
                ck_assert(!cell.edges[v][to] || channels[v] >= channels[to]);
            }
        }
        ck_assert(sum == (last > 1 ? 128 : 0));
    }
}
END_TEST

/* --- sizes ------------------------------------------------------------------------------------ */

static const struct {
    const char *text;
    size_t params, macs;
} published[] = {
    {INCEPTION, 2694282, 402002944},
    {PROJECTION, 882570, 137761792},
    {CHAIN_SKIP, 20346506, 2989888512},
    {CHAIN_OF_5, 47358090, 6932534272},
};

START_TEST(test_nb101_sizes_of_the_published_examples)
{
    struct sgeo_arch arch = arch_of(published[_i].text);
    struct sgeo_counts counts = counts_of(&arch);
    ck_assert_uint_eq(counts.params, published[_i].params);
    ck_assert_uint_eq(counts.macs, published[_i].macs);
}
END_TEST

/* --- golden records --------------------------------------------------------------------------- */

static const char *const golden_cells[] = {PROJECTION, CHAIN, TRUNCATED, INCEPTION};

static size_t integer_of(const json_t *record, const char *field)
{
    const json_t *value = json_object_get(record, field);
    ck_assert_msg(json_is_integer(value), "field %s", field);
    return (size_t)json_integer_value(value);
}

START_TEST(test_nb101_sizes_and_names_of_the_golden_records)
{
    json_error_t error;
    json_t *file = json_load_file(GOLDEN, 0, &error);
    ck_assert_msg(file != NULL, "%s: %s", GOLDEN, error.text);
    const json_t *records = json_object_get(file, "archs");
    ck_assert_uint_eq(json_array_size(records), sizeof golden_cells / sizeof *golden_cells);
    for (size_t i = 0; i < json_array_size(records); i++) {
        const json_t *record = json_array_get(records, i);
        struct sgeo_arch arch = arch_of(golden_cells[i]);
        struct sgeo_graph *graph = graph_of(&arch, &cifar10);
        struct sgeo_counts counts;
        sgeo_graph_count(&counts, graph);
        ck_assert_uint_eq(counts.params, integer_of(record, "params"));
        ck_assert_uint_eq(counts.macs, integer_of(record, "macs"));
        ck_assert_double_eq_tol(
            (double)counts.tensorwatch_flops,
            json_real_value(json_object_get(record, "tensorwatch_mflops")) * 1e6, 0.01);
        rig_check_layers(graph, json_object_get(record, "grad_l2_per_layer"));
        sgeo_graph_destroy(graph);
    }
    json_decref(file);
}
END_TEST

/* --- the graph -------------------------------------------------------------------------------- */

/* 43 + 43 + 42 channels: 1 and 2 are cut to 42 for 3; 0-1 and 0-2 are projections. */
START_TEST(test_nb101_graph_cuts_joins_and_projects)
{
    struct sgeo_net_config config = cifar10;
    config.cells = 1;
    struct sgeo_arch arch = arch_of(TRUNCATED);
    struct sgeo_graph *graph = graph_of(&arch, &config);
    ck_assert_uint_eq(rig_count_nodes(graph, SGEO_OP_CONV), 1 + 3 * 4);
    ck_assert_uint_eq(rig_count_nodes(graph, SGEO_OP_RELU), 1 + 3 * 4);
    ck_assert_uint_eq(rig_count_nodes(graph, SGEO_OP_MAXPOOL), 2 + 3);
    ck_assert_uint_eq(rig_count_nodes(graph, SGEO_OP_CONCAT), 3);
    /* 86, 85, 85 channels: the first vertex is cut for both others; 171, 171, 170 likewise. */
    ck_assert_uint_eq(rig_count_nodes(graph, SGEO_OP_SLICE), 2 + 2 + 2);
    ck_assert_uint_eq(rig_count_nodes(graph, SGEO_OP_SUM), 3 * 2);
    ck_assert_uint_eq(graph->nodes[graph->features].channels, 512);
    ck_assert_uint_eq(graph->nodes[graph->features].height, 8);
    ck_assert_uint_eq(rig_find_segment(graph, "module2.0.vertex2.conv.weight")->count, 171 * 171);
    ck_assert_uint_eq(rig_find_segment(graph, "module1.0.proj2.conv.weight")->count, 85 * 128);
    ck_assert_ptr_nonnull(rig_find_segment(graph, "module1.0.proj2.bn.scale"));
    ck_assert_ptr_nonnull(rig_find_segment(graph, "stem.bn.shift"));
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_nb101_unpruned_cell_builds_its_pruned_network)
{
    struct sgeo_arch dead = arch_of("0110011001:012"), live = arch_of("101:2");
    struct sgeo_graph *first = graph_of(&dead, &small), *second = graph_of(&live, &small);
    ck_assert_uint_eq(first->n_nodes, second->n_nodes);
    ck_assert_uint_eq(first->n_segments, second->n_segments);
    for (size_t s = 0; s < first->n_segments; s++) {
        ck_assert_str_eq(first->segments[s].name, second->segments[s].name);
    }
    sgeo_graph_destroy(first);
    sgeo_graph_destroy(second);
}
END_TEST

static const struct rig_impossible impossible[] = {
    {{.channels = 4, .cells = 3, .classes = 10, .image_channels = 3, .image_size = 32},
     "4 channels"},
    {{.channels = 128, .cells = 0, .classes = 10, .image_channels = 3, .image_size = 32},
     "0 cells"},
    {{.channels = 128, .cells = 3, .classes = 0, .image_channels = 3, .image_size = 32},
     "0 classes"},
    {{.channels = 128, .cells = 3, .classes = 10, .image_channels = 0, .image_size = 32},
     "0 image"},
    {{.channels = 128, .cells = 3, .classes = 10, .image_channels = 3, .image_size = 30},
     "size 30"},
    {{.channels = 128, .cells = 3, .classes = 10, .image_channels = 3, .image_size = 0}, "size 0"},
};

START_TEST(test_nb101_impossible_network_is_refused)
{
    struct sgeo_arch arch = arch_of(CHAIN);
    rig_cannot_build(&sgeo_nb101, &arch, &impossible[_i]);
}
END_TEST

/* Channel counts that are no multiple of a vector's width run just-in-time code all the same. */
START_TEST(test_nb101_odd_channels_run_no_reference_loop)
{
    struct sgeo_backend *backend = NULL;
    struct sgeo_arch arch = arch_of(_i == 0 ? TRUNCATED : INCEPTION);
    struct sgeo_graph *graph = graph_of(&arch, &cifar10);
    rig_ok(
        sgeo_backend_create(&backend, (struct sgeo_executor){SGEO_F32, SGEO_LAYOUT_AUTO, false}));
    for (size_t n = 0; n < graph->n_nodes; n++) {
        struct sgeo_conv_geometry geometry = graph->nodes[n].conv;
        const char *names[3] = {NULL, NULL, NULL};
        struct sgeo_conv *conv = NULL;
        if (graph->nodes[n].op != SGEO_OP_CONV) {
            continue;
        }
        geometry.n = 64;
        rig_ok(backend->ops->conv_create(backend, &conv, &geometry));
        backend->ops->conv_implementations(conv, names);
        for (size_t pass = 0; SGEO_KERNELS_X86 && pass < 3; pass++) {
            bool is_loop =
                strncmp(names[pass], "ref", 3) == 0 || strstr(names[pass], ":ref") != NULL;
            ck_assert_msg(!is_loop, "%s, pass %zu: %s",
                          graph->segments[graph->nodes[n].weight].name, pass, names[pass]);
        }
    }
    sgeo_graph_destroy(graph);
    sgeo_backend_destroy(backend);
}
END_TEST

/* --- initial weights -------------------------------------------------------------------------- */

/* Sample mean and deviation of a segment. */
static void moments_of(double *mean, double *deviation, const struct sgeo_store *store,
                       const void *theta, const char *name)
{
    size_t index = sgeo_store_find(store, name);
    ck_assert_msg(index != SGEO_NONE, "%s", name);
    size_t n = sgeo_store_segment(store, index)->count;
    double *values = rig_segment(store, theta, index), sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += values[i];
    }
    *mean = sum / (double)n;
    for (size_t i = 0; i < n; i++) {
        squares += (values[i] - *mean) * (values[i] - *mean);
    }
    *deviation = sqrt(squares / (double)n);
    sgeo_free(values);
}

START_TEST(test_nb101_random_weights_are_the_benchmarks)
{
    static const struct {
        const char *name;
        double deviation; /* sqrt(2 / (k*k*out)); 0.01 */
        size_t count;
    } expected[] = {{"stem.conv.weight", 0.0416666666666667, 3456},
                    {"module0.0.vertex1.conv.weight", 0.125, 16384},
                    {"module2.2.vertex3.conv.weight", 0.0625, 262144},
                    {"module1.0.proj1.conv.weight", 0.0883883476483184, 32768},
                    {"head.linear.weight", 0.01, 5120}};
    struct sgeo_backend *backend = NULL;
    struct sgeo_store *store = NULL;
    struct sgeo_arch arch = arch_of(CHAIN);
    struct sgeo_graph *graph = graph_of(&arch, &cifar10);
    double mean, deviation;
    rig_ok(
        sgeo_backend_create(&backend, (struct sgeo_executor){SGEO_F64, SGEO_LAYOUT_AUTO, false}));
    rig_ok(sgeo_store_create(&store, graph, backend, 1));
    void *theta = sgeo_store_vector(store);
    rig_ok(sgeo_store_init_random(store, theta, 1, 0));
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        double n = (double)expected[i].count, want = expected[i].deviation;
        moments_of(&mean, &deviation, store, theta, expected[i].name);
        ck_assert_msg(fabs(mean) < 5.0 * want / sqrt(n), "%s: mean %g", expected[i].name, mean);
        ck_assert_msg(fabs(deviation - want) < 5.0 * want / sqrt(2.0 * n), "%s: deviation %g",
                      expected[i].name, deviation);
    }
    moments_of(&mean, &deviation, store, theta, "head.linear.bias");
    ck_assert(mean == 0.0 && deviation == 0.0); /* exactly: no bias */
    moments_of(&mean, &deviation, store, theta, "stem.bn.scale");
    ck_assert(mean == 1.0 && deviation == 0.0);
    rig_ok(sgeo_store_init_formula(store, theta)); /* golden records: uniform in every space */
    moments_of(&mean, &deviation, store, theta, "head.linear.weight");
    ck_assert_double_eq_tol(deviation, 1.0 / sqrt(3.0 * 512.0), 0.001);
    sgeo_free(theta);
    sgeo_store_destroy(store);
    sgeo_graph_destroy(graph);
    sgeo_backend_destroy(backend);
}
END_TEST

/* --- the supernet ----------------------------------------------------------------------------- */

static const enum sgeo_precision precisions[2] = {SGEO_F64, SGEO_F32};

START_TEST(test_nb101_supernet_has_every_operation_at_full_width)
{
    struct sgeo_net_config config = cifar10;
    struct sgeo_counts counts;
    size_t expected = 27 * 128 + 2 * 128 + 512 * 10 + 10;
    for (size_t m = 0; m < 9; m++) {
        size_t out = (size_t)128 << m / 3, in = m % 3 == 0 && m > 0 ? out / 2 : out;
        expected += 5 * 10 * out * out + 6 * in * out;
    }
    config.edge_affine = false;
    struct sgeo_graph *graph = rig_supernet(&sgeo_nb101, &config);
    sgeo_graph_count(&counts, graph);
    ck_assert_uint_eq(counts.params, expected);
    for (size_t i = 0; i < graph->n_segments; i++) {
        ck_assert_ptr_eq(rig_find_segment(graph, graph->segments[i].name), &graph->segments[i]);
    }
    sgeo_graph_destroy(graph);
}
END_TEST

/* Every convolution and layer of a candidate is in the supernet and at most as large. */
START_TEST(test_nb101_candidates_find_their_segments_in_the_supernet)
{
    struct sgeo_net_config config = small;
    struct sgeo_rng rng = sgeo_rng_stream(13, "test", 0);
    config.edge_affine = false;
    config.supernet_names = true;
    struct sgeo_graph *supernet = rig_supernet(&sgeo_nb101, &config);
    for (size_t i = 0; i < 300; i++) {
        struct sgeo_arch arch;
        sgeo_nb101.sample(&arch, &rng);
        struct sgeo_graph *graph = graph_of(&arch, &config);
        for (size_t s = 0; s < graph->n_segments; s++) {
            const struct sgeo_segment *segment = &graph->segments[s];
            const struct sgeo_segment *shared = rig_find_segment(supernet, segment->name);
            ck_assert_msg(shared != NULL, "%s", segment->name);
            ck_assert_uint_ge(shared->count, segment->count);
            ck_assert_int_eq(shared->kind, segment->kind);
            ck_assert_uint_eq(shared->taps, segment->taps);
        }
        sgeo_graph_destroy(graph);
    }
    sgeo_graph_destroy(supernet);
}
END_TEST

/* A supernet, and its own weights laid open in a store of its whole graph. */
struct shared {
    struct sgeo_backend *backend;
    struct sgeo_pool *pool;
    struct sgeo_supernet *supernet;
    struct sgeo_graph *graph;
    struct sgeo_store *store;
    void *theta;
};

static void read_shared(struct shared *shared)
{
    rig_ok(sgeo_supernet_fill(shared->store, shared->theta, shared->supernet));
}

static void open_shared(struct shared *shared, int precision)
{
    struct sgeo_net_config config = small;
    config.edge_affine = false;
    rig_ok(sgeo_backend_create(
        &shared->backend, (struct sgeo_executor){precisions[precision], SGEO_LAYOUT_AUTO, false}));
    shared->pool = sgeo_pool_create();
    ck_assert_ptr_nonnull(shared->pool);
    rig_ok(sgeo_supernet_create(&shared->supernet, &sgeo_nb101, &config, shared->backend, 3));
    shared->graph = rig_supernet(&sgeo_nb101, &config);
    rig_ok(sgeo_store_create(&shared->store, shared->graph, shared->backend, 1));
    shared->theta = sgeo_store_vector(shared->store);
    ck_assert_ptr_nonnull(shared->theta);
    read_shared(shared);
}

static void close_shared(struct shared *shared)
{
    sgeo_free(shared->theta);
    sgeo_store_destroy(shared->store);
    sgeo_graph_destroy(shared->graph);
    sgeo_supernet_destroy(shared->supernet);
    sgeo_pool_destroy(shared->pool);
    sgeo_backend_destroy(shared->backend);
}

/* Element (o,i,tap) of a narrow segment lies at the same (o,i,tap) of the wide one. */
static size_t place_in_wide(const struct sgeo_segment *narrow, const struct sgeo_segment *wide,
                            size_t at)
{
    if (!sgeo_segment_in_l(narrow)) {
        return at;
    }
    return at / narrow->fan_in * wide->fan_in + at % narrow->fan_in;
}

/* Copy by hand what a candidate's segment s, called `name` in the supernet, inherits. */
static void copy_by_hand(const struct sgeo_store *store, void *theta, size_t s,
                         const struct shared *shared, const char *name)
{
    size_t index = sgeo_store_find(shared->store, name);
    const struct sgeo_segment *segment = sgeo_store_segment(store, s);
    if (index == SGEO_NONE) { /* a scale or shift of a cell */
        return;
    }
    double *wide = rig_segment(shared->store, shared->theta, index);
    double *values = rig_zeros(segment->count, sizeof *values);
    for (size_t i = 0; i < segment->count; i++) {
        values[i] = wide[place_in_wide(segment, sgeo_store_segment(shared->store, index), i)];
    }
    sgeo_store_import(store, theta, s, values);
    sgeo_free(values);
    sgeo_free(wide);
}

/* One candidate with everything that it takes to run it. */
struct candidate {
    struct sgeo_graph *graph;
    struct sgeo_store *store;
    struct sgeo_network *network;
    void *theta;
};

static void open_candidate(struct candidate *candidate, const struct shared *shared,
                           const char *text, bool supernet_names, bool edge_affine)
{
    const struct sgeo_network_options options = {.batch = RIG_BATCH, .backward = true};
    struct sgeo_net_config config = small;
    struct sgeo_arch arch = arch_of(text);
    config.supernet_names = supernet_names;
    config.edge_affine = edge_affine;
    candidate->graph = graph_of(&arch, &config);
    rig_ok(sgeo_store_create(&candidate->store, candidate->graph, shared->backend, RIG_BATCH));
    rig_ok(sgeo_network_create(&candidate->network, candidate->graph, candidate->store,
                               shared->backend, shared->pool, &options));
    candidate->theta = sgeo_store_vector(candidate->store);
    ck_assert_ptr_nonnull(candidate->theta);
    rig_ok(sgeo_store_init_formula(candidate->store, candidate->theta));
}

static void close_candidate(struct candidate *candidate)
{
    sgeo_network_destroy(candidate->network);
    sgeo_free(candidate->theta);
    sgeo_store_destroy(candidate->store);
    sgeo_graph_destroy(candidate->graph);
}

static const double *logits_of(struct candidate *candidate, const struct shared *shared)
{
    size_t elems = (size_t)RIG_BATCH * RIG_CHANNELS * RIG_PIXELS * RIG_PIXELS;
    double *values = rig_random("images", elems, -1.7, 1.7);
    void *images = rig_elements(shared->backend, values, elems);
    sgeo_network_bind(candidate->network, candidate->theta, NULL, NULL);
    rig_ok(sgeo_network_forward(candidate->network, images));
    sgeo_free(values);
    sgeo_free(images);
    return sgeo_network_logits(candidate->network);
}

static const char *const inheriting[] = {TRUNCATED, INCEPTION, CHAIN_SKIP, PROJECTION};
enum { N_INHERITING = 4 };

/* The stand-alone network with weights copied by hand gives the bits of the inheriting one. */
START_TEST(test_nb101_inheriting_equals_copying_the_first_channels)
{
    struct shared shared;
    struct candidate heir, alone;
    open_shared(&shared, _i / N_INHERITING);
    open_candidate(&heir, &shared, inheriting[_i % N_INHERITING], true, true);
    open_candidate(&alone, &shared, inheriting[_i % N_INHERITING], false, true);
    rig_ok(sgeo_supernet_fill(heir.store, heir.theta, shared.supernet));
    ck_assert_uint_eq(sgeo_store_count(heir.store), sgeo_store_count(alone.store));
    for (size_t s = 0; s < sgeo_store_count(alone.store); s++) {
        copy_by_hand(alone.store, alone.theta, s, &shared, sgeo_store_segment(heir.store, s)->name);
    }
    const double *got = logits_of(&heir, &shared), *expected = logits_of(&alone, &shared);
    ck_assert_mem_eq(got, expected, RIG_BATCH * RIG_CLASSES * sizeof *got);
    ck_assert(expected[0] != expected[1]);
    close_candidate(&heir);
    close_candidate(&alone);
    close_shared(&shared);
}
END_TEST

/* --- training the supernet on narrow paths ---------------------------------------------------- */

static const struct sgeo_backend *training_backend;

static enum sgeo_status next_batch(void *images, uint16_t *labels, size_t epoch, size_t first,
                                   size_t n, void *context)
{
    size_t elems = (size_t)RIG_CHANNELS * RIG_PIXELS * RIG_PIXELS;
    (void)context;
    for (size_t i = 0; i < n; i++) {
        struct sgeo_rng rng = sgeo_rng_stream(43, "image", 100 * epoch + first + i);
        labels[i] = (uint16_t)sgeo_rng_below(&rng, RIG_CLASSES);
        for (size_t e = 0; e < elems; e++) {
            double pixel = 2.0 * sgeo_rng_uniform(&rng) - 1.0;
            if (training_backend->ops->precision == SGEO_F64) {
                ((double *)images)[i * elems + e] = pixel;
            } else {
                ((float *)images)[i * elems + e] = (float)pixel;
            }
        }
    }
    return SGEO_OK;
}

static enum sgeo_status draw_truncated(struct sgeo_arch *arch, struct sgeo_rng *rng, void *context)
{
    (void)rng;
    (void)context;
    return sgeo_nb101.decode(arch, TRUNCATED);
}

static const struct sgeo_training recipe = {.images = 2 * RIG_BATCH,
                                            .epochs = 2,
                                            .batch = RIG_BATCH,
                                            .image_elems = RIG_CHANNELS * RIG_PIXELS * RIG_PIXELS,
                                            .lr = 0.1,
                                            .lr_min = 0.001,
                                            .momentum = 0.9,
                                            .weight_decay = 0.01,
                                            .nesterov = true,
                                            .next_batch = next_batch};

/* A path that is always the same trains as the stand-alone network from the same weights does. */
START_TEST(test_nb101_supernet_trains_a_path_as_if_it_stood_alone)
{
    struct shared shared;
    struct candidate alone, heir;
    struct sgeo_training_result result;
    open_shared(&shared, _i);
    training_backend = shared.backend;
    open_candidate(&alone, &shared, TRUNCATED, true, false);
    open_candidate(&heir, &shared, TRUNCATED, true, false);
    rig_ok(sgeo_supernet_fill(alone.store, alone.theta, shared.supernet));
    sgeo_supernet_draw(shared.supernet, draw_truncated, NULL);
    rig_ok(sgeo_supernet_train(shared.supernet, &result, shared.pool, &recipe, 0));
    ck_assert_uint_eq(result.steps, 4);
    const struct sgeo_trainee trainee = {.graph = alone.graph,
                                         .store = alone.store,
                                         .backend = shared.backend,
                                         .pool = shared.pool,
                                         .theta = alone.theta,
                                         .velocity = sgeo_store_vector(alone.store)};
    struct sgeo_training_result expected;
    rig_ok(sgeo_train(&expected, &trainee, &recipe, NULL));
    ck_assert(result.last_loss == expected.last_loss);
    rig_ok(sgeo_supernet_fill(heir.store, heir.theta, shared.supernet));
    ck_assert_mem_eq(heir.theta, alone.theta,
                     sgeo_store_total(heir.store) * shared.backend->ops->elem_bytes);
    sgeo_free(trainee.velocity);
    close_candidate(&alone);
    close_candidate(&heir);
    close_shared(&shared);
}
END_TEST

/* Weight decay moves whatever the optimiser touches, so what stays was not touched. */
START_TEST(test_nb101_supernet_step_leaves_the_other_channels_alone)
{
    struct shared shared;
    struct candidate path;
    struct sgeo_training_result result;
    open_shared(&shared, _i);
    training_backend = shared.backend;
    open_candidate(&path, &shared, TRUNCATED, true, false);
    void *before = sgeo_store_vector(shared.store);
    rig_ok(sgeo_supernet_fill(shared.store, before, shared.supernet));
    sgeo_supernet_draw(shared.supernet, draw_truncated, NULL);
    rig_ok(sgeo_supernet_train(shared.supernet, &result, shared.pool, &recipe, 0));
    read_shared(&shared);
    for (size_t s = 0; s < sgeo_store_count(shared.store); s++) {
        const struct sgeo_segment *wide = sgeo_store_segment(shared.store, s);
        size_t index = sgeo_store_find(path.store, wide->name), changed = 0;
        double *old = rig_segment(shared.store, before, s);
        double *new = rig_segment(shared.store, shared.theta, s);
        for (size_t i = 0; i < wide->count; i++) {
            changed += old[i] != new[i];
        }
        if (index == SGEO_NONE) {
            ck_assert_msg(changed == 0, "%s", wide->name);
        } else {
            const struct sgeo_segment *narrow = sgeo_store_segment(path.store, index);
            for (size_t i = 0; i < narrow->count; i++) {
                size_t at = place_in_wide(narrow, wide, i);
                changed -= old[at] != new[at];
                ck_assert_msg(old[at] != new[at] || old[at] == 0.0, "%s %zu", wide->name, at);
            }
            ck_assert_msg(changed == 0, "%s: %zu others", wide->name, changed);
        }
        sgeo_free(old);
        sgeo_free(new);
    }
    sgeo_free(before);
    close_candidate(&path);
    close_shared(&shared);
}
END_TEST

/* --- the registry, and the benchmark's own numbers, where they are at hand ---------------------
 */

START_TEST(test_nb101_is_found_by_name)
{
    ck_assert_ptr_eq(sgeo_space_find("nb101"), &sgeo_nb101);
}
END_TEST

/* Files of the data folder, and their columns in millions; NULL: none. */
static const struct {
    const char *name, *params, *flops;
} files[] = {{"nb101.csv", "mparams", NULL}, {"proxies_nb101.csv", "params", "flops"}};

START_TEST(test_nb101_every_row_of_the_benchmark_and_the_suite_agrees)
{
    const char *data = getenv("SIGEO_DATA");
    struct sgeo_csv csv = {0};
    char path[4096];
    size_t checked = 0;
    if (data == NULL) {
        printf("skipped: %s (SIGEO_DATA is not set)\n", files[_i].name);
        return;
    }
    snprintf(path, sizeof path, "%s/groundtruth/%s", data, files[_i].name);
    rig_ok(sgeo_csv_read(&csv, path));
    for (size_t row = 0; row < csv.n_rows; row++) {
        char text[SGEO_ARCH_TEXT_MAX], again[SGEO_ARCH_TEXT_MAX];
        snprintf(text, sizeof text, "%s:%s", rig_cell(&csv, row, "adj_upper"),
                 rig_cell(&csv, row, "ops"));
        struct sgeo_arch arch = arch_of(text);
        sgeo_nb101.encode(again, &arch);
        ck_assert_str_eq(again, text);
        ck_assert_uint_eq(arch.code[0], strtoul(rig_cell(&csv, row, "n_vertices"), NULL, 10));
        struct sgeo_counts counts = counts_of(&arch);
        if (*rig_cell(&csv, row, files[_i].params) != '\0') {
            rig_check_millions(counts.params, rig_cell(&csv, row, files[_i].params), text);
            checked++;
        }
        if (files[_i].flops != NULL && *rig_cell(&csv, row, files[_i].flops) != '\0') {
            rig_check_millions(counts.tensorwatch_flops, rig_cell(&csv, row, files[_i].flops),
                               text);
        }
    }
    ck_assert_uint_gt(checked, 0);
    sgeo_csv_clear(&csv);
}
END_TEST

/* --- the program ------------------------------------------------------------------------------ */

static TCase *text_tests(void)
{
    TCase *tests = tcase_create("text");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_nb101_sampled_cells_survive_text_and_naslib);
    tcase_add_loop_test(tests, test_nb101_cells_of_every_size_survive_text_and_naslib, 0,
                        RIG_LENGTH(texts));
    tcase_add_test(tests, test_nb101_text_is_the_upper_triangle_row_by_row);
    tcase_add_loop_test(tests, test_nb101_malformed_text_names_its_position_or_reason, 0,
                        RIG_LENGTH(malformed));
    tcase_add_test(tests, test_nb101_hinted_example_is_the_benchmarks);
    tcase_add_test(tests, test_nb101_edges_off_every_path_do_not_count);
    tcase_add_loop_test(tests, test_nb101_naslib_keys_are_the_matrix_and_operations, 0,
                        RIG_LENGTH(keys));
    tcase_add_test(tests, test_nb101_naslib_key_of_more_than_56_numbers_is_refused);
    return tests;
}

static TCase *space_tests(void)
{
    TCase *tests = tcase_create("space");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_nb101_samples_are_valid_and_depend_on_the_stream_alone);
    tcase_add_loop_test(tests, test_nb101_pruning_keeps_what_lies_between_input_and_output, 0,
                        RIG_LENGTH(prunings));
    tcase_add_loop_test(tests, test_nb101_channels_follow_the_published_rule, 0,
                        RIG_LENGTH(widths));
    tcase_add_test(tests, test_nb101_no_edge_between_vertices_widens);
    tcase_add_test(tests, test_nb101_is_found_by_name);
    return tests;
}

static TCase *graph_tests(void)
{
    TCase *tests = tcase_create("graph");
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, test_nb101_sizes_of_the_published_examples, 0,
                        RIG_LENGTH(published));
    tcase_add_test(tests, test_nb101_sizes_and_names_of_the_golden_records);
    tcase_add_test(tests, test_nb101_graph_cuts_joins_and_projects);
    tcase_add_test(tests, test_nb101_unpruned_cell_builds_its_pruned_network);
    tcase_add_loop_test(tests, test_nb101_impossible_network_is_refused, 0, RIG_LENGTH(impossible));
    tcase_add_loop_test(tests, test_nb101_odd_channels_run_no_reference_loop, 0, 2);
    tcase_add_test(tests, test_nb101_random_weights_are_the_benchmarks);
    tcase_add_loop_test(tests, test_nb101_every_row_of_the_benchmark_and_the_suite_agrees, 0,
                        RIG_LENGTH(files));
    return tests;
}

static TCase *supernet_tests(void)
{
    TCase *tests = tcase_create("supernet");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_nb101_supernet_has_every_operation_at_full_width);
    tcase_add_test(tests, test_nb101_candidates_find_their_segments_in_the_supernet);
    tcase_add_loop_test(tests, test_nb101_inheriting_equals_copying_the_first_channels, 0,
                        2 * N_INHERITING);
    tcase_add_loop_test(tests, test_nb101_supernet_trains_a_path_as_if_it_stood_alone, 0, 2);
    tcase_add_loop_test(tests, test_nb101_supernet_step_leaves_the_other_channels_alone, 0, 2);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("nb101");
    suite_add_tcase(suite, text_tests());
    suite_add_tcase(suite, space_tests());
    suite_add_tcase(suite, graph_tests());
    suite_add_tcase(suite, supernet_tests());
    return rig_run(suite);
}
