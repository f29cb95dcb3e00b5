/* Hand-crafted recommender models: sizes against those of the golden vectors and by hand, names,
 * and what makes no network. */
#include "space/ctr_models.h"

#include "space/rig.h"

static struct sgeo_graph *built(enum sgeo_ctr_model model, size_t dense, size_t fields,
                                const struct sgeo_ctr_sizes *sizes)
{
    const struct sgeo_feature_layout features = sgeo_ctr_features(model, dense, fields);
    struct sgeo_graph *graph = NULL;
    rig_ok(sgeo_ctr_build(&graph, model, &features, sizes));
    return graph;
}

static size_t parameters(enum sgeo_ctr_model model, size_t dense, size_t fields)
{
    const struct sgeo_ctr_sizes sizes = sgeo_ctr_standard_sizes(model);
    struct sgeo_graph *graph = built(model, dense, fields, &sizes);
    struct sgeo_counts counts;
    sgeo_graph_count(&counts, graph);
    sgeo_graph_destroy(graph);
    return counts.params;
}

/* Besides the embeddings, on Criteo's features (golden vectors; DLRM: also the spec). */
START_TEST(test_ctr_models_have_the_published_parameters)
{
    ck_assert_uint_eq(parameters(SGEO_CTR_DLRM, 13, 26), 475985);
    ck_assert_uint_eq(parameters(SGEO_CTR_DEEPFM, 13, 26), 143118);
    ck_assert_uint_eq(parameters(SGEO_CTR_XDEEPFM, 13, 26), 272878);
    ck_assert_uint_eq(parameters(SGEO_CTR_AUTOINT_PLUS, 13, 26), 146606);
}
END_TEST

/* On x (429): three cross layers, the deep part, and the output of both. */
START_TEST(test_ctr_dcnv2_has_the_parameters_counted_by_hand)
{
    size_t cross = 3 * (429 * 429 + 429), deep = 429 * 256 + 256 + 256 * 128 + 128;
    ck_assert_uint_eq(parameters(SGEO_CTR_DCNV2, 13, 26), cross + deep + 429 + 128 + 1);
}
END_TEST

START_TEST(test_ctr_models_take_the_features_of_any_data_set)
{
    size_t bottom = 3 * 512 + 512 + 512 * 256 + 256 + 256 * 64 + 64 + 64 * 16 + 16;
    size_t top = (16 + 55) * 512 + 512 + 512 * 256 + 256 + 256 + 1; /* 11 rows, 55 pairs */
    ck_assert_uint_eq(parameters(SGEO_CTR_DLRM, 3, 10), bottom + top);
    size_t mlp = (23 * 16 + 1) * 256 + 256 + 256 * 128 + 128;
    ck_assert_uint_eq(parameters(SGEO_CTR_DEEPFM, 1, 23), mlp + 128 + 1 + 1);
}
END_TEST

START_TEST(test_ctr_models_are_found_by_name)
{
    static const char *const names[SGEO_CTR_MODELS] = {"dlrm", "deepfm", "xdeepfm", "autoint_plus",
                                                       "dcnv2"};
    for (size_t m = 0; m < SGEO_CTR_MODELS; m++) {
        ck_assert_uint_eq(sgeo_ctr_find(names[m]), m);
        ck_assert_str_eq(sgeo_ctr_name((enum sgeo_ctr_model)m), names[m]);
    }
    ck_assert_int_eq(sgeo_ctr_find("dlrm2"), SGEO_CTR_MODELS);
    ck_assert_int_eq(sgeo_ctr_find(""), SGEO_CTR_MODELS);
}
END_TEST

START_TEST(test_ctr_models_with_a_linear_part_have_first_order_weights)
{
    for (size_t m = 0; m < SGEO_CTR_MODELS; m++) {
        bool linear = m != SGEO_CTR_DLRM && m != SGEO_CTR_DCNV2;
        ck_assert_int_eq(sgeo_ctr_features((enum sgeo_ctr_model)m, 13, 26).first_order, linear);
    }
}
END_TEST

/* One hidden layer and a CIN of three layers with odd halves. */
START_TEST(test_ctr_sizes_are_the_callers)
{
    struct sgeo_ctr_sizes sizes = {.mlp = {1, {8}}, .cin = {3, {5, 4, 3}}};
    struct sgeo_graph *graph = built(SGEO_CTR_XDEEPFM, 2, 3, &sizes);
    struct sgeo_counts counts;
    sgeo_graph_count(&counts, graph);
    size_t cin = 5 * 9 + 5 + 4 * (2 * 3) + 4 + 3 * (2 * 3) + 3; /* halves of 2 go on */
    size_t mlp = 50 * 8 + 8, out = 8, cin_out = 3 + 2 + 3, linear = 2 + 1;
    ck_assert_uint_eq(counts.params, cin + mlp + out + cin_out + linear);
    sgeo_graph_destroy(graph);
}
END_TEST

START_TEST(test_ctr_sizes_that_make_no_network_are_refused)
{
    static const struct {
        enum sgeo_ctr_model model;
        struct sgeo_ctr_sizes sizes;
    } wrong[] = {{SGEO_CTR_DLRM, {.mlp = {1, {8}}}},                        /* no bottom */
                 {SGEO_CTR_DLRM, {.bottom = {1, {15}}, .mlp = {1, {8}}}},   /* ends with 15 */
                 {SGEO_CTR_XDEEPFM, {.mlp = {1, {8}}}},                     /* no CIN */
                 {SGEO_CTR_XDEEPFM, {.mlp = {1, {8}}, .cin = {2, {1, 4}}}}, /* half of 1 */
                 {SGEO_CTR_DEEPFM, {.mlp = {2, {8, 0}}}}};                  /* a layer of 0 */
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const struct sgeo_feature_layout features = sgeo_ctr_features(wrong[i].model, 13, 26);
        struct sgeo_graph *graph = NULL;
        ck_assert_int_eq(sgeo_ctr_build(&graph, wrong[i].model, &features, &wrong[i].sizes),
                         SGEO_USAGE);
        ck_assert_ptr_null(graph);
    }
}
END_TEST

START_TEST(test_ctr_features_of_another_model_are_refused)
{
    const struct sgeo_feature_layout features = sgeo_ctr_features(SGEO_CTR_DLRM, 13, 26);
    const struct sgeo_ctr_sizes sizes = sgeo_ctr_standard_sizes(SGEO_CTR_DEEPFM);
    struct sgeo_graph *graph = NULL;
    ck_assert_int_eq(sgeo_ctr_build(&graph, SGEO_CTR_DEEPFM, &features, &sizes), SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "deepfm: these features"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ctr models");
    TCase *tcase = tcase_create("ctr models");
    tcase_add_test(tcase, test_ctr_models_have_the_published_parameters);
    tcase_add_test(tcase, test_ctr_dcnv2_has_the_parameters_counted_by_hand);
    tcase_add_test(tcase, test_ctr_models_take_the_features_of_any_data_set);
    tcase_add_test(tcase, test_ctr_models_are_found_by_name);
    tcase_add_test(tcase, test_ctr_models_with_a_linear_part_have_first_order_weights);
    tcase_add_test(tcase, test_ctr_sizes_are_the_callers);
    tcase_add_test(tcase, test_ctr_sizes_that_make_no_network_are_refused);
    tcase_add_test(tcase, test_ctr_features_of_another_model_are_refused);
    suite_add_tcase(suite, tcase);
    return rig_run(suite);
}
