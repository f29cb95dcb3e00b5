/* The plan: what runs, what is shared, what is fused. */
#include "graph/plan.h"

#include "graph/rig.h"

static const struct sgeo_conv_shape conv1x1 = {
    .kernel = 1, .stride = 1, .dilation = 1, .groups = 1};

static struct sgeo_graph *graph;
static struct sgeo_plan *plan;
static size_t stem; /* (4,8,8) */

static void start_graph(void)
{
    plan = NULL;
    graph = sgeo_graph_create();
    ck_assert_ptr_nonnull(graph);
    stem = sgeo_graph_conv(graph, sgeo_graph_input(graph, 3, 8, 8), "stem", 4, conv1x1);
}

static void end_graph(void)
{
    sgeo_plan_destroy(plan);
    sgeo_graph_destroy(graph);
}

static size_t conv(size_t src, const char *name)
{
    return sgeo_graph_conv(graph, src, name, 4, conv1x1);
}

static size_t sum2(size_t a, size_t b)
{
    return sgeo_graph_sum(graph, (const size_t[]){a, b}, 2);
}

static size_t zeros(void)
{
    return sgeo_graph_zero(graph, 4, 8, 8);
}

/* Finish with the head on x and plan. */
static void make_plan(size_t x, bool keep_dead)
{
    size_t logits = sgeo_graph_linear(graph, sgeo_graph_global_mean(graph, x), "fc", 5);
    rig_ok(sgeo_graph_finish(graph, logits));
    rig_ok(sgeo_plan_create(&plan, graph, &(struct sgeo_plan_options){.keep_dead = keep_dead}));
}

/* --- sharing ---------------------------------------------------------------------------------- */

START_TEST(test_plan_runs_one_relu_a_node)
{
    size_t x = sgeo_graph_batchnorm(graph, stem, "n", true);
    size_t first = sgeo_graph_relu(graph, x), second = sgeo_graph_relu(graph, x);
    size_t third = sgeo_graph_relu(graph, sgeo_graph_sum(graph, &x, 1));
    size_t a = conv(first, "a"), b = conv(second, "b"), c = conv(third, "c");
    make_plan(sgeo_graph_sum(graph, (const size_t[]){a, b, c}, 3), false);
    ck_assert(sgeo_plan_runs(plan, first));
    ck_assert(!sgeo_plan_runs(plan, second) && !sgeo_plan_runs(plan, third));
    ck_assert_uint_eq(plan->nodes[x].relu_of, first);
    ck_assert_uint_eq(sgeo_plan_source(plan, b, 0), first);
    ck_assert_uint_eq(sgeo_plan_source(plan, c, 0), first);
}
END_TEST

START_TEST(test_plan_relu_is_fused_into_combines_only)
{
    size_t x = sgeo_graph_batchnorm(graph, stem, "n", true);
    size_t behind_norm = sgeo_graph_relu(graph, x), behind_conv = sgeo_graph_relu(graph, stem);
    size_t sum = sum2(behind_norm, behind_conv);
    size_t behind_sum = sgeo_graph_relu(graph, sum), of_zeros = sgeo_graph_relu(graph, zeros());
    make_plan(sum2(behind_sum, of_zeros), true);
    ck_assert(sgeo_plan_is_fused_relu(plan, behind_norm));
    ck_assert(sgeo_plan_is_fused_relu(plan, behind_sum));
    ck_assert(!sgeo_plan_is_fused_relu(plan, behind_conv));
    ck_assert(!sgeo_plan_is_fused_relu(plan, of_zeros));
    ck_assert(!plan->nodes[x].raw && !plan->nodes[sum].raw);
}
END_TEST

START_TEST(test_plan_stores_the_plain_value_when_something_else_reads_it)
{
    size_t x = sgeo_graph_batchnorm(graph, stem, "n", true);
    size_t relu = sgeo_graph_relu(graph, x),
           pool = sgeo_graph_avgpool(graph, x, (struct sgeo_pool_window){3, 1, 1});
    make_plan(sum2(relu, pool), false);
    ck_assert(plan->nodes[x].raw);
    ck_assert_uint_eq(plan->nodes[x].last_forward, pool);
}
END_TEST

START_TEST(test_plan_sums_of_one_tensor_are_that_tensor)
{
    size_t alone = sgeo_graph_sum(graph, &stem, 1);
    size_t with_zeros = sgeo_graph_sum(graph, (const size_t[]){zeros(), alone, zeros()}, 3);
    size_t twice = sum2(with_zeros, stem);
    make_plan(twice, false);
    ck_assert_uint_eq(plan->nodes[alone].rep, stem);
    ck_assert_uint_eq(plan->nodes[with_zeros].rep, stem);
    ck_assert(!sgeo_plan_runs(plan, alone) && !sgeo_plan_runs(plan, with_zeros));
    ck_assert(sgeo_plan_runs(plan, twice));
}
END_TEST

/* --- zeros and dead ends ---------------------------------------------------------------------- */

START_TEST(test_plan_nothing_that_only_carries_zeros_runs)
{
    const struct sgeo_pool_window window = {3, 1, 1};
    size_t none = zeros();
    size_t dark[] = {
        sgeo_graph_relu(graph, none),
        conv(none, "c"),
        sgeo_graph_avgpool(graph, none, window),
        sgeo_graph_maxpool(graph, none, window),
        sgeo_graph_batchnorm(graph, none, "plain", false),
        sum2(none, none),
        sgeo_graph_subsample(graph, none, 1, 0),
        sgeo_graph_slice(graph, sgeo_graph_concat(graph, (const size_t[]){none, none}, 2), 2, 4)};
    enum { DARK = sizeof dark / sizeof *dark };
    size_t all[DARK + 1];
    memcpy(all, dark, sizeof dark);
    all[DARK] = stem;
    size_t sum = sgeo_graph_sum(graph, all, DARK + 1);
    make_plan(sum, true);
    for (size_t i = 0; i < DARK; i++) {
        ck_assert_msg(plan->nodes[dark[i]].zero && !sgeo_plan_runs(plan, dark[i]), "%zu", i);
    }
    ck_assert_uint_eq(plan->nodes[sum].rep, stem);
}
END_TEST

/* A shift makes something of zeros, and has a gradient. */
START_TEST(test_plan_a_scaling_norm_of_zeros_runs)
{
    size_t none = conv(zeros(), "c");
    size_t x = sgeo_graph_batchnorm(graph, none, "n", true);
    make_plan(sum2(x, stem), false);
    ck_assert(sgeo_plan_runs(plan, x) && plan->nodes[x].learns);
    ck_assert(!sgeo_plan_runs(plan, none));
    ck_assert_uint_eq(sgeo_plan_source(plan, x, 0), SGEO_NONE);
}
END_TEST

START_TEST(test_plan_a_partly_dark_concatenation_runs)
{
    size_t both = sgeo_graph_concat(graph, (const size_t[]){stem, zeros()}, 2);
    make_plan(both, false);
    ck_assert(sgeo_plan_runs(plan, both));
}
END_TEST

START_TEST(test_plan_dead_nodes_are_skipped_unless_kept)
{
    size_t dead = sgeo_graph_relu(graph, conv(stem, "dead"));
    make_plan(conv(stem, "alive"), false);
    ck_assert(!sgeo_plan_runs(plan, dead) && !sgeo_plan_runs(plan, dead - 1));
    sgeo_plan_destroy(plan);
    rig_ok(sgeo_plan_create(&plan, graph, &(struct sgeo_plan_options){.keep_dead = true}));
    ck_assert(sgeo_plan_runs(plan, dead) && sgeo_plan_runs(plan, dead - 1));
}
END_TEST

START_TEST(test_plan_parts_of_the_input_learn_from_a_channel_on)
{
    const struct sgeo_plan_options options = {.input_gradient = true, .input_gradient_from = 4};
    sgeo_graph_destroy(graph);
    graph = sgeo_graph_create();
    size_t input = sgeo_graph_matrix_input(graph, 10);
    size_t parts[2] = {sgeo_graph_slice(graph, input, 0, 4), sgeo_graph_slice(graph, input, 3, 7)};
    size_t both = sgeo_graph_concat(graph, parts, 2);
    rig_ok(sgeo_graph_finish(graph, sgeo_graph_linear(graph, both, "fc", 1)));
    rig_ok(sgeo_plan_create(&plan, graph, &options));
    ck_assert(plan->nodes[input].learns && plan->nodes[parts[1]].learns);
    ck_assert(plan->nodes[both].learns && !plan->nodes[parts[0]].learns);
}
END_TEST

/* --- fusion ----------------------------------------------------------------------------------- */

START_TEST(test_plan_norm_read_by_one_sum_is_fused)
{
    size_t x = sgeo_graph_batchnorm(graph, stem, "n", true);
    make_plan(sum2(x, stem), false);
    ck_assert(plan->nodes[x].fused && !sgeo_plan_is_combine(plan, x));
}
END_TEST

START_TEST(test_plan_norm_is_fused_through_a_sum_of_itself_alone)
{
    size_t x = sgeo_graph_batchnorm(graph, stem, "n", true);
    make_plan(sum2(sgeo_graph_sum(graph, &x, 1), stem), false);
    ck_assert(plan->nodes[x].fused);
}
END_TEST

START_TEST(test_plan_norm_read_by_two_sums_is_stored)
{
    size_t x = sgeo_graph_batchnorm(graph, stem, "n", true);
    make_plan(sum2(sum2(x, stem), x), false);
    ck_assert(!plan->nodes[x].fused && plan->nodes[x].raw);
}
END_TEST

START_TEST(test_plan_norm_read_twice_by_one_sum_is_stored)
{
    size_t x = sgeo_graph_batchnorm(graph, stem, "n", true);
    make_plan(sum2(x, x), false);
    ck_assert(!plan->nodes[x].fused);
}
END_TEST

START_TEST(test_plan_norm_read_by_a_sum_and_a_relu_is_stored)
{
    size_t x = sgeo_graph_batchnorm(graph, stem, "n", true);
    make_plan(sum2(x, sgeo_graph_relu(graph, x)), false);
    ck_assert(!plan->nodes[x].fused);
}
END_TEST

START_TEST(test_plan_norm_read_by_no_sum_is_stored)
{
    size_t x = sgeo_graph_batchnorm(graph, stem, "n", true);
    make_plan(conv(x, "c"), false);
    ck_assert(!plan->nodes[x].fused && sgeo_plan_is_combine(plan, x));
}
END_TEST

START_TEST(test_plan_dead_readers_do_not_prevent_fusion)
{
    size_t x = sgeo_graph_batchnorm(graph, stem, "n", true);
    sum2(x, stem);
    make_plan(sum2(x, stem), false);
    ck_assert(plan->nodes[x].fused);
    sgeo_plan_destroy(plan);
    rig_ok(sgeo_plan_create(&plan, graph, &(struct sgeo_plan_options){.keep_dead = true}));
    ck_assert(!plan->nodes[x].fused);
}
END_TEST

/* --- lifetimes -------------------------------------------------------------------------------- */

/* The sum normalises the convolution's output itself, so it is the one that reads it last. */
START_TEST(test_plan_source_of_a_fused_norm_lives_until_the_sum)
{
    size_t a = conv(stem, "a");
    size_t x = sgeo_graph_batchnorm(graph, a, "n", true);
    size_t later = conv(stem, "later");
    size_t sum = sum2(x, later);
    make_plan(sum, false);
    ck_assert_uint_eq(plan->nodes[a].last_forward, sum);
    ck_assert_uint_eq(plan->nodes[a].last_backward, x);
    ck_assert_uint_eq(plan->nodes[stem].last_forward, later);
    ck_assert_uint_eq(plan->nodes[stem].last_backward, a);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plan");
    TCase *tcase = tcase_create("analysis");
    tcase_add_checked_fixture(tcase, start_graph, end_graph);
    tcase_add_test(tcase, test_plan_runs_one_relu_a_node);
    tcase_add_test(tcase, test_plan_relu_is_fused_into_combines_only);
    tcase_add_test(tcase, test_plan_stores_the_plain_value_when_something_else_reads_it);
    tcase_add_test(tcase, test_plan_sums_of_one_tensor_are_that_tensor);
    tcase_add_test(tcase, test_plan_nothing_that_only_carries_zeros_runs);
    tcase_add_test(tcase, test_plan_a_scaling_norm_of_zeros_runs);
    tcase_add_test(tcase, test_plan_a_partly_dark_concatenation_runs);
    tcase_add_test(tcase, test_plan_dead_nodes_are_skipped_unless_kept);
    tcase_add_test(tcase, test_plan_parts_of_the_input_learn_from_a_channel_on);
    tcase_add_test(tcase, test_plan_norm_read_by_one_sum_is_fused);
    tcase_add_test(tcase, test_plan_norm_is_fused_through_a_sum_of_itself_alone);
    tcase_add_test(tcase, test_plan_norm_read_by_two_sums_is_stored);
    tcase_add_test(tcase, test_plan_norm_read_twice_by_one_sum_is_stored);
    tcase_add_test(tcase, test_plan_norm_read_by_a_sum_and_a_relu_is_stored);
    tcase_add_test(tcase, test_plan_norm_read_by_no_sum_is_stored);
    tcase_add_test(tcase, test_plan_dead_readers_do_not_prevent_fusion);
    tcase_add_test(tcase, test_plan_source_of_a_fused_norm_lives_until_the_sum);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
