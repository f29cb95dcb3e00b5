/* Building a network on a matrix: shapes, segments, sizes, labels, and errors that stick. */
#include "graph/graph.h"

#include "graph/rig.h"

enum { WIDTH = 48 }; /* three rows of 16 */

static struct sgeo_graph *graph;
static size_t input;

static void create_graph(void)
{
    graph = sgeo_graph_create();
    ck_assert_ptr_nonnull(graph);
    input = sgeo_graph_matrix_input(graph, WIDTH);
}

static void destroy_graph(void)
{
    sgeo_graph_destroy(graph);
}

/* A matrix of so many columns. */
static void assert_width(size_t node, size_t width)
{
    ck_assert_msg(graph->status == SGEO_OK, "%s", sgeo_error_text());
    ck_assert_uint_eq(graph->nodes[node].channels, width);
    ck_assert_uint_eq(graph->nodes[node].height, 1);
    ck_assert_uint_eq(graph->nodes[node].width, 1);
    ck_assert(graph->nodes[node].is_matrix);
}

/* The builder that was just called failed, and said `words`. */
static void assert_stuck(size_t handle, const char *words)
{
    ck_assert_uint_eq(handle, 0);
    ck_assert_int_eq(graph->status, SGEO_USAGE);
    ck_assert_msg(strstr(sgeo_error_text(), words) != NULL, "'%s' lacks '%s'", sgeo_error_text(),
                  words);
}

START_TEST(test_rows_shapes_follow_their_layers)
{
    const struct sgeo_linear_shape five = {5, true};
    assert_width(input, WIDTH);
    assert_width(sgeo_graph_project(graph, input, "each", 16, five), 15);
    assert_width(sgeo_graph_project(graph, input, "all", WIDTH, five), 5);
    assert_width(sgeo_graph_row_linear(graph, input, "along", 16, five), 80);
    assert_width(sgeo_graph_layer_norm(graph, input, "ln", 16, 1.0), WIDTH);
    assert_width(sgeo_graph_row_norm(graph, input, "row_ln", 16), WIDTH);
    assert_width(sgeo_graph_padded_sum(graph, &input, 1, 50), 50);
    assert_width(sgeo_graph_dot(graph, input, 16), 3);
    assert_width(sgeo_graph_dot(graph, input, 4), 66);
    assert_width(sgeo_graph_fm(graph, input, 16, 1.0), 16);
    assert_width(sgeo_graph_attention(graph, (const size_t[]){input, input, input}, 4, 4), WIDTH);
    assert_width(sgeo_graph_row_products(graph, input, input, 16), 144);
    assert_width(sgeo_graph_row_sums(graph, input, 16), 3);
    assert_width(sgeo_graph_row_slice(graph, input, 16, 4, 6), 18);
    assert_width(sgeo_graph_scale(graph, input, 2.0), WIDTH);
    assert_width(sgeo_graph_slice(graph, input, 3, 7), 7);
    assert_width(sgeo_graph_concat(graph, (const size_t[]){input, input}, 2), 96);
    assert_width(sgeo_graph_relu(graph, input), WIDTH);
    assert_width(sgeo_graph_gate(graph, input, sgeo_graph_slice(graph, input, 3, 7)), WIDTH);
    assert_width(sgeo_graph_linear(graph, input, "fc", 4), 4);
}
END_TEST

START_TEST(test_rows_segments_carry_name_kind_count_and_fan_in)
{
    static const struct {
        const char *name;
        enum sgeo_segment_kind kind;
        size_t count, fan_in;
        bool in_l;
    } expected[] = {{"each.weight", SGEO_SEGMENT_LINEAR, 80, 16, true},
                    {"each.bias", SGEO_SEGMENT_BIAS, 5, 16, false},
                    {"along.weight", SGEO_SEGMENT_LINEAR, 6, 3, true},
                    {"ln.gamma", SGEO_SEGMENT_GAMMA, 8, 1, false},
                    {"ln.beta", SGEO_SEGMENT_BETA, 8, 1, false},
                    {"row_ln.gamma", SGEO_SEGMENT_GAMMA, 6, 1, false},
                    {"row_ln.beta", SGEO_SEGMENT_BETA, 6, 1, false}};
    sgeo_graph_project(graph, input, "each", 16, (struct sgeo_linear_shape){5, true});
    sgeo_graph_row_linear(graph, input, "along", 16, (struct sgeo_linear_shape){2, false});
    sgeo_graph_layer_norm(graph, input, "ln", 8, 0.5);
    sgeo_graph_row_norm(graph, input, "row_ln", 8);
    ck_assert_uint_eq(graph->n_segments, sizeof expected / sizeof *expected);
    for (size_t s = 0; s < graph->n_segments; s++) {
        const struct sgeo_segment *segment = &graph->segments[s];
        ck_assert_str_eq(segment->name, expected[s].name);
        ck_assert_int_eq(segment->kind, expected[s].kind);
        ck_assert_uint_eq(segment->count, expected[s].count);
        ck_assert_uint_eq(segment->fan_in, expected[s].fan_in);
        ck_assert_int_eq(sgeo_segment_in_l(segment), expected[s].in_l);
    }
    ck_assert_double_eq(graph->segments[3].start, 0.5);
    ck_assert_double_eq(graph->segments[5].start, 1.0);
}
END_TEST

START_TEST(test_rows_counts_equal_those_by_hand)
{
    struct sgeo_counts counts;
    size_t x = sgeo_graph_project(graph, input, "each", 16, (struct sgeo_linear_shape){16, true});
    x = sgeo_graph_row_linear(graph, x, "along", 16, (struct sgeo_linear_shape){4, true});
    x = sgeo_graph_attention(graph, (const size_t[]){x, x, x}, 8, 2);
    x = sgeo_graph_dot(graph, sgeo_graph_layer_norm(graph, x, "ln", 16, 1.0), 16);
    rig_ok(sgeo_graph_finish(graph, sgeo_graph_linear(graph, x, "fc", 1)));
    sgeo_graph_count(&counts, graph);
    ck_assert_uint_eq(counts.params, (256 + 16) + (12 + 4) + 32 + 7);
    ck_assert_uint_eq(counts.macs, 3 * 256 + 12 * 16 + 2 * 16 * 16 + 4 * 4 * 16 + 6);
}
END_TEST

START_TEST(test_rows_labels_name_nodes)
{
    size_t x = sgeo_graph_linear(graph, input, "fc", 4);
    sgeo_graph_label(graph, x, "first");
    sgeo_graph_label(graph, input, "second");
    ck_assert_uint_eq(graph->n_labels, 2);
    ck_assert_str_eq(graph->labels[0].name, "first");
    ck_assert_uint_eq(graph->labels[0].node, x);
    ck_assert_str_eq(graph->labels[1].name, "second");
}
END_TEST

START_TEST(test_rows_network_may_end_in_a_padded_sum)
{
    size_t x = sgeo_graph_linear(graph, input, "fc", 1);
    size_t sum = sgeo_graph_padded_sum(graph, (const size_t[]){x, x}, 2, 1);
    ck_assert_int_eq(sgeo_graph_finish(graph, sum), SGEO_OK);
    ck_assert_int_eq(sgeo_graph_finish(graph, sgeo_graph_scale(graph, sum, 2.0)), SGEO_USAGE);
}
END_TEST

START_TEST(test_rows_that_do_not_divide_are_refused)
{
    assert_stuck(sgeo_graph_fm(graph, input, _i == 0 ? 0 : 7, 1.0), "are no rows of");
}
END_TEST

START_TEST(test_rows_refuse_sizes_that_do_not_fit)
{
    size_t x = sgeo_graph_slice(graph, input, 0, 16), parts[3] = {input, input, x};
    switch (_i) {
    case 0:
        assert_stuck(sgeo_graph_dot(graph, x, 16), "no pair");
        break;
    case 1:
        assert_stuck(sgeo_graph_padded_sum(graph, &input, 1, 47), "more than a sum of 47");
        break;
    case 2:
        assert_stuck(sgeo_graph_padded_sum(graph, NULL, 0, 4), "a padded sum of 0");
        break;
    case 3:
        assert_stuck(sgeo_graph_gate(graph, x, input), "more than its gate's 16");
        break;
    case 4:
        assert_stuck(sgeo_graph_attention(graph, parts, 8, 2), "different shape");
        break;
    case 5:
        assert_stuck(sgeo_graph_row_slice(graph, input, 16, 10, 7), "slice of columns 10..17");
        break;
    case 6:
        assert_stuck(
            sgeo_graph_project(graph, input, "none", 16, (struct sgeo_linear_shape){0, true}),
            "linear layer none maps 16 to 0");
        break;
    default:
        parts[2] = parts[1] = parts[0] = sgeo_graph_padded_sum(graph, &input, 1, 130);
        assert_stuck(sgeo_graph_attention(graph, parts, 2, 65), "heads of 65 columns");
    }
}
END_TEST

/* Layers of maps have no meaning here, nor layers of matrices on images. */
START_TEST(test_rows_and_maps_do_not_mix)
{
    if (_i == 0) {
        assert_stuck(sgeo_graph_batchnorm(graph, input, "bn", true), "a layer of maps");
    } else if (_i == 1) {
        assert_stuck(sgeo_graph_sum(graph, &input, 1), "a layer of maps");
    } else if (_i == 2) {
        assert_stuck(sgeo_graph_conv(graph, input, "conv", 4, (struct sgeo_conv_shape){1, 1, 1, 1}),
                     "a layer of maps");
    } else {
        sgeo_graph_destroy(graph);
        graph = sgeo_graph_create();
        size_t x = sgeo_graph_linear(graph, sgeo_graph_input(graph, 1, 4, 4), "fc", 4);
        assert_stuck(sgeo_graph_fm(graph, x, 2, 1.0), "a layer of matrices");
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph of rows");
    TCase *tcase = tcase_create("builders");
    tcase_add_checked_fixture(tcase, create_graph, destroy_graph);
    tcase_add_test(tcase, test_rows_shapes_follow_their_layers);
    tcase_add_test(tcase, test_rows_segments_carry_name_kind_count_and_fan_in);
    tcase_add_test(tcase, test_rows_counts_equal_those_by_hand);
    tcase_add_test(tcase, test_rows_labels_name_nodes);
    tcase_add_test(tcase, test_rows_network_may_end_in_a_padded_sum);
    tcase_add_loop_test(tcase, test_rows_that_do_not_divide_are_refused, 0, 2);
    tcase_add_loop_test(tcase, test_rows_refuse_sizes_that_do_not_fit, 0, 8);
    tcase_add_loop_test(tcase, test_rows_and_maps_do_not_mix, 0, 4);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
