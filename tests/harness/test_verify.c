/* --verify: agreement is ok, a scrambled number is found, and the computed one is printed beside
 * it. */
#include <jansson.h>
#include <math.h>

#include "harness/rig.h"
#include "harness/verify.h"

#define TOY "tests/golden/proxies_toy.json"

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

static json_t *load_toy(void)
{
    json_t *toy = json_load_file(TOY, 0, NULL);
    ck_assert_ptr_nonnull(toy);
    return toy;
}

/* Verify a JSON value under the toy's file name. */
static enum sgeo_status verify(json_t *root)
{
    char path[SCRATCH_PATH_BYTES], *text = json_dumps(root, JSON_REAL_PRECISION(17));
    scratch_write(path, "proxies_toy.json", text, strlen(text));
    free(text);
    json_decref(root);
    return sgeo_verify(&result, path, (struct sgeo_executor){SGEO_F32, SGEO_LAYOUT_AUTO, false},
                       collect, &rows);
}

START_TEST(test_verify_toy_passes_in_double_and_in_f32_of_both_layouts)
{
    ck_assert_msg(sgeo_verify(&result, TOY,
                              (struct sgeo_executor){.layout = _i == 0 ? SGEO_LAYOUT_BLOCKED
                                                                       : SGEO_LAYOUT_NHWC},
                              collect, &rows) == SGEO_OK,
                  "%s\n%s", sgeo_error_text(), rows.bytes);
    ck_assert_uint_eq(result.failed, 0);
    ck_assert_uint_gt(result.passed, 40);
    ck_assert_uint_eq(result.skipped, 0);
    ck_assert_int_eq(strncmp(rows.bytes, "record,field,expected,got,rel_error,verdict\n", 44), 0);
    ck_assert_uint_eq(count_of(rows.bytes, ",ok\n"), result.passed);
    ck_assert_uint_gt(count_of(rows.bytes, "\nproxies_toy@f32,"), 5);
    ck_assert_ptr_nonnull(strstr(rows.bytes, "\nproxies_toy,sigeo_cv_lr1.0/zico_term,"));
    ck_assert_ptr_null(
        strstr(rows.bytes, "proxies_toy@f32,sigeo_cv_lr1.0/")); /* trajectories drift in f32 */
}
END_TEST

START_TEST(test_verify_scrambled_number_fails_and_the_right_one_is_printed)
{
    json_t *toy = load_toy();
    double right = json_real_value(json_object_get(toy, "zico_k4_fixed_theta")), expected, got;
    json_object_set_new(toy, "zico_k4_fixed_theta", json_real(right * 1.01));
    ck_assert_int_eq(verify(toy), SGEO_CHECK_FAILED);
    ck_assert_uint_eq(result.failed, 2); /* once in each precision */
    const char *row = strstr(rows.bytes, "\nproxies_toy,zico_k4_fixed_theta,");
    ck_assert_ptr_nonnull(row);
    ck_assert_int_eq(sscanf(row, "\nproxies_toy,zico_k4_fixed_theta,%lf,%lf,", &expected, &got), 2);
    ck_assert_double_eq_tol(expected, right * 1.01, 1e-12);
    ck_assert_double_eq_tol(got, right, 1e-6 * right);
    ck_assert_ptr_nonnull(strstr(row, ",FAIL\n"));
}
END_TEST

START_TEST(test_verify_scrambled_array_element_is_named_by_its_path)
{
    json_t *toy = load_toy();
    json_array_set_new(json_object_get(toy, "batch_losses_fixed_theta"), 2, json_real(1.0));
    ck_assert_int_eq(verify(toy), SGEO_CHECK_FAILED);
    ck_assert_ptr_nonnull(strstr(rows.bytes, "proxies_toy,batch_losses_fixed_theta/2,1,1.19333"));
}
END_TEST

/* The authors' code for recommender models, in both precisions; the path of SGD steps in double. */
START_TEST(test_verify_toy_s_own_fields_are_compared)
{
    static const char *const layer[] = {"zico_first_coordinate_as_published",
                                        "zico_all_coordinates_unbiased_std", "fr_log", "last_loss",
                                        "test_loss_1_1_1"};
    for (size_t i = 0; i < sizeof layer / sizeof *layer; i++) {
        json_t *toy = load_toy(), *object = json_object_get(toy, "sigeo_recsys_lastlayer");
        double right = json_real_value(json_object_get(object, layer[i]));
        json_object_set_new(object, layer[i], json_real(right * 1.01));
        ck_assert_int_eq(verify(toy), SGEO_CHECK_FAILED);
        ck_assert_uint_eq(result.failed, 2);
        ck_assert_uint_eq(result.skipped, 0);
    }
    json_t *toy = load_toy();
    json_t *prediction =
        json_object_get(json_object_get(toy, "sigeo_cv_lr0.01"), "scale_invariance_prediction");
    json_object_set_new(prediction, "8", json_real(0.0108));
    ck_assert_int_eq(verify(toy), SGEO_CHECK_FAILED);
    ck_assert_uint_eq(result.failed, 1);
    ck_assert_ptr_nonnull(
        strstr(rows.bytes, "\nproxies_toy,sigeo_cv_lr0.01/scale_invariance_prediction/8,0.0108"));
}
END_TEST

/* Numbers, not objects, and in one precision. */
START_TEST(test_verify_counts_the_numbers_of_unknown_fields_once)
{
    json_t *toy = load_toy();
    json_object_set_new(toy, "unknown",
                        json_pack("{s:f,s:[f,f],s:{s:f}}", "a", 1.0, "b", 2.0, 3.0, "c", "d", 4.0));
    ck_assert_int_eq(verify(toy), SGEO_OK);
    ck_assert_uint_eq(result.skipped, 4);
    ck_assert_ptr_null(strstr(rows.bytes, "unknown"));
}
END_TEST

START_TEST(test_verify_wrong_count_fails_however_close)
{
    json_t *toy = load_toy();
    json_object_set_new(toy, "params", json_integer(325));
    ck_assert_int_eq(verify(toy), SGEO_CHECK_FAILED);
    ck_assert_ptr_nonnull(strstr(rows.bytes, "proxies_toy,params,325,324,"));
    toy = load_toy();
    json_object_set_new(toy, "params", json_real(324.0001)); /* within the tolerance of others */
    ck_assert_int_eq(verify(toy), SGEO_CHECK_FAILED);
    ck_assert_uint_eq(result.failed, 2); /* once in each precision */
}
END_TEST

/* 7,782,400 multiply-accumulates of the convolutions outside cells at 32x32, a 16th at 8x8; 640 of
 * the classifier and its 10 biases. */
START_TEST(test_verify_counts_flops_as_the_benchmark_does)
{
    json_t *record =
        json_pack("{s:s,s:s,s:[i,i],s:i,s:i,s:i,s:i}", "name", "x", "arch",
                  "|none~0|+|none~0|skip_connect~1|+|none~0|none~1|skip_connect~2|", "input", 3, 8,
                  "classes", 10, "batch", 4, "k", 2, "nb201_flops", 487050);
    ck_assert_int_eq(verify(json_pack("{s:s,s:[o]}", "space", "nb201", "archs", record)), SGEO_OK);
    ck_assert_ptr_nonnull(strstr(rows.bytes, "\nx,nb201_flops,487050,487050,0,ok\n"));
    ck_assert_uint_eq(result.skipped, 0);
}
END_TEST

/* The toy's Jacobian does not vanish: a record that says so is found out. */
START_TEST(test_verify_null_jacov_is_skipped_and_asks_for_no_jacobian)
{
    ck_assert_int_eq(verify(load_toy()), SGEO_OK);
    size_t skipped = result.skipped;
    json_t *toy = load_toy();
    json_object_set_new(toy, "jacov", json_null());
    json_object_set_new(toy, "jacobian_l2", json_real(1e-14));
    ck_assert_int_eq(verify(toy), SGEO_CHECK_FAILED);
    ck_assert_uint_eq(result.skipped, skipped + 1);
    ck_assert_uint_eq(result.failed, 2); /* once in each precision */
    ck_assert_ptr_nonnull(strstr(rows.bytes, "\nproxies_toy,jacobian_l2,"));
    ck_assert_ptr_nonnull(strstr(rows.bytes, "\nproxies_toy@f32,jacobian_l2,"));
}
END_TEST

START_TEST(test_verify_file_with_nothing_known_is_unsupported)
{
    ck_assert_int_eq(verify(json_object()), SGEO_UNSUPPORTED);
    ck_assert_int_eq(verify(json_pack("{s:s,s:[]}", "space", "nb201", "archs")), SGEO_UNSUPPORTED);
    ck_assert_int_eq(verify(json_pack("{s:s}", "space", "nb999")), SGEO_UNSUPPORTED);
    assert_error_has("nothing that can be verified");
}
END_TEST

START_TEST(test_verify_missing_or_broken_file_is_io)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_path(path, "none.json");
    ck_assert_int_eq(sgeo_verify(&result, path,
                                 (struct sgeo_executor){SGEO_F32, SGEO_LAYOUT_AUTO, false}, collect,
                                 &rows),
                     SGEO_IO);
    scratch_write(path, "cut.json", "{\"space\": ", 10);
    ck_assert_int_eq(sgeo_verify(&result, path,
                                 (struct sgeo_executor){SGEO_F32, SGEO_LAYOUT_AUTO, false}, collect,
                                 &rows),
                     SGEO_IO);
    assert_error_has("not JSON");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("verify");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, test_verify_toy_passes_in_double_and_in_f32_of_both_layouts, 0, 2);
    tcase_add_test(tcase, test_verify_scrambled_number_fails_and_the_right_one_is_printed);
    tcase_add_test(tcase, test_verify_scrambled_array_element_is_named_by_its_path);
    tcase_add_test(tcase, test_verify_toy_s_own_fields_are_compared);
    tcase_add_test(tcase, test_verify_counts_the_numbers_of_unknown_fields_once);
    tcase_add_test(tcase, test_verify_wrong_count_fails_however_close);
    tcase_add_test(tcase, test_verify_counts_flops_as_the_benchmark_does);
    tcase_add_test(tcase, test_verify_null_jacov_is_skipped_and_asks_for_no_jacobian);
    tcase_add_test(tcase, test_verify_file_with_nothing_known_is_unsupported);
    tcase_add_test(tcase, test_verify_missing_or_broken_file_is_io);
    return run_case("verify", tcase);
}
