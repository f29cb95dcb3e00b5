/*
 * What a planned network promises beyond its numbers: running statistics, the same bits again,
 * memory that goes back, networks that do not meet (loop index 0: double, 1: float).
 */
#include "graph/networks.h"

static const enum sgeo_precision precisions[2] = {SGEO_F64, SGEO_F32};
static const double tolerances[2] = {1e-12, 1e-5};

enum { CHANNELS = 4, MAP = RIG_PIXELS * RIG_PIXELS, VALUES = RIG_BATCH * CHANNELS * MAP };

static const struct sgeo_network_options with_features = {.batch = RIG_BATCH,
                                                          .keep_features = true};

/* stem, then a norm when asked for, then the head: the features are what the norm reads or writes.
 */
static struct sgeo_graph *stem_graph(bool norm)
{
    struct draft draft = {.graph = sgeo_graph_create()};
    ck_assert_ptr_nonnull(draft.graph);
    draft.image = sgeo_graph_input(draft.graph, RIG_CHANNELS, RIG_PIXELS, RIG_PIXELS);
    size_t x = draft_stem(&draft, CHANNELS);
    if (norm) {
        x = draft_norm(&draft, x, true);
    }
    x = sgeo_graph_linear(draft.graph, sgeo_graph_global_mean(draft.graph, x), "head", RIG_CLASSES);
    rig_ok(sgeo_graph_finish(draft.graph, x));
    return draft.graph;
}

static struct sgeo_graph *any_graph(size_t i)
{
    char name[64];
    return network_build(i, name);
}

/* Features (N,C,H,W) of the stem graph in this precision; free with sgeo_free. */
static double *stem_features(enum sgeo_precision precision)
{
    struct rig rig;
    double *features = rig_zeros(VALUES, sizeof *features);
    rig_open(&rig, stem_graph(false), precision, &with_features);
    rig_ok(sgeo_network_forward(rig.network, rig.images));
    sgeo_network_features(rig.network, features);
    rig_close(&rig);
    return features;
}

static double channel_mean(const double *x, size_t c)
{
    long double sum = 0.0L;
    for (size_t n = 0; n < RIG_BATCH; n++) {
        for (size_t p = 0; p < MAP; p++) {
            sum += (long double)x[(n * CHANNELS + c) * MAP + p];
        }
    }
    return (double)(sum / (RIG_BATCH * MAP));
}

/* Sum of squared deviations of channel c over `divisor`. */
static double channel_variance(const double *x, size_t c, double divisor)
{
    long double sum = 0.0L, mean = (long double)channel_mean(x, c);
    for (size_t n = 0; n < RIG_BATCH; n++) {
        for (size_t p = 0; p < MAP; p++) {
            long double d = (long double)x[(n * CHANNELS + c) * MAP + p] - mean;
            sum += d * d;
        }
    }
    return (double)(sum / (long double)divisor);
}

static double segment_value(const struct rig *rig, const char *name, size_t i)
{
    double *values = rig_segment(rig->store, rig->theta, sgeo_store_find(rig->store, name));
    double value = values[i];
    sgeo_free(values);
    return value;
}

/* --- batch norm ------------------------------------------------------------------------------- */

/* running = 0.9 running + 0.1 batch; the running variance takes the unbiased one. */
START_TEST(test_network_training_moves_running_statistics)
{
    struct rig rig;
    double *x = stem_features(precisions[_i]), mean[CHANNELS] = {0}, var[CHANNELS];
    rig_open(&rig, stem_graph(true), precisions[_i], &rig_plain);
    for (size_t c = 0; c < CHANNELS; c++) {
        var[c] = 1.0;
        rig.running[c] = 0.0;
        rig.running[CHANNELS + c] = 1.0;
    }
    sgeo_network_bind(rig.network, rig.theta, rig.grad, rig.running);
    for (size_t pass = 0; pass < 3; pass++) {
        rig_gradient(&rig);
        for (size_t c = 0; c < CHANNELS; c++) {
            mean[c] = 0.9 * mean[c] + 0.1 * channel_mean(x, c);
            var[c] = 0.9 * var[c] + 0.1 * channel_variance(x, c, RIG_BATCH * MAP - 1);
        }
        rig_assert_near(rig.running, mean, CHANNELS, 1.0, tolerances[_i], "running mean");
        rig_assert_near(rig.running + CHANNELS, var, CHANNELS, 1.0, tolerances[_i],
                        "running variance");
    }
    rig_close(&rig);
    sgeo_free(x);
}
END_TEST

/* Both modes: y = (x - mean) / sqrt(var + 1e-5) * scale + shift. */
static void assert_normalised(int i, bool evaluate)
{
    struct rig rig;
    double *x = stem_features(precisions[i]), *y = rig_zeros(VALUES, sizeof *y);
    double *expected = rig_zeros(VALUES, sizeof *expected);
    rig_open(&rig, stem_graph(true), precisions[i], &with_features);
    if (evaluate) {
        rig_evaluate(&rig);
    }
    rig_ok(sgeo_network_forward(rig.network, rig.images));
    sgeo_network_features(rig.network, y);
    for (size_t at = 0; at < VALUES; at++) {
        size_t c = at / MAP % CHANNELS;
        double mean = evaluate ? rig.running[c] : channel_mean(x, c);
        double var = evaluate ? rig.running[CHANNELS + c] : channel_variance(x, c, RIG_BATCH * MAP);
        expected[at] = (x[at] - mean) / sqrt(var + 1e-5) * segment_value(&rig, "norm1.scale", c) +
                       segment_value(&rig, "norm1.shift", c);
    }
    rig_assert_near(y, expected, VALUES, 1.0, tolerances[i], "normalised");
    rig_close(&rig);
    sgeo_free(x);
    sgeo_free(y);
    sgeo_free(expected);
}

START_TEST(test_network_training_normalises_by_the_batch)
{
    assert_normalised(_i, false);
}
END_TEST

START_TEST(test_network_evaluation_normalises_by_the_running_statistics)
{
    assert_normalised(_i, true);
}
END_TEST

START_TEST(test_network_evaluation_leaves_running_statistics_alone)
{
    struct rig rig;
    double before[2 * CHANNELS];
    rig_open(&rig, stem_graph(true), precisions[_i], &rig_plain);
    memcpy(before, rig.running, sizeof before);
    rig_evaluate(&rig);
    rig_gradient(&rig);
    ck_assert_mem_eq(before, rig.running, sizeof before);
    rig_close(&rig);
}
END_TEST

/* Norms keep their own places whichever of them run: the dead one's statistics do not move. */
START_TEST(test_network_running_statistics_lie_in_order_of_the_norms)
{
    struct draft draft = {.graph = sgeo_graph_create()};
    struct rig rig;
    double before[6 + 6];
    draft.image = sgeo_graph_input(draft.graph, RIG_CHANNELS, RIG_PIXELS, RIG_PIXELS);
    size_t x = draft_stem(&draft, 4);
    draft_norm(&draft, draft_stem(&draft, 2), false);
    x = sgeo_graph_global_mean(draft.graph, draft_norm(&draft, x, false));
    rig_ok(sgeo_graph_finish(draft.graph, sgeo_graph_linear(draft.graph, x, "head", RIG_CLASSES)));
    rig_open(&rig, draft.graph, precisions[_i], &rig_plain);
    memcpy(before, rig.running, sizeof before);
    sgeo_network_bind(rig.network, rig.theta, rig.grad, rig.running);
    rig_ok(sgeo_network_forward(rig.network, rig.images));
    for (size_t i = 0; i < 12; i++) {
        ck_assert_msg((rig.running[i] == before[i]) == (i % 6 < 2), "statistic %zu", i);
    }
    rig_close(&rig);
}
END_TEST

/* Scale invariance: <W, g> of a convolution in front of a training-mode norm is 0 up to eps. */
START_TEST(test_network_weights_before_a_training_norm_are_orthogonal_to_their_gradient)
{
    struct rig rig;
    rig_open(&rig, stem_graph(true), precisions[_i], &rig_plain);
    rig_gradient(&rig);
    for (size_t s = 0; s < 2; s++) {
        static const char *const names[2] = {"conv0.weight", "head.weight"};
        struct sgeo_place place = sgeo_store_place(rig.store, sgeo_store_find(rig.store, names[s]));
        size_t bytes = place.offset * rig.backend->ops->elem_bytes;
        const void *w = (const unsigned char *)rig.theta + bytes,
                   *g = (const unsigned char *)rig.grad + bytes;
        double norms = sqrt(rig.backend->ops->dot(rig.backend, w, w, place.elems) *
                            rig.backend->ops->dot(rig.backend, g, g, place.elems));
        double cosine = fabs(rig.backend->ops->dot(rig.backend, w, g, place.elems)) / norms;
        ck_assert_msg(s == 0 ? cosine < 1e-4 : cosine > 1e-2, "%s: cosine %g", names[s], cosine);
    }
    rig_close(&rig);
}
END_TEST

/* --- the same again --------------------------------------------------------------------------- */

/* What the first one left in the arena does not matter. */
START_TEST(test_network_second_pass_gives_the_same_bits)
{
    for (size_t i = 0; i < NETWORKS; i += i < NETWORK_CASES ? 1 : 5) {
        struct rig rig;
        rig_open(&rig, any_graph(i), precisions[_i], &rig_with_tangent);
        size_t bytes = sgeo_store_total(rig.store) * rig.backend->ops->elem_bytes;
        double logits[RIG_BATCH * RIG_CLASSES], loss = rig_gradient(&rig);
        void *gradient = sgeo_store_vector(rig.store);
        memcpy(gradient, rig.grad, bytes);
        memcpy(logits, sgeo_network_logits(rig.network), sizeof logits);
        ck_assert(rig_gradient(&rig) == loss);
        ck_assert_mem_eq(rig.grad, gradient, bytes);
        ck_assert_mem_eq(sgeo_network_logits(rig.network), logits, sizeof logits);
        sgeo_free(gradient);
        rig_close(&rig);
    }
}
END_TEST

/* Options decide what is kept, never what is computed. */
START_TEST(test_network_options_do_not_change_a_bit)
{
    static const struct sgeo_network_options options[] = {
        {.batch = RIG_BATCH},
        {.batch = RIG_BATCH, .backward = true},
        {.batch = RIG_BATCH, .tangent = true},
        {.batch = RIG_BATCH, .backward = true, .tangent = true},
        {.batch = RIG_BATCH, .keep_features = true},
        {.batch = RIG_BATCH, .backward = true, .keep_dead = true}};
    for (size_t i = NETWORK_CASES; i < NETWORKS; i += 5) {
        double first = 0.0;
        for (size_t o = 0; o < sizeof options / sizeof *options; o++) {
            struct rig rig;
            rig_open(&rig, any_graph(i), precisions[_i], &options[o]);
            double loss = options[o].backward ? rig_gradient(&rig) : rig_loss(&rig);
            first = o == 0 ? loss : first;
            ck_assert_msg(options[o].keep_dead ? fabs(loss - first) < 1e-6 : loss == first,
                          "network %zu, options %zu: %.17g, not %.17g", i, o, loss, first);
            rig_close(&rig);
        }
    }
}
END_TEST

/* What an earlier network left in the vector does not shine through. */
START_TEST(test_network_backward_writes_every_segment)
{
    struct rig rig;
    rig_open(&rig, any_graph(17), precisions[_i],
             &rig_plain); /* its first weights only see zeros */
    memset(rig.grad, 0xff, sgeo_store_total(rig.store) * rig.backend->ops->elem_bytes);
    rig_gradient(&rig);
    for (size_t s = 0; s < sgeo_store_count(rig.store); s++) {
        double *gradient = rig_segment(rig.store, rig.grad, s);
        for (size_t i = 0; i < sgeo_store_segment(rig.store, s)->count; i++) {
            ck_assert_msg(isfinite(gradient[i]), "%s", sgeo_store_segment(rig.store, s)->name);
        }
        sgeo_free(gradient);
    }
    rig_close(&rig);
}
END_TEST

START_TEST(test_network_backward_without_a_gradient_vector_is_fine)
{
    struct rig rig;
    rig_open(&rig, any_graph(NETWORKS - 1), precisions[_i], &rig_plain);
    double loss = rig_gradient(&rig);
    sgeo_network_bind(rig.network, rig.theta, NULL, NULL);
    ck_assert(rig_gradient(&rig) == loss);
    rig_close(&rig);
}
END_TEST

/* --- memory ----------------------------------------------------------------------------------- */

START_TEST(test_network_activations_return_to_the_pool)
{
    for (size_t i = 0; i < NETWORKS; i += 3) {
        struct rig rig;
        rig_open(&rig, any_graph(i), precisions[_i], &rig_with_tangent);
        rig_gradient(&rig);
        size_t peak = sgeo_pool_peak(rig.pool);
        for (size_t step = 0; step < 20; step++) {
            rig_gradient(&rig);
        }
        ck_assert_uint_eq(sgeo_pool_peak(rig.pool), peak);
        sgeo_pool_trim(rig.pool); /* keeps what is still referenced */
        ck_assert_msg(sgeo_pool_bytes(rig.pool) == 0, "network %zu holds %zu bytes after backward",
                      i, sgeo_pool_bytes(rig.pool));
        rig_close(&rig);
    }
}
END_TEST

START_TEST(test_network_gives_everything_back_when_destroyed_in_the_middle)
{
    struct rig rig;
    rig_open(&rig, any_graph(NETWORKS - 1), precisions[_i], &rig_with_tangent);
    rig_ok(sgeo_network_forward(rig.network, rig.images));
    sgeo_network_destroy(rig.network);
    rig.network = NULL;
    sgeo_pool_trim(rig.pool);
    ck_assert_uint_eq(sgeo_pool_bytes(rig.pool), 0);
    rig_close(&rig);
}
END_TEST

/* Without a backward pass a chain needs a few maps, however long it is. */
START_TEST(test_network_inference_reuses_maps_along_a_chain)
{
    static const struct sgeo_network_options inference = {.batch = RIG_BATCH};
    size_t bytes[2];
    for (size_t longer = 0; longer < 2; longer++) {
        struct draft draft = {.graph = sgeo_graph_create()};
        struct rig rig;
        draft.image = sgeo_graph_input(draft.graph, RIG_CHANNELS, RIG_PIXELS, RIG_PIXELS);
        size_t x = draft_stem(&draft, 4);
        for (size_t i = 0; i < (longer == 0 ? 3 : 9); i++) {
            x = sgeo_graph_relu(draft.graph,
                                draft_norm(&draft, draft_conv(&draft, x, 4, networks_3x3), true));
        }
        x = sgeo_graph_linear(draft.graph, sgeo_graph_global_mean(draft.graph, x), "head",
                              RIG_CLASSES);
        rig_ok(sgeo_graph_finish(draft.graph, x));
        rig_open(&rig, draft.graph, precisions[_i], &inference);
        rig_loss(&rig);
        bytes[longer] = sgeo_pool_peak(rig.pool);
        rig_close(&rig);
    }
    ck_assert_uint_eq(bytes[0], bytes[1]);
}
END_TEST

/* Forward and backward passes of two networks, interleaved over one pool, equal those apart. */
START_TEST(test_network_two_on_one_pool_do_not_interact)
{
    struct rig apart[2], shared[2];
    for (size_t i = 0; i < 2; i++) {
        rig_open(&apart[i], any_graph(NETWORKS - 1 - i), precisions[_i], &rig_plain);
        rig_open(&shared[i], any_graph(NETWORKS - 1 - i), precisions[_i], &rig_plain);
        rig_gradient(&apart[i]);
    }
    sgeo_network_destroy(shared[1].network);
    rig_ok(sgeo_network_create(&shared[1].network, shared[1].graph, shared[1].store,
                               shared[1].backend, shared[0].pool, &rig_plain));
    rig_bind(&shared[1], shared[1].theta);
    double d_logits[2][RIG_BATCH * RIG_CLASSES];
    for (size_t i = 0; i < 2; i++) {
        struct sgeo_targets targets = rig_targets(&shared[i]);
        rig_ok(sgeo_network_forward(shared[i].network, shared[i].images));
        sgeo_cross_entropy(NULL, d_logits[i], sgeo_network_logits(shared[i].network), &targets,
                           RIG_BATCH, RIG_CLASSES);
    }
    for (size_t i = 0; i < 2; i++) {
        rig_ok(sgeo_network_backward(shared[i].network, d_logits[i]));
        ck_assert_mem_eq(shared[i].grad, apart[i].grad,
                         sgeo_store_total(apart[i].store) * apart[i].backend->ops->elem_bytes);
    }
    sgeo_network_destroy(shared[1].network); /* before the pool it lives in */
    shared[1].network = NULL;
    for (size_t i = 0; i < 2; i++) {
        rig_close(&apart[i]);
        rig_close(&shared[i]);
    }
}
END_TEST

/* --- the store behind it ---------------------------------------------------------------------- */

START_TEST(test_network_names_the_segment_that_the_store_lacks)
{
    struct rig rig;
    struct sgeo_network *network = NULL;
    rig_open(&rig, stem_graph(false), precisions[_i], &rig_plain);
    struct sgeo_graph *graph = stem_graph(true);
    ck_assert_int_eq(
        sgeo_network_create(&network, graph, rig.store, rig.backend, rig.pool, &rig_plain),
        SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "norm1.scale"));
    ck_assert_ptr_null(network);
    sgeo_graph_destroy(graph);
    rig_close(&rig);
}
END_TEST

/* A network on a larger store steps its own segments: theta -= lr * g there, nothing elsewhere. */
START_TEST(test_network_sgd_step_moves_its_own_segments_only)
{
    const struct sgeo_sgd sgd = {.lr = 0.5f};
    struct rig rig;
    struct sgeo_network *part = NULL;
    struct sgeo_targets targets;
    rig_open(&rig, stem_graph(true), precisions[_i], &rig_plain);
    struct sgeo_graph *graph = stem_graph(false);
    rig_ok(sgeo_network_create(&part, graph, rig.store, rig.backend, rig.pool, &rig_plain));
    void *before = sgeo_store_vector(rig.store);
    memcpy(before, rig.theta, sgeo_store_total(rig.store) * rig.backend->ops->elem_bytes);
    sgeo_network_bind(part, rig.theta, rig.grad, NULL);
    targets = rig_targets(&rig);
    rig_ok(sgeo_network_loss_gradient(part, rig.images, &targets, NULL, NULL));
    sgeo_network_sgd_step(part, rig.theta, NULL, &sgd);
    for (size_t s = 0; s < sgeo_store_count(rig.store); s++) {
        const struct sgeo_segment *segment = sgeo_store_segment(rig.store, s);
        double *old = rig_segment(rig.store, before, s), *g = rig_segment(rig.store, rig.grad, s);
        double *now = rig_segment(rig.store, rig.theta, s);
        bool own = strncmp(segment->name, "norm", 4) != 0;
        ck_assert_msg((memcmp(old, now, segment->count * sizeof *old) != 0) == own, "%s",
                      segment->name);
        for (size_t i = 0; i < segment->count; i++) {
            old[i] -= 0.5 * g[i];
        }
        rig_assert_near(now, old, segment->count, 1.0, 1e-7, segment->name);
        sgeo_free(old);
        sgeo_free(g);
        sgeo_free(now);
    }
    sgeo_free(before);
    sgeo_network_destroy(part);
    sgeo_graph_destroy(graph);
    rig_close(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("network");
    TCase *tcase = tcase_create("both precisions");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_network_training_moves_running_statistics, 0, 2);
    tcase_add_loop_test(tcase, test_network_training_normalises_by_the_batch, 0, 2);
    tcase_add_loop_test(tcase, test_network_evaluation_normalises_by_the_running_statistics, 0, 2);
    tcase_add_loop_test(tcase, test_network_evaluation_leaves_running_statistics_alone, 0, 2);
    tcase_add_loop_test(tcase, test_network_running_statistics_lie_in_order_of_the_norms, 0, 2);
    tcase_add_loop_test(
        tcase, test_network_weights_before_a_training_norm_are_orthogonal_to_their_gradient, 0, 2);
    tcase_add_loop_test(tcase, test_network_second_pass_gives_the_same_bits, 0, 2);
    tcase_add_loop_test(tcase, test_network_options_do_not_change_a_bit, 0, 2);
    tcase_add_loop_test(tcase, test_network_backward_writes_every_segment, 0, 2);
    tcase_add_loop_test(tcase, test_network_backward_without_a_gradient_vector_is_fine, 0, 2);
    tcase_add_loop_test(tcase, test_network_activations_return_to_the_pool, 0, 2);
    tcase_add_loop_test(tcase, test_network_gives_everything_back_when_destroyed_in_the_middle, 0,
                        2);
    tcase_add_loop_test(tcase, test_network_inference_reuses_maps_along_a_chain, 0, 2);
    tcase_add_loop_test(tcase, test_network_two_on_one_pool_do_not_interact, 0, 2);
    tcase_add_loop_test(tcase, test_network_names_the_segment_that_the_store_lacks, 0, 2);
    tcase_add_loop_test(tcase, test_network_sgd_step_moves_its_own_segments_only, 0, 2);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
