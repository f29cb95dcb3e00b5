/*
 * The tnb101 space: its text, its 4,096 cells, the sizes of its networks, its loss, and what
 * candidates inherit from its supernet.
 */
#include "space/tnb101.h"

#include "space/rig.h"
#include "space/supernet.h"

#define GOLDEN "tests/golden/tnb101_micro.json"

#define ALL_3X3  "64-41414-3_33_333"
#define ALL_1X1  "64-41414-2_22_222"
#define ALL_SKIP "64-41414-1_11_111"
#define README   "64-41414-1_02_333"
#define MIXED    "64-41414-3_21_213"

/* The benchmark's own network. */
static const struct sgeo_net_config full = {.channels = 64,
                                            .cells = 2,
                                            .classes = 100,
                                            .image_channels = 3,
                                            .image_size = 256,
                                            .edge_affine = true};

/* --- helpers ---------------------------------------------------------------------------------- */

static struct sgeo_arch arch_of(const char *text)
{
    return rig_arch(&sgeo_tnb101, text);
}

static struct sgeo_graph *graph_of(const char *text, const struct sgeo_net_config *config)
{
    struct sgeo_arch arch = arch_of(text);
    return rig_graph(&sgeo_tnb101, &arch, config);
}

static struct sgeo_counts counts_of(const char *text, const struct sgeo_net_config *config)
{
    struct sgeo_arch arch = arch_of(text);
    return rig_counts(&sgeo_tnb101, &arch, config);
}

/* --- the text --------------------------------------------------------------------------------- */

START_TEST(test_tnb101_every_cell_survives_text_index_and_naslib)
{
    for (size_t i = 0; i < SGEO_TNB101_CELLS; i++) {
        struct sgeo_arch arch, parsed, converted;
        char text[SGEO_ARCH_TEXT_MAX], key[32];
        sgeo_tnb101_enumerate(&arch, i);
        ck_assert_uint_eq(sgeo_tnb101_index(&arch), i);
        sgeo_tnb101.encode(text, &arch);
        ck_assert_int_eq(sgeo_tnb101.decode(&parsed, text), SGEO_OK);
        ck_assert_mem_eq(&parsed, &arch, sizeof arch);
        snprintf(key, sizeof key, "(%d, %d, %d, %d, %d, %d)", arch.code[0], arch.code[1],
                 arch.code[2], arch.code[3], arch.code[4], arch.code[5]);
        ck_assert_int_eq(sgeo_tnb101.decode_naslib(&converted, key), SGEO_OK);
        ck_assert_mem_eq(&converted, &arch, sizeof arch);
    }
}
END_TEST

START_TEST(test_tnb101_code_follows_the_order_of_the_text)
{
    const unsigned char expected[6] = {SGEO_TNB101_CONV3, SGEO_TNB101_CONV1, SGEO_TNB101_SKIP,
                                       SGEO_TNB101_CONV1, SGEO_TNB101_SKIP,  SGEO_TNB101_CONV3};
    struct sgeo_arch arch = arch_of(MIXED);
    ck_assert_mem_eq(arch.code, expected, sizeof expected);
    ck_assert_uint_eq(sgeo_tnb101_index(&arch), 3 * 1024 + 2 * 256 + 64 + 2 * 16 + 4 + 3);
}
END_TEST

static const struct rig_malformed malformed[] = {
    {"", "character 1:", "expected \"6\", got the end", "example: 64-41414-"},
    {" " ALL_3X3, "character 1:", "expected \"6\", got \" \"", "example: 64-41414-"},
    {"3_33_333", "character 1:", "expected \"6\", got \"3\"", "only the micro space"},
    {"64-1234-basic", "character 4:", "expected \"4\", got \"1\"", "only the micro space"},
    {"64-41414", "character 9:", "expected \"-\", got the end", "only the micro space"},
    {"64-41414-", "character 10:", "operation of edge 0-1, got the end", "0 none, 1 skip"},
    {"64-41414-4_33_333", "character 10:", "operation of edge 0-1, got \"4\"", "2 conv1x1"},
    {"64-41414-3-33_333", "character 11:", "expected \"_\", got \"-\"", "example: 64-41414-"},
    {"64-41414-333333", "character 11:", "expected \"_\", got \"3\"", "example: 64-41414-"},
    {"64-41414-3_\n3_333", "character 12:", "operation of edge 0-2, got \"?\"", "operations:"},
    {"64-41414-3_3a_333", "character 13:", "operation of edge 1-2, got \"a\"", "operations:"},
    {"64-41414-3_33_3\xc3\xa4", "character 16:", "edge 1-3, got \"?\"", "operations:"},
    {"64-41414-3_33_33", "character 17:", "operation of edge 2-3, got the end", "operations:"},
    {ALL_3X3 "3", "character 18:", "expected the end, got \"3\"", "example: 64-41414-"},
    {ALL_3X3 "\n", "character 18:", "expected the end, got \"?\"", "example: 64-41414-"},
    {"|none~0|", "character 1:", "got \"|\"", "only the micro space"},
};

START_TEST(test_tnb101_malformed_text_names_its_position_and_what_was_expected)
{
    rig_refuses(&sgeo_tnb101, &malformed[_i]);
}
END_TEST

START_TEST(test_tnb101_hinted_examples_are_valid)
{
    static const char *const wrong[2] = {"", ALL_3X3 "3"};
    for (size_t i = 0; i < 2; i++) {
        struct sgeo_arch arch;
        ck_assert_int_eq(sgeo_tnb101.decode(&arch, wrong[i]), SGEO_USAGE);
        char example[SGEO_ARCH_TEXT_MAX];
        snprintf(example, sizeof example, "%s",
                 strstr(sgeo_error_hint(), "example: ") + strlen("example: "));
        arch_of(example);
    }
}
END_TEST

START_TEST(test_tnb101_bad_naslib_keys_are_refused)
{
    static const struct {
        const char *key, *complaint;
    } bad[] = {{"(3, 3, 3, 3, 3)", "not a NASLib architecture"},
               {"(3, 3, 3, 3, 3, 3) ", "not a NASLib architecture"},
               {"", "not a NASLib architecture"},
               {"(3, 3, 4, 3, 3, 3)", "number 3: expected 0 to 3, got 4"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct sgeo_arch arch;
        ck_assert_int_eq(sgeo_tnb101.decode_naslib(&arch, bad[i].key), SGEO_USAGE);
        ck_assert_msg(strstr(sgeo_error_text(), bad[i].complaint) != NULL, "%s", sgeo_error_text());
    }
}
END_TEST

/* --- the whole space -------------------------------------------------------------------------- */

START_TEST(test_tnb101_sampling_is_uniform_over_all_cells)
{
    enum { PER_CELL = 20 };
    static unsigned seen[SGEO_TNB101_CELLS];
    struct sgeo_rng rng = sgeo_rng_stream(7, "test", 0);
    for (size_t i = 0; i < PER_CELL * SGEO_TNB101_CELLS; i++) {
        struct sgeo_arch arch;
        sgeo_tnb101.sample(&arch, &rng);
        seen[sgeo_tnb101_index(&arch)]++;
    }
    double chi2 = 0.0;
    for (size_t i = 0; i < SGEO_TNB101_CELLS; i++) {
        double off = (double)seen[i] - PER_CELL;
        chi2 += off * off / PER_CELL;
    }
    /* 4,095 degrees of freedom: mean 4,095, deviation 90.5; six deviations to either side. */
    ck_assert_double_gt(chi2, 3552.0);
    ck_assert_double_lt(chi2, 4638.0);
}
END_TEST

START_TEST(test_tnb101_169_cells_have_no_path)
{
    size_t without = 0;
    for (size_t i = 0; i < SGEO_TNB101_CELLS; i++) {
        struct sgeo_arch arch;
        sgeo_tnb101_enumerate(&arch, i);
        without += !sgeo_tnb101_has_path(&arch);
    }
    ck_assert_uint_eq(without, 169);
}
END_TEST

START_TEST(test_tnb101_is_found_by_its_name)
{
    ck_assert_ptr_eq(sgeo_space_find("tnb101"), &sgeo_tnb101);
    ck_assert_ptr_null(sgeo_space_find("tnb10"));
}
END_TEST

/* --- sizes ------------------------------------------------------------------------------------ */

enum { HEAD_PARAMS = 512 * 100 + 100, HEAD_MACS = 512 * 100 };

static const struct {
    const char *text;
    size_t encoder_params, encoder_macs;
    double mflops; /* 0: not published */
} table[] = {
    {ALL_3X3, 41411616, 8469872640, 8488.086016},
    {README, 22520608, 4585947136, 4599.507456},
    {ALL_1X1, 4645920, 1020788736, 0.0},
    {ALL_SKIP, 540960, 165150720, 0.0},
};

START_TEST(test_tnb101_sizes_of_the_published_examples)
{
    struct sgeo_counts counts = counts_of(table[_i].text, &full);
    ck_assert_uint_eq(counts.params, table[_i].encoder_params + HEAD_PARAMS);
    ck_assert_uint_eq(counts.macs, table[_i].encoder_macs + HEAD_MACS);
    if (table[_i].mflops > 0.0) {
        ck_assert_double_eq_tol((double)counts.tensorwatch_flops / 1e6, table[_i].mflops, 1e-7);
    }
}
END_TEST

static size_t integer_of(const json_t *record, const char *field)
{
    const json_t *value = json_object_get(record, field);
    ck_assert_msg(json_is_integer(value), "field %s", field);
    return (size_t)json_integer_value(value);
}

static void check_record(const json_t *record)
{
    const char *text = json_string_value(json_object_get(record, "arch"));
    struct sgeo_net_config config = full;
    struct sgeo_counts counts = counts_of(text, &full);
    ck_assert_uint_eq(counts.params, integer_of(record, "params"));
    ck_assert_uint_eq(counts.macs, integer_of(record, "macs_256"));
    config.image_size = 64;
    counts = counts_of(text, &config);
    ck_assert_uint_eq(counts.params, integer_of(record, "params"));
    ck_assert_uint_eq(counts.macs, integer_of(record, "macs"));
    struct sgeo_graph *graph = graph_of(text, &config);
    const struct sgeo_node *features = &graph->nodes[graph->features];
    const json_t *shape = json_object_get(record, "pregap_shape");
    ck_assert_int_eq(json_integer_value(json_array_get(shape, 0)), (json_int_t)features->channels);
    ck_assert_int_eq(json_integer_value(json_array_get(shape, 1)), (json_int_t)features->height);
    rig_check_layers(graph, json_object_get(record, "grad_l2_per_layer"));
    sgeo_graph_destroy(graph);
}

START_TEST(test_tnb101_sizes_and_names_of_the_golden_records)
{
    rig_golden(GOLDEN, check_record);
}
END_TEST

/* --- the graph -------------------------------------------------------------------------------- */

/* Convolution `name`: its output is (channels, pixels, pixels). */
static void check_conv(const struct sgeo_graph *graph, const char *name, size_t channels,
                       size_t pixels)
{
    const struct sgeo_segment *segment = rig_find_segment(graph, name);
    ck_assert_msg(segment != NULL, "%s", name);
    const struct sgeo_node *node = &graph->nodes[segment->node];
    ck_assert_msg(node->channels == channels && node->height == pixels && node->width == pixels,
                  "%s: (%zu,%zu,%zu)", name, node->channels, node->height, node->width);
}

START_TEST(test_tnb101_modules_widen_and_shrink_in_their_first_cell)
{
    static const size_t channels[5] = {128, 128, 256, 256, 512}, pixels[5] = {32, 32, 16, 16, 8};
    struct sgeo_graph *graph = graph_of(ALL_3X3, &full);
    check_conv(graph, "stem.conv1.weight", 32, 128);
    check_conv(graph, "stem.conv2.weight", 64, 64);
    for (size_t module = 0; module < 5; module++) {
        for (size_t cell = 0; cell < 2; cell++) {
            for (size_t source = 0; source < 3; source++) {
                char name[SGEO_NAME_MAX];
                snprintf(name, sizeof name, "module%zu.cell%zu.edge%zu-3.conv.weight", module, cell,
                         source);
                check_conv(graph, name, channels[module], pixels[module]);
            }
        }
    }
    /* Only node 0 has the fewer channels, and only in the first cell. */
    ck_assert_uint_eq(rig_find_segment(graph, "module2.cell0.edge0-1.conv.weight")->count,
                      256 * 128 * 9);
    ck_assert_uint_eq(rig_find_segment(graph, "module2.cell0.edge1-2.conv.weight")->count,
                      256 * 256 * 9);
    ck_assert_uint_eq(rig_find_segment(graph, "module2.cell1.edge0-1.conv.weight")->count,
                      256 * 256 * 9);
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_tnb101_skip_is_a_reduction_where_the_size_changes)
{
    struct sgeo_graph *graph = graph_of(ALL_SKIP, &full);
    check_conv(graph, "module4.cell0.edge0-3.conv1.weight", 256, 8);
    check_conv(graph, "module4.cell0.edge0-3.conv2.weight", 256, 8);
    ck_assert_ptr_null(rig_find_segment(graph, "module4.cell0.edge1-3.conv1.weight"));
    ck_assert_ptr_null(rig_find_segment(graph, "module4.cell1.edge0-3.conv1.weight"));
    ck_assert_ptr_null(rig_find_segment(graph, "module3.cell0.edge0-3.conv1.weight"));
    ck_assert_uint_eq(rig_count_nodes(graph, SGEO_OP_CONV), 2 + 3 * 3 * 2);
    ck_assert_uint_eq(rig_count_nodes(graph, SGEO_OP_BATCHNORM), 2 + 3 * 3);
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_tnb101_none_is_zeros_of_the_new_size)
{
    struct sgeo_graph *graph = graph_of("64-41414-0_00_000", &full);
    ck_assert_uint_eq(rig_count_nodes(graph, SGEO_OP_ZERO), 6 * 10);
    ck_assert_uint_eq(rig_count_nodes(graph, SGEO_OP_CONV), 2);
    ck_assert_uint_eq(graph->nodes[graph->features].channels, 512);
    ck_assert_uint_eq(graph->nodes[graph->features].height, 8);
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_tnb101_loss_has_its_offset)
{
    struct sgeo_graph *graph = graph_of(ALL_SKIP, &full);
    ck_assert_double_eq(graph->log_offset, 1e-5);
    sgeo_graph_destroy(graph);
}
END_TEST

static size_t count_codes(const struct sgeo_graph *graph)
{
    size_t codes = 0;
    for (size_t n = 0; n < graph->n_nodes; n++) {
        codes += graph->nodes[n].codes;
    }
    return codes;
}

START_TEST(test_tnb101_second_codes_are_those_of_the_cells_convolutions)
{
    struct sgeo_net_config config = full;
    config.wrapper_relus = true;
    struct sgeo_graph *once = graph_of(MIXED, &full), *twice = graph_of(MIXED, &config);
    /* four convolutions a cell, ten cells; neither the stem nor the reductions */
    struct sgeo_counts counts, counts_twice;
    ck_assert_uint_eq(count_codes(once), rig_count_nodes(once, SGEO_OP_RELU));
    ck_assert_uint_eq(count_codes(twice), count_codes(once) + 4 * 10);
    sgeo_graph_count(&counts, once);
    sgeo_graph_count(&counts_twice, twice);
    ck_assert_uint_eq(counts.tensorwatch_flops, counts_twice.tensorwatch_flops);
    sgeo_graph_destroy(once);
    sgeo_graph_destroy(twice);
}
END_TEST

static const struct rig_impossible impossible[] = {
    {{.channels = 0, .cells = 2, .classes = 10, .image_channels = 3, .image_size = 32},
     "0 channels"},
    {{.channels = 5, .cells = 2, .classes = 10, .image_channels = 3, .image_size = 32},
     "5 channels"},
    {{.channels = 4, .cells = 0, .classes = 10, .image_channels = 3, .image_size = 32}, "0 cells"},
    {{.channels = 4, .cells = 2, .classes = 0, .image_channels = 3, .image_size = 32}, "0 classes"},
    {{.channels = 4, .cells = 2, .classes = 10, .image_channels = 0, .image_size = 32}, "0 image"},
    {{.channels = 4, .cells = 2, .classes = 10, .image_channels = 3, .image_size = 0}, "size 0"},
    {{.channels = 4, .cells = 2, .classes = 10, .image_channels = 3, .image_size = 48}, "size 48"},
};

START_TEST(test_tnb101_impossible_network_is_refused)
{
    struct sgeo_arch arch = arch_of(ALL_SKIP);
    rig_cannot_build(&sgeo_tnb101, &arch, &impossible[_i]);
}
END_TEST

/* --- the supernet ----------------------------------------------------------------------------- */

/*
 * Stem 19,488, head 51,300. An edge of C channels has 9 + 1 matrices of C x C; one that shrinks
 * 9 + 1 + 1 of C/2 x C, because its skip has weights. Batch norms of edges have none here.
 */
START_TEST(test_tnb101_supernet_has_every_operation_of_every_edge)
{
    struct sgeo_net_config config = full;
    struct sgeo_graph *graph = NULL;
    struct sgeo_counts counts;
    size_t expected = 19488 + 51300;
    for (size_t channels = 128; channels <= 512; channels *= 2) {
        size_t square = channels * channels, modules = channels < 512 ? 2 : 1;
        expected += 3 * 11 * square / 2 + 3 * 10 * square + (2 * modules - 1) * 6 * 10 * square;
    }
    config.edge_affine = false;
    rig_ok(sgeo_tnb101.build_supernet(&graph, &config));
    sgeo_graph_count(&counts, graph);
    ck_assert_uint_eq(counts.params, expected);
    ck_assert_uint_eq(counts.params, 46544004);
    for (size_t i = 0; i < graph->n_segments; i++) {
        ck_assert_ptr_eq(rig_find_segment(graph, graph->segments[i].name), &graph->segments[i]);
    }
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_tnb101_every_candidate_finds_its_segments_in_the_supernet)
{
    struct sgeo_net_config config = full;
    config.edge_affine = false;
    config.supernet_names = true;
    struct sgeo_graph *supernet = rig_supernet(&sgeo_tnb101, &config);
    for (size_t cell = 0; cell < SGEO_TNB101_CELLS; cell += 97) {
        struct sgeo_arch arch;
        struct sgeo_graph *graph = NULL;
        sgeo_tnb101_enumerate(&arch, cell);
        rig_ok(sgeo_tnb101.build(&graph, &arch, &config));
        rig_shares_segments(graph, supernet);
        sgeo_graph_destroy(graph);
    }
    sgeo_graph_destroy(supernet);
}
END_TEST

/* --- small networks that run ------------------------------------------------------------------ */

enum { BATCH = 4, CLASSES = 6, PIXELS = 32, ELEMS = 3 * PIXELS * PIXELS };

static const struct sgeo_net_config small = {.channels = 4,
                                             .cells = 1,
                                             .classes = CLASSES,
                                             .image_channels = 3,
                                             .image_size = PIXELS,
                                             .edge_affine = true};

static const struct sgeo_network_options everything = {
    .batch = BATCH, .backward = true, .tangent = true, .curvature = true};

static const uint16_t labels[BATCH] = {3, 0, 5, 3};
static double rows[CLASSES * CLASSES]; /* soft targets by label */

/* A network on its own weights; the images are the same for all. */
struct net {
    struct sgeo_backend *backend; /* the caller's */
    struct sgeo_pool *pool;
    struct sgeo_graph *graph;
    struct sgeo_store *store;
    struct sgeo_network *network;
    void *theta, *grad, *images;
    struct sgeo_targets targets;
};

/* Takes the graph. Weights are the rig's, scales and shifts away from 1 and 0. */
static void open_net(struct net *net, struct sgeo_graph *graph, struct sgeo_backend *backend)
{
    double *pixels = rig_random("images", (size_t)BATCH * ELEMS, -1.7, 1.7);
    *net = (struct net){.backend = backend, .graph = graph, .targets = {.labels = labels}};
    net->pool = sgeo_pool_create();
    ck_assert_ptr_nonnull(net->pool);
    rig_ok(sgeo_store_create(&net->store, graph, backend, BATCH));
    rig_ok(sgeo_network_create(&net->network, graph, net->store, backend, net->pool, &everything));
    net->theta = sgeo_store_vector(net->store);
    net->grad = sgeo_store_vector(net->store);
    ck_assert(net->theta != NULL && net->grad != NULL);
    net->images = rig_elements(backend, pixels, (size_t)BATCH * ELEMS);
    rig_fill(net->store, net->theta);
    sgeo_network_bind(net->network, net->theta, net->grad, NULL);
    sgeo_free(pixels);
}

static void close_net(struct net *net)
{
    sgeo_network_destroy(net->network);
    sgeo_store_destroy(net->store);
    sgeo_pool_destroy(net->pool);
    sgeo_graph_destroy(net->graph);
    sgeo_free(net->theta);
    sgeo_free(net->grad);
    sgeo_free(net->images);
}

/* A half on the label, a quarter on each of the next two. */
static void use_soft_rows(struct net *net)
{
    memset(rows, 0, sizeof rows);
    for (size_t l = 0; l < CLASSES; l++) {
        rows[l * CLASSES + l] = 0.5;
        rows[l * CLASSES + (l + 1) % CLASSES] = 0.25;
        rows[l * CLASSES + (l + 2) % CLASSES] = 0.25;
    }
    net->targets.rows = rows;
}

static double gradient(struct net *net)
{
    double loss = 0.0;
    rig_ok(sgeo_network_loss_gradient(net->network, net->images, &net->targets, NULL, &loss));
    return loss;
}

static const enum sgeo_precision precisions[2] = {SGEO_F64, SGEO_F32};

/* --- the supernet's weights ------------------------------------------------------------------- */

/*
 * A candidate on inherited weights, and a stand-alone network with the same numbers under its own
 * names: the same logits and the same gradient, bit for bit.
 */
START_TEST(test_tnb101_inherited_weights_make_the_stand_alone_network)
{
    struct sgeo_net_config shared = small;
    struct sgeo_backend *backend = NULL;
    struct sgeo_supernet *supernet = NULL;
    struct net candidate, alone;
    rig_ok(sgeo_backend_create(&backend,
                               (struct sgeo_executor){precisions[_i], SGEO_LAYOUT_AUTO, false}));
    rig_ok(sgeo_supernet_create(&supernet, &sgeo_tnb101, &small, backend, 3));
    shared.supernet_names = true;
    open_net(&candidate, graph_of(MIXED, &shared), backend);
    open_net(&alone, graph_of(MIXED, &small), backend);
    rig_ok(sgeo_supernet_fill(candidate.store, candidate.theta, supernet));
    ck_assert_uint_eq(sgeo_store_count(candidate.store), sgeo_store_count(alone.store));
    for (size_t s = 0; s < sgeo_store_count(alone.store); s++) { /* both in the graph's order */
        const struct sgeo_segment *segment = sgeo_store_segment(alone.store, s);
        double *values = rig_segment(candidate.store, candidate.theta, s);
        ck_assert_uint_eq(sgeo_store_segment(candidate.store, s)->count, segment->count);
        sgeo_store_import(alone.store, alone.theta, s, values);
        sgeo_free(values);
    }
    double loss = gradient(&candidate);
    ck_assert(isfinite(loss) && loss == gradient(&alone));
    ck_assert_mem_eq(sgeo_network_logits(candidate.network), sgeo_network_logits(alone.network),
                     BATCH * CLASSES * sizeof(double));
    ck_assert_mem_eq(candidate.grad, alone.grad,
                     sgeo_store_total(alone.store) * backend->ops->elem_bytes);
    close_net(&candidate);
    close_net(&alone);
    sgeo_supernet_destroy(supernet);
    sgeo_backend_destroy(backend);
}
END_TEST

/* --- initial weights -------------------------------------------------------------------------- */

START_TEST(test_tnb101_convolutions_start_kaiming_normal_and_the_head_as_ever)
{
    struct sgeo_backend *backend = NULL;
    struct sgeo_store *store = NULL, *plain = NULL;
    struct sgeo_graph *graph = graph_of(ALL_SKIP, &full);
    rig_ok(
        sgeo_backend_create(&backend, (struct sgeo_executor){SGEO_F64, SGEO_LAYOUT_AUTO, false}));
    rig_ok(sgeo_store_create(&store, graph, backend, 1));
    ck_assert_int_eq(graph->init, SGEO_INIT_KAIMING);
    graph->init = SGEO_INIT_FAN_IN;
    rig_ok(sgeo_store_create(&plain, graph, backend, 1));
    void *theta = sgeo_store_vector(store), *common = sgeo_store_vector(store);
    rig_ok(sgeo_store_init_random(store, theta, 3, 1));
    rig_ok(sgeo_store_init_random(plain, common, 3, 1));
    for (size_t s = 0; s < sgeo_store_count(store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(store, s);
        const struct sgeo_node *node = &graph->nodes[segment->node];
        double *values = rig_segment(store, theta, s), *others = rig_segment(store, common, s);
        double squares = 0.0, n = (double)segment->count;
        for (size_t i = 0; i < segment->count; i++) {
            squares += values[i] * values[i];
        }
        if (segment->kind ==
            SGEO_SEGMENT_CONV) { /* the variance of n normals is off by sqrt(2/n) */
            double fan_out = (double)(node->conv.kernel * node->conv.kernel * node->channels);
            ck_assert_double_eq_tol(squares / n * fan_out / 2.0, 1.0, 6.0 * sqrt(2.0 / n));
        } else {
            ck_assert_mem_eq(values, others, segment->count * sizeof *values);
        }
        sgeo_free(values);
        sgeo_free(others);
    }
    sgeo_free(theta);
    sgeo_free(common);
    sgeo_store_destroy(plain);
    sgeo_store_destroy(store);
    sgeo_backend_destroy(backend);
    sgeo_graph_destroy(graph);
}
END_TEST

/* --- the loss through a whole network (loop index: hard, soft targets) ------------------------ */

static const double steps[4] = {-2.0, -1.0, 1.0, 2.0};
static const double step_sizes[] = {2e-5, 2e-6, 4e-7}; /* a ReLU may switch within the larger */

static void open_loss_net(struct net *net, struct sgeo_backend *backend, bool soft)
{
    open_net(net, graph_of(MIXED, &small), backend);
    if (soft) {
        use_soft_rows(net);
    }
}

/* Losses, and gradients in L, with the weights of L scaled by 1 + h * step. */
static void losses_around(struct net *net, double losses[4], double *gradients[4], double h)
{
    void *scaled = sgeo_store_vector(net->store);
    for (size_t p = 0; p < 4; p++) {
        rig_scale_weights(net->store, scaled, net->theta, 1.0 + h * steps[p]);
        sgeo_network_bind(net->network, scaled, gradients[p], NULL);
        losses[p] = gradient(net);
    }
    sgeo_network_bind(net->network, net->theta, net->grad, NULL);
    sgeo_free(scaled);
}

/* Over L: sum W g, and the largest difference between the curvature and that of gradients. */
static double weight_dot_gradient(const struct net *net)
{
    double sum = 0.0;
    for (size_t s = 0; s < sgeo_store_count(net->store); s++) {
        struct sgeo_place place = sgeo_store_place(net->store, s);
        if (sgeo_segment_in_l(sgeo_store_segment(net->store, s))) {
            sum += net->backend->ops->dot(net->backend, (const double *)net->theta + place.offset,
                                          (const double *)net->grad + place.offset, place.elems);
        }
    }
    return sum;
}

static double curvature_error(const struct net *net, double *const gradients[4], double h,
                              double *largest)
{
    double error = 0.0;
    *largest = 0.0;
    for (size_t s = 0; s < sgeo_store_count(net->store); s++) {
        struct sgeo_place place = sgeo_store_place(net->store, s);
        if (!sgeo_segment_in_l(sgeo_store_segment(net->store, s))) {
            continue;
        }
        for (size_t i = place.offset; i < place.offset + place.elems; i++) {
            const double f[4] = {gradients[0][i], gradients[1][i], gradients[2][i],
                                 gradients[3][i]};
            double expected = rig_difference(f, h);
            error = fmax(error, fabs(expected - ((const double *)net->grad)[i]));
            *largest = fmax(*largest, fabs(expected));
        }
    }
    return error;
}

START_TEST(test_tnb101_loss_gradient_tangent_and_curvature_equal_differences)
{
    struct sgeo_backend *backend = NULL;
    struct net net;
    double *gradients[4], losses[4], per_image[BATCH], tangent = 0.0;
    rig_ok(
        sgeo_backend_create(&backend, (struct sgeo_executor){SGEO_F64, SGEO_LAYOUT_AUTO, false}));
    open_loss_net(&net, backend, _i == 1);
    for (size_t p = 0; p < 4; p++) {
        gradients[p] = sgeo_store_vector(net.store);
    }
    gradient(&net);
    double slope = weight_dot_gradient(&net);
    struct sgeo_targets targets = net.targets;
    targets.log_offset = net.graph->log_offset;
    sgeo_cross_entropy_tangent(per_image, sgeo_network_logits(net.network),
                               sgeo_network_logit_tangent(net.network), &targets, BATCH, CLASSES);
    for (size_t n = 0; n < BATCH; n++) {
        tangent += per_image[n] / BATCH;
    }
    ck_assert_double_eq_tol(tangent, slope, 1e-10);
    rig_ok(sgeo_network_forward(net.network, net.images));
    rig_ok(sgeo_network_curvature(net.network, &net.targets));
    bool agrees = false;
    double expected = 0.0, error = 0.0, largest = 0.0;
    for (size_t h = 0; h < 3 && !agrees; h++) {
        losses_around(&net, losses, gradients, step_sizes[h]);
        expected = rig_difference(losses, step_sizes[h]);
        error = curvature_error(&net, gradients, step_sizes[h], &largest);
        agrees = fabs(expected - slope) <= 1e-7 && error <= 1e-6 * fmax(largest, 1e-3);
    }
    ck_assert_msg(agrees, "slope %.12g, difference %.12g; curvature off by %.3g, largest %.3g",
                  slope, expected, error, largest);
    ck_assert_double_gt(largest, 0.0);
    for (size_t p = 0; p < 4; p++) {
        sgeo_free(gradients[p]);
    }
    close_net(&net);
    sgeo_backend_destroy(backend);
}
END_TEST

START_TEST(test_tnb101_floats_agree_with_double)
{
    struct sgeo_backend *backends[2];
    struct net nets[2];
    double loss[2];
    for (size_t p = 0; p < 2; p++) {
        rig_ok(sgeo_backend_create(&backends[p],
                                   (struct sgeo_executor){precisions[p], SGEO_LAYOUT_AUTO, false}));
        open_loss_net(&nets[p], backends[p], _i == 1);
        loss[p] = gradient(&nets[p]);
    }
    ck_assert_double_eq_tol(loss[1], loss[0], 1e-4);
    for (size_t s = 0; s < sgeo_store_count(nets[0].store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(nets[0].store, s);
        double *exact = rig_segment(nets[0].store, nets[0].grad, s);
        double *rounded = rig_segment(nets[1].store, nets[1].grad, s);
        rig_assert_near(rounded, exact, segment->count,
                        fmax(rig_largest(exact, segment->count), 1e-3), 1e-3, segment->name);
        sgeo_free(exact);
        sgeo_free(rounded);
    }
    for (size_t p = 0; p < 2; p++) {
        close_net(&nets[p]);
        sgeo_backend_destroy(backends[p]);
    }
}
END_TEST

/* Fresh zeros cut the path: nothing before them learns. */
START_TEST(test_tnb101_no_gradient_passes_a_none_that_changes_the_size)
{
    struct sgeo_backend *backend = NULL;
    struct net net;
    rig_ok(
        sgeo_backend_create(&backend, (struct sgeo_executor){SGEO_F64, SGEO_LAYOUT_AUTO, false}));
    open_net(&net, graph_of("64-41414-0_00_333", &small), backend);
    gradient(&net);
    /* Edge 0-3 has the only way; nodes 1 and 2 are zeros. */
    for (size_t s = 0; s < sgeo_store_count(net.store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(net.store, s);
        double *values = rig_segment(net.store, net.grad, s);
        bool from_zeros = strstr(segment->name, "edge1-3.conv") != NULL ||
                          strstr(segment->name, "edge2-3.conv") != NULL;
        if (segment->kind == SGEO_SEGMENT_CONV) {
            ck_assert_msg((rig_largest(values, segment->count) == 0.0) == from_zeros, "%s",
                          segment->name);
        }
        sgeo_free(values);
    }
    close_net(&net);
    sgeo_backend_destroy(backend);
}
END_TEST

/* --- the benchmark's own numbers, where they are at hand ---------------------------------------
 */

START_TEST(test_tnb101_every_row_of_the_benchmark_decodes)
{
    struct sgeo_csv csv = {0};
    if (!rig_read_ground_truth(&csv, "tnb101.csv")) {
        return;
    }
    for (size_t row = 0; row < csv.n_rows; row++) {
        struct sgeo_arch arch = arch_of(rig_cell(&csv, row, "arch"));
        char digits[7] = "";
        for (size_t e = 0; e < 6; e++) {
            digits[e] = (char)('0' + arch.code[e]);
        }
        ck_assert_str_eq(digits, rig_cell(&csv, row, "naslib_ops"));
    }
    ck_assert_uint_gt(csv.n_rows, 0);
    sgeo_csv_clear(&csv);
}
END_TEST

START_TEST(test_tnb101_every_row_of_the_suite_agrees)
{
    struct sgeo_csv csv = {0};
    size_t checked = 0;
    if (!rig_read_ground_truth(&csv, "proxies_tnb101.csv")) {
        return;
    }
    for (size_t row = 0; row < csv.n_rows; row++) {
        const char *text = rig_cell(&csv, row, "arch");
        if (*rig_cell(&csv, row, "params") != '\0') { /* others have other proxies only */
            struct sgeo_counts counts = counts_of(text, &full);
            rig_check_millions(counts.params, rig_cell(&csv, row, "params"), text);
            rig_check_millions(counts.tensorwatch_flops, rig_cell(&csv, row, "flops"), text);
            checked++;
        }
    }
    printf("%zu rows of proxies_tnb101.csv agree\n", checked);
    ck_assert_uint_gt(checked, 0);
    sgeo_csv_clear(&csv);
}
END_TEST

/* --- the program ------------------------------------------------------------------------------ */

static TCase *text_tests(void)
{
    TCase *tests = tcase_create("text");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_tnb101_every_cell_survives_text_index_and_naslib);
    tcase_add_test(tests, test_tnb101_code_follows_the_order_of_the_text);
    tcase_add_loop_test(tests, test_tnb101_malformed_text_names_its_position_and_what_was_expected,
                        0, RIG_LENGTH(malformed));
    tcase_add_test(tests, test_tnb101_hinted_examples_are_valid);
    tcase_add_test(tests, test_tnb101_bad_naslib_keys_are_refused);
    tcase_add_test(tests, test_tnb101_sampling_is_uniform_over_all_cells);
    tcase_add_test(tests, test_tnb101_169_cells_have_no_path);
    tcase_add_test(tests, test_tnb101_is_found_by_its_name);
    return tests;
}

static TCase *graph_tests(void)
{
    TCase *tests = tcase_create("graph");
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, test_tnb101_sizes_of_the_published_examples, 0, RIG_LENGTH(table));
    tcase_add_test(tests, test_tnb101_sizes_and_names_of_the_golden_records);
    tcase_add_test(tests, test_tnb101_modules_widen_and_shrink_in_their_first_cell);
    tcase_add_test(tests, test_tnb101_skip_is_a_reduction_where_the_size_changes);
    tcase_add_test(tests, test_tnb101_none_is_zeros_of_the_new_size);
    tcase_add_test(tests, test_tnb101_loss_has_its_offset);
    tcase_add_test(tests, test_tnb101_second_codes_are_those_of_the_cells_convolutions);
    tcase_add_loop_test(tests, test_tnb101_impossible_network_is_refused, 0,
                        RIG_LENGTH(impossible));
    tcase_add_test(tests, test_tnb101_supernet_has_every_operation_of_every_edge);
    tcase_add_test(tests, test_tnb101_every_candidate_finds_its_segments_in_the_supernet);
    tcase_add_test(tests, test_tnb101_every_row_of_the_benchmark_decodes);
    tcase_add_test(tests, test_tnb101_every_row_of_the_suite_agrees);
    return tests;
}

static TCase *network_tests(void)
{
    TCase *tests = tcase_create("networks");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, test_tnb101_inherited_weights_make_the_stand_alone_network, 0, 2);
    tcase_add_test(tests, test_tnb101_convolutions_start_kaiming_normal_and_the_head_as_ever);
    tcase_add_loop_test(tests, test_tnb101_loss_gradient_tangent_and_curvature_equal_differences, 0,
                        2);
    tcase_add_loop_test(tests, test_tnb101_floats_agree_with_double, 0, 2);
    tcase_add_test(tests, test_tnb101_no_gradient_passes_a_none_that_changes_the_size);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("tnb101");
    suite_add_tcase(suite, text_tests());
    suite_add_tcase(suite, graph_tests());
    suite_add_tcase(suite, network_tests());
    return rig_run(suite);
}
