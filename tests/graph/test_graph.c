/* Building a graph: shapes, segments, sizes, and errors that stick. */
#include "graph/graph.h"

#include "graph/rig.h"

static const struct sgeo_conv_shape conv3x3 = {
    .kernel = 3, .stride = 1, .dilation = 1, .groups = 1};

static struct sgeo_graph *graph;
static size_t image;

static void create_graph(void)
{
    graph = sgeo_graph_create();
    ck_assert_ptr_nonnull(graph);
    image = sgeo_graph_input(graph, 3, 8, 6);
}

static void destroy_graph(void)
{
    sgeo_graph_destroy(graph);
}

static void assert_shape(size_t node, size_t channels, size_t height, size_t width)
{
    ck_assert_uint_eq(graph->nodes[node].channels, channels);
    ck_assert_uint_eq(graph->nodes[node].height, height);
    ck_assert_uint_eq(graph->nodes[node].width, width);
}

/* The builder that was just called failed, and said `words`. */
static void assert_stuck(size_t handle, const char *words)
{
    ck_assert_uint_eq(handle, 0);
    ck_assert_int_eq(graph->status, SGEO_USAGE);
    ck_assert_msg(strstr(sgeo_error_text(), words) != NULL, "'%s' lacks '%s'", sgeo_error_text(),
                  words);
}

/* --- shapes ----------------------------------------------------------------------------------- */

START_TEST(test_graph_convolution_shapes_follow_stride_and_dilation)
{
    assert_shape(sgeo_graph_conv(graph, image, "same", 4, conv3x3), 4, 8, 6);
    assert_shape(sgeo_graph_conv(graph, image, "one", 5, (struct sgeo_conv_shape){1, 1, 1, 1}), 5,
                 8, 6);
    assert_shape(sgeo_graph_conv(graph, image, "half", 6, (struct sgeo_conv_shape){3, 2, 1, 1}), 6,
                 4, 3);
    assert_shape(sgeo_graph_conv(graph, image, "wide", 2, (struct sgeo_conv_shape){5, 1, 2, 1}), 2,
                 8, 6);
    assert_shape(sgeo_graph_conv(graph, image, "skip", 2, (struct sgeo_conv_shape){1, 2, 1, 1}), 2,
                 4, 3);
    ck_assert_uint_eq(graph->nodes[4].conv.pad, 4);
    ck_assert(graph->nodes[1].conv.image_source);
}
END_TEST

START_TEST(test_graph_pool_shapes_follow_their_window)
{
    size_t x = sgeo_graph_conv(graph, image, "c", 4, conv3x3);
    assert_shape(sgeo_graph_avgpool(graph, x, (struct sgeo_pool_window){3, 1, 1}), 4, 8, 6);
    assert_shape(sgeo_graph_maxpool(graph, x, (struct sgeo_pool_window){2, 2, 0}), 4, 4, 3);
    assert_shape(sgeo_graph_maxpool(graph, x, (struct sgeo_pool_window){3, 2, 1}), 4, 4, 3);
    ck_assert(!graph->nodes[x + 1].conv.image_source);
}
END_TEST

START_TEST(test_graph_subsample_shapes_follow_stride_and_first_pixel)
{
    size_t x = sgeo_graph_conv(graph, image, "c", 4, conv3x3);
    assert_shape(sgeo_graph_subsample(graph, x, 2, 0), 4, 4, 3);
    assert_shape(sgeo_graph_subsample(graph, x, 2, 1), 4, 4, 3);
    assert_shape(sgeo_graph_subsample(graph, x, 3, 1), 4, 3, 2);
    assert_shape(sgeo_graph_subsample(graph, x, 1, 5), 4, 3, 1);
    ck_assert_uint_eq(graph->nodes[x + 2].first_pixel, 1);
    ck_assert_uint_eq(graph->nodes[x + 1].hooks, 0); /* no module of any reference */
}
END_TEST

START_TEST(test_graph_channels_of_concatenations_and_slices)
{
    size_t x = sgeo_graph_conv(graph, image, "x", 4, conv3x3);
    size_t y = sgeo_graph_conv(graph, image, "y", 7, conv3x3);
    size_t both = sgeo_graph_concat(graph, (const size_t[]){x, y, x}, 3);
    assert_shape(both, 15, 8, 6);
    size_t part = sgeo_graph_slice(graph, both, 3, 9);
    assert_shape(part, 9, 8, 6);
    ck_assert_uint_eq(graph->nodes[part].first_channel, 3);
}
END_TEST

START_TEST(test_graph_head_has_one_pixel)
{
    size_t x = sgeo_graph_conv(graph, image, "x", 4, conv3x3);
    size_t mean = sgeo_graph_global_mean(graph, x);
    size_t logits = sgeo_graph_linear(graph, mean, "fc", 10);
    assert_shape(mean, 4, 1, 1);
    assert_shape(logits, 10, 1, 1);
    ck_assert_uint_eq(graph->features, x);
    ck_assert_int_eq(sgeo_graph_finish(graph, logits), SGEO_OK);
    ck_assert_uint_eq(graph->output, logits);
}
END_TEST

START_TEST(test_graph_segments_carry_name_kind_count_and_fan_in)
{
    size_t x = sgeo_graph_conv(graph, image, "stem", 4, conv3x3);
    x = sgeo_graph_batchnorm(graph, x, "norm", true);
    x = sgeo_graph_batchnorm(graph, x, "plain", false);
    x = sgeo_graph_conv(graph, x, "dw", 4, (struct sgeo_conv_shape){3, 1, 1, 4});
    sgeo_graph_linear(graph, sgeo_graph_global_mean(graph, x), "fc", 10);
    static const struct {
        const char *name;
        enum sgeo_segment_kind kind;
        size_t count, fan_in;
        bool in_l;
    } expected[] = {{"stem.weight", SGEO_SEGMENT_CONV, 108, 27, true},
                    {"norm.scale", SGEO_SEGMENT_SCALE, 4, 1, false},
                    {"norm.shift", SGEO_SEGMENT_SHIFT, 4, 1, false},
                    {"dw.weight", SGEO_SEGMENT_CONV, 36, 9, true},
                    {"fc.weight", SGEO_SEGMENT_LINEAR, 40, 4, true},
                    {"fc.bias", SGEO_SEGMENT_BIAS, 10, 4, false}};
    ck_assert_uint_eq(graph->n_segments, sizeof expected / sizeof *expected);
    for (size_t s = 0; s < graph->n_segments; s++) {
        const struct sgeo_segment *segment = &graph->segments[s];
        ck_assert_str_eq(segment->name, expected[s].name);
        ck_assert_int_eq(segment->kind, expected[s].kind);
        ck_assert_uint_eq(segment->count, expected[s].count);
        ck_assert_uint_eq(segment->fan_in, expected[s].fan_in);
        ck_assert_int_eq(sgeo_segment_in_l(segment), expected[s].in_l);
    }
    ck_assert_uint_eq(graph->n_norms, 2);
    ck_assert_uint_eq(graph->norm_channels, 8);
}
END_TEST

/* Every size by hand; the comments are elements of the output times cost. */
START_TEST(test_graph_counts_equal_those_by_hand)
{
    struct sgeo_counts counts;
    size_t x = sgeo_graph_conv(graph, image, "a", 4, conv3x3); /* 108 weights, 48 pixels */
    x = sgeo_graph_relu(graph, sgeo_graph_batchnorm(graph, x, "n", true)); /* 192 * 2, 192 */
    x = sgeo_graph_avgpool(graph, x, (struct sgeo_pool_window){2, 2, 0});  /* 4*4*3 * 4 */
    x = sgeo_graph_conv(graph, x, "b", 8,
                        (struct sgeo_conv_shape){3, 1, 2, 2});            /* 144, 12 pixels */
    x = sgeo_graph_batchnorm(graph, x, "p", false);                       /* 96 * 1 */
    x = sgeo_graph_maxpool(graph, x, (struct sgeo_pool_window){3, 1, 1}); /* 96 * 9 */
    size_t zero = sgeo_graph_zero(graph, 8, 4, 3);
    x = sgeo_graph_sum(graph, (const size_t[]){x, zero, x}, 3);
    x = sgeo_graph_slice(graph, sgeo_graph_concat(graph, (const size_t[]){x, x}, 2), 3, 6);
    x = sgeo_graph_subsample(graph, x, 2, 0); /* 6*2*2 */
    x = sgeo_graph_global_mean(graph, x);     /* 6 * (2+1) * (2+1) */
    rig_ok(sgeo_graph_finish(graph, sgeo_graph_linear(graph, x, "fc", 5)));
    sgeo_graph_count(&counts, graph);
    ck_assert_uint_eq(counts.params, 108 + 8 + 144 + 30 + 5);
    ck_assert_uint_eq(counts.macs, 108 * 48 + 144 * 12 + 30);
    ck_assert_uint_eq(counts.tensorwatch_flops, counts.macs + 384 + 192 + 192 + 96 + 864 + 54);
}
END_TEST

/* A function is no module: tensorwatch does not see it. */
START_TEST(test_graph_mean_function_costs_nothing)
{
    struct sgeo_counts counts;
    size_t x = sgeo_graph_conv(graph, image, "a", 4, conv3x3);
    x = sgeo_graph_mean_function(graph, x);
    rig_ok(sgeo_graph_finish(graph, sgeo_graph_linear(graph, x, "fc", 5)));
    sgeo_graph_count(&counts, graph);
    ck_assert_uint_eq(counts.tensorwatch_flops, counts.macs);
    ck_assert_int_eq(graph->nodes[x].op, SGEO_OP_GLOBAL_MEAN);
    ck_assert_uint_ne(graph->features, SGEO_NONE);
}
END_TEST

START_TEST(test_graph_counts_modules_off_every_path)
{
    struct sgeo_counts counts;
    size_t x = sgeo_graph_conv(graph, image, "a", 4, conv3x3);
    sgeo_graph_conv(graph, x, "dead", 4, conv3x3);
    rig_ok(sgeo_graph_finish(graph,
                             sgeo_graph_linear(graph, sgeo_graph_global_mean(graph, x), "fc", 5)));
    sgeo_graph_count(&counts, graph);
    ck_assert_uint_eq(counts.params, 108 + 144 + 25);
}
END_TEST

/* --- errors ----------------------------------------------------------------------------------- */

START_TEST(test_graph_first_error_sticks)
{
    size_t x = sgeo_graph_conv(graph, image, "x", 4, conv3x3);
    assert_stuck(sgeo_graph_slice(graph, x, 2, 3), "slice of channels 2..5 from 4");
    size_t nodes = graph->n_nodes;
    ck_assert_uint_eq(sgeo_graph_relu(graph, x), 0);
    ck_assert_uint_eq(sgeo_graph_conv(graph, x, "late", 4, conv3x3), 0);
    ck_assert_uint_eq(graph->n_nodes, nodes);
    ck_assert_int_eq(sgeo_graph_finish(graph, x), SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "slice of channels"));
}
END_TEST

START_TEST(test_graph_refuses_a_source_that_is_not_built)
{
    assert_stuck(sgeo_graph_relu(graph, 17), "not built yet");
}
END_TEST

START_TEST(test_graph_refuses_sums_of_different_shape)
{
    size_t x = sgeo_graph_conv(graph, image, "x", 4, conv3x3);
    size_t y = sgeo_graph_conv(graph, image, "y", 5, conv3x3);
    assert_stuck(sgeo_graph_sum(graph, (const size_t[]){x, y}, 2), "different shape");
}
END_TEST

START_TEST(test_graph_refuses_empty_and_oversized_sums)
{
    size_t srcs[SGEO_SUM_MAX + 1];
    size_t x = sgeo_graph_conv(graph, image, "x", 4, conv3x3);
    for (size_t i = 0; i <= SGEO_SUM_MAX; i++) {
        srcs[i] = x;
    }
    ck_assert_uint_ne(sgeo_graph_sum(graph, srcs, SGEO_SUM_MAX), 0);
    assert_stuck(sgeo_graph_sum(graph, srcs, SGEO_SUM_MAX + 1), "a sum of 17 tensors");
}
END_TEST

START_TEST(test_graph_refuses_empty_concatenations)
{
    assert_stuck(sgeo_graph_concat(graph, NULL, 0), "of 0 tensors");
}
END_TEST

START_TEST(test_graph_refuses_oversized_concatenations)
{
    size_t srcs[SGEO_CONCAT_MAX_PARTS + 1];
    size_t x = sgeo_graph_conv(graph, image, "x", 4, conv3x3);
    for (size_t i = 0; i <= SGEO_CONCAT_MAX_PARTS; i++) {
        srcs[i] = x;
    }
    ck_assert_uint_ne(sgeo_graph_concat(graph, srcs, SGEO_CONCAT_MAX_PARTS), 0);
    assert_stuck(sgeo_graph_concat(graph, srcs, SGEO_CONCAT_MAX_PARTS + 1), "of 65 tensors");
}
END_TEST

START_TEST(test_graph_refuses_concatenations_of_different_maps)
{
    size_t x = sgeo_graph_conv(graph, image, "x", 4, conv3x3);
    size_t y = sgeo_graph_avgpool(graph, x, (struct sgeo_pool_window){2, 2, 0});
    assert_stuck(sgeo_graph_concat(graph, (const size_t[]){x, y}, 2), "different size");
}
END_TEST

START_TEST(test_graph_refuses_convolutions_that_cannot_be)
{
    static const struct {
        struct sgeo_conv_shape shape;
        const char *words;
    } wrong[] = {{{0, 1, 1, 1}, "start at 1"},
                 {{3, 0, 1, 1}, "start at 1"},
                 {{3, 1, 0, 1}, "start at 1"},
                 {{3, 1, 1, 0}, "start at 1"},
                 {{3, 1, 1, 2}, "do not divide"}};
    assert_stuck(sgeo_graph_conv(graph, image, "wrong", 4, wrong[_i].shape), wrong[_i].words);
}
END_TEST

START_TEST(test_graph_refuses_pools_that_cannot_be)
{
    static const struct sgeo_pool_window wrong[] = {{0, 1, 0}, {3, 0, 1}, {2, 1, 2}, {17, 1, 1}};
    size_t x = sgeo_graph_conv(graph, image, "x", 4, conv3x3);
    assert_stuck(sgeo_graph_avgpool(graph, x, wrong[_i]), "a pool of kernel");
}
END_TEST

START_TEST(test_graph_refuses_pools_larger_than_their_map)
{
    size_t x = sgeo_graph_conv(graph, image, "x", 4, conv3x3);
    assert_stuck(sgeo_graph_maxpool(graph, x, (struct sgeo_pool_window){9, 1, 1}),
                 "larger than its map");
}
END_TEST

START_TEST(test_graph_refuses_subsamples_that_cannot_be)
{
    size_t x = sgeo_graph_conv(graph, image, "x", 4, conv3x3);
    assert_stuck(sgeo_graph_subsample(graph, x, _i == 0 ? 0 : 2, 6),
                 _i == 0 ? "stride 0" : "larger than its map");
}
END_TEST

START_TEST(test_graph_relus_do_not_read_the_image)
{
    assert_stuck(sgeo_graph_relu(graph, image), "reads the image");
}
END_TEST

START_TEST(test_graph_linear_reads_no_map)
{
    size_t x = sgeo_graph_conv(graph, image, "x", 4, conv3x3);
    assert_stuck(sgeo_graph_linear(graph, x, "fc", 5), "no image, global mean or linear layer");
}
END_TEST

START_TEST(test_graph_ends_with_a_linear_layer)
{
    size_t x = sgeo_graph_conv(graph, image, "x", 4, conv3x3);
    ck_assert_int_eq(sgeo_graph_finish(graph, x), SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "ends with a linear layer"));
}
END_TEST

START_TEST(test_graph_refuses_names_that_do_not_fit)
{
    char name[SGEO_NAME_MAX + 1];
    memset(name, 'n', SGEO_NAME_MAX);
    name[SGEO_NAME_MAX] = '\0';
    assert_stuck(sgeo_graph_conv(graph, image, name, 4, conv3x3), "too long");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph");
    TCase *tcase = tcase_create("builders");
    tcase_add_checked_fixture(tcase, create_graph, destroy_graph);
    tcase_add_test(tcase, test_graph_convolution_shapes_follow_stride_and_dilation);
    tcase_add_test(tcase, test_graph_pool_shapes_follow_their_window);
    tcase_add_test(tcase, test_graph_subsample_shapes_follow_stride_and_first_pixel);
    tcase_add_test(tcase, test_graph_channels_of_concatenations_and_slices);
    tcase_add_test(tcase, test_graph_head_has_one_pixel);
    tcase_add_test(tcase, test_graph_segments_carry_name_kind_count_and_fan_in);
    tcase_add_test(tcase, test_graph_counts_equal_those_by_hand);
    tcase_add_test(tcase, test_graph_counts_modules_off_every_path);
    tcase_add_test(tcase, test_graph_first_error_sticks);
    tcase_add_test(tcase, test_graph_refuses_a_source_that_is_not_built);
    tcase_add_test(tcase, test_graph_refuses_sums_of_different_shape);
    tcase_add_test(tcase, test_graph_refuses_empty_and_oversized_sums);
    tcase_add_test(tcase, test_graph_refuses_empty_concatenations);
    tcase_add_test(tcase, test_graph_refuses_oversized_concatenations);
    tcase_add_test(tcase, test_graph_refuses_concatenations_of_different_maps);
    tcase_add_loop_test(tcase, test_graph_refuses_convolutions_that_cannot_be, 0, 5);
    tcase_add_loop_test(tcase, test_graph_refuses_pools_that_cannot_be, 0, 4);
    tcase_add_test(tcase, test_graph_refuses_pools_larger_than_their_map);
    tcase_add_loop_test(tcase, test_graph_refuses_subsamples_that_cannot_be, 0, 2);
    tcase_add_test(tcase, test_graph_relus_do_not_read_the_image);
    tcase_add_test(tcase, test_graph_mean_function_costs_nothing);
    tcase_add_test(tcase, test_graph_linear_reads_no_map);
    tcase_add_test(tcase, test_graph_ends_with_a_linear_layer);
    tcase_add_test(tcase, test_graph_refuses_names_that_do_not_fit);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
