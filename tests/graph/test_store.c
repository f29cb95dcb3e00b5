/* The flat parameter store in both precisions (loop index 0: double, 1: float). */
#include "graph/store.h"

#include "graph/rig.h"

static const enum sgeo_precision precisions[2] = {SGEO_F64, SGEO_F32};

static struct sgeo_backend *backend;

static void open_backend(int precision)
{
    rig_ok(sgeo_backend_create(
        &backend, (struct sgeo_executor){precisions[precision], SGEO_LAYOUT_AUTO, false}));
}

/* Segment kinds and awkward channel counts; `swapped` builds the same modules in another order. */
static struct sgeo_graph *modules(bool swapped, size_t classes)
{
    struct sgeo_graph *graph = sgeo_graph_create();
    ck_assert_ptr_nonnull(graph);
    size_t image = sgeo_graph_input(graph, 3, 8, 8), branch[2] = {0, 0};
    for (size_t i = 0; i < 2; i++) {
        size_t which = swapped ? 1 - i : i;
        const char *conv = which == 0 ? "stem.conv" : "other.conv";
        const char *norm = which == 0 ? "stem.bn" : "other.bn";
        size_t x = sgeo_graph_conv(graph, image, conv, 16, (struct sgeo_conv_shape){3, 1, 1, 1});
        branch[which] = sgeo_graph_batchnorm(graph, x, norm, true);
    }
    size_t x = sgeo_graph_sum(graph, branch, 2);
    x = sgeo_graph_conv(graph, x, "grouped", 10, (struct sgeo_conv_shape){3, 1, 1, 2});
    x = sgeo_graph_conv(graph, x, "depthwise", 10, (struct sgeo_conv_shape){3, 1, 1, 10});
    x = sgeo_graph_conv(graph, x, "narrow", 5, (struct sgeo_conv_shape){1, 1, 1, 1});
    x = sgeo_graph_linear(graph, sgeo_graph_global_mean(graph, x), "head", classes);
    rig_ok(sgeo_graph_finish(graph, x));
    return graph;
}

static struct sgeo_store *store_of(const struct sgeo_graph *graph)
{
    struct sgeo_store *store = NULL;
    rig_ok(sgeo_store_create(&store, graph, backend, 2));
    return store;
}

/* What value becomes in a vector. */
static double stored(double value)
{
    return backend->ops->precision == SGEO_F64 ? value : (double)(float)value;
}

static void assert_stored(const double *got, const double *given, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        ck_assert_msg(got[i] == stored(given[i]), "%s, element %zu: %.17g of %.17g", name, i,
                      got[i], given[i]);
    }
}

static void assert_segments_equal(const struct sgeo_store *a, const void *a_vector,
                                  const struct sgeo_store *b, const void *b_vector,
                                  const char *name)
{
    size_t in_a = sgeo_store_find(a, name), in_b = sgeo_store_find(b, name);
    size_t count = sgeo_store_segment(a, in_a)->count;
    double *values = rig_segment(a, a_vector, in_a), *others = rig_segment(b, b_vector, in_b);
    ck_assert_uint_eq(sgeo_store_segment(b, in_b)->count, count);
    ck_assert_msg(memcmp(values, others, count * sizeof *values) == 0, "%s differs", name);
    sgeo_free(values);
    sgeo_free(others);
}

START_TEST(test_store_import_export_round_trip)
{
    open_backend(_i);
    struct sgeo_graph *graph = modules(false, 7);
    struct sgeo_store *store = store_of(graph);
    void *vector = sgeo_store_vector(store);
    double *values = rig_random("values", sgeo_store_logical(store), -1.0, 1.0);
    sgeo_store_import_all(store, vector, values);
    const double *next = values;
    for (size_t s = 0; s < sgeo_store_count(store); s++) {
        size_t count = sgeo_store_segment(store, s)->count;
        double *back = rig_segment(store, vector, s);
        assert_stored(back, next, count, sgeo_store_segment(store, s)->name);
        next += count;
        sgeo_free(back);
    }
    double *all = rig_zeros(sgeo_store_logical(store), sizeof *all);
    sgeo_store_export_all(store, all, vector);
    assert_stored(all, values, sgeo_store_logical(store), "all");
    sgeo_free(all);
    sgeo_free(values);
    sgeo_free(vector);
    sgeo_store_destroy(store);
    sgeo_graph_destroy(graph);
    sgeo_backend_destroy(backend);
}
END_TEST

/* Moments and dots run over whole places: what is not a parameter must not count. */
START_TEST(test_store_padding_is_zero)
{
    open_backend(_i);
    struct sgeo_graph *graph = modules(false, 7);
    struct sgeo_store *store = store_of(graph);
    void *vector = sgeo_store_vector(store);
    size_t logical = sgeo_store_logical(store);
    double *ones = rig_zeros(logical, sizeof *ones);
    for (size_t i = 0; i < logical; i++) {
        ones[i] = 1.0;
    }
    sgeo_store_import_all(store, vector, ones);
    ck_assert_uint_ge(sgeo_store_total(store), logical);
    ck_assert_double_eq(backend->ops->dot(backend, vector, vector, sgeo_store_total(store)),
                        (double)logical);
    sgeo_free(ones);
    sgeo_free(vector);
    sgeo_store_destroy(store);
    sgeo_graph_destroy(graph);
    sgeo_backend_destroy(backend);
}
END_TEST

START_TEST(test_store_places_do_not_overlap)
{
    open_backend(_i);
    struct sgeo_graph *graph = modules(false, 7);
    struct sgeo_store *store = store_of(graph);
    size_t end = 0;
    for (size_t s = 0; s < sgeo_store_count(store); s++) {
        struct sgeo_place place = sgeo_store_place(store, s);
        ck_assert_uint_ge(place.offset, end);
        ck_assert_uint_ge(place.elems, sgeo_store_segment(store, s)->count);
        end = place.offset + place.elems;
    }
    ck_assert_uint_le(end, sgeo_store_total(store));
    sgeo_store_destroy(store);
    sgeo_graph_destroy(graph);
    sgeo_backend_destroy(backend);
}
END_TEST

START_TEST(test_store_takes_room_for_a_vector)
{
    open_backend(_i);
    struct sgeo_graph *graph = modules(false, 7);
    struct sgeo_pool *pool = sgeo_pool_create();
    struct sgeo_store *store = store_of(graph);
    struct sgeo_buffer *taken = sgeo_store_take(store, pool);
    ck_assert_uint_eq(taken->bytes, sgeo_store_total(store) * backend->ops->elem_bytes);
    sgeo_pool_destroy(pool);
    sgeo_store_destroy(store);
    sgeo_graph_destroy(graph);
    sgeo_backend_destroy(backend);
}
END_TEST

/* The check values that the golden vectors' naming rules print for a [16][3][3][3] stem. */
START_TEST(test_store_formula_init_gives_the_published_check_values)
{
    static const double first[3] = {-0.1500491921396516, -0.1708147939284325, 0.12718751550997848};
    open_backend(_i);
    struct sgeo_graph *graph = modules(false, 7);
    struct sgeo_store *store = store_of(graph);
    void *vector = sgeo_store_vector(store);
    double tolerance = _i == 0 ? 1e-15 : 1e-8, sum = 0.0;
    rig_ok(sgeo_store_init_formula(store, vector));
    double *stem = rig_segment(store, vector, sgeo_store_find(store, "stem.conv.weight"));
    for (size_t i = 0; i < 432; i++) {
        sum += stem[i];
    }
    rig_assert_near(stem, first, 3, 1.0, tolerance, "stem.conv.weight");
    ck_assert_double_eq_tol(sum, -1.0325327457611129, 432 * tolerance);
    sgeo_free(stem);
    sgeo_free(vector);
    sgeo_store_destroy(store);
    sgeo_graph_destroy(graph);
    sgeo_backend_destroy(backend);
}
END_TEST

static void assert_initial(const struct sgeo_segment *segment, const double *values)
{
    double bound = 1.0 / sqrt((double)segment->fan_in);
    for (size_t i = 0; i < segment->count; i++) {
        if (segment->kind == SGEO_SEGMENT_SCALE) {
            ck_assert(values[i] == 1.0);
        } else if (segment->kind == SGEO_SEGMENT_SHIFT) {
            ck_assert(values[i] == 0.0);
        } else {
            ck_assert_msg(fabs(values[i]) <= bound * (1.0 + 1e-7), "%s, element %zu: %g over %g",
                          segment->name, i, values[i], bound);
        }
    }
}

START_TEST(test_store_init_is_bounded_by_fan_in_and_norms_are_neutral)
{
    open_backend(_i);
    struct sgeo_graph *graph = modules(false, 7);
    struct sgeo_store *store = store_of(graph);
    void *vector = sgeo_store_vector(store);
    for (size_t random = 0; random < 2; random++) {
        rig_ok(random == 0 ? sgeo_store_init_formula(store, vector)
                           : sgeo_store_init_random(store, vector, 3, 1));
        for (size_t s = 0; s < sgeo_store_count(store); s++) {
            double *values = rig_segment(store, vector, s);
            assert_initial(sgeo_store_segment(store, s), values);
            sgeo_free(values);
        }
    }
    sgeo_free(vector);
    sgeo_store_destroy(store);
    sgeo_graph_destroy(graph);
    sgeo_backend_destroy(backend);
}
END_TEST

START_TEST(test_store_random_init_does_not_depend_on_segment_order)
{
    open_backend(_i);
    struct sgeo_graph *graphs[2] = {modules(false, 7), modules(true, 7)};
    struct sgeo_store *stores[2] = {store_of(graphs[0]), store_of(graphs[1])};
    void *vectors[2];
    for (size_t i = 0; i < 2; i++) {
        vectors[i] = sgeo_store_vector(stores[i]);
        rig_ok(sgeo_store_init_random(stores[i], vectors[i], 11, 4));
    }
    ck_assert_str_ne(sgeo_store_segment(stores[0], 0)->name,
                     sgeo_store_segment(stores[1], 0)->name);
    for (size_t s = 0; s < sgeo_store_count(stores[0]); s++) {
        assert_segments_equal(stores[0], vectors[0], stores[1], vectors[1],
                              sgeo_store_segment(stores[0], s)->name);
    }
    for (size_t i = 0; i < 2; i++) {
        sgeo_free(vectors[i]);
        sgeo_store_destroy(stores[i]);
        sgeo_graph_destroy(graphs[i]);
    }
    sgeo_backend_destroy(backend);
}
END_TEST

START_TEST(test_store_random_init_differs_by_seed_index_and_segment)
{
    static const uint64_t streams[3][2] = {{11, 4}, {12, 4}, {11, 5}};
    open_backend(_i);
    struct sgeo_graph *graph = modules(false, 7);
    struct sgeo_store *store = store_of(graph);
    void *vector = sgeo_store_vector(store);
    double first[4];
    for (size_t i = 0; i < 3; i++) {
        rig_ok(sgeo_store_init_random(store, vector, streams[i][0], streams[i][1]));
        double *values = rig_segment(store, vector, sgeo_store_find(store, "stem.conv.weight"));
        double *other = rig_segment(store, vector, sgeo_store_find(store, "other.conv.weight"));
        first[i] = values[0];
        first[3] = other[0];
        ck_assert(first[i] != first[3]);
        sgeo_free(values);
        sgeo_free(other);
    }
    ck_assert(first[0] != first[1] && first[0] != first[2] && first[1] != first[2]);
    sgeo_free(vector);
    sgeo_store_destroy(store);
    sgeo_graph_destroy(graph);
    sgeo_backend_destroy(backend);
}
END_TEST

/* Layer norms start from what their builder says, whatever the rule. */
START_TEST(test_store_layer_norms_start_from_their_own_gamma)
{
    open_backend(_i);
    struct sgeo_graph *graph = sgeo_graph_create();
    size_t x = sgeo_graph_layer_norm(graph, sgeo_graph_matrix_input(graph, 12), "ln", 4, 0.17);
    x = sgeo_graph_row_norm(graph, x, "row_ln", 4);
    rig_ok(sgeo_graph_finish(graph, sgeo_graph_linear(graph, x, "head", 1)));
    struct sgeo_store *store = store_of(graph);
    void *vector = sgeo_store_vector(store);
    for (size_t random = 0; random < 2; random++) {
        graph->init = SGEO_INIT_XAVIER;
        rig_ok(random == 0 ? sgeo_store_init_formula(store, vector)
                           : sgeo_store_init_random(store, vector, 3, 1));
        static const struct {
            const char *name;
            size_t count;
            double value;
        } expected[] = {{"ln.gamma", 4, 0.17},
                        {"ln.beta", 4, 0.0},
                        {"row_ln.gamma", 3, 1.0},
                        {"row_ln.beta", 3, 0.0}};
        for (size_t e = 0; e < 4; e++) {
            size_t s = sgeo_store_find(store, expected[e].name);
            ck_assert_uint_eq(sgeo_store_segment(store, s)->count, expected[e].count);
            double *values = rig_segment(store, vector, s);
            for (size_t i = 0; i < expected[e].count; i++) {
                ck_assert(values[i] == stored(expected[e].value));
            }
            sgeo_free(values);
        }
    }
    sgeo_free(vector);
    sgeo_store_destroy(store);
    sgeo_graph_destroy(graph);
    sgeo_backend_destroy(backend);
}
END_TEST

/* Xavier: uniform up to sqrt(6/(in+out)), and near it somewhere; biases zero. */
START_TEST(test_store_xavier_init_is_bounded_by_both_fans)
{
    open_backend(_i);
    struct sgeo_graph *graph = sgeo_graph_create();
    size_t x = sgeo_graph_matrix_input(graph, 20);
    x = sgeo_graph_linear(graph, sgeo_graph_linear(graph, x, "wide", 80), "head", 1);
    rig_ok(sgeo_graph_finish(graph, x));
    graph->init = SGEO_INIT_XAVIER;
    struct sgeo_store *store = store_of(graph);
    void *vector = sgeo_store_vector(store);
    rig_ok(sgeo_store_init_random(store, vector, 3, 1));
    double *weights = rig_segment(store, vector, sgeo_store_find(store, "wide.weight"));
    double *biases = rig_segment(store, vector, sgeo_store_find(store, "wide.bias"));
    double largest = rig_largest(weights, 1600), bound = sqrt(6.0 / 100.0);
    ck_assert_msg(largest <= bound && largest > 0.98 * bound, "largest %g of %g", largest, bound);
    ck_assert_double_eq(rig_largest(biases, 80), 0.0);
    sgeo_free(weights);
    sgeo_free(biases);
    sgeo_free(vector);
    sgeo_store_destroy(store);
    sgeo_graph_destroy(graph);
    sgeo_backend_destroy(backend);
}
END_TEST

/* A store with a subset of the modules, in another order, takes what it knows and keeps the rest.
 */
START_TEST(test_store_inherits_by_name)
{
    open_backend(_i);
    struct sgeo_graph *whole = modules(false, 7), *part = sgeo_graph_create();
    size_t x = sgeo_graph_input(part, 3, 8, 8);
    x = sgeo_graph_conv(part, x, "own", 16, (struct sgeo_conv_shape){1, 1, 1, 1});
    x = sgeo_graph_conv(part, x, "grouped", 10, (struct sgeo_conv_shape){3, 1, 1, 2});
    x = sgeo_graph_batchnorm(part, x, "own.bn", true);
    x = sgeo_graph_conv(part, x, "narrow", 5, (struct sgeo_conv_shape){1, 1, 1, 1});
    rig_ok(sgeo_graph_finish(part,
                             sgeo_graph_linear(part, sgeo_graph_global_mean(part, x), "head", 7)));
    struct sgeo_store *from = store_of(whole), *to = store_of(part);
    void *from_vector = sgeo_store_vector(from), *to_vector = sgeo_store_vector(to);
    void *before = sgeo_store_vector(to);
    rig_ok(sgeo_store_init_random(from, from_vector, 1, 0));
    rig_ok(sgeo_store_init_random(to, to_vector, 2, 0));
    rig_ok(sgeo_store_init_random(to, before, 2, 0));
    rig_ok(sgeo_store_inherit(to, to_vector, from, from_vector));
    for (size_t s = 0; s < sgeo_store_count(to); s++) {
        const char *name = sgeo_store_segment(to, s)->name;
        bool shared = sgeo_store_find(from, name) != SGEO_NONE;
        ck_assert_int_eq(shared, strncmp(name, "own", 3) != 0);
        assert_segments_equal(to, to_vector, shared ? from : to, shared ? from_vector : before,
                              name);
    }
    sgeo_free(from_vector);
    sgeo_free(to_vector);
    sgeo_free(before);
    sgeo_store_destroy(from);
    sgeo_store_destroy(to);
    sgeo_graph_destroy(whole);
    sgeo_graph_destroy(part);
    sgeo_backend_destroy(backend);
}
END_TEST

/* Two convolutions and a head, `wide` channels between them. */
static struct sgeo_graph *chain(size_t wide)
{
    struct sgeo_graph *graph = sgeo_graph_create();
    ck_assert_ptr_nonnull(graph);
    size_t x = sgeo_graph_input(graph, 3, 8, 8);
    x = sgeo_graph_conv(graph, x, "first", wide, (struct sgeo_conv_shape){3, 1, 1, 1});
    x = sgeo_graph_batchnorm(graph, x, "norm", true);
    x = sgeo_graph_conv(graph, x, "second", wide, (struct sgeo_conv_shape){3, 1, 1, 1});
    x = sgeo_graph_linear(graph, sgeo_graph_global_mean(graph, x), "head", 5);
    rig_ok(sgeo_graph_finish(graph, x));
    return graph;
}

enum { WIDE = 21, NARROW = 13 };

/* Where element i of a narrow chain's segment lies in the wide one's. */
static size_t place_in_wide(const struct sgeo_segment *narrow, const struct sgeo_segment *wide,
                            size_t i)
{
    return sgeo_segment_in_l(narrow) ? i / narrow->fan_in * wide->fan_in + i % narrow->fan_in : i;
}

START_TEST(test_store_inherits_first_channels_and_hands_them_back)
{
    open_backend(_i);
    struct sgeo_graph *wide = chain(WIDE), *narrow = chain(NARROW);
    struct sgeo_store *from = store_of(wide), *to = store_of(narrow);
    void *whole = sgeo_store_vector(from), *part = sgeo_store_vector(to);
    double *start = rig_random("start", sgeo_store_logical(from), -1.0, 1.0);
    double *moved = rig_random("moved", sgeo_store_logical(to), -1.0, 1.0);
    sgeo_store_import_all(from, whole, start);
    rig_ok(sgeo_store_inherit(to, part, from, whole));
    const double *before = start, *next = moved;
    for (size_t s = 0; s < sgeo_store_count(to); s++) {
        const struct sgeo_segment *few = sgeo_store_segment(to, s);
        const struct sgeo_segment *many = sgeo_store_segment(from, s);
        double *got = rig_segment(to, part, s);
        for (size_t i = 0; i < few->count; i++) {
            ck_assert(got[i] == stored(before[place_in_wide(few, many, i)]));
        }
        before += many->count;
        sgeo_free(got);
    }
    sgeo_store_import_all(to, part, moved);
    rig_ok(sgeo_store_hand_back(from, whole, to, part));
    before = start;
    for (size_t s = 0; s < sgeo_store_count(to); s++) {
        const struct sgeo_segment *few = sgeo_store_segment(to, s);
        const struct sgeo_segment *many = sgeo_store_segment(from, s);
        double *got = rig_segment(from, whole, s), *expected = rig_zeros(many->count, sizeof *got);
        memcpy(expected, before, many->count * sizeof *expected);
        for (size_t i = 0; i < few->count; i++) {
            expected[place_in_wide(few, many, i)] = next[i];
        }
        assert_stored(got, expected, many->count, many->name);
        before += many->count;
        next += few->count;
        sgeo_free(got);
        sgeo_free(expected);
    }
    sgeo_free(start);
    sgeo_free(moved);
    sgeo_free(whole);
    sgeo_free(part);
    sgeo_store_destroy(from);
    sgeo_store_destroy(to);
    sgeo_graph_destroy(wide);
    sgeo_graph_destroy(narrow);
    sgeo_backend_destroy(backend);
}
END_TEST

START_TEST(test_store_refuses_what_is_too_narrow)
{
    open_backend(_i);
    struct sgeo_graph *wide = chain(WIDE), *narrow = chain(NARROW);
    struct sgeo_store *few = store_of(narrow), *many = store_of(wide);
    void *part = sgeo_store_vector(few), *whole = sgeo_store_vector(many);
    struct sgeo_pool *pool = sgeo_pool_create();
    struct sgeo_network *network = NULL;
    ck_assert_int_eq(sgeo_store_inherit(many, whole, few, part), SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "first.weight (21,3,9) is no part of"));
    ck_assert(sgeo_store_is_wider(many, narrow) && !sgeo_store_is_wider(many, wide));
    ck_assert_int_eq(sgeo_network_create(&network, narrow, many, backend, pool, &rig_plain),
                     SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "first.weight of the parameter store has"));
    sgeo_pool_destroy(pool);
    sgeo_free(part);
    sgeo_free(whole);
    sgeo_store_destroy(few);
    sgeo_store_destroy(many);
    sgeo_graph_destroy(wide);
    sgeo_graph_destroy(narrow);
    sgeo_backend_destroy(backend);
}
END_TEST

START_TEST(test_store_finds_segments_by_their_whole_name)
{
    open_backend(_i);
    struct sgeo_graph *graph = modules(false, 7);
    struct sgeo_store *store = store_of(graph);
    ck_assert_str_eq(sgeo_store_segment(store, sgeo_store_find(store, "head.bias"))->name,
                     "head.bias");
    ck_assert_uint_eq(sgeo_store_find(store, "head"), SGEO_NONE);
    ck_assert_uint_eq(sgeo_store_find(store, "head.bias2"), SGEO_NONE);
    sgeo_store_destroy(store);
    sgeo_graph_destroy(graph);
    sgeo_backend_destroy(backend);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store");
    TCase *tcase = tcase_create("both precisions");
    tcase_add_loop_test(tcase, test_store_import_export_round_trip, 0, 2);
    tcase_add_loop_test(tcase, test_store_padding_is_zero, 0, 2);
    tcase_add_loop_test(tcase, test_store_places_do_not_overlap, 0, 2);
    tcase_add_loop_test(tcase, test_store_takes_room_for_a_vector, 0, 2);
    tcase_add_loop_test(tcase, test_store_formula_init_gives_the_published_check_values, 0, 2);
    tcase_add_loop_test(tcase, test_store_init_is_bounded_by_fan_in_and_norms_are_neutral, 0, 2);
    tcase_add_loop_test(tcase, test_store_random_init_does_not_depend_on_segment_order, 0, 2);
    tcase_add_loop_test(tcase, test_store_random_init_differs_by_seed_index_and_segment, 0, 2);
    tcase_add_loop_test(tcase, test_store_layer_norms_start_from_their_own_gamma, 0, 2);
    tcase_add_loop_test(tcase, test_store_xavier_init_is_bounded_by_both_fans, 0, 2);
    tcase_add_loop_test(tcase, test_store_inherits_by_name, 0, 2);
    tcase_add_loop_test(tcase, test_store_inherits_first_channels_and_hands_them_back, 0, 2);
    tcase_add_loop_test(tcase, test_store_refuses_what_is_too_narrow, 0, 2);
    tcase_add_loop_test(tcase, test_store_finds_segments_by_their_whole_name, 0, 2);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
