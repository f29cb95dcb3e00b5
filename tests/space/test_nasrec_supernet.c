/*
 * The NASRec supernet: sizes of the published ones; in a small one, paths masked against plain
 * loops and sliced against masked, in logits, loss and all gradients.
 */
#include "space/nasrec_supernet.h"

#include "space/nasrec_naive.h"
#include "space/nasrec_runner.h"

static const struct sgeo_network_options options = {
    .batch = BATCH, .backward = true, .input_gradient = true};
static const uint16_t labels[BATCH] = {1, 0, 1};

/* --- sizes --- */

START_TEST(test_nasrec_supernets_have_the_published_parameters)
{
    static const struct {
        enum sgeo_nasrec_space space;
        size_t params; /* spec, section 1.3 */
    } published[] = {{SGEO_NASREC_SMALL, 31143245}, {SGEO_NASREC_FULL, 171529127}};
    const struct sgeo_nasrec_supernet supernet = sgeo_nasrec_supernet(published[_i].space, 13, 26);
    struct sgeo_graph *graph = NULL;
    struct sgeo_counts counts;
    rig_ok(sgeo_nasrec_supernet_build(&graph, &supernet));
    sgeo_graph_count(&counts, graph);
    ck_assert_uint_eq(counts.params, published[_i].params);
    ck_assert_uint_eq(rig_find_segment(graph, "final.weight")->count, 2176);
    ck_assert_uint_eq(rig_find_segment(graph, "block7.dot.row_proj.weight")->count,
                      45 * (26 + 6 * 72));
    sgeo_graph_destroy(graph);
}
END_TEST

/* Published architectures at real size: sliced is a part of the supernet's work. */
START_TEST(test_nasrec_sliced_paths_have_less_to_do)
{
    struct sgeo_nasrec_arch arch;
    struct sgeo_counts wide, narrow;
    struct sgeo_graph *masked = NULL, *sliced = NULL;
    struct sgeo_nasrec_slices *slices = NULL;
    rig_ok(sgeo_nasrec_parse(&arch, sgeo_nasrec_published[_i].name));
    const struct sgeo_nasrec_supernet supernet = sgeo_nasrec_supernet(arch.space, 13, 26);
    const struct sgeo_nasrec_path path = sgeo_nasrec_path_of(&arch);
    rig_ok(sgeo_nasrec_masked_build(&masked, &supernet, &path));
    rig_ok(sgeo_nasrec_sliced_build(&sliced, &slices, &supernet, &path));
    sgeo_graph_count(&wide, masked);
    sgeo_graph_count(&narrow, sliced);
    ck_assert_uint_lt(narrow.params, wide.params);
    ck_assert_uint_lt(narrow.macs, wide.macs);
    ck_assert_uint_eq(sliced->n_segments, masked->n_segments);
    sgeo_graph_destroy(masked);
    sgeo_graph_destroy(sliced);
    sgeo_nasrec_slices_destroy(slices);
}
END_TEST

/* --- numbers --- */

struct outcome {
    double logits[BATCH], loss, input_gradient[BATCH * INPUT];
    double *gradient; /* of the supernet's store */
};

/* Run a graph on vectors of `store`; the gradient goes to grad. */
static void run(struct outcome *out, const struct runner *runner, const struct sgeo_graph *graph,
                const struct sgeo_store *store, const double *theta, double *grad)
{
    const struct sgeo_targets targets = {.labels = labels};
    struct sgeo_network *network = NULL;
    rig_ok(sgeo_network_create(&network, graph, store, runner->backend, runner->pool, &options));
    sgeo_network_bind(network, theta, grad, NULL);
    rig_ok(sgeo_network_loss_gradient(network, runner->input, &targets, NULL, &out->loss));
    memcpy(out->logits, sgeo_network_logits(network), sizeof out->logits);
    sgeo_network_input_gradient(network, out->input_gradient);
    sgeo_network_destroy(network);
}

static void run_masked(struct outcome *out, const struct runner *runner,
                       const struct sgeo_nasrec_supernet *supernet,
                       const struct sgeo_nasrec_path *path)
{
    struct sgeo_graph *graph = NULL;
    rig_ok(sgeo_nasrec_masked_build(&graph, supernet, path));
    out->gradient = sgeo_store_vector(runner->store);
    ck_assert_ptr_nonnull(out->gradient);
    run(out, runner, graph, runner->store, runner->theta, out->gradient);
    sgeo_graph_destroy(graph);
}

static void run_sliced(struct outcome *out, const struct runner *runner,
                       const struct sgeo_nasrec_supernet *supernet,
                       const struct sgeo_nasrec_path *path)
{
    struct sliced sliced;
    open_sliced(&sliced, runner, supernet, path);
    run(out, runner, sliced.graph, sliced.store, sliced.theta, sliced.grad);
    out->gradient = sgeo_store_vector(runner->store);
    ck_assert_ptr_nonnull(out->gradient);
    rig_ok(sgeo_nasrec_scatter(&sliced.pair, out->gradient, sliced.grad));
    close_sliced(&sliced);
}

START_TEST(test_nasrec_masked_paths_are_the_published_semantics)
{
    enum sgeo_nasrec_space space = _i % 2 == 0 ? SGEO_NASREC_SMALL : SGEO_NASREC_FULL;
    const struct sgeo_nasrec_supernet supernet = small_supernet(space);
    const struct sgeo_nasrec_path path = small_path(space, _i / 2);
    struct runner runner;
    struct outcome out;
    open_runner(&runner, &supernet);
    run_masked(&out, &runner, &supernet, &path);
    for (size_t n = 0; n < BATCH; n++) {
        double expected =
            naive_logit(&supernet, &path, runner.store, runner.theta, runner.input + n * INPUT);
        rig_assert_near(&out.logits[n], &expected, 1, fmax(fabs(expected), 1.0), 1e-12, "logit");
    }
    sgeo_free(out.gradient);
    close_runner(&runner);
}
END_TEST

START_TEST(test_nasrec_sliced_paths_equal_masked_ones)
{
    enum sgeo_nasrec_space space = _i % 2 == 0 ? SGEO_NASREC_SMALL : SGEO_NASREC_FULL;
    const struct sgeo_nasrec_supernet supernet = small_supernet(space);
    const struct sgeo_nasrec_path path = small_path(space, _i / 2);
    struct runner runner;
    struct outcome masked, sliced;
    open_runner(&runner, &supernet);
    run_masked(&masked, &runner, &supernet, &path);
    run_sliced(&sliced, &runner, &supernet, &path);
    rig_assert_near(sliced.logits, masked.logits, BATCH, fmax(rig_largest(masked.logits, BATCH), 1),
                    1e-12, "logits");
    rig_assert_near(&sliced.loss, &masked.loss, 1, masked.loss, 1e-12, "loss");
    rig_assert_near(sliced.input_gradient, masked.input_gradient, (size_t)BATCH * INPUT,
                    rig_largest(masked.input_gradient, (size_t)BATCH * INPUT), 1e-12, "input");
    double scale = rig_largest(masked.gradient, sgeo_store_total(runner.store));
    ck_assert_double_gt(scale, 1e-3);
    for (size_t s = 0; s < sgeo_store_count(runner.store); s++) {
        size_t at = sgeo_store_place(runner.store, s).offset;
        rig_assert_near(sliced.gradient + at, masked.gradient + at,
                        sgeo_store_segment(runner.store, s)->count, scale, 1e-12,
                        sgeo_store_segment(runner.store, s)->name);
    }
    sgeo_free(masked.gradient);
    sgeo_free(sliced.gradient);
    close_runner(&runner);
}
END_TEST

/* --- refusals --- */

START_TEST(test_nasrec_paths_outside_the_supernet_are_refused)
{
    struct sgeo_nasrec_supernet supernet = small_supernet(SGEO_NASREC_FULL);
    struct sgeo_nasrec_slices *slices = NULL;
    struct sgeo_graph *graph = NULL;
    struct sgeo_nasrec_path wrong[] = {skipping_path(), skipping_path(), skipping_path()};
    static const char *const words[] = {"block 3 gives 41 numbers", "block 3 has inputs",
                                        "block 2 gives 24 numbers and 13 rows"};
    wrong[0].arch.blocks[2].dense_dim = 41;
    wrong[1].arch.blocks[2].left = 3;
    wrong[2].arch.blocks[1].sparse_dim = 13;
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(sgeo_nasrec_sliced_build(&graph, &slices, &supernet, &wrong[i]),
                         SGEO_USAGE);
        ck_assert_msg(strstr(sgeo_error_text(), words[i]) != NULL, "%s", sgeo_error_text());
        ck_assert(graph == NULL && slices == NULL);
    }
    const struct sgeo_nasrec_path path = skipping_path();
    supernet.space = SGEO_NASREC_SMALL;
    ck_assert_int_eq(sgeo_nasrec_masked_build(&graph, &supernet, &path), SGEO_USAGE);
    ck_assert_msg(strstr(sgeo_error_text(), "block 4") != NULL, "%s", sgeo_error_text());
}
END_TEST

/* Sizes at which a projection would be left out behind other blocks. */
START_TEST(test_nasrec_supernets_of_impossible_sizes_are_refused)
{
    static const size_t sizes[][2] = {{16, 12}, {128, 12}, {40, 0}, {1024, 33}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct sgeo_nasrec_supernet supernet = small_supernet(SGEO_NASREC_FULL);
        struct sgeo_graph *graph = NULL;
        supernet.dense_dim = sizes[i][0];
        supernet.sparse_dim = sizes[i][1];
        ck_assert_msg(sgeo_nasrec_supernet_build(&graph, &supernet) == SGEO_USAGE, "case %zu", i);
        ck_assert_ptr_null(graph);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nasrec supernet");
    TCase *tcase = tcase_create("nasrec supernet");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_nasrec_supernets_have_the_published_parameters, 0, 2);
    tcase_add_loop_test(tcase, test_nasrec_sliced_paths_have_less_to_do, 0,
                        (int)SGEO_NASREC_PUBLISHED);
    tcase_add_loop_test(tcase, test_nasrec_masked_paths_are_the_published_semantics, 0, 2 * PATHS);
    tcase_add_loop_test(tcase, test_nasrec_sliced_paths_equal_masked_ones, 0, 2 * PATHS);
    tcase_add_test(tcase, test_nasrec_paths_outside_the_supernet_are_refused);
    tcase_add_test(tcase, test_nasrec_supernets_of_impossible_sizes_are_refused);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
