/* --verify of recommender models: agreement is ok, and a scrambled number of any field is found. */
#include <jansson.h>

#include "harness/rig.h"
#include "harness/verify.h"

#define RECSYS "tests/golden/recsys.json"

static struct sgeo_verify_result result;
static struct sgeo_text rows;

static void setup(void)
{
    scratch_create();
    rows = (struct sgeo_text){0};
}

static void teardown(void)
{
    sgeo_text_clear(&rows);
    scratch_remove();
}

/* A record of the golden file; the caller owns it. */
static json_t *load_record(const char *name)
{
    json_t *root = json_load_file(RECSYS, 0, NULL), *record;
    size_t i;
    ck_assert_ptr_nonnull(root);
    json_array_foreach(json_object_get(root, "models"), i, record)
    {
        if (strcmp(json_string_value(json_object_get(record, "name")), name) == 0) {
            json_incref(record);
            json_decref(root);
            return record;
        }
    }
    ck_abort_msg("no record %s", name);
    return NULL;
}

/* Verify a file of this record alone. */
static enum sgeo_status verify(json_t *record)
{
    json_t *root = json_pack("{s:s,s:[o]}", "space", "recsys", "models", record);
    char path[SCRATCH_PATH_BYTES], *text = json_dumps(root, JSON_REAL_PRECISION(17));
    scratch_write(path, "models.json", text, strlen(text));
    free(text);
    json_decref(root);
    return sgeo_verify(&result, path, (struct sgeo_executor){.precision = SGEO_F32}, collect,
                       &rows);
}

START_TEST(test_verify_models_golden_file_passes_whole)
{
    enum sgeo_status status =
        sgeo_verify(&result, RECSYS, (struct sgeo_executor){.precision = SGEO_F32}, collect, &rows);
    ck_assert_msg(status == SGEO_OK, "%s", sgeo_error_text());
    ck_assert_uint_eq(result.failed, 0);
    ck_assert_uint_eq(result.skipped, 0);
    ck_assert_uint_gt(result.passed, 5000);
    ck_assert_ptr_nonnull(strstr(rows.bytes, "\nnasrec_kdd_synthetic@f32,forward_l2/block3.attn,"));
}
END_TEST

/* Paths of one number of every kind of field; `/` between keys and list indices. */
static const char *const paths[] = {"forward_l2/fm",
                                    "logits/2",
                                    "bce_loss",
                                    "labels/1",
                                    "grad_l2_per_tensor/mlp0.bias",
                                    "grad_l2_per_tensor/embedding3.weight",
                                    "grad_l2_per_tensor/linear.embedding25.weight",
                                    "tensor_shapes/mlp1.weight/1",
                                    "tensor_shapes/embedding3.weight/0",
                                    "grad_norm_dense_weights",
                                    "theta_dot_grad_per_sample_dense_weights/4",
                                    "theta_dot_grad_per_sample_all_tensors/4",
                                    "fr_per_sample_dense_weights",
                                    "fr_per_sample_all_tensors",
                                    "batch_losses_k4/3",
                                    "zico_k4_dense_weights",
                                    "zico_inner_sum_per_tensor/out.weight",
                                    "params_dense",
                                    "params_embedding"};
enum { PATHS = sizeof paths / sizeof *paths };

/* The item at a path, a copy of the path cut up. */
static void scramble(json_t *record, const char *path)
{
    char copy[128], *rest = NULL;
    json_t *parent = NULL, *item = record;
    const char *key = NULL;
    snprintf(copy, sizeof copy, "%s", path);
    for (char *part = strtok_r(copy, "/", &rest); part != NULL; part = strtok_r(NULL, "/", &rest)) {
        parent = item;
        key = part;
        item = json_is_array(parent) ? json_array_get(parent, (size_t)atoi(part))
                                     : json_object_get(parent, part);
        ck_assert_msg(item != NULL, "%s", path);
    }
    json_t *wrong = json_is_integer(item) ? json_integer(json_integer_value(item) + 1)
                                          : json_real(json_real_value(item) * 1.05);
    if (json_is_array(parent)) {
        json_array_set_new(parent, (size_t)atoi(key), wrong);
    } else {
        json_object_set_new(parent, key, wrong);
    }
}

START_TEST(test_verify_models_scrambled_number_fails_in_both_precisions)
{
    json_t *record = load_record("deepfm_criteo");
    char row[160];
    scramble(record, paths[_i]);
    ck_assert_msg(verify(record) == SGEO_CHECK_FAILED, "%s", paths[_i]);
    ck_assert_uint_eq(result.failed, 2);
    snprintf(row, sizeof row, "\ndeepfm_criteo,%s,", paths[_i]);
    ck_assert_msg(strstr(rows.bytes, row) != NULL, "%s", row);
    snprintf(row, sizeof row, "\ndeepfm_criteo@f32,%s,", paths[_i]);
    ck_assert_msg(strstr(rows.bytes, row) != NULL, "%s", row);
}
END_TEST

/* A small change is for the double executor to find. */
START_TEST(test_verify_models_small_deviation_fails_in_double)
{
    json_t *record = load_record("deepfm_criteo");
    double right = json_real_value(json_object_get(record, "bce_loss"));
    json_object_set_new(record, "bce_loss", json_real(right * (1.0 + 3e-9)));
    ck_assert_int_eq(verify(record), SGEO_CHECK_FAILED);
    ck_assert_uint_eq(result.failed, 1);
}
END_TEST

/* Seven blocks that each square what they get: 1e43 in double. */
static json_t *squaring_blocks(void)
{
    json_t *blocks = json_array();
    for (int b = 0; b < 7; b++) {
        json_array_append_new(blocks, json_pack("{s:[s,s],s:i,s:i,s:i,s:i,s:[i],s:[i],s:i,s:i}",
                                                "ops", "dot", "efc", "dense_dim", 128, "sparse_dim",
                                                64, "dense_to_sparse", 1, "fm", 1, "dense_idx", b,
                                                "sparse_idx", b, "left", b, "right", b));
    }
    return blocks;
}

START_TEST(test_verify_models_value_that_is_no_number_differs)
{
    json_t *record = json_pack("{s:s,s:s,s:i,s:i,s:i,s:i,s:s,s:b,s:o,s:f}", "name", "overflow",
                               "model", "nasrec", "dense_inputs", 3, "sparse_fields", 10,
                               "rows_per_field", 50, "batch", 8, "space", "full", "use_layernorm",
                               0, "blocks", squaring_blocks(), "bce_loss", 1.0);
    ck_assert_ptr_nonnull(record);
    ck_assert_int_eq(verify(record), SGEO_CHECK_FAILED);
    ck_assert_uint_eq(result.failed, 2);
    ck_assert_uint_eq(result.skipped, 0);
    ck_assert_ptr_nonnull(strstr(rows.bytes, "\noverflow@f32,bce_loss,1.0,nan,inf,FAIL\n"));
}
END_TEST

START_TEST(test_verify_models_missing_tensor_is_found)
{
    json_t *record = load_record("deepfm_criteo");
    json_object_set_new(json_object_get(record, "tensor_shapes"), "cin0.weight",
                        json_pack("[i,i]", 4, 4));
    ck_assert_int_eq(verify(record), SGEO_CHECK_FAILED);
    ck_assert_ptr_nonnull(strstr(rows.bytes, "deepfm_criteo,tensor_shapes/cin0.weight,"));
}
END_TEST

/* The architecture is read, not assumed: the same numbers under a changed block fail. */
START_TEST(test_verify_models_changed_block_fails)
{
    json_t *record = load_record("nasrec_kdd_synthetic");
    json_object_set_new(json_array_get(json_object_get(record, "blocks"), 5), "fm",
                        json_integer(1));
    ck_assert_int_eq(verify(record), SGEO_CHECK_FAILED);
    ck_assert_uint_gt(result.failed, 10);
}
END_TEST

START_TEST(test_verify_models_unknown_field_is_skipped)
{
    json_t *record = load_record("deepfm_criteo");
    json_object_set_new(record, "auc_of_tomorrow", json_real(0.8));
    ck_assert_int_eq(verify(record), SGEO_OK);
    ck_assert_uint_eq(result.skipped, 1);
}
END_TEST

START_TEST(test_verify_models_malformed_record_is_io)
{
    json_t *record = load_record("deepfm_criteo");
    json_object_del(record, "rows_per_field");
    ck_assert_int_eq(verify(record), SGEO_IO);
    assert_error_has("golden record deepfm_criteo is incomplete");
}
END_TEST

/* A count that is wrong is not replaced by the data set's own. */
START_TEST(test_verify_models_wrong_count_of_features_is_io)
{
    json_t *record = load_record("deepfm_criteo");
    json_object_set_new(record, "dense_inputs", json_integer(-3));
    ck_assert_int_eq(verify(record), SGEO_IO);
    assert_error_has("golden record deepfm_criteo is incomplete");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("verify models");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_verify_models_golden_file_passes_whole);
    tcase_add_loop_test(tcase, test_verify_models_scrambled_number_fails_in_both_precisions, 0,
                        PATHS);
    tcase_add_test(tcase, test_verify_models_small_deviation_fails_in_double);
    tcase_add_test(tcase, test_verify_models_value_that_is_no_number_differs);
    tcase_add_test(tcase, test_verify_models_missing_tensor_is_found);
    tcase_add_test(tcase, test_verify_models_changed_block_fails);
    tcase_add_test(tcase, test_verify_models_unknown_field_is_skipped);
    tcase_add_test(tcase, test_verify_models_malformed_record_is_io);
    tcase_add_test(tcase, test_verify_models_wrong_count_of_features_is_io);
    return run_case("verify models", tcase);
}
