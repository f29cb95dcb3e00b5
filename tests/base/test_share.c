/* Files that come with the program are found; others are named in the error. */
#include "base/file.h"
#include "base/share.h"
#include "base/suite.h"

START_TEST(test_share_finds_the_papers_numbers)
{
    char path[SCRATCH_PATH_BYTES];
    ck_assert_int_eq(sgeo_share_path(path, sizeof path, "results/paper/table2.csv"), SGEO_OK);
    ck_assert(sgeo_file_exists(path));
}
END_TEST

START_TEST(test_share_missing_file_is_io_with_its_name)
{
    char path[SCRATCH_PATH_BYTES];
    ck_assert_int_eq(sgeo_share_path(path, sizeof path, "results/paper/table99.csv"), SGEO_IO);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "results/paper/table99.csv"));
}
END_TEST

START_TEST(test_share_path_that_does_not_fit_is_refused)
{
    char path[8];
    ck_assert_int_eq(sgeo_share_path(path, sizeof path, "results/paper/table2.csv"), SGEO_IO);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("share");
    tcase_add_test(tcase, test_share_finds_the_papers_numbers);
    tcase_add_test(tcase, test_share_missing_file_is_io_with_its_name);
    tcase_add_test(tcase, test_share_path_that_does_not_fit_is_refused);
    return run_case("share", tcase);
}
