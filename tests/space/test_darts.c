/* The nb301 space: its text, NASLib's key, the sizes of its networks, and its supernet. */
#include "space/darts.h"

#include "space/rig.h"
#include "space/supernet.h"

#define GOLDEN "tests/golden/nb301.json"

#define V1                                                                                         \
    "1:3 0:3 0:2 1:3 0:2 1:3 0:3 2:2,"                                                             \
    "0:0 1:0 2:2 0:0 0:0 2:2 2:2 0:1"
#define V2                                                                                         \
    "0:3 1:3 0:3 1:3 1:3 0:2 0:2 2:5,"                                                             \
    "0:0 1:0 2:2 1:0 0:0 2:2 2:2 1:0"
#define SAME(op)                                                                                   \
    "0:" op " 1:" op " 0:" op " 1:" op " 0:" op " 1:" op " 0:" op " 1:" op ",0:" op " 1:" op       \
    " 0:" op " 1:" op " 0:" op " 1:" op " 0:" op " 1:" op
/* Every operation on strided and on plain edges, nodes that read nodes. */
#define ALL_OPS                                                                                    \
    "0:0 1:1 2:2 1:3 3:4 0:5 4:6 2:0,"                                                             \
    "0:2 1:5 1:1 0:6 2:3 0:4 1:0 4:2"

/* --- helpers ---------------------------------------------------------------------------------- */

static struct sgeo_arch arch_of(const char *text)
{
    return rig_arch(&sgeo_darts, text);
}

static struct sgeo_graph *graph_of(const struct sgeo_arch *arch,
                                   const struct sgeo_net_config *config)
{
    return rig_graph(&sgeo_darts, arch, config);
}

static struct sgeo_counts counts_of(const char *text, const struct sgeo_net_config *config)
{
    struct sgeo_arch arch = arch_of(text);
    return rig_counts(&sgeo_darts, &arch, config);
}

/* The networks that were trained: operations' norms with scale and shift. */
static struct sgeo_net_config trained(size_t channels, size_t cells)
{
    struct sgeo_net_config config = sgeo_darts.standard;
    config.channels = channels;
    config.cells = cells;
    config.edge_affine = true;
    return config;
}

/* Few channels, pixels and cells, of both types. */
static struct sgeo_net_config small(void)
{
    struct sgeo_net_config config = sgeo_darts.standard;
    config.channels = 4;
    config.cells = 4;
    config.image_size = 8;
    return config;
}

/* --- the text --------------------------------------------------------------------------------- */

START_TEST(test_darts_every_sample_survives_text_and_key)
{
    struct sgeo_rng rng = sgeo_rng_stream(1, "test", 0);
    for (size_t i = 0; i < 2000; i++) {
        struct sgeo_arch arch, parsed;
        char text[SGEO_ARCH_TEXT_MAX], key[256] = "((";
        sgeo_darts.sample(&arch, &rng);
        sgeo_darts.encode(text, &arch);
        ck_assert_int_eq(sgeo_darts.decode(&parsed, text), SGEO_OK);
        ck_assert_mem_eq(&parsed, &arch, sizeof arch);
        for (size_t e = 0; e < 2 * SGEO_DARTS_EDGES; e++) {
            const char *behind = e == 7 ? "), (" : e == 15 ? "))" : ", ";
            snprintf(key + strlen(key), sizeof key - strlen(key), "(%zu, %d)%s",
                     sgeo_darts_source(&arch, e > 7, e % 8),
                     (int)sgeo_darts_op(&arch, e > 7, e % 8), behind);
        }
        ck_assert_msg(sgeo_darts.decode_naslib(&parsed, key) == SGEO_OK, "%s", sgeo_error_text());
        ck_assert_mem_eq(&parsed, &arch, sizeof arch);
    }
}
END_TEST

START_TEST(test_darts_source_comes_before_the_operation)
{
    struct sgeo_arch arch = arch_of(ALL_OPS);
    ck_assert_uint_eq(sgeo_darts_source(&arch, false, 6), 4);
    ck_assert_int_eq(sgeo_darts_op(&arch, false, 6), SGEO_DARTS_DIL5);
    ck_assert_uint_eq(sgeo_darts_source(&arch, true, 4), 2);
    ck_assert_int_eq(sgeo_darts_op(&arch, true, 4), SGEO_DARTS_SEP3);
}
END_TEST

static const struct rig_malformed malformed[] = {
    {"", "character 1:", "source of node 0 of the normal cell, 0 to 1, got the end", "example: 0:"},
    {" " V2, "character 1:", "got \" \"", "example: 0:"},
    {"2:0 1:0", "character 1:", "0 to 1, got \"2\"", "example: 0:"},
    {"03 1:0", "character 2:", "expected \":\", got \"3\"", "example: 0:"},
    {"0", "character 2:", "expected \":\", got the end", "example: 0:"},
    {"0:7", "character 3:", "operation of node 0 of the normal cell, 0 to 6, got \"7\"",
     "operations: 0 max_pool_3x3"},
    {"0:", "character 3:", "got the end", "operations: 0 max_pool_3x3"},
    {"0:-1", "character 3:", "got \"-\"", "operations: 0 max_pool_3x3"},
    {"0:3,1:3", "character 4:", "expected \" \", got \",\"", "example: 0:"},
    {"0:3  1:3", "character 5:", "source of node 0", "example: 0:"},
    {"0:3 0:3", "character 5:", "node 0 of the normal cell reads source 0 twice",
     "different sources"},
    {"0:3 1:3 3:0", "character 9:", "source of node 1 of the normal cell, 0 to 2", "example: 0:"},
    {"0:3 1:3 0:3 1:3 1:3 0:2 5:2", "character 25:", "0 to 4, got \"5\"", "example: 0:"},
    {"0:3 1:3 0:3 1:3 1:3 0:2 0:2 2:5", "character 32:", "expected \",\", got the end",
     "example: 0:"},
    {"0:3 1:3 0:3 1:3 1:3 0:2 0:2 2:5 0:0", "character 32:", "expected \",\", got \" \"",
     "example: 0:"},
    {"0:3 1:3 0:3 1:3 1:3 0:2 0:2 2:5,0:0 1:0 2:2 2:0",
     "character 45:", "node 1 of the reduction cell reads source 2 twice", "different sources"},
    {"0:3 1:3 0:3 1:3 1:3 0:2 0:2 2:5,0:0 1:\xc3", "character 39:",
     "operation of node 0 of the reduction cell, 0 to 6, got \"?\"", "operations: 0"},
    {V2 " ", "character 64:", "expected the end, got \" \"", "example: 0:"},
    {V2 "\n", "character 64:", "expected the end, got \"?\"", "example: 0:"},
    {"|nor_conv_3x3~0|", "character 1:", "got \"|\"", "example: 0:"},
};

START_TEST(test_darts_malformed_text_names_its_position_and_what_was_expected)
{
    rig_refuses(&sgeo_darts, &malformed[_i]);
}
END_TEST

START_TEST(test_darts_hinted_example_is_darts_v2)
{
    struct sgeo_arch arch;
    ck_assert_int_eq(sgeo_darts.decode(&arch, ""), SGEO_USAGE);
    char hinted[SGEO_ARCH_TEXT_MAX];
    snprintf(hinted, sizeof hinted, "%s", strstr(sgeo_error_hint(), "0:"));
    ck_assert_str_eq(hinted, V2);
}
END_TEST

#define KEY_CELL "((0, 3), (1, 3), (0, 3), (1, 3), (1, 3), (0, 2), (0, 2), (2, 5))"

static const char *const malformed_keys[] = {
    "",
    "(4, 0, 3, 1, 4, 3)",
    "(" KEY_CELL ")",
    "(" KEY_CELL ", " KEY_CELL,
    "(" KEY_CELL ", " KEY_CELL ", " KEY_CELL ")",
    "(" KEY_CELL ", " KEY_CELL ") ",
    "(" KEY_CELL ", ((0, 3), (1, 3), (0, 3), (1, 3), (1, 3), (0, 2), (0, 2)))",
    "(" KEY_CELL ", ((0, 3), (0, 3), (0, 3), (1, 3), (1, 3), (0, 2), (0, 2), (2, 5)))",
    "(" KEY_CELL ", ((0, 3), (1, 7), (0, 3), (1, 3), (1, 3), (0, 2), (0, 2), (2, 5)))",
    "(" KEY_CELL ", ((0, 3), (2, 3), (0, 3), (1, 3), (1, 3), (0, 2), (0, 2), (2, 5)))",
};

START_TEST(test_darts_malformed_keys_are_refused)
{
    struct sgeo_arch arch;
    memset(&arch, 77, sizeof arch);
    const struct sgeo_arch untouched = arch;
    ck_assert_msg(sgeo_darts.decode_naslib(&arch, malformed_keys[_i]) == SGEO_USAGE, "%s",
                  malformed_keys[_i]);
    ck_assert_mem_eq(&arch, &untouched, sizeof arch);
    ck_assert_ptr_nonnull(strstr(sgeo_error_hint(), "(((0, 3), (1, 3)"));
}
END_TEST

/* --- sampling --------------------------------------------------------------------------------- */

/* Chi-squared of counts that should be equal. */
static double unevenness(const unsigned *counts, size_t n, double expected)
{
    double chi2 = 0.0;
    for (size_t i = 0; i < n; i++) {
        double off = (double)counts[i] - expected;
        chi2 += off * off / expected;
    }
    return chi2;
}

/* Node 3 of the reduction cell: 20 ordered pairs of sources and 49 pairs of operations. */
START_TEST(test_darts_sampling_is_uniform_over_pairs_of_edges)
{
    enum { PAIRS = 25 * 49, EACH = 20 };
    static unsigned seen[PAIRS], kept[PAIRS];
    struct sgeo_rng rng = sgeo_rng_stream(7, "test", 0);
    size_t n = 0;
    for (size_t i = 0; i < EACH * 20 * 49; i++) {
        struct sgeo_arch arch;
        sgeo_darts.sample(&arch, &rng);
        size_t a = sgeo_darts_source(&arch, true, 6), b = sgeo_darts_source(&arch, true, 7);
        seen[((a * 5 + b) * 7 + (size_t)sgeo_darts_op(&arch, true, 6)) * 7 +
             (size_t)sgeo_darts_op(&arch, true, 7)]++;
    }
    for (size_t i = 0; i < PAIRS; i++) {
        if (i / 49 / 5 == i / 49 % 5) {
            ck_assert_uint_eq(seen[i], 0); /* one source twice */
        } else {
            kept[n++] = seen[i];
        }
    }
    ck_assert_uint_eq(n, 980);
    /* 979 degrees of freedom, deviation 44: six to either side. */
    double chi2 = unevenness(kept, n, EACH);
    ck_assert_double_gt(chi2, 713.0);
    ck_assert_double_lt(chi2, 1245.0);
}
END_TEST

START_TEST(test_darts_sample_depends_on_the_stream_alone)
{
    struct sgeo_arch a, b;
    memset(&a, 1, sizeof a);
    memset(&b, 2, sizeof b);
    struct sgeo_rng first = sgeo_rng_stream(3, "path", 5);
    struct sgeo_rng second = sgeo_rng_stream(3, "path", 5);
    sgeo_darts.sample(&a, &first);
    sgeo_darts.sample(&b, &second);
    ck_assert_mem_eq(&a, &b, sizeof a);
}
END_TEST

/* --- sizes ------------------------------------------------------------------------------------ */

static const struct {
    const char *text;
    size_t channels, cells;
    bool affine;
    size_t params, macs;
} published[] = {
    {V2, 36, 20, true, 3349342, 528359040}, /* 3.3 M in the paper, 3.349342 in its logs */
    {V1, 36, 20, true, 3169414, 500987520},
    {V2, 32, 8, true, 919722, 159765504}, /* the benchmark's trainings */
    {V2, 32, 8, false, 909866, 159765504},
    {SAME("0"), 32, 8, false, 392426, 79205376},
    {SAME("4"), 32, 8, false, 1664234, 269128704},
};

START_TEST(test_darts_sizes_of_the_published_examples)
{
    struct sgeo_net_config config = trained(published[_i].channels, published[_i].cells);
    config.edge_affine = published[_i].affine;
    struct sgeo_counts counts = counts_of(published[_i].text, &config);
    ck_assert_uint_eq(counts.params, published[_i].params);
    ck_assert_uint_eq(counts.macs, published[_i].macs);
}
END_TEST

/* The auxiliary head of the trainings is no part of our networks: its parameters by hand, from a
 * map of 16 C channels. */
START_TEST(test_darts_auxiliary_head_is_what_the_published_count_has_more)
{
    struct sgeo_net_config config = trained(36, 20);
    size_t head = 16 * 36 * 128 + 2 * 128 + 2 * 2 * 128 * 768 + 2 * 768 + 768 * 10 + 10;
    ck_assert_uint_eq(counts_of(V2, &config).params + head, 3825768);
}
END_TEST

START_TEST(test_darts_tensorwatch_flops_of_darts_v2)
{
    ck_assert_uint_eq(counts_of(V2, &sgeo_darts.standard).tensorwatch_flops, 165918208);
}
END_TEST

/* --- golden records --------------------------------------------------------------------------- */

static void append_cell(char text[SGEO_ARCH_TEXT_MAX], const json_t *cell)
{
    for (size_t e = 0; e < 8; e++) {
        const json_t *entry = json_array_get(cell, e);
        size_t op = 0, length = strlen(text);
        while (strcmp(sgeo_darts_op_names[op], json_string_value(json_array_get(entry, 1))) != 0) {
            op++;
        }
        snprintf(text + length, SGEO_ARCH_TEXT_MAX - length, "%s%d:%zu", e == 0 ? "" : " ",
                 (int)json_integer_value(json_array_get(entry, 0)), op);
    }
}

static void check_record(const json_t *record)
{
    char text[SGEO_ARCH_TEXT_MAX] = "";
    append_cell(text, json_object_get(record, "normal"));
    strcat(text, ",");
    append_cell(text, json_object_get(record, "reduce"));
    struct sgeo_arch arch = arch_of(text);
    struct sgeo_graph *graph = graph_of(&arch, &sgeo_darts.standard);
    struct sgeo_counts counts;
    sgeo_graph_count(&counts, graph);
    ck_assert_int_eq((json_int_t)counts.params,
                     json_integer_value(json_object_get(record, "params")));
    ck_assert_int_eq((json_int_t)counts.macs, json_integer_value(json_object_get(record, "macs")));
    ck_assert_double_eq_tol((double)counts.tensorwatch_flops,
                            json_real_value(json_object_get(record, "tensorwatch_mflops")) * 1e6,
                            0.01);
    rig_check_layers(graph, json_object_get(record, "grad_l2_per_layer"));
    sgeo_graph_destroy(graph);
}

START_TEST(test_darts_sizes_and_names_of_the_golden_records)
{
    rig_golden(GOLDEN, check_record);
}
END_TEST

/* --- the graph -------------------------------------------------------------------------------- */

START_TEST(test_darts_pools_have_plain_norms_in_the_scored_network_only)
{
    struct sgeo_net_config with = sgeo_darts.standard, without = trained(32, 8);
    struct sgeo_arch arch = arch_of(SAME("1"));
    struct sgeo_graph *scored = graph_of(&arch, &with), *plain = graph_of(&arch, &without);
    ck_assert_uint_eq(rig_count_nodes(scored, SGEO_OP_AVGPOOL), 64);
    ck_assert_uint_eq(rig_count_nodes(scored, SGEO_OP_BATCHNORM), 1 + 2 * 8 + 64);
    ck_assert_uint_eq(rig_count_nodes(plain, SGEO_OP_BATCHNORM), 1 + 2 * 8);
    sgeo_graph_destroy(plain);
    sgeo_graph_destroy(scored);
}
END_TEST

START_TEST(test_darts_cells_double_channels_and_halve_pixels_at_thirds)
{
    static const struct {
        size_t channels, pixels;
    } expected[8] = {{32, 32}, {32, 32}, {64, 16}, {64, 16},
                     {64, 16}, {128, 8}, {128, 8}, {128, 8}};
    struct sgeo_arch arch = arch_of(SAME("6"));
    struct sgeo_graph *graph = graph_of(&arch, &sgeo_darts.standard);
    for (size_t k = 0; k < 8; k++) {
        char name[SGEO_NAME_MAX];
        snprintf(name, sizeof name, "cell%zu.node3.from1.pw1.weight", k);
        const struct sgeo_segment *segment = rig_find_segment(graph, name);
        ck_assert_msg(segment != NULL, "%s", name);
        ck_assert_uint_eq(graph->nodes[segment->node].channels, expected[k].channels);
        ck_assert_uint_eq(graph->nodes[segment->node].height, expected[k].pixels);
        ck_assert_int_eq(sgeo_darts_is_reduction(k, 8), k == 2 || k == 5);
    }
    ck_assert_uint_eq(graph->nodes[graph->features].channels, 512);
    ck_assert(sgeo_darts_is_reduction(6, 20) && sgeo_darts_is_reduction(13, 20));
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_darts_every_number_of_cells_makes_a_network)
{
    for (size_t cells = 1; cells <= 10; cells++) {
        struct sgeo_net_config config = small();
        config.cells = cells;
        ck_assert_uint_gt(counts_of(ALL_OPS, &config).params, 0);
    }
}
END_TEST

static const struct rig_impossible impossible[] = {
    {{.channels = 0, .cells = 8, .classes = 10, .image_channels = 3, .image_size = 32},
     "0 channels"},
    {{.channels = 32, .cells = 0, .classes = 10, .image_channels = 3, .image_size = 32}, "0 cells"},
    {{.channels = 32, .cells = 8, .classes = 0, .image_channels = 3, .image_size = 32},
     "0 classes"},
    {{.channels = 32, .cells = 8, .classes = 10, .image_channels = 0, .image_size = 32}, "0 image"},
    {{.channels = 32, .cells = 8, .classes = 10, .image_channels = 3, .image_size = 30}, "size 30"},
    {{.channels = 32, .cells = 8, .classes = 10, .image_channels = 3, .image_size = 0}, "size 0"},
};

START_TEST(test_darts_impossible_network_is_refused)
{
    struct sgeo_graph *graph = NULL;
    struct sgeo_arch arch = arch_of(V2);
    rig_cannot_build(&sgeo_darts, &arch, &impossible[_i]);
    ck_assert_int_eq(sgeo_darts.build_supernet(&graph, &impossible[_i].config), SGEO_USAGE);
    ck_assert_ptr_null(graph);
}
END_TEST

/* --- what computes it ------------------------------------------------------------------------- */

/* No convolution of a network in this layout is left to a reference loop. */
static void check_implementations(const struct sgeo_graph *graph, struct sgeo_backend *backend)
{
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const struct sgeo_node *node = &graph->nodes[i];
        if (node->op != SGEO_OP_CONV) {
            continue;
        }
        struct sgeo_conv_geometry geometry = node->conv;
        struct sgeo_conv *conv = NULL;
        const char *names[3];
        geometry.n = 64;
        ck_assert_int_eq(backend->ops->conv_create(backend, &conv, &geometry), SGEO_OK);
        backend->ops->conv_implementations(conv, names);
        for (size_t pass = 0; pass < 3; pass++) {
            ck_assert_msg(
                strncmp(names[pass], "ref", 3) != 0 && strstr(names[pass], ":ref") == NULL,
                "%s, pass %zu: %s", graph->segments[node->weight].name, pass, names[pass]);
        }
    }
}

START_TEST(test_darts_no_convolution_runs_a_reference_loop)
{
    struct sgeo_backend *backend = NULL;
    struct sgeo_graph *graph = NULL;
    ck_assert_int_eq(
        sgeo_backend_create(&backend, (struct sgeo_executor){.layout = _i == 0 ? SGEO_LAYOUT_BLOCKED
                                                                               : SGEO_LAYOUT_NHWC}),
        SGEO_OK);
    ck_assert_int_eq(sgeo_darts.build_supernet(&graph, &sgeo_darts.standard), SGEO_OK);
    check_implementations(graph, backend);
    sgeo_graph_destroy(graph);
    sgeo_backend_destroy(backend);
}
END_TEST

/* --- the supernet ----------------------------------------------------------------------------- */

START_TEST(test_darts_supernet_owns_every_operation_of_every_edge_once)
{
    struct sgeo_graph *graph = NULL;
    ck_assert_int_eq(sgeo_darts.build_supernet(&graph, &sgeo_darts.standard), SGEO_OK);
    /* 14 edges in 8 cells; strided in cells 2 and 5, where 8 edges leave the inputs */
    ck_assert_uint_eq(rig_count_nodes(graph, SGEO_OP_MAXPOOL), 14 * 8);
    ck_assert_uint_eq(rig_count_nodes(graph, SGEO_OP_AVGPOOL), 14 * 8);
    ck_assert_uint_eq(rig_count_nodes(graph, SGEO_OP_SUBSAMPLE), 2 * (2 * 8 + 2));
    ck_assert_uint_eq(rig_count_nodes(graph, SGEO_OP_CONV),
                      1 + 2 * 8 + 2 + 14 * 8 * (2 * 4 + 2 * 2) + 2 * 2 * 8);
    for (size_t i = 0; i < graph->n_segments; i++) {
        ck_assert_ptr_eq(rig_find_segment(graph, graph->segments[i].name), &graph->segments[i]);
    }
    ck_assert_ptr_nonnull(rig_find_segment(graph, "cell7.node3.from4.dil_conv_5x5.pw1.weight"));
    ck_assert_ptr_nonnull(rig_find_segment(graph, "cell5.node0.from1.skip_connect.conv2.weight"));
    ck_assert_ptr_null(rig_find_segment(graph, "cell4.node0.from1.skip_connect.conv2.weight"));
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_darts_candidates_find_their_segments_in_the_supernet)
{
    struct sgeo_net_config config = sgeo_darts.standard;
    struct sgeo_graph *supernet = rig_supernet(&sgeo_darts, &config);
    config.supernet_names = true;
    struct sgeo_rng rng = sgeo_rng_stream(2, "test", 0);
    for (size_t a = 0; a < 20; a++) {
        struct sgeo_arch arch;
        sgeo_darts.sample(&arch, &rng);
        struct sgeo_graph *graph = graph_of(&arch, &config);
        rig_shares_segments(graph, supernet);
        sgeo_graph_destroy(graph);
    }
    sgeo_graph_destroy(supernet);
}
END_TEST

enum { BATCH = 4, IMAGE_ELEMS = 3 * 8 * 8 };

/* A candidate's network with its vectors. */
struct candidate {
    struct sgeo_graph *graph;
    struct sgeo_store *store;
    struct sgeo_network *network;
    void *theta, *grad;
};

static void open_candidate(struct candidate *candidate, const struct sgeo_net_config *config,
                           struct sgeo_backend *backend, struct sgeo_pool *pool)
{
    const struct sgeo_network_options options = {.batch = BATCH, .backward = true};
    struct sgeo_arch arch = arch_of(ALL_OPS);
    candidate->graph = graph_of(&arch, config);
    ck_assert_int_eq(sgeo_store_create(&candidate->store, candidate->graph, backend, BATCH),
                     SGEO_OK);
    ck_assert_int_eq(sgeo_network_create(&candidate->network, candidate->graph, candidate->store,
                                         backend, pool, &options),
                     SGEO_OK);
    candidate->theta = sgeo_store_vector(candidate->store);
    candidate->grad = sgeo_store_vector(candidate->store);
    ck_assert(candidate->theta != NULL && candidate->grad != NULL);
    sgeo_network_bind(candidate->network, candidate->theta, candidate->grad, NULL);
}

static void close_candidate(struct candidate *candidate)
{
    sgeo_network_destroy(candidate->network);
    sgeo_store_destroy(candidate->store);
    sgeo_graph_destroy(candidate->graph);
    sgeo_free(candidate->theta);
    sgeo_free(candidate->grad);
}

/* Both candidates list the same segments in the same order, under two names. */
static void copy_weights(const struct candidate *to, const struct candidate *from)
{
    ck_assert_uint_eq(sgeo_store_count(to->store), sgeo_store_count(from->store));
    for (size_t s = 0; s < sgeo_store_count(to->store); s++) {
        size_t count = sgeo_store_segment(from->store, s)->count;
        ck_assert_uint_eq(sgeo_store_segment(to->store, s)->count, count);
        double *values = sgeo_calloc(count, sizeof *values);
        ck_assert_ptr_nonnull(values);
        sgeo_store_export(from->store, values, s, from->theta);
        sgeo_store_import(to->store, to->theta, s, values);
        sgeo_free(values);
    }
}

static enum sgeo_status next_batch(void *images, uint16_t *labels, size_t epoch, size_t first,
                                   size_t n, void *context)
{
    const double *values = context;
    (void)epoch;
    memcpy(images, values + first * IMAGE_ELEMS, n * IMAGE_ELEMS * sizeof *values);
    for (size_t i = 0; i < n; i++) {
        labels[i] = (uint16_t)((first + i) % 10);
    }
    return SGEO_OK;
}

/* Two steps, so that weights are neither fresh nor formula. */
static struct sgeo_supernet *trained_supernet(const struct sgeo_net_config *config,
                                              struct sgeo_backend *backend, struct sgeo_pool *pool,
                                              double *images)
{
    const struct sgeo_training training = {.images = 2 * BATCH,
                                           .epochs = 1,
                                           .batch = BATCH,
                                           .image_elems = IMAGE_ELEMS,
                                           .lr = 0.025,
                                           .lr_min = 0.001,
                                           .momentum = 0.9,
                                           .next_batch = next_batch,
                                           .context = images};
    struct sgeo_supernet *supernet = NULL;
    struct sgeo_training_result result;
    ck_assert_msg(sgeo_supernet_create(&supernet, &sgeo_darts, config, backend, 5) == SGEO_OK, "%s",
                  sgeo_error_text());
    ck_assert_msg(sgeo_supernet_train(supernet, &result, pool, &training, 0) == SGEO_OK, "%s",
                  sgeo_error_text());
    ck_assert(!result.diverged);
    ck_assert_uint_eq(result.steps, 2);
    return supernet;
}

START_TEST(test_darts_inherited_candidate_equals_the_stand_alone_network)
{
    struct sgeo_net_config alone = small(), shared = small();
    struct sgeo_backend *backend = NULL;
    struct sgeo_pool *pool = sgeo_pool_create();
    struct candidate candidates[2];
    const uint16_t labels[BATCH] = {1, 4, 2, 7};
    const struct sgeo_targets targets = {.labels = labels};
    static double images[2 * BATCH * IMAGE_ELEMS], losses[2];
    struct sgeo_rng rng = sgeo_rng_stream(4, "images", 0);
    for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
        images[i] = 2.0 * sgeo_rng_uniform(&rng) - 1.0;
    }
    shared.supernet_names = true;
    ck_assert_int_eq(
        sgeo_backend_create(&backend, (struct sgeo_executor){SGEO_F64, SGEO_LAYOUT_AUTO, false}),
        SGEO_OK);
    struct sgeo_supernet *supernet = trained_supernet(&alone, backend, pool, images);
    open_candidate(&candidates[0], &shared, backend, pool);
    open_candidate(&candidates[1], &alone, backend, pool);
    ck_assert_int_eq(sgeo_supernet_fill(candidates[0].store, candidates[0].theta, supernet),
                     SGEO_OK);
    copy_weights(&candidates[1], &candidates[0]);
    for (size_t c = 0; c < 2; c++) {
        ck_assert_int_eq(
            sgeo_network_loss_gradient(candidates[c].network, images, &targets, NULL, &losses[c]),
            SGEO_OK);
    }
    ck_assert_double_eq(losses[0], losses[1]);
    ck_assert_mem_eq(sgeo_network_logits(candidates[0].network),
                     sgeo_network_logits(candidates[1].network), BATCH * 10 * sizeof(double));
    ck_assert_mem_eq(candidates[0].grad, candidates[1].grad,
                     sgeo_store_total(candidates[0].store) * sizeof(double));
    for (size_t c = 0; c < 2; c++) {
        close_candidate(&candidates[c]);
    }
    sgeo_supernet_destroy(supernet);
    sgeo_pool_destroy(pool);
    sgeo_backend_destroy(backend);
}
END_TEST

/* Logits and gradient of one network, from formula weights, row-major in double. */
struct passes {
    double logits[BATCH * 10];
    double *gradient;
    size_t n;
};

static void run_passes(struct passes *passes, enum sgeo_precision precision,
                       enum sgeo_layout_choice layout)
{
    enum { ELEMS = BATCH * 3 * 16 * 16 };
    static double images[ELEMS];
    static float floats[ELEMS];
    const uint16_t labels[BATCH] = {1, 4, 2, 7};
    const struct sgeo_targets targets = {.labels = labels};
    struct sgeo_net_config config = small();
    struct sgeo_backend *backend = NULL;
    struct sgeo_pool *pool = sgeo_pool_create();
    struct candidate candidate;
    struct sgeo_rng rng = sgeo_rng_stream(6, "images", 0);
    for (size_t i = 0; i < ELEMS; i++) {
        images[i] = 2.0 * sgeo_rng_uniform(&rng) - 1.0;
        floats[i] = (float)images[i];
    }
    config.channels = 16;
    config.image_size = 16;
    ck_assert_int_eq(
        sgeo_backend_create(&backend, (struct sgeo_executor){precision, layout, false}), SGEO_OK);
    open_candidate(&candidate, &config, backend, pool);
    ck_assert_int_eq(sgeo_store_init_formula(candidate.store, candidate.theta), SGEO_OK);
    const void *pixels = precision == SGEO_F64 ? (const void *)images : floats;
    ck_assert_int_eq(sgeo_network_loss_gradient(candidate.network, pixels, &targets, NULL, NULL),
                     SGEO_OK);
    memcpy(passes->logits, sgeo_network_logits(candidate.network), sizeof passes->logits);
    passes->n = sgeo_store_logical(candidate.store);
    passes->gradient = sgeo_calloc(passes->n, sizeof(double));
    ck_assert_ptr_nonnull(passes->gradient);
    sgeo_store_export_all(candidate.store, passes->gradient, candidate.grad);
    close_candidate(&candidate);
    sgeo_pool_destroy(pool);
    sgeo_backend_destroy(backend);
}

/* |a - b| over |a|. */
static double distance(const double *a, const double *b, size_t n)
{
    double off = 0.0, size = 0.0;
    for (size_t i = 0; i < n; i++) {
        off += (a[i] - b[i]) * (a[i] - b[i]);
        size += a[i] * a[i];
    }
    return sqrt(off / size);
}

START_TEST(test_darts_floats_of_both_layouts_agree_with_double)
{
    struct passes exact, fast;
    run_passes(&exact, SGEO_F64, SGEO_LAYOUT_AUTO);
    run_passes(&fast, SGEO_F32, _i == 0 ? SGEO_LAYOUT_BLOCKED : SGEO_LAYOUT_NHWC);
    ck_assert_uint_eq(fast.n, exact.n);
    ck_assert_double_lt(distance(exact.logits, fast.logits, BATCH * 10), 1e-5);
    ck_assert_double_lt(distance(exact.gradient, fast.gradient, exact.n), 1e-3);
    sgeo_free(exact.gradient);
    sgeo_free(fast.gradient);
}
END_TEST

/* --- the benchmark's own numbers, where they are at hand ---------------------------------------
 */

static void text_of_row(char text[SGEO_ARCH_TEXT_MAX], const struct sgeo_csv *csv, size_t row)
{
    snprintf(text, SGEO_ARCH_TEXT_MAX, "%s,%s", rig_cell(csv, row, "normal"),
             rig_cell(csv, row, "reduce"));
}

START_TEST(test_darts_every_row_of_the_benchmark_is_an_architecture)
{
    struct sgeo_csv csv = {0};
    if (!rig_read_ground_truth(&csv, "nb301.csv")) {
        return;
    }
    for (size_t row = 0; row < csv.n_rows; row++) {
        char text[SGEO_ARCH_TEXT_MAX], again[SGEO_ARCH_TEXT_MAX];
        text_of_row(text, &csv, row);
        struct sgeo_arch arch = arch_of(text);
        sgeo_darts.encode(again, &arch);
        ck_assert_str_eq(again, text);
    }
    ck_assert_uint_gt(csv.n_rows, 0);
    sgeo_csv_clear(&csv);
}
END_TEST

START_TEST(test_darts_every_row_of_the_suite_agrees)
{
    struct sgeo_csv suite = {0};
    size_t checked = 0;
    if (!rig_read_ground_truth(&suite, "proxies_nb301.csv")) {
        return;
    }
    for (size_t row = 0; row < suite.n_rows; row++) {
        char text[SGEO_ARCH_TEXT_MAX];
        text_of_row(text, &suite, row);
        if (*rig_cell(&suite, row, "params") != '\0') { /* some sources give other proxies only */
            struct sgeo_counts counts = counts_of(text, &sgeo_darts.standard);
            rig_check_millions(counts.params, rig_cell(&suite, row, "params"), text);
            rig_check_millions(counts.tensorwatch_flops, rig_cell(&suite, row, "flops"), text);
            checked++;
        }
    }
    ck_assert_uint_gt(checked, 0);
    sgeo_csv_clear(&suite);
}
END_TEST

/* --- the program ------------------------------------------------------------------------------ */

static TCase *text_tests(void)
{
    TCase *tests = tcase_create("text");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_darts_every_sample_survives_text_and_key);
    tcase_add_test(tests, test_darts_source_comes_before_the_operation);
    tcase_add_loop_test(tests, test_darts_malformed_text_names_its_position_and_what_was_expected,
                        0, RIG_LENGTH(malformed));
    tcase_add_test(tests, test_darts_hinted_example_is_darts_v2);
    tcase_add_loop_test(tests, test_darts_malformed_keys_are_refused, 0,
                        RIG_LENGTH(malformed_keys));
    tcase_add_test(tests, test_darts_sampling_is_uniform_over_pairs_of_edges);
    tcase_add_test(tests, test_darts_sample_depends_on_the_stream_alone);
    return tests;
}

static TCase *graph_tests(void)
{
    TCase *tests = tcase_create("graph");
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, test_darts_sizes_of_the_published_examples, 0,
                        RIG_LENGTH(published));
    tcase_add_test(tests, test_darts_auxiliary_head_is_what_the_published_count_has_more);
    tcase_add_test(tests, test_darts_tensorwatch_flops_of_darts_v2);
    tcase_add_test(tests, test_darts_sizes_and_names_of_the_golden_records);
    tcase_add_test(tests, test_darts_pools_have_plain_norms_in_the_scored_network_only);
    tcase_add_test(tests, test_darts_cells_double_channels_and_halve_pixels_at_thirds);
    tcase_add_test(tests, test_darts_every_number_of_cells_makes_a_network);
    tcase_add_loop_test(tests, test_darts_impossible_network_is_refused, 0, RIG_LENGTH(impossible));
    tcase_add_loop_test(tests, test_darts_no_convolution_runs_a_reference_loop, 0, 2);
    tcase_add_test(tests, test_darts_supernet_owns_every_operation_of_every_edge_once);
    tcase_add_test(tests, test_darts_candidates_find_their_segments_in_the_supernet);
    tcase_add_test(tests, test_darts_inherited_candidate_equals_the_stand_alone_network);
    tcase_add_loop_test(tests, test_darts_floats_of_both_layouts_agree_with_double, 0, 2);
    tcase_add_test(tests, test_darts_every_row_of_the_benchmark_is_an_architecture);
    tcase_add_test(tests, test_darts_every_row_of_the_suite_agrees);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("darts");
    suite_add_tcase(suite, text_tests());
    suite_add_tcase(suite, graph_tests());
    return rig_run(suite);
}
