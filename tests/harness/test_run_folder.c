/* A run's folder: what is there is gone on with when asked for, and never written over. */
#include "harness/rig.h"
#include "harness/run_folder.h"

static struct sgeo_options options;

static void setup(void)
{
    scratch_create();
    options = (struct sgeo_options){.out = scratch_directory};
}

static void put(const char *name)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_write(path, name, "x", 1);
}

START_TEST(test_run_folder_empty_or_absent_is_free)
{
    ck_assert_int_eq(sgeo_run_folder_check(&options), SGEO_OK);
    options.out = "/no/where";
    ck_assert_int_eq(sgeo_run_folder_check(&options), SGEO_OK);
}
END_TEST

START_TEST(test_run_folder_with_a_journal_asks_for_resume)
{
    put("journal.jsonl");
    put("meta.json");
    ck_assert_int_eq(sgeo_run_folder_check(&options), SGEO_USAGE);
    assert_error_has("holds a run already");
    options.resume = true;
    ck_assert_int_eq(sgeo_run_folder_check(&options), SGEO_OK);
}
END_TEST

START_TEST(test_run_folder_with_results_alone_is_left_alone)
{
    put(_i == 0 ? "meta.json" : "accuracy.csv");
    ck_assert_int_eq(sgeo_run_folder_check(&options), SGEO_USAGE);
    assert_error_has("results without their journal");
    options.resume = true;
    ck_assert_int_eq(sgeo_run_folder_check(&options), SGEO_USAGE);
}
END_TEST

START_TEST(test_run_folder_keeps_its_journal_inside)
{
    char path[SCRATCH_PATH_BYTES], expected[SCRATCH_PATH_BYTES];
    scratch_path(expected, "journal.jsonl");
    sgeo_run_journal_path(path, sizeof path, &options);
    ck_assert_str_eq(path, expected);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("run_folder");
    tcase_add_checked_fixture(tcase, setup, scratch_remove);
    tcase_add_test(tcase, test_run_folder_empty_or_absent_is_free);
    tcase_add_test(tcase, test_run_folder_with_a_journal_asks_for_resume);
    tcase_add_loop_test(tcase, test_run_folder_with_results_alone_is_left_alone, 0, 2);
    tcase_add_test(tcase, test_run_folder_keeps_its_journal_inside);
    return run_case("run_folder", tcase);
}
