/* The nb201 space: its string, its 15,625 cells, the sizes of its networks, and its supernet. */
#include "space/nb201.h"

#include "space/rig.h"

#define GOLDEN "tests/golden/nb201.json"

#define ALL_3X3                                                                                    \
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+"                                            \
    "|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|"
#define ALL_1X1                                                                                    \
    "|nor_conv_1x1~0|+|nor_conv_1x1~0|nor_conv_1x1~1|+"                                            \
    "|nor_conv_1x1~0|nor_conv_1x1~1|nor_conv_1x1~2|"
#define ALL_SKIP                                                                                   \
    "|skip_connect~0|+|skip_connect~0|skip_connect~1|+"                                            \
    "|skip_connect~0|skip_connect~1|skip_connect~2|"
#define MIXED "|nor_conv_1x1~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|nor_conv_3x3~1|none~2|"

static const struct sgeo_net_config cifar10 = {.channels = 16,
                                               .cells = 5,
                                               .classes = 10,
                                               .image_channels = 3,
                                               .image_size = 32,
                                               .edge_affine = true};

/* --- helpers ---------------------------------------------------------------------------------- */

static struct sgeo_arch arch_of(const char *text)
{
    return rig_arch(&sgeo_nb201, text);
}

static struct sgeo_graph *graph_of(const struct sgeo_arch *arch,
                                   const struct sgeo_net_config *config)
{
    return rig_graph(&sgeo_nb201, arch, config);
}

static struct sgeo_counts counts_of(const struct sgeo_arch *arch,
                                    const struct sgeo_net_config *config)
{
    return rig_counts(&sgeo_nb201, arch, config);
}

/* The data sets of the benchmark, by their names in the ground truth. */
static struct sgeo_net_config config_of(const char *dataset)
{
    struct sgeo_net_config config = cifar10;
    if (strcmp(dataset, "cifar100") == 0) {
        config.classes = 100;
    } else if (strcmp(dataset, "ImageNet16-120") == 0) {
        config.classes = 120;
        config.image_size = 16;
    } else {
        ck_assert_str_eq(dataset, "cifar10");
    }
    return config;
}

static const struct sgeo_node *nth_node(const struct sgeo_graph *graph, enum sgeo_op op, size_t n)
{
    for (size_t i = 0; i < graph->n_nodes; i++) {
        if (graph->nodes[i].op == op && n-- == 0) {
            return &graph->nodes[i];
        }
    }
    ck_abort_msg("the graph has too few nodes of operation %d", (int)op);
    return NULL;
}

/* --- the string ------------------------------------------------------------------------------- */

START_TEST(test_nb201_every_cell_survives_text_index_and_naslib)
{
    for (size_t i = 0; i < SGEO_NB201_CELLS; i++) {
        struct sgeo_arch arch, parsed, converted;
        char text[SGEO_ARCH_TEXT_MAX];
        unsigned char digits[6];
        sgeo_nb201_enumerate(&arch, i);
        ck_assert_uint_eq(sgeo_nb201_index(&arch), i);
        sgeo_nb201.encode(text, &arch);
        ck_assert_int_eq(sgeo_nb201.decode(&parsed, text), SGEO_OK);
        ck_assert_mem_eq(&parsed, &arch, sizeof arch);
        sgeo_nb201_to_naslib(digits, &arch);
        ck_assert_int_eq(sgeo_nb201_from_naslib(&converted, digits), SGEO_OK);
        ck_assert_mem_eq(&converted, &arch, sizeof arch);
    }
}
END_TEST

START_TEST(test_nb201_code_follows_the_order_of_the_string)
{
    const unsigned char expected[6] = {SGEO_NB201_CONV1,   SGEO_NB201_NONE,  SGEO_NB201_SKIP,
                                       SGEO_NB201_AVGPOOL, SGEO_NB201_CONV3, SGEO_NB201_NONE};
    struct sgeo_arch arch = arch_of(MIXED);
    ck_assert_mem_eq(arch.code, expected, sizeof expected);
}
END_TEST

START_TEST(test_nb201_edge_0_is_the_most_significant_digit)
{
    struct sgeo_arch arch;
    sgeo_nb201_enumerate(&arch, 3 * 3125 + 4);
    ck_assert_uint_eq(arch.code[0], SGEO_NB201_CONV3);
    ck_assert_uint_eq(arch.code[5], SGEO_NB201_AVGPOOL);
}
END_TEST

START_TEST(test_nb201_naslib_integers_are_ordered_by_source)
{
    const unsigned char digits[6] = {4, 0, 3, 1, 4, 3}; /* the suite's first architecture */
    struct sgeo_arch arch;
    char text[SGEO_ARCH_TEXT_MAX];
    ck_assert_int_eq(sgeo_nb201_from_naslib(&arch, digits), SGEO_OK);
    sgeo_nb201.encode(text, &arch);
    ck_assert_str_eq(text, "|avg_pool_3x3~0|+|skip_connect~0|none~1|+"
                           "|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_1x1~2|");
}
END_TEST

START_TEST(test_nb201_naslib_digit_5_is_refused_with_its_place)
{
    const unsigned char digits[6] = {4, 0, 3, 5, 4, 3};
    struct sgeo_arch arch;
    memset(&arch, 77, sizeof arch);
    const struct sgeo_arch untouched = arch;
    ck_assert_int_eq(sgeo_nb201_from_naslib(&arch, digits), SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "number 4"));
    ck_assert_mem_eq(&arch, &untouched, sizeof arch);
}
END_TEST

static const struct rig_malformed malformed[] = {
    {"", "character 1:", "expected \"|\", got the end", "example: |"},
    {" " ALL_3X3, "character 1:", "expected \"|\"", "example: |"},
    {"nor_conv_3x3~0", "character 1:", "expected \"|\"", "example: |"},
    {"|", "character 2:", "operation of edge 0-1, got the end", "operations: none"},
    {"|~0|", "character 2:", "operation of edge 0-1, got \"~0|\"", "operations: none"},
    {"|nor_conv_5x5~0|", "character 2:", "got \"nor_conv_5x5\"", "did you mean nor_conv_"},
    {"|Skip_connect~0|", "character 2:", "edge 0-1", "did you mean skip_connect?"},
    {"|none ~0|", "character 2:", "got \"none \"", "did you mean none?"},
    {"|none\n~0|", "character 2:", "got \"none?\"", "did you mean none?"},
    {"|\xc3\xa4vg_pool_3x3~0|", "character 2:", "got \"??vg_pool_3x3\"", "avg_pool_3x3?"},
    {"|completely_different_words_of_some_length~0|",
     "character 2:", "got \"completely_different_wor\"", "operations: none"},
    {"|none", "character 6:", "expected \"~0|\", got the end", "example: |"},
    {"|none~1|", "character 7:", "expected \"0|\", got \"1|\"", "example: |"},
    {"|none~0", "character 8:", "expected \"|\", got the end", "example: |"},
    {"|none~0|", "character 9:", "expected \"+|\", got the end", "example: |"},
    {"|none~0||none~0|", "character 9:", "expected \"+|\"", "example: |"},
    {"|none~0|none~1|", "character 9:", "expected \"+|\"", "example: |"},
    {"|none~0|+|none~0|+", "character 18:", "operation of edge 1-2", "operations: none"},
    {"|none~0|+|none~0|none~0|", "character 23:", "expected \"1|\"", "example: |"},
    {"|none~0|+|none~0|none~1|+|none~0|none~1|none~3|", "character 46:", "expected \"2|\"",
     "example: |"},
    {"|none~0|+|none~0|none~1|+|none~0|none~1|cone~2|", "character 41:", "operation of edge 2-3",
     "did you mean none?"},
    {ALL_SKIP "|", "character 96:", "expected the end, got \"|\"", "example: |"},
    {ALL_SKIP "\n", "character 96:", "expected the end, got \"?\"", "example: |"},
    {ALL_SKIP " ", "character 96:", "expected the end", "example: |"},
    {"403143", "character 1:", "expected \"|\"", "example: |"},
};

START_TEST(test_nb201_malformed_text_names_its_position_and_what_was_expected)
{
    rig_refuses(&sgeo_nb201, &malformed[_i]);
}
END_TEST

START_TEST(test_nb201_hinted_example_is_valid)
{
    struct sgeo_arch arch;
    ck_assert_int_eq(sgeo_nb201.decode(&arch, ""), SGEO_USAGE);
    char example[SGEO_ARCH_TEXT_MAX];
    snprintf(example, sizeof example, "%s", strchr(sgeo_error_hint(), '|'));
    arch_of(example);
}
END_TEST

/* --- the whole space -------------------------------------------------------------------------- */

START_TEST(test_nb201_sampling_is_uniform_over_all_cells)
{
    enum { PER_CELL = 10 };
    static unsigned seen[SGEO_NB201_CELLS];
    struct sgeo_rng rng = sgeo_rng_stream(7, "test", 0);
    for (size_t i = 0; i < PER_CELL * SGEO_NB201_CELLS; i++) {
        struct sgeo_arch arch;
        sgeo_nb201.sample(&arch, &rng);
        seen[sgeo_nb201_index(&arch)]++;
    }
    double chi2 = 0.0;
    for (size_t i = 0; i < SGEO_NB201_CELLS; i++) {
        double off = (double)seen[i] - PER_CELL;
        chi2 += off * off / PER_CELL;
    }
    /* 15,624 degrees of freedom: mean 15,624, deviation 177; six deviations to either side. */
    ck_assert_double_gt(chi2, 14562.0);
    ck_assert_double_lt(chi2, 16686.0);
}
END_TEST

START_TEST(test_nb201_sample_depends_on_the_stream_alone)
{
    struct sgeo_arch a, b;
    memset(&a, 1, sizeof a);
    memset(&b, 2, sizeof b);
    struct sgeo_rng first = sgeo_rng_stream(3, "path", 5);
    struct sgeo_rng second = sgeo_rng_stream(3, "path", 5);
    sgeo_nb201.sample(&a, &first);
    sgeo_nb201.sample(&b, &second);
    ck_assert_mem_eq(&a, &b, sizeof a);
}
END_TEST

START_TEST(test_nb201_341_cells_have_no_path)
{
    size_t without = 0;
    for (size_t i = 0; i < SGEO_NB201_CELLS; i++) {
        struct sgeo_arch arch;
        sgeo_nb201_enumerate(&arch, i);
        without += !sgeo_nb201_has_path(&arch);
    }
    ck_assert_uint_eq(without, 341);
}
END_TEST

/* --- which cells are the same ----------------------------------------------------------------- */

typedef void (*text_of_arch)(char text[SGEO_ARCH_TEXT_MAX], const struct sgeo_arch *arch);

static int compare_texts(const void *a, const void *b)
{
    return strcmp(a, b);
}

static size_t count_distinct(text_of_arch form)
{
    char(*texts)[SGEO_ARCH_TEXT_MAX] = sgeo_calloc(SGEO_NB201_CELLS, sizeof *texts);
    ck_assert_ptr_nonnull(texts);
    for (size_t i = 0; i < SGEO_NB201_CELLS; i++) {
        struct sgeo_arch arch;
        sgeo_nb201_enumerate(&arch, i);
        form(texts[i], &arch);
        ck_assert_uint_le(strlen(texts[i]), 123);
    }
    qsort(texts, SGEO_NB201_CELLS, sizeof *texts, compare_texts);
    size_t distinct = 1;
    for (size_t i = 1; i < SGEO_NB201_CELLS; i++) {
        distinct += strcmp(texts[i - 1], texts[i]) != 0;
    }
    sgeo_free(texts);
    return distinct;
}

START_TEST(test_nb201_benchmark_counts_6466_unique_cells)
{
    ck_assert_uint_eq(count_distinct(sgeo_nb201_isomorphism), 6466);
}
END_TEST

START_TEST(test_nb201_benchmark_string_is_its_own)
{
    struct sgeo_arch arch = arch_of(MIXED);
    char text[SGEO_ARCH_TEXT_MAX];
    sgeo_nb201_isomorphism(text, &arch);
    ck_assert_str_eq(text, "#+((0)@nor_conv_1x1)@nor_conv_3x3+(0)@avg_pool_3x3");
}
END_TEST

START_TEST(test_nb201_space_has_5260_networks)
{
    ck_assert_uint_eq(count_distinct(sgeo_nb201_canonical), 5260);
}
END_TEST

static const struct {
    const char *a, *b;
    bool same;
} pairs[] = {
    /* skips merge, summands have no order */
    {"|skip_connect~0|+|nor_conv_3x3~0|none~1|+|none~0|none~1|skip_connect~2|",
     "|none~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|", true},
    {"|nor_conv_1x1~0|+|nor_conv_3x3~0|none~1|+|none~0|skip_connect~1|skip_connect~2|",
     "|nor_conv_3x3~0|+|nor_conv_1x1~0|none~1|+|none~0|skip_connect~1|skip_connect~2|", true},
    /* node 1 reaches nothing; node 2 is fed by nothing */
    {"|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|",
     "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|", true},
    /* no path at all */
    {"|none~0|+|none~0|nor_conv_3x3~1|+|none~0|nor_conv_1x1~1|avg_pool_3x3~2|",
     "|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|none~0|none~1|none~2|", true},
    /* twice the same summand is not once */
    {"|skip_connect~0|+|none~0|none~1|+|skip_connect~0|skip_connect~1|none~2|",
     "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|", false},
    /* one convolution read twice, and two convolutions */
    {"|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|skip_connect~1|skip_connect~2|",
     "|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|none~0|skip_connect~1|skip_connect~2|", false},
    /* a pool has no weights: read twice is as good as two */
    {"|avg_pool_3x3~0|+|none~0|skip_connect~1|+|none~0|skip_connect~1|skip_connect~2|",
     "|avg_pool_3x3~0|+|avg_pool_3x3~0|none~1|+|none~0|skip_connect~1|skip_connect~2|", true},
    {ALL_3X3, ALL_1X1, false},
};

START_TEST(test_nb201_canonical_text_tells_networks_apart)
{
    char a[SGEO_ARCH_TEXT_MAX], b[SGEO_ARCH_TEXT_MAX];
    struct sgeo_arch arch_a = arch_of(pairs[_i].a), arch_b = arch_of(pairs[_i].b);
    sgeo_nb201_canonical(a, &arch_a);
    sgeo_nb201_canonical(b, &arch_b);
    ck_assert_msg((strcmp(a, b) == 0) == pairs[_i].same, "%s and %s", a, b);
}
END_TEST

/* Convolutions that are fed and reach the output: 8 * those with 1x1 + those with 3x3. */
static size_t live_convolutions(const struct sgeo_arch *arch)
{
    static const size_t source[6] = {0, 0, 1, 0, 1, 2}, target[6] = {1, 2, 2, 3, 3, 3};
    bool fed[4] = {true}, read[4] = {false, false, false, true};
    size_t live = 0;
    for (size_t e = 0; e < 6; e++) {
        fed[target[e]] |= arch->code[e] != SGEO_NB201_NONE && fed[source[e]];
    }
    for (size_t e = 6; e-- > 0;) {
        read[source[e]] |= arch->code[e] != SGEO_NB201_NONE && read[target[e]];
    }
    for (size_t e = 0; e < 6; e++) {
        if (fed[source[e]] && read[target[e]]) {
            live += arch->code[e] == SGEO_NB201_CONV1 ? 8 : arch->code[e] == SGEO_NB201_CONV3;
        }
    }
    return live;
}

START_TEST(test_nb201_canonical_text_is_zero_exactly_without_a_path)
{
    for (size_t i = 0; i < SGEO_NB201_CELLS; i++) {
        struct sgeo_arch arch;
        char text[SGEO_ARCH_TEXT_MAX];
        sgeo_nb201_enumerate(&arch, i);
        sgeo_nb201_canonical(text, &arch);
        ck_assert_int_eq(strcmp(text, "zero") == 0, !sgeo_nb201_has_path(&arch));
    }
}
END_TEST

START_TEST(test_nb201_equal_canonical_text_means_equal_live_convolutions)
{
    struct seen {
        char text[SGEO_ARCH_TEXT_MAX];
        size_t live;
    } *seen = sgeo_calloc(SGEO_NB201_CELLS, sizeof *seen);
    ck_assert_ptr_nonnull(seen);
    for (size_t i = 0; i < SGEO_NB201_CELLS; i++) {
        struct sgeo_arch arch;
        sgeo_nb201_enumerate(&arch, i);
        sgeo_nb201_canonical(seen[i].text, &arch);
        seen[i].live = live_convolutions(&arch);
    }
    qsort(seen, SGEO_NB201_CELLS, sizeof *seen, compare_texts); /* the text comes first */
    for (size_t i = 1; i < SGEO_NB201_CELLS; i++) {
        if (strcmp(seen[i - 1].text, seen[i].text) == 0) {
            ck_assert_msg(seen[i - 1].live == seen[i].live, "%s", seen[i].text);
        }
    }
    sgeo_free(seen);
}
END_TEST

/* --- sizes ------------------------------------------------------------------------------------ */

/* A cell with n1 edges of 1x1, then n3 of 3x3, the others skips. */
static struct sgeo_arch cell_with(size_t n1, size_t n3)
{
    struct sgeo_arch arch = {{0}};
    for (size_t e = 0; e < SGEO_NB201_EDGES; e++) {
        arch.code[e] = e < n1 ? SGEO_NB201_CONV1 : e < n1 + n3 ? SGEO_NB201_CONV3 : SGEO_NB201_SKIP;
    }
    return arch;
}

static const struct {
    const char *name;
    size_t params, flops;  /* without convolution edges */
    size_t flops1, flops3; /* of one 1x1, one 3x3 edge */
} datasets[] = {
    {"cifar10", 73306, 7783050, 3932160, 35389440},
    {"cifar100", 73306 + 5850, 7783050 + 5850, 3932160, 35389440},
    {"ImageNet16-120", 73306 + 7150, 1953400, 983040, 8847360},
};

START_TEST(test_nb201_params_and_benchmark_flops_follow_the_published_formulas)
{
    struct sgeo_net_config config = config_of(datasets[_i].name);
    for (size_t n1 = 0; n1 <= 6; n1++) {
        for (size_t n3 = 0; n1 + n3 <= 6; n3++) {
            struct sgeo_arch arch = cell_with(n1, n3);
            struct sgeo_counts counts = counts_of(&arch, &config);
            ck_assert_uint_eq(counts.params, datasets[_i].params + 28000 * n1 + 243040 * n3);
            ck_assert_uint_eq(sgeo_nb201_benchmark_flops(&counts, &config),
                              datasets[_i].flops + datasets[_i].flops1 * n1 +
                                  datasets[_i].flops3 * n3);
        }
    }
}
END_TEST

static const struct {
    size_t n1, n3, params, flops;
} table[] = {
    {0, 0, 73306, 7783050},   {1, 0, 101306, 11715210}, {2, 0, 129306, 15647370},
    {6, 0, 241306, 31376010}, {0, 1, 316346, 43172490}, {0, 6, 1531546, 220119690},
};

START_TEST(test_nb201_sizes_of_the_published_examples)
{
    struct sgeo_arch arch = cell_with(table[_i].n1, table[_i].n3);
    struct sgeo_counts counts = counts_of(&arch, &cifar10);
    ck_assert_uint_eq(counts.params, table[_i].params);
    ck_assert_uint_eq(sgeo_nb201_benchmark_flops(&counts, &cifar10), table[_i].flops);
}
END_TEST

START_TEST(test_nb201_sizes_ignore_which_edges_lack_weights)
{
    struct sgeo_arch arch =
        arch_of("|none~0|+|avg_pool_3x3~0|none~1|+|none~0|skip_connect~1|none~2|");
    struct sgeo_counts counts = counts_of(&arch, &cifar10);
    ck_assert_uint_eq(counts.params, 73306);
    ck_assert_uint_eq(sgeo_nb201_benchmark_flops(&counts, &cifar10), 7783050);
}
END_TEST

START_TEST(test_nb201_plain_edge_norms_have_no_parameters)
{
    struct sgeo_net_config config = cifar10;
    config.edge_affine = false;
    struct sgeo_arch arch = arch_of(MIXED); /* two convolution edges */
    size_t scales_and_shifts = 2 * 2 * 5 * (16 + 32 + 64);
    ck_assert_uint_eq(counts_of(&arch, &cifar10).params - counts_of(&arch, &config).params,
                      scales_and_shifts);
}
END_TEST

/* --- golden records --------------------------------------------------------------------------- */

static struct sgeo_net_config config_of_record(const json_t *record)
{
    struct sgeo_net_config config = cifar10;
    const json_t *input = json_object_get(record, "input");
    config.image_channels = (size_t)json_integer_value(json_array_get(input, 0));
    config.image_size = (size_t)json_integer_value(json_array_get(input, 1));
    config.classes = (size_t)json_integer_value(json_object_get(record, "classes"));
    return config;
}

static size_t integer_of(const json_t *record, const char *field)
{
    const json_t *value = json_object_get(record, field);
    ck_assert_msg(json_is_integer(value), "field %s", field);
    return (size_t)json_integer_value(value);
}

static void check_record(const json_t *record)
{
    struct sgeo_arch arch = arch_of(json_string_value(json_object_get(record, "arch")));
    struct sgeo_net_config config = config_of_record(record);
    struct sgeo_graph *graph = graph_of(&arch, &config);
    struct sgeo_counts counts;
    sgeo_graph_count(&counts, graph);
    ck_assert_uint_eq(counts.params, integer_of(record, "params"));
    ck_assert_uint_eq(counts.macs, integer_of(record, "macs"));
    ck_assert_uint_eq(sgeo_nb201_benchmark_flops(&counts, &config),
                      integer_of(record, "nb201_flops"));
    ck_assert_double_eq_tol((double)counts.tensorwatch_flops,
                            json_real_value(json_object_get(record, "tensorwatch_mflops")) * 1e6,
                            0.01);
    rig_check_layers(graph, json_object_get(record, "grad_l2_per_layer"));
    sgeo_graph_destroy(graph);
}

START_TEST(test_nb201_sizes_and_names_of_the_golden_records)
{
    rig_golden(GOLDEN, check_record);
}
END_TEST

/* --- the graph -------------------------------------------------------------------------------- */

START_TEST(test_nb201_graph_keeps_every_edge)
{
    struct sgeo_net_config config = cifar10;
    config.cells = 1;
    struct sgeo_arch arch = arch_of(MIXED); /* 2 convolutions, 2 none, 1 skip, 1 pool */
    struct sgeo_graph *graph = graph_of(&arch, &config);
    ck_assert_uint_eq(rig_count_nodes(graph, SGEO_OP_ZERO), 3 * 2);
    ck_assert_uint_eq(rig_count_nodes(graph, SGEO_OP_SUM), 3 * 3 + 2);
    ck_assert_uint_eq(rig_count_nodes(graph, SGEO_OP_RELU), 3 * 2 + 2 * 2 + 1);
    ck_assert_uint_eq(rig_count_nodes(graph, SGEO_OP_CONV), 1 + 3 * 2 + 2 * 3);
    ck_assert_uint_eq(rig_count_nodes(graph, SGEO_OP_BATCHNORM), 1 + 3 * 2 + 2 * 2 + 1);
    ck_assert_uint_eq(rig_count_nodes(graph, SGEO_OP_AVGPOOL), 3 * 1 + 2);
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_nb201_sums_list_their_edges_in_string_order)
{
    struct sgeo_net_config config = cifar10;
    config.cells = 1;
    struct sgeo_arch arch = arch_of(ALL_SKIP);
    struct sgeo_graph *graph = graph_of(&arch, &config);
    const struct sgeo_node *sums[3];
    for (size_t i = 0; i < 3; i++) {
        sums[i] = nth_node(graph, SGEO_OP_SUM, i);
        ck_assert_uint_eq(sums[i]->n_inputs, i + 1);
    }
    size_t stem = sgeo_graph_source(graph, sums[0], 0);
    ck_assert_int_eq(graph->nodes[stem].op, SGEO_OP_BATCHNORM);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(sgeo_graph_source(graph, sums[i], 0), stem);
        for (size_t j = 1; j <= i; j++) {
            ck_assert_ptr_eq(&graph->nodes[sgeo_graph_source(graph, sums[i], j)], sums[j - 1]);
        }
    }
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_nb201_stages_double_channels_and_halve_pixels)
{
    struct sgeo_net_config config = cifar10;
    config.cells = 2;
    struct sgeo_arch arch = arch_of(ALL_3X3);
    struct sgeo_graph *graph = graph_of(&arch, &config);
    for (size_t cell = 0; cell < 6; cell++) {
        char name[SGEO_NAME_MAX];
        snprintf(name, sizeof name, "cell%zu.edge2-3.conv.weight", cell);
        const struct sgeo_segment *segment = rig_find_segment(graph, name);
        ck_assert_msg(segment != NULL, "%s", name);
        const struct sgeo_node *node = &graph->nodes[segment->node];
        ck_assert_uint_eq(node->channels, (size_t)16 << cell / 2);
        ck_assert_uint_eq(node->height, (size_t)32 >> cell / 2);
        ck_assert_uint_eq(node->width, (size_t)32 >> cell / 2);
    }
    ck_assert_ptr_null(rig_find_segment(graph, "cell6.edge2-3.conv.weight"));
    ck_assert_uint_eq(graph->nodes[graph->features].channels, 64);
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_nb201_batch_norms_are_named)
{
    static const char *const names[] = {"stem.bn.scale",     "cell0.edge0-1.bn.shift",
                                        "reduce1.bn1.scale", "reduce2.bn2.shift",
                                        "head.bn.scale",     "head.linear.bias"};
    struct sgeo_arch arch = arch_of(ALL_1X1);
    struct sgeo_graph *graph = graph_of(&arch, &cifar10);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ck_assert_msg(rig_find_segment(graph, names[i]) != NULL, "%s", names[i]);
    }
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_nb201_grey_images_of_28_pixels_fit)
{
    struct sgeo_net_config config = cifar10;
    config.image_channels = 1;
    config.image_size = 28;
    struct sgeo_arch arch = arch_of(ALL_SKIP);
    ck_assert_uint_eq(counts_of(&arch, &config).params, 73306 - 2 * 9 * 16);
}
END_TEST

static const struct rig_impossible impossible[] = {
    {{.channels = 0, .cells = 5, .classes = 10, .image_channels = 3, .image_size = 32},
     "0 channels"},
    {{.channels = 16, .cells = 0, .classes = 10, .image_channels = 3, .image_size = 32}, "0 cells"},
    {{.channels = 16, .cells = 5, .classes = 0, .image_channels = 3, .image_size = 32},
     "0 classes"},
    {{.channels = 16, .cells = 5, .classes = 10, .image_channels = 0, .image_size = 32}, "0 image"},
    {{.channels = 16, .cells = 5, .classes = 10, .image_channels = 3, .image_size = 30}, "size 30"},
    {{.channels = 16, .cells = 5, .classes = 10, .image_channels = 3, .image_size = 0}, "size 0"},
};

START_TEST(test_nb201_impossible_network_is_refused)
{
    struct sgeo_arch arch = arch_of(ALL_SKIP);
    rig_cannot_build(&sgeo_nb201, &arch, &impossible[_i]);
}
END_TEST

/* --- the supernet ----------------------------------------------------------------------------- */

static size_t supernet_params(bool edge_affine)
{
    struct sgeo_net_config config = cifar10;
    config.edge_affine = edge_affine;
    struct sgeo_graph *graph = NULL;
    struct sgeo_counts counts;
    ck_assert_int_eq(sgeo_nb201.build_supernet(&graph, &config), SGEO_OK);
    sgeo_graph_count(&counts, graph);
    sgeo_graph_destroy(graph);
    return counts.params;
}

START_TEST(test_nb201_supernet_has_the_published_number_of_parameters)
{
    ck_assert_uint_eq(supernet_params(false), 1686106);
    ck_assert_uint_eq(supernet_params(true), 1686106 + 13440);
}
END_TEST

START_TEST(test_nb201_supernet_names_its_segments_once)
{
    struct sgeo_net_config config = cifar10;
    struct sgeo_graph *graph = NULL;
    ck_assert_int_eq(sgeo_nb201.build_supernet(&graph, &config), SGEO_OK);
    for (size_t i = 0; i < graph->n_segments; i++) {
        ck_assert_ptr_eq(rig_find_segment(graph, graph->segments[i].name), &graph->segments[i]);
    }
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_nb201_candidates_find_their_segments_in_the_supernet)
{
    struct sgeo_net_config config = cifar10;
    config.edge_affine = false;
    config.supernet_names = true;
    struct sgeo_graph *supernet = rig_supernet(&sgeo_nb201, &config);
    struct sgeo_arch arch = arch_of(MIXED);
    struct sgeo_graph *graph = graph_of(&arch, &config);
    rig_shares_segments(graph, supernet);
    ck_assert_ptr_nonnull(rig_find_segment(graph, "cell14.edge0-1.conv1x1.weight"));
    ck_assert_ptr_nonnull(rig_find_segment(graph, "cell14.edge1-3.conv3x3.weight"));
    sgeo_graph_destroy(graph);
    sgeo_graph_destroy(supernet);
}
END_TEST

/* --- the registry ----------------------------------------------------------------------------- */

START_TEST(test_spaces_are_found_by_name)
{
    ck_assert_ptr_eq(sgeo_space_find("nb201"), &sgeo_nb201);
    ck_assert_ptr_null(sgeo_space_find("nb"));
    ck_assert_ptr_null(sgeo_space_find("nb2010"));
    for (const struct sgeo_space *const *space = sgeo_space_all(); *space != NULL; space++) {
        ck_assert_ptr_eq(sgeo_space_find((*space)->name), *space);
    }
}
END_TEST

/* --- the benchmark's own numbers, where they are at hand ---------------------------------------
 */

START_TEST(test_nb201_every_row_of_the_benchmark_agrees)
{
    struct sgeo_csv csv = {0};
    if (!rig_read_ground_truth(&csv, "nb201.csv")) {
        return;
    }
    for (size_t row = 0; row < csv.n_rows; row++) {
        const char *text = rig_cell(&csv, row, "arch");
        struct sgeo_arch arch = arch_of(text);
        char ours[SGEO_ARCH_TEXT_MAX];
        unsigned char digits[6];
        sgeo_nb201_to_naslib(digits, &arch);
        for (size_t d = 0; d < 6; d++) {
            ours[d] = (char)('0' + digits[d]);
        }
        ours[6] = '\0';
        ck_assert_str_eq(ours, rig_cell(&csv, row, "naslib_ops"));
        struct sgeo_counts counts = counts_of(&arch, &cifar10);
        rig_check_millions(counts.params, rig_cell(&csv, row, "mparams_cifar10"), text);
        rig_check_millions(counts.tensorwatch_flops, rig_cell(&csv, row, "mflops_cifar10"), text);
    }
    ck_assert_uint_gt(csv.n_rows, 0);
    sgeo_csv_clear(&csv);
}
END_TEST

/* Texts by the benchmark's own architecture number. */
static void index_archs(const char *texts[SGEO_NB201_CELLS], const struct sgeo_csv *csv)
{
    for (size_t row = 0; row < csv->n_rows; row++) {
        unsigned long index = strtoul(rig_cell(csv, row, "index"), NULL, 10);
        ck_assert_uint_lt(index, SGEO_NB201_CELLS);
        texts[index] = rig_cell(csv, row, "arch");
    }
}

static void check_suite_row(const struct sgeo_csv *suite, size_t row, const char *text)
{
    ck_assert_msg(text != NULL, "row %zu: unknown architecture", row);
    struct sgeo_net_config config = config_of(rig_cell(suite, row, "dataset"));
    struct sgeo_arch arch = arch_of(text);
    struct sgeo_counts counts = counts_of(&arch, &config);
    rig_check_millions(counts.params, rig_cell(suite, row, "params"), text);
    rig_check_millions(counts.tensorwatch_flops, rig_cell(suite, row, "flops"), text);
}

START_TEST(test_nb201_every_row_of_the_suite_agrees)
{
    static const char *texts[SGEO_NB201_CELLS];
    struct sgeo_csv suite = {0}, archs = {0};
    if (!rig_read_ground_truth(&suite, "proxies_nb201.csv")) {
        return;
    }
    ck_assert(rig_read_ground_truth(&archs, "nb201.csv"));
    index_archs(texts, &archs);
    size_t checked = 0;
    for (size_t row = 0; row < suite.n_rows; row++) {
        unsigned long index = strtoul(rig_cell(&suite, row, "index"), NULL, 10);
        ck_assert_uint_lt(index, SGEO_NB201_CELLS);
        if (*rig_cell(&suite, row, "flops") != '\0') { /* some sources give other proxies only */
            check_suite_row(&suite, row, texts[index]);
            checked++;
        }
    }
    ck_assert_uint_gt(checked, 0);
    sgeo_csv_clear(&archs);
    sgeo_csv_clear(&suite);
}
END_TEST

/* --- the program ------------------------------------------------------------------------------ */

static TCase *text_tests(void)
{
    TCase *tests = tcase_create("text");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_nb201_every_cell_survives_text_index_and_naslib);
    tcase_add_test(tests, test_nb201_code_follows_the_order_of_the_string);
    tcase_add_test(tests, test_nb201_edge_0_is_the_most_significant_digit);
    tcase_add_test(tests, test_nb201_naslib_integers_are_ordered_by_source);
    tcase_add_test(tests, test_nb201_naslib_digit_5_is_refused_with_its_place);
    tcase_add_loop_test(tests, test_nb201_malformed_text_names_its_position_and_what_was_expected,
                        0, RIG_LENGTH(malformed));
    tcase_add_test(tests, test_nb201_hinted_example_is_valid);
    return tests;
}

static TCase *space_tests(void)
{
    TCase *tests = tcase_create("space");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_nb201_sampling_is_uniform_over_all_cells);
    tcase_add_test(tests, test_nb201_sample_depends_on_the_stream_alone);
    tcase_add_test(tests, test_nb201_341_cells_have_no_path);
    tcase_add_test(tests, test_nb201_benchmark_counts_6466_unique_cells);
    tcase_add_test(tests, test_nb201_benchmark_string_is_its_own);
    tcase_add_test(tests, test_nb201_space_has_5260_networks);
    tcase_add_loop_test(tests, test_nb201_canonical_text_tells_networks_apart, 0,
                        RIG_LENGTH(pairs));
    tcase_add_test(tests, test_nb201_canonical_text_is_zero_exactly_without_a_path);
    tcase_add_test(tests, test_nb201_equal_canonical_text_means_equal_live_convolutions);
    tcase_add_test(tests, test_spaces_are_found_by_name);
    return tests;
}

static TCase *graph_tests(void)
{
    TCase *tests = tcase_create("graph");
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, test_nb201_params_and_benchmark_flops_follow_the_published_formulas,
                        0, RIG_LENGTH(datasets));
    tcase_add_loop_test(tests, test_nb201_sizes_of_the_published_examples, 0, RIG_LENGTH(table));
    tcase_add_test(tests, test_nb201_sizes_ignore_which_edges_lack_weights);
    tcase_add_test(tests, test_nb201_plain_edge_norms_have_no_parameters);
    tcase_add_test(tests, test_nb201_sizes_and_names_of_the_golden_records);
    tcase_add_test(tests, test_nb201_graph_keeps_every_edge);
    tcase_add_test(tests, test_nb201_sums_list_their_edges_in_string_order);
    tcase_add_test(tests, test_nb201_stages_double_channels_and_halve_pixels);
    tcase_add_test(tests, test_nb201_batch_norms_are_named);
    tcase_add_test(tests, test_nb201_grey_images_of_28_pixels_fit);
    tcase_add_loop_test(tests, test_nb201_impossible_network_is_refused, 0, RIG_LENGTH(impossible));
    tcase_add_test(tests, test_nb201_supernet_has_the_published_number_of_parameters);
    tcase_add_test(tests, test_nb201_supernet_names_its_segments_once);
    tcase_add_test(tests, test_nb201_candidates_find_their_segments_in_the_supernet);
    tcase_add_test(tests, test_nb201_every_row_of_the_benchmark_agrees);
    tcase_add_test(tests, test_nb201_every_row_of_the_suite_agrees);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("nb201");
    suite_add_tcase(suite, text_tests());
    suite_add_tcase(suite, space_tests());
    suite_add_tcase(suite, graph_tests());
    return rig_run(suite);
}
