/* NASRec networks: the six published architectures' sizes, names and shapes of modules, and the
 * special cases of the block's definition. */
#include "space/nasrec_build.h"

#include "space/rig.h"

enum { B0 = 1, B1 = 2, B2 = 4, B3 = 8, B4 = 16, B5 = 32, B6 = 64 }; /* inputs as bits */

/* Of the six published architectures, in their order: the data set's features, and the spec's
 * counts of parameters besides the embeddings and of million multiply-accumulates (section 3). */
static const struct {
    size_t dense, fields, params;
    double mega_macs;
} published[SGEO_NASREC_PUBLISHED] = {{13, 26, 1779720, 2.415}, {13, 26, 2217268, 3.162},
                                      {1, 23, 2838609, 3.184},  {1, 23, 3179072, 3.791},
                                      {3, 10, 2606511, 3.614},  {3, 10, 438461, 1.181}};

/* Every block FC and EFC on the raw features, d = 32, s = 16, without mergers. */
static struct sgeo_nasrec_arch plain_arch(void)
{
    struct sgeo_nasrec_arch arch = {.space = SGEO_NASREC_FULL};
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        arch.blocks[b] = (struct sgeo_nasrec_block){.dense_op = SGEO_NASREC_FC,
                                                    .sparse_op = SGEO_NASREC_EFC,
                                                    .dense_dim = 32,
                                                    .sparse_dim = 16,
                                                    .dense_inputs = B0,
                                                    .sparse_inputs = B0};
    }
    return arch;
}

static struct sgeo_graph *built(const struct sgeo_nasrec_arch *arch, size_t dense, size_t fields,
                                bool layer_norm)
{
    const struct sgeo_feature_layout features = sgeo_nasrec_features(dense, fields);
    struct sgeo_graph *graph = NULL;
    rig_ok(sgeo_nasrec_build(&graph, arch, &features, layer_norm));
    return graph;
}

/* Numbers of a segment; 0: there is none of this name. */
static size_t count_of(const struct sgeo_graph *graph, const char *name)
{
    const struct sgeo_segment *segment = rig_find_segment(graph, name);
    return segment == NULL ? 0 : segment->count;
}

/* Columns of a labelled tensor. */
static size_t width_of(const struct sgeo_graph *graph, const char *label)
{
    return graph->nodes[rig_find_label(graph, label)].channels;
}

START_TEST(test_nasrec_published_architectures_have_their_parameters)
{
    const char *name = sgeo_nasrec_published[_i].name;
    struct sgeo_nasrec_arch arch;
    struct sgeo_counts counts;
    rig_ok(sgeo_nasrec_decode(&arch, sgeo_nasrec_published[_i].text));
    struct sgeo_graph *graph = built(&arch, published[_i].dense, published[_i].fields, false);
    sgeo_graph_count(&counts, graph);
    ck_assert_msg(counts.params == published[_i].params, "%s: %zu parameters, not %zu", name,
                  counts.params, published[_i].params);
    ck_assert_msg(fabs((double)counts.macs / 1e6 - published[_i].mega_macs) < 5e-4,
                  "%s: %zu multiply-accumulates", name, counts.macs);
    sgeo_graph_destroy(graph);
}
END_TEST

static struct sgeo_nasrec_arch with_block(size_t number, struct sgeo_nasrec_block block)
{
    struct sgeo_nasrec_arch arch = plain_arch();
    arch.blocks[number - 1] = block;
    return arch;
}

/* Biases give way to layer norms, but for those that are always there. */
START_TEST(test_nasrec_modules_have_their_names_and_sizes)
{
    static const struct {
        const char *name;
        size_t plain, normed; /* numbers without and with layer norms */
    } expected[] = {{"block1.fc.linear.weight", 416, 416},
                    {"block1.fc.linear.bias", 32, 0},
                    {"block1.fc.ln.gamma", 0, 32},
                    {"block1.efc.linear.weight", 416, 416},
                    {"block1.efc.linear.bias", 16, 0},
                    {"block1.efc.ln.beta", 0, 16},
                    {"block2.dot.dense_proj.weight", 208, 208},
                    {"block2.dot.dense_proj.bias", 16, 0},
                    {"block2.dot.dense_ln.gamma", 0, 16},
                    {"block2.dot.row_proj.weight", 208, 208},
                    {"block2.dot.row_ln.beta", 0, 8},
                    {"block2.dot.out_proj.weight", 1152, 1152}, /* 9*8/2 pairs -> 32 */
                    {"block2.dot.out_proj.bias", 32, 0},
                    {"block2.dot.out_ln.gamma", 0, 32},
                    {"block2.attn.row_proj.weight", 26 * 48, 26 * 48},
                    {"block2.attn.row_proj.bias", 48, 0},
                    {"block2.attn.row_ln.gamma", 0, 48},
                    {"block2.attn.in_proj.weight", 768, 768},
                    {"block2.attn.in_proj.bias", 48, 48},
                    {"block2.attn.out_proj.bias", 16, 16},
                    {"block2.attn.attn_ln.gamma", 16, 16},
                    {"block2.attn.fc1.bias", 16, 16},
                    {"block2.attn.fc2.weight", 256, 256},
                    {"block2.attn.ffn_ln.beta", 16, 16},
                    {"block2.to_sparse.weight", 4096, 4096},
                    {"block2.to_sparse.bias", 128, 0},
                    {"block2.to_sparse_ln.gamma", 0, 128},
                    {"block2.fm_proj.weight", 512, 512},
                    {"block2.fm_proj.bias", 32, 0},
                    {"block2.fm_ln.beta", 0, 32},
                    {"final.weight", 32 + 16 * 16, 32 + 16 * 16},
                    {"final.bias", 1, 1}};
    const struct sgeo_nasrec_arch arch =
        with_block(2, (struct sgeo_nasrec_block){SGEO_NASREC_DOT, SGEO_NASREC_ATTENTION, 32, 48,
                                                 true, true, B0, B0, 0, 0});
    struct sgeo_graph *graph = built(&arch, 13, 26, _i == 1);
    for (size_t e = 0; e < sizeof expected / sizeof *expected; e++) {
        size_t count = _i == 1 ? expected[e].normed : expected[e].plain;
        ck_assert_msg(count_of(graph, expected[e].name) == count, "%s: %zu, not %zu",
                      expected[e].name, count_of(graph, expected[e].name), count);
    }
    ck_assert_uint_eq(width_of(graph, "block2.dot"), 32);
    ck_assert_uint_eq(width_of(graph, "block2.attn"), 48 * 16);
    ck_assert_uint_eq(width_of(graph, "block2.fm"), 32);
    ck_assert_uint_eq(width_of(graph, "block2.out_dense"), 32);
    ck_assert_uint_eq(width_of(graph, "block2.out_sparse"), 56 * 16);
    sgeo_graph_destroy(graph);
}
END_TEST

/* Gating and sum are as wide as the wider of left and right. */
START_TEST(test_nasrec_gate_and_sum_pad_to_the_wider_input)
{
    struct sgeo_nasrec_arch arch = plain_arch();
    arch.blocks[1] = (struct sgeo_nasrec_block){
        SGEO_NASREC_GATE, SGEO_NASREC_EFC, 64, 16, false, false, B0, B0, 0, 1};
    arch.blocks[2] = (struct sgeo_nasrec_block){
        SGEO_NASREC_SUM, SGEO_NASREC_EFC, 64, 16, false, false, B0, B0, 2, 1};
    arch.blocks[3] = (struct sgeo_nasrec_block){
        SGEO_NASREC_GATE, SGEO_NASREC_EFC, 32, 16, false, false, B0, B0, 1, 0};
    struct sgeo_graph *graph = built(&arch, 13, 26, _i == 1);
    ck_assert_uint_eq(count_of(graph, "block2.gate.self.weight"), 32 * 32);
    ck_assert_uint_eq(count_of(graph, "block2.gate.self.bias"), 32);
    ck_assert_uint_eq(count_of(graph, "block2.gate.out_proj.weight"), 64 * 32);
    ck_assert_uint_eq(count_of(graph, "block2.gate.out_proj.bias"), 64);
    ck_assert_uint_eq(count_of(graph, "block3.sum.out_proj.weight"), 0); /* 64 already */
    ck_assert_uint_eq(count_of(graph, "block4.gate.out_proj.weight"), 0);
    ck_assert_uint_eq(count_of(graph, "block3.sum.ln.gamma"), _i == 1 ? 64 : 0);
    ck_assert_uint_eq(count_of(graph, "block4.gate.ln.gamma"), _i == 1 ? 32 : 0);
    sgeo_graph_destroy(graph);
}
END_TEST

/* Projections that would change nothing are left out, with their layer norms. */
START_TEST(test_nasrec_projections_of_equal_size_are_left_out)
{
    struct sgeo_nasrec_arch arch = plain_arch();
    arch.blocks[0].dense_dim = 16;
    arch.blocks[0].fm = true;
    arch.blocks[1] = (struct sgeo_nasrec_block){
        SGEO_NASREC_DOT, SGEO_NASREC_EFC, 128, 16, true, false, B1, B1, 0, 0};
    struct sgeo_graph *graph = built(&arch, 13, 26, true);
    static const char *const absent[] = {
        "block1.fm_proj.weight",     "block1.fm_ln.gamma",         "block2.dot.dense_proj.weight",
        "block2.dot.dense_ln.gamma", "block2.dot.row_proj.weight", "block2.dot.row_ln.gamma",
        "block2.to_sparse.weight",   "block2.to_sparse_ln.gamma"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
        ck_assert_msg(count_of(graph, absent[i]) == 0, "%s", absent[i]);
    }
    ck_assert_uint_eq(count_of(graph, "block2.dot.out_proj.weight"), 136 * 128);
    ck_assert_uint_eq(width_of(graph, "block2.out_sparse"), 24 * 16);
    sgeo_graph_destroy(graph);
}
END_TEST

/* The eight appended rows are the dense output before FM; of 128 numbers, the one after it. */
START_TEST(test_nasrec_appended_rows_see_fm_only_when_they_alias)
{
    static const struct {
        uint16_t dim;
        const char *source;
    } cases[] = {{128, "block1.out_dense"}, {64, "block1.fc"}};
    struct sgeo_nasrec_arch arch = plain_arch();
    arch.blocks[0].dense_dim = cases[_i].dim;
    arch.blocks[0].fm = arch.blocks[0].dense_to_sparse = true;
    struct sgeo_graph *graph = built(&arch, 13, 26, false);
    const struct sgeo_node *concat = &graph->nodes[rig_find_label(graph, "block1.out_sparse")];
    size_t rows = sgeo_graph_source(graph, concat, 1);
    ck_assert_int_eq(concat->op, SGEO_OP_CONCAT);
    ck_assert_uint_eq(sgeo_graph_source(graph, concat, 0), rig_find_label(graph, "block1.efc"));
    if (graph->nodes[rows].op == SGEO_OP_LINEAR) { /* the projection */
        rows = sgeo_graph_source(graph, &graph->nodes[rows], 0);
    }
    ck_assert_uint_eq(rows, rig_find_label(graph, cases[_i].source));
    ck_assert_uint_ne(rig_find_label(graph, "block1.fc"),
                      rig_find_label(graph, "block1.out_dense"));
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_nasrec_inputs_are_joined_in_ascending_order)
{
    struct sgeo_nasrec_arch arch = plain_arch();
    arch.blocks[0].dense_dim = 64;
    arch.blocks[2].dense_inputs = B0 | B1 | B2;
    arch.blocks[2].sparse_inputs = B1 | B2;
    struct sgeo_graph *graph = built(&arch, 13, 26, false);
    ck_assert_uint_eq(count_of(graph, "block3.fc.linear.weight"), 32 * (13 + 64 + 32));
    ck_assert_uint_eq(count_of(graph, "block3.efc.linear.weight"), 16 * (16 + 16));
    const struct sgeo_node *fc = &graph->nodes[rig_find_label(graph, "block3.fc")];
    size_t linear = sgeo_graph_source(graph, fc, 0);
    size_t joined = sgeo_graph_source(graph, &graph->nodes[linear], 0);
    ck_assert_int_eq(graph->nodes[joined].op, SGEO_OP_CONCAT);
    ck_assert_uint_eq(sgeo_graph_source(graph, &graph->nodes[joined], 1),
                      rig_find_label(graph, "block1.out_dense"));
    ck_assert_uint_eq(sgeo_graph_source(graph, &graph->nodes[joined], 2),
                      rig_find_label(graph, "block2.out_dense"));
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_nasrec_architectures_that_are_none_are_refused)
{
    static const struct {
        struct sgeo_nasrec_block block; /* the third */
        const char *words;
    } wrong[] = {
        {{SGEO_NASREC_EFC, SGEO_NASREC_EFC, 32, 16, false, false, B0, B0, 0, 0}, "block 3 has an"},
        {{SGEO_NASREC_FC, SGEO_NASREC_FC, 32, 16, false, false, B0, B0, 0, 0}, "block 3 has an"},
        {{SGEO_NASREC_FC, 77, 32, 16, false, false, B0, B0, 0, 0}, "unknown operator"},
        {{SGEO_NASREC_FC, SGEO_NASREC_EFC, 0, 16, false, false, B0, B0, 0, 0}, "size of 0"},
        {{SGEO_NASREC_FC, SGEO_NASREC_EFC, 32, 0, false, false, B0, B0, 0, 0}, "size of 0"},
        {{SGEO_NASREC_FC, SGEO_NASREC_EFC, 32, 16, false, false, 0, B0, 0, 0}, "inputs"},
        {{SGEO_NASREC_FC, SGEO_NASREC_EFC, 32, 16, false, false, B0, 0, 0, 0}, "inputs"},
        {{SGEO_NASREC_FC, SGEO_NASREC_EFC, 32, 16, false, false, B3, B0, 0, 0}, "inputs"},
        {{SGEO_NASREC_FC, SGEO_NASREC_EFC, 32, 16, false, false, B0, 128, 0, 0}, "inputs"},
        {{SGEO_NASREC_FC, SGEO_NASREC_EFC, 32, 16, false, false, B0, B0, 3, 0}, "inputs"},
        {{SGEO_NASREC_FC, SGEO_NASREC_EFC, 32, 16, false, false, B0, B0, 0, 200}, "inputs"}};
    const struct sgeo_feature_layout features = sgeo_nasrec_features(13, 26);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const struct sgeo_nasrec_arch arch = with_block(3, wrong[i].block);
        struct sgeo_graph *graph = NULL;
        ck_assert_int_eq(sgeo_nasrec_build(&graph, &arch, &features, false), SGEO_USAGE);
        ck_assert_ptr_null(graph);
        ck_assert_msg(strstr(sgeo_error_text(), wrong[i].words) != NULL, "case %zu: %s", i,
                      sgeo_error_text());
    }
}
END_TEST

START_TEST(test_nasrec_features_that_are_none_are_refused)
{
    const struct sgeo_nasrec_arch arch = plain_arch();
    const struct sgeo_feature_layout wrong[] = {
        sgeo_nasrec_features(0, 26), sgeo_nasrec_features(13, 0), {13, 26, 8, false, NULL}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct sgeo_graph *graph = NULL;
        ck_assert_int_eq(sgeo_nasrec_build(&graph, &arch, &wrong[i], false), SGEO_USAGE);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nasrec build");
    TCase *tcase = tcase_create("nasrec build");
    tcase_add_loop_test(tcase, test_nasrec_published_architectures_have_their_parameters, 0,
                        (int)SGEO_NASREC_PUBLISHED);
    tcase_add_loop_test(tcase, test_nasrec_modules_have_their_names_and_sizes, 0, 2);
    tcase_add_loop_test(tcase, test_nasrec_gate_and_sum_pad_to_the_wider_input, 0, 2);
    tcase_add_test(tcase, test_nasrec_projections_of_equal_size_are_left_out);
    tcase_add_loop_test(tcase, test_nasrec_appended_rows_see_fm_only_when_they_alias, 0, 2);
    tcase_add_test(tcase, test_nasrec_inputs_are_joined_in_ascending_order);
    tcase_add_test(tcase, test_nasrec_architectures_that_are_none_are_refused);
    tcase_add_test(tcase, test_nasrec_features_that_are_none_are_refused);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
