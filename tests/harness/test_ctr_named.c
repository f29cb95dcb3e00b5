/* Models by name: every name, its one text, its network; and what is none. */
#include "harness/ctr_named.h"

#include "base/suite.h"
#include "graph/store.h"

static void ok(enum sgeo_status status)
{
    ck_assert_msg(status == SGEO_OK, "%s", sgeo_error_text());
}

static size_t params_of(const char *name, size_t dense, size_t fields)
{
    struct sgeo_ctr_named model;
    struct sgeo_feature_layout features;
    struct sgeo_graph *graph = NULL;
    struct sgeo_counts counts;
    ok(sgeo_ctr_named_parse(&model, name));
    ok(sgeo_ctr_named_build(&graph, &features, &model, dense, fields));
    ck_assert_uint_eq(features.dense, dense);
    ck_assert_uint_eq(features.fields, fields);
    sgeo_graph_count(&counts, graph);
    sgeo_graph_destroy(graph);
    return (size_t)counts.params;
}

/* Spec nasrec, sections 3 and 4. */
START_TEST(test_ctr_named_models_have_the_published_sizes)
{
    ck_assert_uint_eq(params_of("criteo-small", 13, 26), 1779720);
    ck_assert_uint_eq(params_of("kdd-full", 3, 10), 438461);
    ck_assert_uint_eq(params_of("dlrm", 13, 26), 475985);
}
END_TEST

START_TEST(test_ctr_named_text_names_the_same_model)
{
    static const char *const names[] = {"dlrm",       "deepfm",       "xdeepfm",     "autoint_plus",
                                        "dcnv2",      "criteo-small", "criteo-full", "avazu-small",
                                        "avazu-full", "kdd-small",    "kdd-full"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct sgeo_ctr_named model, again;
        char text[SGEO_NASREC_TEXT_MAX], text_again[SGEO_NASREC_TEXT_MAX];
        ok(sgeo_ctr_named_parse(&model, names[i]));
        sgeo_ctr_named_text(text, &model);
        ok(sgeo_ctr_named_parse(&again, text));
        sgeo_ctr_named_text(text_again, &again);
        ck_assert_str_eq(text, text_again);
        ck_assert_int_eq(sgeo_ctr_named_space(&model),
                         strstr(names[i], "full") != NULL ? SGEO_NASREC_FULL : SGEO_NASREC_SMALL);
    }
}
END_TEST

START_TEST(test_ctr_named_refuses_what_is_no_model)
{
    struct sgeo_ctr_named model;
    ck_assert_int_eq(sgeo_ctr_named_parse(&model, "dlrm2"), SGEO_USAGE);
    ck_assert_ptr_nonnull(strstr(sgeo_error_hint(), "autoint_plus"));
    ck_assert_int_eq(sgeo_ctr_named_parse(&model, ""), SGEO_USAGE);
    ck_assert_int_eq(sgeo_ctr_named_parse(&model, "nasrec-small F,E|256"), SGEO_USAGE);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("ctr_named");
    tcase_add_test(tcase, test_ctr_named_models_have_the_published_sizes);
    tcase_add_test(tcase, test_ctr_named_text_names_the_same_model);
    tcase_add_test(tcase, test_ctr_named_refuses_what_is_no_model);
    return run_case("ctr_named", tcase);
}
