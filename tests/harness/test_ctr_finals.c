/*
 * Lists of trainings in a result folder: journal and predictions let an interrupted one go on to
 * the same records; a model is trained once; other rows or recipes are refused.
 */
#include "harness/ctr_finals.h"

#include "base/file.h"
#include "harness/clicks_rig.h"

static struct sgeo_ctr_finals *finals;

static void setup(void)
{
    clicks_create("avazu");
    finals = NULL;
}

static void teardown(void)
{
    sgeo_ctr_finals_close(finals);
    clicks_destroy();
}

static void add(const char *name, uint64_t seed)
{
    struct sgeo_ctr_named model;
    ok(sgeo_ctr_named_parse(&model, name));
    ok(sgeo_ctr_finals_add(finals, &clicks, &model, 1, seed));
}

static const struct sgeo_ctr_final *find(const char *name, uint64_t seed)
{
    struct sgeo_ctr_named model;
    ok(sgeo_ctr_named_parse(&model, name));
    return sgeo_ctr_finals_find(finals, clicks.task, &model, seed);
}

static void reopen(void)
{
    sgeo_ctr_finals_close(finals);
    finals = NULL;
    click_options.resume = true;
    ok(sgeo_ctr_finals_open(&finals, &click_options));
}

static char *journal(void)
{
    char path[2 * SCRATCH_PATH_BYTES];
    unsigned char *bytes = NULL;
    size_t n = 0;
    snprintf(path, sizeof path, "%s/journal.jsonl", click_out);
    ok(sgeo_file_read(path, (size_t)1 << 20, &bytes, &n));
    return (char *)bytes;
}

START_TEST(test_ctr_finals_train_each_model_and_seed_once)
{
    ok(sgeo_ctr_finals_open(&finals, &click_options));
    add("dlrm", 1);
    add("dlrm", 2);
    add("dlrm", 1);
    ck_assert_uint_eq(sgeo_ctr_finals_count(finals), 2);
    ck_assert_ptr_null(find("dlrm", 1));
    ok(sgeo_ctr_finals_train(finals, NULL, NULL));
    ck_assert_double_ne(find("dlrm", 1)->test.log_loss, find("dlrm", 2)->test.log_loss);
    ck_assert_ptr_null(find("dlrm", 3));
    ck_assert_ptr_null(find("dcnv2", 1));
    char *lines = journal();
    ck_assert_uint_eq(count_of(lines, "\"job\":\"final\""), 2);
    sgeo_free(lines);
}
END_TEST

START_TEST(test_ctr_finals_go_on_with_what_the_journal_lacks)
{
    ok(sgeo_ctr_finals_open(&finals, &click_options));
    add("dlrm", 1);
    ok(sgeo_ctr_finals_train(finals, NULL, NULL));
    double seconds = find("dlrm", 1)->seconds, loss = find("dlrm", 1)->test.log_loss;
    reopen();
    ck_assert_ptr_null(find("dlrm", 1)); /* it must be asked for first */
    add("dlrm", 1);
    ck_assert_double_eq(find("dlrm", 1)->seconds, seconds);
    add("dcnv2", 1);
    ok(sgeo_ctr_finals_train(finals, NULL, NULL));
    ck_assert_double_eq(find("dlrm", 1)->seconds, seconds);
    ck_assert_double_eq(find("dlrm", 1)->test.log_loss, loss);
    ck_assert_ptr_nonnull(find("dcnv2", 1));
}
END_TEST

/* Killed between the predictions and the journal, or the predictions removed. */
START_TEST(test_ctr_finals_without_predictions_are_trained_again_to_the_same)
{
    char path[2 * SCRATCH_PATH_BYTES];
    ok(sgeo_ctr_finals_open(&finals, &click_options));
    add("dlrm", 1);
    ok(sgeo_ctr_finals_train(finals, NULL, NULL));
    double loss = find("dlrm", 1)->test.log_loss;
    snprintf(path, sizeof path, "%s/predictions", click_out);
    scratch_remove_tree(path);
    reopen();
    add("dlrm", 1);
    ck_assert_ptr_null(find("dlrm", 1));
    ok(sgeo_ctr_finals_train(finals, NULL, NULL));
    ck_assert_double_eq(find("dlrm", 1)->test.log_loss, loss);
}
END_TEST

START_TEST(test_ctr_finals_of_another_recipe_or_run_are_refused)
{
    struct sgeo_ctr_named model;
    ok(sgeo_ctr_finals_open(&finals, &click_options));
    add("dlrm", 1);
    ok(sgeo_ctr_finals_train(finals, NULL, NULL));
    reopen();
    ok(sgeo_ctr_named_parse(&model, "dlrm"));
    ck_assert_int_eq(sgeo_ctr_finals_add(finals, &clicks, &model, 2, 1), SGEO_USAGE);
    assert_error_has("trained dlrm on other rows of avazu, or otherwise");
    sgeo_ctr_finals_close(finals);
    finals = NULL;
    click_options.resume = false;
    ck_assert_int_eq(sgeo_ctr_finals_open(&finals, &click_options), SGEO_USAGE);
    assert_error_has("holds a run already");
}
END_TEST

START_TEST(test_ctr_finals_write_over_no_results_without_their_journal)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_write(path, "out/meta.json", "{}", 2);
    click_options.resume = true;
    ck_assert_int_eq(sgeo_ctr_finals_open(&finals, &click_options), SGEO_USAGE);
    assert_error_has("holds results without their journal");
    scratch_path(path, "out/journal.jsonl");
    ck_assert_int_eq((int)scratch_size(path), -1);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("ctr_finals");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, test_ctr_finals_train_each_model_and_seed_once);
    tcase_add_test(tcase, test_ctr_finals_go_on_with_what_the_journal_lacks);
    tcase_add_test(tcase, test_ctr_finals_without_predictions_are_trained_again_to_the_same);
    tcase_add_test(tcase, test_ctr_finals_write_over_no_results_without_their_journal);
    tcase_add_test(tcase, test_ctr_finals_of_another_recipe_or_run_are_refused);
    return run_case("ctr_finals", tcase);
}
