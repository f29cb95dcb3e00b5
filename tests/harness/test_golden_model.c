/* Golden records of recommender models: rebuilt from their names, or refused. */
#include "base/hash.h"
#include "harness/golden.h"
#include "harness/rig.h"

#define BLOCK(op)                                                                                  \
    "{\"ops\": [\"" op "\", \"efc\"], \"dense_dim\": 32, \"sparse_dim\": 16,"                      \
    " \"dense_to_sparse\": 0, \"fm\": 1, \"dense_idx\": [0], \"sparse_idx\": [0], \"left\": 0,"    \
    " \"right\": 0}"

static const char nasrec[] =
    "{\"name\": \"x\", \"model\": \"nasrec\", \"dense_inputs\": 3, \"sparse_fields\": 10,"
    " \"rows_per_field\": 7, \"batch\": 12, \"space\": \"full\", \"use_layernorm\": true,"
    " \"blocks\": [" BLOCK("fc") "," BLOCK("dot") "," BLOCK("gate") "," BLOCK("sum") "," BLOCK(
        "fc") "," BLOCK("fc") "," BLOCK("fc") "]}";

static const char deepfm[] = "{\"name\": \"y\", \"model\": \"deepfm\", \"dense_inputs\": 3,"
                             " \"sparse_fields\": 10, \"rows_per_field\": 7, \"batch\": 12}";

static json_t *parse(const char *text)
{
    json_error_t error;
    json_t *object = json_loads(text, JSON_DECODE_ANY, &error);
    ck_assert_msg(object != NULL, "%s", error.text);
    return object;
}

static bool has_segment(const struct sgeo_graph *graph, const char *name)
{
    bool found = false;
    for (size_t s = 0; s < graph->n_segments; s++) {
        found |= strcmp(graph->segments[s].name, name) == 0;
    }
    return found;
}

START_TEST(test_golden_model_follows_the_formulas)
{
    struct sgeo_golden golden;
    json_t *object = parse(nasrec);
    ck_assert_msg(sgeo_golden_model(&golden, object) == SGEO_OK, "%s", sgeo_error_text());
    const struct sgeo_golden_features *features = golden.features;
    ck_assert_str_eq(golden.name, "x");
    ck_assert_uint_eq(golden.batch, 12);
    ck_assert_uint_eq(golden.k, 4);
    ck_assert_uint_eq(features->rows, 7);
    ck_assert_uint_eq(features->layout.dense, 3);
    ck_assert_uint_eq(features->layout.fields, 10);
    ck_assert_ptr_null(golden.images);
    for (size_t n = 0; n < 12; n++) {
        for (size_t j = 0; j < 3; j++) {
            ck_assert_double_eq(features->dense[n * 3 + j],
                                4.0 * sgeo_hash_uniform(sgeo_fnv1a("dense"), n * 3 + j));
        }
        for (size_t f = 0; f < 10; f++) { /* by field, then by sample */
            ck_assert_int_eq(features->indices[f * 12 + n],
                             (int32_t)(7.0 * sgeo_hash_uniform(sgeo_fnv1a("sparse"), n * 10 + f)));
        }
        ck_assert_uint_eq(golden.labels[n],
                          (uint16_t)(2.0 * sgeo_hash_uniform(sgeo_fnv1a("label"), n)));
    }
    sgeo_golden_clear(&golden);
    json_decref(object);
}
END_TEST

START_TEST(test_golden_model_builds_the_blocks_it_holds)
{
    struct sgeo_golden golden;
    json_t *object = parse(nasrec);
    ck_assert_int_eq(sgeo_golden_model(&golden, object), SGEO_OK);
    ck_assert(has_segment(golden.graph, "block2.dot.out_ln.gamma"));
    ck_assert(has_segment(golden.graph, "block3.gate.self.weight"));
    ck_assert(has_segment(golden.graph, "block4.sum.ln.beta"));
    ck_assert(!has_segment(golden.graph, "block1.fc.linear.bias"));
    sgeo_golden_clear(&golden);
    json_object_set_new(object, "use_layernorm", json_false());
    ck_assert_int_eq(sgeo_golden_model(&golden, object), SGEO_OK);
    ck_assert(!has_segment(golden.graph, "block2.dot.out_ln.gamma"));
    ck_assert(has_segment(golden.graph, "block1.fc.linear.bias"));
    sgeo_golden_clear(&golden);
    json_decref(object);
}
END_TEST

START_TEST(test_golden_model_takes_features_from_its_data_set)
{
    static const struct {
        const char *name;
        size_t dense, fields;
    } sets[] = {{"criteo", 13, 26}, {"avazu", 1, 23}, {"kdd", 3, 10}};
    json_t *object = parse(deepfm);
    json_object_del(object, "dense_inputs");
    json_object_del(object, "sparse_fields");
    for (size_t i = 0; i < 3; i++) {
        struct sgeo_golden golden;
        json_object_set_new(object, "dataset_layout", json_string(sets[i].name));
        ck_assert_int_eq(sgeo_golden_model(&golden, object), SGEO_OK);
        ck_assert_uint_eq(golden.features->layout.dense, sets[i].dense);
        ck_assert_uint_eq(golden.features->layout.fields, sets[i].fields);
        sgeo_golden_clear(&golden);
    }
    json_decref(object);
}
END_TEST

/* Hidden layers are the record's where it tells their shapes. */
START_TEST(test_golden_model_reads_layer_sizes)
{
    struct sgeo_golden golden;
    struct sgeo_counts counts;
    json_t *object = parse(deepfm);
    json_object_set_new(object, "tensor_shapes",
                        parse("{\"mlp0.weight\": [5, 163], \"mlp1.weight\": [6, 5]}"));
    ck_assert_int_eq(sgeo_golden_model(&golden, object), SGEO_OK);
    sgeo_graph_count(&counts, golden.graph);
    ck_assert_uint_eq(counts.params, 163 * 5 + 5 + 5 * 6 + 6 + 6 + 3 + 1);
    sgeo_golden_clear(&golden);
    json_object_set_new(object, "model", json_string("dlrm"));
    json_object_set_new(object, "tensor_shapes",
                        parse("{\"bottom0.weight\": [16, 3], \"top0.weight\": [4, 71],"
                              " \"top1.weight\": [1, 4]}"));
    ck_assert_int_eq(sgeo_golden_model(&golden, object), SGEO_OK);
    sgeo_graph_count(&counts, golden.graph);
    ck_assert_uint_eq(counts.params, 3 * 16 + 16 + 71 * 4 + 4 + 5);
    sgeo_golden_clear(&golden);
    json_decref(object);
}
END_TEST

START_TEST(test_golden_model_incomplete_records_are_io)
{
    static const struct {
        const char *key, *value;
    } damages[] = {{"name", "1"},
                   {"model", "null"},
                   {"dense_inputs", "0"},
                   {"sparse_fields", "\"10\""},
                   {"sparse_fields", "1000"},
                   {"rows_per_field", "-7"},
                   {"rows_per_field", "0.5"},
                   {"batch", "0"},
                   {"batch", "10"}, /* no four equal parts */
                   {"batch", "65537"},
                   {"use_layernorm", "1"}};
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct sgeo_golden golden;
        json_t *object = parse(nasrec);
        json_object_set_new(object, damages[i].key, parse(damages[i].value));
        ck_assert_msg(sgeo_golden_model(&golden, object) == SGEO_IO, "%s: %s", damages[i].key,
                      damages[i].value);
        assert_error_has("incomplete");
        ck_assert_ptr_null(strchr(sgeo_error_text(), '\n'));
        sgeo_golden_clear(&golden);
        json_decref(object);
    }
}
END_TEST

/* Architectures are read as architecture files are. */
START_TEST(test_golden_model_malformed_architectures_are_usage)
{
    static const struct {
        const char *key, *value, *words;
    } damages[] = {{"ops", "[\"fc\"]", "the record: blocks[4].ops"},
                   {"ops", "[\"efc\", \"efc\"]", "the record: blocks[4].ops[0]"},
                   {"dense_dim", "65536", "the record: blocks[4].dense_dim"},
                   {"fm", "2", "the record: blocks[4].fm"},
                   {"dense_idx", "[]", "the record: blocks[4].dense_idx"},
                   {"sparse_idx", "[5]", "the record: blocks[4].sparse_idx"},
                   {"left", "null", "the record: blocks[4].left"}};
    struct sgeo_golden golden;
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        json_t *object = parse(nasrec);
        json_object_set_new(json_array_get(json_object_get(object, "blocks"), 4), damages[i].key,
                            parse(damages[i].value));
        ck_assert_msg(sgeo_golden_model(&golden, object) == SGEO_USAGE, "%s: %s", damages[i].key,
                      damages[i].value);
        assert_error_has(damages[i].words);
        sgeo_golden_clear(&golden);
        json_decref(object);
    }
    json_t *object = parse(nasrec);
    json_object_del(object, "blocks");
    ck_assert_int_eq(sgeo_golden_model(&golden, object), SGEO_USAGE);
    assert_error_has("the record: blocks");
    sgeo_golden_clear(&golden);
    json_decref(object);
}
END_TEST

START_TEST(test_golden_model_of_another_kind_is_usage)
{
    struct sgeo_golden golden;
    json_t *object = parse(deepfm);
    json_object_set_new(object, "model", json_string("widedeep"));
    ck_assert_int_eq(sgeo_golden_model(&golden, object), SGEO_USAGE);
    assert_error_has("unknown model widedeep");
    sgeo_golden_clear(&golden);
    json_decref(object);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("golden model");
    tcase_add_test(tcase, test_golden_model_follows_the_formulas);
    tcase_add_test(tcase, test_golden_model_builds_the_blocks_it_holds);
    tcase_add_test(tcase, test_golden_model_takes_features_from_its_data_set);
    tcase_add_test(tcase, test_golden_model_reads_layer_sizes);
    tcase_add_test(tcase, test_golden_model_incomplete_records_are_io);
    tcase_add_test(tcase, test_golden_model_malformed_architectures_are_usage);
    tcase_add_test(tcase, test_golden_model_of_another_kind_is_usage);
    return run_case("golden model", tcase);
}
