/* Golden records: rebuilt from their names, or refused. */
#include "base/hash.h"
#include "harness/golden.h"
#include "harness/rig.h"

static const char whole[] =
    "{\"name\": \"x\", \"arch\": \"|none~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|\","
    " \"input\": [3, 16], \"classes\": 120, \"batch\": 4, \"k\": 2}";

static json_t *parse(const char *text)
{
    json_error_t error;
    json_t *object = json_loads(text, 0, &error);
    ck_assert_msg(object != NULL, "%s", error.text);
    return object;
}

START_TEST(test_golden_nb201_record_follows_the_formulas)
{
    struct sgeo_golden golden;
    json_t *object = parse(whole);
    ck_assert_int_eq(sgeo_golden_network(&golden, "nb201", object), SGEO_OK);
    ck_assert_str_eq(golden.name, "x");
    ck_assert_uint_eq(golden.batch, 4);
    ck_assert_uint_eq(golden.k, 2);
    ck_assert_uint_eq(golden.graph->nodes[0].height, 16);
    for (size_t j = 0; j < 4 * 3 * 16 * 16;
         j++) { /* sqrt(3)(2u-1) is within +-sqrt(3) and increasing in u */
        double u = sgeo_hash_uniform(sgeo_fnv1a("input"), j);
        ck_assert_double_eq_tol(golden.images[j], 1.7320508075688772 * (2.0 * u - 1.0), 1e-15);
    }
    for (size_t n = 0; n < 4; n++) {
        ck_assert_uint_eq(golden.labels[n],
                          (size_t)(10.0 * sgeo_hash_uniform(sgeo_fnv1a("label"), n)));
    }
    sgeo_golden_clear(&golden);
    json_decref(object);
}
END_TEST

START_TEST(test_golden_tnb101_record_is_found_under_the_files_name)
{
    struct sgeo_golden golden;
    json_t *object = parse(whole);
    json_object_set_new(object, "arch", json_string("64-41414-1_02_333"));
    json_object_set_new(object, "input", json_pack("[i,i]", 3, 64));
    ck_assert(sgeo_golden_knows("tnb101_micro") && !sgeo_golden_knows("tnb101"));
    ck_assert_int_eq(sgeo_golden_network(&golden, "tnb101_micro", object), SGEO_OK);
    ck_assert_str_eq(golden.space->name, "tnb101");
    ck_assert_uint_eq(golden.config.image_size, 64);
    ck_assert_double_eq(golden.graph->log_offset, 1e-5);
    sgeo_golden_clear(&golden);
    json_decref(object);
}
END_TEST

START_TEST(test_golden_incomplete_records_are_io)
{
    static const struct {
        const char *key, *value;
    } damages[] = {{"name", "1"},
                   {"arch", "null"},
                   {"input", "[3]"},
                   {"input", "[1, 16]"},
                   {"batch", "0"},
                   {"batch", "5"},
                   {"k", "0"},
                   {"classes", "-1"},
                   {"k", "\"2\""},
                   {"input", "[3, 4096]"},
                   {"input", "\"3x16\""},
                   {"input", "[3, 16, 24]"},
                   {"classes", "1"}};
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct sgeo_golden golden;
        json_t *object = parse(whole);
        json_object_set_new(object, damages[i].key,
                            json_loads(damages[i].value, JSON_DECODE_ANY, NULL));
        ck_assert_msg(sgeo_golden_network(&golden, "nb201", object) == SGEO_IO, "%s: %s",
                      damages[i].key, damages[i].value);
        assert_error_has("incomplete");
        sgeo_golden_clear(&golden);
        json_decref(object);
    }
}
END_TEST

START_TEST(test_golden_malformed_architecture_is_usage)
{
    struct sgeo_golden golden;
    json_t *object = parse(whole);
    json_object_set_new(object, "arch", json_string("|none~0|"));
    ck_assert_int_eq(sgeo_golden_network(&golden, "nb201", object), SGEO_USAGE);
    sgeo_golden_clear(&golden);
    json_decref(object);
}
END_TEST

static const char cell[] =
    "{\"name\": \"x\", \"matrix\": [[0,1,1,1],[0,0,0,0],[0,0,0,1],[0,0,0,0]],"
    " \"ops\": [\"in\", \"c3\", \"mp\", \"out\"], \"input\": [3, 8], \"classes\": 10,"
    " \"batch\": 2, \"k\": 2}";

START_TEST(test_golden_nb101_record_is_pruned)
{
    struct sgeo_golden golden;
    json_t *object = parse(cell);
    json_t *facts = parse("{\"pruned_matrix\": [[0,1,1],[0,0,1],[0,0,0]],"
                          " \"pruned_ops\": [\"in\", \"mp\", \"out\"]}");
    ck_assert_msg(sgeo_golden_network(&golden, "nb101", object) == SGEO_OK, "%s",
                  sgeo_error_text());
    const json_t *channels = json_object_get(golden.facts, "vertex_channels_per_module");
    ck_assert_uint_eq(json_array_size(channels), 9);
    ck_assert_int_eq(json_integer_value(json_array_get(json_array_get(channels, 3), 0)), 128);
    ck_assert_int_eq(json_integer_value(json_array_get(json_array_get(channels, 3), 1)), 256);
    json_object_del(golden.facts, "vertex_channels_per_module");
    ck_assert(json_equal(golden.facts, facts));
    sgeo_golden_clear(&golden);
    json_decref(object);
    json_decref(facts);
}
END_TEST

START_TEST(test_golden_nb101_record_without_a_cell_is_refused)
{
    static const struct {
        const char *key, *value;
        enum sgeo_status status;
    } damages[] = {{"matrix", "null", SGEO_IO},
                   {"matrix", "[[0,1],[0,0]]", SGEO_IO},
                   {"matrix", "[[0,1,1,1],[0,0,0],[0,0,0,1],[0,0,0,0]]", SGEO_IO},
                   {"ops", "[1,2,3,4,5,6,7,8]", SGEO_IO},
                   {"ops", "[\"in\", \"c3\", \"c5\", \"out\"]", SGEO_USAGE},
                   {"ops", "[\"in\", \"c3\", null, \"out\"]", SGEO_USAGE},
                   {"matrix", "[[0,1,1,-1],[0,0,0,0],[0,0,0,1],[0,0,0,0]]", SGEO_USAGE},
                   {"matrix", "[[0,1,0,0],[0,0,0,0],[0,0,0,1],[0,0,0,0]]", SGEO_USAGE},
                   {"matrix", "[[0,1,1,1],[0,0,0,0],[0,1,0,1],[0,0,0,0]]", SGEO_USAGE}};
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct sgeo_golden golden;
        json_t *object = parse(cell);
        json_object_set_new(object, damages[i].key,
                            json_loads(damages[i].value, JSON_DECODE_ANY, NULL));
        ck_assert_msg(sgeo_golden_network(&golden, "nb101", object) == damages[i].status, "%s: %s",
                      damages[i].key, damages[i].value);
        sgeo_golden_clear(&golden);
        json_decref(object);
    }
}
END_TEST

#define NB301_CELL                                                                                 \
    "[[0, \"sep_conv_3x3\"], [1, \"skip_connect\"], [2, \"max_pool_3x3\"], [0, \"dil_conv_5x5\"]," \
    " [3, \"avg_pool_3x3\"], [1, \"sep_conv_5x5\"], [4, \"skip_connect\"], [2, \"dil_conv_3x3\"]]"

static const char nb301[] = "{\"name\": \"y\", \"normal\": " NB301_CELL ", \"reduce\": " NB301_CELL
                            ", \"input\": [3, 16], \"classes\": 10, \"batch\": 2, \"k\": 2}";

START_TEST(test_golden_nb301_record_holds_two_cells)
{
    struct sgeo_golden golden;
    json_t *object = parse(nb301);
    ck_assert_msg(sgeo_golden_network(&golden, "nb301", object) == SGEO_OK, "%s",
                  sgeo_error_text());
    ck_assert_uint_eq(golden.graph->nodes[golden.graph->features].channels, 512);
    ck_assert_uint_eq(golden.graph->nodes[golden.graph->features].height, 4);
    sgeo_golden_clear(&golden);
    json_decref(object);
}
END_TEST

START_TEST(test_golden_malformed_nb301_cells_are_refused)
{
    static const char *const damages[] = {"null", "[[0, \"sep_conv_3x3\"]]",
                                          "[[0, \"sep_conv_9x9\"]]", "[[0.5, \"skip_connect\"]]"};
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct sgeo_golden golden;
        json_t *object = parse(nb301);
        json_object_set_new(object, "normal", json_loads(damages[i], JSON_DECODE_ANY, NULL));
        ck_assert_int_eq(sgeo_golden_network(&golden, "nb301", object), SGEO_IO);
        assert_error_has("golden record of nb301");
        sgeo_golden_clear(&golden);
        json_decref(object);
    }
    struct sgeo_golden golden;
    json_t *object = parse(nb301), *entry = json_array_get(json_object_get(object, "reduce"), 0);
    json_array_set_new(entry, 0, json_integer(2)); /* no source of node 0 */
    ck_assert_int_eq(sgeo_golden_network(&golden, "nb301", object), SGEO_USAGE);
    sgeo_golden_clear(&golden);
    json_decref(object);
}
END_TEST

START_TEST(test_golden_toy_has_its_own_images_and_labels)
{
    struct sgeo_golden golden;
    json_t *object = json_object();
    ck_assert_int_eq(sgeo_golden_toy(&golden, object, "proxies_toy"), SGEO_OK);
    ck_assert(golden.is_toy);
    ck_assert_uint_eq(golden.batch, 16);
    ck_assert_double_eq_tol(golden.images[0], 0.09983341664682815 + 0.5 * 0.29552020666133955,
                            1e-15);
    ck_assert_uint_eq(golden.labels[5], 2);
    sgeo_golden_clear(&golden);
    json_decref(object);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("golden");
    tcase_add_test(tcase, test_golden_nb201_record_follows_the_formulas);
    tcase_add_test(tcase, test_golden_tnb101_record_is_found_under_the_files_name);
    tcase_add_test(tcase, test_golden_incomplete_records_are_io);
    tcase_add_test(tcase, test_golden_malformed_architecture_is_usage);
    tcase_add_test(tcase, test_golden_nb101_record_is_pruned);
    tcase_add_test(tcase, test_golden_nb101_record_without_a_cell_is_refused);
    tcase_add_test(tcase, test_golden_nb301_record_holds_two_cells);
    tcase_add_test(tcase, test_golden_malformed_nb301_cells_are_refused);
    tcase_add_test(tcase, test_golden_toy_has_its_own_images_and_labels);
    return run_case("golden", tcase);
}
